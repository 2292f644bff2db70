"""Appeals: list them and what is shown now, add one, change its terms, remove it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from newsletter import issues, model, support
from newsletter.desk import Action, Permission, may, note
from newsletter.errors import Conflict, Invalid
from newsletter.language import LANGUAGES, say_language
from newsletter.rendering import Goal
from newsletter.support import Saying, Terms, Wording
from newsletter.web.context import database, reader_language
from newsletter.web.desk.appeal_form import (
    WORDS,
    TermsForm,
    blank_terms,
    given_place,
    given_terms,
    said,
    typed_terms,
    typed_words,
    words_troubles,
)
from newsletter.web.desk.frame import page, say, zone
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.publications import TONGUES

MOST_PARTS = 10
"""Readers are told of in parts of so many at most."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an appeal stands today, and the names of the publications that show it.

    ``state`` is shown, coming, over, nowhere (it is for no publication), mute (no variant is on) or
    behind (others that began earlier are shown in all its places).
    """

    appeal: model.Appeal
    terms: Terms
    sayings: Sequence[Saying]
    state: str
    shown: Sequence[str]
    goal: Goal | None
    names: Sequence[str]


@bp.get("/appeals")
@needs(Permission.APPEALS)
def appeals_page() -> Response:
    """List the appeals, and which of them are shown today."""
    now = datetime.now(UTC)
    with database.reading() as session:
        order = ("shown", "behind", "mute", "nowhere", "coming", "over")
        found = _standings(session, support.appeals(session), now)
        rows = sorted(found, key=lambda each: order.index(each.state))
        return page("appeals/list.html", found=rows)


@bp.get("/appeals/new")
@needs(Permission.APPEALS)
def new_appeal() -> Response:
    """Ask for the words and the terms of a new one."""
    with database.reading() as session:
        return _form(session, None, blank_terms(issues.publications(session)))


@bp.post("/appeals/new")
@needs(Permission.APPEALS)
def add_appeal() -> Response:
    """Add an appeal with its first variant."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        form = typed_terms(issues.publications(session))
        words = typed_words("own")
        troubles = {**words_troubles("own", words), **form.troubles}
        if troubles:
            return _form(session, None, _with_words(form, words), troubles)
        added = support.add_appeal(session, form.terms, words)
        note(session, presence.actor, Action.APPEAL_ADDED, now, added.name)
        number = added.id
    return lead(to("appeal", number=number, done="appeal-added"))


@bp.get("/appeals/<int:number>")
@needs(Permission.APPEALS)
def appeal(number: int) -> Response:
    """Show where an appeal stands, its variants and its terms."""
    with database.reading() as session:
        return appeal_page(session, support.fetch_appeal(session, number))


@bp.get("/appeals/<int:number>/terms")
@needs(Permission.APPEALS)
def appeal_terms(number: int) -> Response:
    """Show the terms of an appeal, to change."""
    with database.reading() as session:
        shown = support.fetch_appeal(session, number)
        return _form(session, shown, given_terms(support.terms_of(session, shown)))


@bp.post("/appeals/<int:number>/terms")
@needs(Permission.APPEALS)
def change_appeal(number: int) -> Response:
    """Change the terms of an appeal."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        shown = support.fetch_appeal(session, number)
        form = typed_terms(issues.publications(session))
        if form.troubles:
            return _form(session, shown, form.given, form.troubles)
        try:
            changed = support.change_appeal(session, shown, form.terms)
        except Invalid as error:
            troubles = {getattr(error, "field", "name"): said(error)}
            return _form(session, shown, form.given, troubles)
        if changed:
            about = f"{shown.name}: {', '.join(changed).replace('_', ' ')}"
            note(session, presence.actor, Action.APPEAL_CHANGED, now, about)
    return lead(to("appeal", number=number, done="appeal" if changed else "unchanged"))


@bp.post("/appeals/<int:number>/remove")
@needs(Permission.APPEALS)
def remove_appeal(number: int) -> Response:
    """Remove an appeal that was never shown."""
    now = datetime.now(UTC)
    try:
        with database.transaction() as session:
            shown = support.fetch_appeal(session, number)
            name = shown.name
            support.remove_appeal(session, shown)
            note(session, presence.actor, Action.APPEAL_REMOVED, now, name)
    except Conflict as error:
        with database.reading() as session:
            shown = support.fetch_appeal(session, number)
            return appeal_page(session, shown, say(error.message), status=409)
    return lead(to("appeals_page", done="appeal-removed"))


def appeal_page(
    session: Session, shown: model.Appeal, trouble: str = "", *, status: int = 200
) -> Response:
    """Answer with the page of an appeal."""
    (standing,) = _standings(session, [shown], datetime.now(UTC))
    on = sum(each.variant.weight for each in standing.sayings if each.variant.is_on)
    return page(
        "appeals/appeal.html",
        status=status,
        trouble=trouble,
        one=standing,
        number=shown.id,
        place=given_place(standing.terms.placement),
        most_variants=support.MOST_VARIANTS,
        part_of=lambda variant: part(variant.weight if variant.is_on else 0, on),
        may_see_donations=may(presence.role, Permission.DONATIONS),
    )


def part(weight: int, whole: int) -> tuple[int, int]:
    """Say a share as so many of so many readers, in small numbers: (1, 3) of one in three."""
    if not weight or not whole:
        return 0, 1
    found = Fraction(weight, whole).limit_denominator(MOST_PARTS)
    if not found:
        return 1, round(whole / weight)
    return found.numerator, found.denominator


def tongue(tag: str) -> str:
    """Name a language for whoever reads the answer."""
    name = say_language(tag, reader_language())
    return name[:1].upper() + name[1:]


def _standings(
    session: Session, found: Sequence[model.Appeal], now: datetime
) -> Sequence[Standing]:
    known = issues.publications(session)
    names = {each.id: each.name for each in known}
    due = support.due_appeals(session, known, now)
    said = support.sayings(session, [each.id for each in found])
    goals, today = support.goals(session, found, now), now.astimezone(zone()).date()
    all_terms = support.terms(session, found)
    standings = []
    for each in found:
        terms = all_terms[each.id]
        places = [names[number] for number, (one, *_) in due.items() if one.id == each.id]
        standings.append(
            Standing(
                each,
                terms,
                said[each.id],
                _state(terms, said[each.id], places, today),
                sorted(places),
                goals.get(each.id),
                [names[number] for number in terms.publications if number in names],
            )
        )
    return standings


def _state(terms: Terms, sayings: Sequence[Saying], places: Sequence[str], today: date) -> str:
    if terms.ends_on and terms.ends_on < today:
        return "over"
    if not any(each.variant.is_on and each.wordings for each in sayings):
        return "mute"
    if not terms.for_all and not terms.publications:
        return "nowhere"
    if places:
        return "shown"
    return "coming" if terms.starts_on and terms.starts_on > today else "behind"


def _with_words(form: TermsForm, words: Wording) -> Mapping[str, Any]:
    return {**form.given, **{f"{name}-own": getattr(words, name) for name in WORDS}}


def _form(
    session: Session,
    shown: model.Appeal | None,
    given: Mapping[str, Any],
    troubles: Mapping[str, str] | None = None,
) -> Response:
    known = issues.publications(session)
    tongues = {*TONGUES, *LANGUAGES, *(each.language for each in known)} - {""}
    return page(
        "appeals/terms.html",
        status=422 if troubles else 200,
        shown=shown,
        given=given,
        known=known,
        tongues=sorted(((tag, tongue(tag)) for tag in tongues), key=lambda pair: pair[1].lower()),
        troubles=troubles or {},
    )
