"""Suppression by hand: addresses that an editor takes off, and lets go of again.

What the mail system taught us, and what a person said, no editor lifts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import addresses, model
from newsletter.database import insert_missing
from newsletter.errors import Conflict, NotFound
from newsletter.language import marked as _
from newsletter.model import SuppressionReason

MOST_WORDS = 200
"""Characters of an editor's own words that are kept."""
_WEAKER = (SuppressionReason.HARD_BOUNCE, SuppressionReason.ERASED)
"""What ends by itself when the person signs up again, as a suppression by hand does not."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """An address that gets no mail: whose it is, if we know, else only since when and why."""

    id: int
    reason: SuppressionReason
    at: datetime
    words: str
    subscriber: int | None
    address: str


def suppress(session: Session, address: str, now: datetime, words: str, *, secret_key: str) -> None:
    """Have no mail go to ``address``; raise InvalidAddress, and Conflict where none goes already.

    What waits in the outbox is skipped when its batch is claimed; subscriptions stay as they are.
    """
    _suppress(session, addresses.digest(addresses.parse(address), secret_key), now, words)


def suppress_subscriber(session: Session, subscriber: int, now: datetime, words: str) -> None:
    """Have no mail go to a subscriber; raise NotFound and Conflict."""
    person = session.get(model.Subscriber, subscriber)
    if person is None:
        raise NotFound
    _suppress(session, person.digest, now, words)


def _suppress(session: Session, digest: bytes, now: datetime, words: str) -> None:
    kept = " ".join(words.split())[:MOST_WORDS]
    manual = SuppressionReason.MANUAL
    row = {"digest": digest, "reason": manual, "at": now, "words": kept}
    if insert_missing(session, model.Suppression, [row]):
        return
    there = session.scalar(
        select(model.Suppression).where(model.Suppression.digest == digest).with_for_update()
    )
    if there is None or there.reason not in _WEAKER:
        raise Conflict(_("No mail goes to this address already."))
    there.reason, there.at, there.words = manual, now, kept
    session.flush()


def lift_manual(session: Session, suppression: int) -> int | None:
    """Let mail go to an address again; return its subscriber, if there is one.

    Raises NotFound, and Conflict for what was not suppressed by hand.
    """
    found = session.get(model.Suppression, suppression, with_for_update=True)
    if found is None:
        raise NotFound
    if found.reason is not SuppressionReason.MANUAL:
        raise Conflict(_("Only what was suppressed by hand is lifted by hand."))
    subscriber = session.scalar(
        select(model.Subscriber.id).where(model.Subscriber.digest == found.digest)
    )
    session.delete(found)
    session.flush()
    return subscriber


def suppressions(
    session: Session, *, before: int | None = None, limit: int = 50
) -> Sequence[Suppressed]:
    """List who is suppressed, the latest first, from before the one with the number ``before``."""
    row = model.Suppression
    rows = (
        select(row, model.Subscriber.id, model.Subscriber.address)
        .outerjoin(model.Subscriber, model.Subscriber.digest == row.digest)
        .order_by(row.id.desc())
        .limit(limit)
    )
    if before is not None:
        rows = rows.where(row.id < before)
    return [
        Suppressed(one.id, one.reason, one.at, one.words, subscriber, address or "")
        for one, subscriber, address in session.execute(rows)
    ]
