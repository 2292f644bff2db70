"""An issue on its way, as a page shows it: rate, end, what waits and why."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import desk, model
from newsletter.database import Database
from newsletter.deliveries import rates, relays
from newsletter.model import DeliveryState, IssueState, ReasonKind
from signups import statements


def under_way(session: Session, **columns: Any) -> model.Issue:
    """Make an issue of which 600 of 1,000 are sent, 100 of the rest after a first try."""
    facts = {"state": IssueState.SENDING, "published_at": NOW, "tries_since": NOW}
    facts |= {"content_hash": "0" * 64, "audience": {"frozen": 1_000}}
    issue = make.issue(session, **(facts | columns))
    make.batch(session, issue_id=issue.id, last_delivery=1_000, sent=600, retrying=100)
    return issue


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_end_is_told_from_the_rate_and_from_what_waits_for_its_turn(session: Session) -> None:
    now = desk.sending(session, under_way(session), later(60))
    assert (now.tally.counts[DeliveryState.SENT], now.waiting, now.tally.retrying) == (
        600,
        300,
        100,
    )
    assert now.rate == 10
    assert now.ends_at == later(90)


def test_an_end_that_nobody_can_tell_is_not_told(session: Session) -> None:
    issue = under_way(session)
    assert desk.sending(session, issue, NOW).ends_at is None
    issue.tries_since = NOW - timedelta(days=300)
    issue.published_at = NOW - timedelta(days=300)
    make.waypoint(session, issue_id=issue.id, at=NOW - timedelta(minutes=2), sent=600)
    assert desk.sending(session, issue, NOW).ends_at is None


def test_outside_of_its_hours_it_says_when_they_come(session: Session) -> None:
    issue = under_way(session)
    monitor = session.get_one(model.Publication, issue.publication_id)
    monitor.window = "12:00-20:00"
    assert desk.sending(session, issue, NOW).opens_at == NOW + timedelta(hours=2)
    monitor.window = ""
    assert desk.sending(session, issue, NOW).opens_at is None


def test_when_all_that_are_left_wait_it_says_for_what(session: Session) -> None:
    issue = under_way(session)
    assert desk.sending(session, issue, later(1)).ready_at is None
    session.scalars(select(model.Batch)).one().due_at = later(300)
    session.flush()
    assert desk.sending(session, issue, later(1)).ready_at == later(300)


def test_troubles_are_shown_while_it_is_open(session: Session) -> None:
    issue = under_way(session)
    relays.trouble(session, "main", "421 Try again later", NOW)
    rates.throttle(session, "domain:mail.example", 4.0, NOW)
    rates.throttle(session, "relay:main", 4.0, NOW)
    now = desk.sending(session, issue, NOW)
    assert [relay.name for relay in now.troubled] == ["main"]
    assert [(each.name, each.per_second) for each in now.domains] == [("mail.example", 2.0)]
    assert now.slowed_relays == {"main": 2.0}
    issue.state, issue.finished_at = IssueState.SENT, NOW
    now = desk.sending(session, issue, NOW)
    assert now.is_over
    assert [*now.troubled, *now.domains, *now.slowed_relays] == []


def test_what_relays_say_is_shown_by_words_and_by_domain(session: Session) -> None:
    issue = under_way(session)
    known = {"issue_id": issue.id, "words": "450 Later"}
    make.reason(session, domain="canal.example", count=3, **known)
    make.reason(session, domain="river.example", count=5, **known)
    cancelled = {"domain": "", "words": "cancelled", "kind": ReasonKind.SKIPPED}
    make.reason(session, issue_id=issue.id, count=4, **cancelled)
    rates.throttle(session, "domain:canal.example", 4.0, NOW)
    now = desk.sending(session, issue, NOW)
    assert [(each.words, each.count, each.domains) for each in now.reasons] == [
        ("450 Later", 8, 2),
        ("cancelled", 4, 1),
    ]
    assert [(each.name, each.per_second) for each in now.domains] == [
        ("river.example", None),
        ("canal.example", 2.0),
    ]
    assert now.dropped == 4


def test_it_takes_a_handful_of_statements(session: Session, database: Database) -> None:
    issue = under_way(session)
    with statements(database) as seen:
        desk.sending(session, issue, later(30))
    assert len(seen) <= 10
