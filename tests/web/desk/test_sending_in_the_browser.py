"""The page of an issue that is to leave, in a real browser: it comes alive by itself."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Locator, Page, expect

import make
from newsletter import model
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.desk import sign_ins
from newsletter.model import IssueState, Role
from web.desk.test_in_the_browser import _answering, database, server, settings
from web.test_in_the_browser import SHIFT, assert_good, opened

__all__ = ["_answering", "database", "server", "settings"]


def scheduled(page: Page, settings: Settings, database: Database) -> int:
    """Make an issue that is due now, which no clock publishes, and sign in."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        token = sign_ins.begin(session, make.editor(session, role=Role.OWNER), now)
        facts = {"state": IssueState.SCHEDULED, "content_hash": "0" * 64, "due_at": now}
        issue = make.issue(session, subject="Ferries Return", **facts).id
    page.context.add_cookies([{"name": "desk", "value": token, "url": settings.base_url}])
    return issue


def begin(database: Database, issue: int) -> None:
    """Have it leave, as the clock does."""
    with database.transaction() as session:
        begun = session.get_one(model.Issue, issue)
        begun.state, begun.published_at = IssueState.SENDING, datetime.now(UTC)
        begun.audience = {"frozen": 1_000}
        make.batch(session, issue_id=issue, last_delivery=1_000, sent=250)
        make.waypoint(session, issue_id=issue, at=begun.published_at - timedelta(seconds=5))


def test_the_page_comes_alive_when_the_issue_begins_to_leave(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with opened(browser, settings, viewport={"width": 360, "height": 800}) as (page, complaints):
        issue = scheduled(page, settings, database)
        page.goto(f"/desk/issues/{issue}/sending")
        expect(page.get_by_text("Leaves on")).to_be_visible()
        begin(database, issue)
        expect(page.locator("[data-said=sent]")).to_have_text("250")
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        expect(page.locator(".issue-kicker .chip")).to_have_text("Sending")
        assert page.locator("progress").evaluate("bar => bar.value / bar.max") == 0.25
        assert_good(page, "begun")
        assert page.evaluate(SHIFT) == 0
        assert complaints == []


def test_the_first_page_comes_alive_when_an_issue_begins_to_leave(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with opened(browser, settings) as (page, complaints):
        page.clock.install()
        issue = scheduled(page, settings, database)
        page.goto("/desk")
        expect(page.get_by_role("heading", name="Sending now")).to_have_count(0)
        begin(database, issue)
        page.clock.fast_forward(6_000)
        expect(page.get_by_role("heading", name="Sending now")).to_be_visible()
        with database.transaction() as session:
            session.get_one(model.Issue, issue).state = IssueState.PAUSED
        page.clock.fast_forward(6_000)
        expect(page.get_by_role("heading", name="Needs someone")).to_be_visible()
        assert complaints == []


def test_without_a_connection_to_listen_on_the_page_asks(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with opened(browser, settings) as (page, complaints):
        issue = scheduled(page, settings, database)
        page.route("**/sending/events", lambda route: route.fulfill(status=204))
        page.goto(f"/desk/issues/{issue}/sending")
        begin(database, issue)
        expect(page.locator("[data-said=sent]")).to_have_text("250")
        assert complaints == []


def test_on_a_phone_the_row_of_tabs_shows_where_one_is(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with opened(browser, settings, viewport={"width": 360, "height": 800}) as (page, _):
        issue = scheduled(page, settings, database)
        for tab in ("sending", "report"):
            page.goto(f"/desk/issues/{issue}/{tab}")
            current = page.locator(".tabs [aria-current=page]")
            assert_seen(current)
        begin(database, issue)
        for below in ("sending/cancel", "revisions"):
            page.goto(f"/desk/issues/{issue}/{below}")
            assert_seen(page.locator(".tabs [aria-current=true]"))
        page.goto("/desk/reports")
        assert_seen(page.locator(".rail [aria-current=page]"))


def assert_seen(current: Locator) -> None:
    box = current.bounding_box()
    assert box
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 360
