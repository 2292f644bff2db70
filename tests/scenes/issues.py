"""The list of issues: none yet, a busy house, a search that finds nothing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

import make
from newsletter.model import Frequency, IssueState

SUBJECTS = (
    "Ferries Return to the Northern Route",
    "Harbours Prepare for a Winter Without Ice",
    "What the New Locks Cost, and Who Pays for Them",
    "Cisza na szlaku: pierwszy tydzień bez promów",
)


def empty(session: Session) -> str:
    make.publication(session, name="Baltic Monitor")
    return "/desk/issues"


def full(session: Session) -> str:
    """Make issues of two publications, in every state."""
    monitors = [
        make.publication(session, name=name, slug=name.split()[0].lower())
        for name in ("Baltic Monitor", "Canals Weekly")
    ]
    known = {"content_hash": "0" * 64, "audience": {"frozen": 12_480}}
    ahead = {"due_at": make.NOW + timedelta(days=2), **known}
    begun = {"published_at": make.NOW - timedelta(hours=1), **known}
    held = "Nothing could be sent at the scheduled time, 07:00, and the latest start has passed"
    plans: Sequence[dict[str, Any]] = (
        {"state": IssueState.SENT, **begun, "finished_at": make.NOW},
        {"state": IssueState.SENT, **begun, "frequency": Frequency.WEEKLY, "subject": "This week"},
        {"state": IssueState.CANCELLED, **begun},
        {"state": IssueState.PAUSED, **begun, "held": "The relay refuses us"},
        {"state": IssueState.SENDING, **begun},
        {"state": IssueState.SCHEDULED, **ahead, "held": held},
        {"state": IssueState.SCHEDULED, **ahead},
        {"state": IssueState.APPROVED, **known},
        {"state": IssueState.DRAFT, "submitted_at": make.NOW},
        {"state": IssueState.DRAFT},
    )
    for number, plan in enumerate(plans):
        subject = SUBJECTS[number % len(SUBJECTS)]
        columns = {"subject": subject, "publication_id": monitors[number % 2].id, **plan}
        make.issue(session, **columns)
    return "/desk/issues"


def nothing_found(session: Session) -> str:
    full(session)
    return "/desk/issues?words=glaciers&state=draft"


SCENES = {"empty": empty, "full": full, "nothing-found": nothing_found}
