"""The engine over a real relay: everyone is sent to, once, whatever the relay does."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import clock, deliveries, issues, model
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.engine import Engine, Journal
from newsletter.errors import Conflict
from newsletter.issues.drafts import hash_of
from newsletter.links import Links
from newsletter.mail import Outcome, Verdict, parse_limits
from newsletter.model import DeliveryState, IssueState
from newsletter.rendering import Words
from newsletter.smtp import RelayAddress, Timeouts
from relay import (
    Act,
    Moment,
    RecordingRelay,
    ScriptedRelay,
    answer_slowly,
    at,
    greylist_once,
    hang_up_before_dot_reply,
    refuse,
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


def test_a_digest_reaches_those_who_asked_for_it_as_list_mail(
    database: Database, journal: Journal, settings: Settings
) -> None:
    links = Links(settings.base_url, settings.secret_key)
    with database.transaction() as session:
        publication = make.publication(session)
        article = make.article(session, publication_id=publication.id)
        last_week = NOW - timedelta(days=4)
        make.issue(
            session,
            article,
            state=IssueState.SENT,
            content_hash="sent",
            published_at=last_week,
        )
        for name, frequency in (("anna", "weekly"), ("jan", "each"), ("ewa", "weekly")):
            make.subscription(
                session,
                publication_id=publication.id,
                subscriber_id=make.subscriber(session, f"{name}@example.org").id,
                frequency=model.Frequency(frequency),
            )
        (period,) = issues.due_digests(session, NOW)
        digest = issues.digest(session, period, NOW, links)
        assert digest
        number, headline = digest.id, article.headline
    clock.tick(database, NOW, batch_size=500)
    with RecordingRelay() as relay:
        send(database, journal, relay.url, settings)
    assert sorted(recipient for _, recipient in relay.accepted) == [
        "anna@example.org",
        "ewa@example.org",
    ]
    assert state_of(database, number) is IssueState.SENT
    for mail in (message_from_bytes(each.content) for each in relay.mails):
        leave = mail["List-Unsubscribe"].split(">")[0].lstrip("<")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "November 2026" in str(make_header(decode_header(mail["Subject"])))
        text = mail.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
        assert leave in text
        assert headline in text


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


def engine(
    database: Database, journal: Journal, url: str, settings: Settings, **options: Any
) -> Engine:
    """Make an engine that goes by the constant clock."""
    return Engine(
        database,
        RelayAddress.parse_all(url),
        journal,
        Links(settings.base_url, settings.secret_key),
        **{"connections": 3, "timeouts": BRIEF, "clock": lambda: NOW, **options},
    )


@pytest.mark.parametrize("stop", [issues.pause, issues.cancel])
def test_a_pause_and_a_cancellation_take_effect_in_the_midst_of_a_batch(
    database: Database,
    journal: Journal,
    settings: Settings,
    stop: Callable[[Session, int, datetime], object],
) -> None:
    issue = publish(database, readers=400)

    async def intervene(relay: ScriptedRelay) -> None:
        async with engine(database, journal, relay.url, settings) as sender:
            batch = asyncio.create_task(sender.deliver_batch())
            while len(relay.mails) < 3:
                await asyncio.sleep(0.001)
            with database.transaction() as session:
                stop(session, issue, NOW)
            await batch

    with ScriptedRelay(answer_slowly("DOT", 0.05)) as relay:
        asyncio.run(intervene(relay))
        left = DeliveryState.QUEUED if stop is issues.pause else DeliveryState.SKIPPED
        sums = Counter(states(database, issue))
        assert sums == {DeliveryState.SENT: len(relay.accepted), left: 400 - len(relay.accepted)}
        assert len(relay.accepted) < 200
    clock.tick(database, NOW, batch_size=500)
    with database.transaction() as session:
        assert deliveries.progress(session, issue).counts == deliveries.tally(session, issue).counts
        if stop is issues.pause:
            issues.resume(session, issue, NOW)
        else:
            assert session.get_one(model.Issue, issue).finished_at == NOW
            assert issues.send_again(session, issue, [DeliveryState.SKIPPED], NOW) == sums[left]
    with RecordingRelay() as second:
        send(database, journal, second.url, settings)
    assert len(second.accepted) == sums[left]
    assert state_of(database, issue) is IssueState.SENT


def test_the_refused_get_another_try_and_the_suppressed_do_not(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=3)
    reply = {
        "reader1@example.org": "550 5.1.1 No such user",
        "reader2@example.org": "552 5.2.2 Full",
    }

    def script(moment: Moment) -> Act | None:
        return (
            Act(reply[moment.recipient])
            if moment.step == "RCPT" and moment.recipient in reply
            else None
        )

    with ScriptedRelay(script) as relay:
        send(database, journal, relay.url, settings)
    with database.transaction() as session:
        assert issues.send_again(session, issue, [DeliveryState.REFUSED], NOW) == 2
    with ScriptedRelay() as relay:
        send(database, journal, relay.url, settings)
    assert [recipient for _, recipient in relay.accepted] == ["reader2@example.org"]
    assert states(database, issue) == [
        DeliveryState.SENT,
        DeliveryState.SKIPPED,
        DeliveryState.SENT,
    ]
    assert state_of(database, issue) is IssueState.SENT


def test_a_relay_that_refuses_us_pauses_the_issue_and_says_why(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=400, batch_size=100)
    with ScriptedRelay(refuse(554, "5.7.1 Your sender is blocked")) as relay:
        send(database, journal, relay.url, settings)
        # The relay is given time after the first batch that it refused.
        send(database, journal, relay.url, settings, NOW + timedelta(minutes=1))
    with database.reading() as session:
        stopped = session.get_one(model.Issue, issue)
        assert stopped.state is IssueState.PAUSED
        assert "554 5.7.1 Your sender is blocked" in issues.say_obstacle(stopped.held, "en")
        assert not session.scalars(select(model.Suppression)).all()
    assert states(database, issue).count(DeliveryState.REFUSED) < 60


def test_a_relay_that_does_not_let_us_in_pauses_the_issue(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=3)
    moments = [NOW + timedelta(minutes=minute) for minute in (0, 5, 10)]

    async def deliver(url: str) -> None:
        now = moments[:1]
        async with engine(database, journal, url, settings, clock=lambda: now[0]) as sender:
            for now[0] in moments:
                await sender.deliver_batch()

    with RecordingRelay(user="institute", password="right") as relay:
        asyncio.run(deliver(relay.url.replace("smtp://", "smtp://institute:wrong@")))
    with database.reading() as session:
        stopped = session.get_one(model.Issue, issue)
        assert stopped.state is IssueState.PAUSED
        assert "does not let us in" in issues.say_obstacle(stopped.held, "en")
    assert states(database, issue) == [DeliveryState.QUEUED] * 3


def test_a_mail_in_doubt_is_held_where_the_publication_says_so(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=1)
    with database.transaction() as session:
        session.scalars(select(model.Publication)).one().hold_unknown = True
    with ScriptedRelay(hang_up_before_dot_reply) as relay:
        send(database, journal, relay.url, settings)
        assert len(relay.accepted) == 1
    assert states(database, issue) == [DeliveryState.UNKNOWN]
    assert state_of(database, issue) is IssueState.SENT


def test_what_was_on_the_wire_at_a_kill_is_held_too(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=3)
    with database.transaction() as session:
        session.scalars(select(model.Publication)).one().hold_unknown = True
        held = deliveries.claim(session, NOW)
    assert held is not None
    journal.begin(held.parcels[0].delivery)
    journal.begin(held.parcels[1].delivery)
    journal.record(held.parcels[0].delivery, Outcome(Verdict.SENT, 250, "2.0.0 Ok"))
    with RecordingRelay() as relay:
        send(database, journal, relay.url, settings)
    assert states(database, issue) == [
        DeliveryState.SENT,
        DeliveryState.UNKNOWN,
        DeliveryState.SENT,
    ]
    assert len(relay.accepted) == 1


def test_relays_share_by_weight(database: Database, journal: Journal, settings: Settings) -> None:
    issue = publish(database, readers=40)
    with RecordingRelay() as first, RecordingRelay() as second:
        url = f"{first.url}?weight=3&name=a {second.url}?weight=1&name=b"
        send(database, journal, url, settings)
    assert (len(first.accepted), len(second.accepted)) == (30, 10)
    assert states(database, issue) == [DeliveryState.SENT] * 40


def test_a_relay_that_is_down_leaves_its_share_to_the_other(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=20)
    with RecordingRelay() as down:
        gone = down.url
    with RecordingRelay() as relay:
        send(database, journal, f"{gone}?name=a {relay.url}?name=b", settings)
    assert len(relay.accepted) == 20
    assert states(database, issue) == [DeliveryState.SENT] * 20


def test_a_relay_that_is_down_does_not_spend_the_rates(
    database: Database, journal: Journal, settings: Settings
) -> None:
    publish(database, readers=20)
    limits = parse_limits("example.org=25/day")

    async def deliver(url: str) -> None:
        async with engine(database, journal, url, settings, limits=limits) as sender:
            await sender.deliver_batch()

    with RecordingRelay() as down:
        gone = down.url
    asyncio.run(deliver(f"{gone}?name=a&warmup=20"))
    with RecordingRelay() as relay:
        # The first day's twenty of the warm-up, and of the domain's day, are still to be had.
        with database.transaction() as session:
            session.execute(update(model.Relay).values(resting_until=None, failures=0))
            session.execute(update(model.Batch).values(due_at=NOW))
            session.execute(update(model.Delivery).values(due_at=None))
        asyncio.run(deliver(f"{relay.url}?name=a&warmup=20"))
    assert len(relay.accepted) == 20


def test_a_relay_bound_to_other_publications_carries_nothing(
    database: Database, journal: Journal, settings: Settings
) -> None:
    publish(database, readers=5)
    with RecordingRelay() as bound, RecordingRelay() as free:
        url = f"{bound.url}?publications=another-monitor&name=a {free.url}?name=b"
        send(database, journal, url, settings)
    assert (len(bound.accepted), len(free.accepted)) == (0, 5)


def test_rates_hold_back_what_goes_beyond_them_and_it_leaves_later(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=25)
    with RecordingRelay() as relay:
        url = f"{relay.url}?rate=10/min"
        send(database, journal, url, settings)
        assert len(relay.accepted) == 10
        moment = NOW
        for _ in range(60):
            moment += timedelta(seconds=10)
            send(database, journal, url, settings, moment)
            allowed = 10 + (moment - NOW) / timedelta(minutes=1) * 10
            assert len(relay.accepted) <= allowed
            if state_of(database, issue) is IssueState.SENT:
                break
    assert len(relay.accepted) == 25
    assert moment < NOW + timedelta(minutes=4)


def test_a_domain_has_its_own_rate_and_its_own_few_connections(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=12)
    limits = parse_limits("example.org=5/min,connections=1")

    async def deliver(url: str) -> None:
        async with engine(database, journal, url, settings, limits=limits) as sender:
            while await sender.deliver_batch():
                pass

    with RecordingRelay() as relay:
        asyncio.run(deliver(relay.url))
    assert (len(relay.accepted), relay.connections) == (5, 1)
    assert Counter(states(database, issue)) == {DeliveryState.SENT: 5, DeliveryState.QUEUED: 7}


def test_a_storm_of_451_slows_its_domain_down(
    database: Database, journal: Journal, settings: Settings
) -> None:
    publish(database, readers=20)
    with ScriptedRelay(at("RCPT", Act("451 4.3.2 Slow down"))) as relay:
        send(database, journal, relay.url, settings)
    with database.reading() as session:
        assert [pace.key for pace in session.scalars(select(model.Pace))] == ["domain:example.org"]


def test_an_issue_waits_for_its_publications_hours(
    database: Database, journal: Journal, settings: Settings
) -> None:
    issue = publish(database, readers=2)
    with database.transaction() as session:
        session.scalars(select(model.Publication)).one().window = "12:00-20:00"
    with RecordingRelay() as relay:
        send(database, journal, relay.url, settings)  # at 10:00 in Warsaw
        assert states(database, issue) == [DeliveryState.QUEUED] * 2
        send(database, journal, relay.url, settings, NOW + timedelta(hours=2))
    assert states(database, issue) == [DeliveryState.SENT] * 2


def test_a_notice_goes_before_an_issue(
    database: Database, journal: Journal, settings: Settings
) -> None:
    publish(database, readers=3)
    with database.transaction() as session:
        person = make.subscriber(session, "new@example.org")
        publication = session.scalars(select(model.Publication.id)).one()
        words = Words("Was it you?", "<!doctype html><p>Was it you?</p>", "Was it you?\n")
        notice = deliveries.notify(session, publication, person.id, "confirm", "en", words, NOW)
    with RecordingRelay() as relay:
        send(database, journal, relay.url, settings)
    assert relay.accepted[0][1] == "new@example.org"
    assert len(relay.accepted) == 4
    with database.reading() as session:
        assert session.get_one(model.Delivery, notice).state is DeliveryState.SENT


def test_what_has_not_come_to_its_end_cannot_be_sent_again(database: Database) -> None:
    issue = publish(database, readers=1)
    with database.transaction() as session:
        with pytest.raises(Conflict, match="sending"):
            issues.send_again(session, issue, [DeliveryState.REFUSED], NOW)
        with pytest.raises(Conflict, match="only a paused issue"):
            issues.resume(session, issue, NOW)
        issues.cancel(session, issue, NOW)
        with pytest.raises(Conflict, match="cancelled already"):
            issues.cancel(session, issue, NOW)
