"""Ways to give: list them, add one, change one, remove one."""

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Response

from newsletter import desk, issues, support
from newsletter.desk import Action, Permission, note
from newsletter.language import marked as _
from newsletter.model import WayKind
from newsletter.support import FIELDS
from newsletter.web.context import database
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, kind_of, lead, needs, presence, to
from newsletter.web.desk.hooks import why
from newsletter.web.typed import typed

_WRONG = {
    "title": _("Say in up to 80 characters how one gives: by card, by transfer."),
    "url": _("The address begins with https:// and may have {amount}, {currency}, {reference}."),
    "currency": _("Write the three letters of the currency, such as EUR."),
    "holder": _("Write who holds the account, in up to 70 characters."),
    "bic": _("This is no BIC; write one like COBADEFFXXX, or leave it out."),
}


@bp.get("/settings/giving")
@needs(Permission.SETTINGS)
def ways_page() -> Response:
    """List the ways to give."""
    with database.reading() as session:
        return page(
            "settings/ways.html",
            ways=support.ways(session),
            hooks=support.hooks(session),
            zone=desk.house_zone(session),
            why=why,
            names={each.id: each.name for each in issues.publications(session)},
        )


@bp.get("/settings/giving/new/<kind>")
@needs(Permission.SETTINGS)
def new_way(kind: str) -> Response:
    """Ask for a new way to give."""
    return _form(kind_of(WayKind, kind), None, {"currency": "EUR"})


@bp.post("/settings/giving/new/<kind>")
@needs(Permission.SETTINGS)
def add_way(kind: str) -> Response:
    """Add a way to give."""
    now, chosen = datetime.now(UTC), kind_of(WayKind, kind)
    given = _typed(chosen)
    if troubles := _troubles(chosen, given):
        return _form(chosen, None, given, troubles)
    with database.transaction() as session:
        support.add_way(session, chosen, _publication(given), given)
        note(session, presence.actor, Action.WAY_ADDED, now, given["title"])
    return lead(to("ways_page", done="way"))


@bp.get("/settings/giving/<int:number>")
@needs(Permission.SETTINGS)
def way_page(number: int) -> Response:
    """Show a way to give, to change or to remove."""
    with database.reading() as session:
        way = support.fetch_way(session, number)
        given = {name: getattr(way, name) for name in FIELDS[way.kind]}
        return _form(way.kind, number, given | {"publication": str(way.publication_id or "")})


@bp.post("/settings/giving/<int:number>")
@needs(Permission.SETTINGS)
def change_way(number: int) -> Response:
    """Change a way to give."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        way = support.fetch_way(session, number)
        given = _typed(way.kind)
        if troubles := _troubles(way.kind, given):
            return _form(way.kind, number, given, troubles)
        support.change_way(session, way, _publication(given), given)
        note(session, presence.actor, Action.WAY_CHANGED, now, given["title"])
    return lead(to("ways_page", done="way"))


@bp.post("/settings/giving/<int:number>/remove")
@needs(Permission.SETTINGS)
def remove_way(number: int) -> Response:
    """Offer a way no more."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        way = support.fetch_way(session, number)
        note(session, presence.actor, Action.WAY_REMOVED, now, way.title)
        support.remove_way(session, way)
    return lead(to("ways_page", done="way-removed"))


def _typed(kind: WayKind) -> dict[str, str]:
    return {name: typed(name) for name in (*FIELDS[kind], "publication")}


def _publication(given: Mapping[str, str]) -> int | None:
    return int(given["publication"]) if given["publication"] else None


def _troubles(kind: WayKind, given: Mapping[str, str]) -> Mapping[str, str]:
    faults = support.way_faults(kind, given)
    # What is wrong with an account number is said as exactly as it is known.
    troubles = {
        name: say(_WRONG[name]) if name in _WRONG else words for name, words in faults.items()
    }
    with database.reading() as session:
        known = {str(each.id) for each in issues.publications(session)}
    if given["publication"] not in known | {""}:
        troubles["publication"] = say(_("Choose a publication from the list."))
    return troubles


def _form(
    kind: WayKind,
    number: int | None,
    given: Mapping[str, str],
    troubles: Mapping[str, str] | None = None,
) -> Response:
    with database.reading() as session:
        publications = [(each.id, each.name) for each in issues.publications(session)]
    return page(
        "settings/way.html",
        status=422 if troubles else 200,
        kind=kind.value,
        number=number,
        given=given,
        troubles=troubles or {},
        publications=publications,
    )
