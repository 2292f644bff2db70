"""Reuse: how often a text was taken for republication or citation, by form. Nobody is known."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import put
from newsletter.model import ReuseForm


def count_reuse(session: Session, issue: int, form: ReuseForm, now: datetime) -> None:
    """Count that somebody took the text of ``issue`` in a form."""
    row = {"issue_id": issue, "form": form, "day": now.astimezone(UTC).date(), "count": 1}
    put(session, model.Reuse, [row], lambda new: {"count": model.Reuse.count + new["count"]})


def reuses_of(session: Session, issues: Collection[int]) -> Mapping[int, Mapping[ReuseForm, int]]:
    """Count for each issue how often it was taken in each form; those of no use are left out."""
    reuse = model.Reuse
    rows = session.execute(
        select(reuse.issue_id, reuse.form, func.sum(reuse.count))
        .where(reuse.issue_id.in_(issues))
        .group_by(reuse.issue_id, reuse.form)
    )
    found: dict[int, dict[ReuseForm, int]] = {}
    for issue, form, count in rows:
        found.setdefault(issue, {})[form] = int(count)
    return found
