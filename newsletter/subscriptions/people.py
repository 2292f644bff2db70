"""Subscribers and what they asked for: add, find, leave, with a line of consent for each step."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import addresses, model
from newsletter.errors import Conflict
from newsletter.model import SubscriptionState

MOST_NAME = 200
"""Characters of a name that are kept."""


def add(
    session: Session,
    publication: model.Publication,
    address: str,
    now: datetime,
    *,
    secret_key: str,
    name: str = "",
    language: str = "",
    form: str = "operator",
) -> model.Subscription:
    """Have a person get ``publication`` from now on, on the word of an operator.

    Adding someone twice changes nothing. Raises InvalidAddress; Conflict for an address that is
    suppressed, which no operator overturns by adding it.
    """
    kept = addresses.parse(address)
    digest = addresses.digest(kept, secret_key)
    suppression = session.scalar(
        select(model.Suppression).where(model.Suppression.digest == digest)
    )
    if suppression is not None:
        raise Conflict(f"This address is suppressed ({suppression.reason}) and gets no mail")
    subscriber = session.scalar(select(model.Subscriber).where(model.Subscriber.digest == digest))
    if subscriber is None:
        subscriber = model.Subscriber(
            address=kept,
            digest=digest,
            name=" ".join(name.split())[:MOST_NAME],
            language=language or publication.language,
            created_at=now,
        )
        session.add(subscriber)
        session.flush()
    subscription = session.scalar(
        select(model.Subscription).where(
            model.Subscription.subscriber_id == subscriber.id,
            model.Subscription.publication_id == publication.id,
        )
    )
    if subscription is None:
        subscription = model.Subscription(
            subscriber_id=subscriber.id,
            publication_id=publication.id,
            state=SubscriptionState.ACTIVE,
            changed_at=now,
        )
        session.add(subscription)
    elif subscription.state is SubscriptionState.ACTIVE:
        return subscription
    else:
        subscription.state, subscription.changed_at = SubscriptionState.ACTIVE, now
    _record(session, subscription, "added", form, now)
    session.flush()
    return subscription


def leave(session: Session, subscription_id: int, now: datetime, *, form: str) -> None:
    """End a subscription at once; again, or for one that is gone, does nothing.

    What is already queued for the reader is skipped when its batch is claimed.
    """
    subscription = session.get(model.Subscription, subscription_id, with_for_update=True)
    if subscription is None or subscription.state is SubscriptionState.UNSUBSCRIBED:
        return
    subscription.state, subscription.changed_at = SubscriptionState.UNSUBSCRIBED, now
    _record(session, subscription, "left", form, now)
    session.flush()


def listed(
    session: Session, publication: model.Publication, *, after: int = 0, limit: int = 100
) -> Sequence[tuple[model.Subscription, model.Subscriber]]:
    """List subscriptions with their people, ``limit`` from after the one with the id ``after``."""
    rows = session.execute(
        select(model.Subscription, model.Subscriber)
        .join(model.Subscriber, model.Subscriber.id == model.Subscription.subscriber_id)
        .where(model.Subscription.publication_id == publication.id, model.Subscription.id > after)
        .order_by(model.Subscription.id)
        .limit(limit)
    )
    return rows.all()


def _record(
    session: Session, subscription: model.Subscription, action: str, form: str, now: datetime
) -> None:
    session.add(
        model.Consent(
            subscriber_id=subscription.subscriber_id,
            publication_id=subscription.publication_id,
            action=action,
            form=form,
            at=now,
        )
    )
