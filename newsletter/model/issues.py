"""Issues: the editions of a publication, from draft to sent, and their frozen content.

The full-text index of what is published is no model: it is FTS5 on SQLite and a tsvector on
PostgreSQL. ``newsletter.issues.search`` alone knows it.
"""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, identity, one_of
from newsletter.wishes import Frequency


class IssueState(enum.StrEnum):
    """Where an issue stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    SENT = "sent"
    CANCELLED = "cancelled"


class StepKind(enum.StrEnum):
    """What happened to an issue on its way to approval."""

    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    COMMENTED = "commented"
    SENT_BACK = "sent_back"
    APPROVED = "approved"
    REVOKED = "revoked"


class Issue(Base, kw_only=True):
    """One edition of a publication.

    The schedule is kept as it was said (``wall_time`` in ``zone``) and as it is meant: ``due_at``
    and ``latest_start`` in UTC. ``held`` says in words why an issue waits for a person. A draft
    with ``submitted_at`` awaits approval; ``content_hash`` is what approval is bound to.
    ``audience`` counts the candidates, those left out by reason, and the frozen. From
    ``tries_since`` on temporary trouble is borne for as long as the publication has it: since the
    issue was published, or since a person had it go on. ``frequency`` says for whom it is: an
    edition for those who get EACH; a digest, which has no page of its own, for those who get mail
    by the week or the month. ``related`` numbers the issues that mail and page point to, from
    approval on. ``version`` counts the saves of its text. ``licence_id`` is another licence than
    the publication's. ``window`` are hours of its own, in the zone of the publication, empty for
    all; null for those of the publication. ``segment_id`` or ``rule`` says for whom of its
    subscribers it is, neither that it is for everyone; from the freezing on ``rule`` is the one
    that held then. Of an issue that some get under embargo ``embargo_until`` is when its page
    becomes public; it is emptied then, and ``published_at`` is that moment from there on.
    """

    __tablename__ = "issues"
    __table_args__ = (
        UniqueConstraint("publication_id", "slug"),
        CheckConstraint(
            "state not in ('scheduled', 'sending', 'sent') or content_hash is not null",
            name="approved",
        ),
        Index("ix_issues_state_due_at", "state", "due_at"),
        Index("ix_issues_published_at", "published_at"),
    )

    id: Mapped[int] = identity()
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    slug: Mapped[str]
    subject: Mapped[str]
    created_at: Mapped[datetime]
    state: Mapped[IssueState] = mapped_column(one_of(IssueState), default=IssueState.DRAFT)
    frequency: Mapped[Frequency] = mapped_column(
        one_of(Frequency), default=Frequency.EACH, server_default=Frequency.EACH.value
    )
    submitted_at: Mapped[datetime | None] = mapped_column(default=None)
    content_hash: Mapped[str | None] = mapped_column(default=None)
    approved_at: Mapped[datetime | None] = mapped_column(default=None)
    wall_time: Mapped[str | None] = mapped_column(default=None)
    zone: Mapped[str | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    latest_start: Mapped[datetime | None] = mapped_column(default=None)
    held: Mapped[str | None] = mapped_column(default=None)
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    corrected_at: Mapped[datetime | None] = mapped_column(default=None)
    tries_since: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    audience: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    related: Mapped[list[int] | None] = mapped_column(default=None)
    licence_id: Mapped[int | None] = mapped_column(ForeignKey("licences.id"), default=None)
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    window: Mapped[str | None] = mapped_column(default=None)
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("segments.id"), default=None)
    rule: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    embargo_until: Mapped[datetime | None] = mapped_column(default=None)


class IssueArticle(Base, kw_only=True):
    """The place of an article in an issue, counted from 0."""

    __tablename__ = "issue_articles"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)


class ApprovalStep(Base, kw_only=True):
    """One line of what happened to an issue on its way to approval; lines are only added.

    ``who`` is the editor's name at the time, empty for the command line, and stays when the editor
    is removed. ``content_hash`` is that of the version which was approved.
    """

    __tablename__ = "approval_steps"

    id: Mapped[int] = identity()
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"), index=True)
    kind: Mapped[StepKind] = mapped_column(one_of(StepKind))
    at: Mapped[datetime]
    editor_id: Mapped[int | None] = mapped_column(BigKey, default=None)
    who: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    content_hash: Mapped[str | None] = mapped_column(default=None)


class Subject(Base, kw_only=True):
    """A term that a published issue is about, and how much: the weights' squares add up to 1."""

    __tablename__ = "subjects"
    __table_args__ = (Index("ix_subjects_term", "term"),)

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    term: Mapped[str] = mapped_column(primary_key=True)
    weight: Mapped[float]


class Content(Base, kw_only=True):
    """The words of one mail, frozen before personalisation.

    An issue has one for each variant (subject, appeal): see ``newsletter.issues.variants`` for
    their names. Where a reader's own value goes, the text holds a slot; see
    ``newsletter.rendering.slots``. A notice has one of its own, without slots, whose ``variant`` is
    the notice's name; it is deleted soon after the mail has left. Where it goes to somebody who is
    no subscriber, it says to which ``address``.
    """

    __tablename__ = "contents"
    __table_args__ = (UniqueConstraint("issue_id", "variant"),)

    id: Mapped[int] = identity()
    issue_id: Mapped[int | None] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"))
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"), index=True)
    variant: Mapped[str]
    language: Mapped[str]
    subject: Mapped[str]
    html: Mapped[str]
    text: Mapped[str]
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeals.id"), default=None)
    appeal_variant_id: Mapped[int | None] = mapped_column(
        ForeignKey("appeal_variants.id"), default=None
    )
    address: Mapped[str | None] = mapped_column(default=None)


class Erratum(Base, kw_only=True):
    """What was wrong in a public issue; ``told_by_id`` is the issue that tells its readers."""

    __tablename__ = "errata"

    id: Mapped[int] = identity()
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    text: Mapped[str]
    told_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("issues.id", ondelete="SET NULL"), index=True, default=None
    )
