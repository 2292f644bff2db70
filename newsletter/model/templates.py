"""Templates of the desk: what is written anew of the mails, save by save."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, identity


class TemplateRevision(Base, kw_only=True):
    """A piece of the mails as it was written anew, or was given back; the newest holds.

    It is for one publication or for all, and for readers of one ``language`` or of any. ``sources``
    are the templates by side (``newsletter.rendering.pieces``), without those that were left as
    they come with the house; none at all where the piece was given back. ``who`` is the editor's
    name at the time, and stays when the editor is removed.
    """

    __tablename__ = "template_revisions"
    __table_args__ = (
        UniqueConstraint("publication_id", "language", "piece", "number"),
        Index(
            "uq_template_revisions_for_all",
            "language",
            "piece",
            "number",
            unique=True,
            sqlite_where=text("publication_id IS NULL"),
            postgresql_where=text("publication_id IS NULL"),
        ),
    )

    id: Mapped[int] = identity()
    piece: Mapped[str]
    number: Mapped[int]
    sources: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    publication_id: Mapped[int | None] = mapped_column(
        ForeignKey("publications.id", ondelete="CASCADE"), default=None
    )
    language: Mapped[str] = mapped_column(default="")
    editor_id: Mapped[int | None] = mapped_column(BigKey, default=None)
    who: Mapped[str] = mapped_column(default="")
