from datetime import datetime, timedelta

from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, desk
from newsletter.deliveries import relays
from newsletter.desk import ALLOWED, Permission, may
from newsletter.model import DeliveryState, IssueState, Role, SubscriptionState


def test_every_permission_is_someones_and_always_the_owners() -> None:
    assert ALLOWED.keys() == set(Permission)
    assert all(may(Role.OWNER, each) for each in Permission)
    assert not may(Role.WRITER, Permission.TEAM)


def test_an_empty_house_has_nothing_to_do(session: Session) -> None:
    today = desk.today(session, NOW)
    assert [*today.sending, *today.waiting, *today.scheduled, *today.sent, *today.troubled] == []
    assert desk.audiences(session, NOW) == []
    assert str(today.zone) == "UTC"


def test_issues_stand_where_they_are(session: Session) -> None:
    monitor = make.publication(session, name="Canals", zone="Europe/Warsaw")
    known = {"publication_id": monitor.id, "content_hash": "0" * 64}
    make.issue(session, **known)
    for subject, hours in (("second", 2), ("first", 1)):
        due = NOW + timedelta(hours=hours)
        make.issue(session, subject=subject, state=IssueState.SCHEDULED, due_at=due, **known)
    make.issue(session, subject="held", state=IssueState.SCHEDULED, held="Too late", **known)
    make.issue(session, subject="paused", state=IssueState.PAUSED, held="Refused", **known)
    sent = [make.issue(session, state=IssueState.SENT, due_at=NOW, **known) for _ in range(6)]
    today = desk.today(session, NOW)
    assert [line.subject for line in today.scheduled] == ["first", "second"]
    assert [(line.subject, line.held) for line in today.waiting] == [
        ("paused", "Refused"),
        ("held", "Too late"),
    ]
    assert [line.id for line in today.sent] == [each.id for each in reversed(sent)][:5]
    first = today.scheduled[0]
    assert first.publication == "Canals"
    assert first.due_at is not None
    assert (first.due_at.hour, str(first.due_at.tzinfo)) == (11, "Europe/Warsaw")


def test_what_is_being_sent_is_summed_up(session: Session) -> None:
    issue = make.issue(
        session,
        state=IssueState.SENDING,
        content_hash="0" * 64,
        published_at=NOW,
        audience={"frozen": 100},
    )
    make.batch(session, issue_id=issue.id, last_delivery=100, sent=60, refused=3, skipped=1)
    (line,) = desk.today(session, NOW).sending
    assert (line.total, line.done) == (100, 64)
    assert line.counts[DeliveryState.SENT] == 60


def test_a_relay_is_named_as_long_as_it_is_in_trouble(session: Session) -> None:
    relays.trouble(session, "primary", "It does not answer", NOW)
    make.relay(session, name="quiet")
    (state,) = desk.today(session, NOW).troubled
    assert (state.name, state.words) == ("primary", "It does not answer")
    relays.well(session, "primary")
    assert desk.today(session, NOW).troubled == []


def count(session: Session, now: datetime) -> bool:
    """Count who gets what as the clock does; tell whether that was needed."""
    sizes = desk.count_sizes(session, now)
    if sizes:
        desk.note_sizes(session, sizes, now)
    return sizes is not None


def test_who_gets_a_publication_is_counted_by_its_state(session: Session) -> None:
    monitor = make.publication(session, name="Canals")
    make.publication(session, name="Rivers")
    for state in (SubscriptionState.ACTIVE, SubscriptionState.ACTIVE, *SubscriptionState):
        make.subscription(session, publication_id=monitor.id, state=state)
    count(session, NOW)
    canals, rivers = desk.audiences(session, NOW)
    assert (canals.name, canals.active, canals.paused) == ("Canals", 3, 1)
    assert (rivers.name, rivers.active, rivers.paused) == ("Rivers", 0, 0)


def test_the_desk_tells_the_time_of_most_publications(session: Session) -> None:
    make.publication(session, zone="Asia/Tokyo")
    for _ in range(2):
        make.publication(session, zone="Europe/Warsaw")
    assert str(desk.house_zone(session)) == "Europe/Warsaw"


def test_what_awaits_approval_or_is_in_doubt_needs_someone(session: Session) -> None:
    make.issue(session)
    assert not desk.today(session, NOW).needs_someone
    make.issue(session, subject="submitted", submitted_at=NOW)
    fresh, old = NOW - timedelta(days=1), NOW - timedelta(days=15)
    for subject, unknown, finished in (("sure", 0, fresh), ("doubtful", 3, fresh), ("old", 3, old)):
        issue = make.issue(
            session,
            subject=subject,
            state=IssueState.SENT,
            content_hash="0" * 64,
            published_at=finished,
            finished_at=finished,
            due_at=finished,
            audience={"frozen": 10},
        )
        make.batch(session, issue_id=issue.id, last_delivery=10, sent=10 - unknown, unknown=unknown)
    today = desk.today(session, NOW)
    assert [line.subject for line in today.awaiting] == ["submitted"]
    assert [line.subject for line in today.doubtful] == ["doubtful"]
    assert today.needs_someone


def test_the_sums_of_several_issues_are_those_of_each(session: Session) -> None:
    known = {"content_hash": "0" * 64, "audience": {"frozen": 20}, "published_at": NOW}
    numbers = [make.issue(session, state=IssueState.SENDING, **known).id for _ in range(3)]
    for number, sent in zip(numbers, (4, 9), strict=False):
        make.batch(session, issue_id=number, last_delivery=10, sent=sent)
        make.batch(session, issue_id=number, number=1, last_delivery=10, lease="a", refused=1)
    found = deliveries.progress_of(session, numbers)
    assert found == {number: deliveries.progress(session, number) for number in numbers}
    assert [found[number].counts[DeliveryState.SENT] for number in numbers] == [4, 9, 0]
    assert found[numbers[2]].open == 20


def test_growth_is_told_from_what_was_noted_by_the_day(session: Session) -> None:
    monitor = make.publication(session)
    for _ in range(5):
        make.subscription(session, publication_id=monitor.id)
    make.subscription(session, publication_id=monitor.id, state=SubscriptionState.PAUSED)
    make.subscription(session, publication_id=monitor.id, state=SubscriptionState.UNSUBSCRIBED)
    (audience,) = desk.audiences(session, NOW)
    assert (audience.active, audience.week) == (None, None)
    count(session, NOW)
    (audience,) = desk.audiences(session, NOW)
    assert (audience.active, audience.paused) == (5, 1)
    assert (audience.week, audience.month) == (None, None)
    for days, size in ((6, 50), (9, 4), (30, 8)):
        day = (NOW - timedelta(days=days)).date()
        make.counter(session, name=f"size-{monitor.id}", day=day, count=size)
    (audience,) = desk.audiences(session, NOW)
    assert (audience.week, audience.month) == (2, -2)


def test_nobody_is_counted_again_as_long_as_nothing_has_changed(session: Session) -> None:
    one = make.publication(session)
    person = make.subscription(session, publication_id=one.id).subscriber_id
    assert [count(session, NOW), count(session, NOW)] == [True, False]
    make.subscription(session, publication_id=one.id)
    make.consent(session, subscriber_id=person, publication_id=one.id)
    assert [count(session, NOW), count(session, NOW)] == [True, False]
    assert [each.active for each in desk.audiences(session, NOW)] == [2]
    make.publication(session, name="Another")
    assert [count(session, NOW), count(session, NOW)] == [True, False]
    week = NOW + timedelta(days=7)
    make.subscription(session, publication_id=one.id)
    assert [count(session, week), count(session, week)] == [True, False]
    assert [each.week for each in desk.audiences(session, week) if each.id == one.id] == [1]
