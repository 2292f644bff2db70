"""The form for a picture: its file, what it shows, whose it is, by what right it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import request

from newsletter import issues, model
from newsletter.errors import Invalid
from newsletter.issues import Prepared, Rights
from newsletter.language import marked as _
from newsletter.language import say_number
from newsletter.manuscripts import characters
from newsletter.rendering import USUAL, Permission, Place
from newsletter.rendering.permission import Basis
from newsletter.web.context import reader_language
from newsletter.web.desk.frame import say

LARGEST_PICTURE = 30 * 1024 * 1024
"""Bytes of a picture that is taken."""
LARGEST_FORM = 40 * 1024 * 1024
"""Bytes of a form: enough to say of a picture that is too large what is wrong with it."""

BASES: Mapping[Basis, tuple[str, str]] = {
    "own": (_("Ours"), _("Made by us or for us.")),
    "licence": (_("Under an open licence"), _("Such as CC BY 4.0, CC0 or public domain.")),
    "licensed": (_("Bought"), _("From an agency or an archive; name it.")),
    "permission": (_("With permission"), _("Somebody allowed it; name them.")),
    "unknown": (_("Not clear yet"), _("Shown on the page and in the mail, and nowhere else.")),
}
"""By what right a picture is shown: what it is called, and what it means."""

PLACES: Mapping[Place, tuple[str, str]] = {
    Place.WEB: (_("Web"), _("The page of the issue, and feeds.")),
    Place.MAIL: (_("Mail"), _("What subscribers get.")),
    Place.PRINT: (_("Print and PDF"), _("Files that people keep.")),
    Place.REPUBLICATION: (_("Republication"), _("Copies of the text that others show.")),
}
"""Where a picture may appear: what it is called, and what it means."""

_FIELDS = ("credit", "alt", "source", "basis", "whose", "until", "reach", *PLACES)
_MOST = {"credit": 300, "alt": 600, "source": 1000, "whose": 200}


@dataclass(frozen=True, slots=True)
class Described:
    """What was typed about a picture; ``rights`` hold only if there are no ``troubles``."""

    rights: Rights
    given: Mapping[str, str]
    troubles: Mapping[str, str]


def described() -> Described:
    """Read what was typed about a picture."""
    given = {name: request.form.get(name, "") for name in _FIELDS}
    line = {name: characters.line(value) for name, value in given.items()}
    troubles = {}
    if not line["alt"]:
        troubles["alt"] = say(_("Say what the picture shows, for those who do not see it."))
    if not line["credit"]:
        troubles["credit"] = say(_("Say whose picture it is; the credit stands under it."))
    for name, most in _MOST.items():
        if len(line[name]) > most:
            facts = {"most": say_number(most, reader_language())}
            troubles[name] = say(_("This is too long; %(most)s characters at most.")) % facts
    permission = _permission(line, troubles)
    rights = Rights(line["credit"], line["alt"], permission, line["source"])
    return Described(rights, given, troubles)


def fields_of(image: model.Image) -> dict[str, str]:
    """Return the fields of the form for what is known of ``image``."""
    permission = Permission.parse(image.permission)
    return {
        "credit": image.credit,
        "alt": image.alt,
        "source": image.source,
        "basis": permission.basis,
        "whose": permission.whose,
        "until": permission.until.isoformat() if permission.until else "",
        "reach": "usual" if permission.places == USUAL[permission.basis] else "chosen",
        **{place.value: "yes" for place in permission.places},
    }


def uploaded() -> tuple[Prepared | None, str, str]:
    """Return the picture that was sent, the name of its file, and what is wrong with it if any."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return None, "", say(_("Choose a picture."))
    name = characters.line(file.filename)[:200]
    with file.stream:
        content = file.stream.read(LARGEST_PICTURE + 1)
        length = file.stream.seek(0, 2)
    if len(content) > LARGEST_PICTURE:
        size = {"size": say_number(round(length / 1024**2), reader_language())}
        words = _("The picture has %(size)s MB, and 30 MB are the most. Save it smaller.")
        return None, name, say(words) % size
    try:
        return issues.prepare_image(content), name, ""
    except Invalid as error:
        return None, name, _refused(error)


def _permission(line: Mapping[str, str], troubles: dict[str, str]) -> str:
    """Write the permission that was chosen; note what is wrong with it among ``troubles``."""
    basis = next((each for each in BASES if each == line["basis"]), None)
    if basis is None:
        troubles["basis"] = say(_("Choose by what right the picture is shown."))
        return ""
    named = frozenset(place for place in PLACES if line[place])
    if line["reach"] != "chosen" or named == USUAL[basis]:
        named = frozenset()
    elif not named:
        troubles["reach"] = say(_("Choose at least one place; a picture for none is not needed."))
    if basis == "unknown":
        return Permission(basis, only=named).written
    day = None
    if line["until"]:
        try:
            day = date.fromisoformat(line["until"])
        except ValueError:
            troubles["until"] = say(_("Write the date as year-month-day, such as 2026-11-23."))
    if basis != "own" and not line["whose"]:
        troubles["whose"] = say(_("Name the licence, or who sold or allowed the picture."))
        return ""
    whose = "" if basis == "own" else line["whose"]
    permission = Permission(basis, whose, day, named)
    if Permission.parse(permission.written) != permission:
        words = (
            _("Write the licence as CC BY 4.0, CC0 or public domain, or choose another right.")
            if basis == "licence"
            else _("Write only a name here; the last day has a field of its own.")
        )
        troubles["whose"] = say(words)
    return permission.written


def _refused(error: Invalid) -> str:
    pixels: tuple[int, int] | None = getattr(error, "pixels", None)
    if pixels is None:
        return say(error.message) + "."
    words = _(
        "The picture has %(width)s × %(height)s pixels, more than it can have. Save it smaller."
    )
    width, height = (say_number(each, reader_language()) for each in pixels)
    return say(words) % {"width": width, "height": height}
