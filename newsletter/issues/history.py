"""What happened to an issue on its way to approval: who submitted, commented, approved.

Lines are only added. Without an editor it was the command line.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.model import StepKind


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


def steps(session: Session, issue: model.Issue) -> Sequence[model.ApprovalStep]:
    """List the history of ``issue``, oldest first."""
    return session.scalars(
        select(model.ApprovalStep)
        .where(model.ApprovalStep.issue_id == issue.id)
        .order_by(model.ApprovalStep.id)
    ).all()


def hands(session: Session, issue: model.Issue) -> frozenset[int]:
    """Return the numbers of the editors who wrote, changed or submitted the text of ``issue``."""
    wrote = select(model.Revision.editor_id).where(model.Revision.issue_id == issue.id)
    submitted = select(model.ApprovalStep.editor_id).where(
        model.ApprovalStep.issue_id == issue.id, model.ApprovalStep.kind == StepKind.SUBMITTED
    )
    second = select(model.SubjectTest.editor_id).where(model.SubjectTest.issue_id == issue.id)
    found = session.scalars(wrote.union(submitted, second))
    return frozenset(number for number in found if number)
