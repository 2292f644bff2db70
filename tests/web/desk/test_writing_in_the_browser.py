"""Writing in a real browser: saved by itself, by keys and buttons, offline, by two at once."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import make
from issues.test_images import picture
from newsletter import issues
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.desk import sign_ins
from newsletter.issues import revisions
from newsletter.manuscripts import Article
from newsletter.model import Role
from web.desk.test_in_the_browser import _answering, database, press, server, settings
from web.test_in_the_browser import assert_good, opened

__all__ = ["_answering", "database", "server", "settings"]


@dataclass
class Draft:
    """An issue to write on, and two who write."""

    database: Database
    number: int
    tokens: dict[str, str]

    def body(self) -> str:
        with self.database.reading() as session:
            return revisions.current(session, issues.fetch(session, self.number))[0].body

    def enter(self, page: Page, who: str, base_url: str) -> None:
        page.context.add_cookies([{"name": "desk", "value": self.tokens[who], "url": base_url}])

    def open(self, page: Page, who: str, base_url: str) -> None:
        self.enter(page, who, base_url)
        page.goto(f"/desk/issues/{self.number}")


@pytest.fixture
def draft(database: Database) -> Draft:
    with database.transaction() as session:
        tokens = {
            name: sign_ins.begin(
                session, make.editor(session, name=name, role=Role.WRITER), datetime.now(UTC)
            )
            for name in ("Eva", "Jan")
        }
        article = Article("Ice on the canal", "The locks close.\n\nBarges wait.")
        number = issues.draft(session, make.publication(session), [article], make.NOW).id
    return Draft(database, number, tokens)


def saying(page: Page) -> Locator:
    """Return where the page says what became of the text; the preview has a place of its own."""
    return page.locator("p[role=status]")


def body_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Text", exact=True)


def test_a_text_is_written_by_keys_and_buttons_and_saves_itself(
    browser: Browser, settings: Settings, draft: Draft
) -> None:
    with opened(browser, settings) as (page, complaints):
        draft.open(page, "Eva", settings.base_url)
        text, said = body_of(page), saying(page)
        text.press("Control+Home")
        text.press("Control+b")
        text.press_sequentially("Today: ")
        text.press("ArrowRight")
        text.press("ArrowRight")
        text.press_sequentially(" ")
        page.get_by_role("button", name="Appeal").click()
        assert text.input_value() == (
            "**Today: ** The locks close.\n\n<!-- appeal -->\n\nBarges wait."
        )
        drawn = page.locator(".composer-appeal")
        expect(drawn).to_have_count(1)
        text.press("Control+End")
        page.get_by_role("button", name="Appeal").click()
        expect(drawn).to_have_count(1)
        assert text.input_value().startswith(
            "**Today: ** The locks close.\n\nBarges wait.\n\n<!-- appeal -->"
        )
        same_place = "e => e.getBoundingClientRect().height"
        paper, area = page.locator(".composer-drawn"), page.locator("textarea[name=body-0]")
        assert paper.evaluate(same_place) == area.evaluate(same_place)
        page.get_by_role("button", name="Bold").focus()
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("button", name="Italic")).to_be_focused()
        expect(said).to_have_text(re.compile(r"Saved \d\d:\d\d$"))
        assert "<!-- appeal -->" in draft.body()
        text.press("Control+End")
        page.get_by_role("button", name="Footnote").click()
        page.keyboard.type("A source.")
        page.keyboard.press("Control+s")
        expect(said).to_have_text(re.compile(r"Saved \d\d:\d\d$"))
        text.press("Control+Home")
        page.get_by_role("button", name="Picture", exact=True).click()
        page.get_by_role("heading", name="A new picture").wait_for()
        page.get_by_label("Description").fill("A barge in the ice")
        page.get_by_role("textbox", name="Credit").fill("Anna Nowak")
        press(page, "Put it in")
        page.get_by_role("link", name="Choose by what right").click()
        page.get_by_role("radio", name="Ours Made by us").check()
        page.get_by_label("Picture", exact=True).set_input_files(
            {"name": "ice.png", "mimeType": "image/png", "buffer": picture()}
        )
        press(page, "Put it in")
        page.get_by_text("The picture stands in the text.").wait_for()
        assert text.input_value().endswith("[^1]: A source.")
        assert text.input_value().split("\n\n")[1].startswith("![A barge in the ice](<")
        expect(page.locator(".composer-figure")).to_have_count(1)
        assert_good(page, "written")
        page.get_by_label("Headline").fill("")
        press(page, "Save")
        expect(page.get_by_role("alert")).to_be_focused()
        page.get_by_role("link", name="Write a headline").click()
        expect(page.get_by_label("Headline")).to_be_focused()
        assert_good(page, "without a headline")
        page.get_by_label("Headline").fill("Ice")
        expect(said).to_have_text(re.compile(r"Saved \d\d:\d\d$"))
        expect(page.locator(".wrong, .notice.bad, [aria-invalid]")).to_have_count(0)
        assert ["422" in complaint for complaint in complaints] == [True, True]


def test_what_is_typed_without_a_connection_is_kept_and_saved_later(
    browser: Browser, settings: Settings, draft: Draft
) -> None:
    with opened(browser, settings) as (page, _):
        draft.open(page, "Eva", settings.base_url)
        said = saying(page)
        page.context.set_offline(True)
        body_of(page).fill("Typed on a train.")
        press(page, "Save")
        expect(said).to_contain_text("there is no connection")
        assert body_of(page).input_value() == "Typed on a train."
        page.context.set_offline(False)
        expect(said).to_have_text(re.compile(r"Saved \d\d:\d\d$"))
        assert draft.body() == "Typed on a train."
        page.context.clear_cookies()
        body_of(page).fill("Typed while signed out.")
        press(page, "Save")
        expect(said).to_contain_text("you are signed out")
        draft.enter(page, "Jan", settings.base_url)
        press(page, "Save")
        expect(said).to_have_text(re.compile(r"Saved \d\d:\d\d$"))
        assert draft.body() == "Typed while signed out."


def test_of_two_who_write_at_once_the_second_sees_both_texts_and_decides(
    browser: Browser, settings: Settings, draft: Draft
) -> None:
    with opened(browser, settings) as (eva, _), opened(browser, settings) as (jan, _):
        draft.open(eva, "Eva", settings.base_url)
        draft.open(jan, "Jan", settings.base_url)
        body_of(jan).fill("The locks open.\n\nBarges wait.")
        press(jan, "Save")
        expect(saying(jan)).to_contain_text("Saved")
        body_of(eva).fill("The locks close.\n\nBarges sail.")
        expect(saying(eva)).to_contain_text("somebody else has saved meanwhile")
        press(eva, "Save")
        eva.get_by_role("heading", name="What Jan changed").wait_for()
        expect(eva.get_by_role("alert")).to_be_focused()
        assert_good(eva, "clash")
        assert draft.body() == "The locks open.\n\nBarges wait."
        body_of(eva).fill("The locks open.\n\nBarges sail.")
        press(eva, "Save")
        eva.get_by_text("The text is saved.").wait_for()
        assert draft.body() == "The locks open.\n\nBarges sail."
        eva.get_by_role("link", name="Revisions").click()
        eva.get_by_role("heading", name="Revisions").wait_for()
        eva.get_by_role("radio", name="compare from").last.check()
        press(eva, "Compare")
        eva.get_by_role("heading", name="What changed").wait_for()
        gone = eva.locator(".composer-changes del").all_inner_texts()
        assert [" ".join(each.split()) for each in gone] == ["deleted: close.", "deleted: wait."]
        assert_good(eva, "changes")
        press(eva, "Bring this text back")
        eva.get_by_text("The old text is back.").wait_for()
        assert draft.body() == "The locks close.\n\nBarges wait."


def test_without_scripts_the_form_is_plain_and_saves(
    browser: Browser, settings: Settings, draft: Draft
) -> None:
    with opened(browser, settings, java_script_enabled=False) as (page, _):
        draft.open(page, "Eva", settings.base_url)
        assert not page.locator(".composer-tools").first.is_visible()
        body_of(page).fill("Plain.")
        press(page, "Save")
        page.get_by_text("The text is saved.").wait_for()
        assert draft.body() == "Plain."
