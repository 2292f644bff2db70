"""Manuscripts on their way in, and the feeds that they come from."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, identity


class Manuscript(Base, kw_only=True):
    """What an editor brought in, as it came, until an issue is made of it or its time has passed.

    ``name`` is that of the file; a page came from ``url``, encoded as ``charset``. ``title`` is
    what it was recognised to be about. ``parts`` is what the editor takes passages for, by their
    line; ``pictures`` the stored name of each picture, by the name that the manuscript has for it,
    empty where it could not be had.
    """

    __tablename__ = "manuscripts"

    id: Mapped[int] = identity()
    editor_id: Mapped[int] = mapped_column(ForeignKey("editors.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    charset: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    publication_id: Mapped[int | None] = mapped_column(
        ForeignKey("publications.id", ondelete="SET NULL"), default=None
    )
    issue_id: Mapped[int | None] = mapped_column(
        ForeignKey("issues.id", ondelete="SET NULL"), default=None
    )
    parts: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    pictures: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    content: Mapped[bytes] = mapped_column(deferred=True)


class Feed(Base, kw_only=True):
    """A feed from which manuscripts came, to be offered again."""

    __tablename__ = "feeds"

    id: Mapped[int] = identity()
    url: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    used_at: Mapped[datetime]
