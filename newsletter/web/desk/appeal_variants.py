"""Variants of an appeal: add one, change its words and how many readers get it, remove it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import issues, model, support
from newsletter.desk import Action, Permission, note
from newsletter.errors import Conflict
from newsletter.support import Wording
from newsletter.web.context import database
from newsletter.web.desk.appeal_form import given_words, said, typed_words, words_troubles
from newsletter.web.desk.appeals import appeal_page, part, tongue
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.typed import typed

NAMES = "ABCDE"


@bp.get("/appeals/<int:number>/variants/new")
@needs(Permission.APPEALS)
def new_variant(number: int) -> Response:
    """Ask for a new variant; the words of the first are there to begin with."""
    with database.reading() as session:
        appeal = support.fetch_appeal(session, number)
        known = support.sayings(session, [number])[number]
        taken = {each.variant.name for each in known}
        name = next((each for each in NAMES if each not in taken), "")
        given = given_words(known[0].wordings) if known else {}
        return _form(session, appeal, None, {"name": name, "weight": "1", **given})


@bp.post("/appeals/<int:number>/variants/new")
@needs(Permission.APPEALS)
def add_variant(number: int) -> Response:
    """Add a variant."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        appeal = support.fetch_appeal(session, number)
        given, wordings, troubles = _typed(session, appeal, None)
        if troubles:
            return _form(session, appeal, None, given, troubles)
        try:
            name, weight = given["name"], _weight(given)
            support.add_variant(session, appeal, name, weight, wordings)
        except Conflict as error:
            return appeal_page(session, appeal, say(error.message), status=409)
        about = f"{appeal.name}: {given['name']}"
        note(session, presence.actor, Action.APPEAL_CHANGED, now, about)
    return lead(to("appeal", number=number, done="variant-added"))


@bp.get("/appeals/<int:number>/variants/<int:variant>")
@needs(Permission.APPEALS)
def variant_page(number: int, variant: int) -> Response:
    """Show the words of a variant, to change."""
    with database.reading() as session:
        appeal = support.fetch_appeal(session, number)
        shown = support.fetch_variant(session, appeal, variant)
        row = shown.variant
        given = {"name": row.name, "weight": str(row.weight), "is_on": "yes" if row.is_on else ""}
        return _form(session, appeal, row, {**given, **given_words(shown.wordings)})


@bp.post("/appeals/<int:number>/variants/<int:variant>")
@needs(Permission.APPEALS)
def change_variant(number: int, variant: int) -> Response:
    """Change a variant: its words, in which languages it has some, its weight."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        appeal = support.fetch_appeal(session, number)
        before = support.fetch_variant(session, appeal, variant)
        given, wordings, troubles = _typed(session, appeal, before.variant)
        if troubles:
            return _form(session, appeal, before.variant, given, troubles)
        changed = _change(session, before, given, wordings)
        if changed:
            about = f"{appeal.name}: {before.variant.name}"
            note(session, presence.actor, Action.APPEAL_CHANGED, now, about)
    return lead(to("appeal", number=number, done="variant" if changed else "unchanged"))


@bp.post("/appeals/<int:number>/variants/<int:variant>/remove")
@needs(Permission.APPEALS)
def remove_variant(number: int, variant: int) -> Response:
    """Remove a variant that was never shown."""
    now = datetime.now(UTC)
    try:
        with database.transaction() as session:
            appeal = support.fetch_appeal(session, number)
            shown = support.fetch_variant(session, appeal, variant).variant
            about = f"{appeal.name}: {shown.name}"
            support.remove_variant(session, shown)
            note(session, presence.actor, Action.APPEAL_CHANGED, now, about)
    except Conflict as error:
        with database.reading() as session:
            appeal = support.fetch_appeal(session, number)
            return appeal_page(session, appeal, say(error.message), status=409)
    return lead(to("appeal", number=number, done="variant-removed"))


def _change(
    session: Session,
    before: support.Saying,
    given: Mapping[str, str],
    wordings: Mapping[str, Wording],
) -> bool:
    row = before.variant
    terms = (given["name"], _weight(given), bool(given["is_on"]))
    changed = terms != (row.name, row.weight, row.is_on) or wordings != dict(before.wordings)
    name, weight, is_on = terms
    support.change_variant(session, row, name, weight, is_on=is_on)
    for language in before.wordings:
        if language not in wordings:
            support.drop_words(session, row, language)
    for language, wording in wordings.items():
        if wording != before.wordings.get(language):
            support.put_words(session, row, language, wording)
    return changed


def _typed(
    session: Session, appeal: model.Appeal, shown: model.AppealVariant | None
) -> tuple[dict[str, str], Mapping[str, Wording], Mapping[str, str]]:
    """Read the form; a language other than the appeal's own may have no words at all."""
    given = {name: typed(name) for name in ("name", "weight", "is_on")}
    troubles: dict[str, str] = {}
    for fault in support.variant_faults(given["name"], _weight(given)).values():
        troubles[getattr(fault, "field", "name")] = said(fault)
    wordings = {}
    for language in _languages(session, appeal, shown):
        wording = typed_words(language)
        given |= given_words({language: wording})
        if wording == Wording("", "", "") and language != appeal.language:
            continue
        troubles |= words_troubles(language, wording)
        wordings[language] = wording
    return given, wordings, troubles


def _weight(given: Mapping[str, str]) -> int:
    text = given["weight"]
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _languages(
    session: Session, appeal: model.Appeal, shown: model.AppealVariant | None
) -> Sequence[str]:
    """List the languages in which a variant can be said: its appeal's own, then the others."""
    places = support.terms_of(session, appeal).publications
    tags: Iterable[str] = (
        each.language
        for each in issues.publications(session)
        if appeal.for_all or each.id in places
    )
    known = support.sayings(session, [appeal.id])[appeal.id]
    mine = [
        tag for each in known if shown is None or each.variant is shown for tag in each.wordings
    ]
    return [*dict.fromkeys([appeal.language, *sorted({*tags, *mine})])]


def _form(
    session: Session,
    appeal: model.Appeal,
    shown: model.AppealVariant | None,
    given: Mapping[str, Any],
    troubles: Mapping[str, str] | None = None,
) -> Response:
    others = [
        each.variant
        for each in support.sayings(session, [appeal.id])[appeal.id]
        if each.variant is not shown
    ]
    weight = min(_weight({"weight": given["weight"]}), 100)
    whole = weight + sum(each.weight for each in others if each.is_on)
    return page(
        "appeals/variant.html",
        status=422 if troubles else 200,
        one=appeal,
        shown=shown,
        given=given,
        troubles=troubles or {},
        languages=[(tag, tongue(tag)) for tag in _languages(session, appeal, shown)],
        part=part(weight, whole),
        others=others,
        is_new=request.path.endswith("/new"),
    )
