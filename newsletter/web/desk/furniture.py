"""Licences: list them, add one, change one; publications choose in their form."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, request

from newsletter import issues, model, rendering
from newsletter.desk import Action, Permission, note
from newsletter.language import LANGUAGES
from newsletter.language import marked as _
from newsletter.web.context import database
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.typed import typed, typed_lines


@dataclass(frozen=True, slots=True)
class Kind:
    """Licences: their table, their form, what is said of them.

    ``choices`` are fields that are chosen or not; ``translated`` have words in each language.
    """

    table: issues.Kind
    lines: Sequence[str]
    passages: Sequence[str]
    wrong: Mapping[str, str]
    added: Action
    changed: Action
    done: str
    choices: Sequence[str] = ()
    translated: Sequence[str] = ()


KINDS = {
    "licences": Kind(
        model.Licence,
        ("name", "url"),
        ("text_terms", "image_terms"),
        {
            "name": _("Give the licence a name of up to 120 characters."),
            "text_terms": _("Say on what terms texts may be republished, in 2000 characters."),
            "image_terms": _("Say it in 2000 characters."),
            "url": _("The address of the terms begins with https:// and has no spaces."),
        },
        Action.LICENCE_ADDED,
        Action.LICENCE_CHANGED,
        "licence",
        choices=("reuse",),
        translated=issues.TRANSLATED,
    ),
}


@bp.get("/settings/licences", defaults={"kind": "licences"})
@needs(Permission.SETTINGS)
def furniture_page(kind: str) -> Response:
    """List the licences, and which publications carry each."""
    with database.reading() as session:
        return page(
            f"settings/{kind}.html",
            found=issues.furniture(session, KINDS[kind].table),
            managed=rendering.MANAGED,
            tongues=LANGUAGES,
        )


@bp.get("/settings/licences/new", defaults={"kind": "licences"})
@needs(Permission.SETTINGS)
def new_furniture(kind: str) -> Response:
    """Ask for the words of a new one; those of a licence that comes with the house are there."""
    return _form(kind, None, _managed() if kind == "licences" else {})


@bp.post("/settings/licences/new", defaults={"kind": "licences"})
@needs(Permission.SETTINGS)
def add_furniture(kind: str) -> Response:
    """Add a licence."""
    now, chosen, given = datetime.now(UTC), KINDS[kind], _typed(kind)
    if troubles := _troubles(chosen, given):
        return _form(kind, None, given, troubles)
    with database.transaction() as session:
        issues.add_furniture(session, chosen.table, **given)
        note(session, presence.actor, chosen.added, now, given[chosen.lines[0]])
    return lead(to("furniture_page", kind=kind, done=chosen.done))


@bp.get("/settings/licences/<int:number>", defaults={"kind": "licences"})
@needs(Permission.SETTINGS)
def one_of_furniture(kind: str, number: int) -> Response:
    """Show the words of one."""
    chosen = KINDS[kind]
    with database.reading() as session:
        shown = issues.fetch_furniture(session, chosen.table, number)
        given = {
            name: getattr(shown, name)
            for name in (*chosen.lines, *chosen.passages, *chosen.choices)
        }
        if isinstance(shown, model.Licence):
            given["translations"] = shown.translations
    return _form(kind, number, given)


@bp.post("/settings/licences/<int:number>", defaults={"kind": "licences"})
@needs(Permission.SETTINGS)
def change_furniture(kind: str, number: int) -> Response:
    """Change the words of one, for all publications that carry it."""
    now, chosen, given = datetime.now(UTC), KINDS[kind], _typed(kind)
    with database.transaction() as session:
        shown = issues.fetch_furniture(session, chosen.table, number)
        if troubles := _troubles(chosen, given):
            return _form(kind, number, given, troubles)
        changed = issues.change_furniture(session, shown, **given)
        if changed:
            about = f"{given[chosen.lines[0]]}: {', '.join(changed).replace('_', ' ')}"
            note(session, presence.actor, chosen.changed, now, about)
    done = chosen.done if changed else "unchanged"
    return lead(to("furniture_page", kind=kind, done=done))


def _managed() -> Mapping[str, Any]:
    """Return the words of the licence that the address names, in the language that it names."""
    wanted, language = request.args.get("from", ""), request.args.get("language", LANGUAGES[0])
    for licence in rendering.MANAGED:
        if licence.slug == wanted:
            with database.reading() as session:
                known = issues.publications(session)
            institute = known[0].author_name if known else say(_("our institute"))
            words = {tongue: asdict(licence.in_language(tongue, institute)) for tongue in LANGUAGES}
            own = words.pop(language if language in words else LANGUAGES[0])
            return {"reuse": licence.reuse, "translations": words, **own}
    return {"reuse": True}


def _typed(kind: str) -> dict[str, Any]:
    chosen = KINDS[kind]
    lines: dict[str, Any] = {name: typed(name) for name in chosen.lines}
    lines |= {name: bool(typed(name)) for name in chosen.choices}
    lines |= {name: typed_lines(name, issues.LONGEST_TERMS) for name in chosen.passages}
    if chosen.translated:
        words = ((tongue, _typed_in(chosen, tongue)) for tongue in LANGUAGES)
        lines["translations"] = {tongue: said for tongue, said in words if said}
    return lines


def _typed_in(chosen: Kind, tongue: str) -> dict[str, str]:
    """Return what was typed in one language, without what is empty."""
    words = {
        name: typed_lines(f"{name}_{tongue}", issues.LONGEST_TERMS)
        if name in chosen.passages
        else typed(f"{name}_{tongue}")
        for name in chosen.translated
    }
    return {name: text for name, text in words.items() if text}


def _troubles(chosen: Kind, given: Mapping[str, Any]) -> Mapping[str, str]:
    wrong = issues.furniture_faults(chosen.table, given)
    names = {name: name.rpartition("_")[0] if name not in chosen.wrong else name for name in wrong}
    return {name: say(chosen.wrong[about]) for name, about in names.items()}


def _form(
    kind: str,
    number: int | None,
    given: Mapping[str, Any],
    troubles: Mapping[str, str] | None = None,
) -> Response:
    return page(
        f"settings/{KINDS[kind].done}.html",
        status=422 if troubles else 200,
        number=number,
        given=given,
        tongues=LANGUAGES,
        troubles=troubles or {},
    )
