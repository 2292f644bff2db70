"""The fields of an appeal: its terms, and the words of its variants by language."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask import request

from newsletter import model, support
from newsletter.errors import Invalid
from newsletter.language import marked as _
from newsletter.rendering import Placement
from newsletter.support import Terms, Wording
from newsletter.web.desk.frame import say
from newsletter.web.typed import typed, typed_lines

PLACES = ("slot", "paragraph", "share", "end")
WORDS = ("title", "text", "button", "destination")
LONGEST_TEXT = 2000
_LINES = (
    *("name", "language", "starts_on", "ends_on", "goal", "goal_currency", "goal_until"),
    *("every", "rest_days", "silent_days", "place", "paragraph", "share"),
)
_WRONG = {
    "title": _("Give the appeal a title of up to 120 characters."),
    "text": _("Say why a gift matters, in 2000 characters."),
    "button": _("Say on the button what happens, in up to 120 characters."),
}


@dataclass(frozen=True, slots=True)
class TermsForm:
    """What the fields of the terms hold, what is wrong with it, and the terms that it makes."""

    given: Mapping[str, Any]
    troubles: Mapping[str, str]
    terms: Terms


def blank_terms(known: Sequence[model.Publication]) -> Mapping[str, Any]:
    """Return what the fields of a new appeal hold: it is for all, in the language of the first."""
    language = known[0].language if known else "en"
    return given_terms(Terms(name="", language=language, for_all=True))


def given_terms(terms: Terms) -> Mapping[str, Any]:
    """Write terms as the fields have them."""
    columns: dict[str, Any] = {
        name: "" if each is None else str(each) for name, each in asdict(terms).items()
    }
    chosen = ["all"] if terms.for_all else [str(each) for each in terms.publications]
    return {**columns, **given_place(terms.placement), "publications": chosen}


def given_place(placement: str) -> Mapping[str, str]:
    """Write a place in the text as the fields have it; none of its own is empty."""
    found = Placement.parse(placement) if placement else None
    return {
        "place": found.rule if found else "",
        "paragraph": f"{found.at:.0f}" if found and found.rule == "paragraph" else "3",
        "share": f"{100 * found.at:.0f}" if found and found.rule == "share" else "50",
    }


def typed_terms(known: Sequence[model.Publication]) -> TermsForm:
    """Read the fields of the terms."""
    given: dict[str, Any] = {name: typed(name) for name in _LINES}
    given["goal_currency"] = given["goal_currency"].upper()
    given["publications"] = request.form.getlist("publications")
    troubles: dict[str, str] = {}
    for_all = "all" in given["publications"]
    numbers = {str(each.id): each.id for each in known}
    terms = Terms(
        name=given["name"],
        language=given["language"],
        for_all=for_all,
        publications=()
        if for_all
        else tuple(sorted(numbers[each] for each in given["publications"] if each in numbers)),
        placement=typed_place(given, troubles) or "slot",
        starts_on=_day(given, "starts_on", troubles),
        ends_on=_day(given, "ends_on", troubles),
        goal=_amount(given, troubles),
        goal_currency=given["goal_currency"],
        goal_until=_day(given, "goal_until", troubles),
        every=_number(given["every"], 1),
        rest_days=_number(given["rest_days"], 0),
        silent_days=_number(given["silent_days"], 0),
    )
    for name, error in support.appeal_faults(terms).items():
        troubles.setdefault(name, said(error))
    return TermsForm(given, {name: troubles[name] for name in _order(troubles)}, terms)


def typed_place(given: Mapping[str, str], troubles: dict[str, str]) -> str:
    """Read a place in the text; empty where none is chosen, or what is typed is wrong."""
    place = given["place"]
    if place == "paragraph":
        number = _number(given["paragraph"], 0)
        if 1 <= number <= 999:
            return f"paragraph {number}"
        troubles["paragraph"] = say(_("Paragraphs are counted from 1; write a number."))
    elif place == "share":
        number = _number(given["share"], 0)
        if 1 <= number <= 99:
            return f"share {number / 100}"
        troubles["share"] = say(_("Write a number from 1 to 99."))
    elif place in PLACES:
        return place
    elif place:
        troubles["place"] = say(_("Choose a place from the list."))
    return ""


def typed_words(language: str) -> Wording:
    """Read the words in a language."""
    return Wording(
        typed(f"title-{language}"),
        typed_lines(f"text-{language}", LONGEST_TEXT),
        typed(f"button-{language}"),
        typed(f"destination-{language}"),
    )


def words_troubles(language: str, wording: Wording) -> dict[str, str]:
    """Say what is wrong with the words in a language, by their fields."""
    return {
        f"{name}-{language}": say(_WRONG[name]) if name in _WRONG else said(error)
        for name, error in support.wording_faults(wording).items()
    }


def given_words(wordings: Mapping[str, Wording]) -> dict[str, str]:
    """Write words as the fields have them."""
    return {
        f"{name}-{language}": getattr(wording, name)
        for language, wording in wordings.items()
        for name in WORDS
    }


def said(error: Invalid) -> str:
    """Say what is wrong to whoever reads the answer."""
    return say(error.message) % vars(error)


def _order(names: Mapping[str, str]) -> list[str]:
    fields = [*_LINES, "publications"]
    return sorted(names, key=lambda name: fields.index(name) if name in fields else len(fields))


def _day(given: Mapping[str, str], name: str, troubles: dict[str, str]) -> date | None:
    if not given[name]:
        return None
    try:
        return date.fromisoformat(given[name])
    except ValueError:
        troubles[name] = say(_("Write the day like 2026-12-31."))
        return None


def _amount(given: Mapping[str, str], troubles: dict[str, str]) -> Decimal | None:
    if not given["goal"]:
        return None
    try:
        return support.parse_amount(given["goal"])
    except Invalid:
        troubles["goal"] = say(_("Write an amount such as 25 or 12.50."))
        return None


def _number(text: str, nothing: int) -> int:
    """Read a number; ``nothing`` where none is typed, and -1 for what is none."""
    if not text:
        return nothing
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1
