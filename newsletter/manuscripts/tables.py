"""Tables of pages and Word documents: their rows and cells, laid out in lines of one width."""

import re
from collections.abc import Iterator, Sequence

from newsletter.manuscripts.hypertext import Element

_NUMBER = re.compile(r"[-+−–]?[\d\s.,]*\d\s?%?")
_MOST_COLUMNS = 30


def rows(table: Element) -> Iterator[Element]:
    """Yield the rows of a table, whatever part of it they stand in."""
    for child in table.children:
        if isinstance(child, Element) and child.tag == "tr":
            yield child
        elif isinstance(child, Element) and child.tag in {"thead", "tbody", "tfoot"}:
            yield from rows(child)


def cells(row: Element) -> Iterator[Element]:
    """Yield the cells of a row."""
    for child in row.children:
        if isinstance(child, Element) and child.tag in {"td", "th"}:
            yield child


def grid(rows: Sequence[Sequence[Element]]) -> list[list[Element | None]]:
    """Return the cells of a table in lines of one width; a cell over several leaves gaps."""
    lines: list[list[Element | None]] = []
    below: dict[int, int] = {}
    for row in rows:
        line: list[Element | None] = []
        cells = iter(row)
        cell = next(cells, None)
        while cell is not None or below.get(len(line), 0):
            at = len(line)
            if below.get(at, 0):
                below[at] -= 1
                line.append(None)
                continue
            width, height = (_span(cell, name) for name in ("colspan", "rowspan"))
            for column in range(at, at + width):
                below[column] = height - 1
            line += [cell, *[None] * (width - 1)]
            cell = next(cells, None)
        if line:
            lines.append(line)
    width = max(map(len, lines), default=0)
    if width > _MOST_COLUMNS:
        return []
    return [line + [None] * (width - len(line)) for line in lines]


def _span(cell: Element | None, name: str) -> int:
    value = cell.get(name) if cell else ""
    return min(max(int(value), 1), _MOST_COLUMNS) if value.isdecimal() and len(value) < 4 else 1


def rule(column: Sequence[str]) -> str:
    """Return the rule below a column's head; numbers stand at the right."""
    filled = [text for text in column if text]
    return "--:" if filled and all(map(_NUMBER.fullmatch, filled)) else "---"
