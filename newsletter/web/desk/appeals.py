"""Appeals: list them, add one, change the words of its first variant and whose it is."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import issues, support
from newsletter.desk import Action, Permission, note
from newsletter.language import marked as _
from newsletter.web.context import database
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.typed import typed, typed_lines

WRONG = {
    "title": _("Give the appeal a title of up to 120 characters."),
    "text": _("Say why a gift matters, in 2000 characters."),
    "button": _("Say on the button what happens, in up to 120 characters."),
    "destination": _("The address for donations begins with https:// and has no spaces."),
}


@bp.get("/settings/appeals")
@needs(Permission.SETTINGS)
def appeals_page() -> Response:
    """List the appeals, and for which publications each is."""
    with database.reading() as session:
        found = support.appeals(session)
        said = support.sayings(session, [each.appeal.id for each in found])
        rows = [
            (each, said[each.appeal.id][0].spoken(each.appeal.language)[1])
            for each in found
            if said[each.appeal.id]
        ]
        return page("settings/appeals.html", found=rows)


@bp.get("/settings/appeals/new")
@needs(Permission.SETTINGS)
def new_appeal() -> Response:
    """Ask for the words of a new one."""
    with database.reading() as session:
        return _form(session, None, {"publications": ["all"]})


@bp.post("/settings/appeals/new")
@needs(Permission.SETTINGS)
def add_appeal() -> Response:
    """Add an appeal."""
    now, given = datetime.now(UTC), _typed()
    with database.transaction() as session:
        if troubles := _troubles(given):
            return _form(session, None, given, troubles)
        known = issues.publications(session)
        language = known[0].language if known else "en"
        terms = _terms(support.Terms(name="", language=language), given)
        added = support.add_appeal(session, terms, _wording(given))
        note(session, presence.actor, Action.APPEAL_ADDED, now, added.name)
    return lead(to("appeals_page", done="appeal"))


@bp.get("/settings/appeals/<int:number>")
@needs(Permission.SETTINGS)
def appeal(number: int) -> Response:
    """Show the words of an appeal's first variant."""
    with database.reading() as session:
        shown = support.fetch_appeal(session, number)
        terms = support.terms_of(session, shown)
        _language, words = support.sayings(session, [number])[number][0].spoken(shown.language)
        chosen = ["all"] if terms.for_all else [str(each) for each in terms.publications]
        return _form(session, number, {**asdict(words), "publications": chosen})


@bp.post("/settings/appeals/<int:number>")
@needs(Permission.SETTINGS)
def change_appeal(number: int) -> Response:
    """Change the words of an appeal's first variant, and for which publications it is."""
    now, given = datetime.now(UTC), _typed()
    with database.transaction() as session:
        shown = support.fetch_appeal(session, number)
        if troubles := _troubles(given):
            return _form(session, number, given, troubles)
        said = support.sayings(session, [number])[number][0]
        language, before = said.spoken(shown.language)
        wording = _wording(given)
        terms = support.terms_of(session, shown)
        changed = [*support.change_appeal(session, shown, _terms(terms, given))]
        if wording != before:
            support.put_words(session, said.variant, language, wording)
            changed.append("words")
        if changed:
            about = f"{given['title']}: {', '.join(changed).replace('_', ' ')}"
            note(session, presence.actor, Action.APPEAL_CHANGED, now, about)
    return lead(to("appeals_page", done="appeal" if changed else "unchanged"))


def _typed() -> dict[str, Any]:
    lines: dict[str, Any] = {name: typed(name) for name in ("title", "button", "destination")}
    chosen = request.form.getlist("publications")
    return lines | {"text": typed_lines("text", issues.LONGEST_TERMS), "publications": chosen}


def _wording(given: Mapping[str, Any]) -> support.Wording:
    return support.Wording(*(given[name] for name in ("title", "text", "button", "destination")))


def _terms(terms: support.Terms, given: Mapping[str, Any]) -> support.Terms:
    chosen = [each for each in given["publications"] if each.isascii() and each.isdecimal()]
    numbers = tuple(sorted(int(each) for each in chosen if len(each) < 18))
    for_all = "all" in given["publications"]
    name = given["title"][: support.LONGEST_NAME]
    return replace(terms, name=name, for_all=for_all, publications=() if for_all else numbers)


def _troubles(given: Mapping[str, Any]) -> Mapping[str, str]:
    wrong = support.wording_faults(_wording(given))
    return {name: say(words) for name, words in WRONG.items() if name in wrong}


def _form(
    session: Session,
    number: int | None,
    given: Mapping[str, Any],
    troubles: Mapping[str, str] | None = None,
) -> Response:
    return page(
        "settings/appeal.html",
        status=422 if troubles else 200,
        number=number,
        given=given,
        known=issues.publications(session),
        troubles=troubles or {},
    )
