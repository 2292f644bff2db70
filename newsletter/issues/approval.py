"""Approval: submit, withdraw, comment, send back, approve; who does what leaves a line of history.

An approver agrees to the version that they were shown, known by its hash; whatever was changed
since is approved by nobody. Without an editor it is the operator who acts, by the command line.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Conflict, Forbidden, Invalid, IssueNotEditable
from newsletter.issues.drafts import freeze, lock, proof, publication_of, reopen, revoke
from newsletter.issues.history import hands, note_step
from newsletter.language import marked as _
from newsletter.links import Links
from newsletter.model import Frequency, IssueState, StepKind
from newsletter.rendering import Place, may_appear

LONGEST_COMMENT = 5_000


def submit(
    session: Session, issue: model.Issue, now: datetime, editor: model.Editor, *, words: str = ""
) -> None:
    """Ask for the approval of a draft; ``words`` go with it. Raises Conflict for any other."""
    lock(session, issue)
    if issue.state is not IssueState.DRAFT or issue.submitted_at:
        raise Conflict(_("This issue is no draft that could be submitted; see where it stands."))
    words = _tidied(words)
    issue.submitted_at = now
    note_step(session, issue, StepKind.SUBMITTED, now, editor, words=words)


def withdraw(session: Session, issue: model.Issue, now: datetime, editor: model.Editor) -> None:
    """Take a draft back that awaits approval; raise Conflict for any other."""
    lock(session, issue)
    if issue.state is not IssueState.DRAFT or not issue.submitted_at:
        raise Conflict(_("This issue does not await approval any more; see where it stands."))
    issue.submitted_at = None
    note_step(session, issue, StepKind.WITHDRAWN, now, editor)


def comment(
    session: Session, issue: model.Issue, words: str, now: datetime, editor: model.Editor
) -> None:
    """Say something about an issue, in whatever state; raise Invalid for no words or too many."""
    words = _tidied(words)
    if not words:
        raise Invalid(_("Write your comment first."))
    note_step(session, issue, StepKind.COMMENTED, now, editor, words=words)


def send_back(
    session: Session, issue: model.Issue, words: str, now: datetime, editor: model.Editor
) -> bool:
    """Give an issue back to its writers, who are told what is to change.

    An approval and a schedule end by that; returns whether there was an approval. Raises Invalid
    without words, Conflict for an issue that neither awaits approval nor has it, or that is on its
    way.
    """
    lock(session, issue)
    if not may_be_sent_back(issue):
        raise Conflict(_("This issue cannot be sent back any more; see where it stands."))
    words = _tidied(words)
    if not words:
        raise Invalid(_("Say what has to change, so that the writers know."))
    was_approved = revoke(session, issue)
    issue.submitted_at = None
    note_step(session, issue, StepKind.SENT_BACK, now, editor, words=words)
    return was_approved


def may_be_sent_back(issue: model.Issue) -> bool:
    """Tell whether there is something to give back: a submission, or an approval not yet used."""
    if issue.frequency is not Frequency.EACH:
        return False
    approved = issue.state in (IssueState.APPROVED, IssueState.SCHEDULED)
    return approved or bool(issue.state is IssueState.DRAFT and issue.submitted_at)


def is_barred(session: Session, issue: model.Issue, editor_id: int) -> bool:
    """Tell whether four eyes are needed, and the editor's are those that wrote or submitted it."""
    return publication_of(session, issue).four_eyes and editor_id in hands(session, issue)


def approve(
    session: Session,
    issue: model.Issue,
    links: Links,
    now: datetime,
    *,
    editor: model.Editor | None = None,
    seen: str | None = None,
) -> None:
    """Freeze the issue's content, and bind the approval to its hash.

    ``seen`` is the hash of the version that the approver was shown; without, whatever stands there
    is meant. Raises IssueNotEditable when the issue is already on its way, Forbidden to those whose
    text it is where four eyes are needed, Conflict when the text is not what was seen, InvalidIssue
    with all that the press check finds in the way.
    """
    lock(session, issue)
    if issue.state not in (IssueState.DRAFT, IssueState.APPROVED):
        raise IssueNotEditable(f"Issue {issue.id} is {issue.state}; it cannot be approved again")
    if editor and is_barred(session, issue, editor.id):
        raise Forbidden(
            _("You wrote, changed or submitted this text; somebody else has to approve it.")
        )
    proven = proof(session, issue, links, now)
    if seen is not None and seen != proven.content_hash:
        raise Conflict(
            _("The mail has changed since you opened it, so nothing was approved. Read it again.")
        )
    freeze(session, issue, proven, now)
    hash_ = proven.content_hash
    note_step(session, issue, StepKind.APPROVED, now, editor, content_hash=hash_)


def recall(
    session: Session, image: model.Image, now: datetime, editor: model.Editor | None = None
) -> Sequence[model.Issue]:
    """Make drafts of the approved issues that show ``image``, where it may not be mailed any more.

    What is on its way already stays as it is.
    """
    if may_appear(image, Place.MAIL, now.date()):
        return ()
    waiting = (IssueState.APPROVED, IssueState.SCHEDULED)
    showing = (
        select(model.IssueArticle.issue_id)
        .join(model.ImageUse, model.ImageUse.article_id == model.IssueArticle.article_id)
        .where(model.ImageUse.image_id == image.id)
    )
    found = session.scalars(
        select(model.Issue)
        .where(model.Issue.id.in_(showing), model.Issue.state.in_(waiting))
        .order_by(model.Issue.id)
    ).all()
    for issue in found:
        reopen(session, issue, now, editor)
    return found


def _tidied(words: str) -> str:
    tidied = "\n".join(words.strip().splitlines())
    if len(tidied) > LONGEST_COMMENT:
        raise Invalid(_("A comment has at most 5,000 characters; shorten it."))
    return tidied
