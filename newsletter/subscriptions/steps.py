"""The one way to change a subscription's state: by the table, with a line in the consent log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.model import SubscriptionState, SuppressionReason
from newsletter.subscriptions.states import Event, after, allows

_LIFTED = (SuppressionReason.HARD_BOUNCE, SuppressionReason.ERASED)


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of the consent log says beside who and what; ``at`` when, if that was earlier."""

    form: str
    wording: str = ""
    version: str = ""
    origin: str = ""
    details: Mapping[str, object] | None = None
    at: datetime | None = None


def version(wording: str) -> str:
    """Name a wording, so that lines about the same one are found without comparing texts."""
    return sha256(wording.encode()).hexdigest()[:12] if wording else ""


def step(
    session: Session, subscription: model.Subscription, event: Event, now: datetime, line: Line
) -> bool:
    """Do to ``subscription``, which the caller has locked, what ``event`` does; else return False.

    The caller deletes what comes to be no row.
    """
    if not allows(event, subscription.state):
        return False
    state = after(event, subscription.state)
    if state is not None:
        subscription.state, subscription.changed_at = state, now
        if state is not SubscriptionState.PAUSED:
            subscription.paused_until = None
    record(session, subscription, event, now, line)
    return True


def begin(
    session: Session,
    subscriber_id: int,
    publication_id: int,
    event: Event,
    now: datetime,
    line: Line,
) -> model.Subscription:
    """Make the subscription that ``event`` makes out of none; raise ValueError if it makes none."""
    state = after(event, None)
    if state is None:
        raise ValueError(f"nobody gets a subscription by what is {event}")
    subscription = model.Subscription(
        subscriber_id=subscriber_id, publication_id=publication_id, state=state, changed_at=now
    )
    session.add(subscription)
    session.flush()
    record(session, subscription, event, now, line)
    return subscription


def record(
    session: Session, subscription: model.Subscription, action: str, now: datetime, line: Line
) -> None:
    """Add a line to the consent log, of which no line is ever changed."""
    session.add(
        model.Consent(
            subscriber_id=subscription.subscriber_id,
            publication_id=subscription.publication_id,
            action=str(action),
            form=line.form,
            at=line.at or now,
            wording=line.wording,
            version=line.version or version(line.wording),
            origin=line.origin,
            details=dict(line.details) if line.details else None,
        )
    )


def locked_people(session: Session, *which: ColumnElement[bool]) -> Sequence[model.Subscriber]:
    """Return subscribers whom nobody else changes meanwhile, by number.

    Everyone locks in this order: people, then their subscriptions. Lines of the log may be added
    meanwhile, for which PostgreSQL holds the person too, but less tightly.
    """
    return session.scalars(
        select(model.Subscriber)
        .where(*which)
        .order_by(model.Subscriber.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def locked_person(session: Session, subscriber: int) -> model.Subscriber | None:
    """Return the subscriber, whom nobody else changes meanwhile."""
    found = locked_people(session, model.Subscriber.id == subscriber)
    return found[0] if found else None


def locked_wish(session: Session, subscription: int) -> model.Subscription | None:
    """Return the subscription, which nobody else changes meanwhile."""
    wish = session.get(model.Subscription, subscription)
    if wish is None or locked_person(session, wish.subscriber_id) is None:
        return None
    return session.get(
        model.Subscription, subscription, with_for_update=True, populate_existing=True
    )


def wishes_of(session: Session, subscribers: Sequence[int]) -> Sequence[model.Subscription]:
    """Lock and return all subscriptions of people who are locked already."""
    return session.scalars(
        select(model.Subscription)
        .where(model.Subscription.subscriber_id.in_(subscribers))
        .order_by(model.Subscription.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def lift(session: Session, digest: bytes) -> None:
    """Forget that mail to an address came back, or that it was erased: the person is there.

    What a person or an operator has said against mail, a complaint or a block by hand, stays.
    """
    session.execute(
        delete(model.Suppression).where(
            model.Suppression.digest == digest, model.Suppression.reason.in_(_LIFTED)
        )
    )
