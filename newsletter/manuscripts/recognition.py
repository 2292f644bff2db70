"""Finds the furniture among the passages of a plain text, and takes it out of the prose.

A piece that was taken has a part; what no one took stays free. Each function takes one kind and
returns what it says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from newsletter.manuscripts import dates, furniture
from newsletter.manuscripts.article import APPEAL_SLOT, Appeal, Licence, Part, Picture
from newsletter.manuscripts.furniture import Label
from newsletter.manuscripts.passages import Passage
from newsletter.manuscripts.pictures import picture_markdown

HEAD = 5
"""How many passages may come before the text: kicker, date, headline, picture, alt text."""

_BULLET = re.compile(r"^[-*•] ")
_LONGEST_TITLE = 160
_MOST_APPEAL_PASSAGES = 4


@dataclass(slots=True)
class Piece:
    """A passage and what it was taken for so far; ``markdown`` is what it puts into the body."""

    line: int
    lines: tuple[str, ...]
    text: str
    part: Part | None = None
    markdown: str = ""
    picture: Picture | None = None

    @classmethod
    def of(cls, passage: Passage) -> "Piece":
        """Return ``passage`` as a piece that nothing has taken."""
        return cls(passage.line, passage.lines, passage.text)

    def by_line(self) -> "list[Piece]":
        """Return each line as a piece that nothing has taken."""
        return [Piece(line, (text,), text) for line, text in enumerate(self.lines, self.line)]


def take_date(pieces: list[Piece]) -> date | None:
    """Take the first date: one with a label anywhere, one without in the head."""
    for place, piece in enumerate(pieces):
        label, value = furniture.labelled(piece.text) or (None, piece.text)
        day = None
        if label is Label.DATE and place < HEAD:
            day = dates.fetch(value, piece.line)
        elif label is Label.DATE or (label is None and place < HEAD):
            day = dates.find(value, piece.line)
        if day:
            piece.part = Part.DATE
            return day
    return None


def take_appeal(pieces: list[Piece]) -> Appeal | None:
    """Take the passages from an appeal's title to its button; the first leaves a slot behind.

    The same appeal once more is furniture. A title without a button is left alone, for nobody could
    say where that appeal ends.
    """
    appeal = None
    for place, title in enumerate(pieces):
        if title.part or furniture.key(title.text) not in furniture.APPEALS:
            continue
        words = _up_to_button(pieces[place + 1 : place + 2 + _MOST_APPEAL_PASSAGES])
        if not words:
            continue
        button = pieces[place + 1 + len(words)]
        said = Appeal(title.text, "\n\n".join(piece.text for piece in words), button.text)
        if appeal is None:
            title.markdown = APPEAL_SLOT
        if appeal in {None, said}:
            for piece in (title, *words, button):
                piece.part = Part.FURNITURE if appeal else Part.APPEAL
            appeal = said
    return appeal


def _up_to_button(pieces: list[Piece]) -> list[Piece]:
    """Return the prose before a button; nothing if no button comes, or something else first."""
    for count, piece in enumerate(pieces):
        if furniture.key(piece.text) in furniture.BUTTONS:
            return pieces[:count]
        if piece.part or furniture.is_furniture(piece.text):
            break
    return []


def take_tags(pieces: list[Piece]) -> tuple[str, ...]:
    """Take every line of tags."""
    tags: list[str] = []
    for piece, value in _labelled(pieces, Label.TAGS):
        piece.part = Part.TAGS
        tags.extend(tag.strip(" #.") for tag in re.split("[,;]", value))
    return tuple(dict.fromkeys(filter(None, tags)))


def take_pictures(pieces: list[Piece]) -> None:
    """Take credit lines, each with the alt text beside it, and alt texts that stand alone."""
    alts = {piece.line: (piece, value) for piece, value in _labelled(pieces, Label.ALT)}
    places = {piece.line: place for place, piece in enumerate(pieces)}
    for piece, value in _labelled(pieces, Label.CREDIT):
        place = places[piece.line]
        neighbours = pieces[max(place - 1, 0) : place + 2]
        alt = next((alts.pop(beside.line) for beside in neighbours if beside.line in alts), None)
        if alt:
            alt[0].part = Part.PICTURE
        _hang(piece, Picture(credit=piece.text if value else "", alt=alt[1] if alt else ""))
    for piece, value in alts.values():
        _hang(piece, Picture(alt=value))


def _hang(piece: Piece, picture: Picture) -> None:
    piece.part, piece.picture, piece.markdown = Part.PICTURE, picture, picture_markdown(picture)


def take_tops(pieces: list[Piece]) -> None:
    """Take the links to the top of a page."""
    for piece in pieces:
        if not piece.part and furniture.key(piece.text) in furniture.TOPS:
            piece.part = Part.FURNITURE


def take_licence(pieces: list[Piece]) -> Licence | None:
    """Take the terms of republication, those of images from the next passage if need be."""
    for place, piece in enumerate(pieces):
        licence = None if piece.part else furniture.licence(piece.text)
        if licence:
            piece.part = Part.LICENCE
            for after in [] if licence.image_terms else pieces[place + 1 : place + 2]:
                if not after.part and furniture.is_image_terms(after.text):
                    after.part = Part.LICENCE
                    licence = replace(licence, image_terms=after.text)
            return licence
    return None


def take_related(pieces: list[Piece]) -> tuple[str, ...]:
    """Take the headings of related posts and the titles below them, a piece for each."""
    titles: list[str] = []
    parted: list[Piece] = []
    below = False
    for piece in pieces:
        if not piece.part and furniture.key(piece.text) in furniture.RELATED:
            piece.part, below = Part.RELATED, True
        elif below := below and not piece.part and _is_titles(piece):
            lines = piece.by_line()
            for title in lines:
                if furniture.key(title.text) not in furniture.TOPS:
                    title.part = Part.RELATED
                    titles.append(_BULLET.sub("", title.text))
            parted += lines
            continue
        parted.append(piece)
    pieces[:] = parted
    return tuple(titles)


def _is_titles(piece: Piece) -> bool:
    """Tell whether each line may be a title. Wrapped prose ends in a full stop."""
    short = all(len(line) <= _LONGEST_TITLE for line in piece.lines)
    return short and piece.text[-1] not in ".:;" and not furniture.is_stray(piece.text)


def _labelled(pieces: list[Piece], wanted: Label) -> Iterator[tuple[Piece, str]]:
    """Yield the free pieces with a label of the ``wanted`` kind, and their values."""
    for piece in pieces:
        label, value = (None if piece.part else furniture.labelled(piece.text)) or (None, "")
        if label is wanted:
            yield piece, value
