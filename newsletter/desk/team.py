"""The team: who is an editor, in which role, and the one-time links by which one becomes it.

There is always an owner, once there was one. A link is a random token, of which only the hash is
kept; whoever has it may use it once, before it ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import Session

from newsletter import addresses, model
from newsletter.desk import codes, passwords, sign_ins
from newsletter.desk.audit import Action, Actor, note
from newsletter.errors import Conflict, Invalid, LinkInvalid, NotFound
from newsletter.language import marked as _
from newsletter.model import Role

INVITED = timedelta(days=7)
"""How long an invitation is good."""
HANDED_OVER = timedelta(days=1)
"""How long a link is good that is handed over at once: to set up, or for a new password."""
MOST_NAME = 100


@dataclass(frozen=True, slots=True)
class Teammate:
    """An editor as the team sees it."""

    id: int
    name: str
    address: str
    role: Role
    has_password: bool
    has_codes: bool
    passkeys: int
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who may be meant by an address that was typed, to compare the password with.

    There is one for every address; one of nobody never matches, and takes as long.
    """

    editor_id: int | None = None
    name: str = ""
    password_hash: str | None = None
    has_codes: bool = False

    def matches(self, password: str) -> bool:
        """Tell whether it is the editor's password; call it outside a transaction."""
        return passwords.matches(self.password_hash, password)


def candidate(session: Session, address: str) -> Candidate:
    """Return whom an address that was typed may mean."""
    found = _find(session, address.strip().lower()[:320])
    if found is None:
        return Candidate()
    return Candidate(found.id, found.name, found.password_hash, found.totp_secret is not None)


def has_owner(session: Session) -> bool:
    """Tell whether the installation is set up: whether somebody owns it."""
    return bool(session.scalar(select(exists().where(model.Editor.role == Role.OWNER))))


def teammates(session: Session) -> Sequence[Teammate]:
    """List all editors by name."""
    count = select(func.count()).where(model.Passkey.editor_id == model.Editor.id).scalar_subquery()
    seen = (
        select(func.max(model.SignIn.seen_at))
        .where(model.SignIn.editor_id == model.Editor.id)
        .scalar_subquery()
    )
    rows = session.execute(select(model.Editor, count, seen).order_by(model.Editor.name))
    return [
        Teammate(
            id=editor.id,
            name=editor.name,
            address=editor.address,
            role=editor.role,
            has_password=editor.password_hash is not None,
            has_codes=editor.totp_secret is not None,
            passkeys=passkeys,
            seen_at=seen_at,
        )
        for editor, passkeys, seen_at in rows
    ]


def fetch(session: Session, editor_id: int) -> model.Editor:
    """Return the editor with that number; raise NotFound."""
    found = session.get(model.Editor, editor_id) if editor_id < 2**63 else None
    if found is None:
        raise NotFound(f"There is no editor {editor_id}")
    return found


def fetch_by_address(session: Session, address: str) -> model.Editor:
    """Return the editor with that address; raise NotFound."""
    found = _find(session, address.strip().lower())
    if found is None:
        raise NotFound(f"There is no editor {address!r}; newsletter editor list shows them")
    return found


def set_up(session: Session, now: datetime, *, actor: Actor) -> str:
    """Return the token by which the first owner is set up; an earlier one ends.

    Raises Conflict as soon as there is an owner.
    """
    if has_owner(session):
        raise Conflict("There is an owner already; an owner invites others at the desk")
    _withdraw(session, model.Invitation.address == "", model.Invitation.editor_id.is_(None))
    note(session, actor, Action.SET_UP_LINK_MADE, now)
    return _invitation(session, now, HANDED_OVER, role=Role.OWNER)


def invite(
    session: Session, address: str, role: Role, now: datetime, *, actor: Actor, name: str = ""
) -> str:
    """Return the token by which the person at ``address`` becomes an editor; an earlier one ends.

    Raises InvalidAddress, and Conflict for who is an editor already.
    """
    kept = addresses.parse(address).lower()
    if _find(session, kept) is not None:
        raise Conflict(_("There is an editor with this address already."))
    _withdraw(session, model.Invitation.address == kept, model.Invitation.editor_id.is_(None))
    note(session, actor, Action.INVITED, now, f"{kept} ({role})")
    return _invitation(session, now, INVITED, role=role, address=kept, name=_name(name))


def invitations(session: Session, now: datetime) -> Sequence[model.Invitation]:
    """List the invitations that are open, newest first."""
    return session.scalars(
        select(model.Invitation)
        .where(
            model.Invitation.ends_at > now,
            model.Invitation.address != "",
            model.Invitation.editor_id.is_(None),
        )
        .order_by(model.Invitation.id.desc())
    ).all()


def withdraw(session: Session, invitation_id: int, now: datetime, *, actor: Actor) -> None:
    """End an invitation; one that is gone is no trouble."""
    for address in _withdraw(
        session, model.Invitation.id == invitation_id, model.Invitation.editor_id.is_(None)
    ):
        note(session, actor, Action.INVITATION_WITHDRAWN, now, address)


def reset(session: Session, editor: model.Editor, now: datetime, *, actor: Actor) -> str:
    """Take from an editor all ways to sign in; return the token that gives a new password."""
    sign_ins.end_all(session, editor.id)
    codes.turn_off(session, editor)
    for table in (model.Passkey, model.Invitation):
        session.execute(
            delete(table)
            .where(table.editor_id == editor.id)
            .execution_options(synchronize_session=False)
        )
    editor.password_hash = None
    note(session, actor, Action.RESET, now, editor.name)
    return _invitation(
        session,
        now,
        HANDED_OVER,
        role=editor.role,
        address=editor.address,
        name=editor.name,
        editor_id=editor.id,
    )


def fetch_invitation(session: Session, token: str, now: datetime) -> model.Invitation:
    """Return the invitation that a token opens; raise LinkInvalid, also when it has ended."""
    found = session.scalar(
        select(model.Invitation).where(
            model.Invitation.digest == _digest(token), model.Invitation.ends_at > now
        )
    )
    if found is None or (not found.address and has_owner(session)):
        raise LinkInvalid
    return found


def accept(
    session: Session,
    token: str,
    now: datetime,
    *,
    password_hash: str,
    name: str = "",
    address: str = "",
    origin: str = "",
) -> model.Editor:
    """Make an editor of whoever has the token, or give one a new password; the token is spent.

    ``address`` counts only where the invitation names none. Raises LinkInvalid, InvalidAddress,
    Invalid for a name that is missing, Conflict for an address that an editor has.
    """
    invitation = fetch_invitation(session, token, now)
    spent = session.execute(
        delete(model.Invitation)
        .where(model.Invitation.id == invitation.id)
        .returning(model.Invitation.id)
        .execution_options(synchronize_session=False)
    )
    if spent.one_or_none() is None:
        raise LinkInvalid
    if invitation.editor_id is not None:
        editor = fetch(session, invitation.editor_id)
        editor.password_hash = password_hash
        note(session, Actor.of(editor, origin), Action.PASSWORD_CHANGED, now)
        return editor
    kept = invitation.address or addresses.parse(address).lower()
    if not _name(name):
        raise Invalid(_("Enter your name; the others see it beside what you do."))
    if _find(session, kept) is not None:
        raise Conflict(_("There is an editor with this address already."))
    editor = model.Editor(
        address=kept,
        name=_name(name),
        role=invitation.role,
        created_at=now,
        password_hash=password_hash,
    )
    session.add(editor)
    session.flush()
    note(session, Actor.of(editor, origin), Action.JOINED, now, f"{kept} ({editor.role})")
    return editor


def change_role(
    session: Session, editor: model.Editor, role: Role, now: datetime, *, actor: Actor
) -> None:
    """Give an editor another role, and end their sign-ins; raise Conflict for the last owner."""
    if editor.role is role:
        return
    _keep_an_owner(session, editor)
    note(session, actor, Action.ROLE_CHANGED, now, f"{editor.name} ({editor.role} → {role})")
    editor.role = role
    sign_ins.end_all(session, editor.id)
    session.flush()


def remove(session: Session, editor: model.Editor, now: datetime, *, actor: Actor) -> None:
    """Remove an editor; what they did stays in the trail. Raises Conflict for the last owner."""
    _keep_an_owner(session, editor)
    note(session, actor, Action.REMOVED, now, f"{editor.name} ({editor.address})")
    session.delete(editor)
    session.flush()


def _keep_an_owner(session: Session, editor: model.Editor) -> None:
    """Raise Conflict if ``editor`` is the last owner; of two who go at once, one comes second."""
    owners = session.scalars(
        select(model.Editor.id).where(model.Editor.role == Role.OWNER).with_for_update()
    ).all()
    if list(owners) == [editor.id]:
        raise Conflict(_("There must be an owner: make someone else an owner first."))


def _find(session: Session, address: str) -> model.Editor | None:
    return session.scalar(select(model.Editor).where(model.Editor.address == address))


def _invitation(session: Session, now: datetime, life: timedelta, **columns: Any) -> str:
    _withdraw(session, model.Invitation.ends_at <= now)
    token = token_urlsafe(32)
    session.add(
        model.Invitation(
            digest=_digest(token),
            created_at=now,
            ends_at=now + life,
            **columns,
        )
    )
    session.flush()
    return token


def _withdraw(session: Session, *which: ColumnElement[bool]) -> Sequence[str]:
    ended = session.execute(
        delete(model.Invitation)
        .where(*which)
        .returning(model.Invitation.address)
        .execution_options(synchronize_session=False)
    )
    return ended.scalars().all()


def _name(name: str) -> str:
    return " ".join(name.split())[:MOST_NAME]


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
