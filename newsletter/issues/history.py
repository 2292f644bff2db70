"""What happened to an issue on its way to approval: who wrote, submitted, commented, approved.

Lines are only added. Without an editor it was the command line.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.model import StepKind

_HANDS = (StepKind.WRITTEN, StepKind.SUBMITTED, StepKind.REVOKED)
"""What makes a text somebody's own: writing it, vouching for it, changing what was approved."""


def note_step(
    session: Session,
    issue: model.Issue,
    kind: StepKind,
    now: datetime,
    editor: model.Editor | None = None,
    *,
    words: str = "",
    content_hash: str | None = None,
) -> None:
    """Add a line to the history of ``issue``."""
    session.add(
        model.ApprovalStep(
            issue_id=issue.id,
            kind=kind,
            at=now,
            editor_id=editor.id if editor else None,
            who=editor.name if editor else "",
            words=words,
            content_hash=content_hash,
        )
    )
    session.flush()


def note_writing(
    session: Session, issue: model.Issue, now: datetime, editor: model.Editor | None = None
) -> None:
    """Add that somebody wrote; who writes on and on is named once, until another thing happens."""
    last = session.execute(
        select(model.ApprovalStep.kind, model.ApprovalStep.editor_id)
        .where(model.ApprovalStep.issue_id == issue.id)
        .order_by(model.ApprovalStep.id.desc())
        .limit(1)
    ).one_or_none()
    kinds = (StepKind.WRITTEN, StepKind.REVOKED)
    if last is None or last.kind not in kinds or last.editor_id != (editor.id if editor else None):
        note_step(session, issue, StepKind.WRITTEN, now, editor)


def steps(session: Session, issue: model.Issue) -> Sequence[model.ApprovalStep]:
    """List the history of ``issue``, oldest first."""
    return session.scalars(
        select(model.ApprovalStep)
        .where(model.ApprovalStep.issue_id == issue.id)
        .order_by(model.ApprovalStep.id)
    ).all()


def hands(session: Session, issue: model.Issue) -> frozenset[int]:
    """Return the numbers of the editors who wrote, changed or submitted the text of ``issue``."""
    return frozenset(
        session.scalars(
            select(model.ApprovalStep.editor_id)
            .where(
                model.ApprovalStep.issue_id == issue.id,
                model.ApprovalStep.kind.in_(_HANDS),
                model.ApprovalStep.editor_id.is_not(None),
            )
            .distinct()
        )
    )
