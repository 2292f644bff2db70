"""Editors: those who sign in, by what, from where, and the trail of what they did."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, identity, one_of


class Role(enum.StrEnum):
    """What an editor may do; EDITOR approves and schedules."""

    WRITER = "writer"
    EDITOR = "editor"
    OWNER = "owner"


class Editor(Base, kw_only=True):
    """Someone who signs in; ``address`` is in lower case.

    Without a ``password_hash`` nobody can sign in as this editor by a password. With a
    ``totp_secret`` the password alone is not enough; ``totp_step`` is the last step of time whose
    code was taken, so that no code is taken twice. A number is never given twice: the trail and
    passkeys name editors by theirs.
    """

    __tablename__ = "editors"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = identity()
    address: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(one_of(Role))
    created_at: Mapped[datetime]
    password_hash: Mapped[str | None] = mapped_column(default=None)
    totp_secret: Mapped[str | None] = mapped_column(default=None)
    totp_step: Mapped[int] = mapped_column(BigKey, default=0, server_default="0")


class RecoveryCode(Base, kw_only=True):
    """A code that stands in once for the editor's app; only its hash is kept."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = identity()
    editor_id: Mapped[int] = mapped_column(ForeignKey("editors.id", ondelete="CASCADE"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)


class Passkey(Base, kw_only=True):
    """A key pair of an editor's device (WebAuthn); ``name`` is the editor's word for it."""

    __tablename__ = "passkeys"

    id: Mapped[int] = identity()
    editor_id: Mapped[int] = mapped_column(ForeignKey("editors.id", ondelete="CASCADE"), index=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigKey)
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class SignIn(Base, kw_only=True):
    """One browser in which an editor is signed in; only the hash of its token is kept.

    ``proven_at`` is when the editor last showed who it is, ``origin`` the network and ``program``
    the browser that signed in.
    """

    __tablename__ = "sign_ins"

    id: Mapped[int] = identity()
    editor_id: Mapped[int] = mapped_column(ForeignKey("editors.id", ondelete="CASCADE"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    proven_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(default="")
    program: Mapped[str] = mapped_column(default="")


class Invitation(Base, kw_only=True):
    """A link by which someone becomes an editor, once; only the hash of its token is kept.

    Without an ``address`` it is the set-up of the first owner. With an ``editor_id`` it gives that
    editor a new password.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = identity()
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    role: Mapped[Role] = mapped_column(one_of(Role))
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(default="")
    name: Mapped[str] = mapped_column(default="")
    editor_id: Mapped[int | None] = mapped_column(
        ForeignKey("editors.id", ondelete="CASCADE"), default=None, index=True
    )


class ApiKey(Base, kw_only=True):
    """A key by which another program acts here; only its hash is kept, and its first characters.

    ``scopes`` say what it may do (``newsletter.desk.keys``); ``who`` made it, by name.
    """

    __tablename__ = "api_keys"

    id: Mapped[int] = identity()
    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    hint: Mapped[str]
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    who: Mapped[str] = mapped_column(default="")
    used_on: Mapped[date | None] = mapped_column(default=None)
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


class Attempt(Base, kw_only=True):
    """How often in a row signing in failed, by account or network; closed until ``closed_until``.

    Accounts are keyed hashes of addresses, whether there is such an editor or not.
    """

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    closed_until: Mapped[datetime | None] = mapped_column(default=None)


class AuditEntry(Base, kw_only=True):
    """One line of the append-only trail: when, who, did what, about what, from which network.

    ``who`` is the editor's name at the time, and stays when the editor is removed; it is empty for
    the command line and for strangers.
    """

    __tablename__ = "audit_entries"

    id: Mapped[int] = identity()
    at: Mapped[datetime]
    action: Mapped[str]
    editor_id: Mapped[int | None] = mapped_column(BigKey, default=None)
    who: Mapped[str] = mapped_column(default="")
    about: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default="")
