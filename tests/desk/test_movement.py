"""Who came and went, counted by the day from the log, never by a page."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import desk
from newsletter.desk import Period
from newsletter.model import SubscriptionState, SuppressionReason

LATER = NOW + timedelta(minutes=15)


def count(session: Session, now: datetime = LATER) -> list[bool]:
    """Count as the clock does every minute."""
    return [desk.note_movement(session, each) for each in desk.count_movement(session, now)]


def line(session: Session, publication: int, action: str, at: datetime = NOW) -> None:
    make.consent(session, publication_id=publication, action=action, at=at)


def brought(session: Session, publication: int, state: SubscriptionState, left: datetime) -> None:
    """Make somebody who was imported now."""
    wish = make.subscription(session, publication_id=publication, state=state, changed_at=left)
    person = wish.subscriber_id
    make.consent(session, subscriber_id=person, publication_id=publication, action="imported")


def told(session: Session, publication: int, now: datetime = NOW) -> list[tuple[int, int, int]]:
    """Tell who came, left and bounced away in each week that was not empty."""
    weeks = desk.movement(session, publication, now)
    return [(each.joined, each.left, each.bounced) for each in weeks if each.joined or each.gone]


def test_who_joins_and_who_leaves_is_told_by_what_the_log_says(session: Session) -> None:
    one, other = make.publication(session).id, make.publication(session).id
    for action in ("confirmed", "added", "wanted", "returned", "left", "left"):
        line(session, one, action)
    for action in ("asked", "paused", "woken", "resumed", "declined", "expired", "lapsed"):
        line(session, one, action)
    line(session, other, "left")
    count(session)
    assert (told(session, one), told(session, other)) == ([(4, 2, 0)], [(0, 1, 0)])


def test_a_file_brings_those_who_are_there_and_not_those_who_had_left(session: Session) -> None:
    monitor = make.publication(session).id
    gone = SubscriptionState.UNSUBSCRIBED
    brought(session, monitor, SubscriptionState.ACTIVE, NOW)
    brought(session, monitor, gone, NOW - timedelta(days=90))
    brought(session, monitor, gone, NOW)
    brought(session, monitor, gone, NOW + timedelta(minutes=5))
    line(session, monitor, "left", NOW + timedelta(minutes=5))
    make.consent(session, subscriber_id=None, publication_id=monitor, action="imported")
    count(session)
    assert told(session, monitor) == [(2, 1, 0)]


def test_who_bounces_away_is_counted_with_each_publication_they_got(session: Session) -> None:
    one, other = make.publication(session).id, make.publication(session).id
    for reason in SuppressionReason:
        person = make.subscriber(session)
        make.suppression(session, person.address, reason=reason)
        for publication in (one, other):
            make.subscription(session, subscriber_id=person.id, publication_id=publication)
    gone = make.subscriber(session)
    make.suppression(session, gone.address)
    state = SubscriptionState.UNSUBSCRIBED
    make.subscription(session, subscriber_id=gone.id, publication_id=one, state=state)
    make.suppression(session, "nobody@example.org")
    count(session)
    assert told(session, one) == told(session, other) == [(0, 0, 2)]


def test_each_line_is_counted_once_and_when_it_has_settled(session: Session) -> None:
    monitor = make.publication(session).id
    now = NOW
    for _ in range(5):
        line(session, monitor, "confirmed", now)
        assert count(session, now) == []
        assert count(session, now + timedelta(hours=1)) == [True]
        line(session, monitor, "left", now + timedelta(hours=1))
        assert count(session, now + timedelta(hours=2)) == [True]
        assert count(session, now + timedelta(hours=3)) == []
        now += timedelta(days=1)
    assert told(session, monitor, now) == [(5, 5, 0)]
    # The clock stood still for three weeks.
    line(session, monitor, "confirmed", now + timedelta(days=7))
    assert count(session, now + timedelta(days=21)) == [True]
    assert told(session, monitor, now + timedelta(days=21)) == [(5, 5, 0), (1, 0, 0)]


def test_of_two_clocks_one_adds(session: Session) -> None:
    monitor = make.publication(session).id
    for _ in range(2):
        line(session, monitor, "confirmed")
        (mine,), (other,) = (desk.count_movement(session, LATER) for _ in range(2))
        assert desk.note_movement(session, other)
        assert not desk.note_movement(session, mine)
    assert told(session, monitor) == [(2, 0, 0)]


def test_many_days_and_publications_are_counted_at_once(session: Session) -> None:
    monitors = [make.publication(session).id for _ in range(3)]
    for monitor in monitors:
        for day in range(200):
            line(session, monitor, "confirmed", NOW - timedelta(days=day))
            line(session, monitor, "left", NOW - timedelta(days=day))
    count(session)
    assert [told(session, monitor) for monitor in monitors] == [[*[(7, 7, 0)] * 11, (1, 1, 0)]] * 3
    months = desk.movement(session, monitors[0], NOW, monthly=True)
    assert sum(each.joined for each in months) == 200


def test_weeks_begin_on_monday_and_months_on_the_first(session: Session) -> None:
    monitor = make.publication(session).id
    for ago, size in ((0, 50), (3, 47), (40, 20)):
        day = NOW - timedelta(days=ago)
        line(session, monitor, "confirmed", day)
        make.counter(session, name=f"size-{monitor}", day=day.date(), count=size)
    count(session)
    weeks = desk.movement(session, monitor, NOW)
    assert len(weeks) == 12
    assert weeks[-1] == Period(date(2026, 11, 23), date(2026, 11, 29), joined=1, size=50)
    assert weeks[-2] == Period(date(2026, 11, 16), date(2026, 11, 22), joined=1, size=47)
    months = desk.movement(session, monitor, NOW, monthly=True)
    assert (months[0].first, len(months)) == (date(2025, 12, 1), 12)
    assert months[-1] == Period(date(2026, 11, 1), date(2026, 11, 30), joined=2, size=50)
    assert months[-2] == Period(date(2026, 10, 1), date(2026, 10, 31), joined=1, size=20)
