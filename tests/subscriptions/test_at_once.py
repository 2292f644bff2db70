"""Several at once: workers, clicks, and the engine meanwhile."""

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import deliveries, model, subscriptions
from newsletter.database import Database
from newsletter.errors import LimitReached
from newsletter.model import DeliveryState, SubscriptionState
from newsletter.subscriptions import Choice, Form
from signups import LINKS, ask, form, log, mails, reader, sign_up, size, work_off

T = TypeVar("T")


def at_once(database: Database, *deeds: Callable[[Session], T]) -> Sequence[T]:
    """Do all ``deeds`` at the same moment, each in a transaction of its own."""
    start = threading.Barrier(len(deeds))

    def do(deed: Callable[[Session], T]) -> T:
        start.wait()
        with database.transaction() as session:
            return deed(session)

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(do, deeds))


def test_two_workers_share_out_the_forms_and_make_each_person_once(database: Database) -> None:
    with database.transaction() as session:
        publication = make.publication(session)
        for number in range(60):
            address = f"reader{number % 20}@example.org"
            ask(session, form(publication, address=address), network=f"2001:db8:{number:x}::/48")
    done = 0
    while worked := at_once(database, *[lambda session: work_off(session, limit=7)] * 3):
        done += sum(worked)
        if not any(worked):
            break
    assert done == 60
    with database.reading() as session:
        assert size(session, model.SignUp) == 0
        assert size(session, model.Subscriber) == size(session, model.Subscription) == 20
        per_person = select(func.count()).select_from(model.Delivery)
        sent = session.scalars(per_person.group_by(model.Delivery.subscriber_id)).all()
        assert len(sent) == 20
        assert max(sent) <= 3


def test_three_workers_send_one_address_no_more_than_its_mails(database: Database) -> None:
    with database.transaction() as session:
        publication = make.publication(session)
        for number in range(40):
            ask(session, form(publication), network=f"2001:db8:{number:x}::/48")
    while any(at_once(database, *[lambda session: work_off(session, limit=2)] * 3)):
        pass
    with database.reading() as session:
        assert mails(session) == ["confirm"] * 3


def test_a_button_pressed_twice_at_once_is_pressed_once(database: Database) -> None:
    with database.transaction() as session:
        publication = make.publication(session)
        person = sign_up(session, publication)
        assert person is not None
        number = person.id
    found = at_once(
        database,
        *[
            lambda session: [
                each.slug for each in subscriptions.confirm(session, number, NOW, LINKS)
            ]
        ]
        * 4,
    )
    with database.reading() as session:
        assert mails(session) == ["confirm", "welcome"]
        assert log(session) == ["asked page", "confirmed page"]
        slugs = session.scalars(select(model.Publication.slug)).all()
    assert found == [slugs] * 4


def test_who_leaves_while_their_batch_is_claimed_has_left(database: Database) -> None:
    with database.transaction() as session:
        publication = make.publication(session)
        people = [make.subscriber(session) for _ in range(30)]
        wishes = [
            make.subscription(session, subscriber_id=one.id, publication_id=publication.id).id
            for one in people
        ]
        issue = make.issue(
            session,
            publication_id=publication.id,
            state=model.IssueState.SENDING,
            content_hash="0" * 64,
            published_at=NOW,
            tries_since=NOW,
        )
        content = make.content(session, issue_id=issue.id)
        deliveries.freeze(session, issue, content.id, NOW, batch_size=10)

    def leave(session: Session) -> int:
        left = [
            subscriptions.leave(session, number, NOW, form="one-click") for number in wishes[::3]
        ]
        return len(left)

    def claim(session: Session) -> int:
        held = deliveries.claim(session, NOW)
        return len(held.parcels) if held else 0

    _, *claimed = at_once(database, leave, claim, claim, claim)
    with database.reading() as session:
        states = select(model.Subscription.state).where(model.Subscription.id.in_(wishes[::3]))
        assert set(session.scalars(states)) == {SubscriptionState.UNSUBSCRIBED}
        found = session.execute(
            select(model.Delivery.state, model.Delivery.words, func.count()).group_by(
                model.Delivery.state, model.Delivery.words
            )
        )
        ends = {(state, words): count for state, words, count in found}
    skipped = ends.pop((DeliveryState.SKIPPED, "unsubscribed"), 0)
    assert ends == {(DeliveryState.SENDING, None): sum(claimed)}
    assert skipped + sum(claimed) == 30
    assert skipped <= 10


def test_both_sides_of_a_change_agree_at_once_and_it_is_made_once(database: Database) -> None:
    with database.transaction() as session:
        person = reader(session, make.publication(session))
        subscriptions.ask_address_change(
            session, person.id, "anna@elsewhere.example", NOW, LINKS, secret_key=SECRET_KEY
        )
        change = session.scalars(select(model.AddressChange.id)).one()
    answers = at_once(
        database,
        lambda session: subscriptions.agree(session, change, True, NOW),
        lambda session: subscriptions.agree(session, change, False, NOW),
    )
    assert set(answers) == {False, True}
    with database.reading() as session:
        assert session.scalars(select(model.Subscriber.address)).all() == ["anna@elsewhere.example"]
        assert log(session).count("moved address-change") == 1


def test_nobody_is_forgotten_who_comes_back_at_that_moment(database: Database) -> None:
    later = NOW + timedelta(days=40)
    with database.transaction() as session:
        publication = make.publication(session)
        make.subscriber(session, "anna@example.org")  # without any subscription
        ask(session, form(publication))
    with ThreadPoolExecutor(1) as thread:
        with database.transaction() as session:
            work_off(session, later)

            def purge() -> None:
                with database.transaction() as another:
                    subscriptions.purge(another, later)

            purging = thread.submit(purge)
            # On PostgreSQL it ends here, and leaves out whom we hold; on SQLite it waits for us.
            threading.Event().wait(0.3)
        purging.result(timeout=20)
    with database.reading() as session:
        assert size(session, model.Subscriber) == size(session, model.Subscription) == 1


def test_adding_one_person_twice_at_once_adds_them_once(database: Database) -> None:
    with database.transaction() as session:
        number = make.publication(session).id

    def add(session: Session) -> int:
        publication = session.get_one(model.Publication, number)
        return subscriptions.add(
            session, publication, "anna@example.org", NOW, secret_key=SECRET_KEY
        ).id

    assert len(set(at_once(database, *[add] * 4))) == 1


def test_whatever_people_do_at_once_nobody_waits_in_a_circle(database: Database) -> None:
    """Deeds that lock in different orders would be broken up by PostgreSQL with an error."""
    with database.transaction() as session:
        both = [make.publication(session).id for _ in range(2)]
    addresses = [f"reader{number}@example.org" for number in range(4)]
    rounds = 12

    def person(session: Session, chance: random.Random) -> int:
        known = session.scalars(select(model.Subscriber.id)).all()
        return chance.choice(known) if known else 0

    def wish(session: Session, chance: random.Random) -> int:
        known = session.scalars(select(model.Subscription.id)).all()
        return chance.choice(known) if known else 0

    def choices(chance: random.Random) -> dict[int, Choice]:
        return {number: Choice(chance.random() < 0.7) for number in both}

    deeds: list[Callable[[Session, random.Random, datetime], object]] = [
        lambda session, chance, now: subscriptions.ask(
            session,
            Form(chance.choice(addresses), tuple(both), "en"),
            now,
            secret_key=SECRET_KEY,
            network=f"2001:db8:{chance.randrange(60000):x}::/48",
        ),
        lambda session, _, now: work_off(session, now, limit=5),
        lambda session, chance, now: subscriptions.confirm(
            session, person(session, chance), now, LINKS
        ),
        lambda session, chance, now: subscriptions.leave(
            session, wish(session, chance), now, form="page", links=LINKS
        ),
        lambda session, chance, now: subscriptions.pause(
            session, wish(session, chance), now + timedelta(minutes=1), now, form="page"
        ),
        lambda session, chance, now: subscriptions.save(
            session,
            person(session, chance),
            name="",
            language="en",
            wishes=choices(chance),
            now=now,
            links=LINKS,
        ),
        lambda session, chance, now: subscriptions.ask_address_change(
            session,
            person(session, chance),
            chance.choice(addresses),
            now,
            LINKS,
            secret_key=SECRET_KEY,
        ),
        lambda session, chance, now: subscriptions.agree(
            session,
            session.scalar(select(func.max(model.AddressChange.id))) or 0,
            chance.random() < 0.5,
            now,
        ),
        lambda session, chance, now: subscriptions.erase(session, person(session, chance), now),
        lambda session, _, now: subscriptions.wake(session, now),
        lambda session, _, now: subscriptions.purge(session, now + timedelta(days=20)),
    ]

    def live(seed: int) -> int:
        chance = random.Random(seed)
        for turn in range(rounds * len(deeds)):
            deed = chance.choice(deeds)
            with suppress(LimitReached), database.transaction() as session:
                deed(session, chance, NOW + timedelta(days=turn))
        return rounds

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(live, range(4))) == [rounds] * 4
    with database.reading() as session:
        assert size(session, model.Consent) > 0
