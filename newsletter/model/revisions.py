"""Revisions: what an issue's text was, save by save."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, identity


class Revision(Base, kw_only=True):
    """The whole text of an issue at one of its versions, whose number it has.

    ``articles`` are the sources in their order. An ``automatic`` one was saved without being asked
    for, and those of one editor within minutes are one: since ``began_at``. ``who`` is the editor's
    name at the time, empty for the command line, and stays when the editor is removed.
    """

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("issue_id", "number"),)

    id: Mapped[int] = identity()
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    number: Mapped[int]
    subject: Mapped[str]
    articles: Mapped[list[str]]
    began_at: Mapped[datetime]
    at: Mapped[datetime]
    editor_id: Mapped[int | None] = mapped_column(BigKey, default=None)
    who: Mapped[str] = mapped_column(default="")
    automatic: Mapped[bool] = mapped_column(default=False, server_default=false())
