"""Logos: one for each publication, small and sharp, with an edge that holds on dark paper.

Mail programs turn paper dark by rules of their own. A logo with a transparent ground whose colours
would be lost there gets a thin edge in the colour of light paper, which nobody sees on that.
"""

import io
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageChops, ImageFilter
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.errors import Invalid
from newsletter.issues.images import Prepared, Rights, in_colour, keep_image, open_picture, pack
from newsletter.language import marked as _
from newsletter.rendering import colour

WIDEST, TALLEST = 240, 56
"""CSS pixels that a logo takes at most."""
DENSE = 2
"""Pixels that are kept for each of these, as far as the file has them."""
LEAST = 0.5
"""The share of a logo that has to stand out from its paper."""
_EDGE = 3
"""Pixels of the edge."""
_OTHER = 1.15
"""From this contrast on a colour is another than the paper's."""
_FAINT, _SEEN, _COLOURS = 32, 128, 24
_ANY = "#000000"
_LIGHT, _DARK = colour.light(_ANY).paper, colour.dark(_ANY).paper
_EMPTY = _("There is nothing to be seen in this picture")


@dataclass(frozen=True, slots=True)
class Logo:
    """A logo as it will be kept, and the size in CSS pixels at which it is shown."""

    prepared: Prepared
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which share of a logo stands out from light paper and from dark; whether it is blurred."""

    on_light: float
    on_dark: float
    is_coarse: bool

    @property
    def is_legible_on_light(self) -> bool:
        """Tell whether it can be made out on light paper."""
        return self.on_light >= LEAST

    @property
    def is_legible_on_dark(self) -> bool:
        """Tell whether it can be made out on dark paper."""
        return self.on_dark >= LEAST


def prepare_logo(content: bytes) -> Logo:
    """Cut a logo to what is seen of it, scale and strip it, and give it an edge if it needs one.

    It takes long, and needs no database. Raises Invalid for what is no PNG, JPEG or WebP.
    """
    picture = in_colour(open_picture(content, ("JPEG", "PNG", "WEBP")))
    if picture.mode == "RGBA":
        picture = picture.crop(_seen(picture))
    shrunk = min(1.0, WIDEST / picture.width, TALLEST / picture.height)
    width, height = (max(1, round(each * shrunk)) for each in picture.size)
    if picture.width > DENSE * width:
        picture = picture.resize((DENSE * width, DENSE * height))
    if picture.mode == "RGBA" and _share(picture, _DARK) < LEAST <= _share(picture, _LIGHT):
        dense = picture.width / width
        picture = _edged(picture)
        width, height = (max(1, round(each / dense)) for each in picture.size)
    return Logo(pack(picture), width, height)


def judge(image: model.Image, publication: model.Publication) -> Verdict:
    """Say how well the logo of a publication can be seen."""
    picture = Image.open(io.BytesIO(image.content)).convert("RGBA")
    coarse = image.width < 1.5 * publication.logo_width
    return Verdict(_share(picture, _LIGHT), _share(picture, _DARK), coarse)


def set_logo(
    session: Session,
    publication: model.Publication,
    logo: Logo,
    alt: str,
    now: datetime,
    *,
    who: str = "",
) -> None:
    """Give a publication a logo; ``alt`` says what it shows."""
    rights = Rights(credit=publication.author_name, alt=alt, permission="own")
    image = keep_image(session, logo.prepared, now, rights, who=who)
    publication.logo, publication.logo_alt = image.name, alt
    publication.logo_width, publication.logo_height = logo.width, logo.height
    session.flush()


def remove_logo(session: Session, publication: model.Publication) -> None:
    """Take the logo away; mails that were made with it still show it."""
    publication.logo = publication.logo_alt = ""
    publication.logo_width = publication.logo_height = 0
    session.flush()


def _seen(picture: Image.Image) -> tuple[int, int, int, int]:
    box = picture.getchannel("A").point(lambda level: 255 if level > _FAINT else 0).getbbox()
    if box is None:
        raise Invalid(_EMPTY)
    return box


def _share(picture: Image.Image, paper: str) -> float:
    """Return the share of a logo that stands out from ``paper``: of all of it, or of its rim."""
    wide = Image.new("RGBA", (picture.width + 2, picture.height + 2), (255, 255, 255, 0))
    wide.paste(picture.convert("RGBA"), (1, 1))
    seen = wide.getchannel("A").point(lambda level: 255 if level > _SEEN else 0)
    rim = ImageChops.subtract(seen, seen.filter(ImageFilter.MinFilter(_EDGE)))
    few = wide.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    shades = few.getpalette() or []
    against = [
        colour.contrast(_hex(shades[3 * at : 3 * at + 3]), paper) for at in range(len(shades) // 3)
    ]
    shares = []
    for mask in (seen, rim):
        # What is as the paper is the logo's own ground.
        drawn = [
            (count, ratio)
            for count, ratio in zip(few.histogram(mask), against, strict=False)
            if ratio >= _OTHER
        ]
        good = sum(count for count, ratio in drawn if ratio >= colour.PARTS)
        shares.append(good / max(1, sum(count for count, _ in drawn)))
    return max(shares)


def _hex(channels: list[int]) -> str:
    return "#" + bytes(channels).hex()


def _edged(picture: Image.Image) -> Image.Image:
    """Draw an edge around what is seen, in the colour of light paper."""
    room = _EDGE + 1
    size = (picture.width + 2 * room, picture.height + 2 * room)
    wide = Image.new("RGBA", size, (255, 255, 255, 0))
    wide.paste(picture, (room, room))
    alpha = wide.getchannel("A")
    grown = alpha.filter(ImageFilter.MaxFilter(2 * _EDGE + 1)).filter(ImageFilter.GaussianBlur(0.7))
    edge = Image.new("RGBA", size, (255, 255, 255, 255))
    edge.putalpha(ImageChops.lighter(grown, alpha))
    return Image.alpha_composite(edge, wide)
