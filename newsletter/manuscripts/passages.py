"""The passages of a plain text: paragraphs and lines that stand alone, with their line numbers.

Blank lines part passages. Within a block, lines that someone wrapped belong together; a line parts
from its neighbours if it is furniture where furniture can stand, an item of a list, or wider than
anyone wraps. All white space becomes ordinary single spaces.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from newsletter.language import marked as _
from newsletter.manuscripts import characters, dates
from newsletter.manuscripts.furniture import (
    ends_sentence,
    is_furniture,
    labelled,
    names_publication,
)
from newsletter.manuscripts.refusals import refusal

_WIDEST_WRAP = 120
_HEAD = 6
_MOST_LINES = 50_000
ITEM = re.compile(r"(?:[-*•]|[0-9]{1,2}[.)]) ")


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines that belong together; the first is ``line``, counted from 1."""

    line: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The passage on one line."""
        return " ".join(self.lines)


def split(text: str) -> list[Passage]:
    """Return the passages of ``text`` in order; every word of it is in exactly one."""
    written = characters.composed(characters.legible(text)).split("\n")
    lines = [(number, " ".join(line.split())) for number, line in enumerate(written, start=1)]
    filled = [number for number, line in lines if line]
    if len(filled) > _MOST_LINES:
        line = filled[_MOST_LINES]
        raise refusal(
            line,
            _("a manuscript has %(most)s lines at most; bring it in in parts"),
            most=f"{_MOST_LINES:,}",
        )
    blocks = [list(block) for has_text, block in groupby(lines, lambda at: bool(at[1])) if has_text]
    return [
        passage
        for place, block in enumerate(blocks)
        for passage in _parted(block[0][0], [line for _, line in block], is_head=place == 0)
    ]


def alone(lines: list[str], *, is_head: bool) -> list[bool]:
    """Tell of each line of a block whether it is furniture that stands alone."""
    told: list[bool] = []
    for index in range(len(lines)):
        after_alone = told[-1] if told else True
        told.append(_stands_alone(lines, index, after_alone=after_alone, is_head=is_head))
    return told


def _parted(first: int, lines: list[str], *, is_head: bool) -> Iterator[Passage]:
    """Yield the passages of a block of lines without blank ones between them."""
    start, alone = 0, True
    for index in range(len(lines)):
        was_alone, starts = alone, index == 0
        stands = _stands_alone(lines, index, after_alone=was_alone, is_head=is_head)
        if not starts:
            before, line = lines[index - 1], lines[index]
            starts = stands or not (
                _continues_label(lines[start], before, line)
                if was_alone
                else _continues_prose(before, line)
            )
            if starts:
                yield Passage(first + start, tuple(lines[start:index]))
        if starts:
            start, alone = index, stands
    yield Passage(first + start, tuple(lines[start:]))


def _stands_alone(lines: list[str], index: int, *, after_alone: bool, is_head: bool) -> bool:
    """Tell whether a line is furniture, and not prose that happened to be wrapped there."""
    before, line, after = lines[index - 1] if index else "", lines[index], _at(lines, index + 1)
    at_top = is_head and index < _HEAD
    if not (is_furniture(line) or (at_top and _is_of_the_head(line, after, is_first=index == 0))):
        return False
    free_before = after_alone or at_top or ends_sentence(before) or _is_wide(before)
    return free_before and (labelled(line) is not None or not after[:1].islower())


def _is_of_the_head(line: str, after: str, *, is_first: bool) -> bool:
    """Tell whether a line of the first block is a kicker or a bare date."""
    is_shouted = line.isupper() and bool(after) and not after.isupper()
    is_kicker = is_first and (is_shouted or names_publication(line))
    return is_kicker or dates.is_like_a_day(line)


def _continues_label(label: str, before: str, line: str) -> bool:
    return labelled(label) is not None and line[:1].islower() and not ends_sentence(before)


def _continues_prose(before: str, line: str) -> bool:
    may_list = ends_sentence(before) or before.endswith(":") or bool(ITEM.match(before))
    is_item = may_list and bool(ITEM.match(line))
    return not (is_item or _is_wide(before) or _is_wide(line))


def _is_wide(line: str) -> bool:
    return len(line) > _WIDEST_WRAP


def _at(lines: list[str], index: int) -> str:
    return lines[index] if index < len(lines) else ""
