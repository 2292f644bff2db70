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

    A notice, such as a confirmation, is a batch of one that belongs to no issue. ``due_at`` is when
    there is something to do, empty when nothing is left. A worker holds a batch by its ``lease``
    until ``leased_until``, and gives it back by that token. What has come to an end is counted
    whenever it is given back, so that an issue's sums cost no look at its deliveries; ``retrying``
    are those of the rest that were tried before. Where its issue leaves in waves, a batch has those
    deliveries in its range that are of its ``wave``.
    """

    __tablename__ = "batches"
    __table_args__ = (
        UniqueConstraint("issue_id", "number"),
        Index("ix_batches_due_at", "due_at"),
    )

    id: Mapped[int] = identity()
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    number: Mapped[int]
    first_delivery: Mapped[int] = mapped_column(BigKey)
    last_delivery: Mapped[int] = mapped_column(BigKey)
    due_at: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(default=None)
    leased_until: Mapped[datetime | None] = mapped_column(default=None)
    sent: Mapped[int] = mapped_column(default=0, server_default="0")
    refused: Mapped[int] = mapped_column(default=0, server_default="0")
    skipped: Mapped[int] = mapped_column(default=0, server_default="0")
    unknown: Mapped[int] = mapped_column(default=0, server_default="0")
    retrying: Mapped[int] = mapped_column(default=0, server_default="0")
    wave: Mapped[int | None] = mapped_column(SmallInteger, default=None)


class ReasonKind(enum.StrEnum):
    """What a reason kept a mail from: leaving for now, or for good."""

    DEFERRED = "deferred"
    REFUSED = "refused"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


class Reason(Base, kw_only=True):
    """How many mails of an issue did not leave for a reason, by domain.

    ``words`` are the relay's own, without the address or anything else that names one mail; of what
    was skipped they are ours. There are only so many rows for an issue: what goes beyond is counted
    without its domain, or even without its words.
    """

    __tablename__ = "reasons"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[ReasonKind] = mapped_column(one_of(ReasonKind), primary_key=True)
    domain: Mapped[str] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigKey)


class Waypoint(Base, kw_only=True):
    """The sums of an issue at a moment of its way: how many mails had come to which end."""

    __tablename__ = "waypoints"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(primary_key=True)
    sent: Mapped[int]
    refused: Mapped[int]
    skipped: Mapped[int]
    unknown: Mapped[int]


class Delivery(Base, kw_only=True):
    """One mail to one recipient.

    ``attempts`` counts hand-overs to a relay. ``code`` and ``words`` are the relay's own, of the
    last attempt; for a skipped mail ``words`` is the reason. ``wave`` is the one that it leaves
    with, where its issue has several. ``content_id`` says which words, and by them which variant of
    an appeal or none: chosen at the freezing, under the issue's own subject; from its claim on that
    of its wave's subject, with the same appeal.

    The numbers that point to other tables are no foreign keys: checking four of them took
    PostgreSQL most of the time of freezing an audience. Rows are inserted in one statement from the
    rows that they point to; issues and contents are never deleted, and of a subscriber who is, a
    trigger empties ``subscriber_id``.
    """

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("issue_id", "subscriber_id"),)

    id: Mapped[int] = identity()
    issue_id: Mapped[int | None] = mapped_column(BigKey)
    content_id: Mapped[int] = mapped_column(BigKey)
    subscriber_id: Mapped[int | None] = mapped_column(BigKey)
    state: Mapped[DeliveryState] = mapped_column(one_of(DeliveryState))
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    code: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    words: Mapped[str | None] = mapped_column(default=None)
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    wave: Mapped[int | None] = mapped_column(SmallInteger, default=None)
