from datetime import timedelta

from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import desk
from newsletter.deliveries import relays
from newsletter.desk import ALLOWED, Permission, may
from newsletter.model import DeliveryState, IssueState, Role, SubscriptionState


def test_every_permission_is_someones_and_always_the_owners() -> None:
    assert ALLOWED.keys() == set(Permission)
    assert all(may(Role.OWNER, each) for each in Permission)
    assert not may(Role.WRITER, Permission.TEAM)


def test_an_empty_house_has_nothing_to_do(session: Session) -> None:
    today = desk.today(session)
    assert [*today.sending, *today.waiting, *today.scheduled, *today.sent, *today.troubled] == []
    assert desk.audiences(session) == []
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
    today = desk.today(session)
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
    (line,) = desk.today(session).sending
    assert (line.total, line.done) == (100, 64)
    assert line.counts[DeliveryState.SENT] == 60


def test_a_relay_is_named_as_long_as_it_is_in_trouble(session: Session) -> None:
    relays.trouble(session, "primary", "It does not answer", NOW)
    make.relay(session, name="quiet")
    (state,) = desk.today(session).troubled
    assert (state.name, state.words) == ("primary", "It does not answer")
    relays.well(session, "primary")
    assert desk.today(session).troubled == []


def test_who_gets_a_publication_is_counted_by_its_state(session: Session) -> None:
    monitor = make.publication(session, name="Canals")
    make.publication(session, name="Rivers")
    for state in (SubscriptionState.ACTIVE, SubscriptionState.ACTIVE, *SubscriptionState):
        make.subscription(session, publication_id=monitor.id, state=state)
    canals, rivers = desk.audiences(session)
    assert (canals.name, canals.active, canals.paused) == ("Canals", 3, 1)
    assert (rivers.name, rivers.active, rivers.paused) == ("Rivers", 0, 0)


def test_the_desk_tells_the_time_of_most_publications(session: Session) -> None:
    make.publication(session, zone="Asia/Tokyo")
    for _ in range(2):
        make.publication(session, zone="Europe/Warsaw")
    assert str(desk.house_zone(session)) == "Europe/Warsaw"
