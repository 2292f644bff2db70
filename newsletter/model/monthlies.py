"""Monthlies: issues that collect what was published in a month."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base


class Monthly(Base, kw_only=True):
    """What an issue collects: the texts of the month that begins on ``month``.

    It gathers from the publications numbered in ``sources``, its own among them. ``texts`` numbers
    their issues in the order in which they stand, ``left_out`` those that an editor left out.
    ``preface`` is plain text. ``written`` is the digest of the text that was made of all that, by
    which is known whether somebody has changed it since ``made_at``.
    """

    __tablename__ = "monthlies"
    __table_args__ = (UniqueConstraint("publication_id", "month"),)

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    month: Mapped[date]
    sources: Mapped[list[int]]
    texts: Mapped[list[int]]
    left_out: Mapped[list[int]]
    made_at: Mapped[datetime]
    preface: Mapped[str] = mapped_column(default="", server_default="")
    written: Mapped[str] = mapped_column(default="", server_default="")
