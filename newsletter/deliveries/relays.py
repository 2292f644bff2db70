"""The circuit breaker of each relay, shared by all workers on one database.

A relay in trouble rests, for longer each time. After its rest one worker alone tries it; when that
goes well the relay is free again for all, else it rests anew.
"""

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import insert_missing

FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=10)
PROBE = timedelta(minutes=1)
"""How long one worker may try a relay before another may."""


class Use(enum.StrEnum):
    """What a worker may do with a relay; PROBE is to try it, alone, and say how it went."""

    FREE = "free"
    PROBE = "probe"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class State:
    """How a relay fares, for a page to show: the failures in a row and the words of the last."""

    name: str
    failures: int
    resting_until: datetime | None
    words: str


def may_use(session: Session, names: Collection[str], now: datetime) -> Mapping[str, Use]:
    """Tell of each relay whether it may be used; one caller among all workers gets its PROBE.

    Whoever has a PROBE calls ``well`` or ``trouble`` within a minute, or leaves it to another.
    """
    rows = {row.name: row for row in _rows(session, names)}
    return {name: _use(session, rows.get(name), now) for name in sorted(names)}


def _use(session: Session, row: model.Relay | None, now: datetime) -> Use:
    if row is None or row.resting_until is None:
        return Use.FREE
    if _free_to_try(row, now) > now:
        return Use.RESTING
    mine = session.execute(
        update(model.Relay)
        .where(
            model.Relay.name == row.name,
            model.Relay.resting_until <= now,
            or_(model.Relay.probing_until.is_(None), model.Relay.probing_until <= now),
        )
        .values(probing_until=now + PROBE)
        .returning(model.Relay.name)
        .execution_options(synchronize_session=False)
    )
    return Use.RESTING if mine.one_or_none() is None else Use.PROBE


def trouble(session: Session, name: str, words: str, now: datetime) -> datetime:
    """Let a relay rest that cannot be used, and return until when.

    Half a minute after the first failure, then twice as long after each in a row, up to ten
    minutes. What fails while it rests began before, and changes nothing.
    """
    insert_missing(session, model.Relay, [{"name": name, "failures": 0, "words": ""}])
    row = session.get_one(model.Relay, name, with_for_update=True, populate_existing=True)
    if row.resting_until is None or row.resting_until <= now:
        row.resting_until = now + min(FIRST_REST * 2 ** min(row.failures, 10), LONGEST_REST)
        row.failures += 1
        row.probing_until, row.words = None, words
        session.flush()
    return row.resting_until


def well(session: Session, name: str) -> None:
    """Note that a relay took mail: it is free for all. Where it was, nothing is written."""
    session.execute(
        update(model.Relay)
        .where(model.Relay.name == name, model.Relay.failures > 0)
        .values(failures=0, resting_until=None, probing_until=None, words="")
        .execution_options(synchronize_session=False)
    )


def next_use(session: Session, names: Collection[str], now: datetime) -> datetime:
    """Return the earliest moment at which one of the relays may be tried: ``now``, if one may."""
    known = {row.name: _free_to_try(row, now) for row in _rows(session, names)}
    return min((known.get(name, now) for name in names), default=now)


def states(session: Session) -> Sequence[State]:
    """List the relays that were ever used, and how each fares."""
    return [
        State(row.name, row.failures, row.resting_until, row.words) for row in _rows(session, None)
    ]


def _rows(session: Session, names: Collection[str] | None) -> Sequence[model.Relay]:
    rows = select(model.Relay).order_by(model.Relay.name)
    if names is not None:
        rows = rows.where(model.Relay.name.in_(names))
    return session.scalars(rows.execution_options(populate_existing=True)).all()


def _free_to_try(row: model.Relay, now: datetime) -> datetime:
    """Return when a relay's rest has ended, and another worker's try after it; else ``now``."""
    return max(now, row.resting_until or now, row.probing_until or now)
