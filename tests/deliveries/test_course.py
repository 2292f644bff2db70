"""The course of an issue: written while it changes, and what its pace is told from."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import deliveries, issues, model
from newsletter.model import IssueState


def under_way(session: Session) -> tuple[model.Issue, model.Batch]:
    issue = make.issue(
        session,
        state=IssueState.SENDING,
        content_hash="0" * 64,
        published_at=NOW,
        tries_since=NOW,
        audience={"frozen": 1_000},
    )
    return issue, make.batch(session, issue_id=issue.id, last_delivery=1_000)


def course(session: Session) -> list[int]:
    return list(session.scalars(select(model.Waypoint.sent).order_by(model.Waypoint.at)))


def pace(session: Session, issue: model.Issue, seconds: int) -> float:
    now = NOW + timedelta(seconds=seconds)
    return deliveries.pace(session, issue, deliveries.progress(session, issue.id), now)


def test_the_course_is_written_as_long_as_it_changes(session: Session) -> None:
    issue, batch = under_way(session)
    for second, sent in enumerate((0, 300, 300, 300, 500)):
        batch.sent = sent
        session.flush()
        deliveries.note_course(session, issue.id, NOW + timedelta(seconds=second))
    assert course(session) == [0, 300, 500]


def test_two_clocks_at_the_same_moment_write_one_line(session: Session) -> None:
    issue, batch = under_way(session)
    deliveries.note_course(session, issue.id, NOW)
    batch.sent = 5
    session.flush()
    deliveries.note_course(session, issue.id, NOW)
    assert course(session) == [5]


def test_the_pace_is_that_of_the_last_minute(session: Session) -> None:
    issue, batch = under_way(session)
    batch.sent = 100
    session.flush()
    assert pace(session, issue, 0) == 0
    assert pace(session, issue, 20) == 5
    deliveries.note_course(session, issue.id, NOW + timedelta(seconds=20))
    batch.sent = 700
    session.flush()
    assert pace(session, issue, 80) == 10


def test_after_a_pause_the_pace_is_that_since_it_went_on(session: Session) -> None:
    issue, batch = under_way(session)
    batch.sent = 100
    session.flush()
    issues.pause(session, issue.id, NOW + timedelta(seconds=5))
    session.refresh(issue)
    issues.resume(session, issue.id, NOW + timedelta(hours=1))
    batch.sent = 120
    session.flush()
    assert pace(session, issue, 3_610) == 2
