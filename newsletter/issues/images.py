"""Images: scaled down and stripped on their way in, kept once, found again with their rights."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from PIL import Image, ImageOps
from sqlalchemy import func, insert, literal, or_, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Invalid, NotFound
from newsletter.issues.rights import Doubt, is_doubtful, set_right
from newsletter.language import marked as _

WIDEST = 1200
"""Pixels across that a stored image keeps: twice the column of a mail, for dense screens."""
SMALL = 360
"""Pixels across of the small form that lists show."""
MOST_PIXELS = 60_000_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture as it will be kept; ``small`` is the same kind of file."""

    name: str
    media_type: str
    width: int
    height: int
    content: bytes
    small: bytes


@dataclass(frozen=True, slots=True)
class Rights:
    """What a picture is shown with, and by what right; as the columns of ``model.Image``."""

    credit: str = ""
    alt: str = ""
    permission: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Shelved:
    """An image in a list, without its file; ``uses`` counts the issues that show it."""

    id: int
    name: str
    width: int
    height: int
    created_at: datetime
    credit: str
    alt: str
    permission: str
    uses: int


def prepare_image(content: bytes) -> Prepared:
    """Scale a picture down and strip it of metadata; it takes long, and needs no database.

    JPEG, PNG, GIF and WebP are taken. Raises Invalid for anything else.
    """
    kept = in_colour(open_picture(content))
    if kept.width > WIDEST:
        kept = kept.resize((WIDEST, max(1, round(kept.height * WIDEST / kept.width))))
    return pack(kept)


def in_colour(picture: Image.Image) -> Image.Image:
    """Return a picture in RGB, or in RGBA where parts of it may be transparent."""
    transparent = picture.mode == "P" or picture.has_transparency_data
    return picture.convert("RGBA" if transparent else "RGB")


def pack(kept: Image.Image) -> Prepared:
    """Write a picture as it will be kept, without any metadata: as PNG if it is in RGBA."""
    encoded = _encoded(kept)
    small = kept.copy()
    small.thumbnail((SMALL, SMALL))
    suffix = "png" if kept.mode == "RGBA" else "jpeg"
    return Prepared(
        name=f"{sha256(encoded).hexdigest()[:20]}.{suffix}",
        media_type=f"image/{suffix}",
        width=kept.width,
        height=kept.height,
        content=encoded,
        small=_encoded(small),
    )


def keep_image(
    session: Session,
    prepared: Prepared,
    now: datetime,
    rights: Rights = Rights(),
    *,
    file_name: str = "",
    who: str = "",
) -> model.Image:
    """Keep a picture once; of one that is known, what is not known of its rights is filled in."""
    image = session.scalar(select(model.Image).where(model.Image.name == prepared.name))
    if image is None:
        image = model.Image(
            name=prepared.name,
            media_type=prepared.media_type,
            width=prepared.width,
            height=prepared.height,
            content=prepared.content,
            small=prepared.small,
            created_at=now,
            file_name=file_name,
            who=who,
        )
        session.add(image)
    image.credit = image.credit or rights.credit
    image.alt = image.alt or rights.alt
    if rights.permission and not image.permission:
        set_right(image, rights.permission, now)
    image.source = image.source or rights.source
    session.flush()
    return image


def store_image(session: Session, content: bytes, now: datetime) -> str:
    """Prepare a picture and keep it; return the name it has from now on. Raises Invalid."""
    return keep_image(session, prepare_image(content), now).name


def picture_size(content: bytes) -> tuple[int, int]:
    """Return the width and height of a picture as it is shown; raise Invalid if it is none."""
    return open_picture(content).size


def fetch_shelved(session: Session, number: int) -> model.Image:
    """Return the image with that number, its file not yet loaded; raise NotFound."""
    found = session.get(model.Image, number) if number < 2**63 else None  # as databases count
    if found is None:
        raise NotFound
    return found


def fetch_small(session: Session, name: str) -> tuple[bytes, str]:
    """Return the small form of an image and its media type; raise NotFound.

    An image from before there were small forms is shown as it is.
    """
    found = session.scalar(select(model.Image).where(model.Image.name == name))
    if found is None:
        raise NotFound
    return found.small or found.content, found.media_type


def change_rights(session: Session, image: model.Image, rights: Rights, now: datetime) -> None:
    """Put other rights in the place of an image's; what articles say of it stays."""
    image.credit, image.alt, image.source = rights.credit, rights.alt, rights.source
    if image.permission != rights.permission:
        set_right(image, rights.permission, now)
    session.flush()


def library(
    session: Session,
    *,
    words: str = "",
    doubt: tuple[Doubt, date] | None = None,
    before: int | None = None,
    limit: int = 24,
) -> Sequence[Shelved]:
    """List images, newest first, from before the one numbered ``before``.

    ``words`` are looked for in all that is said of an image; with a ``doubt`` only those are listed
    about whose rights there is one on that day.
    """
    image = model.Image
    uses = (
        select(func.count(model.IssueArticle.issue_id.distinct()))
        .select_from(model.ImageUse)
        .join(model.IssueArticle, model.IssueArticle.article_id == model.ImageUse.article_id)
        .where(model.ImageUse.image_id == image.id)
        .scalar_subquery()
    )
    query = select(
        *(image.id, image.name, image.width, image.height, image.created_at),
        *(image.credit, image.alt, image.permission, uses),
    )
    for word in words.split()[:8]:
        columns = (image.credit, image.alt, image.source, image.file_name, image.permission)
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if doubt:
        query = query.where(is_doubtful(*doubt))
    if before is not None:
        query = query.where(image.id < before)
    rows = session.execute(query.order_by(image.id.desc()).limit(limit))
    return [Shelved(*row) for row in rows]


def issues_with(
    session: Session, image: model.Image, *, limit: int = 50
) -> Sequence[tuple[model.Issue, str]]:
    """List the issues that show ``image``, newest first, with the name of their publication."""
    showing = (
        select(model.IssueArticle.issue_id)
        .join(model.ImageUse, model.ImageUse.article_id == model.IssueArticle.article_id)
        .where(model.ImageUse.image_id == image.id)
    )
    return session.execute(
        select(model.Issue, model.Publication.name)
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(model.Issue.id.in_(showing))
        .order_by(model.Issue.id.desc())
        .limit(limit)
    ).all()


def image_sizes(session: Session, names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return width and height of those images of ``names`` that are kept."""
    image = model.Image
    query = select(image.name, image.width, image.height).where(image.name.in_(set(names)))
    return {name: (width, height) for name, width, height in session.execute(query)}


def image_numbers(session: Session, names: Iterable[str]) -> dict[str, int]:
    """Return the numbers of those images of ``names`` that are kept."""
    image, wanted = model.Image, set(filter(None, names))
    query = select(image.name, image.id).where(image.name.in_(wanted))
    return dict(session.execute(query).all()) if wanted else {}


def note_uses(session: Session, article_id: int, names: Iterable[str]) -> None:
    """Note that an article shows the images of these ``names``."""
    shown = list(names)
    if shown:
        images = select(model.Image.id, literal(article_id)).where(model.Image.name.in_(shown))
        session.execute(insert(model.ImageUse).from_select(["image_id", "article_id"], images))


def _encoded(picture: Image.Image) -> bytes:
    encoded = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(encoded, "PNG", optimize=True)
    else:
        # Without saying so, Pillow would keep the comment that stands in the file.
        picture.save(encoded, "JPEG", quality=85, optimize=True, progressive=True, comment=b"")
    return encoded.getvalue()


_UNREADABLE = _("The picture cannot be read; give a JPEG, PNG, GIF or WebP file")
_BOMB = _("The picture has far more than 60 million pixels; save it smaller")
_DRAWING = _("An SVG drawing cannot be read; give a JPEG, PNG, GIF or WebP file of it")


def open_picture(
    content: bytes, formats: tuple[str, ...] = ("JPEG", "PNG", "GIF", "WEBP")
) -> Image.Image:
    """Open a picture the way up that its metadata say; raise Invalid if it is none."""
    try:
        picture = Image.open(io.BytesIO(content), formats=formats)
        if picture.width * picture.height > MOST_PIXELS:
            raise Invalid(
                f"The picture has {picture.width} × {picture.height} pixels; make it smaller than"
                f" {MOST_PIXELS // 1_000_000} million",
                pixels=(picture.width, picture.height),
            )
        picture.draft("RGB", (WIDEST, WIDEST))
        return ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError as error:
        raise Invalid(_BOMB) from error
    except (OSError, SyntaxError, ValueError) as error:
        # Pillow says all of these of damaged files.
        is_drawing = b"<svg" in content[:2000].lower()
        raise Invalid(_DRAWING if is_drawing else _UNREADABLE) from error
