"""Donations: what was given, and which issue and appeal it came by. No row says by whom."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, identity


class Donation(Base, kw_only=True):
    """One gift: ``amount`` in the smallest unit of ``currency`` (ISO 4217).

    ``source`` is the bank or service that told of it, and ``reference`` what that one calls it, by
    which it is known again. The issue and the appeal are those of the link that it came by.
    """

    __tablename__ = "donations"
    __table_args__ = (
        UniqueConstraint("source", "reference"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_donations_issue_id", "issue_id"),
        Index("ix_donations_given_on", "given_on", "id"),
    )

    id: Mapped[int] = identity()
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    source: Mapped[str]
    reference: Mapped[str]
    given_on: Mapped[date]
    amount: Mapped[int] = mapped_column(BigKey)
    currency: Mapped[str]
    recorded_at: Mapped[datetime]
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issues.id"), default=None)
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeals.id"), default=None)
