"""Colour: from a publication's one accent, the shades that light and dark paper need.

Contrast is WCAG 2's: 4.5:1 for words, 3:1 for parts. A shade that falls short keeps its hue and
moves in lightness until it passes.
"""

import colorsys
import re
from dataclasses import asdict, dataclass

from newsletter.errors import Invalid

WORDS, PARTS = 4.5, 3.0
"""The contrast that words need on their ground, and that parts such as rules and buttons need."""

_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Shades:
    """What one kind of paper shows: neutrals of the house and shades of the accent, as #rrggbb.

    ``accent`` is for parts, and ``on_accent`` for words on it; ``accent_text`` is for words on
    ``paper``, ``quiet`` and ``accent_tint``.
    """

    paper: str
    quiet: str
    ink: str
    muted: str
    rule: str
    accent: str
    accent_hover: str
    accent_text: str
    accent_tint: str
    on_accent: str


def light(accent: str) -> Shades:
    """Derive the shades for light paper from ``accent``; raise Invalid if it is no #rrggbb."""
    return _shades(accent, paper="#ffffff", quiet="#f6f5f1", ink="#1a1c20", muted="#5b6068",
                   rule="#d9d7d0", towards=0.0, share=0.07)  # fmt: skip


def dark(accent: str) -> Shades:
    """Derive the shades for dark paper from ``accent``; raise Invalid if it is no #rrggbb."""
    return _shades(accent, paper="#15171a", quiet="#1d2024", ink="#e9e7e2", muted="#a5a9b0",
                   rule="#33373d", towards=1.0, share=0.16)  # fmt: skip


def theme_css(accent: str) -> str:
    """Write the shades of ``accent`` as custom properties of ``:root``, light and dark.

    --accent, --accent-hover, --accent-text, --accent-tint, --on-accent; ``Shades`` says what each
    is for. Raises Invalid if ``accent`` is no #rrggbb.
    """
    return (
        f":root {{\n{_properties(light(accent))}}}\n"
        f"@media (prefers-color-scheme: dark) {{\n:root {{\n{_properties(dark(accent))}}}\n}}\n"
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, 1.4.3)."""
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


def _shades(
    accent: str, *, paper: str, quiet: str, ink: str, muted: str, rule: str, towards: float,
    share: float,
) -> Shades:  # fmt: skip
    tint = _mix(accent, paper, share)
    grounds = (paper, quiet, tint)
    part = _until(accent, PARTS, grounds, towards)
    on_part = "#ffffff" if contrast("#ffffff", part) >= WORDS else "#000000"
    return Shades(
        paper=paper,
        quiet=quiet,
        ink=ink,
        muted=muted,
        rule=rule,
        accent=part,
        accent_hover=_mix(part, "#000000" if on_part == "#ffffff" else "#ffffff", 0.84),
        accent_text=_until(accent, WORDS, grounds, towards),
        accent_tint=tint,
        on_accent=on_part,
    )


def _until(colour: str, ratio: float, grounds: tuple[str, ...], towards: float) -> str:
    """Move ``colour`` in lightness ``towards`` 0 or 1 until it stands out from all ``grounds``."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    while min(contrast(colour, ground) for ground in grounds) < ratio:
        lightness += _STEP if towards > lightness else -_STEP
        lightness = min(max(lightness, 0.0), 1.0)
        colour = _written(colorsys.hls_to_rgb(hue, lightness, saturation))
    return colour


def _mix(colour: str, ground: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(ground), strict=True)
    return _written(tuple(a * share + b * (1 - share) for a, b in pairs))


def _luminance(colour: str) -> float:
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[float, float, float]:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise Invalid(f"{colour!r} is not a colour; write one like #8a1c2b")
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255


def _written(channels: tuple[float, ...]) -> str:
    return "#" + bytes(round(channel * 255) for channel in channels).hex()


def _properties(shades: Shades) -> str:
    return "".join(
        f"  --{name.replace('_', '-')}: {colour};\n"
        for name, colour in asdict(shades).items()
        if "accent" in name
    )
