"""What the columns of a publication may say: each is checked by itself, all at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from newsletter import addresses, links
from newsletter.deliveries.windows import Window
from newsletter.errors import Invalid
from newsletter.model import Tracking

LONGEST_LINE = 120
"""Characters of a name."""
LONGEST_PASSAGE = 600
"""Characters of a description or a postal address."""
LATEST_START = 7 * 24 * 60
"""Minutes that an issue may be late at most without asking: a week."""
MOST_RETRY_HOURS = 240

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")
_HTTPS = re.compile(r"https://[^\s/@\\]+(/\S*)?")


def faults(details: Mapping[str, Any]) -> Mapping[str, Invalid]:
    """Say what is wrong with each of the columns that ``details`` name; nothing if all is well.

    Whether a slug is taken is not asked here.
    """
    found = {}
    for column, value in details.items():
        try:
            _CHECKS.get(column, _anything)(value)
        except Invalid as error:
            found[column] = error
    return found


def refuse(details: Mapping[str, Any]) -> None:
    """Raise the first of what is wrong with the columns that ``details`` name."""
    for error in faults(details).values():
        raise error


def as_kept(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns as they are stored; they were checked."""
    kept = dict(details)
    for column in ("author_address", "reply_to"):
        if kept.get(column):
            kept[column] = addresses.parse(kept[column])
    if "tracking" in kept:
        kept["tracking"] = Tracking(kept["tracking"])
    if "accent" in kept:
        kept["accent"] = kept["accent"].lower()
    return kept


def _anything(value: object) -> None:
    """Find nothing wrong: the type of the column says enough."""


def _check_slug(slug: str) -> None:
    if not _SLUG.fullmatch(slug) or len(slug) > 80 or slug in links.RESERVED:
        raise Invalid(
            f"{slug!r} cannot be a publication's slug; use small letters, digits and hyphens,"
            " like russia-monitor"
        )


def _check_line(text: str) -> None:
    if not text.strip() or len(text) > LONGEST_LINE or not text.isprintable():
        raise Invalid(f"{text!r} is no name; write one line of up to {LONGEST_LINE} characters")


def _check_passage(text: str) -> None:
    if len(text) > LONGEST_PASSAGE:
        raise Invalid(f"The text is longer than {LONGEST_PASSAGE} characters; say it more briefly")


def _check_language(tag: str) -> None:
    if not _LANGUAGE.fullmatch(tag):
        raise Invalid(f"{tag!r} is not a language; write its tag, like en, pl or pt-BR")


def _check_reply_to(address: str) -> None:
    if address:
        addresses.parse(address)


def check_web_address(url: str) -> None:
    """Raise Invalid if ``url`` is neither empty nor an encrypted address."""
    if url and not _HTTPS.fullmatch(url):
        raise Invalid(f"The address {url!r} must begin with https:// and name a host")


def _check_accent(accent: str) -> None:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", accent):
        raise Invalid(f"The accent {accent!r} is not a colour like #8a1c2b")


def _check_latest_start(minutes: int) -> None:
    if not 1 <= minutes <= LATEST_START:
        raise Invalid(f"The latest start is {minutes} minutes; write from 1 to {LATEST_START}")


def _check_retry_hours(hours: int) -> None:
    if not 1 <= hours <= MOST_RETRY_HOURS:
        raise Invalid(f"Trouble cannot be borne {hours} hours; write from 1 to {MOST_RETRY_HOURS}")


def _check_tracking(policy: str) -> None:
    if policy not in list(Tracking):
        raise Invalid(f"{policy!r} is no way to count clicks; write one of: {', '.join(Tracking)}")


def find_zone(name: str) -> ZoneInfo:
    """Return the time zone called ``name``; raise Invalid."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not there; no path; a folder of zones
        raise Invalid(f"{name!r} is not a time zone; write one like Europe/Warsaw") from error


@cache
def zones() -> Sequence[str]:
    """List the time zones that are called after a place, and UTC, which comes first."""
    regions = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
    places = (name for name in available_timezones() if name.startswith(regions) and "/" in name)
    return ("UTC", *sorted(places))


_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "slug": _check_slug,
    "name": _check_line,
    "kicker": _check_line,
    "author_name": _check_line,
    "author_address": addresses.parse,
    "reply_to": _check_reply_to,
    "language": _check_language,
    "zone": find_zone,
    "description": _check_passage,
    "postal_address": _check_passage,
    "donate_url": check_web_address,
    "accent": _check_accent,
    "window": Window.parse,
    "latest_start": _check_latest_start,
    "retry_hours": _check_retry_hours,
    "tracking": _check_tracking,
}
