"""The desk in a real browser: the whole walk of signing in, with a passkey, at both widths."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from threading import Thread
from typing import Any

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import BaseWSGIServer, make_server

import make
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.deliveries import relays
from newsletter.desk import OPERATOR, team
from newsletter.model import IssueState
from web.desk.conftest import PASSWORD
from web.test_in_the_browser import assert_good, opened

WIDTHS = [360, 1440]


@pytest.fixture
def server() -> Iterator[BaseWSGIServer]:
    """A listener whose port is known before the application that will answer there."""
    server = make_server("127.0.0.1", 0, Flask("waiting"), threaded=True)
    thread = Thread(target=server.serve_forever)
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
    file = copy(sqlite_template, tmp_path)
    with closing(Database(f"sqlite:///{file}")) as database:
        yield database


@pytest.fixture(autouse=True)
def _answering(server: BaseWSGIServer, app: Flask) -> None:
    server.app = app


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def arrive(page: Page, heading: str) -> None:
    """Wait for a page of the desk, and look at it closely."""
    page.get_by_role("heading", name=heading, level=1).wait_for()
    assert_good(page, heading)


def add_device(page: Page) -> None:
    """Give the browser a device that makes passkeys and verifies its holder."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def set_up(page: Page, database: Database) -> None:
    """Become the owner by the one-time link."""
    with database.transaction() as session:
        token = team.set_up(session, datetime.now(UTC), actor=OPERATOR)
    page.goto(f"/desk/join/{token}")
    arrive(page, "Set up the desk")
    page.get_by_label("Your name").fill("Olga Owner")
    page.get_by_label("E-mail address").fill("olga@institute.example")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Set up the desk")
    arrive(page, "Your account")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_an_owner_sets_up_the_desk_and_comes_back_by_code_and_by_passkey(
    browser: Browser, settings: Settings, database: Database, width: int, scheme: str
) -> None:
    viewport = {"width": width, "height": 800}
    with opened(browser, settings, viewport=viewport, color_scheme=scheme) as (page, complaints):
        add_device(page)
        set_up(page, database)
        page.get_by_role("link", name="Add a passkey").click()
        arrive(page, "Add a passkey")
        page.get_by_label("What do you call this device?").fill("My laptop")
        press(page, "Add a passkey")
        page.get_by_text("The passkey is added.").wait_for()
        assert_good(page, "account with a passkey")

        page.get_by_role("link", name="Turn on codes").click()
        arrive(page, "Turn on codes")
        secret = page.locator("input[name=secret]").input_value()
        shown = page.locator("code.secret").inner_text()
        assert shown.replace(" ", "") == secret
        page.get_by_label("Type the code that the app shows now").fill(pyotp.TOTP(secret).now())
        press(page, "Turn on codes")
        arrive(page, "Your recovery codes")
        recovery = page.locator(".recovery code").first.inner_text()
        page.get_by_role("link", name="I have kept them").click()

        press(page, "Sign out")
        page.get_by_text("You are signed out.").wait_for()
        page.goto("/desk/team")
        arrive(page, "Sign in to the desk")
        press(page, "Sign in with a passkey")
        arrive(page, "Team")
        press(page, "Sign out")

        page.get_by_label("E-mail address").fill("olga@institute.example")
        page.get_by_label("Password").fill(PASSWORD)
        press(page, "Sign in")
        arrive(page, "Enter the code")
        page.get_by_label("Code").fill(recovery)
        press(page, "Sign in")
        arrive(page, "Today")
        assert not complaints


@pytest.mark.parametrize("width", WIDTHS)
def test_an_owner_invites_a_writer_who_comes_in(
    browser: Browser, settings: Settings, database: Database, width: int
) -> None:
    viewport = {"width": width, "height": 800}
    with opened(browser, settings, viewport=viewport) as (page, complaints):
        set_up(page, database)
        page.get_by_role("link", name="Team").click()
        arrive(page, "Team")
        page.get_by_role("link", name="Invite someone").click()
        arrive(page, "Invite someone")
        page.get_by_label("E-mail address").fill("jan@institute.example")
        press(page, "Send the invitation")
        arrive(page, "Hand over this link")
        link = page.get_by_label("The link, shown this once").input_value()
        with opened(browser, settings, viewport=viewport) as (theirs, _):
            theirs.goto(link)
            arrive(theirs, "Join the desk")
            theirs.get_by_label("Your name").fill("Jan Writer")
            theirs.get_by_label("Password").fill(PASSWORD)
            press(theirs, "Join the desk")
            arrive(theirs, "Your account")
            assert theirs.get_by_role("link", name="Team").count() == 0
        page.get_by_role("link", name="To the team").click()
        page.get_by_role("link", name="Jan Writer").click()
        arrive(page, "Jan Writer")
        page.get_by_label("Editor").check()
        press(page, "Change the role")
        page.get_by_text("The role is changed.").wait_for()
        page.get_by_role("link", name="Audit trail").click()
        arrive(page, "Audit trail")
        assert page.get_by_role("cell", name=re.compile("writer → editor")).count() == 1
        page.get_by_role("link", name="Team").click()
        page.get_by_role("link", name="Jan Writer").click()
        page.get_by_role("link", name="Remove the editor").click()
        arrive(page, "Remove Jan Writer?")
        press(page, "Remove the editor")
        page.get_by_text("The editor is removed.").wait_for()
        assert_good(page, "team of one")
        assert not complaints


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_wrong_is_said_beside_its_field_and_where_the_focus_is(
    browser: Browser, settings: Settings, database: Database, width: int
) -> None:
    with opened(browser, settings, viewport={"width": width, "height": 800}) as (page, _):
        set_up(page, database)
        page.goto("/desk/account/password")
        page.get_by_label("Password until now").fill(PASSWORD)
        page.get_by_label("New password").fill("short")
        press(page, "Change the password")
        page.get_by_role("alert").wait_for()
        assert_good(page, "a password that is too short")
        assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        described = page.get_by_label("New password").get_attribute("aria-describedby") or ""
        assert "password-wrong" in described
        assert page.get_by_label("New password").get_attribute("aria-invalid") == "true"


@pytest.mark.parametrize(("width", "language"), [(360, "pl"), (1440, "en")])
def test_today_is_accessible_when_full_and_when_empty(
    browser: Browser, settings: Settings, database: Database, width: int, language: str
) -> None:
    viewport = {"width": width, "height": 800}
    with opened(browser, settings, viewport=viewport) as (page, complaints):
        set_up(page, database)
        page.goto("/desk")
        arrive(page, "Today")
        page.get_by_text("There is no publication yet.").wait_for()
        fill(database)
        page.context.set_extra_http_headers({"Accept-Language": language})
        page.reload()
        page.get_by_text("The relay refuses us").wait_for()
        arrive(page, "Today" if language == "en" else "Dziś")
        assert not complaints


def fill(database: Database) -> None:
    """Make issues in every state that the page shows, and a relay in trouble."""
    with database.transaction() as session:
        known: dict[str, Any] = {"content_hash": "0" * 64, "audience": {"frozen": 12_480}}
        known["publication_id"] = make.publication(session, name="Russia Monitor").id
        for state in (IssueState.SENDING, IssueState.PAUSED, IssueState.SENT):
            issue = make.issue(
                session, state=state, published_at=make.NOW, due_at=make.NOW, **known
            )
            issue.held = "The relay refuses us" if state is IssueState.PAUSED else None
            make.batch(session, issue_id=issue.id, last_delivery=12_480, sent=8_000, refused=12)
        make.issue(session, state=IssueState.SCHEDULED, due_at=make.NOW, **known)
        relays.trouble(session, "primary", "421 Try again later", make.NOW)


def test_by_keyboard_alone_one_signs_in(
    browser: Browser, settings: Settings, database: Database
) -> None:
    with opened(browser, settings) as (page, complaints):
        set_up(page, database)
        press(page, "Sign out")
        page.goto("/desk/sign-in")
        for keys in ("Tab", "Tab"):
            page.keyboard.press(keys)
        page.keyboard.type("olga@institute.example")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        arrive(page, "Today")
        assert not complaints
