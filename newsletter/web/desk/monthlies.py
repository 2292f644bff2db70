"""Monthlies at the desk: make one for a month, put its texts in order, write its preface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import issues, model
from newsletter.desk import Action, Permission, note
from newsletter.errors import Conflict, Invalid, NotFound, Outdated
from newsletter.issues import monthlies
from newsletter.issues.collecting import Text, last_day
from newsletter.issues.monthlies import LONGEST_PREFACE
from newsletter.language import marked as _
from newsletter.language import say_number
from newsletter.web import printing
from newsletter.web.context import database, links, reader_language
from newsletter.web.desk.composer import writing
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import issue_page
from newsletter.web.typed import typed_lines


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form says: which texts, in which order, and the preface."""

    texts: Sequence[int]
    preface: str


@bp.get("/issues/monthlies")
@needs(Permission.WRITE)
def monthlies_page() -> Response:
    """List the months of each publication, with the monthlies that were made of them."""
    return _months()


@bp.post("/issues/monthlies")
@needs(Permission.WRITE)
def make_monthly() -> Response:
    """Make the monthly of a month, and lead to it."""
    form, now = request.form, datetime.now(UTC)
    month = _month(form.get("month", ""))
    sources = [int(each) for each in form.getlist("source") if each.isdecimal()]
    try:
        with database.transaction() as session:
            publication = issues.fetch_publication(session, form.get("publication", ""))
            known = {each.id for each in issues.publications(session)}
            made = monthlies.make_monthly(
                *(session, publication, month, now, writing(session), links),
                sources=[each for each in sources if each in known],
            )
            note(session, presence.actor, Action.MONTHLY_MADE, now, made.subject)
            number = made.id
    except Conflict as error:
        if number := getattr(error, "issue", 0):
            return lead(to("issue_text", number=number))
        return _months(say(error.message), 409)
    except Invalid as error:
        return _months(say(error.message), 422)
    return lead(to("monthly", number=number, done="monthly-made"))


@bp.get("/issues/<int:number>/monthly")
@needs(Permission.WRITE)
def monthly(number: int) -> Response:
    """Show what a monthly collects."""
    with database.reading() as session:
        return _page(session, *_fetch(session, number))


@bp.post("/issues/<int:number>/monthly")
@needs(Permission.WRITE)
def arrange_monthly(number: int) -> Response:
    """Take over the order, what is left out, and the preface."""
    now, base = datetime.now(UTC), request.form.get("base", 0, type=int)
    given = Typed(_order(request.form), typed_lines("preface", LONGEST_PREFACE))
    troubles: dict[str, str] = {}
    if len(given.preface) > LONGEST_PREFACE:
        most = say_number(LONGEST_PREFACE, reader_language())
        troubles["preface"] = say(_("This is too long; %(most)s characters at most.")) % {
            "most": most
        }
    if not given.texts:
        troubles["texts"] = say(_("A monthly needs one text at least."))
    if not troubles:
        try:
            with database.transaction() as session:
                issue, _found = _fetch(session, number)
                monthlies.arrange(
                    *(session, issue, given.texts, given.preface, now, writing(session), links),
                    base=base,
                )
            return lead(to("monthly", number=number, done="monthly-arranged"))
        except Outdated:
            troubles["base"] = say(_STALE)
    with database.reading() as session:
        status = 409 if "base" in troubles else 422
        return _page(session, *_fetch(session, number), given, troubles, status)


@bp.post("/issues/<int:number>/monthly/refresh")
@needs(Permission.WRITE)
def refresh_monthly(number: int) -> Response:
    """Make a monthly anew of what is public now."""
    now, base = datetime.now(UTC), request.form.get("base", 0, type=int)
    try:
        with database.transaction() as session:
            issue, _found = _fetch(session, number)
            monthlies.refresh(session, issue, now, writing(session), links, base=base)
    except (Outdated, Invalid) as error:
        words = say(_STALE) if isinstance(error, Outdated) else say(error.message)
        with database.reading() as session:
            return _page(session, *_fetch(session, number), None, {"base": words}, 409)
    return lead(to("monthly", number=number, done="monthly-refreshed"))


@bp.get("/issues/<int:number>/pdf")
@needs(Permission.PREVIEW)
def issue_pdf(number: int) -> Response:
    """Show an issue as the PDF that it will be."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        if issue.frequency is not model.Frequency.EACH or not issues.has_text(session, issue):
            raise NotFound
        job = printing.job_of(session, issues.publication_of(session, issue), issue)
    return printing.answer(job)


_STALE = _("Somebody has saved another text meanwhile. What you chose is below; save it again.")


def _month(words: str) -> date:
    try:
        return datetime.strptime(words, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError as error:
        raise NotFound from error


def _fetch(session: Session, number: int) -> tuple[model.Issue, model.Monthly]:
    issue = issues.fetch(session, number)
    found = monthlies.find_monthly(session, issue)
    if found is None:
        raise NotFound
    return issue, found


def _order(form: Mapping[str, str]) -> Sequence[int]:
    """Return the texts that are in, by the places that were typed.

    One that was moved goes before the one whose place it takes, if it came from below, else after.
    """
    ranked = []
    for was, number in enumerate(request.form.getlist("text"), 1):
        if not number.isdecimal() or f"in-{number}" not in form:
            continue
        typed = form.get(f"place-{number}", "")
        place = int(typed) if typed.isdecimal() and len(typed) < 6 else was
        ranked.append(((place, (place > was) - (place < was), was), int(number)))
    return [number for _rank, number in sorted(ranked)]


def _months(trouble: str = "", status: int = 200) -> Response:
    now = datetime.now(UTC)
    with database.reading() as session:
        publications = issues.publications(session)
        return page(
            "monthlies.html",
            status=status,
            publications=publications,
            months={each.id: monthlies.months(session, each, now) for each in publications},
            troubles={"months": trouble} if trouble else {},
        )


def _page(
    session: Session,
    issue: model.Issue,
    found: model.Monthly,
    given: Typed | None = None,
    troubles: Mapping[str, str] = {},
    status: int = 200,
) -> Response:
    now = datetime.now(UTC)
    shown, left_out = monthlies.contents(session, found, links)
    texts: Sequence[tuple[Text, bool]] = [
        *((each, True) for each in shown),
        *((each, False) for each in left_out),
    ]
    if given:
        chosen = {number: place for place, number in enumerate(given.texts)}
        texts = sorted(
            ((each, each.number in chosen) for each, _in in texts),
            key=lambda line: chosen.get(line[0].number, len(chosen)),
        )
    publication = issues.publication_of(session, issue)
    return issue_page(
        "monthly.html",
        session,
        issue,
        status=status,
        monthly=found,
        month=(found.month, last_day(found.month)),
        texts=texts,
        preface=given.preface if given else found.preface,
        standing=monthlies.standing(session, issue, found, now, links),
        several=len(found.sources) > 1,
        is_open=issues.is_open(issue),
        has_pdf=printing.is_offered(),
        address=links.issue(publication.slug, issue.slug) if issues.is_readable(issue) else "",
        zone=ZoneInfo(publication.zone),
        troubles=troubles,
    )
