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


class HookKind(enum.StrEnum):
    """In whose manner a payment service signs what it posts: Stripe's, or that of our own form."""

    STRIPE = "stripe"
    SIGNED = "signed"


class Hook(Base, kw_only=True):
    """Where a payment service posts what happens: to us, signed with a ``secret`` of both.

    ``source`` is what its gifts are said to come from; those that name no issue are of the
    publication. ``old_secret`` is taken until ``old_until``. ``fault`` is why the last message that
    was refused was, at ``fault_at``; none of these says anything about a giver.
    """

    __tablename__ = "hooks"

    id: Mapped[int] = identity()
    kind: Mapped[HookKind] = mapped_column(one_of(HookKind))
    source: Mapped[str] = mapped_column(unique=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    secret: Mapped[str] = mapped_column(default="")
    old_secret: Mapped[str] = mapped_column(default="")
    old_until: Mapped[datetime | None] = mapped_column(default=None)
    heard_at: Mapped[datetime | None] = mapped_column(default=None)
    fault_at: Mapped[datetime | None] = mapped_column(default=None)
    fault: Mapped[str] = mapped_column(default="")


class MovementKind(enum.StrEnum):
    """What happened to a payment."""

    PAID = "paid"
    RETURNED = "returned"
    """Some of it was paid back: what one refund says."""
    FAILED = "failed"
    """A refund did not come about: what it paid back is here again."""
    TOTAL = "total"
    """All that was paid back until then."""
    DISPUTED = "disputed"
    """The bank took it back for the giver."""
    WON = "won"
    """The bank gave it back to us."""
    SAME = "same"
    """It is the same payment as another, by another name."""
    NAMED = "named"
    """By which link a gift came that comes back by the month."""


class Movement(Base, kw_only=True):
    """One thing that a source told of a ``payment``, by the name of the ``event``; never changed.

    A donation follows from all of them, in whatever order they come. ``thing`` is the refund or the
    dispute, or the other name of the payment; ``series`` what it is one of; ``reference`` the tag
    of a donate link.
    """

    __tablename__ = "movements"
    __table_args__ = (
        UniqueConstraint("source", "event"),
        Index("ix_movements_payment", "source", "payment"),
        Index("ix_movements_thing", "source", "thing"),
        Index("ix_movements_series", "source", "series"),
    )

    id: Mapped[int] = identity()
    source: Mapped[str]
    event: Mapped[str]
    kind: Mapped[MovementKind] = mapped_column(one_of(MovementKind))
    payment: Mapped[str]
    at: Mapped[datetime]
    since: Mapped[datetime]
    thing: Mapped[str] = mapped_column(default="")
    series: Mapped[str] = mapped_column(default="")
    units: Mapped[int] = mapped_column(BigKey, default=0)
    currency: Mapped[str] = mapped_column(default="")
    reference: Mapped[str] = mapped_column(default="")
