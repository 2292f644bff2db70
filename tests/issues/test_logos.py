"""Logos: cut, scaled, stripped, with an edge where dark paper asks for one, and shown."""

import io

import pytest
from PIL import Image
from sqlalchemy.orm import Session

import logos
import make
from make import NOW, SECRET_KEY
from newsletter import issues, model, rendering
from newsletter.errors import Invalid
from newsletter.links import Links

LINKS = Links("https://monitor.example.org", SECRET_KEY)


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_logo_is_cut_to_what_is_seen_and_kept_for_dense_screens() -> None:
    made = issues.prepare_logo(logos.logo(size=(1920, 960)))
    kept = opened(made.prepared.content)
    assert made.prepared.media_type == "image/png"
    assert max(made.width, made.height) <= 245  # with its edge
    assert kept.width == pytest.approx(2 * made.width, abs=2)
    assert kept.height == pytest.approx(2 * made.height, abs=2)


def test_a_small_logo_is_not_blown_up() -> None:
    made = issues.prepare_logo(logos.logo(logos.PALE, size=(80, 20)))
    assert made.width <= 80
    assert made.height <= 20


def test_nothing_but_the_picture_is_kept() -> None:
    content = logos.logo(ground=(255, 255, 255, 255), kind="JPEG")
    assert b"secret" in content
    made = issues.prepare_logo(content)
    assert b"secret" not in made.prepared.content
    assert "exif" not in opened(made.prepared.content).info


@pytest.mark.parametrize(
    ("ink", "ground", "kind", "on_light", "on_dark"),
    [
        (logos.INK, (0, 0, 0, 0), "PNG", True, True),  # by its edge
        (logos.PALE, (0, 0, 0, 0), "PNG", False, True),
        (logos.INK, (255, 255, 255, 255), "JPEG", True, True),  # a white field on dark paper
        (logos.INK, logos.NIGHT, "JPEG", True, False),
        (logos.PALE, logos.NIGHT, "JPEG", True, True),
        ((200, 40, 40, 255), (0, 0, 0, 0), "WEBP", True, True),
    ],
)
def test_a_logo_is_looked_at_on_light_and_on_dark_paper(
    session: Session,
    ink: tuple[int, int, int, int],
    ground: tuple[int, int, int, int],
    kind: str,
    on_light: bool,
    on_dark: bool,
) -> None:
    monitor = make.publication(session)
    issues.set_logo(
        session, monitor, issues.prepare_logo(logos.logo(ink, ground, kind=kind)), "Us", NOW
    )
    verdict = issues.judge(issues.fetch_image(session, monitor.logo), monitor)
    found = (verdict.is_legible_on_light, verdict.is_legible_on_dark)
    assert found == (on_light, on_dark), verdict
    assert not verdict.is_coarse


def test_the_edge_is_drawn_in_the_colour_of_light_paper_and_only_where_it_is_needed() -> None:
    dark = opened(issues.prepare_logo(logos.logo(logos.INK)).prepared.content)
    pale = opened(issues.prepare_logo(logos.logo(logos.PALE)).prepared.content)
    middle = dark.height // 2
    assert dark.getpixel((2, middle))[:3] == (255, 255, 255)  # type: ignore[index]
    colours = {shade[:3] for _, shade in pale.getcolors(100_000) or () if shade[3] > 250}  # type: ignore[index]
    assert (255, 255, 255) not in colours


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"nothing", "cannot be read"),
        (logos.logo((0, 0, 0, 0)), "nothing to be seen"),
        (logos.logo()[:200], "cannot be read"),
        (logos.logo(kind="GIF"), "cannot be read"),
    ],
)
def test_what_is_no_logo_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        issues.prepare_logo(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_comes_in_three_kinds_of_files(kind: str) -> None:
    assert issues.prepare_logo(logos.logo(kind=kind)).width > 0


def with_logo(session: Session) -> model.Publication:
    monitor = make.publication(session, name="Baltic Monitor")
    made = issues.prepare_logo(logos.logo())
    issues.set_logo(session, monitor, made, 'The "Institute"', NOW, who="Olga")
    return monitor


def test_every_mail_begins_with_the_logo(session: Session) -> None:
    monitor = with_logo(session)
    head = issues.masthead(monitor, LINKS)
    facts = {"manage_url": "https://example.org/manage", "minutes": 60}
    html = rendering.notice("manage", head, "en", **facts).html
    assert f'<img src="https://monitor.example.org/image/{monitor.logo}"' in html
    assert 'alt="The &quot;Institute&quot;"' in html
    assert html.index("<img") < html.index(monitor.kicker)
    issues.remove_logo(session, monitor)
    bare = rendering.notice("manage", issues.masthead(monitor, LINKS), "en", **facts).html
    assert "<img" not in bare


def test_whoever_looks_through_the_pictures_finds_it_as_ours(session: Session) -> None:
    monitor = with_logo(session)
    (found,) = issues.library(session)
    assert (found.name, found.permission) == (monitor.logo, "own")
    assert issues.library(session, doubt=(issues.Doubt.UNCLEAR, NOW.date())) == []
