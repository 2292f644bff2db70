"""Approval: a draft is submitted, read, commented on, sent back, approved; with its history.

The page shows the mail that would be sent, and the form carries its hash: whatever else stands
there by then is approved by nobody.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import desk, issues, model, rendering
from newsletter.desk import Action, Permission, may
from newsletter.errors import (
    Conflict,
    Forbidden,
    Invalid,
    InvalidIssue,
    IssueNotEditable,
    NewsletterError,
)
from newsletter.language import marked as _
from newsletter.model import Frequency
from newsletter.web import framing
from newsletter.web.context import database, links, reader_language, settings
from newsletter.web.desk.frame import say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import issue_page
from newsletter.web.desk.preview import VARIANTS

Act = Callable[[Session, model.Issue, model.Editor], None]


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail that is read, as it would be frozen now or was frozen, and the hash of that.

    ``others`` are those that some get instead, by what each is called; the hash is of all.
    """

    shown: issues.Specimen
    content_hash: str
    others: Mapping[str, issues.Specimen]


@bp.get("/issues/<int:number>/approval")
@needs(Permission.ISSUES)
def approval(number: int) -> Response:
    """Show where the approval of an issue stands, and its history."""
    with database.reading() as session:
        return _page(session, issues.fetch(session, number))


@bp.post("/issues/<int:number>/approval/submit")
@needs(Permission.WRITE)
def submit(number: int) -> Response:
    """Ask for the approval of a draft."""
    now = datetime.now(UTC)

    def act(session: Session, issue: model.Issue, editor: model.Editor) -> None:
        issues.submit(session, issue, now, editor, words=_words("note"))
        _note(session, issue, Action.SUBMITTED, now)

    return _after(number, act, "submitted", field="note")


@bp.post("/issues/<int:number>/approval/withdraw")
@needs(Permission.WRITE)
def withdraw_issue(number: int) -> Response:
    """Take a draft back that awaits approval."""
    now = datetime.now(UTC)

    def act(session: Session, issue: model.Issue, editor: model.Editor) -> None:
        issues.withdraw(session, issue, now, editor)
        _note(session, issue, Action.WITHDRAWN, now)

    return _after(number, act, "taken-back")


@bp.post("/issues/<int:number>/approval/comment")
@needs(Permission.WRITE)
def comment(number: int) -> Response:
    """Add a comment to the history of an issue."""
    now = datetime.now(UTC)

    def act(session: Session, issue: model.Issue, editor: model.Editor) -> None:
        issues.comment(session, issue, _words("comment"), now, editor)

    return _after(number, act, "commented", field="comment")


@bp.post("/issues/<int:number>/approval/send-back")
@needs(Permission.APPROVE)
def send_back(number: int) -> Response:
    """Give an issue back to its writers; an approval ends by that."""
    now = datetime.now(UTC)

    def act(session: Session, issue: model.Issue, editor: model.Editor) -> None:
        was_approved = issues.send_back(session, issue, _words("reason"), now, editor)
        _note(session, issue, Action.SENT_BACK, now)
        if was_approved:
            _note(session, issue, Action.REOPENED, now)

    return _after(number, act, "sent-back", field="reason")


@bp.post("/issues/<int:number>/approval/approve")
@needs(Permission.APPROVE)
def approve(number: int) -> Response:
    """Approve the version of an issue that the page showed."""
    now = datetime.now(UTC)

    def act(session: Session, issue: model.Issue, editor: model.Editor) -> None:
        seen = request.form.get("seen", "")
        issues.approve(session, issue, links, now, editor=editor, seen=seen)
        _note(session, issue, Action.APPROVED, now)

    return _after(number, act, "approved")


def _after(number: int, act: Act, done: str, *, field: str = "") -> Response:
    """Act on an issue and lead back to its page, or show there what is wrong."""
    try:
        with database.transaction() as session:
            issue = issues.fetch(session, number)
            act(session, issue, session.get_one(model.Editor, presence.editor_id))
    except (Conflict, Forbidden, Invalid) as error:
        is_fields = isinstance(error, Invalid) and bool(field)
        with database.reading() as session:
            return _page(
                session,
                issues.fetch(session, number),
                status=422 if is_fields else 409,
                trouble="" if is_fields else _said(error),
                troubles={field: _said(error)} if is_fields else {},
            )
    return lead(to("approval", number=number, done=done))


def _said(error: NewsletterError) -> str:
    if isinstance(error, InvalidIssue):
        return say(_("The press check found what blocks, so nothing was approved."))
    if isinstance(error, IssueNotEditable):
        return say(_("This issue cannot be approved any more; see where it stands."))
    return say(error.message)


def _note(session: Session, issue: model.Issue, action: Action, now: datetime) -> None:
    desk.note(session, presence.actor, action, now, f"{issue.id}: {issue.subject}")


def _words(field: str) -> str:
    """Return what was written into a field of several lines, without what no keyboard writes."""
    text = request.form.get(field, "").replace("\r\n", "\n")
    return "".join(each if each.isprintable() or each == "\n" else " " for each in text)


def _page(
    session: Session,
    issue: model.Issue,
    *,
    status: int = 200,
    trouble: str = "",
    troubles: Mapping[str, str] | None = None,
) -> Response:
    mail, remarks = _mail(session, issue)
    answer = issue_page(
        "approval.html",
        session,
        issue,
        status=status,
        trouble=trouble,
        troubles=troubles or {},
        given=request.form,
        mail=mail,
        framed=framing.with_new_tabs(mail.shown.html) if mail else "",
        with_new_tabs=framing.with_new_tabs,
        sandbox=framing.SANDBOX,
        blocking=[remark for remark in remarks if remark.blocks],
        worrying=[remark for remark in remarks if not remark.blocks],
        steps=issues.steps(session, issue),
        zone=issues.find_zone(issues.publication_of(session, issue).zone),
        is_digest=issue.frequency is not Frequency.EACH,
        may_write=may(presence.role, Permission.WRITE),
        may_approve=may(presence.role, Permission.APPROVE),
        is_barred=issues.is_barred(session, issue, presence.editor_id),
        may_be_sent_back=issues.may_be_sent_back(issue),
    )
    return framing.allow_frames(answer)


def _mail(session: Session, issue: model.Issue) -> tuple[Mail | None, Sequence[rendering.Remark]]:
    """Return the mail to be read, if any, and what the press check says of a draft."""
    remarks: Sequence[rendering.Remark] = ()
    found: Mapping[str, tuple[int, rendering.Words]]
    now = datetime.now(UTC)
    if issue.content_hash:
        content_hash = issue.content_hash
        found = issues.mails(session, issue, links, now)
    else:
        try:
            proof = issues.proof(session, issue, links, now, language=reader_language())
        except InvalidIssue:
            return None, ()
        content_hash, remarks = proof.content_hash, proof.remarks
        found = {
            each.variant: (
                each.appeal_variant_id or 0,
                rendering.Words(each.subject, each.html, each.text),
            )
            for each in proof.contents
        }
    publication = issues.publication_of(session, issue)
    called = _called(session, {name: saying for name, (saying, _words) in found.items()})
    main, *others = (
        (called[name], issues.specimen(words, publication, links, settings.return_domain, now))
        for name, (_saying, words) in found.items()
    )
    return Mail(main[1], content_hash, dict(others)), remarks


def _called(session: Session, mails: Mapping[str, int]) -> Mapping[str, str]:
    """Say what the mails of an issue are called, given which variant of its appeal each has."""
    subjects = {name.partition("/")[0] for name in mails}
    called = {}
    for name, saying in mails.items():
        subject = say(VARIANTS[name.partition("/")[0]]) if len(subjects) > 1 else ""
        variant = session.get(model.AppealVariant, saying)
        appeal = ""
        if variant:
            appeal = say(_("With the appeal in variant %(name)s")) % {"name": variant.name}
        elif any(mails.values()):
            appeal = say(_("Without an appeal"))
        called[name] = " – ".join(filter(None, (subject, appeal)))
    return called
