"""Subscribers: what they asked for, what they agreed to, and whom we must not mail."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, identity, one_of
from newsletter.wishes import Frequency, SubscriptionState, SuppressionReason


class Subscriber(Base, kw_only=True):
    """A person at one address. ``digest`` is the keyed hash of the comparable address.

    A number is never given twice: links that were mailed name people by theirs. Three indexes on
    parts of address and name, by which the desk finds people, are in the migrations only. Who came
    in a file is ``indexed`` there soon afterwards.
    """

    __tablename__ = "subscribers"
    __table_args__ = (
        # Few wait: the others cost nothing here.
        Index(
            "ix_subscribers_not_indexed",
            "id",
            sqlite_where=text("not indexed"),
            postgresql_where=text("not indexed"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = identity()
    address: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    language: Mapped[str]
    created_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(default="")
    indexed: Mapped[bool] = mapped_column(default=True, server_default=true())


class Subscription(Base, kw_only=True):
    """One subscriber's wish for one publication.

    Who is PAUSED gets nothing until ``paused_until``, and is ACTIVE again then. A number is never
    given twice, as for subscribers. The numbers that point to other tables are no foreign keys, nor
    are those of a consent: four checks a row took PostgreSQL as long as all else that an import
    does. When a subscriber goes, a trigger deletes the subscriptions and empties the consents.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("subscriber_id", "publication_id"),
        # With the number, so that a page of those in one state is read off in order.
        Index("ix_subscriptions_publication_id_state_id", "publication_id", "state", "id"),
        # Few pause: the others cost nothing here.
        Index(
            "ix_subscriptions_paused_until",
            "paused_until",
            sqlite_where=text("paused_until is not null"),
            postgresql_where=text("paused_until is not null"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = identity()
    subscriber_id: Mapped[int] = mapped_column(BigKey)
    publication_id: Mapped[int] = mapped_column(BigKey)
    state: Mapped[SubscriptionState] = mapped_column(one_of(SubscriptionState))
    changed_at: Mapped[datetime]
    frequency: Mapped[Frequency] = mapped_column(one_of(Frequency), default=Frequency.EACH)
    paused_until: Mapped[datetime | None] = mapped_column(default=None)


class Consent(Base, kw_only=True):
    """One line of the append-only log: what was said to the person, and what the person did.

    ``wording`` is what the person was shown, to the letter, and ``version`` names that wording;
    ``origin`` is the network that it came from, as far as the settings keep it. ``subscriber_id``
    is emptied by erasure; the line stays.
    """

    __tablename__ = "consents"

    id: Mapped[int] = identity()
    subscriber_id: Mapped[int | None] = mapped_column(BigKey, index=True)
    publication_id: Mapped[int] = mapped_column(BigKey)
    action: Mapped[str]
    form: Mapped[str]
    at: Mapped[datetime]
    wording: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="", server_default="")
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


class SignUp(Base, kw_only=True):
    """A form as it was sent in, until the clock works it off and deletes it.

    Whoever sends a form gets an answer that depends on nothing that is known about the address:
    what is to be done with it is found out here, later.
    """

    __tablename__ = "sign_ups"

    id: Mapped[int] = identity()
    address: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    publications: Mapped[list[int]]
    language: Mapped[str]
    form: Mapped[str]
    at: Mapped[datetime]
    name: Mapped[str] = mapped_column(default="")
    wording: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default="")


class AddressChange(Base, kw_only=True):
    """A wish to get mail at another address, agreed to from both before anything changes.

    ``newcomer_id`` is the subscriber at the new address: one made for the purpose, without any
    subscription, or one that was there. Links name changes by their numbers, which are never given
    twice.
    """

    __tablename__ = "address_changes"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = identity()
    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    newcomer_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), index=True
    )
    asked_at: Mapped[datetime]
    old_agreed_at: Mapped[datetime | None] = mapped_column(default=None)
    new_agreed_at: Mapped[datetime | None] = mapped_column(default=None)


class Block(Base, kw_only=True):
    """Whom an operator lets sign up no more: an address, "@" and a domain, or a network (CIDR)."""

    __tablename__ = "blocks"

    id: Mapped[int] = identity()
    pattern: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    words: Mapped[str] = mapped_column(default="")


class Challenge(Base, kw_only=True):
    """A bot challenge that was solved, kept until it ends so that nobody uses it twice."""

    __tablename__ = "challenges"

    key: Mapped[str] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime] = mapped_column(index=True)


class Import(Base, kw_only=True):
    """A file of subscribers that is being read: how far, and what became of its rows.

    ``digest`` is that of the file and of how it is to be read; the same again goes on after
    ``line`` at ``offset``, in bytes. ``counts`` adds up the rows by what became of them.
    """

    __tablename__ = "imports"

    id: Mapped[int] = identity()
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    began_at: Mapped[datetime]
    line: Mapped[int] = mapped_column(default=0)
    offset: Mapped[int] = mapped_column(BigKey, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class UploadState(enum.StrEnum):
    """Where a file of subscribers has come to that an editor has uploaded."""

    WAITING = "waiting"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Upload(Base, kw_only=True):
    """A file of subscribers that an editor brings in: how it is to be read, and how far it is.

    ``mapping`` says which column holds a field; an empty ``publication`` means that the rows say
    it. While it is CHECKING or RUNNING a clock holds it until ``leased_until``. The file itself is
    in the folder of uploads of the machine that took it, by the row's number.
    """

    __tablename__ = "uploads"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = identity()
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("editors.id", ondelete="SET NULL"))
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigKey)
    at: Mapped[datetime]
    changed_at: Mapped[datetime]
    state: Mapped[UploadState] = mapped_column(one_of(UploadState), default=UploadState.WAITING)
    mapping: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    publication: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    offset: Mapped[int] = mapped_column(BigKey, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default_factory=list)
    words: Mapped[str] = mapped_column(default="")
    leased_until: Mapped[datetime | None] = mapped_column(default=None)


class Search(Base, kw_only=True):
    """What an editor searched subscribers for, so that no address need stand in a page's address.

    ``id`` is drawn by lot; the clock deletes the row a day later.
    """

    __tablename__ = "searches"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    editor_id: Mapped[int] = mapped_column(ForeignKey("editors.id", ondelete="CASCADE"))
    words: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class Counter(Base, kw_only=True):
    """How often something happened on a day (UTC), whoever it was: "sign-up-honeypot"."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigKey, default=0)
