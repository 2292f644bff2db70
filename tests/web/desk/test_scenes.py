"""Every page of the desk in a real browser, empty, full and in trouble: see ``tests/scenes``."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, ViewportSize

import make
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.desk import sign_ins
from newsletter.model import Role
from scenes import Scene, scenes
from web.desk.test_in_the_browser import _answering, database, server, settings
from web.test_in_the_browser import FITS, assert_good, opened

__all__ = ["_answering", "database", "server", "settings"]

SIZES: tuple[ViewportSize, ViewportSize] = (
    {"width": 360, "height": 800},
    {"width": 1440, "height": 900},
)
BUDGET = 150_000
"""Octets that a page may take with all that it brings along; compressed, it takes a third."""
WEIGHT = """["navigation", "resource"].flatMap(kind => performance.getEntriesByType(kind))
    .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""
EYES = (
    {"viewport": SIZES[0], "color_scheme": "dark", "locale": "pl"},
    {"viewport": SIZES[1], "color_scheme": "light", "locale": "en"},
)
"""Those who look: on a phone at night in Polish, at a desk by day in English."""


@pytest.mark.parametrize(
    ("number", "name", "scene"), [(number, *each) for number, each in enumerate(scenes())]
)
def test_a_page_is_accessible_steady_and_without_complaints(
    browser: Browser, settings: Settings, database: Database, number: int, name: str, scene: Scene
) -> None:
    with database.transaction() as session:
        owner = make.editor(session, name="Olga Owner", role=Role.OWNER)
        token = sign_ins.begin(session, owner, datetime.now(UTC))
        path = scene(session)
    # Each scene is visited by one of the two, in turn; then the window takes the other's size.
    eyes, other = EYES[number % 2], SIZES[1 - number % 2]
    with opened(browser, settings, **eyes) as (page, complaints):
        page.context.add_cookies([{"name": "desk", "value": token, "url": settings.base_url}])
        page.goto(path)
        if path.startswith("/desk"):  # else the publication's own language is spoken
            assert page.locator("html").get_attribute("lang") == eyes["locale"], name
        assert_good(page, f"{name}, {eyes['locale']}")
        assert page.evaluate(WEIGHT) < BUDGET, name
        page.set_viewport_size(other)
        assert page.evaluate(FITS), f"{name}, at {other['width']} px"
        assert complaints == []
