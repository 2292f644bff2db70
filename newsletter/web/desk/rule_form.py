"""The fields in which editors say whom an audience has: read, checked, and shown as they were."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from newsletter import subscriptions
from newsletter.deliveries import EVERYONE, Rule
from newsletter.deliveries.audience import MOST
from newsletter.errors import Invalid
from newsletter.language import marked as _
from newsletter.web.desk.frame import say
from newsletter.web.typed import cleaned

LISTS = ("languages", "not_languages", "tags", "not_tags")
DAYS = ("joined_since", "joined_before", "changed_since", "changed_before")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the fields hold, what is wrong with it, and the rule that it makes if nothing is."""

    given: Mapping[str, str]
    troubles: Mapping[str, str]
    rule: Rule = EVERYONE


def typed_rule(session: Session, form: Mapping[str, str]) -> Typed:
    """Read the fields of a form."""
    given = {name: cleaned(form.get(name, "")) for name in (*LISTS, *DAYS)}
    troubles: dict[str, str] = {}
    known = {*subscriptions.tags(session)} if given["tags"] or given["not_tags"] else set()
    lists = {name: _list(name, given[name], known, troubles) for name in LISTS}
    days = {name: _day(name, given[name], troubles) for name in DAYS}
    received = form.get("received", "")
    given["received"] = received if received.isdecimal() and len(received) < 18 else ""
    for since, before in (DAYS[:2], DAYS[2:]):
        first, last = days[since], days[before]
        if first and last and first >= last:
            troubles[before] = say(_("Nobody is left: choose a day after the first one."))
    if troubles:
        return Typed(given, troubles)
    number = int(given["received"] or 0)
    return Typed(given, {}, Rule(**lists, **days, received=number))  # type: ignore[arg-type]


def shown_rule(rule: Rule) -> Typed:
    """Return the fields as they show a rule."""
    given = {name: ", ".join(getattr(rule, name)) for name in LISTS}
    given |= {name: day.isoformat() if (day := getattr(rule, name)) else "" for name in DAYS}
    given["received"] = str(rule.received or "")
    return Typed(given, {}, rule)


def _list(name: str, text: str, known: set[str], troubles: dict[str, str]) -> tuple[str, ...]:
    values = [value.strip() for value in text.split(",") if value.strip()]
    if len(values) > MOST:
        troubles[name] = say(_("These are too many; take %(most)s at most.")) % {"most": MOST}
        return ()
    if "languages" in name:
        if wrong := [value for value in values if not _LANGUAGE.fullmatch(value)]:
            words = _("“%(value)s” is no code of a language. Write codes like en, pl.")
            troubles[name] = say(words) % {"value": wrong[0]}
        return tuple(dict.fromkeys(values))
    tags = [tag for value in values if (tag := _tag(value))]
    if unknown := [value for value in values if _tag(value) not in known]:
        words = _("Nobody has the tag “%(value)s”.")
        troubles[name] = say(words) % {"value": unknown[0]}
    return tuple(dict.fromkeys(tags))


def _tag(text: str) -> str:
    try:
        return subscriptions.tag_name(text)
    except Invalid:
        return ""


def _day(name: str, text: str, troubles: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        troubles[name] = say(_("Enter a day like 2026-01-31, or nothing."))
        return None
