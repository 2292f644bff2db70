"""Links in texts, and what the sites that they lead to answered."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base


class LinkCheck(Base, kw_only=True):
    """An address on the web that a text leads to, and how it was found last.

    ``digest`` is its SHA-256. ``asked_at`` is when somebody wanted to know, ``taken_at`` when a
    clock set out to look, ``checked_at`` when it came back; ``trouble`` is empty for a page that is
    there, else a ``newsletter.outward.Trouble``.
    """

    __tablename__ = "link_checks"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    url: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    taken_at: Mapped[datetime | None] = mapped_column(default=None)
    checked_at: Mapped[datetime | None] = mapped_column(default=None)
    trouble: Mapped[str] = mapped_column(default="")
