"""What holds sending back, shared by all workers: relays that rest, buckets, learned paces."""

from datetime import date, datetime

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
