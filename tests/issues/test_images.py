"""Pictures on their way in: scaled down, stripped, kept once, or refused."""

import io
import zlib
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from make import NOW
from newsletter import issues, model
from newsletter.errors import Invalid

ORIENTATION, MAKER = 0x0112, 0x010F


def picture(
    kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: Any
) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size).save(written, kind, **options)
    return written.getvalue()


def stored(session: Session, content: bytes) -> tuple[model.Image, Image.Image]:
    image = issues.fetch_image(session, issues.store_image(session, content, NOW))
    return image, Image.open(io.BytesIO(image.content))


def header_of(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is, and ends there."""
    chunk = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + bytes([8, 2, 0, 0, 0])
    end = b"\0\0\0\0IDAT" + zlib.crc32(b"IDAT").to_bytes(4)
    return b"\x89PNG\r\n\x1a\n\0\0\0\r" + chunk + zlib.crc32(chunk).to_bytes(4) + end


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((2400, 1000), (1200, 500)),
        ((1201, 3), (1200, 3)),
        ((1200, 9), (1200, 9)),
        ((10, 1500), (10, 1500)),
        ((5000, 1), (1200, 1)),
    ],
)
def test_a_picture_is_kept_as_wide_as_a_mail_needs(
    session: Session, kind: str, size: tuple[int, int], kept: tuple[int, int]
) -> None:
    image, shown = stored(session, picture(kind, size))
    assert (image.width, image.height) == shown.size == kept


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/jpeg"),
        (picture("JPEG", mode="CMYK"), "image/jpeg"),
        (picture("PNG", mode="I;16"), "image/jpeg"),
        (picture("PNG", mode="RGBA"), "image/png"),
        (picture("PNG", mode="LA"), "image/png"),
        (picture("PNG", mode="P"), "image/png"),
        (picture("PNG", transparency=(0, 0, 0)), "image/png"),
        (picture("WEBP", mode="RGBA"), "image/png"),
        (picture("GIF", mode="P", transparency=0), "image/png"),
    ],
)
def test_what_may_be_transparent_stays_png(
    session: Session, content: bytes, media_type: str
) -> None:
    image, shown = stored(session, content)
    assert image.media_type == media_type
    assert Image.MIME[shown.format or ""] == media_type
    assert image.name.endswith("." + media_type.removeprefix("image/"))
    assert (shown.mode == "RGBA") is (media_type == "image/png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_metadata_go_and_the_picture_stands_upright(session: Session, kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "A telling camera"
    content = picture(kind, (40, 30), exif=exif)
    image, shown = stored(session, content)
    assert shown.size == (30, 40) == issues.picture_size(content)
    assert dict(shown.getexif()) == {}
    assert b"telling" in content
    assert b"telling" not in image.content


def test_the_same_picture_is_kept_once(session: Session) -> None:
    names = {issues.store_image(session, picture(), NOW) for _ in range(2)}
    names.add(issues.store_image(session, picture(size=(41, 30)), NOW))
    assert set(session.scalars(select(model.Image.name))) == names
    assert len(names) == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Words.",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%PDF-1.7",
        picture("BMP"),
        picture("TIFF"),
        picture("JPEG")[:200],
        picture("PNG")[:45],
        b"\x89PNG\r\n\x1a\n\0\0\0\4IHDR\0\0\0\0\0\0\0\0",
    ],
)
def test_what_is_no_picture_is_refused(session: Session, content: bytes) -> None:
    for use in (issues.picture_size, lambda content: issues.store_image(session, content, NOW)):
        with pytest.raises(Invalid, match="cannot be read; give a JPEG, PNG, GIF or WebP file"):
            use(content)
    assert session.scalars(select(model.Image.name)).all() == []


def test_a_picture_of_too_many_pixels_is_refused_unseen(session: Session) -> None:
    with pytest.raises(Invalid, match="has 8000 × 8000 pixels; make it smaller than 60 million"):
        issues.store_image(session, header_of(8000, 8000), NOW)
    with pytest.raises(Invalid):
        issues.store_image(session, header_of(100_000, 100_000), NOW)
