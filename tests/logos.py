"""Logos to bring in: drawn here, so that each is as dark, pale or opaque as a test wants it."""

import io

from PIL import Image, ImageDraw

INK, PALE, NIGHT = (26, 40, 90, 255), (250, 246, 220, 255), (21, 23, 26, 255)


def logo(
    ink: tuple[int, int, int, int] = INK,
    ground: tuple[int, int, int, int] = (0, 0, 0, 0),
    size: tuple[int, int] = (960, 240),
    kind: str = "PNG",
) -> bytes:
    """Draw a wave and a bar in ``ink`` on ``ground``, as a file of ``kind``."""
    picture = Image.new("RGBA", size, ground)
    draw = ImageDraw.Draw(picture)
    width, height = size
    draw.ellipse((height // 8, height // 8, height * 7 // 8, height * 7 // 8), fill=ink)
    draw.rectangle((height, height // 3, width - height // 4, height * 2 // 3), fill=ink)
    written = io.BytesIO()
    flat = picture if kind in {"PNG", "WEBP"} else picture.convert("RGB")
    flat.save(written, kind, **({"exif": b"Exif\x00\x00secret"} if kind == "JPEG" else {}))
    return written.getvalue()
