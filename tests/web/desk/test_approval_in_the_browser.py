"""An issue goes from its writer to a second person, back and forth, and to another day."""

import re
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

from playwright.sync_api import Browser, Page, expect

import make
from newsletter import issues, model
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.desk import sign_ins
from newsletter.manuscripts import Article
from newsletter.model import IssueState, Role
from web.desk.test_in_the_browser import _answering, database, press, server, settings
from web.test_in_the_browser import assert_good, opened

__all__ = ["_answering", "database", "server", "settings"]

ICE = Article("Ice on the canal", "The locks close.", lead="Early.", dated=date(2026, 11, 20))


def begun(database: Database) -> tuple[int, dict[Role, str]]:
    """Begin a text of the writer's; return its number, and what signs each role in."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        licence = make.licence(session)
        monitor = make.publication(session, licence_id=licence.id, four_eyes=True)
        editors = {role: make.editor(session, role=role, name=f"The {role}") for role in Role}
        issue = issues.draft(session, monitor, [ICE], now, editors[Role.WRITER])
        return issue.id, {role: sign_ins.begin(session, editors[role], now) for role in Role}


def test_a_second_person_approves_an_edit_revokes_and_what_is_scheduled_is_dragged(
    browser: Browser, settings: Settings, database: Database
) -> None:
    number, tokens = begun(database)
    path = f"/desk/issues/{number}/approval"
    with ExitStack() as stack:
        pages: dict[Role, Page] = {}
        complaints: list[str] = []
        for role, width in ((Role.WRITER, 360), (Role.EDITOR, 1440)):
            viewport = {"width": width, "height": 900}
            page, complaints = stack.enter_context(opened(browser, settings, viewport=viewport))
            page.context.add_cookies(
                [{"name": "desk", "value": tokens[role], "url": settings.base_url}]
            )
            pages[role] = page
        writer, editor = pages[Role.WRITER], pages[Role.EDITOR]

        writer.goto(path)
        writer.get_by_label("A word to whoever approves it (optional)").fill("Before noon?")
        press(writer, "Submit for approval")
        writer.get_by_text("The issue awaits approval.").wait_for()
        writer.get_by_label("Comment").fill("The date is sure.")
        press(writer, "Add the comment")
        expect(writer.locator(".approval-words")).to_have_text(
            ["Before noon?", "The date is sure."]
        )
        assert_good(writer, "commented")

        editor.goto(path)
        expect(editor.frame_locator("iframe").get_by_text("The locks close.")).to_be_visible()
        press(editor, "Approve this version")
        editor.get_by_text("The issue is approved. What you read is what will be sent.").wait_for()
        assert_good(editor, "approved")

        editor.get_by_role("link", name="Text", exact=True).click()
        press(editor, "Make it a draft again")
        editor.goto(path)
        expect(editor.locator(".approval-steps > li").last).to_contain_text("approval is revoked")
        press(editor, "Approve this version")
        editor.get_by_text("The issue is approved.").wait_for()

        due = _scheduled(database, number)
        editor.goto(f"/desk/calendar?month={due:%Y-%m}")
        target = due.date() + timedelta(days=-1 if due.day > 14 else 1)
        carried = editor.locator(f"[data-day='{due.date()}'] .calendar-issue")
        carried.drag_to(editor.locator(f"[data-day='{target}']"))
        editor.get_by_role("button", name=re.compile("^Move to .* at 07:00$")).click()
        editor.get_by_text("The issue is moved.").wait_for()
        assert complaints == []
    with database.reading() as session:
        issue = issues.fetch(session, number)
        assert (issue.state, issue.wall_time) == (IssueState.SCHEDULED, f"{target}T07:00:00")


def _scheduled(database: Database, number: int) -> datetime:
    """Schedule the issue for seven in the morning of a day of next month."""
    now = datetime.now(UTC)
    wall_time = datetime.combine((now + timedelta(days=45)).date(), datetime.min.time())
    wall_time = wall_time.replace(hour=7)
    with database.transaction() as session:
        issue = session.get_one(model.Issue, number)
        issues.schedule(session, issue, wall_time, "Europe/Warsaw", now)
    return wall_time
