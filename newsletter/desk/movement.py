"""Movement: how many joined, left and bounced away from each publication, by the day (UTC).

The clock counts the latest lines of the consent log and the latest suppressions, and notes the
sums as counters of the day; pages add up a few hundred of those. Which lines a day begins with is
noted as well, so that an hour later only the lines since then are looked at.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Date, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import put
from newsletter.model import SubscriptionState, SuppressionReason

PERIODS = 12
"""Weeks or months that are told."""
_FARTHEST = timedelta(days=400)
"""How far back the first count goes."""
_JOINED = ("confirmed", "added", "wanted", "returned")
"""What the consent log calls it when somebody begins to get a publication, but for imports."""
_AWAY = (SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT)
_Counts: TypeAlias = Select[*tuple[Any, ...]]
_Row: TypeAlias = Row[*tuple[Any, ...]]
"""A publication, a day, the first line of it, and how many there are of each kind."""

_KINDS = ("joined", "left", "bounced", "size")


@dataclass(frozen=True, slots=True)
class Period:
    """A week or a month: how many came and went, and how many there were at its end, if noted."""

    first: date
    last: date
    joined: int = 0
    left: int = 0
    bounced: int = 0
    size: int | None = None

    @property
    def gone(self) -> int:
        """Those who left or bounced away."""
        return self.left + self.bounced

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody came or went, and nobody noted how many there were."""
        return not self.joined and not self.gone and self.size is None


@dataclass(slots=True)
class Movement:
    """What was counted: sums by the counter's name and day, and which line each day begins with."""

    sums: dict[tuple[str, date], int] = field(default_factory=dict)
    marks: dict[tuple[str, date], int] = field(default_factory=dict)


def count_movement(session: Session, now: datetime) -> Movement:
    """Count who came and went since yesterday, or since the last count if that was before."""
    today = now.astimezone(UTC).date()
    found = Movement()
    for log, query, kinds in (
        ("log-consents", _comings, ("joined", "left")),
        ("log-suppressions", _bounces, ("bounced",)),
    ):
        rows = session.execute(query(session, *_place(session, log, today))).all()
        for publication, day, _, *counts in rows:
            for kind, count in zip(kinds, counts, strict=True):
                found.sums[f"{kind}-{publication}", day] = count
        found.marks |= _marks(log, rows)
    return found


def note_movement(session: Session, movement: Movement) -> None:
    """Note what was counted, in the place of what was noted of the same days."""
    counts = sorted((movement.sums | movement.marks).items())
    rows = [{"name": name, "day": day, "count": count} for (name, day), count in counts]
    for begin in range(0, len(rows), 500):
        some = rows[begin : begin + 500]
        put(session, model.Counter, some, lambda new: {"count": new["count"]})


def movement(
    session: Session, publication: int, now: datetime, *, monthly: bool = False
) -> Sequence[Period]:
    """Tell how many came to a publication and went, in the last twelve weeks or months."""
    periods = _periods(now.astimezone(UTC).date(), monthly=monthly)
    names = {f"{kind}-{publication}": kind for kind in _KINDS}
    rows = session.execute(
        select(model.Counter.name, model.Counter.day, model.Counter.count)
        .where(model.Counter.name.in_(names), model.Counter.day >= periods[0][0])
        .order_by(model.Counter.day)
    )
    sums: dict[date, dict[str, int]] = defaultdict(dict)
    for name, day, count in rows:
        first = next((first for first, last in periods if first <= day <= last), None)
        if first is not None:
            kind, mine = names[name], sums[first]
            mine[kind] = count if kind == "size" else mine.get(kind, 0) + count
    return [Period(first, last, **sums[first]) for first, last in periods]


def _periods(today: date, *, monthly: bool) -> Sequence[tuple[date, date]]:
    if not monthly:
        monday = today - timedelta(days=today.weekday())
        weeks = [monday - timedelta(weeks=ago) for ago in range(PERIODS - 1, -1, -1)]
        return [(first, first + timedelta(days=6)) for first in weeks]
    months = [today.year * 12 + today.month - 1 - ago for ago in range(PERIODS - 1, -2, -1)]
    firsts = [date(month // 12, month % 12 + 1, 1) for month in months]
    return [(first, after - timedelta(days=1)) for first, after in pairwise(firsts)]


def _comings(session: Session, since: datetime, bound: int) -> _Counts:
    """Count by publication and day the lines of the log that tell of a coming or a going.

    A file may also have brought people as having left: their subscription tells.
    """
    line, wish = model.Consent, model.Subscription
    brought = and_(
        line.action == "imported",
        wish.id.is_not(None),
        or_(wish.state != SubscriptionState.UNSUBSCRIBED, wish.changed_at > line.at),
    )
    day = _day(session, line.at)
    return (
        select(
            line.publication_id,
            day,
            func.min(line.id),
            func.count().filter(or_(line.action.in_(_JOINED), brought)),
            func.count().filter(line.action == "left"),
        )
        .outerjoin(
            wish,
            and_(
                wish.subscriber_id == line.subscriber_id,
                wish.publication_id == line.publication_id,
                line.action == "imported",
            ),
        )
        .where(line.id > bound, line.at >= since)
        .group_by(line.publication_id, day)
    )


def _bounces(session: Session, since: datetime, bound: int) -> _Counts:
    """Count by publication and day whose address was suppressed because mail came back."""
    row, wish = model.Suppression, model.Subscription
    day = _day(session, row.at)
    return (
        select(wish.publication_id, day, func.min(row.id), func.count())
        .join(model.Subscriber, model.Subscriber.digest == row.digest)
        .join(wish, wish.subscriber_id == model.Subscriber.id)
        .where(
            row.id > bound,
            row.at >= since,
            row.reason.in_(_AWAY),
            wish.state.in_((SubscriptionState.ACTIVE, SubscriptionState.PAUSED)),
        )
        .select_from(row)
        .group_by(wish.publication_id, day)
    )


def _day(session: Session, moment: Any) -> ColumnElement[date]:
    if session.get_bind().dialect.name == "postgresql":
        moment = func.timezone("UTC", moment)
    return func.date(moment, type_=Date)


def _place(session: Session, log: str, today: date) -> tuple[datetime, int]:
    """Return from when on a log is to be counted, and after which line.

    The line is that of a day earlier, for those that were written at once and came in late.
    """
    marks = session.execute(
        select(model.Counter.day, model.Counter.count)
        .where(model.Counter.name == log, model.Counter.day <= today)
        .order_by(model.Counter.day.desc())
        .limit(4)
    ).all()
    yesterday = today - timedelta(days=1)
    since = min(marks[0].day, yesterday) if marks else today - _FARTHEST
    bound = next((count for day, count in marks if day < since), 0)
    return datetime.combine(since, time(), UTC), bound


def _marks(log: str, rows: Sequence[_Row]) -> Mapping[tuple[str, date], int]:
    """Note the line before the first of each day and of all later ones."""
    marks: dict[tuple[str, date], int] = {}
    lowest: int | None = None
    for _, day, number, *_ in sorted(rows, key=lambda row: row[1], reverse=True):
        lowest = number if lowest is None else min(lowest, number)
        marks[log, day] = lowest - 1
    return marks
