"""Goodbyes: how many left by the link in an issue's mail. Who they were is not kept here."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import put


def count_goodbye(session: Session, issue: int, now: datetime) -> None:
    """Count that somebody left by the link in the mail of ``issue``, if there is one."""
    if session.get(model.Issue, issue) is not None:
        row = {"issue_id": issue, "day": now.astimezone(UTC).date(), "count": 1}
        put(
            session,
            model.Goodbye,
            [row],
            lambda new: {"count": model.Goodbye.count + new["count"]},
        )


def goodbyes_of(session: Session, issues: Collection[int]) -> Mapping[int, int]:
    """Count for each issue how many left by its link."""
    goodbye = model.Goodbye
    rows = session.execute(
        select(goodbye.issue_id, func.sum(goodbye.count))
        .where(goodbye.issue_id.in_(issues))
        .group_by(goodbye.issue_id)
    )
    return {issue: int(count) for issue, count in rows}


def goodbyes_by_day(session: Session, issue: int) -> Sequence[tuple[date, int]]:
    """Count how many left by the link of ``issue`` on each day (UTC) on which somebody did."""
    goodbye = model.Goodbye
    rows = session.execute(
        select(goodbye.day, goodbye.count).where(goodbye.issue_id == issue).order_by(goodbye.day)
    )
    return [(day, count) for day, count in rows]
