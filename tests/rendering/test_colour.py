"""Colours: whatever accent a publication has, words and parts stand out from their ground."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.rendering import theme_css
from newsletter.rendering.colour import PARTS, WORDS, Shades, contrast, dark, light

ACCENTS = ("#8a1c2b", "#1f5c3a", "#003399", "#ffcc00", "#ff0000", "#00ff00", "#000000", "#ffffff",
           "#777777", "#15171a", "#F0F8FF")  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#ffffff", "#ffffff", 1), ("#777777", "#ffffff", 4.48)],
)
def test_contrast_is_that_of_the_standard(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("paper", [light, dark])
def test_every_shade_passes(accent: str, paper: type[Shades]) -> None:
    assert_passes(paper(accent))  # type: ignore[call-arg]


@given(st.integers(0, 0xFFFFFF))
@settings(max_examples=50, deadline=None)
def test_every_shade_of_any_accent_passes(accent: int) -> None:
    assert_passes(light(f"#{accent:06x}"))
    assert_passes(dark(f"#{accent:06x}"))


def assert_passes(shades: Shades) -> None:
    for ground in (shades.paper, shades.quiet, shades.accent_tint):
        assert contrast(shades.ink, ground) >= WORDS
        assert contrast(shades.accent_text, ground) >= WORDS
        assert contrast(shades.accent, ground) >= PARTS
    for ground in (shades.paper, shades.quiet):
        assert contrast(shades.muted, ground) >= WORDS
    for ground in (shades.accent, shades.accent_hover):
        assert contrast(shades.on_accent, ground) >= WORDS


def test_an_accent_that_passes_is_left_as_it_is() -> None:
    assert light("#8a1c2b").accent == light("#8a1c2b").accent_text == "#8a1c2b"


@pytest.mark.parametrize("accent", ["", "red", "#fff", "8a1c2b", "#8a1c2b;", "#8a1c2g"])
def test_what_is_no_colour_is_refused(accent: str) -> None:
    with pytest.raises(Invalid, match="is not a colour"):
        theme_css(accent)


def test_the_theme_has_the_shades_of_both_papers() -> None:
    css = theme_css("#8a1c2b")
    on_light, on_dark = css.split("@media (prefers-color-scheme: dark)")
    for part, shades in ((on_light, light("#8a1c2b")), (on_dark, dark("#8a1c2b"))):
        assert f"--accent: {shades.accent};" in part
        assert f"--accent-hover: {shades.accent_hover};" in part
        assert f"--accent-text: {shades.accent_text};" in part
        assert f"--accent-tint: {shades.accent_tint};" in part
        assert f"--on-accent: {shades.on_accent};" in part
    assert css.count("{") == css.count("}") == 3
