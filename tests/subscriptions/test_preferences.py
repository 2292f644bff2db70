"""Preferences: everything at once, in the person's own words."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model, subscriptions
from newsletter.errors import Invalid
from newsletter.model import Frequency, SubscriptionState
from newsletter.subscriptions import Choice, Wish
from signups import LINKS, log, mails, reader, sign_up, wish

LATER, UNTIL = NOW + timedelta(days=2), NOW + timedelta(days=30)


def save(
    session: Session, person: model.Subscriber, wishes: dict[int, Choice], **said: str
) -> None:
    words = {"name": "Anna", "language": "en"} | said
    subscriptions.save(
        session,
        person.id,
        name=words["name"],
        language=words["language"],
        wishes=wishes,
        now=LATER,
        links=LINKS,
    )


def test_a_profile_has_every_publication_also_those_never_asked_for(session: Session) -> None:
    mine, other = make.publication(session, name="A"), make.publication(session, name="B")
    person = reader(session, mine)
    shown = subscriptions.profile(session, person.id)
    assert shown is not None
    assert (shown.address, shown.name, shown.language) == ("anna@example.org", "Anna", "en")
    number = wish(session, person, mine).id
    assert shown.wishes == (
        Wish(mine, number, SubscriptionState.ACTIVE, Frequency.EACH, None),
        Wish(other, None, None, Frequency.EACH, None),
    )


def test_a_person_who_is_gone_has_no_profile(session: Session) -> None:
    assert subscriptions.profile(session, 4711) is None
    subscriptions.save(session, 4711, name="", language="", wishes={}, now=LATER, links=LINKS)


def test_everything_is_saved_at_once(session: Session) -> None:
    left, new, less, still = (make.publication(session) for _ in range(4))
    person = reader(session, left, less, still)
    save(
        session,
        person,
        {
            left.id: Choice(wanted=False),
            new.id: Choice(wanted=True, frequency=Frequency.MONTHLY),
            less.id: Choice(wanted=True, frequency=Frequency.WEEKLY, paused_until=UNTIL),
        },
        name="  Anna   Nowak ",
        language="pl",
    )
    session.refresh(person)
    assert (person.name, person.language) == ("Anna Nowak", "pl")
    found = {each.id: wish(session, person, each) for each in (left, new, less, still)}
    assert {number: (one.state.value, one.frequency.value) for number, one in found.items()} == {
        left.id: ("unsubscribed", "each"),
        new.id: ("active", "monthly"),
        less.id: ("paused", "weekly"),
        still.id: ("active", "each"),
    }
    assert found[less.id].paused_until == UNTIL
    assert log(session)[6:] == [
        "left preferences",
        "wanted preferences",
        "frequency preferences",
        "frequency preferences",
        "paused preferences",
    ]


def test_what_is_newly_wanted_comes_with_a_welcome_and_what_is_dropped_without_a_goodbye(
    session: Session,
) -> None:
    mine, new = make.publication(session), make.publication(session)
    person = reader(session, mine)
    before = len(mails(session))
    for wanted in (True, False, True, False):
        save(session, person, {mine.id: Choice(False), new.id: Choice(wanted)})
    assert mails(session)[before:] == ["welcome"]


def test_saving_the_same_again_changes_and_logs_nothing(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    chosen = {publication.id: Choice(True, Frequency.WEEKLY, UNTIL)}
    save(session, person, chosen)
    said = log(session)
    save(session, person, chosen)
    assert log(session) == said


def test_no_pause_ends_the_pause(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    save(session, person, {publication.id: Choice(True, paused_until=UNTIL)})
    save(session, person, {publication.id: Choice(True)})
    assert wish(session, person, publication).state is SubscriptionState.ACTIVE


def test_what_waits_for_confirmation_is_confirmed_by_choosing_it(session: Session) -> None:
    publication = make.publication(session)
    person = sign_up(session, publication)
    assert person is not None
    save(session, person, {publication.id: Choice(True)})
    assert wish(session, person, publication).state is SubscriptionState.ACTIVE
    assert mails(session) == ["confirm", "welcome"]


def test_what_cannot_be_changes_nothing(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    said = log(session)
    for wishes in (
        {publication.id: Choice(False), 4711: Choice(True)},
        {publication.id: Choice(True, Frequency.WEEKLY, NOW - timedelta(days=1))},
    ):
        with pytest.raises(Invalid):
            save(session, person, wishes, name="Bertha")
    session.refresh(person)
    assert person.name == "Anna"
    assert log(session) == said
