"""What holds sending back, for all workers: relays that rest, buckets, learned paces; trials."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base


class Relay(Base, kw_only=True):
    """What is remembered of a relay, by the name that its URL gives it.

    After ``failures`` in a row it rests until ``resting_until``; whoever tries it first after that
    has until ``probing_until``. ``words`` are those of the last trouble.
    """

    __tablename__ = "relays"

    name: Mapped[str] = mapped_column(primary_key=True)
    first_used_on: Mapped[date | None] = mapped_column(default=None)
    failures: Mapped[int] = mapped_column(default=0)
    resting_until: Mapped[datetime | None] = mapped_column(default=None)
    probing_until: Mapped[datetime | None] = mapped_column(default=None)
    words: Mapped[str] = mapped_column(default="")


class Bucket(Base, kw_only=True):
    """How much of one rate was ``spent`` at ``changed_at``: it drains with time, or at midnight."""

    __tablename__ = "buckets"

    key: Mapped[str] = mapped_column(primary_key=True)
    spent: Mapped[float]
    changed_at: Mapped[datetime]


class Pace(Base, kw_only=True):
    """A limit that was learned: mails a second as of ``changed_at``.

    It grows with time by itself, and holds until it has reached the ``ceiling``.
    """

    __tablename__ = "paces"

    key: Mapped[str] = mapped_column(primary_key=True)
    per_second: Mapped[float]
    ceiling: Mapped[float]
    changed_at: Mapped[datetime]


class Trial(Base, kw_only=True):
    """The last trial of a relay, by its name: one mail to ``address``, step by step.

    Whoever sends takes it at ``began_at`` and adds to ``steps`` what went well and how; at
    ``ended_at`` the relay has taken the mail, or ``trouble`` says why not.
    """

    __tablename__ = "trials"

    relay: Mapped[str] = mapped_column(primary_key=True)
    publication_id: Mapped[int] = mapped_column(
        ForeignKey("publications.id", ondelete="CASCADE"), index=True
    )
    address: Mapped[str]
    language: Mapped[str]
    asked_at: Mapped[datetime]
    began_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    steps: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    trouble: Mapped[str] = mapped_column(default="")
