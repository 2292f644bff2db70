"""Rates that all workers on one database share: buckets, learned paces, the warm-up of a relay.

Keys are "relay:primary" or "domain:gmail.com". The buckets stand in the database, so a rate holds
over restarts and for all machines. What is asked for a whole batch costs a few statements; rows are
locked in the order of their keys until the transaction ends, so it should be a short one.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import insert_missing
from newsletter.mail import Rate

AHEAD = 10
"""How many seconds' worth of mails it is worth coming back for."""
SLOWEST = 1 / 60
"""The least that a pace can come to, in mails a second."""
DOUBLING = timedelta(minutes=10)
"""In what time a learned pace doubles again."""
SAME_STORM = timedelta(seconds=30)
"""For how long a slower pace needs to show; what was on its way meanwhile does not count."""
_CRUMB = 1e-6
"""The part of a mail that reckoning with fractions may be wrong by."""


@dataclass(frozen=True, slots=True)
class Want:
    """So many mails, under rates that hold all at once."""

    count: int
    rates: tuple[Rate, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """So many mails may go now; where it is fewer than wanted, ask for the rest ``again_at``."""

    granted: int
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Bound:
    """One bucket: what it holds and what drains from it in a second; a day's empties at once."""

    key: str
    capacity: float
    per_second: float
    daily: bool = False

    def spent(self, bucket: model.Bucket, now: datetime) -> float:
        """Reckon what of the bucket is spent ``now``."""
        if self.daily:
            return bucket.spent if bucket.changed_at.date() >= now.date() else 0.0
        # A worker whose clock is behind must not count the same seconds again.
        seconds = max(0.0, (now - bucket.changed_at).total_seconds())
        return max(0.0, min(bucket.spent, self.capacity) - seconds * self.per_second)

    def again_at(self, spent: float, rest: int, now: datetime) -> datetime:
        """Tell when some of the ``rest`` may go: what ten seconds bring, but one at least."""
        room = self.capacity - spent
        if self.daily:
            tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
            return now if room >= 1 else tomorrow
        enough = min(rest, max(1, math.floor(min(self.capacity, self.per_second * AHEAD))))
        seconds = max(0.0, (enough - room) / self.per_second)
        return now + timedelta(microseconds=math.ceil(seconds * 1_000_000))


def take(session: Session, wants: Mapping[str, Want], now: datetime) -> Mapping[str, Grant]:
    """Take from the buckets of each key what it wants, or as much of that as may go now.

    The least of a key's rates and of its learned pace decides, and no other bucket gives more than
    that. Call it once in a transaction: two calls in one may wait for another worker's two.
    """
    now = now.astimezone(UTC)
    learned = paces(session, now, wants)
    bounds = {
        key: _bounds(key, want.rates, learned.get(key)) for key, want in wants.items() if want.count
    }
    buckets = _locked(session, [bound.key for some in bounds.values() for bound in some], now)
    grants, changes = {}, []
    for key, want in wants.items():
        some = bounds.get(key, ())
        spent = {bound.key: bound.spent(buckets[bound.key], now) for bound in some}
        room = min((bound.capacity - spent[bound.key] for bound in some), default=math.inf)
        granted = max(0, min(want.count, math.floor(min(room, want.count) + _CRUMB)))
        latest = max((now, *(buckets[bound.key].changed_at for bound in some)))
        grants[key] = Grant(granted)
        if granted < want.count:
            moments = (
                bound.again_at(spent[bound.key] + granted, want.count - granted, latest)
                for bound in some
            )
            grants[key] = Grant(granted, max(moments))
        if granted:
            changes += [
                (bound.key, spent[bound.key] + granted, max(now, buckets[bound.key].changed_at))
                for bound in some
            ]
    _write(session, changes)
    return grants


def give_back(
    session: Session, unused: Mapping[str, Want], taken_at: datetime, now: datetime
) -> None:
    """Put back what was granted at ``taken_at`` and not used: each ``count`` under its rates.

    What has drained since is not given twice, nor yesterday's to today; a learned pace, which
    never grants more than a second's worth at once, keeps what it gave.
    """
    now = now.astimezone(UTC)
    bounds = [
        (bound, want.count)
        for key, want in unused.items()
        for bound in _bounds(key, want.rates, None)
        if want.count
    ]
    buckets = _locked(session, [bound.key for bound, _ in bounds], now)
    changes = []
    for bound, count in bounds:
        bucket = buckets[bound.key]
        if bound.daily:
            same_day = taken_at.astimezone(UTC).date() == bucket.changed_at.date()
            back = float(count) if same_day else 0.0
        else:
            back = count - max(0.0, (now - taken_at).total_seconds()) * bound.per_second
        if back > 0:
            spent = max(0.0, bound.spent(bucket, now) - back)
            changes.append((bound.key, spent, max(now, bucket.changed_at)))
    _write(session, changes)


def _bounds(key: str, rates: Collection[Rate], pace: float | None) -> list[_Bound]:
    """Return the buckets of a key: one for each unit of its rates, and one for a learned pace."""
    least: dict[str, Rate] = {}
    for rate in rates:
        least[rate.unit] = min(rate, least.get(rate.unit, rate), key=lambda each: each.count)
    bounds = [
        # Called by its unit alone: whoever changes a rate has not got a fresh bucket by that.
        _Bound(f"{key} {unit}", rate.count, rate.count / rate.seconds, rate.daily)
        for unit, rate in least.items()
    ]
    if pace is not None:
        bounds.append(_Bound(f"{key} pace", max(1.0, pace), pace))
    return bounds


def _locked(session: Session, keys: Collection[str], now: datetime) -> dict[str, model.Bucket]:
    """Return the buckets by their keys, made where they are missing, for this transaction only."""
    if not keys:
        return {}
    mine = model.Bucket.key.in_(keys)
    missing = set(keys) - set(session.scalars(select(model.Bucket.key).where(mine)))
    # Both steps take the rows in the order of their keys, so that nobody waits in a circle.
    insert_missing(
        session,
        model.Bucket,
        [{"key": key, "spent": 0.0, "changed_at": now} for key in sorted(missing)],
    )
    locked = select(model.Bucket).where(mine).order_by(model.Bucket.key).with_for_update()
    fresh = locked.execution_options(populate_existing=True)
    buckets = {bucket.key: bucket for bucket in session.scalars(fresh)}
    # One that had drained may have been deleted between the two looks.
    return buckets if len(buckets) == len(set(keys)) else _locked(session, keys, now)


def _write(session: Session, changes: Collection[tuple[str, float, datetime]]) -> None:
    if changes:
        session.connection().execute(
            update(model.Bucket)
            .where(model.Bucket.__table__.c.key == bindparam("bucket"))
            .values(spent=bindparam("spent"), changed_at=bindparam("changed_at")),
            [{"bucket": key, "spent": spent, "changed_at": at} for key, spent, at in changes],
        )


def throttle(session: Session, key: str, observed: float, now: datetime) -> float:
    """Halve the pace of ``key`` after a storm of 421 or 451, and return it in mails a second.

    Where none was in force it is half of what was ``observed``, and what was observed is the
    ceiling at which it will be forgotten. Half a minute's storm counts once.
    """
    unknown = {"key": key, "per_second": 0.0, "ceiling": 0.0, "changed_at": now}
    insert_missing(session, model.Pace, [unknown])
    row = session.get_one(model.Pace, key, with_for_update=True, populate_existing=True)
    current = _pace_now(row, now)
    if current is None:
        row.per_second = max(observed / 2, SLOWEST)
        row.ceiling = 2 * row.per_second
    elif now - row.changed_at >= SAME_STORM:
        row.per_second = max(current / 2, SLOWEST)
    else:
        return current
    row.changed_at = now
    session.flush()
    return row.per_second


def paces(
    session: Session, now: datetime, keys: Collection[str] | None = None
) -> Mapping[str, float]:
    """Return the learned paces in force, of all keys or of these, in mails a second."""
    rows = select(model.Pace).execution_options(populate_existing=True)
    if keys is not None:
        rows = rows.where(model.Pace.key.in_(keys))
    found = ((row.key, _pace_now(row, now)) for row in session.scalars(rows))
    return {key: pace for key, pace in found if pace is not None}


def _pace_now(row: model.Pace, now: datetime) -> float | None:
    """Reckon what a pace has grown to; None when it has reached its ceiling and is forgotten."""
    doublings = max(timedelta(), now - row.changed_at) / DOUBLING
    # After 64 of them any pace has passed any ceiling; more would leave the range of numbers.
    pace: float = row.per_second * 2.0 ** min(doublings, 64.0)
    return pace if pace < row.ceiling else None


def allowance(
    session: Session,
    relay_name: str,
    rates: tuple[Rate, ...],
    warmup: tuple[int, ...],
    now: datetime,
) -> tuple[Rate, ...]:
    """Return the rates that hold for a relay today: its own, and what its warm-up plan adds.

    The plan counts days, in UTC, from that of the first call, which is remembered.
    """
    today = now.astimezone(UTC).date()
    first = session.scalar(select(model.Relay.first_used_on).where(model.Relay.name == relay_name))
    if first is None:
        insert_missing(session, model.Relay, [{"name": relay_name, "failures": 0, "words": ""}])
        session.execute(
            update(model.Relay)
            .where(model.Relay.name == relay_name, model.Relay.first_used_on.is_(None))
            .values(first_used_on=today)
        )
        first = session.scalar(
            select(model.Relay.first_used_on).where(model.Relay.name == relay_name)
        )
    day = (today - (first or today)).days
    return (*rates, Rate(warmup[day], 86400)) if 0 <= day < len(warmup) else rates
