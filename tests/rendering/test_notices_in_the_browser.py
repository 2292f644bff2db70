"""Notices and digests as a browser lays them out: on a phone, at 200 % zoom, light and dark."""

from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from newsletter.rendering import Slot, fill
from rendering.notices import SITE, every

CASES = {
    f"{language} {name}": words.html
    for language in ("en", "pl")
    for name, words in every(language).items()
}
# A mail stands inside the page of a mail program, which has the landmarks.
RULES = {"rules": {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}}


@pytest.mark.parametrize("case", CASES)
def test_it_fits_a_phone_is_accessible_and_its_button_fits_a_finger(
    browser: Browser, case: str
) -> None:
    html = fill(CASES[case], dict.fromkeys(Slot, f"{SITE}/leave/1"))
    with closing(browser.new_context(viewport={"width": 360, "height": 740})) as context:
        page = context.new_page()
        page.set_content(html, wait_until="domcontentloaded")
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, found.generate_report()
        for width in (360, 320, 700):  # 320 is 640 at 200 %
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") == width
        for button in page.locator(".button a").all():
            box = button.bounding_box()
            assert box
            assert box["height"] == 44
        assert page.locator(".preheader").is_hidden()
