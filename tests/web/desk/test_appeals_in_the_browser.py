"""The walk of an appeal: written in two variants, looked at, and one chosen for an issue."""

from datetime import UTC, datetime

from playwright.sync_api import Browser, Page, expect

import make
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.desk import sign_ins
from newsletter.model import Role
from scenes.preview import article, draft
from web.desk.test_in_the_browser import _answering, database, press, server, settings
from web.test_in_the_browser import assert_good, opened

__all__ = ["_answering", "database", "server", "settings"]


def test_an_editor_tries_two_variants_and_an_issue_has_one(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with database.transaction() as session:
        editor = make.editor(session, role=Role.EDITOR)
        token = sign_ins.begin(session, editor, datetime.now(UTC))
        number = draft(session, article(session)).id
    with opened(browser, settings, viewport={"width": 1440, "height": 900}) as (page, complaints):
        page.context.add_cookies([{"name": "desk", "value": token, "url": settings.base_url}])
        page.goto("/desk")
        page.get_by_role("link", name="Appeals", exact=True).click()
        page.get_by_role("link", name="Add an appeal").click()
        say(page, "Keep us going", "Every gift pays for a text.", "Support our work")
        press(page, "Add the appeal")
        expect(page.get_by_role("alert")).to_contain_text("Give the appeal a name")
        expect(page.get_by_label("Title")).to_have_value("Keep us going")
        assert_good(page, "an appeal without a name")
        page.get_by_label("Name of the appeal").fill("Winter fund")
        page.get_by_label("Amount").fill("5000")
        page.get_by_label("Currency").fill("EUR")
        press(page, "Add the appeal")
        expect(page.get_by_role("heading", level=1)).to_have_text("Winter fund")
        page.get_by_role("link", name="Add a variant").click()
        say(page, "One question", "Would you pay for the next one?", "Yes, I would")
        press(page, "Add the variant")
        expect(page.get_by_text("about 1 in 2 readers")).to_have_count(2)

        page.get_by_role("link", name="Look at it").click()
        mail = page.frame_locator("iframe")
        expect(mail.get_by_text("Every gift pays for a text.")).to_be_visible()
        page.get_by_role("link", name="B", exact=True).click()
        expect(mail.get_by_role("link", name="Yes, I would")).to_be_visible()
        expect(mail.get_by_text("€5,000")).to_be_visible()

        page.goto(f"/desk/issues/{number}")
        page.get_by_role("link", name="Choose for this issue").click()
        page.get_by_label("An appeal of its own").check()
        page.get_by_label("Which appeal").select_option(label="Winter fund: Variant B alone")
        page.get_by_label("At its end").check()
        press(page, "Save")
        expect(
            page.get_by_text("Its readers are shown “Winter fund”, in one variant.")
        ).to_be_visible()
        assert_good(page, "the appeal of an issue")
        page.get_by_role("link", name="Look at the mails").click()
        expect(mail.get_by_role("link", name="Yes, I would")).to_be_visible()
        page.get_by_role("link", name="No appeal").click()
        expect(mail.get_by_role("heading", level=1)).to_be_visible()
        expect(mail.get_by_role("link", name="Yes, I would")).to_have_count(0)
        # A form that is refused says 422; Playwright itself looks into frames without scripts.
        expected = ("about:srcdoc", "422")
        assert [each for each in complaints if not any(one in each for one in expected)] == []


def say(page: Page, title: str, text: str, button: str) -> None:
    """Fill in the words of a variant."""
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text", exact=True).fill(text)
    page.get_by_label("Words on the button").fill(button)
