"""What appeals brought, in tables of pages and files."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from newsletter import support
from newsletter.desk import Part
from newsletter.web.desk.tables import Row

COLUMNS = (
    *("variant", "sent", "clicks", "clicks per 1000", "clicks from", "clicks to"),
    *("currency", "gifts", "given", "given per 1000", "given from", "given to"),
)
"""What ``numbers`` tells; intervals are of 95 %."""


def numbers(parts: Iterable[Part]) -> Iterator[Row]:
    """Write what variants brought as rows, one for each currency or one without."""
    for part in parts:
        brought, clicked = part.brought, part.brought.clicked
        clicks = brought.clicks if brought.counted else ""
        head = (part.name, brought.sent, clicks, *_cells(clicked))
        if not brought.incomes:
            yield *head, "", 0, "", "", "", ""
        for currency, given, income in brought.incomes:
            yield *head, currency, given.count, round(given.total, 3), *_cells(income)


def facts() -> Mapping[str, Any]:
    """Return what the tables of these numbers are written with."""
    return {
        "decimal": lambda number: Decimal(str(round(number, 2))),
        "enough": support.ENOUGH,
    }


def _cells(estimate: support.Estimate | None) -> tuple[float | str, ...]:
    if estimate is None:
        return "", "", ""
    return round(estimate.value, 2), round(estimate.low, 2), round(estimate.high, 2)
