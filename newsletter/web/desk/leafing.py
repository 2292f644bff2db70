"""Long lists, a leaf at a time: the newest first, and older ones from before a number.

The address says ``before``, the number of the last row that was seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from flask import request

from newsletter.web.typed import counted


class Numbered(Protocol):
    """A row of a list."""

    @property
    def id(self) -> int:
        """Its number; later rows have larger ones."""
        ...


_Row = TypeVar("_Row", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Leaf(Generic[_Row]):
    """The rows that are shown; ``older`` continues after them, 0 where nothing is left."""

    rows: Sequence[_Row]
    before: int | None
    older: int


def leaf(read: Callable[[int | None, int], Sequence[_Row]], size: int) -> Leaf[_Row]:
    """Return the leaf that is asked for; ``read`` lists rows before a number, at most so many."""
    before = request.args.get("before", type=counted)
    found = read(before, size + 1)
    rows = found[:size]
    return Leaf(rows, before, rows[-1].id if len(found) > size else 0)
