"""The calendar: what stands on which day, in which zone, and how one gets to other months."""

from datetime import UTC, datetime, timedelta

import make
from newsletter.model import IssueState, Role
from web.desk.conftest import Desk

MIDNIGHT = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
"""In November by UTC, and in December where the house is."""


def cell(page: str, day: str) -> str:
    """Return what stands in the cell of ``day``."""
    return page.split(f'data-day="{day}"')[1].split("</td>")[0]


def test_issues_stand_on_the_day_on_which_they_are_due_where_the_house_is(desk: Desk) -> None:
    with desk.database.transaction() as session:
        canals = make.publication(session, name="Canals", slug="canals", zone="Europe/Warsaw")
        rivers = make.publication(session, name="Rivers", slug="rivers", zone="Europe/Warsaw")
        known = {"content_hash": "0" * 64, "due_at": MIDNIGHT}
        scheduled = {"state": IssueState.SCHEDULED, **known}
        make.issue(session, subject="Ice", publication_id=canals.id, zone="Asia/Tokyo", **scheduled)
        earlier = {**scheduled, "due_at": MIDNIGHT - timedelta(minutes=20)}
        make.issue(session, subject="Thaw", publication_id=rivers.id, **earlier)
        make.issue(session, subject="Salt", publication_id=rivers.id, state=IssueState.APPROVED)
        make.issue(session, subject="Sand", publication_id=rivers.id)
    writer = desk.enter(Role.WRITER)
    page = writer.get("/desk/calendar?month=2026-12").text
    day = cell(page, "2026-12-01")
    assert day.index("Thaw") < day.index("Ice")
    assert "00:10</time>" in day
    assert "00:30</time>" in day
    assert "Rivers" in day
    assert "Ice" not in cell(page, "2026-11-30")
    assert "Times in Europe/Warsaw" in page
    assert "Move" not in page, "a writer schedules nothing"
    assert "Salt" in page.split("Approved, without a time yet")[1]
    assert "Sand" not in page
    page = writer.get("/desk/calendar?month=2026-12&publication=canals").text
    assert "Ice" in cell(page, "2026-12-01")
    assert "Thaw" not in page
    assert "Salt" not in page
    page = writer.get("/desk/calendar?month=2026-12&state=cancelled").text
    assert "Nothing in that state leaves or left in this month." in page
    assert "Ice" not in page
    assert 'href="/desk/calendar?month=2027-01&amp;state=cancelled"' in page, "it stays chosen"
    assert "Ice" in cell(writer.get("/desk/calendar?month=2026-12&state=draft").text, "2026-12-01")
    page = writer.get("/desk/calendar?month=2026-11").text
    assert "Nothing leaves or left in this month." in page
    assert "Ice" in cell(page, "2026-12-01"), "the last week shows its days of the next month"


def test_months_follow_each_other_and_nonsense_is_this_month(desk: Desk) -> None:
    writer = desk.enter(Role.WRITER)
    page = writer.get("/desk/calendar?month=2026-12").text
    assert "<h1>December 2026</h1>" in page
    for month in ("2026-11", "2027-01"):
        assert f'href="/desk/calendar?month={month}"' in page
    today = datetime.now(UTC).date()
    for words in ("", "2026-13", "november", "9999-12", "0001-01", "2026-11-05"):
        page = writer.get(f"/desk/calendar?month={words}").text
        assert f'data-day="{today}"' in page
        assert 'aria-current="date"' in cell(page, f"{today}")
        assert "This month" not in page
    assert 'rel="prev"' not in writer.get("/desk/calendar?month=1990-01").text
    assert 'rel="next"' not in writer.get("/desk/calendar?month=2199-12").text


def test_an_editor_moves_what_is_scheduled_and_nothing_else(desk: Desk) -> None:
    with desk.database.transaction() as session:
        monitor = make.publication(session)
        known = {"publication_id": monitor.id, "due_at": MIDNIGHT, "content_hash": "0" * 64}
        scheduled = make.issue(session, state=IssueState.SCHEDULED, zone="Asia/Tokyo", **known).id
        sent = make.issue(session, state=IssueState.SENT, **known).id
    page = desk.enter(Role.EDITOR).get("/desk/calendar?month=2026-12").text
    day = cell(page, "2026-12-01")
    assert f'data-move="/desk/issues/{scheduled}/schedule" data-date="2026-12-01"' in day
    assert f'href="/desk/issues/{scheduled}/schedule"' in day
    assert f"/desk/issues/{sent}/schedule" not in day
