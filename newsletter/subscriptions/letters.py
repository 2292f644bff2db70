"""The notices that people get about their subscriptions: which facts each of them tells."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from newsletter import deliveries, issues, model, rendering
from newsletter.links import LIVES, Links

_DAY, _HOUR, _MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def send_confirm(
    session: Session,
    person: model.Subscriber,
    publications: Sequence[model.Publication],
    links: Links,
    now: datetime,
) -> None:
    """Ask whether the person wants all of ``publications``."""
    _send(
        session,
        "confirm",
        publications[0],
        person,
        links,
        now,
        publications=tuple(publication.name for publication in publications),
        confirm_url=links.confirm(person.id, now),
        days=LIVES["confirm"] // _DAY,
    )


def send_already_subscribed(
    session: Session,
    person: model.Subscriber,
    publications: Sequence[model.Publication],
    links: Links,
    now: datetime,
) -> None:
    """Say that nothing was to be done: the person has ``publications`` already."""
    _send(
        session,
        "already-subscribed",
        publications[0],
        person,
        links,
        now,
        publications=tuple(publication.name for publication in publications),
        manage_url=links.manage(person.id, now),
    )


def send_welcome(
    session: Session,
    person: model.Subscriber,
    publication: model.Publication,
    subscription: int,
    links: Links,
    now: datetime,
) -> None:
    """Welcome a new reader, with the latest issue."""
    facts = welcome_facts(session, publication, subscription, links)
    _send(session, "welcome", publication, person, links, now, **facts)


def welcome_facts(
    session: Session, publication: model.Publication, subscription: int, links: Links
) -> Mapping[str, object]:
    """Gather what a welcome tells: where the issues are, which is the latest, the ways out."""
    newest = next(iter(issues.archive(session, publication, limit=1)), None)
    latest = newest and rendering.Related(
        newest.headline, newest.dated, links.issue(publication.slug, newest.slug)
    )
    return {
        "archive_url": links.archive(publication.slug),
        "latest": latest,
        "lead": newest.lead if newest else "",
        "unsubscribe_url": links.unsubscribe(subscription, publication.id),
        "preferences_url": links.preferences(subscription, publication.id),
    }


def send_goodbye(
    session: Session,
    person: model.Subscriber,
    publication: model.Publication,
    subscription: int,
    links: Links,
    now: datetime,
) -> None:
    """Tell a person who left by a page that they did, in case it was somebody else."""
    _send(
        session,
        "goodbye",
        publication,
        person,
        links,
        now,
        undo_url=links.undo(subscription, publication.id, now),
        days=LIVES["undo"] // _DAY,
        archive_url=links.archive(publication.slug),
    )


def send_manage(
    session: Session,
    person: model.Subscriber,
    publication: model.Publication,
    links: Links,
    now: datetime,
) -> None:
    """Mail the link to everything that is held about the person."""
    _send(
        session,
        "manage",
        publication,
        person,
        links,
        now,
        manage_url=links.manage(person.id, now),
        minutes=LIVES["manage"] // _MINUTE,
    )


def send_address_change(
    session: Session,
    person: model.Subscriber,
    publication: model.Publication,
    change: int,
    links: Links,
    now: datetime,
    *,
    new: bool,
) -> None:
    """Ask one side of a change of address, the ``new`` one or the old one, to agree."""
    _send(
        session,
        "address-change",
        publication,
        person,
        links,
        now,
        agree_url=links.agree(change, new=new, at=now),
        new=new,
        hours=LIVES["agree"] // _HOUR,
    )


def _send(
    session: Session,
    name: str,
    publication: model.Publication,
    person: model.Subscriber,
    links: Links,
    now: datetime,
    **facts: object,
) -> None:
    words = issues.write_notice(session, name, publication, person.language, links, **facts)
    deliveries.notify(session, publication.id, person.id, name, person.language, words, now)
