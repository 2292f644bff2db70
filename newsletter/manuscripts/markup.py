"""The passages of what is marked up (a Word document, a web page, Markdown) -> what each is.

Titles, headings and captions are known by their mark; all else is recognised as in plain text.
"""

import re

from newsletter.manuscripts import commonmark, dates, furniture, heads, recognition
from newsletter.manuscripts.article import Part
from newsletter.manuscripts.recognition import Piece

_CREDIT_INSIDE = re.compile(
    r"©|\b(?:photo|photos|picture|image|source|credit|courtesy|fot\.|foto|źródło|zdjęcie|grafika)\b",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"(?:by|written by|authors?:|autor(?:zy|ka)?:)\s+\S", re.IGNORECASE)
_LONGEST_BYLINE = 120
_LONGEST_CREDIT = 300
_LONGEST_HINTED = 1200
_LONGEST_LINE_ABOVE = 100
_MOST_ABOVE = 4
_HINTED = (Part.KICKER, Part.DATE, Part.AUTHOR)


def recognise(pieces: list[Piece], *, counted: bool = False) -> None:
    """Say of each piece what it is; those that are not ``counted`` by lines are numbered."""
    _take_hinted(pieces)
    recognition.take_furniture(pieces)
    if not counted:
        _number(pieces)
    _take_captions(pieces)
    _take_headline(pieces)
    _take_byline(pieces)
    _take_hinted_lead(pieces)
    if not any(piece.part is Part.LEAD for piece in pieces):
        heads.take_lead(pieces)
    else:
        _take_picture_below(pieces)
    _take_body(pieces)
    if not counted:
        _number(pieces)


def _number(pieces: list[Piece]) -> None:
    """Count the passages from 1, for some have come apart."""
    for line, piece in enumerate(pieces, start=1):
        piece.line = line


def _take_hinted(pieces: list[Piece]) -> None:
    """Take what its style calls the kicker, the date or an author, the first of each."""
    for part in _HINTED:
        hinted = [piece for piece in pieces if piece.hint is part and not piece.part]
        for piece in hinted[:1]:
            if len(piece.text) <= _LONGEST_LINE_ABOVE and not piece.solid:
                is_day = part is not Part.DATE or _is_day(piece)
                piece.part = part if is_day else Part.FURNITURE


def _is_day(piece: Piece) -> bool:
    _, value = furniture.labelled(piece.text) or (None, piece.text)
    return dates.is_like_a_day(value)


def _take_captions(pieces: list[Piece]) -> None:
    """Take the captions that say whose a picture is; others stay, as words below it."""
    for before, piece in zip([None, *pieces], pieces, strict=False):
        if piece.hint is not Part.FIGURE or not piece.is_prose:
            continue
        after_picture = before is not None and before.part is Part.FIGURE
        short = len(piece.text) <= _LONGEST_CREDIT
        if after_picture and short and _CREDIT_INSIDE.search(piece.text):
            piece.part = Part.FIGURE
        else:
            emphatic = f"*{commonmark.words(piece.text)}*"
            piece.part = Part.BODY
            if commonmark.shown(emphatic) == piece.text:
                piece.markdown = emphatic


def _take_headline(pieces: list[Piece]) -> None:
    """Take the title, or the first heading above all prose, and the kicker above it."""
    free = [piece for piece in pieces if not piece.part]
    title = next((piece for piece in free if piece.hint is Part.HEADLINE), None)
    if title is None:
        title = next((piece for piece in free if piece.level), None)
        prose = next((piece for piece in free if _reads_as_prose(piece)), None)
        if title is None or (prose is not None and prose.line < title.line):
            heads.take_head(pieces)
            return
    title.part = Part.HEADLINE
    above = [piece for piece in pieces if piece.line < title.line and not piece.part]
    for piece in above[:1] if len(above) <= _MOST_ABOVE else ():
        named = furniture.names_publication(piece.text) or piece.text.isupper()
        alone = len(above) == 1 and not heads.ends_prose(piece)
        if heads.is_short_kicker(piece) and (named or alone):
            piece.part = Part.KICKER


def _reads_as_prose(piece: Piece) -> bool:
    return piece.solid or (not piece.level and heads.ends_prose(piece))


def _take_byline(pieces: list[Piece]) -> None:
    """Take the line that names the authors, next to the headline."""
    at = next((at for at, piece in enumerate(pieces) if piece.part is Part.HEADLINE), None)
    if at is None or any(piece.part is Part.AUTHOR for piece in pieces):
        return
    for piece in pieces[max(at - 2, 0) : at + 4]:
        if piece.is_prose and len(piece.text) <= _LONGEST_BYLINE and _BYLINE.match(piece.text):
            piece.part = Part.AUTHOR
            return


def _take_hinted_lead(pieces: list[Piece]) -> None:
    hinted = [piece for piece in pieces if piece.hint is Part.LEAD and piece.is_prose]
    if sum(len(piece.text) for piece in hinted) <= _LONGEST_HINTED:
        for piece in hinted:
            piece.part = Part.LEAD


def _take_picture_below(pieces: list[Piece]) -> None:
    """Make the picture that comes before the first prose the lead picture."""
    for at, piece in enumerate(pieces):
        if piece.part is None:
            return
        if piece.part is Part.FIGURE:
            heads.make_lead_picture(pieces, at)
            return


def _take_body(pieces: list[Piece]) -> None:
    """Take all that is left; headings begin at the second level."""
    free = [piece for piece in pieces if not piece.part]
    levels = sorted({piece.level for piece in free if piece.level})
    depths = {level: min(2 + place, 6) for place, level in enumerate(levels)}
    for place, piece in enumerate(free):
        after = free[place + 1] if place + 1 < len(free) else None
        by_hand = not levels and piece.strong and heads.is_short(piece)
        if piece.level:
            piece.part = Part.SUBHEADING
            piece.markdown = (
                "#" * depths[piece.level] + " " + piece.markdown.lstrip("#").lstrip(" ")
            )
        elif by_hand and after is not None and not heads.is_short(after):
            piece.part, piece.markdown = Part.SUBHEADING, ""
        else:
            piece.part = Part.UNSURE if heads.is_stray(piece) else Part.BODY
