"""API keys: by which other programs of the institute act here; only the hash of each is kept.

A key is 256 bits of chance, so that its plain SHA-256 tells nobody anything. It may do what its
scopes name, and so much of it in an hour.
"""

import enum
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.deliveries import rates
from newsletter.deliveries.rates import Want
from newsletter.desk.audit import Action, Actor, note
from newsletter.errors import Invalid, LimitReached, NotFound
from newsletter.language import marked as _
from newsletter.mail import Rate


class Scope(enum.StrEnum):
    """Something that a key may do."""

    SUBSCRIPTIONS = "subscriptions"  # bring people in, whom we ask by mail
    DONATIONS = "donations"  # tell of gifts
    FIGURES = "figures"  # read which publications there are, and how many get each


LONGEST_NAME = 80
ALLOWED = (Rate.parse("600/h"), Rate.parse("5000/day"))
"""Requests that one key may make."""
_MARK = "nlk_"
_HINT = 10
"""First characters of a key that are kept, to tell it from others."""


def make(session: Session, name: str, scopes: Sequence[str], now: datetime, *, actor: Actor) -> str:
    """Make a key; return it, as nobody will see it again. Raises Invalid naming what is wrong."""
    named = " ".join(name.split())
    if not named or len(named) > LONGEST_NAME:
        raise Invalid(_("Say in up to 80 characters what the key is for."), field="name")
    chosen = [scope.value for scope in Scope if scope in scopes]
    if not chosen:
        raise Invalid(_("Choose what the key may do."), field="scopes")
    token = _MARK + token_urlsafe(32)
    session.add(
        model.ApiKey(
            name=named,
            digest=_digest(token),
            hint=token[:_HINT],
            scopes=chosen,
            created_at=now,
            who=actor.name,
        )
    )
    note(session, actor, Action.API_KEY_MADE, now, f"{named}: {', '.join(chosen)}")
    return token


def recognise(session: Session, token: str) -> model.ApiKey | None:
    """Return the key that ``token`` is, unless it is revoked; changes nothing."""
    key = session.scalar(select(model.ApiKey).where(model.ApiKey.digest == _digest(token)))
    return None if key is None or key.revoked_at else key


def admit(session: Session, key: model.ApiKey, now: datetime) -> None:
    """Count a request of ``key``, and note the day; raise LimitReached for one too many."""
    bucket = f"api key:{key.id}"
    if not rates.take(session, {bucket: Want(1, ALLOWED)}, now)[bucket].granted:
        raise LimitReached
    if key.used_on != now.date():
        key.used_on = now.date()
        session.flush()


def listed(session: Session) -> Sequence[model.ApiKey]:
    """List all keys, those that work first, the newest of each first."""
    key = model.ApiKey
    return session.scalars(select(key).order_by(key.revoked_at.is_not(None), key.id.desc())).all()


def fetch(session: Session, number: int) -> model.ApiKey:
    """Return a key that works; raise NotFound."""
    key = session.get(model.ApiKey, number)
    if key is None or key.revoked_at:
        raise NotFound
    return key


def revoke(session: Session, number: int, now: datetime, *, actor: Actor) -> None:
    """End a key at once; raise NotFound."""
    key = fetch(session, number)
    key.revoked_at = now
    note(session, actor, Action.API_KEY_REVOKED, now, key.name)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
