"""Publications: add, change, find, list."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Conflict, NotFound
from newsletter.issues import details as checked

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
    **details: Any,
) -> model.Publication:
    """Add a publication; raise Conflict if the slug is taken, Invalid naming what is wrong.

    ``details`` are other columns; what is left out is as usual: English, UTC, the accent of the
    house.
    """
    columns = {
        "slug": slug,
        "name": name,
        "author_name": author_name or name,
        "author_address": author_address,
        "kicker": kicker or name,
        "language": "en",
        "zone": "UTC",
        **details,
    }
    checked.refuse(columns)
    if find_by_slug(session, slug):
        raise Conflict(f"There is a publication {slug!r} already")
    publication = model.Publication(created_at=now, **checked.as_kept(columns))
    session.add(publication)
    session.flush()
    return publication


def change_publication(
    session: Session, publication: model.Publication, **details: Any
) -> Sequence[str]:
    """Change the columns that ``details`` name, and return those that are not as they were.

    What was approved before keeps what it was approved with. Where gifts are linked no more, the
    links of those that were go too. Raises Invalid naming what is wrong.
    """
    checked.refuse(details)
    kept = checked.as_kept(details)
    changed = [column for column in kept if getattr(publication, column) != kept[column]]
    for column in changed:
        setattr(publication, column, kept[column])
    session.flush()
    if "link_gifts" in changed and not publication.link_gifts:
        session.execute(
            update(model.Donation)
            .where(model.Donation.publication_id == publication.id)
            .values(subscriber_id=None)
        )
    return changed


def publications(session: Session) -> Sequence[model.Publication]:
    """List all publications by name."""
    return session.scalars(select(model.Publication).order_by(model.Publication.name)).all()


def find_publication(session: Session, publication_id: int) -> model.Publication | None:
    """Return the publication with that number."""
    return session.get(model.Publication, publication_id)


def fetch_publication(session: Session, slug: str) -> model.Publication:
    """Return the publication called ``slug``; raise NotFound."""
    found = find_by_slug(session, slug)
    if found is None:
        raise NotFound(f"There is no publication {slug!r}")
    return found


def find_by_slug(session: Session, slug: str) -> model.Publication | None:
    """Return the publication called ``slug``."""
    return session.scalar(select(model.Publication).where(model.Publication.slug == slug))


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
