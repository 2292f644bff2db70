"""Plain text as editors paste it -> Article.

The furniture is taken out first, then the head, then the lead; all that is left is body, in order
and whole. A line that looks like furniture but is not known stays body and is reported as unsure. A
short line above a paragraph becomes a heading, which keeps its words.
"""

from collections.abc import Iterator

from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import commonmark, furniture, language, recognition
from newsletter.manuscripts.article import Article, Finding, Part, Picture, Reading
from newsletter.manuscripts.characters import excerpt
from newsletter.manuscripts.furniture import ends_sentence
from newsletter.manuscripts.passages import ITEM, split
from newsletter.manuscripts.recognition import Piece
from newsletter.manuscripts.refusals import refusal

_LONGEST_KICKER = 60
_LONGEST_HEADLINE = 250
_LONGEST_LEAD = 3000
_SHORTEST_LEAD = 60
_LONGEST_SUBHEADING = 100
_MOST_LEAD_PASSAGES = 2


def read(text: str) -> Reading:
    """Read a plain text; raise InvalidManuscript, naming the line, for what cannot be read."""
    pieces = [Piece.of(passage) for passage in split(text)]
    if not pieces:
        raise InvalidManuscript("The manuscript is empty; write its text and bring it in again")
    dated = recognition.take_date(pieces)
    appeal = recognition.take_appeal(pieces)
    tags = recognition.take_tags(pieces)
    recognition.take_pictures(pieces)
    licence = recognition.take_licence(pieces)
    related = recognition.take_related(pieces)
    recognition.take_tops(pieces)
    kicker, headline = _take_head(pieces)
    lead, picture = _take_lead(pieces)
    article = Article(
        headline=headline,
        body=_take_body(pieces),
        kicker=kicker,
        dated=dated,
        language=language.detect(text),
        lead=lead,
        picture=picture,
        tags=tags,
        appeal=appeal,
        licence=licence,
        related=related,
    )
    return Reading(article, tuple(_findings(pieces)))


def _take_head(pieces: list[Piece]) -> tuple[str, str]:
    """Take the kicker, if there is one, and the headline."""
    free = [piece for piece in pieces if not piece.part][:3]
    kicker = ""
    if _is_kicker(free, pieces):
        free[0].part = Part.KICKER
        kicker = free.pop(0).text
    if not free or not _is_headline(free[0].lines[0]) or (len(free) == 1 and _is_prose(free[0])):
        line = free[0].line if free else pieces[0].line
        raise refusal(line, "there is no headline; put one on a line of its own above the text")
    if len(free[0].lines) > 1 and (_is_prose(free[0]) or not _is_headline(free[0].text)):
        _split_after_first_line(pieces, free[0])
    free[0].part = Part.HEADLINE
    return kicker, free[0].text


def _is_kicker(free: list[Piece], pieces: list[Piece]) -> bool:
    """Tell whether the first free piece names the publication, and the second is the headline.

    It does if it reads like the name of a monitor, or if it is in capitals or parted from the
    headline by the date.
    """
    if len(free) < 2 or len(free[0].text) > _LONGEST_KICKER or not _is_headline(free[1].text):
        return False
    first, second = free[0], free[1]
    if furniture.names_publication(first.text):
        return len(free) > 2 or not _is_prose(second)
    between = pieces[pieces.index(first) + 1 : pieces.index(second)]
    shouted = first.text.isupper() and not second.text.isupper()
    apart = shouted or any(piece.part is Part.DATE for piece in between)
    return apart and len(free) > 2 and not _is_prose(first) and not _is_prose(second)


def _is_headline(text: str) -> bool:
    return len(text) <= _LONGEST_HEADLINE and not furniture.holds_sentences(text)


def _is_prose(piece: Piece) -> bool:
    return piece.text.endswith((".", ".”", '."', ":", ";"))


def _split_after_first_line(pieces: list[Piece], piece: Piece) -> None:
    first, rest = piece.lines[0], piece.lines[1:]
    pieces.insert(pieces.index(piece) + 1, Piece(piece.line + 1, rest, " ".join(rest)))
    piece.lines, piece.text = (first,), first


def _take_lead(pieces: list[Piece]) -> tuple[str, Picture | None]:
    """Take the lead, and the picture if it comes before the first paragraph of the body.

    What stands between the headline and the first picture is the lead, if it is short; else the
    first paragraph is, unless it is the only one.
    """
    start = next(at for at, piece in enumerate(pieces) if piece.part is Part.HEADLINE)
    first = next((at for at, piece in enumerate(pieces) if piece.picture), None)
    cut = start if first is None else max(first, start)
    prose = [at for at, piece in enumerate(pieces) if not (piece.part or _is_stray(piece))]
    before, after = [at for at in prose if at < cut], [at for at in prose if at > cut]
    picture = None
    if first is not None and after and len(before) <= _MOST_LEAD_PASSAGES:
        picture = pieces[first].picture
        pieces[first].markdown = ""
    else:
        before, after = [], before + after
    lead = [pieces[at] for at in before]
    if not lead and len(after) > 1 and _is_lead(pieces[after[0]]):
        lead = [pieces[after[0]]]
    words = "\n\n".join(piece.text for piece in lead)
    if len(words) > _LONGEST_LEAD:
        return "", picture
    for piece in lead:
        piece.part = Part.LEAD
    return words, picture


def _is_lead(piece: Piece) -> bool:
    """Tell a lead from a subheading, where no picture tells."""
    return len(piece.text) > _SHORTEST_LEAD or ends_sentence(piece.text)


def _take_body(pieces: list[Piece]) -> str:
    """Take all that is left, and return it as Markdown with the pictures and the slot in place."""
    for place, piece in enumerate(pieces):
        after = pieces[place + 1] if place + 1 < len(pieces) else None
        if piece.part:
            continue
        piece.part, piece.markdown = Part.BODY, commonmark.paragraph(piece.text)
        if _is_stray(piece):
            piece.part = Part.UNSURE
        elif _is_short(piece):
            if after and not after.part and not _is_short(after):
                piece.markdown = commonmark.heading(piece.text)
            else:
                piece.part = Part.UNSURE
    if not any(piece.part in {Part.BODY, Part.UNSURE} for piece in pieces):
        raise refusal(pieces[-1].line, "there is no text under the headline; write it there")
    return "\n\n".join(piece.markdown for piece in pieces if piece.markdown)


def _is_stray(piece: Piece) -> bool:
    return _is_short(piece) and furniture.is_stray(piece.text)


def _is_short(piece: Piece) -> bool:
    """Tell whether a piece is one short line that is neither a sentence nor an item of a list."""
    short = len(piece.lines) == 1 and len(piece.text) <= _LONGEST_SUBHEADING
    goes_on = ends_sentence(piece.text) or piece.text.endswith((":", ";", ","))
    return short and not goes_on and not ITEM.match(piece.text)


def _findings(pieces: list[Piece]) -> Iterator[Finding]:
    for piece in pieces:
        heading = "## " if piece.markdown.startswith("## ") else ""
        yield Finding(piece.line, piece.part or Part.UNSURE, excerpt(heading + piece.text))
