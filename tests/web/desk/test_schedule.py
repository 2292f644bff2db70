"""The page on which an issue gets its time: what it shows, refuses and does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import make
from newsletter import issues, model
from newsletter.model import IssueState, Role
from web.desk.conftest import Desk

SOON = (datetime.now(UTC) + timedelta(days=3)).replace(hour=8, minute=0)


def approved(desk: Desk, readers: int = 3, **columns: Any) -> int:
    with desk.database.transaction() as session:
        monitor = make.publication(session, window=columns.pop("window", ""))
        for _ in range(readers):
            make.subscription(session, publication_id=monitor.id)
        facts = {"state": IssueState.APPROVED, "content_hash": "0" * 64} | columns
        return make.issue(session, publication_id=monitor.id, **facts).id


def found(desk: Desk, number: int) -> model.Issue:
    with desk.database.reading() as session:
        return issues.fetch(session, number)


def form(moment: datetime = SOON, **more: str) -> dict[str, str]:
    return {"date": f"{moment:%Y-%m-%d}", "time": f"{moment:%H:%M}", "zone": "Europe/Warsaw"} | more


def test_what_is_shown_is_scheduled_moved_and_taken_off_and_stands_in_the_trail(desk: Desk) -> None:
    number, editor = approved(desk), desk.enter(Role.EDITOR)
    page = f"/desk/issues/{number}/schedule"
    assert f"Send to 3 readers on {SOON.day} " in editor.get(f"{page}?date={SOON:%Y-%m-%d}").text
    assert editor.send(page, **form(late="60", hours="own", opens="06:00", closes="00:00")).location
    issue = found(desk, number)
    assert issue.state is IssueState.SCHEDULED
    assert (issue.wall_time, issue.zone) == (f"{SOON:%Y-%m-%dT08:00:00}", "Europe/Warsaw")
    assert issue.due_at
    assert issue.latest_start == issue.due_at + timedelta(hours=1)
    assert issue.window == "06:00-24:00"
    shown = editor.get(page).text
    assert "Move to" not in shown
    later = editor.get(f"{page}?time=09:00").text
    assert "Move to" in later
    assert "08:00" in later.split("Move it")[0]
    assert editor.send(page, **form(SOON + timedelta(hours=1))).location == f"{page}?done=moved"
    assert editor.send(f"{page}/off").location == f"{page}?done=unscheduled"
    assert found(desk, number).state is IssueState.APPROVED
    assert found(desk, number).due_at is None
    assert desk.told() == ["scheduled", "scheduled", "unscheduled"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"date": "2031-03-30", "time": "02:30"}, "Choose 03:30 or another time."),
        ({"date": "2020-03-30"}, "That time is past."),
        ({"date": "9999-12-31"}, "Look at the year."),
        ({"date": "soon"}, "Enter a day and a time"),
        ({"time": "08:00+02:00"}, "Enter a day and a time"),
        ({"zone": "Narnia"}, "There is no such time zone."),
        ({"late": "0"}, "Choose how late"),
        ({"late": "9" * 400}, "Choose how late"),
        ({"late": "²"}, "Choose how late"),
        ({"hours": "own", "opens": "07:00", "closes": "07:00"}, "Enter two different hours"),
    ],
)
def test_what_means_nothing_is_said_beside_the_field_and_nothing_typed_is_lost(
    desk: Desk, typed: dict[str, str], words: str
) -> None:
    number, editor = approved(desk), desk.enter(Role.EDITOR)
    answer = editor.send(f"/desk/issues/{number}/schedule", **(form() | typed))
    assert answer.status_code == 422
    assert answer.text.count(words) == 3  # on top, beside the field, and where its meaning stands
    kept = [value for name, value in typed.items() if name not in {"late", "hours"}]
    assert [value for value in kept if f'value="{value}"' not in answer.text] == []
    assert "Send to" not in answer.text
    assert found(desk, number).state is IssueState.APPROVED


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("date=2031-10-26&time=02:30", "show 02:30 twice"),
        ("date=2031-11-25&time=22:30", "wait until 26 November 2031, 07:00 CET"),
        (
            "date=2031-11-25&time=22:30&hours=any",
            '<td class="number"><span class="muted">the day after</span> 06:30</td>',
        ),
        ("date=2031-11-25&time=22:30&zone=Asia/Tokyo", "14:30"),
    ],
)
def test_what_a_time_means_is_told(desk: Desk, typed: str, words: str) -> None:
    number = approved(desk, window="07:00-21:00")
    page = desk.enter(Role.EDITOR).get(f"/desk/issues/{number}/schedule/meaning?{typed}").text
    assert words in page
    assert "<html" not in page


def test_a_draft_says_what_is_missing(desk: Desk) -> None:
    number = approved(desk, state=IssueState.DRAFT, content_hash=None)
    editor = desk.enter(Role.EDITOR)
    page = f"/desk/issues/{number}/schedule"
    assert "Someone approves what will be sent." in editor.get(page).text
    for path in (page, f"{page}/now", f"{page}/off"):
        assert editor.send(path, **form(), content="").status_code == 409
    assert desk.told() == []


def test_sending_now_is_asked_in_numbers_and_done_for_what_was_seen_only(desk: Desk) -> None:
    number, editor = approved(desk, readers=1, window="00:00-00:01"), desk.enter(Role.EDITOR)
    page = f"/desk/issues/{number}/schedule/now"
    asked = editor.get(page).text
    assert "Send to 1 reader now" in asked
    assert "its mails wait until" in asked
    assert editor.send(page, content="of yesterday").status_code == 409
    assert editor.send(page, content="0" * 64).location.endswith("/schedule?done=leaving")
    with desk.database.reading() as session:
        assert issues.due(session, datetime.now(UTC)) == [number]
    assert desk.told() == ["sent-now"]


def test_of_an_issue_under_way_it_is_said_when_it_began(desk: Desk) -> None:
    number = approved(desk, state=IssueState.SENDING, published_at=make.NOW)
    editor = desk.enter(Role.EDITOR)
    page = editor.get(f"/desk/issues/{number}/schedule")
    assert "began to leave on 23 November 2026, 10:00 CET" in page.text
    assert editor.send(f"/desk/issues/{number}/schedule", **form()).status_code == 409
    assert found(desk, number).state is IssueState.SENDING


def test_the_next_issue_is_offered_the_hour_of_the_last(desk: Desk) -> None:
    number = approved(desk)
    with desk.database.transaction() as session:
        last = {"published_at": make.NOW, "wall_time": "2026-11-23T06:45:00"}
        home = issues.fetch(session, number).publication_id
        make.issue(session, publication_id=home, state=IssueState.SENDING, content_hash="", **last)
    assert 'value="06:45"' in desk.enter(Role.EDITOR).get(f"/desk/issues/{number}/schedule").text
