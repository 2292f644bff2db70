"""Publications, and the licences that they carry into every issue."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, false, true
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, identity, one_of


class Tracking(enum.StrEnum):
    """What is counted of readers: nothing, or how often a link of an issue is followed."""

    NONE = "none"
    CLICKS = "clicks"


class Licence(Base, kw_only=True):
    """The republication terms of texts, and what holds for images.

    With ``reuse`` a ready copy of each text is offered to whoever republishes it. ``translations``
    are its words in languages, each of some of ``name``, ``text_terms``, ``image_terms`` and
    ``url``; for what they do not say, the words of the columns hold.
    """

    __tablename__ = "licences"

    id: Mapped[int] = identity()
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    text_terms: Mapped[str]
    image_terms: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    reuse: Mapped[bool] = mapped_column(default=True, server_default=true())
    translations: Mapped[dict[str, Any]] = mapped_column(default_factory=dict, server_default="{}")


class Publication(Base, kw_only=True):
    """A monitor: what one subscribes to.

    ``kicker`` is how a manuscript names it; ``accent`` a colour as ``#rrggbb``; ``latest_start``
    how many minutes late an issue may start without asking; ``donate_url`` where gifts are taken
    when an appeal names no place of its own. ``window`` are the hours of the day, in its zone, in
    which issues may leave ("07:00-21:00", empty for all); ``retry_hours`` how long temporary
    trouble is borne; ``hold_unknown`` has a mail whose connection broke before the relay's answer
    wait for a person, instead of being sent again. With ``four_eyes`` nobody approves a text that
    they wrote, changed or submitted. ``tracking`` says whether clicks are counted, by link and
    never by reader. With ``link_gifts`` a gift is linked to the subscriber at the giver's address,
    so that appeals may be silent for them; nothing else comes of it. ``logo`` is the name of an
    image, empty where there is none, and is shown in ``logo_width`` by ``logo_height`` CSS pixels.
    """

    __tablename__ = "publications"

    id: Mapped[int] = identity()
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kicker: Mapped[str]
    language: Mapped[str]
    zone: Mapped[str]
    author_name: Mapped[str]
    author_address: Mapped[str]
    created_at: Mapped[datetime]
    reply_to: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    postal_address: Mapped[str] = mapped_column(default="")
    accent: Mapped[str] = mapped_column(default="#8a1c2b")
    donate_url: Mapped[str] = mapped_column(default="")
    latest_start: Mapped[int] = mapped_column(default=120)
    window: Mapped[str] = mapped_column(default="", server_default="")
    retry_hours: Mapped[int] = mapped_column(default=48, server_default="48")
    hold_unknown: Mapped[bool] = mapped_column(default=False, server_default=false())
    four_eyes: Mapped[bool] = mapped_column(default=False, server_default=false())
    tracking: Mapped[Tracking] = mapped_column(
        one_of(Tracking), default=Tracking.CLICKS, server_default=Tracking.CLICKS.value
    )
    link_gifts: Mapped[bool] = mapped_column(default=False, server_default=false())
    logo: Mapped[str] = mapped_column(default="", server_default="")
    logo_alt: Mapped[str] = mapped_column(default="", server_default="")
    logo_width: Mapped[int] = mapped_column(default=0, server_default="0")
    logo_height: Mapped[int] = mapped_column(default=0, server_default="0")
    licence_id: Mapped[int | None] = mapped_column(ForeignKey("licences.id"), default=None)
