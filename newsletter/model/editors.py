"""Editors: those who sign in."""

import enum
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, identity, one_of


class Role(enum.StrEnum):
    """What an editor may do; EDITOR approves and schedules."""

    WRITER = "writer"
    EDITOR = "editor"
    OWNER = "owner"


class Editor(Base, kw_only=True):
    """Someone who signs in. Without a ``password_hash`` nobody can sign in as this editor yet."""

    __tablename__ = "editors"

    id: Mapped[int] = identity()
    address: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(one_of(Role))
    created_at: Mapped[datetime]
    password_hash: Mapped[str | None] = mapped_column(default=None)
