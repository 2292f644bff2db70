"""A dossier: one person as the desk shows them, with what they asked for, agreed to and got."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import deliveries, issues, model
from newsletter.errors import NotFound
from newsletter.model import DeliveryState, Frequency, SubscriptionState

LATEST = 50
"""Mails, and lines of the consent log, that a dossier shows: the latest ones."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What the person asked for of a publication; ``subscription`` is 0 where they never did."""

    publication: int
    name: str
    subscription: int = 0
    state: SubscriptionState | None = None
    frequency: Frequency = Frequency.EACH
    changed_at: datetime | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mailed:
    """A mail to the person: of an issue by its number, or a notice by its name."""

    issue: int | None
    subject: str
    notice: str
    publication: str
    state: DeliveryState
    at: datetime | None
    code: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that the desk shows of a person; lists have the latest first.

    ``said`` are lines of the consent log, ``named`` the names of publications by number.
    """

    person: model.Subscriber
    holdings: Sequence[Holding]
    said: Sequence[model.Consent]
    mailed: Sequence[Mailed]
    suppression: model.Suppression | None
    named: Mapping[int, str]


def dossier(session: Session, subscriber: int) -> Dossier:
    """Gather what is known of a person; raise NotFound."""
    person = session.get(model.Subscriber, subscriber)
    if person is None:
        raise NotFound
    publications = issues.publications(session)
    return Dossier(
        person=person,
        holdings=_holdings(session, subscriber, publications),
        said=session.scalars(
            select(model.Consent)
            .where(model.Consent.subscriber_id == subscriber)
            .order_by(model.Consent.at.desc(), model.Consent.id.desc())
            .limit(LATEST)
        ).all(),
        mailed=_mailed(session, subscriber),
        suppression=session.scalar(
            select(model.Suppression).where(model.Suppression.digest == person.digest)
        ),
        named={publication.id: publication.name for publication in publications},
    )


def fetch_wish(session: Session, subscription: int) -> model.Subscription:
    """Return the subscription with that number; raise NotFound."""
    found = session.get(model.Subscription, subscription)
    if found is None:
        raise NotFound
    return found


def _holdings(
    session: Session, subscriber: int, publications: Sequence[model.Publication]
) -> Sequence[Holding]:
    """List what was asked for of each publication there is, by name."""
    mine = {
        wish.publication_id: wish
        for wish in session.scalars(
            select(model.Subscription).where(model.Subscription.subscriber_id == subscriber)
        )
    }
    found = []
    for publication in publications:
        wish = mine.get(publication.id)
        about = (publication.id, publication.name)
        found.append(
            Holding(*about, wish.id, wish.state, wish.frequency, wish.changed_at, wish.paused_until)
            if wish
            else Holding(*about)
        )
    return found


def _mailed(session: Session, subscriber: int) -> Sequence[Mailed]:
    rows = session.execute(
        select(
            model.Delivery,
            model.Issue.subject.label("subject"),
            model.Content.variant.label("notice"),
            model.Publication.name.label("publication"),
        )
        .outerjoin(model.Issue, model.Issue.id == model.Delivery.issue_id)
        .outerjoin(model.Content, model.Content.id == model.Delivery.content_id)
        .outerjoin(model.Publication, model.Publication.id == model.Content.publication_id)
        .where(deliveries.of_reader(subscriber))
        .order_by(model.Delivery.id.desc())
        .limit(LATEST)
    )
    return [
        Mailed(
            issue=row.Delivery.issue_id,
            subject=row.subject or "",
            notice="" if row.Delivery.issue_id else row.notice or "",
            publication=row.publication or "",
            state=row.Delivery.state,
            at=row.Delivery.settled_at,
            code=row.Delivery.code,
            words=row.Delivery.words or "",
        )
        for row in rows
    ]
