"""Audiences: tags on people, and segments, which are rules under a name."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, identity


class Tag(Base, kw_only=True):
    """A word that editors put on people: "press"."""

    __tablename__ = "tags"

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(unique=True)


class SubscriberTag(Base, kw_only=True):
    """That a person has a tag."""

    __tablename__ = "subscriber_tags"
    __table_args__ = (Index("ix_subscriber_tags_tag_id", "tag_id", "subscriber_id"),)

    subscriber_id: Mapped[int] = mapped_column(
        ForeignKey("subscribers.id", ondelete="CASCADE"), primary_key=True
    )
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class Segment(Base, kw_only=True):
    """A part of a publication's subscribers under a name; who is in it is found out when asked.

    ``rule`` is what ``newsletter.deliveries.audience`` reads.
    """

    __tablename__ = "segments"
    __table_args__ = (UniqueConstraint("publication_id", "name"),)

    id: Mapped[int] = identity()
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    name: Mapped[str]
    rule: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
