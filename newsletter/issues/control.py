"""What a person does to an issue under way: pause, resume, cancel, send once more.

Workers look twice a second whether an issue is still to be sent.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter import deliveries, model
from newsletter.errors import Conflict
from newsletter.issues.drafts import fetch
from newsletter.model import DeliveryState, IssueState


def pause(session: Session, issue_id: int, now: datetime, *, reason: str = "") -> bool:
    """Have an issue that is being sent wait for a person, who is told the ``reason``.

    Returns False, and does nothing, when it is not being sent (any more).
    """
    paused = session.execute(
        update(model.Issue)
        .where(model.Issue.id == issue_id, model.Issue.state == IssueState.SENDING)
        .values(state=IssueState.PAUSED, held=reason or None)
        .returning(model.Issue.id)
        .execution_options(synchronize_session=False)
    )
    return paused.one_or_none() is not None


def resume(session: Session, issue_id: int, now: datetime) -> None:
    """Let a paused issue go on where it stopped; raise Conflict for any other."""
    issue = fetch(session, issue_id)
    if issue.state is not IssueState.PAUSED:
        raise Conflict(f"Issue {issue_id} is {issue.state}; only a paused issue can be resumed")
    issue.state, issue.held, issue.tries_since = IssueState.SENDING, None, now
    session.flush()
    deliveries.note_course(session, issue_id, now)


def cancel(session: Session, issue_id: int, now: datetime) -> None:
    """End an issue for good: what has not left stays here, as skipped; what has left is settled.

    Before it began, nobody gets it. Raises Conflict for an issue that came to its end.
    """
    issue = fetch(session, issue_id)
    if issue.state in (IssueState.SENT, IssueState.CANCELLED):
        raise Conflict(f"Issue {issue_id} is {issue.state} already")
    issue.state, issue.held = IssueState.CANCELLED, None
    session.flush()
    wind_up(session, issue_id, now)


def wind_up(session: Session, issue_id: int, now: datetime) -> bool:
    """Drop what is left of a cancelled issue; return whether it has come to its end.

    What a worker holds at the moment is waited for; whoever calls again later finds it done.
    """
    if not deliveries.drop(session, issue_id, now):
        return False
    issue = fetch(session, issue_id)
    issue.finished_at = issue.finished_at or now
    session.flush()
    if issue.published_at:
        deliveries.note_course(session, issue_id, now)
    return True


def cancelled(session: Session) -> Sequence[int]:
    """List the cancelled issues that have not come to their end."""
    return session.scalars(
        select(model.Issue.id).where(
            model.Issue.state == IssueState.CANCELLED, model.Issue.finished_at.is_(None)
        )
    ).all()


def send_again(
    session: Session, issue_id: int, states: Sequence[DeliveryState], now: datetime
) -> int:
    """Send once more to those whose delivery ended in ``states``; return how many they are.

    SKIPPED is the rest of a cancelled issue. Whoever left or was suppressed meanwhile is left out
    when their batch is claimed. Raises Conflict for an issue that has not come to its end.
    """
    issue = fetch(session, issue_id)
    ended = issue.state is IssueState.SENT or (
        issue.state is IssueState.CANCELLED and issue.finished_at and issue.published_at
    )
    if not ended and issue.state is not IssueState.PAUSED:
        raise Conflict(
            f"Issue {issue_id} is {issue.state}; deliveries can be sent again when it is sent,"
            " paused or cancelled after it began"
        )
    count = deliveries.requeue(session, issue_id, states, now)
    if count:
        issue.state, issue.held = IssueState.SENDING, None
        issue.tries_since, issue.finished_at = now, None
        deliveries.recall_shown(session, issue_id)
        session.flush()
        deliveries.note_course(session, issue_id, now)
    return count
