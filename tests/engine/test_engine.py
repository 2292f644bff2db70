"""The engine over a real relay: everyone is sent to, once, whatever the relay does."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import select

import make
from make import NOW
from newsletter import clock, deliveries, model
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.engine import Engine, Journal
from newsletter.issues.drafts import hash_of
from newsletter.links import Links
from newsletter.mail import Outcome, Verdict
from newsletter.model import DeliveryState, IssueState
from newsletter.smtp import RelayAddress, Timeouts
from relay import (
    RecordingRelay,
    ScriptedRelay,
    greylist_once,
    hang_up_before_dot_reply,
    refuse_recipient,
)

BRIEF = Timeouts(connect=5, greeting=5, command=5, data=5, content=5, final=5, quit=1, grace=1)


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    with Journal(settings.home / "sent.journal") as journal:
        yield journal


def publish(database: Database, readers: int, batch_size: int = 500) -> int:
    """Begin to send an issue to that many readers; return its number."""
    with database.transaction() as session:
        issue = make.issue(
            session,
            state=IssueState.SCHEDULED,
            due_at=NOW,
            latest_start=NOW,
            content_hash="not yet",
        )
        issue.content_hash = hash_of([make.content(session, issue_id=issue.id)])
        for number in range(readers):
            person = make.subscriber(session, f"reader{number}@example.org")
            make.subscription(session, publication_id=issue.publication_id, subscriber_id=person.id)
        session.flush()
        number = issue.id
    clock.tick(database, NOW, batch_size=batch_size)
    return number


def send(
    database: Database, journal: Journal, url: str, settings: Settings, now: datetime = NOW
) -> None:
    """Deliver every batch that is due at ``now``, then let the clock tick once."""

    async def deliver() -> None:
        links = Links(settings.base_url, settings.secret_key)
        async with Engine(
            database,
            RelayAddress.parse_all(url),
            journal,
            links,
            connections=5,
            timeouts=BRIEF,
            clock=lambda: now,
        ) as engine:
            while await engine.deliver_batch():
                pass

    asyncio.run(deliver())
    clock.tick(database, now, batch_size=500)


def states(database: Database, issue: int) -> list[DeliveryState]:
    with database.reading() as session:
        rows = select(model.Delivery.state).where(model.Delivery.issue_id == issue)
        return list(session.scalars(rows.order_by(model.Delivery.id)))


def state_of(database: Database, issue: int) -> IssueState:
    with database.reading() as session:
        return session.get_one(model.Issue, issue).state


def test_an_issue_reaches_everyone_once_and_is_sent(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=25, batch_size=10)
    with RecordingRelay() as relay:
        send(database, journal, relay.url, settings)
    assert sorted(recipient for _, recipient in relay.accepted) == sorted(
        f"reader{number}@example.org" for number in range(25)
    )
    assert state_of(database, issue) is IssueState.SENT
    assert states(database, issue) == [DeliveryState.SENT] * 25
    assert journal.recorded() == []


def test_each_reader_gets_a_link_of_their_own(
    database: Database, journal: Journal, settings: Settings
) -> None:
    publish(database, readers=5)
    with RecordingRelay() as relay:
        send(database, journal, relay.url, settings)
    mails = [message_from_bytes(mail.content) for mail in relay.mails]
    assert len({mail["List-Unsubscribe"] for mail in mails}) == 5
    assert len({mail["Message-ID"] for mail in mails}) == 5
    assert all(mail["To"] in mail_to.recipients for mail, mail_to in zip(mails, relay.mails))  # noqa: B905


def test_a_refused_reader_is_refused_and_the_others_are_sent(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=5)
    with ScriptedRelay(refuse_recipient("reader2@example.org")) as relay:
        send(database, journal, relay.url, settings)
    expected = [DeliveryState.SENT] * 5
    expected[2] = DeliveryState.REFUSED
    assert states(database, issue) == expected
    assert state_of(database, issue) is IssueState.SENT


def test_the_greylisted_are_sent_to_later_and_the_issue_waits_for_them(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=4)
    with ScriptedRelay(greylist_once) as relay:
        send(database, journal, relay.url, settings)
        assert states(database, issue) == [DeliveryState.QUEUED] * 4
        assert state_of(database, issue) is IssueState.SENDING
        send(database, journal, relay.url, settings, NOW + timedelta(minutes=6))
    assert states(database, issue) == [DeliveryState.SENT] * 4
    assert state_of(database, issue) is IssueState.SENT


def test_a_relay_that_is_down_costs_nobody_an_attempt(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=3)
    with RecordingRelay() as relay:
        url = relay.url
    send(database, journal, url, settings)
    assert states(database, issue) == [DeliveryState.QUEUED] * 3
    with RecordingRelay() as relay:
        send(database, journal, relay.url, settings, NOW + timedelta(minutes=1))
    assert states(database, issue) == [DeliveryState.SENT] * 3


def test_a_mail_whose_answer_was_lost_comes_again_under_the_same_name(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=1)
    with ScriptedRelay(hang_up_before_dot_reply) as relay:
        send(database, journal, relay.url, settings)
        seen = relay.accepted
    assert states(database, issue) == [DeliveryState.UNKNOWN]
    assert len({message_id for message_id, _ in seen}) <= 1


def test_what_a_killed_process_had_sent_is_not_sent_again(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=10)
    with database.transaction() as session:
        held = deliveries.claim(session, NOW)
    assert held is not None
    for parcel in held.parcels[:4]:
        journal.record(parcel.delivery, Outcome(Verdict.SENT, 250, "2.0.0 Ok"))
    # Here the process is killed: nothing settled, nothing released.
    with RecordingRelay() as relay:
        send(database, journal, relay.url, settings)
    assert len(relay.accepted) == 6
    assert states(database, issue) == [DeliveryState.SENT] * 10


def test_a_stopped_engine_takes_nothing_new_and_loses_nobody(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=40)

    async def stop_midway(relay: RecordingRelay) -> None:
        async with Engine(
            database,
            RelayAddress.parse_all(relay.url),
            journal,
            Links(settings.base_url, settings.secret_key),
            connections=2,
            timeouts=BRIEF,
            clock=lambda: NOW,
        ) as engine:
            working = asyncio.create_task(engine.run())
            while len(relay.mails) < 5:
                await asyncio.sleep(0.001)
            engine.stop()
            await working

    with RecordingRelay() as relay:
        asyncio.run(stop_midway(relay))
        sent_before = states(database, issue).count(DeliveryState.SENT)
        assert sent_before == len(relay.accepted) < 40
        send(database, journal, relay.url, settings)
    assert len(relay.accepted) == 40
    assert states(database, issue) == [DeliveryState.SENT] * 40
