"""What comes back from an issue: clicks, goodbyes, reuse of its text. Counts, and no reader."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, one_of


class Link(Base, kw_only=True):
    """An address that an issue's mail leads to by way of us, frozen with its content.

    ``key`` follows from the address, so that it is the same in all variants; ``number`` is its
    place in the mail.
    """

    __tablename__ = "links"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    number: Mapped[int]
    url: Mapped[str]


class Click(Base, kw_only=True):
    """How often a link of an issue was followed in one hour; key 0 is the appeal's.

    ``variant`` numbers the mail's variant, where an issue has several; ``peak`` is the most of any
    minute in it, ``in_minute`` those of the latest, ``minute``: people come one by one, programs
    that look at links come all at once.
    """

    __tablename__ = "clicks"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[int] = mapped_column(BigKey, primary_key=True)
    variant: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
    minute: Mapped[int] = mapped_column(SmallInteger)
    in_minute: Mapped[int]
    peak: Mapped[int]


class Goodbye(Base, kw_only=True):
    """How many left on a day (UTC) by the link in an issue's mail."""

    __tablename__ = "goodbyes"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]


class ReuseForm(enum.StrEnum):
    """In what form a text was taken: the page of its ready copy, a file of it, a citation."""

    PAGE = "page"
    HTML = "html"
    MARKDOWN = "markdown"
    TEXT = "text"
    JSON = "json"
    EMBED = "embed"
    CITATION = "citation"


class Reuse(Base, kw_only=True):
    """How often the text of an issue was taken in one form on a day (UTC)."""

    __tablename__ = "reuses"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    form: Mapped[ReuseForm] = mapped_column(one_of(ReuseForm), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int]
