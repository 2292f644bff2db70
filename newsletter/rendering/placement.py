"""Where in a text the appeal stands: the rule that an appeal or an issue has, and its gap.

A gap is counted by the blocks before it. Whatever the rule says, the appeal parts nothing that is
read as one: no heading from its text, no list, quotation or table in two, no picture from what
stands beside it, for its credit would seem to be of the appeal.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal, NamedTuple

from newsletter.errors import Invalid

_WRITTEN = re.compile(r"(?:(paragraph) ([0-9]{1,3})|(share) ([0-9]?\.[0-9]{1,4})|(slot)|(end))")
_ONE_OF_A_KIND = {"blockquote", "bullet_list", "ordered_list", "table"}
_LEADS_ON = re.compile(r":[_*]*(?:\xa0\[[0-9]+\])*\Z")
_SAYS_WHO = re.compile(r"[_*]*[—–―-] ?\w")


@dataclass(frozen=True, slots=True)
class Placement:
    """A rule for the place of the appeal; as text it is short, such as ``paragraph 3``.

    ``at`` is the number of a paragraph, counted from 1, or a share of the text between 0 and 1; the
    other rules have none.
    """

    rule: Literal["paragraph", "share", "slot", "end"]
    at: float = 0

    @classmethod
    def parse(cls, text: str) -> "Placement":
        """Read what ``str`` writes; raise Invalid."""
        found = _WRITTEN.fullmatch(" ".join(text.lower().split()))
        match found and [each for each in found.groups() if each]:
            case ["paragraph", number] if int(number):
                return cls("paragraph", int(number))
            case ["paragraph", _]:
                raise Invalid(f"“{text}”: paragraphs are counted from 1, such as paragraph 3")
            case ["share", share] if 0.01 <= float(share) <= 0.99:
                return cls("share", float(share))
            case ["share", _]:
                raise Invalid(
                    f"“{text}”: a share of the text is between 0.01 and 0.99, such as share 0.5;"
                    " after all of it is end"
                )
            case ["slot"]:
                return SLOT
            case ["end"]:
                return END
        raise Invalid(
            f"“{text}” is no place for an appeal; write paragraph 3, share 0.5, slot or end"
        )

    def __str__(self) -> str:
        match self.rule:
            case "paragraph":
                return f"paragraph {self.at:.0f}"
            case "share":
                return f"share {self.at}"
            case _:
                return self.rule


SLOT = Placement("slot")
"""Where the manuscript marked it, and where it marked nothing in the middle."""
END = Placement("end")


class Spot(NamedTuple):
    """What the rules know of a block: its Markdown name (or figure) and its words."""

    role: str
    text: str


_EDGE = Spot("", "")


def gap(
    spots: Sequence[Spot], placement: Placement, marked: int | None, *, under_picture: bool
) -> int | None:
    """Find the allowed gap nearest to where ``placement`` wants the appeal, in words to be read.

    ``marked`` is the gap that the manuscript marked; ``under_picture`` says that a picture stands
    above the text. Of two that are equally near it is the later. Before all text it comes only
    where the manuscript says so, or nothing else is left. None means that there is no place.
    """
    ends = [0, *accumulate(len(spot.text) for spot in spots)]
    above = Spot("figure", "") if under_picture else _EDGE
    around = [above, *spots, _EDGE]
    allowed = [at for at in range(len(ends)) if _may_part(around[at], around[at + 1])]
    wanted, words = _target(spots, ends, placement, marked)
    inner = [at for at in allowed if at or wanted == 0]
    if wanted is None and placement.rule == "slot":
        between = [at for at in inner if _is_between_paragraphs(around[at], around[at + 1])]
        inner = between or inner
    return min(
        inner or allowed,
        key=lambda at: (abs(ends[at] - words), abs(at - wanted) if wanted else 0, -at),
        default=None,
    )


def _target(
    spots: Sequence[Spot], ends: Sequence[int], placement: Placement, marked: int | None
) -> tuple[int | None, float]:
    """Return the gap that is wanted, if it is one, and how many characters stand before it."""
    wanted: int | None = None
    match placement.rule:
        case "paragraph":
            paragraphs = [at for at, spot in enumerate(spots, 1) if spot.role == "paragraph"]
            reached = paragraphs[int(placement.at) - 1 :]
            wanted = reached[0] if reached else len(spots)
        case "end":
            wanted = len(spots)
        case "slot":
            wanted = marked
        case "share":
            return None, ends[-1] * placement.at
    return wanted, ends[-1] / 2 if wanted is None else ends[wanted]


def _may_part(before: Spot, after: Spot) -> bool:
    """Tell whether something may stand between two blocks; an edge of the text has no role."""
    is_one = before.role == after.role and before.role in _ONE_OF_A_KIND
    names_speaker = before.role == "blockquote" and bool(_SAYS_WHO.match(after.text))
    return not (
        before.role == "heading"
        or "figure" in {before.role, after.role}
        or is_one
        or names_speaker
        or _LEADS_ON.search(before.text)
    )


def _is_between_paragraphs(before: Spot, after: Spot) -> bool:
    return before.role == "paragraph" and after.role in {"paragraph", "heading"}
