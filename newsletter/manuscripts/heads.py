"""Finds the kicker, the headline, the lead and the lead picture among the passages."""

from newsletter.manuscripts import furniture
from newsletter.manuscripts.article import Part
from newsletter.manuscripts.furniture import ends_sentence
from newsletter.manuscripts.passages import ITEM
from newsletter.manuscripts.recognition import Piece

_LONGEST_KICKER = 60
_LONGEST_HEADLINE = 250
_LONGEST_LEAD = 3000
_SHORTEST_LEAD = 60
_LONGEST_SUBHEADING = 100
_MOST_LEAD_PASSAGES = 2


def take_head(pieces: list[Piece]) -> None:
    """Take the kicker, if there is one, and the headline, if any line can be it."""
    free = [piece for piece in pieces if not piece.part][:3]
    if _is_kicker(free, pieces):
        free.pop(0).part = Part.KICKER
    if not free or free[0].solid or not _is_headline(free[0].lines[0]):
        return
    if len(free) == 1 and ends_prose(free[0]):
        return
    if len(free[0].lines) > 1 and (ends_prose(free[0]) or not _is_headline(free[0].text)):
        _split_after_first_line(pieces, free[0])
    free[0].part = Part.HEADLINE


def _is_kicker(free: list[Piece], pieces: list[Piece]) -> bool:
    """Tell whether the first free piece names the publication, and the second is the headline.

    It does if it reads like the name of a monitor, or if it is in capitals or parted from the
    headline by the date.
    """
    if len(free) < 2 or not is_short_kicker(free[0]) or not _is_headline(free[1].text):
        return False
    first, second = free[0], free[1]
    if furniture.names_publication(first.text):
        return len(free) > 2 or not ends_prose(second)
    between = pieces[pieces.index(first) + 1 : pieces.index(second)]
    shouted = first.text.isupper() and not second.text.isupper()
    apart = shouted or any(piece.part is Part.DATE for piece in between)
    return apart and len(free) > 2 and not ends_prose(first) and not ends_prose(second)


def is_short_kicker(piece: Piece) -> bool:
    """Tell whether a piece is as short as kickers are."""
    return len(piece.text) <= _LONGEST_KICKER and not piece.solid


def _is_headline(text: str) -> bool:
    return len(text) <= _LONGEST_HEADLINE and not furniture.holds_sentences(text)


def ends_prose(piece: Piece) -> bool:
    """Tell whether a piece ends as prose does."""
    return piece.text.endswith((".", ".”", '."', ":", ";"))


def _split_after_first_line(pieces: list[Piece], piece: Piece) -> None:
    first, rest = piece.lines[0], piece.lines[1:]
    pieces.insert(pieces.index(piece) + 1, Piece(piece.line + 1, rest, " ".join(rest)))
    piece.lines, piece.text, piece.markdown = (first,), first, ""


def take_lead(pieces: list[Piece]) -> None:
    """Take the lead, and the picture if it comes before the first paragraph of the body.

    What stands between the headline and the first picture is the lead, if it is short; else the
    first paragraph is, unless it is the only one.
    """
    start = next((at for at, each in enumerate(pieces) if each.part is Part.HEADLINE), None)
    if start is None:
        return
    first = next((at for at, piece in enumerate(pieces) if piece.part is Part.FIGURE), None)
    cut = start if first is None else max(first, start)
    prose = [at for at, piece in enumerate(pieces) if piece.is_prose and not is_stray(piece)]
    before, after = [at for at in prose if at < cut], [at for at in prose if at > cut]
    is_above = not _is_parted(pieces[start + 1 : cut])
    if first is not None and after and len(before) <= _MOST_LEAD_PASSAGES and is_above:
        make_lead_picture(pieces, first)
    else:
        before, after = [], before + after
    lead = [pieces[at] for at in before]
    if not lead and len(after) > 1 and _is_lead(pieces[after[0]]):
        lead = [] if _is_parted(pieces[start + 1 : after[0]]) else [pieces[after[0]]]
    if sum(len(piece.text) + 2 for piece in lead) - 2 <= _LONGEST_LEAD:
        for piece in lead:
            piece.part = Part.LEAD


def _is_parted(pieces: list[Piece]) -> bool:
    """Tell whether a heading or a block stands among ``pieces``, with which the body begins."""
    return any(piece.level or piece.solid for piece in pieces if not piece.part)


def make_lead_picture(pieces: list[Piece], first: int) -> None:
    """Take the picture at ``first``, with the lines after it that speak of it."""
    kinds: set[object] = set()
    for piece in pieces[first:]:
        label, _ = furniture.labelled(piece.text) or (None, "")
        kind = "file" if piece.picture else label
        if piece.part is not Part.FIGURE or kind in kinds:
            break
        kinds.add(kind)
        piece.part = Part.PICTURE


def _is_lead(piece: Piece) -> bool:
    """Tell a lead from a subheading, where no picture tells."""
    return len(piece.text) > _SHORTEST_LEAD or ends_sentence(piece.text)


def is_stray(piece: Piece) -> bool:
    """Tell whether a piece looks like furniture that nothing here knows."""
    return is_short(piece) and furniture.is_stray(piece.text)


def is_short(piece: Piece) -> bool:
    """Tell whether a piece is one short line that is neither a sentence nor an item of a list."""
    short = len(piece.lines) == 1 and len(piece.text) <= _LONGEST_SUBHEADING and not piece.solid
    goes_on = ends_sentence(piece.text) or piece.text.endswith((":", ";", ","))
    return short and not goes_on and not ITEM.match(piece.text)
