"""Subscribers as an operator sees them: added by hand, and listed."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import addresses, model
from newsletter.database import insert_missing
from newsletter.errors import Conflict, Invalid, NotFound
from newsletter.language import marked as _
from newsletter.subscriptions.states import Event
from newsletter.subscriptions.steps import Line, begin, locked_people, locked_person, step
from newsletter.wishes import MOST_NAME

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LURE = re.compile(r"[/@<>]|\bwww\.", re.IGNORECASE)


def kept_name(text: str) -> str:
    """Return a name as it is kept; nothing where it is a place on the web instead.

    Whoever sends a form in names the person, who then reads it in a mail from us: robots use that
    to have us deliver their links.
    """
    name = " ".join(text.split())[:MOST_NAME]
    return "" if _LURE.search(name) else name


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
    source: str = "",
) -> model.Subscription:
    """Have a person get ``publication`` from now on, on the word of an operator.

    ``source`` says where the person agreed. Adding someone twice changes nothing, nor does adding
    someone who pauses. Raises InvalidAddress;
    Conflict for an address that is suppressed, which no operator overturns by adding it.
    """
    kept = addresses.parse(address)
    digest = addresses.digest(kept, secret_key)
    suppression = session.scalar(
        select(model.Suppression).where(model.Suppression.digest == digest)
    )
    if suppression is not None:
        raise Conflict(f"This address is suppressed ({suppression.reason}) and gets no mail")
    row = {
        "address": kept,
        "digest": digest,
        "name": " ".join(name.split())[:MOST_NAME],
        "language": language or publication.language,
        "created_at": now,
    }
    insert_missing(session, model.Subscriber, [row])
    (subscriber,) = locked_people(session, model.Subscriber.digest == digest)
    subscription = session.scalar(
        select(model.Subscription)
        .where(
            model.Subscription.subscriber_id == subscriber.id,
            model.Subscription.publication_id == publication.id,
        )
        .with_for_update()
    )
    line = Line(form, details={"source": source} if source else None)
    if subscription is None:
        subscription = begin(session, subscriber.id, publication.id, Event.ADD, now, line)
    else:
        step(session, subscription, Event.ADD, now, line)
    session.flush()
    return subscription


def correct(session: Session, subscriber: int, *, name: str, language: str) -> Sequence[str]:
    """Change a person's name and language; return which of the two are others now.

    Raises NotFound, and Invalid for what is no language tag (BCP 47).
    """
    kept = " ".join(name.split())[:MOST_NAME]
    if not _TAG.fullmatch(language):
        raise Invalid(_("Write a language as two or three letters, such as pl or en."))
    person = locked_person(session, subscriber)
    if person is None:
        raise NotFound
    news = {"name": kept, "language": language}
    changed = [field for field, value in news.items() if getattr(person, field) != value]
    person.name, person.language = kept, language
    session.flush()
    return changed


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
