"""Articles and the images they show."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from newsletter.model.base import Base, identity


class Article(Base, kw_only=True):
    """One structured text.

    ``source`` holds all of it as Markdown with front matter, the form that is also exported; the
    other columns repeat what lists and addresses of pages need.
    """

    __tablename__ = "articles"
    __table_args__ = (UniqueConstraint("publication_id", "slug"),)

    id: Mapped[int] = identity()
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id"))
    slug: Mapped[str]
    headline: Mapped[str]
    dated: Mapped[date]
    language: Mapped[str]
    source: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    licence_id: Mapped[int | None] = mapped_column(ForeignKey("licences.id"), default=None)


class Image(Base, kw_only=True):
    """A picture file, named by its own digest, with the rights that came along.

    ``credit`` and ``alt`` are offered to whatever shows it; ``permission`` is by what right it is
    shown (``newsletter.rendering.permission``), ``source`` where it was found. ``small`` is the
    picture for lists; an old one has none. ``who`` brought it in, by name. ``until`` repeats the
    last day of the permission, ``rights_changed_at`` is when somebody last said another one.
    """

    __tablename__ = "images"

    id: Mapped[int] = identity()
    name: Mapped[str] = mapped_column(unique=True)
    media_type: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime]
    credit: Mapped[str] = mapped_column(default="")
    permission: Mapped[str] = mapped_column(default="")
    alt: Mapped[str] = mapped_column(default="", server_default="")
    source: Mapped[str] = mapped_column(default="", server_default="")
    file_name: Mapped[str] = mapped_column(default="", server_default="")
    who: Mapped[str] = mapped_column(default="", server_default="")
    until: Mapped[date | None] = mapped_column(default=None, index=True)
    rights_changed_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    # Last, so that SQLite finds the others without reading through the file.
    content: Mapped[bytes] = mapped_column(deferred=True)
    small: Mapped[bytes | None] = mapped_column(default=None, deferred=True)


class ImageUse(Base, kw_only=True):
    """An article shows an image."""

    __tablename__ = "image_uses"

    image_id: Mapped[int] = mapped_column(
        ForeignKey("images.id", ondelete="CASCADE"), primary_key=True
    )
    article_id: Mapped[int] = mapped_column(
        ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True
    )
