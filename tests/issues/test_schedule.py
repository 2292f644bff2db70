"""When an issue leaves: wall time, daylight saving, late starts, once however often."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, issues, model
from newsletter.database import Database
from newsletter.errors import Conflict, Invalid
from newsletter.issues.drafts import hash_of
from newsletter.model import IssueState

WARSAW = "Europe/Warsaw"
AT_EIGHT = datetime(2026, 11, 24, 8, 0)  # noqa: DTZ001 - wall time has no zone of its own


def approved(session: Session, readers: int = 2, **columns: Any) -> model.Issue:
    """Make an approved issue with active subscribers."""
    issue = make.issue(session, state=IssueState.APPROVED, **columns)
    issue.content_hash = hash_of([make.content(session, issue_id=issue.id)])
    for _ in range(readers):
        make.subscription(session, publication_id=issue.publication_id)
    session.flush()
    return issue


def scheduled(session: Session, **columns: Any) -> tuple[model.Issue, datetime]:
    issue = approved(session, **columns)
    return issue, issues.schedule(session, issue, AT_EIGHT, WARSAW, NOW).due_at


def publish(session: Session, issue: model.Issue, now: datetime) -> bool:
    return issues.publish(session, issue.id, now, batch_size=500)


@pytest.mark.parametrize(
    ("wall_time", "utc"),
    [("2026-11-24 08:00", "2026-11-24 07:00"), ("2026-07-01 08:00", "2026-07-01 06:00")],
)
def test_wall_time_means_what_the_zone_says_on_that_day(wall_time: str, utc: str) -> None:
    timing = issues.when(datetime.fromisoformat(wall_time), WARSAW)
    assert f"{timing.due_at:%Y-%m-%d %H:%M}" == utc
    assert not timing.comes_twice


def test_a_time_that_the_clocks_skip_is_refused_with_the_one_after() -> None:
    with pytest.raises(Invalid, match=r"02:30 does not exist .* choose 03:30"):
        issues.when(datetime.fromisoformat("2026-03-29 02:30"), WARSAW)


@pytest.mark.parametrize("wall_time", ["0001-01-01 00:00", "9999-12-31 23:59"])
def test_a_year_beyond_reckoning_is_refused(wall_time: str) -> None:
    for zone in (WARSAW, "America/New_York"):
        with pytest.raises(Invalid, match="look at the year"):
            issues.when(datetime.fromisoformat(wall_time), zone)


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid, match="'Warsaw' is not a time zone"):
        issues.when(AT_EIGHT, "Warsaw")


def test_of_a_time_that_comes_twice_the_first_is_meant_and_it_is_said() -> None:
    timing = issues.when(datetime.fromisoformat("2026-10-25 02:30"), WARSAW)
    assert f"{timing.due_at:%H:%M}" == "00:30"
    assert timing.comes_twice


def test_an_issue_is_kept_as_it_was_said_and_as_it_is_meant(session: Session) -> None:
    issue, due_at = scheduled(session)
    assert (issue.wall_time, issue.zone) == ("2026-11-24T08:00:00", WARSAW)
    assert issue.due_at == due_at
    assert issue.latest_start == due_at + timedelta(minutes=120)
    assert issue.state is IssueState.SCHEDULED


def test_scheduling_again_moves_the_issue(session: Session) -> None:
    issue, due_at = scheduled(session)
    issues.schedule(session, issue, AT_EIGHT + timedelta(hours=1), WARSAW, NOW)
    assert issue.due_at == due_at + timedelta(hours=1)


def test_a_past_time_is_refused(session: Session) -> None:
    with pytest.raises(Invalid, match="is past"):
        issues.schedule(session, approved(session), AT_EIGHT - timedelta(days=2), WARSAW, NOW)


def test_what_is_not_approved_cannot_be_scheduled(session: Session) -> None:
    with pytest.raises(Conflict, match="only an approved issue"):
        issues.schedule(session, make.issue(session), AT_EIGHT, WARSAW, NOW)


def test_an_issue_is_due_at_its_minute_and_not_before(session: Session) -> None:
    issue, due_at = scheduled(session)
    assert issues.due(session, due_at - timedelta(seconds=1)) == []
    assert not publish(session, issue, due_at - timedelta(seconds=1))
    assert issues.due(session, due_at) == [issue.id]


def test_publishing_freezes_the_audience_and_twice_is_once(session: Session) -> None:
    issue, due_at = scheduled(session)
    assert publish(session, issue, due_at)
    assert not publish(session, issue, due_at)
    session.refresh(issue)
    assert issue.state is IssueState.SENDING
    assert issue.audience == {"candidates": 2, "frozen": 2}
    assert len(session.scalars(select(model.Delivery.id)).all()) == 2


def test_two_clocks_publish_an_issue_once(database: Database) -> None:
    with database.transaction() as session:
        issue, due_at = scheduled(session)
        number = issue.id
    answers = []
    for _ in range(2):
        with database.transaction() as session:
            answers.append(issues.publish(session, number, due_at, batch_size=500))
    assert answers == [True, False]


def test_a_late_start_within_the_limit_is_caught_up(session: Session) -> None:
    issue, due_at = scheduled(session)
    assert publish(session, issue, due_at + timedelta(minutes=119))


def test_a_start_that_is_too_late_waits_and_says_so(session: Session) -> None:
    issue, due_at = scheduled(session)
    late = due_at + timedelta(minutes=121)
    assert not publish(session, issue, late)
    assert issue.state is IssueState.SCHEDULED
    why = issues.say_obstacle(issue.held, "en")
    assert "08:00, and the latest start, 10:00 (Europe/Warsaw), has passed" in why
    assert "o zaplanowanej godzinie, 08:00" in issues.say_obstacle(issue.held, "pl")
    assert issues.due(session, late) == []


def test_scheduling_a_held_issue_again_lets_it_go(session: Session) -> None:
    issue, due_at = scheduled(session)
    publish(session, issue, due_at + timedelta(minutes=121))
    late = due_at + timedelta(minutes=130)
    issues.schedule(session, issue, AT_EIGHT + timedelta(hours=3), WARSAW, late)
    assert issue.held is None
    assert publish(session, issue, due_at + timedelta(hours=3))


def test_content_that_is_not_what_was_approved_is_never_sent(session: Session) -> None:
    issue, due_at = scheduled(session)
    content = session.scalars(select(model.Content)).one()
    content.html += "<p>Slipped in.</p>"
    session.flush()
    assert not publish(session, issue, due_at)
    assert "not what was approved" in issues.say_obstacle(issue.held, "en")
    assert session.scalars(select(model.Delivery.id)).all() == []


def test_an_issue_is_finished_when_its_sums_agree(session: Session) -> None:
    issue, due_at = scheduled(session)
    publish(session, issue, due_at)
    assert issues.unfinished(session) == []
    assert not issues.finish(session, issue.id, due_at)
    for delivery in session.scalars(select(model.Delivery)):
        delivery.state = model.DeliveryState.SENT
    for batch in session.scalars(select(model.Batch)):
        batch.due_at = None
    session.flush()
    assert issues.unfinished(session) == [issue.id]
    assert issues.finish(session, issue.id, due_at)
    assert not issues.finish(session, issue.id, due_at)
    session.refresh(issue)
    assert issue.state is IssueState.SENT


def test_an_issue_that_lost_a_row_is_not_called_sent(session: Session) -> None:
    issue, due_at = scheduled(session)
    publish(session, issue, due_at)
    first, second = session.scalars(select(model.Delivery)).all()
    first.state = model.DeliveryState.SENT
    session.delete(second)
    session.flush()
    assert not issues.finish(session, issue.id, due_at)


def test_an_issue_without_readers_is_finished_at_once(session: Session) -> None:
    issue, due_at = scheduled(session, readers=0)
    publish(session, issue, due_at)
    assert issues.finish(session, issue.id, due_at)


def test_sending_now_knows_the_hour_that_comes_twice(session: Session) -> None:
    issue = approved(session)
    second_half_past_two = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    issues.send_now(session, issue, second_half_past_two)
    assert (issue.wall_time, issue.due_at) == ("2026-10-25T02:30:00", second_half_past_two)
    assert publish(session, issue, second_half_past_two)


@pytest.mark.parametrize(
    "act",
    [
        lambda session, issue: issues.schedule(session, issue, AT_EIGHT, WARSAW, NOW),
        lambda session, issue: issues.send_now(session, issue, NOW),
        lambda session, issue: issues.unschedule(session, issue),
    ],
    ids=["schedule", "send now", "unschedule"],
)
def test_what_the_clock_has_begun_no_editor_turns_back(
    database: Database, act: Callable[[Session, model.Issue], object]
) -> None:
    with database.transaction() as session:
        issue, due_at = scheduled(session)
        number = issue.id
    with database.reading() as session:
        seen = issues.fetch(session, number)
    with database.transaction() as session:
        assert publish(session, issues.fetch(session, number), due_at)
    with database.transaction() as session:
        session.add(seen)
        with pytest.raises(Conflict, match="is sending"):
            act(session, seen)


def test_an_issue_taken_off_the_schedule_stays_approved(session: Session) -> None:
    issue, due_at = scheduled(session)
    issues.unschedule(session, issue)
    assert issue.state is IssueState.APPROVED
    assert issues.due(session, due_at) == []


def test_an_issue_has_hours_of_its_own(session: Session) -> None:
    issue = approved(session)
    issues.publication_of(session, issue).window = "20:00-21:00"
    due_at = issues.schedule(session, issue, AT_EIGHT, WARSAW, NOW, window="07:00-21:00").due_at
    assert publish(session, issue, due_at)
    assert deliveries.claim(session, due_at) is not None


def test_an_issue_without_hours_of_its_own_waits_for_those_of_its_publication(
    session: Session,
) -> None:
    issue = approved(session)
    issues.publication_of(session, issue).window = "20:00-21:00"
    due_at = issues.schedule(session, issue, AT_EIGHT, WARSAW, NOW).due_at
    assert publish(session, issue, due_at)
    assert deliveries.claim(session, due_at) is None
