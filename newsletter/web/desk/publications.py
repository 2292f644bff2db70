"""The publications: list them, add one, change one; its colour is checked as it is typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import issues, model, support
from newsletter.desk import Action, Permission, note
from newsletter.errors import Invalid, NotFound
from newsletter.language import LANGUAGES, say_language
from newsletter.language import marked as _
from newsletter.rendering import colour
from newsletter.web.context import database, reader_language
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.typed import typed, typed_lines

TONGUES = (
    *("ar", "be", "bg", "bs", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he"),
    *("hr", "hu", "hy", "is", "it", "ka", "lt", "lv", "mk", "nb", "nl", "pl", "pt", "ro", "ru"),
    *("sk", "sl", "sq", "sr", "sv", "tr", "uk", "zh"),
)
"""The languages that the form offers; a publication may have another from the command line."""

_LINES = (
    *("name", "kicker", "language", "zone", "author_name", "author_address", "reply_to", "accent"),
    *("donate_url", "licence", "opens", "closes", "latest_start", "retry_hours"),
    "unknown",
    "approval",
    "tracking",
    "givers",
)
_PASSAGES = ("description", "postal_address")

BLANK = dict.fromkeys(("slug", *_LINES, *_PASSAGES), "") | {
    "language": "en",
    "zone": "Europe/Warsaw",
    "accent": "#8a1c2b",
    "latest_start": "120",
    "retry_hours": "48",
    "unknown": "again",
    "approval": "anyone",
    "tracking": "clicks",
    "givers": "none",
}
"""What the form of a new publication says before anything is typed."""

WRONG = {
    "name": _("Give the publication a name of up to 120 characters."),
    "slug": _("Use small letters, digits and hyphens, like russia-monitor; a few words are taken."),
    "kicker": _("Write the kicker in one line of up to 120 characters."),
    "language": _("Choose a language from the list."),
    "zone": _("Choose a time zone from the list."),
    "description": _("The description is too long; say it in 600 characters."),
    "author_name": _("Write the sender’s name in one line of up to 120 characters."),
    "author_address": _("Enter the sender’s e-mail address, like monitor@institute.example."),
    "reply_to": _("Enter an e-mail address for replies, or nothing."),
    "accent": _("Write the colour as # and six signs, like #8a1c2b."),
    "postal_address": _("The postal address is too long; 600 characters are the most."),
    "donate_url": _("The address for donations begins with https:// and has no spaces."),
    "licence": _("Choose a licence from the list."),
    "opens": _("Give both hours, from and until, or none; they cannot be the same."),
    "latest_start": _("Write minutes from 1 to 10080, which is a week."),
    "retry_hours": _("Write hours from 1 to 240."),
}
"""What the form says beside a field that is wrong."""

TAKEN = _("There is a publication at this address already.")


@dataclass(frozen=True, slots=True)
class Sample:
    """How a colour will be shown, and how well it can be read as words on white."""

    accent: str
    light: colour.Shades
    dark: colour.Shades

    @classmethod
    def of(cls, accent: str) -> "Sample | None":
        """Derive the shades of ``accent``; None if it is no colour."""
        try:
            return cls(accent, colour.light(accent), colour.dark(accent))
        except Invalid:
            return None

    @property
    def on_white(self) -> float:
        """Return the contrast of the colour itself on white."""
        return round(colour.contrast(self.accent, self.light.paper), 1)

    @property
    def on_dark(self) -> float:
        """Return the contrast on dark paper of the shade that words have there."""
        return round(colour.contrast(self.dark.accent_text, self.dark.paper), 1)

    @property
    def is_legible(self) -> bool:
        """Tell whether words may be set in the colour itself on white."""
        return colour.contrast(self.accent, self.light.paper) >= colour.WORDS


@bp.get("/settings/publications")
@needs(Permission.SETTINGS)
def publications_page() -> Response:
    """List the publications, and what each still lacks."""
    with database.reading() as session:
        return page(
            "settings/publications.html",
            publications=issues.publications(session),
            say_language=_tongue,
        )


@bp.get("/settings/publications/colour")
@needs(Permission.SETTINGS)
def colour_sample() -> Response:
    """Show a colour as mails will have it, on light paper and on dark: a part of the form."""
    sample = Sample.of(request.args.get("accent", "").lower())
    return page("settings/_colour.html", sample=sample)


@bp.get("/settings/publications/new")
@needs(Permission.SETTINGS)
def new_publication() -> Response:
    """Ask what a new publication is called, who writes it and how it looks."""
    with database.reading() as session:
        return _form(session, None, BLANK)


@bp.post("/settings/publications/new")
@needs(Permission.SETTINGS)
def add_publication() -> Response:
    """Add a publication."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        given = {**_typed(), "slug": typed("slug")}
        columns, troubles = _read(session, given)
        if "slug" not in troubles and issues.find_by_slug(session, given["slug"]):
            troubles["slug"] = TAKEN
        if troubles:
            return _form(session, None, given, troubles)
        added = issues.add_publication(session, now=now, **columns)
        note(session, presence.actor, Action.PUBLICATION_ADDED, now, added.name)
        return lead(to("publication", number=added.id, done="publication-added"))


@bp.get("/settings/publications/<int:number>")
@needs(Permission.SETTINGS)
def publication(number: int) -> Response:
    """Show all that is decided of a publication."""
    with database.reading() as session:
        shown = _fetch(session, number)
        return _form(session, shown, _given(shown))


@bp.post("/settings/publications/<int:number>")
@needs(Permission.SETTINGS)
def change_publication(number: int) -> Response:
    """Change a publication; its address stays, as links and subscriptions lead there."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        shown, given = _fetch(session, number), _typed()
        columns, troubles = _read(session, given)
        if troubles:
            return _form(session, shown, given, troubles)
        changed = issues.change_publication(session, shown, **columns)
        if changed:
            about = f"{shown.name}: {', '.join(changed).replace('_', ' ')}"
            note(session, presence.actor, Action.PUBLICATION_CHANGED, now, about)
    done = "publication-changed" if changed else "unchanged"
    return lead(to("publication", number=number, done=done))


def _fetch(session: Session, number: int) -> model.Publication:
    found = issues.find_publication(session, number)
    if found is None:
        raise NotFound
    return found


def _given(publication: model.Publication) -> Mapping[str, str]:
    """Write a publication as the form has it."""
    opens, _, closes = publication.window.partition("-")
    columns = {name: str(getattr(publication, name, "")) for name in (*_LINES, *_PASSAGES)}
    return {
        **columns,
        "slug": publication.slug,
        "opens": opens,
        "closes": closes.replace("24:00", "00:00"),
        "unknown": "hold" if publication.hold_unknown else "again",
        "approval": "four-eyes" if publication.four_eyes else "anyone",
        "givers": "linked" if publication.link_gifts else "none",
        "licence": str(publication.licence_id or ""),
    }


def _typed() -> dict[str, str]:
    lines = {name: typed(name) for name in _LINES}
    return lines | {name: typed_lines(name, issues.LONGEST_PASSAGE) for name in _PASSAGES}


def _read(session: Session, given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Turn what was typed into columns; say what is wrong, by field and in the form's order."""
    columns: dict[str, Any] = {
        name: given[name]
        for name in (
            *("name", "slug", "kicker", "description", "language", "zone", "author_name"),
            *("author_address", "reply_to", "accent", "postal_address", "donate_url"),
        )
        if name in given
    }
    columns["kicker"] = columns["kicker"] or columns["name"]
    columns["author_name"] = columns["author_name"] or columns["name"]
    columns["window"] = f"{given['opens']}-{given['closes']}".strip("-")
    for name in ("latest_start", "retry_hours"):
        columns[name] = int(given[name]) if given[name].isdecimal() else 0
    columns["hold_unknown"] = given["unknown"] == "hold"
    columns["tracking"] = "none" if given["tracking"] == "none" else "clicks"
    columns["link_gifts"] = given["givers"] == "linked"
    columns["four_eyes"] = given["approval"] == "four-eyes"
    wrong = {{"window": "opens"}.get(name, name) for name in issues.faults(columns)}
    if not columns["name"]:
        wrong -= {"kicker", "author_name"}
    licences = {"", *(str(one.row.id) for one in issues.furniture(session, model.Licence))}
    if given["licence"] in licences:
        columns["licence_id"] = int(given["licence"] or 0) or None
    else:
        wrong.add("licence")
    return columns, {name: words for name, words in WRONG.items() if name in wrong}


def _form(
    session: Session,
    shown: model.Publication | None,
    given: Mapping[str, str],
    troubles: Mapping[str, str] | None = None,
) -> Response:
    troubles = {name: say(words) for name, words in (troubles or {}).items()}
    due = support.due_appeals(session, [shown], datetime.now(UTC)).values() if shown else ()
    tongues = sorted({*TONGUES, given["language"]} - {""})
    return page(
        "settings/publication.html",
        status=422 if troubles else 200,
        shown=shown,
        given=given,
        troubles=troubles,
        tongues=sorted(((_tongue(tag), tag) for tag in tongues), key=lambda pair: pair[0].lower()),
        regions=_regions(given["zone"]),
        licences=[(one.row.id, one.title) for one in issues.furniture(session, model.Licence)],
        sample=Sample.of(given["accent"].lower()),
        spoken=[_tongue(tag) for tag in LANGUAGES],
        appeal=next((each for each, *_behind in due), None),
    )


def _tongue(tag: str) -> str:
    name = say_language(tag, reader_language())
    return name[:1].upper() + name[1:]


def _regions(chosen: str) -> Mapping[str, list[tuple[str, str]]]:
    """Sort the zones by region: each with the name of its place."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for zone in dict.fromkeys((*issues.zones(), *filter(None, [chosen]))):
        region, _, place = zone.partition("/")
        regions.setdefault(region, []).append((zone, (place or region).replace("_", " ")))
    return regions
