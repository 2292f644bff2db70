"""Choosing the appeal of an issue: another, one variant of it, another place, or none."""

from datetime import datetime

from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Invalid, IssueNotEditable
from newsletter.issues.appeals import Chosen, chosen_of
from newsletter.issues.drafts import lock, revoke
from newsletter.issues.history import note_step
from newsletter.language import marked as _
from newsletter.model import Frequency, IssueState, StepKind
from newsletter.rendering import Placement

_TO_COME = (IssueState.DRAFT, IssueState.APPROVED, IssueState.SCHEDULED)


def choose_appeal(
    session: Session,
    issue: model.Issue,
    choice: Chosen | None,
    now: datetime,
    editor: model.Editor | None = None,
) -> bool:
    """Say what an issue has in the place of its publication's appeal; None takes it back.

    An approval is revoked by that, because it was of other mails; returns whether there was one.
    What is chosen already changes nothing. Raises IssueNotEditable for an issue that has begun to
    leave and for a digest, Invalid for what cannot be chosen.
    """
    lock(session, issue)
    if issue.state not in _TO_COME or issue.frequency is not Frequency.EACH:
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; its appeal cannot be changed")
    choice = None if choice == Chosen() else choice
    row = session.get(model.AppealChoice, issue.id)
    if choice == chosen_of(session, issue):
        return False
    if choice:
        _check(session, choice)
    if row:
        session.delete(row)
        session.flush()
    if choice:
        session.add(
            model.AppealChoice(
                issue_id=issue.id,
                is_shown=choice.is_shown,
                appeal_id=choice.appeal or None,
                variant_id=choice.variant or None,
                placement=str(Placement.parse(choice.placement)) if choice.placement else "",
            )
        )
    was_approved = revoke(session, issue)
    if was_approved:
        note_step(session, issue, StepKind.REVOKED, now, editor)
    session.flush()
    return was_approved


def _check(session: Session, choice: Chosen) -> None:
    if choice.appeal and session.get(model.Appeal, choice.appeal) is None:
        raise Invalid(_("Choose an appeal from the list."), field="appeal")
    if choice.variant:
        variant = session.get(model.AppealVariant, choice.variant)
        if variant is None or variant.appeal_id != choice.appeal:
            raise Invalid(_("Choose a variant of this appeal."), field="variant")
    if choice.placement:
        Placement.parse(choice.placement)
