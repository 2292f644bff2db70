"""Corrections of a text that readers have: say one, and begin the mail that tells them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Response
from sqlalchemy.orm import Session

from newsletter import issues, model
from newsletter.desk import Action, Permission, note
from newsletter.language import marked as _
from newsletter.language import say_number
from newsletter.web.context import database, links, reader_language
from newsletter.web.desk.composer import writing
from newsletter.web.desk.frame import say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import issue_page
from newsletter.web.typed import typed_lines


@bp.get("/issues/<int:number>/corrections")
@needs(Permission.APPROVE)
def corrections(number: int) -> Response:
    """List the corrections of an issue, with a form for one more."""
    with database.reading() as session:
        return _page(session, issues.fetch(session, number))


@bp.post("/issues/<int:number>/corrections")
@needs(Permission.APPROVE)
def add_correction(number: int) -> Response:
    """Say what was wrong in an issue."""
    now, text = datetime.now(UTC), typed_lines("text", issues.LONGEST_ERRATUM)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        if trouble := _trouble(text):
            return _page(session, issue, text=text, trouble=trouble)
        issues.correct(session, issue, text, now)
        note(session, presence.actor, Action.CORRECTED, now, issue.subject)
    return lead(to("corrections", number=number, done="corrected"))


@bp.post("/issues/<int:number>/corrections/<int:erratum>/tell")
@needs(Permission.APPROVE)
def tell_readers(number: int, erratum: int) -> Response:
    """Begin the issue that tells those of a correction who received the text."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        found = issues.fetch_erratum(session, issue, erratum)
        telling = issues.tell_readers(session, found, links, now, writing(session))
        note(session, presence.actor, Action.CORRECTION_TOLD, now, issue.subject)
        begun = telling.id
    return lead(to("issue_text", number=begun, done="correction-begun"))


def _trouble(text: str) -> str:
    if not text:
        return say(_("Say what was wrong, and what is right."))
    if len(text) > issues.LONGEST_ERRATUM:
        most = say_number(issues.LONGEST_ERRATUM, reader_language())
        return say(_("This is too long; %(most)s characters at most.")) % {"most": most}
    return ""


def _page(session: Session, issue: model.Issue, *, text: str = "", trouble: str = "") -> Response:
    publication = issues.publication_of(session, issue)
    return issue_page(
        "corrections.html",
        session,
        issue,
        status=422 if trouble else 200,
        errata=issues.errata(session, [issue.id]).get(issue.id, ()),
        is_public=issues.is_readable(issue),
        address=links.issue(publication.slug, issue.slug),
        zone=ZoneInfo(publication.zone),
        text=text,
        troubles={"text": trouble} if trouble else {},
    )
