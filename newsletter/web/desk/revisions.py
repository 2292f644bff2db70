"""Revisions of an issue: who saved what when, what changed between two, and an old text back."""

from datetime import UTC, datetime

from flask import Response, request

from newsletter import issues, manuscripts, model
from newsletter.desk import Action, Permission, note
from newsletter.errors import NotFound, Outdated
from newsletter.language import marked as _
from newsletter.web.context import database
from newsletter.web.desk.composer import writing
from newsletter.web.desk.composing import FIELD_NAMES
from newsletter.web.desk.frame import say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import issue_page
from newsletter.web.typed import counted

PER_PAGE = 50


@bp.get("/issues/<int:number>/revisions")
@needs(Permission.WRITE)
def revisions(number: int) -> Response:
    """List what was saved, newest first."""
    before = request.args.get("before", type=counted)
    until = None if before is None else min(before, 2**31 - 1)
    with database.reading() as session:
        issue = issues.fetch(session, number)
        found = issues.revisions.listed(session, issue, before=until, limit=PER_PAGE + 1)
        shown = found[:PER_PAGE]
        return issue_page(
            "revisions.html",
            session,
            issue,
            revisions=shown,
            older=shown[-1].number if len(found) > PER_PAGE else 0,
            before=before,
            zone=issues.find_zone(issues.publication_of(session, issue).zone),
        )


@bp.get("/issues/<int:number>/changes")
@needs(Permission.WRITE)
def changes(number: int) -> Response:
    """Show what changed from one revision to another, by default to it from the one before it."""
    new = request.args.get("new", 0, type=counted)
    old = request.args.get("old", new - 1, type=counted)
    return _changes(number, min(old, new), max(old, new))


@bp.post("/issues/<int:number>/bring-back")
@needs(Permission.WRITE)
def bring_back(number: int) -> Response:
    """Make the text of a revision the newest."""
    now = datetime.now(UTC)
    revision = request.form.get("revision", 0, type=int)
    version = request.form.get("version", 0, type=int)
    try:
        with database.transaction() as session:
            editor = writing(session)
            issue = issues.bring_back(session, number, revision, now, editor, base=version)
            note(session, presence.actor, Action.BROUGHT_BACK, now, issue.subject)
    except Outdated:
        words = say(_("Somebody has saved meanwhile. Look at what there is now, and decide anew."))
        return _changes(number, 0, revision, trouble=words)
    return lead(to("issue_text", number=number, done="brought-back"))


def _changes(number: int, old: int, new: int, *, trouble: str = "") -> Response:
    with database.reading() as session:
        issue = issues.fetch(session, number)
        after = _found(issues.revisions.find(session, issue, new))
        before = issues.revisions.find(session, issue, min(old or after.number - 1, new - 1))
        articles = () if before is None else issues.revisions.articles_in(before)
        return issue_page(
            "changes.html",
            session,
            issue,
            status=409 if trouble else 200,
            trouble=trouble,
            before=before,
            after=after,
            changes=manuscripts.changes(articles, issues.revisions.articles_in(after)),
            names=FIELD_NAMES,
            zone=issues.find_zone(issues.publication_of(session, issue).zone),
            may_write=issues.is_open(issue),
        )


def _found(revision: model.Revision | None) -> model.Revision:
    if revision is None:
        raise NotFound
    return revision
