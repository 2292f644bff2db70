"""Growth: who came and went by week or month, drawn and as a table, and as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, request

from newsletter import desk, issues
from newsletter.desk import Period, Permission
from newsletter.web.context import database
from newsletter.web.desk.guard import bp, needs
from newsletter.web.desk.reports_frame import asked_for, reports_page
from newsletter.web.desk.tables import Row, table

WIDTH, HEIGHT = 1_000, 200
"""The drawing in its own measure; both halves of it are as many people to the unit."""


@dataclass(frozen=True, slots=True)
class Bars:
    """One half of the drawing: what its edge stands for, how high it is, and its bars."""

    most: int
    height: int
    bars: Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Who came, upwards; who left and who bounced away, downwards and end to end."""

    up: Bars
    down: Bars
    bounced: Sequence[Sequence[float]]


@bp.get("/reports/growth")
@needs(Permission.SENDING)
def growth() -> Response:
    """Show who came to a publication and who went."""
    now, monthly = datetime.now(UTC), _is_monthly()
    with database.reading() as session:
        publications = issues.publications(session)
        chosen = asked_for(publications) or next(iter(publications), None)
        periods = desk.movement(session, chosen.id, now, monthly=monthly) if chosen else ()
    return reports_page(
        "growth.html",
        publications=publications,
        chosen=chosen,
        monthly=monthly,
        periods=periods,
        drawing=_drawing(periods),
    )


@bp.get("/reports/growth.csv")
@needs(Permission.SENDING)
def growth_table() -> Response:
    """Give who came to each publication and who went in a file."""
    now, monthly = datetime.now(UTC), _is_monthly()
    with database.reading() as session:
        found = [
            (each.name, desk.movement(session, each.id, now, monthly=monthly))
            for each in issues.publications(session)
        ]
    return table("growth.csv", _rows(found))


def _is_monthly() -> bool:
    return request.args.get("by") == "month"


def _rows(found: Sequence[tuple[str, Sequence[Period]]]) -> Iterator[Row]:
    yield "publication", "first day", "last day", "joined", "left", "bounced", "at the end"
    for name, periods in found:
        for each in periods:
            size = "" if each.size is None else each.size
            days = (each.first.isoformat(), each.last.isoformat())
            yield name, *days, each.joined, each.left, each.bounced, size


def _drawing(periods: Sequence[Period]) -> Drawing | None:
    up = max((each.joined for each in periods), default=0)
    down = max((each.gone for each in periods), default=0)
    if not up + down:
        return None
    unit, place = HEIGHT / (up + down), WIDTH / len(periods)

    def bar(number: int, begin: int, count: int) -> Sequence[float]:
        left, width = place * (number + 0.2), place * 0.6
        return round(left, 1), round(begin * unit, 1), round(width, 1), round(count * unit, 1)

    numbered = list(enumerate(periods))
    joined = [bar(n, up - each.joined, each.joined) for n, each in numbered if each.joined]
    left = [bar(n, 0, each.left) for n, each in numbered if each.left]
    bounced = [bar(n, each.left, each.bounced) for n, each in numbered if each.bounced]
    return Drawing(
        Bars(up, round(up * unit), joined), Bars(down, round(down * unit), left), bounced
    )
