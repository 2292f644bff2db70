"""Donations: the ways to give, and what was given by which issue and appeal."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, identity, one_of


class Donation(Base, kw_only=True):
    """One gift: ``amount`` in the smallest unit of ``currency`` (ISO 4217).

    ``source`` is the bank or service that told of it, and ``reference`` what that one calls it, by
    which it is known again. The issue, the appeal and its variant are those of the link that it
    came by. ``returned`` of the amount was paid back since. ``subscriber_id`` is set where the
    publication links gifts and the giver's address is a subscriber's; of others nobody knows who
    gave.
    """

    __tablename__ = "donations"
    __table_args__ = (
        UniqueConstraint("source", "reference"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("returned between 0 and amount", name="returned"),
        Index("ix_donations_appeal_id", "appeal_id"),
        Index("ix_donations_issue_id", "issue_id"),
        Index("ix_donations_given_on", "given_on", "id"),
        Index("ix_donations_subscriber_id", "subscriber_id", "given_on"),
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
    appeal_variant_id: Mapped[int | None] = mapped_column(
        ForeignKey("appeal_variants.id"), default=None
    )
    returned: Mapped[int] = mapped_column(BigKey, default=0, server_default="0")
    subscriber_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscribers.id", ondelete="SET NULL"), default=None
    )


class WayKind(enum.StrEnum):
    """How a gift is given: at a payment service, or by a transfer to an account."""

    LINK = "link"
    TRANSFER = "transfer"


class Way(Base, kw_only=True):
    """A way to give, in the order of their numbers: of one publication, or of all.

    A LINK has a ``url`` with slots; a TRANSFER goes to the ``holder`` of an account.
    """

    __tablename__ = "ways"

    id: Mapped[int] = identity()
    publication_id: Mapped[int | None] = mapped_column(
        ForeignKey("publications.id", ondelete="CASCADE"), index=True, default=None
    )
    kind: Mapped[WayKind] = mapped_column(one_of(WayKind))
    title: Mapped[str]
    currency: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    holder: Mapped[str] = mapped_column(default="")
    iban: Mapped[str] = mapped_column(default="")
    bic: Mapped[str] = mapped_column(default="")
