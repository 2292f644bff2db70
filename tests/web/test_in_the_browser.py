"""Every page in a real browser: accessible, without sideways scrolling, shifts or complaints."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from newsletter import issues
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.mailbox import Mailbox
from web import whole
from web.conftest import Site
from web.forms import sign_ups

STILL = 0.005
"""What may move at most, of the 0.1 that counts as steady.

A busy machine paints a page while its head is still read, and a name there makes room for a word.
"""
FITS = "document.documentElement.scrollWidth <= window.innerWidth"
"""Whether nothing sticks out sideways."""

SHIFT = """new Promise(resolve => new PerformanceObserver(list => resolve(
    list.getEntries().reduce((sum, entry) => sum + entry.value, 0)
)).observe({type: "layout-shift", buffered: true}) || setTimeout(() => resolve(0), 100))"""


@pytest.fixture
def server() -> Iterator[BaseWSGIServer]:
    """A listener whose port is known before the application that will answer there."""
    server = make_server("127.0.0.1", 0, Flask("waiting"), threaded=True)
    # Asked every twentieth of a second whether it is to end; by itself it would be every half.
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def settings(settings: Settings, server: BaseWSGIServer) -> Settings:
    return replace(settings, base_url=f"http://localhost:{server.port}")


@pytest.fixture
def database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A database of one kind: what the browser shows does not depend on it."""
    file = shutil.copy(sqlite_template, tmp_path)
    with closing(Database(f"sqlite:///{file}")) as database:
        yield database


@pytest.fixture(autouse=True)
def _answering(server: BaseWSGIServer, app: Flask) -> None:
    server.app = app


@contextmanager
def opened(
    browser: Browser, settings: Settings, **options: Any
) -> Iterator[tuple[Page, list[str]]]:
    """Open a page on our site; whatever the browser complains about is listed beside it."""
    complaints: list[str] = []
    with closing(browser.new_context(base_url=settings.base_url, **options)) as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page, complaints


def mail(site: Site) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"] = "Russia Monitor <monitor@example.org>", "Russia Seeks Good Ties"
    made.set_content("The text of the mail.\n")
    base = site.links.base_url
    made.add_alternative(
        '<!doctype html><html lang="en"><head><title>A mail</title></head>'
        '<body><p id="top">Good morning.</p>'
        f'<p><img src="{base}{site.image}" alt="A dot" width="1" height="1"></p>'
        f'<p><a href="{base}{site.unsubscribe}">Unsubscribe</a></p>'
        '<p><a href="#top">Back to top</a></p></body></html>',
        subtype="html",
    )
    return made.as_bytes()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_every_page_is_accessible_and_steady(
    browser: Browser,
    settings: Settings,
    site: Site,
    mailbox: Mailbox,
    width: int,
    scheme: str,
) -> None:
    mailbox.add(mail(site), "bounces@example.org", ["anna@example.org"])
    paths = [site.home, site.archive, site.issue, site.unsubscribe, "/mailbox", "/mailbox/1"]
    viewport = {"width": width, "height": 800}
    with opened(browser, settings, viewport=viewport, color_scheme=scheme) as (page, complaints):
        for path in [*paths, "/mailbox/1/text", "/mailbox/1/headers", "/mailbox/1/source"]:
            page.goto(path)
            assert_good(page, path)
        for path in ["/subscribe", "/subscribe/russia-monitor", "/embed", "/preferences"]:
            page.goto(path)
            assert_good(page, path)
        for path in site.tagged:
            if not path.endswith(".json"):
                page.goto(path)
                assert_good(page, path)
        page.goto(site.unsubscribe)
        page.get_by_role("button", name="Unsubscribe").click()
        page.get_by_role("heading", name="You are unsubscribed").wait_for()
        assert_good(page, "goodbye")
        page.get_by_role("button", name="Take it back").click()
        page.get_by_role("heading", name="You are subscribed again").wait_for()
        assert_good(page, "back")
        assert not complaints
        page.goto("/nothing")
        assert_good(page, "error")
        assert len(complaints) == 1
        assert "404" in complaints[0]


@pytest.mark.parametrize("width", [360, 1440])
def test_empty_pages_are_accessible_too(browser: Browser, settings: Settings, width: int) -> None:
    viewport = {"width": width, "height": 800}
    with opened(browser, settings, viewport=viewport, locale="pl") as (page, complaints):
        page.goto("/")
        page.get_by_text("Nic się tu jeszcze nie ukazało.").wait_for()
        assert_good(page, "home")
        page.goto("/mailbox")
        page.get_by_text("Nie ma jeszcze żadnej wiadomości.").wait_for()
        assert_good(page, "mailbox")
        assert not complaints


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_the_public_site_is_good_in_every_state(
    browser: Browser, settings: Settings, site: Site, database: Database, width: int, scheme: str
) -> None:
    with database.transaction() as session:
        whole.fill(session, site)
    viewport = {"width": width, "height": 800}
    with opened(browser, settings, viewport=viewport, color_scheme=scheme) as (page, complaints):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for path in whole.PATHS:
            page.goto(path)
            assert_good(page, path)
        assert not complaints
        assert [url for url in asked if not url.startswith(f"{settings.base_url}/")] == []
        assert page.context.cookies() == []
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_data_for_machines_breaks_no_policy(
    browser: Browser, settings: Settings, site: Site
) -> None:
    with opened(browser, settings) as (page, complaints):
        page.add_init_script(
            "window.broken = []; addEventListener('securitypolicyviolation',"
            " event => broken.push(event.violatedDirective))"
        )
        page.goto(site.issue)
        data = page.locator('script[type="application/ld+json"]').text_content()
        assert json.loads(data or "")["@type"] == "NewsArticle"
        assert page.evaluate("broken") == []
        # The listener does hear: a script that is one is refused.
        page.evaluate(
            "document.head.append(Object.assign(document.createElement('script'),"
            " {text: 'window.ran = true'}))"
        )
        page.wait_for_function("broken.length == 1")
        assert page.evaluate("window.ran") is None
        assert len(complaints) == 1


def test_a_search_needs_no_mouse(
    browser: Browser, settings: Settings, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        issues.index_missing(session)
    with opened(browser, settings) as (page, complaints):
        page.goto(site.archive)
        for _ in range(10):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "q":
                break
        page.keyboard.type("taliban")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Russia Seeks Good Ties with Taliban").wait_for()
        assert page.url == f"{settings.base_url}/search?q=taliban&in=russia-monitor"
        assert page.get_by_label("Search Russia Monitor").input_value() == "taliban"
        assert not complaints


def test_an_issue_from_right_to_left_begins_at_the_right(
    browser: Browser, settings: Settings, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        whole.fill(session, site)
    with opened(browser, settings) as (page, _):
        page.goto("/arabic/rtl")
        for place in ("html", ".issue .headline", ".trail", ".imprint"):
            direction = page.locator(place).first.evaluate("e => getComputedStyle(e).direction")
            assert direction == "rtl", place


def assert_good(page: Page, name: str) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert_steady(page, name)


def assert_steady(page: Page, name: str) -> None:
    """See that nothing sticks out sideways, and that nothing moved while the page came."""
    assert page.evaluate(FITS), name
    assert page.evaluate(SHIFT) < STILL, name


def test_what_moves_while_a_page_comes_is_noticed(
    browser: Browser, settings: Settings, site: Site
) -> None:
    with opened(browser, settings) as (page, _):
        page.goto(site.issue)
        assert_steady(page, "an issue")
        page.evaluate(
            "new Promise(done => { document.body.prepend(Object.assign(document.createElement('p'),"
            " {textContent: 'Late'})); requestAnimationFrame(() => setTimeout(done, 50)); })"
        )
        assert page.evaluate(SHIFT) > STILL


def test_a_reader_leaves_by_the_link_in_the_mail(
    browser: Browser, settings: Settings, site: Site, mailbox: Mailbox
) -> None:
    mailbox.add(mail(site), "bounces@example.org", ["anna@example.org"])
    with opened(browser, settings) as (page, complaints):
        page.goto("/mailbox")
        page.get_by_role("link", name="Russia Seeks Good Ties").click()
        frame = page.frame_locator("iframe")
        frame.get_by_role("link", name="Back to top").click()
        with page.context.expect_page() as opening:
            frame.get_by_role("link", name="Unsubscribe").click()
        opening.value.get_by_role("button", name="Unsubscribe").click()
        opening.value.get_by_role("heading", name="You are unsubscribed").wait_for()
        assert len(page.context.pages) == 2
        shown = frame.get_by_role("img").evaluate("image => image.naturalWidth")
        assert shown == 1
        assert not complaints


def test_new_mail_comes_in_by_itself(
    browser: Browser, settings: Settings, site: Site, mailbox: Mailbox
) -> None:
    with opened(browser, settings) as (page, complaints):
        page.goto("/mailbox")
        page.get_by_text("No mail yet.").wait_for()
        mailbox.add(mail(site), "bounces@example.org", ["anna@example.org"])
        page.get_by_role("link", name="Russia Seeks Good Ties").wait_for()
        assert not complaints


def test_the_first_tab_skips_to_the_text(browser: Browser, settings: Settings, site: Site) -> None:
    with opened(browser, settings) as (page, _):
        page.goto(site.issue)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main"


def test_a_printed_issue_is_the_text_with_its_address(
    browser: Browser, settings: Settings, site: Site
) -> None:
    with opened(browser, settings) as (page, _):
        page.goto(site.issue)
        page.emulate_media(media="print")
        assert page.get_by_text(site.links.base_url + site.issue).is_visible()
        assert not page.locator(".appeal").is_visible()
        assert not page.locator(".trail").is_visible()
        for gone in (".pages", ".search", ".related"):
            assert page.locator(f"{gone}:visible").count() == 0, gone


def test_links_on_paper_show_where_they_lead(
    browser: Browser, settings: Settings, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        whole.fill(session, site)
    with opened(browser, settings) as (page, _):
        page.goto("/russia-monitor/both")
        shown = "e => getComputedStyle(e, '::after').content"
        link = page.locator(".body a[href^='https://example.org']").first
        assert link.evaluate(shown) == "none"
        page.emulate_media(media="print")
        assert "https://example.org/a?b=c&d=e" in link.evaluate(shown)
        assert page.pdf().startswith(b"%PDF")


def test_a_form_is_filled_in_by_keyboard_while_the_challenge_is_solved(
    browser: Browser, settings: Settings, site: Site, database: Database
) -> None:
    with opened(browser, settings) as (page, complaints):
        page.goto("/subscribe/russia-monitor")
        page.get_by_label("Your e-mail address").focus()
        page.keyboard.type("anna@example.org")
        for key in ("Tab", "Tab", "Tab", "Enter"):
            page.keyboard.press(key)
        page.get_by_role("heading", name="Look in your mailbox").wait_for()
        assert_good(page, "look")
        assert not complaints
    assert [one.address for one in sign_ups(database)] == ["anna@example.org"]


def test_what_is_wrong_gets_the_focus_and_leads_to_its_field(
    browser: Browser, settings: Settings, site: Site, database: Database
) -> None:
    with opened(browser, settings) as (page, _):
        page.goto("/subscribe/russia-monitor")
        page.get_by_label("Your e-mail address").fill("anna")
        page.get_by_role("button", name="Subscribe").click()
        summary = page.get_by_role("alert")
        expect(summary).to_be_focused()
        assert_good(page, "wrong")
        summary.get_by_role("link").click()
        expect(page.get_by_label("Your e-mail address")).to_be_focused()
        assert page.title().startswith("To be put right")


def test_a_slip_is_put_right_by_one_press(
    browser: Browser, settings: Settings, site: Site, database: Database
) -> None:
    with opened(browser, settings) as (page, complaints):
        page.goto("/subscribe/russia-monitor")
        page.get_by_label("Your e-mail address").fill("anna@gmial.com")
        page.get_by_role("button", name="Subscribe").click()
        page.get_by_role("heading", name="Did you mean anna@gmail.com?").wait_for()
        assert_good(page, "meant")
        page.get_by_role("button", name="Yes, use anna@gmail.com").click()
        page.get_by_role("heading", name="Look in your mailbox").wait_for()
        assert not complaints
    assert [one.address for one in sign_ups(database)] == ["anna@gmail.com"]


@pytest.mark.parametrize("width", [360, 1440])
def test_without_scripts_the_form_works_too(
    browser: Browser, settings: Settings, site: Site, database: Database, width: int
) -> None:
    viewport = {"width": width, "height": 800}
    with opened(browser, settings, viewport=viewport, java_script_enabled=False) as (page, _):
        page.goto("/subscribe/russia-monitor")
        page.get_by_label("Your e-mail address").fill("anna@example.org")
        page.get_by_role("button", name="Subscribe").click()
        page.get_by_role("heading", name="One more step").wait_for()
        page.wait_for_timeout(3000)
        page.get_by_role("button", name="Subscribe").click()
        page.get_by_role("heading", name="Look in your mailbox").wait_for()
    assert [one.address for one in sign_ups(database)] == ["anna@example.org"]


def test_the_form_for_other_sites_works_there(
    browser: Browser, settings: Settings, site: Site, database: Database, tmp_path: Path
) -> None:
    with opened(browser, settings) as (page, complaints):
        page.goto("/embed")
        snippet = page.locator(".snippet code").inner_text()
        elsewhere = tmp_path / "elsewhere.html"
        elsewhere.write_text(
            f'<!doctype html><html lang="en"><meta charset="utf-8">'
            f"<title>Elsewhere</title><main><h1>Elsewhere</h1>{snippet}</main></html>"
        )
        page.goto(elsewhere.as_uri())
        assert Axe().run(page).violations_count == 0
        page.get_by_label("Your e-mail address").fill("anna@example.org")
        page.get_by_role("button", name="Subscribe to Russia Monitor").click()
        page.get_by_role("heading", name="One more step").wait_for()
        assert_good(page, "press")
        page.get_by_role("button", name="Subscribe").click()
        page.get_by_role("heading", name="Look in your mailbox").wait_for()
        assert not complaints
    assert [(one.address, one.form) for one in sign_ups(database)] == [
        ("anna@example.org", "embed")
    ]
