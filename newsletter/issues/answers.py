"""Whether the links of a text are answered: asked for by a page, looked at by a clock, kept awhile.

A look takes seconds, so that no request waits for one. An address is looked at once for all the
texts that lead to it, and anew when somebody asks hours later.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from newsletter import manuscripts, model, rendering
from newsletter.database import insert_missing
from newsletter.links import Links
from newsletter.outward import Trouble

FRESH = timedelta(hours=6)
"""For how long nobody looks anew."""
LEASE = timedelta(minutes=2)
"""After so long without a result another clock sets out."""
KEPT = timedelta(days=30)
"""How long an answer is kept for which nobody asks any more."""
MOST = 200
"""Links of one issue that are looked at."""

GONE = frozenset({Trouble.GONE, Trouble.NAME, Trouble.ADDRESS, Trouble.PRIVATE})
"""Troubles by which a link is dead; by the others it may be alive for its readers."""


def links_of(articles: Iterable[manuscripts.Article], links: Links) -> Mapping[str, int]:
    """Return where texts lead to, but for our own pages, with the number of the first article."""
    found: dict[str, int] = {}
    for number, article in enumerate(articles):
        for url in rendering.web_links(article.body):
            if not url.startswith(f"{links.base_url}/"):
                found.setdefault(url, number)
    return dict(list(found.items())[:MOST])


def known(session: Session, urls: Iterable[str]) -> Mapping[str, Trouble | None]:
    """Return what is known of ``urls``: the trouble of each, or None for a page that is there.

    Of what was not looked at yet nothing is returned.
    """
    rows = session.scalars(
        select(model.LinkCheck).where(
            model.LinkCheck.digest.in_(map(_digest, urls)), model.LinkCheck.checked_at.is_not(None)
        )
    )
    return {row.url: Trouble(row.trouble) if row.trouble else None for row in rows}


def is_asking_due(session: Session, urls: Iterable[str], now: datetime) -> bool:
    """Tell whether somebody should ``ask`` for any of ``urls``."""
    digests = set(map(_digest, urls))
    fresh = select(model.LinkCheck.digest).where(
        model.LinkCheck.digest.in_(digests), model.LinkCheck.asked_at > now - FRESH
    )
    return len(session.scalars(fresh).all()) < len(digests)


def ask(session: Session, urls: Iterable[str], now: datetime) -> None:
    """Have a clock look at those of ``urls`` that nobody asked for lately."""
    rows = [{"digest": _digest(url), "url": url, "asked_at": now} for url in sorted(set(urls))]
    insert_missing(session, model.LinkCheck, [{**row, "trouble": ""} for row in rows])
    session.execute(
        update(model.LinkCheck)
        .where(
            model.LinkCheck.digest.in_([row["digest"] for row in rows]),
            model.LinkCheck.asked_at <= now - FRESH,
        )
        .values(asked_at=now)
        .execution_options(synchronize_session=False)
    )


def is_due(session: Session, now: datetime) -> bool:
    """Tell whether there is anything to ``take``; only looks."""
    return session.scalar(_open(now).limit(1)) is not None


def take(session: Session, now: datetime, *, limit: int = 20) -> Sequence[str]:
    """Return some addresses to look at now, which no other clock gets meanwhile."""
    digests = session.scalars(_open(now).limit(limit).with_for_update(skip_locked=True)).all()
    taken = (
        update(model.LinkCheck)
        .where(model.LinkCheck.digest.in_(digests))
        .values(taken_at=now)
        .returning(model.LinkCheck.url)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(taken).all() if digests else ()


def keep(session: Session, url: str, trouble: Trouble | None, now: datetime) -> None:
    """Keep what came of a look at ``url``."""
    session.execute(
        update(model.LinkCheck)
        .where(model.LinkCheck.digest == _digest(url))
        .values(checked_at=now, taken_at=None, trouble=trouble or "")
        .execution_options(synchronize_session=False)
    )


def forget(session: Session, now: datetime) -> int:
    """Delete what nobody asked for since long; return how many there were."""
    gone = session.connection().execute(
        delete(model.LinkCheck).where(model.LinkCheck.asked_at < now - KEPT)
    )
    return gone.rowcount


def _open(now: datetime) -> Select[bytes]:
    """Select what somebody asked for and nobody has looked at since, or is looking at."""
    check = model.LinkCheck
    return (
        select(check.digest)
        .where(
            check.asked_at > now - FRESH,
            or_(check.checked_at.is_(None), check.checked_at < check.asked_at),
            or_(check.taken_at.is_(None), check.taken_at < now - LEASE),
        )
        .order_by(check.asked_at)
    )


def _digest(url: str) -> bytes:
    return sha256(url.encode("utf-8", "replace")).digest()
