"""An issue on its way: before it leaves, running, paused with a reason, in trouble, at its end."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

import make
from newsletter import issues, model
from newsletter.deliveries import rates, relays
from newsletter.model import IssueState, ReasonKind


def under_way(
    session: Session, state: IssueState, *, frozen: int = 12_480, **sums: Any
) -> model.Issue:
    """Make an issue that began two minutes ago."""
    now = datetime.now(UTC)
    began = now - timedelta(minutes=2)
    monitor = make.publication(session, name="Baltic Monitor")
    issue = make.issue(
        session,
        publication_id=monitor.id,
        state=state,
        subject="Harbours Prepare for a Winter Without Ice",
        content_hash="0" * 64,
        published_at=began,
        tries_since=began,
        audience={"frozen": frozen},
    )
    if state in (IssueState.SENT, IssueState.CANCELLED):
        issue.finished_at = now
    make.batch(session, issue_id=issue.id, last_delivery=frozen, due_at=began, **sums)
    for minute in (2, 1):
        done = sums["sent"] * (2 - minute) // 2
        at = now - timedelta(minutes=minute)
        make.waypoint(session, issue_id=issue.id, at=at, sent=done)
    return issue


def answered(session: Session, issue: model.Issue) -> None:
    """Let relays have put off and refused some mails, in words of their own."""
    busy = "450 4.2.1 The mailbox gets mail at a rate that keeps more from being delivered now"
    for kind, domain, words, count in (
        (ReasonKind.DEFERRED, "mailprovider.example", busy, 104),
        (ReasonKind.DEFERRED, "post.example", "451 4.7.1 Greylisted, come back later", 16),
        (ReasonKind.REFUSED, "post.example", "550 5.1.1 <…>: no such mailbox here", 31),
        (ReasonKind.REFUSED, "university.example", "550 5.1.1 <…>: no such mailbox here", 9),
        (ReasonKind.REFUSED, "ministry.example", "554 5.7.1 Message refused by policy", 2),
        (ReasonKind.SKIPPED, "", "unsubscribed", 11),
        (ReasonKind.SKIPPED, "", "suppressed", 6),
    ):
        make.reason(session, issue_id=issue.id, kind=kind, domain=domain, words=words, count=count)


def before(session: Session) -> str:
    due = make.NOW + timedelta(days=400)
    issue = make.issue(
        session,
        state=IssueState.SCHEDULED,
        subject="Harbours Prepare for a Winter Without Ice",
        content_hash="0" * 64,
        due_at=due,
    )
    return f"/desk/issues/{issue.id}/sending"


def waiting(session: Session) -> str:
    """Make an issue whose hour has passed."""
    issue = make.issue(
        session,
        state=IssueState.SCHEDULED,
        subject="Harbours Prepare for a Winter Without Ice",
        content_hash="0" * 64,
        due_at=make.NOW,
        held=issues.obstacle(issues.LATE, due="10:00", latest="12:00", zone="Europe/Warsaw"),
    )
    return f"/desk/issues/{issue.id}/sending"


def running(session: Session) -> str:
    sums = {"sent": 8_013, "refused": 42, "skipped": 17, "retrying": 120}
    issue = under_way(session, IssueState.SENDING, **sums)
    answered(session, issue)
    return f"/desk/issues/{issue.id}/sending"


def paused(session: Session) -> str:
    sums = {"sent": 8_013, "refused": 242, "skipped": 17, "unknown": 3}
    issue = under_way(session, IssueState.PAUSED, **sums)
    facts = {"words": "554 5.7.1 Message rejected due to content restrictions", "count": 52}
    issue.held = issues.obstacle(issues.UNWELCOME, against_us=40, **facts)
    return f"/desk/issues/{issue.id}/sending"


def trouble(session: Session) -> str:
    """Make a relay that rests and a domain that has had enough."""
    now = datetime.now(UTC)
    issue = under_way(session, IssueState.SENDING, sent=3_205, retrying=930)
    answered(session, issue)
    relays.trouble(session, "main", "421 4.7.0 Try again later", now)
    rates.throttle(session, "domain:mailprovider.example", 4.0, now)
    rates.throttle(session, "domain:post.example", 20.0, now)
    return f"/desk/issues/{issue.id}/sending"


def finished(session: Session) -> str:
    sums = {"sent": 12_401, "refused": 42, "skipped": 17, "unknown": 20}
    issue = under_way(session, IssueState.SENT, **sums)
    answered(session, issue)
    return f"/desk/issues/{issue.id}/sending"


def cancelling(session: Session) -> str:
    issue = under_way(session, IssueState.SENDING, sent=8_013)
    return f"/desk/issues/{issue.id}/sending/cancel"


SCENES = {
    "before": before,
    "waiting": waiting,
    "running": running,
    "paused": paused,
    "trouble": trouble,
    "finished": finished,
    "cancelling": cancelling,
}
