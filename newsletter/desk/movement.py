"""Movement: how many joined, left and bounced away from each publication, by the day (UTC).

The clock counts what the consent log and the suppressions have grown by since it looked last, and
adds it to counters of the day; pages add up a few hundred of those. How far each log is counted is
a counter, too, which moves in the same transaction, so that of two clocks one adds.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Date, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import insert_missing, put
from newsletter.model import SubscriptionState, SuppressionReason

PERIODS = 12
"""Weeks or months that are told."""
SETTLED = timedelta(minutes=5)
"""So old a line has to be to be counted, for those before it to have come in from everywhere."""
_JOINED = ("confirmed", "added", "wanted", "returned")
"""What the consent log calls it when somebody begins to get a publication, but for imports."""
_AWAY = (SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT)
_KINDS = ("joined", "left", "bounced", "size")
_AT_ONCE = 500
_ALWAYS = date(1970, 1, 1)
"""The day of the counters that say how far a log is counted."""
_Counts: TypeAlias = Select[*tuple[Any, ...]]
"""A publication, a day, and how many there are of each kind."""


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


@dataclass(frozen=True, slots=True)
class Movement:
    """What a log has grown by after one line and up to another: sums by counter and day."""

    log: str
    after: int
    upto: int
    sums: Mapping[tuple[str, date], int]


def count_movement(session: Session, now: datetime) -> Sequence[Movement]:
    """Count who came and went since that was noted last; nothing where nobody did."""
    found = []
    for log, table, count, kinds in (
        ("log-consents", model.Consent, _comings, ("joined", "left")),
        ("log-suppressions", model.Suppression, _bounces, ("bounced",)),
    ):
        after = _counted(session, log)
        settled = select(table.id).where(table.id > after, table.at <= now - SETTLED)
        upto = session.scalar(settled.order_by(table.id.desc()).limit(1))
        if upto is not None:
            sums = {
                (f"{kind}-{publication}", day): number
                for publication, day, *numbers in session.execute(count(session, after, upto))
                for kind, number in zip(kinds, numbers, strict=True)
                if number
            }
            found.append(Movement(log, after, upto, sums))
    return found


def note_movement(session: Session, movement: Movement) -> bool:
    """Add what was counted to what was noted; return whether nobody else had."""
    mark = {"name": movement.log, "day": _ALWAYS, "count": 0}
    insert_missing(session, model.Counter, [mark])
    moved = session.execute(
        update(model.Counter)
        .where(
            model.Counter.name == movement.log,
            model.Counter.day == _ALWAYS,
            model.Counter.count == movement.after,
        )
        .values(count=movement.upto)
        .returning(model.Counter.name)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if moved is None:
        return False
    rows = [
        {"name": name, "day": day, "count": count}
        for (name, day), count in sorted(movement.sums.items())
    ]
    for begin in range(0, len(rows), _AT_ONCE):
        put(
            session,
            model.Counter,
            rows[begin : begin + _AT_ONCE],
            lambda new: {"count": model.Counter.count + new["count"]},
        )
    return True


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


def _counted(session: Session, log: str) -> int:
    """Return up to which line a log is counted."""
    counter = model.Counter
    mark = select(counter.count).where(counter.name == log, counter.day == _ALWAYS)
    return session.scalar(mark) or 0


def _comings(session: Session, after: int, upto: int) -> _Counts:
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
        .where(line.id > after, line.id <= upto)
        .group_by(line.publication_id, day)
    )


def _bounces(session: Session, after: int, upto: int) -> _Counts:
    """Count by publication and day whose address was suppressed because mail came back."""
    row, wish = model.Suppression, model.Subscription
    day = _day(session, row.at)
    return (
        select(wish.publication_id, day, func.count())
        .select_from(row)
        .join(model.Subscriber, model.Subscriber.digest == row.digest)
        .join(wish, wish.subscriber_id == model.Subscriber.id)
        .where(
            row.id > after,
            row.id <= upto,
            row.reason.in_(_AWAY),
            wish.state.in_((SubscriptionState.ACTIVE, SubscriptionState.PAUSED)),
        )
        .group_by(wish.publication_id, day)
    )


def _day(session: Session, moment: Any) -> ColumnElement[date]:
    if session.get_bind().dialect.name == "postgresql":
        moment = func.timezone("UTC", moment)
    return func.date(moment, type_=Date)
