"""Publications: add, change, find, list."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import addresses, links, model
from newsletter.deliveries.windows import Window
from newsletter.errors import Conflict, Invalid, NotFound

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WITHOUT_MARKS = str.maketrans(
    {"ł": "l", "Ł": "L", "ß": "ss", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D"}
)


def slugify(text: str) -> str:
    """Write ``text`` for an address: small ASCII letters, digits and hyphens, at most 80."""
    ascii_text = unicodedata.normalize("NFKD", text.translate(_WITHOUT_MARKS))
    words = re.findall(r"[a-z0-9]+", re.sub(r"[\u0300-\u036f'’]", "", ascii_text.lower()))
    return "-".join(words)[:80].rstrip("-")


def add_publication(
    session: Session,
    *,
    slug: str,
    name: str,
    author_address: str,
    now: datetime,
    author_name: str = "",
    kicker: str = "",
    language: str = "en",
    zone: str = "UTC",
    postal_address: str = "",
    donate_url: str = "",
    description: str = "",
    accent: str = "#8a1c2b",
    window: str = "",
    retry_hours: int = 48,
    hold_unknown: bool = False,
    four_eyes: bool = False,
) -> model.Publication:
    """Add a publication; raise Conflict if the slug is taken, Invalid naming what is wrong."""
    if not _SLUG.fullmatch(slug) or slug in links.RESERVED:
        raise Invalid(
            f"{slug!r} cannot be a publication's slug; use small letters, digits and hyphens,"
            " like russia-monitor"
        )
    _check(zone=zone, donate_url=donate_url, accent=accent, window=window)
    if session.scalar(select(model.Publication).where(model.Publication.slug == slug)):
        raise Conflict(f"There is a publication {slug!r} already")
    publication = model.Publication(
        slug=slug,
        name=name,
        kicker=kicker or name,
        language=language,
        zone=zone,
        author_name=author_name or name,
        author_address=addresses.parse(author_address),
        postal_address=postal_address,
        donate_url=donate_url,
        description=description,
        accent=accent.lower(),
        window=window,
        retry_hours=retry_hours,
        hold_unknown=hold_unknown,
        four_eyes=four_eyes,
        created_at=now,
    )
    session.add(publication)
    session.flush()
    return publication


def change_publication(session: Session, publication: model.Publication, **details: Any) -> None:
    """Change the columns that ``details`` name; one that is empty, but a window, stays as it is.

    What was approved before keeps what it was approved with. Raises Invalid naming what is wrong.
    """
    given = {column: value for column, value in details.items() if value or column in _EMPTIED}
    _check(**{column: given[column] for column in _CHECKED if column in given})
    if "author_address" in given:
        given["author_address"] = addresses.parse(given["author_address"])
    for column, value in given.items():
        setattr(publication, column, value)
    session.flush()


_CHECKED = ("zone", "donate_url", "accent", "window")
_EMPTIED = ("window", "hold_unknown", "four_eyes")


def _check(
    *, zone: str = "UTC", donate_url: str = "", accent: str = "#8a1c2b", window: str = ""
) -> None:
    find_zone(zone)
    Window.parse(window)
    if donate_url and not donate_url.startswith("https://"):
        raise Invalid(f"The donate address {donate_url!r} must begin with https://")
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", accent):
        raise Invalid(f"The accent {accent!r} is not a colour like #8a1c2b")


def publications(session: Session) -> Sequence[model.Publication]:
    """List all publications by name."""
    return session.scalars(select(model.Publication).order_by(model.Publication.name)).all()


def find_publication(session: Session, publication_id: int) -> model.Publication | None:
    """Return the publication with that number."""
    return session.get(model.Publication, publication_id)


def fetch_publication(session: Session, slug: str) -> model.Publication:
    """Return the publication called ``slug``; raise NotFound."""
    found = session.scalar(select(model.Publication).where(model.Publication.slug == slug))
    if found is None:
        raise NotFound(f"There is no publication {slug!r}")
    return found


def find_publication_for(session: Session, kicker: str) -> model.Publication | None:
    """Return the publication that a manuscript's kicker names, blind to case and punctuation."""
    wanted = _comparable(kicker)
    for publication in publications(session):
        names = (publication.kicker, publication.name, publication.slug)
        if wanted in map(_comparable, names):
            return publication
    return None


def _comparable(name: str) -> str:
    return slugify(name) or name.strip().casefold()  # a name may be in Greek letters


def find_zone(name: str) -> ZoneInfo:
    """Return the time zone called ``name``; raise Invalid."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not there; no path; a folder of zones
        raise Invalid(f"{name!r} is not a time zone; write one like Europe/Warsaw") from error
