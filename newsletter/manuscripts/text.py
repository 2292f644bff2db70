"""Plain text as editors paste it -> Article.

The furniture is taken out first, then the head, then the lead; all that is left is body, in order
and whole. A line that looks like furniture but is not known stays body and is reported as unsure. A
short line above a paragraph becomes a heading, which keeps its words.
"""

from newsletter.manuscripts import assembly, heads, language, recognition
from newsletter.manuscripts.article import Article, Part, Reading, Recognised
from newsletter.manuscripts.passages import split
from newsletter.manuscripts.recognition import Piece


def read(text: str) -> Reading:
    """Read a plain text; raise InvalidManuscript, naming the line, for what cannot be read."""
    return assembly.whole(recognise(text))


def recognise(text: str) -> Recognised:
    """Say what the passages of a plain text are."""
    pieces = [Piece.of(passage) for passage in split(text)]
    recognition.take_furniture(pieces)
    heads.take_head(pieces)
    heads.take_lead(pieces)
    _take_body(pieces)
    given = Article(headline="", body="", language=language.detect(text))
    return Recognised(tuple(piece.finding() for piece in pieces), given)


def _take_body(pieces: list[Piece]) -> None:
    """Take all that is left."""
    for place, piece in enumerate(pieces):
        after = pieces[place + 1] if place + 1 < len(pieces) else None
        if piece.part:
            continue
        piece.part = Part.BODY
        if heads.is_stray(piece):
            piece.part = Part.UNSURE
        elif heads.is_short(piece):
            above_prose = after and not after.part and not heads.is_short(after)
            piece.part = Part.SUBHEADING if above_prose else Part.UNSURE
