"""Preferences: everything that a person asked for on one page, behind a link just mailed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import issues, model
from newsletter.errors import Invalid, LimitReached, NotFound
from newsletter.language import marked as _
from newsletter.links import Links
from newsletter.model import Frequency, SubscriptionState
from newsletter.subscriptions import leaving, letters, limits
from newsletter.subscriptions.people import kept_name
from newsletter.subscriptions.signing import home_of
from newsletter.subscriptions.states import Event
from newsletter.subscriptions.steps import (
    Line,
    begin,
    lift,
    locked_person,
    step,
    wishes_of,
)

FORM = "preferences"
"""What the consent log calls this page."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for of one publication; ``subscription`` is None where they never did."""

    publication: model.Publication
    subscription: int | None = None
    state: SubscriptionState | None = None
    frequency: Frequency = Frequency.EACH
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A person, and what they asked for of every publication there is, by name."""

    subscriber: int
    address: str
    name: str
    language: str
    wishes: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person asks for now of one publication."""

    wanted: bool
    frequency: Frequency = Frequency.EACH
    paused_until: datetime | None = None


def profile(session: Session, subscriber: int) -> Profile | None:
    """Return what a person asked for; None when they are gone."""
    person = session.get(model.Subscriber, subscriber)
    if person is None:
        return None
    mine = {
        wish.publication_id: wish
        for wish in session.scalars(
            select(model.Subscription).where(model.Subscription.subscriber_id == subscriber)
        )
    }
    wishes = []
    for publication in issues.publications(session):
        wish = mine.get(publication.id)
        wishes.append(
            Wish(publication, wish.id, wish.state, wish.frequency, wish.paused_until)
            if wish
            else Wish(publication)
        )
    return Profile(person.id, person.address, person.name, person.language, tuple(wishes))


def save(
    session: Session,
    subscriber: int,
    *,
    name: str,
    language: str,
    wishes: Mapping[int, Choice],
    now: datetime,
    links: Links,
) -> None:
    """Have it all as the person says, by the number of the publication; others stay as they are.

    What is newly wanted comes at once, with a welcome: the link has shown whose the address is.
    For a person who is gone it does nothing. Raises Invalid for a publication that there is not,
    and for a pause until a day that cannot be; then nothing is changed.
    """
    publications = {publication.id: publication for publication in issues.publications(session)}
    if not publications.keys() >= wishes.keys():
        raise Invalid("There is no such publication")
    for choice in wishes.values():
        if choice.wanted and choice.paused_until is not None:
            leaving.check_pause(choice.paused_until, now)
    person = locked_person(session, subscriber)
    if person is None:
        return
    person.name, person.language = kept_name(name), language or person.language
    mine = {wish.publication_id: wish for wish in wishes_of(session, [subscriber])}
    for number, choice in wishes.items():
        if choice.wanted:
            _want(session, person, publications[number], mine.get(number), choice, links, now)
        elif (wish := mine.get(number)) is not None:
            leaving.leave(session, wish.id, now, form=FORM)
    session.flush()


def _want(
    session: Session,
    person: model.Subscriber,
    publication: model.Publication,
    wish: model.Subscription | None,
    choice: Choice,
    links: Links,
    now: datetime,
) -> None:
    line = Line(FORM)
    welcome = _is_news(session, person, publication, now)
    if wish is None:
        wish = begin(session, person.id, publication.id, Event.WANT, now, line)
        fresh = True
    else:
        fresh = step(session, wish, Event.WANT, now, line)
    leaving.change_frequency(session, wish, choice.frequency, now, FORM)
    if choice.paused_until is None:
        step(session, wish, Event.RESUME, now, line)
    else:
        leaving.pause(session, wish.id, choice.paused_until, now, form=FORM)
    session.flush()
    if fresh:
        lift(session, person.digest)
        if welcome:
            letters.send_welcome(session, person, publication, wish.id, links, now)


def _is_news(
    session: Session, person: model.Subscriber, publication: model.Publication, now: datetime
) -> bool:
    """Tell whether a person has not just had the publication: a welcome a day is enough."""
    just_now = session.scalar(
        select(model.Consent.id)
        .where(
            model.Consent.subscriber_id == person.id,
            model.Consent.publication_id == publication.id,
            model.Consent.action.in_((Event.CONFIRM.value, Event.WANT.value)),
            model.Consent.at > now - timedelta(days=1),
        )
        .limit(1)
    )
    return just_now is None


def send_manage_link_for(session: Session, subscription: int, now: datetime, links: Links) -> None:
    """Mail the link to everything to whoever has the subscription, so many times a day at most.

    It goes to their address alone, whoever asks. For a subscription that is gone it does nothing.
    """
    wish = session.get(model.Subscription, subscription)
    if wish is None:
        return
    person = session.get_one(model.Subscriber, wish.subscriber_id)
    if _may_get(session, person, now, links):
        publication = session.get_one(model.Publication, wish.publication_id)
        letters.send_manage(session, person, publication, links, now)


def send_manage_link_to(session: Session, subscriber: int, now: datetime, links: Links) -> None:
    """Mail a person the link to everything about them, because an editor was asked for it.

    Raises NotFound; LimitReached when their mailbox has had enough of such mails for today.
    """
    person = session.get(model.Subscriber, subscriber)
    publications = {publication.id: publication for publication in issues.publications(session)}
    if person is None:
        raise NotFound
    wishes = session.scalars(
        select(model.Subscription).where(model.Subscription.subscriber_id == subscriber)
    ).all()
    home = home_of(wishes, publications)
    if home is None or not _may_get(session, person, now, links):
        raise LimitReached(
            _("So many mails of this kind went there today already. Try again tomorrow.")
        )
    letters.send_manage(session, person, home, links, now)


def _may_get(session: Session, person: model.Subscriber, now: datetime, links: Links) -> bool:
    (granted,) = limits.mails(session, [person.address], now, secret_key=links.secret_key)
    return granted
