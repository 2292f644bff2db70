"""The outbox: one row per mail to one recipient, and the batches that workers take."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, identity, one_of


class DeliveryState(enum.StrEnum):
    """What became of one mail; SENT means that the relay said 250."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Batch(Base, kw_only=True):
    """Some hundreds of deliveries of one issue, from ``first_delivery`` to ``last_delivery``.

    ``due_at`` is when there is something to do, empty when nothing is left. A worker holds a batch
    by its ``lease`` until ``leased_until``; every write it makes is fenced by that token.
    """

    __tablename__ = "batches"
    __table_args__ = (
        UniqueConstraint("issue_id", "number"),
        Index("ix_batches_due_at", "due_at"),
    )

    id: Mapped[int] = identity()
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    number: Mapped[int]
    first_delivery: Mapped[int] = mapped_column(BigKey)
    last_delivery: Mapped[int] = mapped_column(BigKey)
    due_at: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(default=None)
    leased_until: Mapped[datetime | None] = mapped_column(default=None)


class Delivery(Base, kw_only=True):
    """One mail to one recipient.

    ``attempts`` counts hand-overs to a relay. ``code`` and ``words`` are the relay's own, of the
    last attempt; for a skipped mail ``words`` is the reason.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "issue_id"),
        Index("ix_deliveries_issue_id_state", "issue_id", "state"),
    )

    id: Mapped[int] = identity()
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    content_id: Mapped[int] = mapped_column(ForeignKey("contents.id"))
    subscriber_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscribers.id", ondelete="SET NULL")
    )
    subscription_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscriptions.id", ondelete="SET NULL")
    )
    state: Mapped[DeliveryState] = mapped_column(one_of(DeliveryState))
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    code: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    words: Mapped[str | None] = mapped_column(default=None)
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
