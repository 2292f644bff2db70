"""The schedule of an issue: before it is approved, after, with a time, and when it must ask."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

import make
from newsletter import issues, model
from newsletter.model import IssueState

LATER = make.NOW.replace(year=2031)
"""A moment that is still to come when the pictures are taken."""


def issue(session: Session, state: IssueState, readers: int = 0, **columns: Any) -> model.Issue:
    baltic = make.publication(session, name="Baltic Monitor", window="07:00-21:00")
    for _ in range(readers):
        make.subscription(session, publication_id=baltic.id)
    return make.issue(
        session,
        publication_id=baltic.id,
        subject="Harbours Prepare for a Winter Without Ice",
        state=state,
        content_hash=None if state is IssueState.DRAFT else "0" * 64,
        **columns,
    )


def _timed(session: Session, **columns: Any) -> model.Issue:
    return issue(
        session,
        IssueState.SCHEDULED,
        7,
        zone="Europe/Warsaw",
        wall_time="2031-11-25T10:00:00",
        due_at=LATER + timedelta(days=2),
        latest_start=LATER + timedelta(days=2, hours=2),
        **columns,
    )


def not_approved(session: Session) -> str:
    return f"/desk/issues/{issue(session, IssueState.DRAFT, 7).id}/schedule"


def approved(session: Session) -> str:
    number = issue(session, IssueState.APPROVED, 7).id
    return f"/desk/issues/{number}/schedule?date=2031-11-25&time=06:30"


def scheduled(session: Session) -> str:
    return f"/desk/issues/{_timed(session).id}/schedule?done=scheduled"


def held(session: Session) -> str:
    words = issues.obstacle(issues.LATE, due="10:00", latest="12:00", zone="Europe/Warsaw")
    return f"/desk/issues/{_timed(session, held=words).id}/schedule"


def clocks_go_forward(session: Session) -> str:
    number = issue(session, IssueState.APPROVED, 7).id
    return f"/desk/issues/{number}/schedule?date=2031-03-30&time=02:30"


def send_now(session: Session) -> str:
    return f"/desk/issues/{_timed(session).id}/schedule/now"


SCENES = {
    "not-approved": not_approved,
    "approved": approved,
    "scheduled": scheduled,
    "held": held,
    "clocks-go-forward": clocks_go_forward,
    "send-now": send_now,
}
