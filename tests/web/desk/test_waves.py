"""Waves at the desk: planned in numbers, approved with all their mails, decided by a button."""

from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from newsletter import issues, model
from newsletter.manuscripts import Article
from newsletter.model import IssueState, Role, Variant, WinnerRule
from scenes import waves as scenes
from web.desk.conftest import Browser, Desk

SOON = (datetime.now(UTC) + timedelta(days=3)).replace(hour=10, minute=0)
ARTICLE = Article("Ice on the canal", "The locks close.", dated=date(2026, 11, 20))


@pytest.fixture
def editor(desk: Desk) -> Browser:
    return desk.enter(Role.EDITOR)


def drafted(desk: Desk) -> tuple[int, int]:
    """Make a draft with a text for ten readers, of whom two are the press; return both numbers."""
    with desk.database.transaction() as session:
        monitor = make.publication(session, licence_id=make.licence(session).id)
        tag = make.tag(session, name="press")
        for number in range(10):
            wish = make.subscription(session, publication_id=monitor.id)
            if number < 2:
                make.subscriber_tag(session, subscriber_id=wish.subscriber_id, tag_id=tag.id)
        rule = {"tags": ["press"]}
        press = make.segment(session, publication_id=monitor.id, name="Press", rule=rule)
        return issues.draft(session, monitor, [ARTICLE], datetime.now(UTC)).id, press.id


def form(segment: int | str = "", **more: str) -> dict[str, str]:
    """Fill in all fields of the waves."""
    return {
        "subject": "Locks stay shut",
        "share": "50",
        "wait": "240",
        "rule": "clicks",
        "segment": str(segment),
        "lead": "120",
        "until_day": f"{SOON:%Y-%m-%d}",
        "until_time": "10:00",
    } | more


def plan(desk: Desk, number: int) -> tuple[Any, Any]:
    with desk.database.reading() as session:
        return issues.waves_of(session, issues.fetch(session, number))


def test_waves_are_planned_told_in_numbers_and_stand_in_the_trail(
    desk: Desk, editor: Browser
) -> None:
    number, press = drafted(desk)
    page = f"/desk/issues/{number}/schedule"
    assert "All readers get it at the same time" in editor.get(page).text
    assert editor.send(f"{page}/waves", **form(press)).location == f"{page}?done=waves"
    shown = unescape(editor.get(page).text)
    assert "2 readers of “Press” get it under embargo until" in shown
    assert f"{SOON.day} {SOON:%B %Y}, 08:00 CE" in shown
    assert "2 readers get subject A, <b" in shown
    assert "2 readers get subject B, <b" in shown
    assert "4 readers get the subject that was clicked more" in shown
    assert f"{SOON.day} {SOON:%B %Y}, 14:00 CE" in shown
    assert editor.send(f"{page}/waves", **form(press)).location == f"{page}?done=unchanged"
    assert editor.send(f"{page}/waves", **form(subject="")).location == f"{page}?done=waves"
    assert plan(desk, number) == (None, None)
    assert desk.told() == ["waves-chosen", "waves-chosen"]


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"subject": ARTICLE.headline}, "subject", "That is the first subject"),
        ({"share": "0"}, "share", "Choose how many readers"),
        ({"share": "²"}, "share", "Choose how many readers"),
        ({"wait": "9" * 300}, "wait", "15 minutes at least"),
        ({"segment": "99999"}, "segment", "Choose who gets it first"),
        ({"segment": "1", "lead": "1"}, "lead", "15 minutes earlier"),
        ({"segment": "1", "until_day": "soon"}, "until_day", "Enter a day and a time"),
        ({"segment": "1", "until_day": "2020-01-01"}, "until_day", "That time is past."),
        (
            {"segment": "1", "until_day": "2031-03-30", "until_time": "02:30"},
            "until_time",
            "Choose 03:30 or another time.",
        ),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_typed_is_lost(
    desk: Desk, editor: Browser, typed: dict[str, str], field: str, words: str
) -> None:
    number, press = drafted(desk)
    if typed.get("segment") == "1":
        typed = typed | {"segment": str(press)}
    answer = editor.send(f"/desk/issues/{number}/schedule/waves", **(form() | typed))
    assert answer.status_code == 422
    assert answer.text.count(words) == 2, "on top, and beside the field"
    assert f'id="{field}-wrong"' in answer.text
    assert f'<a href="#{field}">' in answer.text
    assert '<details class="waves-choice" open>' in answer.text
    given = unescape(answer.text)
    assert f'value="{(form() | typed)["subject"]}"' in given
    assert f'value="{(form() | typed)["until_day"]}"' in given
    assert plan(desk, number) == (None, None)


def test_another_plan_ends_the_approval_and_the_embargo_sets_the_time(
    desk: Desk, editor: Browser
) -> None:
    number, press = drafted(desk)
    page = f"/desk/issues/{number}"
    editor.send(f"{page}/schedule/waves", **form(press))
    read = unescape(editor.get(f"{page}/approval").text)
    assert "Locks stay shut" in read
    assert read.count("Embargo until 10:00, ") >= 2, "in its HTML and in its text"
    seen = read.partition('name="seen" value="')[2].partition('"')[0]
    editor.send(f"{page}/approval/approve", seen=seen)
    at = {"date": f"{SOON:%Y-%m-%d}", "time": "11:00", "zone": "Europe/Warsaw"}
    refused = editor.send(f"{page}/schedule", **at)
    assert refused.status_code == 422
    assert "The mail under embargo says" in refused.text
    assert f'value="{at["date"]}"' in editor.get(f"{page}/schedule").text, "it is offered"
    assert editor.send(f"{page}/schedule", **(at | {"time": "10:00"})).status_code == 303
    assert "all get the same mail at once" in editor.get(f"{page}/schedule/now").text
    answer = editor.send(f"{page}/schedule/waves", **form(press, share="20"))
    assert answer.location == f"{page}/schedule?done=waves-open"
    with desk.database.reading() as session:
        assert issues.fetch(session, number).state is IssueState.DRAFT
    assert desk.told()[-2:] == ["waves-chosen", "reopened"]


def test_the_preview_shows_each_mail(desk: Desk, editor: Browser) -> None:
    number, press = drafted(desk)
    page = f"/desk/issues/{number}/preview"
    assert "Which mail" not in editor.get(page).text
    editor.send(f"/desk/issues/{number}/schedule/waves", **form(press))
    second = editor.get(f"{page}?variant=b").text
    assert 'class="preview-subject" dir="auto">Locks stay shut<' in second
    text = editor.get(f"{page}?variant=embargo&show=text").text
    assert "*** Embargo until 10:00" in text
    assert "Embargo until" not in editor.get(f"{page}?show=text").text
    assert editor.send(f"{page}/test?variant=embargo", to="anna@example.org").status_code == 303
    with desk.database.reading() as session:
        assert "Embargo" in session.scalars(select(model.Content.text)).one()


def going(desk: Desk, scene: Any) -> str:
    with desk.database.transaction() as session:
        path: str = scene(session)
    return path


def waiting(session: Session) -> str:
    path = scenes.waiting(session)
    session.get_one(model.SubjectTest, int(path.split("/")[3])).rule = WinnerRule.EDITOR
    for number, content in ((1, "b"), (0, "")):
        issue = int(path.split("/")[3])
        words = make.content(session, issue_id=issue, variant=content)
        session.get_one(model.Wave, (issue, 1 + number)).content_id = words.id
    session.flush()
    return path


@pytest.mark.parametrize("role", [Role.WRITER, Role.EDITOR])
def test_somebody_who_may_send_decides_once(desk: Desk, role: Role) -> None:
    path, browser = going(desk, waiting), desk.enter(role)
    assert "Two subjects were tried." in browser.get("/desk/").text
    page = unescape(browser.get(path).text)
    assert "9,604 readers wait for an editor to choose" in page
    assert 'data-said="clicks-2">131<' in page
    may = role is Role.EDITOR
    assert ("Send subject B to 9,604 readers now" in page) == may
    answer = browser.send(f"{path}/subject/b")
    assert answer.status_code == (303 if may else 403)
    with desk.database.reading() as session:
        test = session.get_one(model.SubjectTest, int(path.split("/")[3]))
        assert (test.winner, test.decided_by) == ((Variant.B, "The editor") if may else (None, ""))
    if may:
        assert browser.send(f"{path}/subject/a").status_code == 409
        assert browser.send(f"{path}/subject/c").status_code == 404
        after = unescape(browser.get(path).text)
        assert "The editor chose subject B for the rest on" in after
        assert "Clicks by then: A 96 in 1,204 mails, B 131 in 1,196." in after
        assert "readers now" not in after
        assert desk.told() == ["subject-chosen"]


def test_the_page_says_that_it_is_not_public_yet(desk: Desk, editor: Browser) -> None:
    path = going(desk, scenes.under_embargo)
    assert "Its page is not public before" in editor.get(path).text


@pytest.mark.parametrize(
    ("rule", "numbers", "words"),
    [
        (WinnerRule.CLICKS, (9, 5), "Subject B was clicked more"),
        (WinnerRule.CLICKS, (5, 5), "It was a tie on"),
        (WinnerRule.EDITOR, (9, 5), "Nobody had chosen by"),
    ],
)
def test_the_report_tells_variants_apart_and_how_it_was_decided(
    desk: Desk, editor: Browser, rule: WinnerRule, numbers: tuple[int, int], words: str
) -> None:
    path = going(desk, scenes.report)
    issue = int(path.split("/")[3])
    with desk.database.transaction() as session:
        test = session.get_one(model.SubjectTest, issue)
        test.rule = rule
        test.numbers = {
            "a": {"sent": 10, "clicks": numbers[1]},
            "b": {"sent": 10, "clicks": numbers[0]},
        }
        if rule is WinnerRule.EDITOR or numbers == (5, 5):
            test.winner = Variant.A
    page = unescape(editor.get(path).text)
    assert words in page
    assert f"A {numbers[1]} in 10 mails, B {numbers[0]} in 10." in page
    table = editor.get(f"/desk/issues/{issue}/report.csv").text
    assert f"variant,Subject B,{scenes.SECOND}: clicks,1177" in table.replace('"', "")
    assert f"variant,Subject B,{scenes.SECOND}: sent,10800" in table.replace('"', "")
