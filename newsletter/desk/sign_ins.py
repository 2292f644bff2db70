"""Sign-ins: an editor in a browser, known by a random token of which only the hash is kept.

A token is made when the editor has shown who it is, and changed whenever that is shown anew: one
that was planted in a browser before never becomes a signed-in one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.desk.audit import Actor
from newsletter.model import Role

IDLE, LIFE = timedelta(hours=12), timedelta(days=7)
"""How long a sign-in lasts unused, and at all."""
FRESH = timedelta(minutes=15)
"""How long ago an editor may have shown who it is to do what is dangerous."""
GLANCE = timedelta(minutes=1)
"""How exactly it is known when a sign-in was last used; reading pages then seldom writes."""


@dataclass(frozen=True, slots=True)
class Presence:
    """An editor who is signed in, in one browser."""

    sign_in: int
    editor_id: int
    name: str
    address: str
    origin: str
    role: Role
    seen_at: datetime
    proven_at: datetime
    has_codes: bool

    @property
    def actor(self) -> Actor:
        """The editor, as the trail names it."""
        return Actor(self.editor_id, self.name, self.origin)

    def is_fresh(self, now: datetime) -> bool:
        """Tell whether the editor showed a short while ago who it is."""
        return self.proven_at > now - FRESH


def begin(
    session: Session, editor: model.Editor, now: datetime, *, origin: str = "", program: str = ""
) -> str:
    """Sign an editor in; return the token for the browser. Those that have ended go."""
    session.execute(
        delete(model.SignIn)
        .where(or_(model.SignIn.seen_at <= now - IDLE, model.SignIn.began_at <= now - LIFE))
        .execution_options(synchronize_session=False)
    )
    token = token_urlsafe(32)
    session.add(
        model.SignIn(
            editor_id=editor.id,
            digest=_digest(token),
            began_at=now,
            seen_at=now,
            proven_at=now,
            origin=origin,
            program=program,
        )
    )
    session.flush()
    return token


def recognise(session: Session, token: str, now: datetime, *, origin: str = "") -> Presence | None:
    """Return whose token it is, if the sign-in lasts; changes nothing."""
    found = session.execute(
        select(model.SignIn, model.Editor)
        .join(model.Editor, model.Editor.id == model.SignIn.editor_id)
        .where(
            model.SignIn.digest == _digest(token),
            model.SignIn.seen_at > now - IDLE,
            model.SignIn.began_at > now - LIFE,
        )
    ).one_or_none()
    if found is None:
        return None
    sign_in, editor = found
    return Presence(
        sign_in=sign_in.id,
        editor_id=editor.id,
        name=editor.name,
        address=editor.address,
        origin=origin,
        role=editor.role,
        seen_at=sign_in.seen_at,
        proven_at=sign_in.proven_at,
        has_codes=editor.totp_secret is not None,
    )


def is_due(presence: Presence, now: datetime) -> bool:
    """Tell whether it is time to note that a sign-in is used."""
    return presence.seen_at <= now - GLANCE


def touch(session: Session, presence: Presence, now: datetime) -> None:
    """Note that a sign-in is used, which keeps it."""
    sign_in = session.get(model.SignIn, presence.sign_in)
    if sign_in is not None:
        sign_in.seen_at = now
        session.flush()


def renew(session: Session, presence: Presence, now: datetime, *, origin: str = "") -> str:
    """Change the token of a sign-in whose editor has just shown who it is; return the new one."""
    sign_in = session.get_one(model.SignIn, presence.sign_in, with_for_update=True)
    token = token_urlsafe(32)
    sign_in.digest, sign_in.proven_at, sign_in.seen_at = _digest(token), now, now
    sign_in.origin = origin or sign_in.origin
    session.flush()
    return token


def listed(session: Session, editor_id: int, now: datetime) -> Sequence[model.SignIn]:
    """List where an editor is signed in, the latest use first."""
    return session.scalars(
        select(model.SignIn)
        .where(
            model.SignIn.editor_id == editor_id,
            model.SignIn.seen_at > now - IDLE,
            model.SignIn.began_at > now - LIFE,
        )
        .order_by(model.SignIn.seen_at.desc(), model.SignIn.id.desc())
    ).all()


def end(session: Session, editor_id: int, sign_in: int) -> bool:
    """End one sign-in of an editor; False where the editor has none of that number."""
    return _end(session, model.SignIn.editor_id == editor_id, model.SignIn.id == sign_in) > 0


def end_all(session: Session, editor_id: int, *, but: int = 0) -> int:
    """End all sign-ins of an editor, but for one; return how many there were."""
    return _end(session, model.SignIn.editor_id == editor_id, model.SignIn.id != but)


def _end(session: Session, *which: ColumnElement[bool]) -> int:
    ended = session.execute(
        delete(model.SignIn)
        .where(*which)
        .returning(model.SignIn.id)
        .execution_options(synchronize_session=False)
    )
    return len(ended.all())


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
