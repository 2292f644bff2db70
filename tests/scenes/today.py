"""Today, on the first day and on a busy one."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

import make
from newsletter.deliveries import relays
from newsletter.model import IssueState


def first_day(session: Session) -> str:
    return "/desk"


def full(session: Session) -> str:
    """Make issues in every state that the page shows, and a relay in trouble."""
    known: dict[str, Any] = {"content_hash": "0" * 64, "audience": {"frozen": 12_480}}
    known["publication_id"] = make.publication(session, name="Baltic Monitor").id
    for state in (IssueState.SENDING, IssueState.PAUSED, IssueState.SENT):
        issue = make.issue(
            session,
            state=state,
            subject="Harbours Prepare for a Winter Without Ice",
            published_at=make.NOW,
            due_at=make.NOW,
            **known,
        )
        issue.held = "The relay refuses us" if state is IssueState.PAUSED else None
        make.batch(session, issue_id=issue.id, last_delivery=12_480, sent=8_000, refused=12)
    for ahead in range(3):
        make.issue(
            session,
            state=IssueState.SCHEDULED,
            subject="Ferries Return to the Northern Route",
            due_at=make.NOW + timedelta(days=ahead + 1),
            **known,
        )
    relays.trouble(session, "main", "421 4.7.0 Try again later", make.NOW)
    return "/desk"


SCENES = {"first-day": first_day, "full": full}
