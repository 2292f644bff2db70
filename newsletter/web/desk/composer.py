"""The composer: begin an issue, write it, save it by hand or automatically, put articles in order.

Only drafts are written; ``composing`` says what the form is. What somebody else has saved meanwhile
is never overwritten unseen.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify, request
from sqlalchemy.orm import Session

from newsletter import issues, model
from newsletter.desk import Action, Permission, may, note, team
from newsletter.errors import Conflict, IssueNotEditable, NotFound, Outdated
from newsletter.language import marked as _
from newsletter.language import say_number
from newsletter.manuscripts import Article, changes, characters
from newsletter.web import framing
from newsletter.web.context import database, links, reader_language
from newsletter.web.desk.composing import (
    FIELD_NAMES,
    MOST_ARTICLES,
    MOST_OCTETS,
    Trouble,
    Typed,
    sheet_of,
    typed,
)
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import asks_of, issue_page

_ACT = re.compile(r"(save|add)|(remove|up|down|lead|unlead|picture)-([0-9]{1,4})")
_LONGEST_HEADLINE = 300


@dataclass(frozen=True, slots=True)
class Act:
    """What a press of a button does beside saving: the articles then, and where it leads.

    ``place`` is an anchor on the page of the text. A picture has a page of its own, which is told
    ``at`` which place of which ``article``.
    """

    articles: tuple[Article, ...]
    done: str = ""
    place: str = ""
    article: int = 0
    at: str = ""

    def leads(self, number: int) -> str:
        """Return the path of the page to go on with."""
        if self.at:
            return to("choose_picture", number=number, article=self.article, at=self.at)
        return to("issue_text", number=number, done=self.done) + self.place


@bp.get("/issues/new")
@needs(Permission.WRITE)
def new_issue() -> Response:
    """Ask for the publication and a headline."""
    return _beginning({}, {})


@bp.post("/issues/new")
@needs(Permission.WRITE)
def begin_issue() -> Response:
    """Begin an issue of nothing but a headline."""
    now = datetime.now(UTC)
    given = {name: request.form.get(name, "") for name in ("publication", "headline")}
    headline = characters.line(given["headline"])
    troubles = {}
    if not headline:
        troubles["headline"] = say(_("Write a headline; a few words are enough to begin."))
    elif len(headline) > _LONGEST_HEADLINE:
        troubles["headline"] = say(_("This headline is too long; shorten it to a line or two."))
    try:
        with database.transaction() as session:
            publication = issues.fetch_publication(session, given["publication"])
            if troubles:
                return _beginning(given, troubles, status=422)
            article = Article(headline, "", language=publication.language)
            issue = issues.draft(session, publication, [article], now, writing(session))
            note(session, presence.actor, Action.ISSUE_BEGUN, now, issue.subject)
            number = issue.id
    except NotFound:
        troubles["publication"] = say(_("Choose one of the publications."))
        return _beginning(given, troubles, status=422)
    except Conflict as error:
        words = say(_("There is an issue of this publication with today's date and this headline."))
        taken = getattr(error, "issue", 0)
        return _beginning(given, {"headline": words}, status=409, taken=taken)
    return lead(to("issue_text", number=number, done="issue-begun"))


@bp.get("/issues/<int:number>")
@needs(Permission.WRITE)
def issue_text(number: int) -> Response:
    """Show the text of an issue, to write on while it is a draft."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        articles = issues.revisions.current(session, issue)
        if not issues.is_open(issue):
            return issue_page(
                "closed.html",
                session,
                issue,
                articles=articles,
                may_reopen=may(presence.role, Permission.REOPEN),
                may_correct=may(presence.role, Permission.APPROVE),
                **_facts(session, issue),
            )
        return _composer(
            session,
            issue,
            _sheets(articles),
            subject=own_subject(issue, articles),
            licence_id=issue.licence_id,
            version=issue.version,
        )


@bp.post("/issues/<int:number>")
@needs(Permission.WRITE, largest=MOST_OCTETS)
def save_text(number: int) -> Response:
    """Save what was typed; then add, remove or move an article, if that is what was pressed."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        given = _typed(session, issue)
        if not given.articles:
            return _again(session, issue, given, status=422)
    act = _acted(given.articles, request.form.get("act", "save"))
    try:
        _save(number, given, act.articles)
    except IssueNotEditable:
        with database.reading() as session:
            issue = issues.fetch(session, number)
            return _again(session, issue, given, status=409, closed=say(_CLOSED))
    except Outdated:
        with database.reading() as session:
            issue = issues.fetch(session, number)
            return _clash(session, issue, given)
    return lead(act.leads(number))


@bp.post("/issues/<int:number>/autosave")
@needs(Permission.WRITE, largest=MOST_OCTETS)
def autosave(number: int) -> Response:
    """Save what a page sends by itself, or by hand without leaving it; say what became of it.

    The answer is for the page's script: ``state`` is saved, wrong, clash or closed; ``said`` is for
    people.
    """
    by_hand = request.form.get("act") == "save"
    with database.reading() as session:
        issue = issues.fetch(session, number)
        given = _typed(session, issue)
        zone = issues.find_zone(issues.publication_of(session, issue).zone)
    if not given.articles:
        said = [_said(trouble) for trouble in given.troubles.values()]
        return jsonify(state="wrong", said=" ".join([say(_("Not saved:")), *said[:1]]))
    try:
        version = _save(number, given, given.articles, automatic=not by_hand)
    except IssueNotEditable:
        return jsonify(state="closed", said=say(_CLOSED))
    except Outdated:
        return jsonify(state="clash", said=say(_CLASH))
    words = say(_("Saved %(time)s")) % {"time": f"{datetime.now(zone):%H:%M}"}
    return jsonify(state="saved", version=version, said=words)


_CLOSED = _(
    "Nothing was saved: meanwhile this issue is a draft no more. Copy what you typed to keep it."
)
_CLASH = _(
    "Not saved: somebody else has saved meanwhile. Press Save to see both texts; nothing is"
    " overwritten."
)


@bp.post("/issues/<int:number>/reopen")
@needs(Permission.REOPEN)
def reopen(number: int) -> Response:
    """Make an approved or scheduled issue a draft again."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = issues.fetch(session, number)
        issues.reopen(session, issue, now, writing(session))
        note(session, presence.actor, Action.REOPENED, now, issue.subject)
    return lead(to("issue_text", number=number, done="reopened"))


def own_subject(issue: model.Issue, articles: Sequence[Article]) -> str:
    """Return the subject of an issue, if it is another than its first headline."""
    return "" if articles and issue.subject == articles[0].headline else issue.subject


def writing(session: Session) -> model.Editor:
    """Return the editor who is signed in, as the one who writes."""
    return team.fetch(session, presence.editor_id)


def _typed(session: Session, issue: model.Issue) -> Typed:
    before = issues.revisions.current(session, issue)
    given = typed(request.form, request.form.getlist("article"), before)
    named = {f"terms-{key}": sheet["terms"] for key, sheet in given.sheets.items()}
    known = {"", *issues.licences_named(session, named.values())}
    unknown = [name for name, terms in named.items() if terms not in known]
    if given.licence_id and session.get(model.Licence, given.licence_id) is None:
        unknown.append("licence")
    if unknown:
        wrong = {name: Trouble(_("Choose one of the licences."), {}) for name in unknown}
        return replace(given, articles=(), troubles={**given.troubles, **wrong})
    return given


def _save(
    number: int, given: Typed, articles: Sequence[Article], *, automatic: bool = False
) -> int:
    """Save and return the version that holds what was typed."""
    with database.transaction() as session:
        saved = issues.save(
            session,
            number,
            articles,
            datetime.now(UTC),
            writing(session),
            base=given.version,
            subject=given.subject,
            licence_id=given.licence_id,
            automatic=automatic,
        )
        return saved.version


def _acted(articles: tuple[Article, ...], wanted: str) -> Act:
    """Do with ``articles`` what the pressed button says."""
    match = _ACT.fullmatch(wanted)
    name, at = (match[1] or match[2], int(match[3] or 0)) if match else ("save", 0)
    if at >= len(articles):
        name = "save"
    if name == "add" and len(articles) < MOST_ARTICLES:
        added = Article(say(_("Untitled article")), "", language=articles[0].language)
        return Act((*articles, added), "article-added", f"#article-{len(articles)}")
    if name == "lead":
        return Act(articles, article=at, at="lead")
    if name == "picture":
        return Act(articles, article=at, at=_caret(at, len(articles[at].body)))
    if name == "unlead":
        bare = replace(articles[at], picture=None)
        place = f"#article-{at}"
        return Act((*articles[:at], bare, *articles[at + 1 :]), "picture-taken-out", place)
    if name == "remove" and len(articles) > 1:
        return Act((*articles[:at], *articles[at + 1 :]), "article-removed")
    beside = at + {"up": -1, "down": 1}.get(name, 0)
    if name in {"up", "down"} and 0 <= beside < len(articles):
        moved = list(articles)
        moved[at], moved[beside] = moved[beside], moved[at]
        return Act(tuple(moved), "article-moved", "#articles")
    return Act(articles, "saved")


def _caret(at: int, end: int) -> str:
    """Return how many characters stand before the caret in the text of an article, if it says."""
    keys = request.form.getlist("article")
    caret = request.form.get(f"caret-{keys[at]}", "") if at < len(keys) else ""
    return caret if re.fullmatch("[0-9]{1,7}", caret) else str(end)


def _sheets(articles: Sequence[Article]) -> dict[str, Mapping[str, str]]:
    shown = articles or [Article("", "")]
    return {str(key): sheet_of(article) for key, article in enumerate(shown)}


def _again(
    session: Session, issue: model.Issue, given: Typed, *, status: int, closed: str = ""
) -> Response:
    """Show the composer once more, with what was typed."""
    return _composer(
        session,
        issue,
        given.sheets,
        subject=given.subject,
        licence_id=given.licence_id,
        version=given.version,
        troubles=given.troubles,
        status=status,
        closed=closed,
    )


def _clash(session: Session, issue: model.Issue, given: Typed) -> Response:
    """Show what somebody else has saved meanwhile, beside what was typed; the next save decides."""
    base = issues.revisions.find(session, issue, given.version)
    theirs = issues.revisions.current(session, issue)
    before = theirs if base is None else issues.revisions.articles_in(base)
    return _composer(
        session,
        issue,
        given.sheets,
        subject=given.subject,
        licence_id=given.licence_id,
        version=issue.version,
        status=409,
        clash={
            "theirs": changes(before, theirs),
            "yours": changes(theirs, given.articles),
            "names": FIELD_NAMES,
        },
    )


def _composer(
    session: Session,
    issue: model.Issue,
    sheets: Mapping[str, Mapping[str, str]],
    *,
    subject: str,
    licence_id: int | None,
    version: int,
    troubles: Mapping[str, Trouble] | None = None,
    status: int = 200,
    closed: str = "",
    clash: Mapping[str, Any] | None = None,
) -> Response:
    answer = issue_page(
        "text.html",
        session,
        issue,
        status=status,
        sheets=sheets,
        own_subject=subject,
        licence_id=licence_id,
        licences=[each.row for each in issues.furniture(session, model.Licence)],
        own_licences=len(sheets) > 1 or any(sheet["terms"] for sheet in sheets.values()),
        related=issues.edition(session, issue, links, datetime.now(UTC)).related,
        version=version,
        troubles={name: _said(wrong) for name, wrong in (troubles or {}).items()},
        closed=closed,
        clash=clash,
        most_articles=MOST_ARTICLES,
        author=issues.publication_of(session, issue).author_name,
        sandbox=framing.SANDBOX,
        images=issues.image_sizes(session, (sheet["picture"] for sheet in sheets.values())),
        **_facts(session, issue),
    )
    return framing.allow_frames(answer)


def _facts(session: Session, issue: model.Issue) -> dict[str, Any]:
    publication = issues.publication_of(session, issue)
    return {
        "kicker": publication.kicker,
        "own_licence": session.get(model.Licence, publication.licence_id or 0),
        "zone": issues.find_zone(publication.zone),
        "now": datetime.now(UTC),
        "asks": asks_of(session, issue, datetime.now(UTC)),
        "last": issues.revisions.latest(session, issue),
    }


def _said(trouble: Trouble) -> str:
    language = reader_language()
    return say(trouble.words) % {
        name: say_number(count, language) for name, count in trouble.facts.items()
    }


def _beginning(
    given: Mapping[str, str], troubles: Mapping[str, str], *, status: int = 200, taken: int = 0
) -> Response:
    with database.reading() as session:
        publications = issues.publications(session)
    return page(
        "issue-new.html",
        status=status,
        publications=publications,
        given=given,
        troubles=troubles,
        taken=taken,
    )
