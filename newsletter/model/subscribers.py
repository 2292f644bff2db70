"""Subscribers: what they asked for, what they agreed to, and whom we must not mail."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, identity, one_of


class SubscriptionState(enum.StrEnum):
    """What the person asked for."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


class Frequency(enum.StrEnum):
    """How often the person wants mail."""

    EACH = "each"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class SuppressionReason(enum.StrEnum):
    """What the mail system, or a person, taught us about an address."""

    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"
    ERASED = "erased"


class Subscriber(Base, kw_only=True):
    """A person at one address. ``digest`` is the keyed hash of the comparable address."""

    __tablename__ = "subscribers"

    id: Mapped[int] = identity()
    address: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    language: Mapped[str]
    created_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(default="")


class Subscription(Base, kw_only=True):
    """One subscriber's wish for one publication."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "publication_id"),
        Index("ix_subscriptions_publication_id_state", "publication_id", "state"),
    )

    id: Mapped[int] = identity()
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    state: Mapped[SubscriptionState] = mapped_column(one_of(SubscriptionState))
    changed_at: Mapped[datetime]
    frequency: Mapped[Frequency] = mapped_column(one_of(Frequency), default=Frequency.EACH)
    paused_until: Mapped[datetime | None] = mapped_column(default=None)


class Consent(Base, kw_only=True):
    """One line of the append-only log: what was said to the person, and what the person did.

    ``subscriber_id`` is emptied by erasure; the line stays.
    """

    __tablename__ = "consents"

    id: Mapped[int] = identity()
    subscriber_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscribers.id", ondelete="SET NULL"), index=True
    )
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    action: Mapped[str]
    form: Mapped[str]
    at: Mapped[datetime]
    wording: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any] | None] = mapped_column(default=None)


class Suppression(Base, kw_only=True):
    """An address that we must not mail, kept as the keyed hash that subscribers carry too."""

    __tablename__ = "suppressions"

    id: Mapped[int] = identity()
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    reason: Mapped[SuppressionReason] = mapped_column(one_of(SuppressionReason))
    at: Mapped[datetime]
    words: Mapped[str] = mapped_column(default="")
