"""The gate before signing in: who fails too often waits, for longer each time.

An attempt is counted before it is made, so that many at once gain nothing, and by account and by
network. Accounts are known by the keyed hash of the address that was typed, whether or not there is
such an editor: the gate tells nobody which.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter import addresses, model
from newsletter.database import insert_missing

FORGOTTEN = timedelta(days=1)
"""After so long without an attempt, earlier ones count no more."""
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
"""The wait after the last free attempt; it doubles with each further one, up to the longest."""

_FREE = {"account": 5, "network": 30}


@dataclass(frozen=True, slots=True)
class Door:
    """Where somebody tries to come in: the keys that the attempt counts under."""

    keys: tuple[str, str]

    @classmethod
    def of(cls, address: str, network: str, secret_key: str) -> "Door":
        """Name the door by the address that was typed and the network that it came from."""
        account = addresses.digest(address.strip()[:320], secret_key).hex()
        return cls((f"account:{account}", f"network:{network}"))


def knock(session: Session, door: Door, now: datetime) -> datetime | None:
    """Count an attempt, to be made at once; or return until when there is to be none.

    What comes while the door is closed is not counted, and must not be tried.
    """
    rows = _rows(session, door, now)
    closed = [row.closed_until for row in rows if row.closed_until and row.closed_until > now]
    if closed:
        return max(closed)
    for row in rows:
        if row.last_at < now - FORGOTTEN:
            row.failures = 0
        row.failures += 1
        row.last_at = now
        over = row.failures - _free(row)
        row.closed_until = now + min(FIRST * 2 ** min(over, 10), LONGEST) if over >= 0 else None
    session.flush()
    return None


def closed_until(session: Session, door: Door, now: datetime) -> datetime | None:
    """Return until when a door is closed, if it is; only looks, which holds nobody up."""
    closed = model.Attempt.closed_until
    return session.scalar(
        select(func.max(closed)).where(model.Attempt.key.in_(door.keys), closed > now)
    )


def open_up(session: Session, door: Door, now: datetime) -> None:
    """Take back the attempt that went well: the account's are forgotten, the network's others stay.

    Who has one account of their own gets no free tries at others' by it.
    """
    for row in _rows(session, door, now):
        row.failures = 0 if row.key.startswith("account:") else max(0, row.failures - 1)
        row.closed_until = None
    session.flush()


def excuse(session: Session, door: Door, now: datetime) -> None:
    """Take back an attempt that went well as far as it went; earlier ones still count."""
    for row in _rows(session, door, now):
        row.failures, row.closed_until = max(0, row.failures - 1), None
    session.flush()


def tidy(session: Session, now: datetime) -> None:
    """Delete what counts no more."""
    session.execute(
        delete(model.Attempt)
        .where(model.Attempt.last_at < now - FORGOTTEN)
        .execution_options(synchronize_session=False)
    )


def _free(row: model.Attempt) -> int:
    return _FREE[row.key.split(":")[0]]


def _rows(session: Session, door: Door, now: datetime) -> Sequence[model.Attempt]:
    """Return the rows of a door, made where they are missing, locked in the order of their keys."""
    insert_missing(
        session,
        model.Attempt,
        [{"key": key, "failures": 0, "last_at": now} for key in sorted(door.keys)],
    )
    return session.scalars(
        select(model.Attempt)
        .where(model.Attempt.key.in_(door.keys))
        .order_by(model.Attempt.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
