"""Confirming: whoever reads mail at the address says yes to all that was asked for there."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.links import Links
from newsletter.model import SubscriptionState
from newsletter.subscriptions import letters
from newsletter.subscriptions.states import Event
from newsletter.subscriptions.steps import Line, lift, locked_person, step, wishes_of


def waiting(session: Session, subscriber: int) -> Sequence[model.Publication]:
    """List the publications that a person was asked about and has not answered for, by name."""
    return session.scalars(
        select(model.Publication)
        .join(model.Subscription, model.Subscription.publication_id == model.Publication.id)
        .where(
            model.Subscription.subscriber_id == subscriber,
            model.Subscription.state == SubscriptionState.PENDING,
        )
        .order_by(model.Publication.name)
    ).all()


def confirm(
    session: Session, subscriber: int, now: datetime, links: Links, *, origin: str = ""
) -> Sequence[model.Publication]:
    """Have a person get all that waits for their word, and welcome them to each, once.

    Returns what they get by this confirmation or an earlier one, by name; nothing when they are
    gone. That mail to the address once came back no longer holds: one was just read.
    """
    person = locked_person(session, subscriber)
    if person is None:
        return []
    mine = wishes_of(session, [subscriber])
    line = Line("page", origin=origin)
    fresh = [wish for wish in mine if step(session, wish, Event.CONFIRM, now, line)]
    session.flush()
    if fresh:
        lift(session, person.digest)
    for wish in fresh:
        publication = session.get_one(model.Publication, wish.publication_id)
        letters.send_welcome(session, person, publication, wish.id, links, now)
    return _confirmed(session, subscriber)


def _confirmed(session: Session, subscriber: int) -> Sequence[model.Publication]:
    by_word = exists().where(
        model.Consent.subscriber_id == subscriber,
        model.Consent.publication_id == model.Publication.id,
        model.Consent.action == Event.CONFIRM.value,
    )
    return session.scalars(
        select(model.Publication)
        .join(model.Subscription, model.Subscription.publication_id == model.Publication.id)
        .where(
            model.Subscription.subscriber_id == subscriber,
            model.Subscription.state == SubscriptionState.ACTIVE,
            by_word,
        )
        .order_by(model.Publication.name)
    ).all()
