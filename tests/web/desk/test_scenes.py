"""Every page of the desk in a real browser, empty, full and in trouble: see ``tests/scenes``."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

import make
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.desk import sign_ins
from newsletter.model import Role
from scenes import Scene, scenes
from web.desk.test_in_the_browser import _answering, database, server, settings
from web.test_in_the_browser import assert_good, assert_steady, opened

__all__ = ["_answering", "database", "server", "settings"]

EYES = (
    {"viewport": {"width": 360, "height": 800}, "color_scheme": "dark", "locale": "pl"},
    {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", "locale": "en"},
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
    # Every page is held against the rules of accessibility once, by one of the two or the other.
    for closely, eyes in zip((number % 2 == 0, number % 2 == 1), EYES, strict=True):
        with opened(browser, settings, **eyes) as (page, complaints):
            page.context.add_cookies([{"name": "desk", "value": token, "url": settings.base_url}])
            page.goto(path)
            (assert_good if closely else assert_steady)(page, f"{name}, {eyes['locale']}")
            assert complaints == []
