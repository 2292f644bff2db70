"""Waves: an issue that does not leave for all at once, and what it waits for in between.

What an editor plans stands in ``SubjectTest`` and ``Embargo``; both are part of what is approved.
The waves themselves are there from the freezing on.
"""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, one_of


class WaveKind(enum.IntEnum):
    """Who is in a wave, in the order in which they leave.

    Those who get the issue before its moment, under embargo; those who try either subject; all
    others.
    """

    EMBARGO = 0
    A = 1
    B = 2
    REST = 3


class WinnerRule(enum.StrEnum):
    """By what the subject of the rest is chosen: clicks for each mail sent, or a person."""

    CLICKS = "clicks"
    EDITOR = "editor"


class Variant(enum.StrEnum):
    """Which of two subjects."""

    A = "a"
    B = "b"


class SubjectTest(Base, kw_only=True):
    """A second subject that is tried beside the issue's own, which is A.

    ``share`` of a hundred readers try it, half of them either; after ``wait`` minutes the rest gets
    the ``winner``. ``ends_at`` is known once the issue leaves. ``numbers`` are mails sent and
    clicks of both at the decision, which ``decided_by`` names if it was an editor's. ``editor_id``
    is whose subject it is; it stays when the editor is removed.
    """

    __tablename__ = "subject_tests"
    __table_args__ = (CheckConstraint("share between 1 and 100", name="share"),)

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str]
    share: Mapped[int] = mapped_column(SmallInteger)
    wait: Mapped[int]
    rule: Mapped[WinnerRule] = mapped_column(one_of(WinnerRule))
    ends_at: Mapped[datetime | None] = mapped_column(default=None)
    winner: Mapped[Variant | None] = mapped_column(one_of(Variant), default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decided_by: Mapped[str] = mapped_column(default="", server_default="")
    numbers: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    editor_id: Mapped[int | None] = mapped_column(BigKey, default=None)


class Embargo(Base, kw_only=True):
    """A segment that gets an issue ``lead`` minutes before everyone else.

    Their mail says until when it is under embargo: ``wall_time`` in ``zone``, which is ``ends_at``.
    ``segment_id`` is emptied when the segment is deleted, after the issue has left.
    """

    __tablename__ = "embargoes"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("segments.id"), index=True)
    lead: Mapped[int]
    wall_time: Mapped[str]
    zone: Mapped[str]
    ends_at: Mapped[datetime]


class Wave(Base, kw_only=True):
    """A part of an issue's audience that leaves at ``due_at``, not before.

    ``number`` is a ``WaveKind``. ``content_id`` is empty until it is decided which words they get;
    ``frozen`` is how many they are.
    """

    __tablename__ = "waves"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    content_id: Mapped[int | None] = mapped_column(BigKey)
    frozen: Mapped[int]
    due_at: Mapped[datetime]
