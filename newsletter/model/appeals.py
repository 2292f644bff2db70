"""Appeals: calls for donations with their words, where they stand, and to whom they were shown."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, false, true
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, BigKey, identity


class Appeal(Base, kw_only=True):
    """A call for donations, shown in mid-text from ``starts_on`` to ``ends_on``, both included.

    It is for the publications that it is tied to, or ``for_all``; ``placement`` says where in the
    text it stands. Where it has no words in the language of a publication, those in ``language``
    are shown. A ``goal`` is in the smallest unit of ``goal_currency``. A reader gets it in every
    ``every``-th issue of a publication at most, and once in ``rest_days``; whoever gave within
    ``silent_days`` does not get it. 1, 0 and 0 mean that none of this holds.
    """

    __tablename__ = "appeals"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("goal > 0", name="goal"),
        CheckConstraint("every >= 1 and rest_days >= 0 and silent_days >= 0", name="caps"),
    )

    id: Mapped[int] = identity()
    name: Mapped[str]
    language: Mapped[str]
    for_all: Mapped[bool] = mapped_column(default=False, server_default=false())
    placement: Mapped[str] = mapped_column(default="slot", server_default="slot")
    starts_on: Mapped[date | None] = mapped_column(default=None)
    ends_on: Mapped[date | None] = mapped_column(default=None)
    goal: Mapped[int | None] = mapped_column(BigKey, default=None)
    goal_currency: Mapped[str] = mapped_column(default="", server_default="")
    goal_until: Mapped[date | None] = mapped_column(default=None)
    every: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    rest_days: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    silent_days: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")


class AppealPublication(Base, kw_only=True):
    """That an appeal is for a publication."""

    __tablename__ = "appeal_publications"

    appeal_id: Mapped[int] = mapped_column(
        ForeignKey("appeals.id", ondelete="CASCADE"), primary_key=True
    )
    publication_id: Mapped[int] = mapped_column(
        ForeignKey("publications.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class AppealVariant(Base, kw_only=True):
    """One way to say an appeal; its share of the readers follows its ``weight``, 1 to 100.

    What has been shown is never deleted; it is switched off.
    """

    __tablename__ = "appeal_variants"
    __table_args__ = (CheckConstraint("weight between 1 and 100", name="weight"),)

    id: Mapped[int] = identity()
    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeals.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    weight: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    is_on: Mapped[bool] = mapped_column(default=True, server_default=true())


class AppealWords(Base, kw_only=True):
    """The words of a variant in one language, and where its button leads.

    Without a ``destination`` it leads to where the publication takes gifts.
    """

    __tablename__ = "appeal_words"

    variant_id: Mapped[int] = mapped_column(
        ForeignKey("appeal_variants.id", ondelete="CASCADE"), primary_key=True
    )
    language: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    button: Mapped[str]
    destination: Mapped[str] = mapped_column(default="", server_default="")


class AppealChoice(Base, kw_only=True):
    """What an issue has in the place of its publication's appeal: it is part of what is approved.

    Not ``is_shown``, it has none. Else it has the appeal that is named, or in nothing but the named
    variant, and it stands at ``placement``; what is empty is as without a choice.
    """

    __tablename__ = "appeal_choices"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    is_shown: Mapped[bool] = mapped_column(default=True)
    appeal_id: Mapped[int | None] = mapped_column(ForeignKey("appeals.id"), default=None)
    variant_id: Mapped[int | None] = mapped_column(ForeignKey("appeal_variants.id"), default=None)
    placement: Mapped[str] = mapped_column(default="")


class Showing(Base, kw_only=True):
    """A variant of an appeal that an issue has, and in how many mails it was sent.

    ``sent`` is counted when the issue is finished; until then it is empty, and who was shown the
    appeal stands in the deliveries alone.
    """

    __tablename__ = "showings"

    issue_id: Mapped[int] = mapped_column(
        ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True
    )
    variant_id: Mapped[int] = mapped_column(
        ForeignKey("appeal_variants.id"), primary_key=True, index=True
    )
    sent: Mapped[int | None] = mapped_column(default=None)


class LastShown(Base, kw_only=True):
    """In which issue the reader of a subscription was last shown an appeal, once that is finished.

    It follows from the deliveries, and is there so that freezing need not look at those of many
    issues. Whoever gets issues and was never shown one has a row too, of issue 0: so rows lie as
    close as subscriptions do, and are found one behind the other. No foreign keys, for the same
    reason as there; a trigger deletes the row with its subscription.
    """

    __tablename__ = "last_shown"

    subscription_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    issue_id: Mapped[int] = mapped_column(BigKey)
