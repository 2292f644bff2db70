"""The calendar: a month without anything, and a busy one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

import make
from newsletter.model import IssueState
from scenes.issues import SUBJECTS


def empty(session: Session) -> str:
    make.publication(session, name="Baltic Monitor")
    return "/desk/calendar?month=2026-02"


def full(session: Session) -> str:
    """Make a month of two publications around the day on which the scene is seen."""
    names = ("Baltic Monitor", "Canals Weekly")
    monitors = [make.publication(session, name=name).id for name in names]
    now = datetime.now(UTC)
    first = now.replace(day=1, hour=6, minute=30, second=0, microsecond=0)
    known: dict[str, Any] = {"content_hash": "0" * 64, "zone": "Europe/Warsaw"}
    for number, day in enumerate((0, 2, 6, 6, 9, 13, 16, 20, 20, 20, 23, 27)):
        due = first + timedelta(days=day, hours=number % 3)
        state = IssueState.SENT if number < 6 else IssueState.SCHEDULED
        make.issue(
            session,
            subject=SUBJECTS[number % len(SUBJECTS)],
            publication_id=monitors[number % 2],
            state=IssueState.CANCELLED if day == 13 else state,
            due_at=due,
            held="Too late" if day == 23 else None,
            published_at=due if state is IssueState.SENT else None,
            **known,
        )
    approved = {"state": IssueState.APPROVED, "publication_id": monitors[0], **known}
    make.issue(session, subject="The Price of Salt", **approved)
    return "/desk/calendar"


SCENES = {"empty": empty, "full": full}
