"""The preview in a real browser: a true width, a true scheme, pictures, and nothing that runs."""

from dataclasses import replace
from datetime import UTC, datetime

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import make
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.desk import sign_ins
from scenes.preview import article, draft
from web.desk.test_in_the_browser import _answering, database, server, settings
from web.desk.test_preview import HOSTILE
from web.test_in_the_browser import opened

__all__ = ["_answering", "database", "server", "settings"]

DARK_PAPER, LIGHT_PAPER = "rgb(21, 23, 26)", "rgb(255, 255, 255)"


def paper(page: Page) -> str:
    """Return the colour of the paper in the frame."""
    body = page.frame_locator("iframe").locator("body")
    return str(body.evaluate("each => getComputedStyle(each).backgroundColor"))


def width(page: Page) -> int:
    return int(page.frame_locator("iframe").locator("html").evaluate("each => innerWidth"))


def test_an_editor_looks_at_the_mail_from_all_sides(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with database.transaction() as session:
        token = sign_ins.begin(session, make.editor(session), datetime.now(UTC))
        numbers = [draft(session, *some).id for some in ([article(session)], [HOSTILE])]
    eyes = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"}
    with opened(browser, settings, **eyes) as (page, complaints):
        page.context.add_cookies([{"name": "desk", "value": token, "url": settings.base_url}])
        page.on("dialog", lambda dialog: complaints.append(dialog.message))
        for show in ("phone", "web"):
            page.goto(f"/desk/issues/{numbers[1]}/preview?show={show}")
            assert complaints == [], "not even an attempt to run something"
        heading = page.frame_locator("iframe").get_by_role("heading", level=1)
        expect(heading).to_have_text(HOSTILE.headline)
        page.goto(f"/desk/issues/{numbers[0]}/preview")
        assert (width(page), paper(page)) == (360, LIGHT_PAPER)
        picture = page.frame_locator("iframe").locator("img.picture")
        assert picture.evaluate("each => each.decode().then(() => each.naturalWidth)") == 1200
        page.get_by_role("link", name="Desktop").click()
        expect(page.get_by_role("link", name="Desktop")).to_have_attribute("aria-current", "true")
        assert width(page) == 700
        page.get_by_role("link", name="Dark").click()
        expect(page.get_by_role("link", name="Dark")).to_have_attribute("aria-current", "true")
        assert paper(page) == DARK_PAPER
        page.get_by_role("link", name="Web page").click()
        heading = page.frame_locator("iframe").get_by_role("heading", level=1)
        expect(heading).to_contain_text("Three Ports")
        assert paper(page) == DARK_PAPER
        with page.context.expect_page() as opening:
            page.frame_locator("iframe").get_by_role("link", name="Publications").click()
        opening.value.wait_for_load_state()
        assert opening.value.url == f"{settings.base_url}/"


ALL_PICTURES_ARE_THERE = """() => [
    ...document.querySelector("iframe").contentDocument.images
].every((each) => each.complete)"""


def test_the_mail_beside_the_composer_follows_what_is_typed(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with database.transaction() as session:
        token = sign_ins.begin(session, make.editor(session), datetime.now(UTC))
        number = draft(session, replace(article(session), lead="At TK the pilots meet.")).id
    with opened(browser, settings, viewport={"width": 1440, "height": 900}) as (page, complaints):
        page.context.add_cookies([{"name": "desk", "value": token, "url": settings.base_url}])
        page.goto(f"/desk/issues/{number}")
        mail = page.frame_locator("iframe")
        expect(mail.get_by_role("heading", level=1)).to_contain_text("Three Ports")
        # A picture that comes in later moves what is read, and with it how far it is scrolled.
        page.wait_for_function(ALL_PICTURES_ARE_THERE)
        scrolled = mail.locator("html").evaluate("each => (each.scrollTop = 300, each.scrollTop)")
        page.get_by_label("Headline").fill("Thaw <img src=x onerror=alert(1)>")
        expect(mail.get_by_role("heading", level=1)).to_have_text(
            "Thaw <img src=x onerror=alert(1)>"
        )
        page.wait_for_function(ALL_PICTURES_ARE_THERE)
        assert mail.locator("html").evaluate("each => each.scrollTop") == scrolled == 300
        page.get_by_role("button", name="Dark").click()
        expect(mail.locator("body")).to_have_css("background-color", DARK_PAPER)
        page.get_by_role("button", name="Desktop").click()
        assert mail.locator("html").evaluate("() => innerWidth") == 700
        page.get_by_role("button", name="Text", exact=True).click()
        expect(page.locator("iframe")).to_be_hidden()
        letter = page.get_by_role("region", name="The text part of the mail")
        expect(letter).to_contain_text("THAW <IMG SRC=X ONERROR=ALERT(1)>", ignore_case=True)
        assert Axe().run(page).violations_count == 0
        page.get_by_role("button", name="Phone").click()
        assert mail.locator("html").evaluate("() => innerWidth") == 360
        page.locator(".preview-findings summary").click()
        page.get_by_role("link", name="The text still says “TK”").click()
        assert page.evaluate("getSelection().toString()") == "TK"
        # Playwright itself looks into the frame, where no script may run.
        assert [each for each in complaints if "about:srcdoc" not in each] == []
