"""Finds the furniture among the passages of a plain text, and takes it out of the prose.

A piece that was taken has a part; what no one took stays free. Each function takes one kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.manuscripts import dates, furniture
from newsletter.manuscripts.article import Finding, Part, Picture
from newsletter.manuscripts.furniture import Label
from newsletter.manuscripts.passages import Passage

HEAD = 5
"""How many passages may come before the text: kicker, date, headline, picture, alt text."""

_LONGEST_TITLE = 160
_MOST_APPEAL_PASSAGES = 4


@dataclass(slots=True)
class Piece:
    """A passage and what it was taken for so far.

    Of a manuscript that is marked up more is known: ``markdown`` is how it stands in a body,
    ``level`` that of a heading, ``solid`` a list, a table or a quotation, ``strong`` a line that is
    so as a whole, ``picture`` what it shows, ``hint`` what its style calls it.
    """

    line: int
    lines: tuple[str, ...]
    text: str
    part: Part | None = None
    markdown: str = ""
    picture: Picture | None = None
    level: int = 0
    solid: bool = False
    strong: bool = False
    hint: Part | None = None

    @classmethod
    def of(cls, passage: Passage) -> "Piece":
        """Return ``passage`` as a piece that nothing has taken."""
        return cls(passage.line, passage.lines, passage.text)

    def by_line(self) -> "list[Piece]":
        """Return each line as a piece that nothing has taken."""
        return [Piece(line, (text,), text) for line, text in enumerate(self.lines, self.line)]

    @property
    def is_prose(self) -> bool:
        """Tell whether this is free running text, and no heading."""
        return not (self.part or self.level or self.solid)

    def finding(self) -> Finding:
        """Return what became of it."""
        return Finding(self.line, self.part or Part.UNSURE, self.text, self.markdown, self.picture)


def take_furniture(pieces: list[Piece]) -> None:
    """Take all the furniture out of the prose."""
    take_date(pieces)
    take_appeal(pieces)
    take_tags(pieces)
    take_pictures(pieces)
    take_licence(pieces)
    take_related(pieces)
    take_tops(pieces)


def take_date(pieces: list[Piece]) -> None:
    """Take the first date: one with a label anywhere, one without in the head."""
    for place, piece in enumerate(pieces):
        label, value = furniture.labelled(piece.text) or (None, piece.text)
        in_head = place < HEAD
        if piece.part or piece.solid or label not in {Label.DATE, None}:
            continue
        if (label and in_head) or ((label or in_head) and dates.is_like_a_day(value)):
            piece.part = Part.DATE
            return


def take_appeal(pieces: list[Piece]) -> None:
    """Take the passages from an appeal's title to its button.

    The same appeal once more is furniture. A title without a button is left alone, for nobody could
    say where that appeal ends.
    """
    appeal: tuple[str, ...] = ()
    for place, title in enumerate(pieces):
        if title.part or furniture.key(title.text) not in furniture.APPEALS:
            continue
        words = _up_to_button(pieces[place + 1 : place + 2 + _MOST_APPEAL_PASSAGES])
        if not words:
            continue
        whole = [title, *words, pieces[place + 1 + len(words)]]
        said = tuple(piece.text for piece in whole)
        if appeal in {(), said}:
            for piece in whole:
                piece.part = Part.FURNITURE if appeal else Part.APPEAL
            appeal = said


def _up_to_button(pieces: list[Piece]) -> list[Piece]:
    """Return the prose before a button; nothing if no button comes, or something else first."""
    for count, piece in enumerate(pieces):
        if furniture.key(piece.text) in furniture.BUTTONS:
            return pieces[:count]
        if piece.part or furniture.is_furniture(piece.text):
            break
    return []


def take_tags(pieces: list[Piece]) -> None:
    """Take every line of tags."""
    for piece in _labelled(pieces, Label.TAGS):
        piece.part = Part.TAGS


def take_pictures(pieces: list[Piece]) -> None:
    """Take credit lines and alt texts, each as a figure."""
    for label in (Label.ALT, Label.CREDIT):
        for piece in _labelled(pieces, label):
            piece.part = Part.FIGURE


def take_tops(pieces: list[Piece]) -> None:
    """Take the links to the top of a page, and lines of nothing but furniture."""
    for piece in pieces:
        is_top = furniture.key(piece.text) in furniture.TOPS or furniture.is_row(piece.text)
        if not piece.part and is_top:
            piece.part = Part.FURNITURE


def take_licence(pieces: list[Piece]) -> None:
    """Take the terms of republication, those of images from the next passage if need be."""
    for place, piece in enumerate(pieces):
        licence = None if piece.part else furniture.licence(piece.text)
        if licence:
            piece.part = Part.LICENCE
            for after in [] if licence.image_terms else pieces[place + 1 : place + 2]:
                if not after.part and furniture.is_image_terms(after.text):
                    after.part = Part.LICENCE
            return


def take_related(pieces: list[Piece]) -> None:
    """Take the headings of related posts and the titles below them, a piece for each."""
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
            parted += lines
            continue
        parted.append(piece)
    pieces[:] = parted


def _is_titles(piece: Piece) -> bool:
    """Tell whether each line may be a title. Wrapped prose ends in a full stop."""
    short = all(len(line) <= _LONGEST_TITLE for line in piece.lines)
    return short and piece.text[-1] not in ".:;" and not furniture.is_stray(piece.text)


def _labelled(pieces: list[Piece], wanted: Label) -> Iterator[Piece]:
    """Yield the free pieces with a label of the ``wanted`` kind."""
    for piece in pieces:
        label, _ = (None if piece.part or piece.solid else furniture.labelled(piece.text)) or (
            None,
            "",
        )
        if label is wanted:
            yield piece
