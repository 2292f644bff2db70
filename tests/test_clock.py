"""The clock: each second what people sent in is answered, each hour the house is tidied."""

import time
from datetime import timedelta

from sqlalchemy import select

import make
from make import NOW
from newsletter import clock, model
from newsletter.database import Database
from newsletter.model import SubscriptionState
from signups import LINKS, ask, form, mails, sign_up, size


def test_all_forms_are_answered_and_all_sleepers_woken(database: Database) -> None:
    with database.transaction() as session:
        publication = make.publication(session)
        for number in range(clock.FORMS + 5):
            address = f"reader{number}@place{number}.example"
            ask(session, form(publication, address=address), network=f"2001:db8:{number:x}::/48")
        paused = make.subscription(
            session, state=SubscriptionState.PAUSED, paused_until=NOW - timedelta(seconds=1)
        ).id
    clock.tend(database, NOW, LINKS)
    with database.reading() as session:
        assert size(session, model.SignUp) == 0
        assert len(mails(session)) == clock.FORMS + 5
        woken = session.get_one(model.Subscription, paused)
        assert woken.state is SubscriptionState.ACTIVE


def test_what_was_never_confirmed_is_tidied_away(database: Database) -> None:
    with database.transaction() as session:
        sign_up(session, make.publication(session))
    clock.tidy(database, NOW + timedelta(days=30))
    with database.reading() as session:
        assert size(session, model.Subscriber) == 0


def test_a_form_is_answered_within_seconds_and_what_is_over_goes_at_the_start(
    database: Database,
) -> None:
    with database.transaction() as session:
        sign_up(session, make.publication(session), address="old@example.org")
        ask(session, form(make.publication(session)))
    month = NOW + timedelta(days=30)
    with clock.ticking(database, LINKS, batch_size=500, clock=lambda: month):
        patience = time.monotonic() + 30
        done = False
        while not done and time.monotonic() < patience:
            time.sleep(0.1)
            with database.reading() as session:
                people = set(session.scalars(select(model.Subscriber.address)))
            done = people == {"anna@example.org"}
    assert done
