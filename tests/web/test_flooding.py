"""Five hundred sign-ups at once, from one network or to one mailbox: few mails come of them."""

import itertools
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from newsletter import clock, model
from newsletter.database import Database
from newsletter.subscriptions import limits
from newsletter.web import challenge
from web.conftest import Site
from web.forms import sign_ups, solved
from web.test_subscribing import BROWSER, ONE

FORMS = 500
THREADS = 16
LONGEST = 60
"""Seconds that the flood may take on a machine that has much else to do; one or two as a rule."""

HOURLY = next(rate.count for rate in limits.NETWORK if rate.seconds == 3600)
DAILY = limits.MAILBOX[0].count


@pytest.fixture(autouse=True)
def _easy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set challenges that cost a robot nothing: as if it had the machines for them."""
    monkeypatch.setattr(challenge, "COST", 1)
    monkeypatch.setattr(challenge, "LEAST_STEPS", 1)
    monkeypatch.setattr(challenge, "MOST_STEPS", 2)


def flood(app: Flask, senders: Sequence[tuple[str, str]]) -> Counter[int]:
    """Send a form for each network's machine and address at once; count the answers by status."""
    keys = [solved(app.test_client()) for _ in senders]

    def send(sender: tuple[str, str], key: str) -> int:
        machine, address = sender
        return (
            app.test_client()
            .post(
                ONE,
                data={"email": address, "altcha": key, "sure": "yes"},
                headers=BROWSER,
                environ_base={"REMOTE_ADDR": machine},
            )
            .status_code
        )

    start = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as threads:
        answers = Counter(threads.map(send, senders, keys))
    assert time.perf_counter() - start < LONGEST
    return answers


def mails(database: Database, site: Site) -> list[str]:
    """Have all forms answered; return to whom mails lie in the outbox, once for each."""
    now = datetime.now(UTC)
    clock.tend(database, now, site.links)
    assert sign_ups(database) == []
    with database.reading() as session:
        rows = (
            select(model.Subscriber.address)
            .join(model.Delivery, model.Delivery.subscriber_id == model.Subscriber.id)
            .where(model.Delivery.issue_id.is_(None))
        )
        return sorted(session.scalars(rows))


def test_one_network_gets_so_many_mails_sent_and_no_more(
    app: Flask, site: Site, database: Database
) -> None:
    machines = itertools.cycle(f"203.0.113.{number}" for number in range(1, 255))
    readers = [f"reader{number}@example.org" for number in range(FORMS)]
    answers = flood(app, list(zip(machines, readers, strict=False)))
    assert answers == {200: HOURLY, 429: FORMS - HOURLY}
    sent = mails(database, site)
    assert len(sent) == len(set(sent)) == HOURLY


def test_a_long_address_of_the_sixth_protocol_is_one_network_too(
    app: Flask, site: Site, database: Database
) -> None:
    readers = [(f"2001:db8:7:{n:x}::1", f"reader{n}@example.org") for n in range(100)]
    assert flood(app, readers)[200] == HOURLY
    assert len(mails(database, site)) == HOURLY


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_one_mailbox_is_not_bombed_from_many_networks(
    app: Flask, site: Site, database: Database
) -> None:
    spellings = itertools.cycle(("anna@example.org", "Anna@example.org", "anna+x@example.org"))
    machines = [f"198.{18 + number // 250}.{number % 250}.7" for number in range(FORMS)]
    answers = flood(app, list(zip(machines, spellings, strict=False)))
    assert answers == {200: FORMS}, "nobody learns that it was too much"
    sent = mails(database, site)
    assert 0 < len(sent) <= DAILY
    assert {address.lower().replace("+x", "") for address in sent} == {"anna@example.org"}
    again = [f"198.{18 + number // 250}.{number % 250}.8" for number in range(50)]
    flood(app, list(zip(again, spellings, strict=False)))
    assert len(mails(database, site)) <= DAILY


def test_a_robot_that_solves_nothing_comes_to_nothing(
    app: Flask, site: Site, database: Database
) -> None:
    key = solved(app.test_client())
    for said in ({}, {"altcha": "made up"}, {"altcha": key, "homepage": "x"}):
        answer = app.test_client().post(ONE, data={"email": "a@example.org", **said})
        assert answer.status_code == 200
    assert mails(database, site) == []


def test_a_solved_challenge_is_good_for_one_of_many_at_once(
    app: Flask, site: Site, database: Database
) -> None:
    key = solved(app.test_client())

    def send(number: int) -> int:
        form = {"email": f"reader{number}@example.org", "altcha": key}
        machine = {"REMOTE_ADDR": f"198.18.{number}.7"}
        return app.test_client().post(ONE, data=form, environ_base=machine).status_code

    with ThreadPoolExecutor(THREADS) as threads:
        assert set(threads.map(send, range(60))) == {200}
    assert len(mails(database, site)) == 1
