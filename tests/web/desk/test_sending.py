"""The page of an issue on its way: who sees it, who acts, what an act that comes too late does."""

import json
import re
from collections.abc import Generator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

import make
from make import NOW
from newsletter import model
from newsletter.config import WEB_THREADS
from newsletter.model import DeliveryState, IssueState, ReasonKind, Role
from newsletter.web.desk import sending
from web.desk.conftest import Desk


def under_way(desk: Desk, *, state: IssueState = IssueState.SENDING, **sums: Any) -> int:
    """Make an issue for a thousand, with so many at an end."""
    ended = state in (IssueState.SENT, IssueState.CANCELLED)
    with desk.database.transaction() as session:
        issue = make.issue(
            session,
            subject="Ferries Return",
            state=state,
            content_hash="0" * 64,
            published_at=NOW,
            tries_since=NOW,
            finished_at=NOW if ended else None,
            audience={"frozen": 1_000},
        )
        due = None if ended else NOW
        make.batch(session, issue_id=issue.id, last_delivery=1_000, due_at=due, **sums)
        return issue.id


def state_of(desk: Desk, issue: int) -> IssueState:
    with desk.database.reading() as session:
        return session.get_one(model.Issue, issue).state


@pytest.mark.parametrize("role", Role)
def test_everybody_watches_and_editors_act(desk: Desk, role: Role) -> None:
    issue = under_way(desk, sent=600, refused=7)
    page = desk.enter(role).get(f"/desk/issues/{issue}/sending").text
    assert 'data-said="sent">600<' in page
    assert 'data-said="todo">393<' in page
    assert ("Pause</button>" in page) == (role is not Role.WRITER)
    answer = desk.enter(role).send(f"/desk/issues/{issue}/sending/pause")
    paused = state_of(desk, issue) is IssueState.PAUSED
    assert (answer.status_code, paused) == ((403, False) if role is Role.WRITER else (303, True))


def test_an_issue_is_paused_resumed_and_cancelled_and_the_trail_tells(desk: Desk) -> None:
    issue = under_way(desk, sent=600)
    editor = desk.enter(Role.EDITOR)
    page = editor.send(f"/desk/issues/{issue}/sending/pause")
    page = editor.get(page.headers["Location"])
    assert "nothing more leaves" in page.text
    assert "An editor paused it." in page.text

    page = editor.get(f"/desk/issues/{issue}/sending/resume")
    assert "Go on sending, to 400 more readers?" in page.text
    assert state_of(desk, issue) is IssueState.PAUSED
    editor.send(f"/desk/issues/{issue}/sending/resume")
    assert state_of(desk, issue) is IssueState.SENDING

    page = editor.get(f"/desk/issues/{issue}/sending/cancel")
    assert "Cancel, so that 400 readers do not get it?" in page.text
    assert "600 mails have left and cannot be called back." in page.text
    assert state_of(desk, issue) is IssueState.SENDING
    editor.send(f"/desk/issues/{issue}/sending/cancel")
    assert state_of(desk, issue) is IssueState.CANCELLED
    assert desk.told() == ["sending-paused", "sending-resumed", "sending-cancelled"]


def test_an_act_that_comes_too_late_does_nothing_and_shows_how_it_stands(desk: Desk) -> None:
    issue = under_way(desk, state=IssueState.SENT, sent=1_000)
    editor = desk.enter(Role.EDITOR)
    for act in ("pause", "resume", "cancel", "again/refused"):
        answer = editor.send(f"/desk/issues/{issue}/sending/{act}")
        assert answer.status_code == 409, act
        assert "The issue has moved on meanwhile" in answer.text
    for act in ("resume", "cancel", "again/unknown", "again/rest"):
        assert "The issue has moved on" in editor.get(f"/desk/issues/{issue}/sending/{act}").text
    assert (state_of(desk, issue), desk.told()) == (IssueState.SENT, [])


def due(desk: Desk, ahead: timedelta, **columns: Any) -> int:
    """Make an issue that is to leave soon, or long since."""
    with desk.database.transaction() as session:
        known: dict[str, Any] = {"state": IssueState.SCHEDULED, "content_hash": "0" * 64}
        known |= {"due_at": datetime.now(UTC) + ahead, **columns}
        return make.issue(session, subject="Ferries Return", **known).id


def test_an_issue_that_is_to_leave_is_watched_before_it_does(
    desk: Desk, waits: list[float]
) -> None:
    issue = due(desk, timedelta(seconds=10))
    page = desk.enter(Role.WRITER).get(f"/desk/issues/{issue}/sending").text
    assert "Leaves on" in page
    assert "sending.js" in page
    assert 'data-said="share">Nothing has left yet.<' in page
    told = events(desk, issue)
    assert next(told) == "retry: 1000\n\n"
    assert json.loads(next(told).removeprefix("data: "))["state"] == "scheduled"
    with desk.database.transaction() as session:
        begun = session.get_one(model.Issue, issue)
        begun.state, begun.published_at = IssueState.SENDING, NOW
        make.batch(session, issue_id=issue, last_delivery=1_000, sent=5)
    now = json.loads(next(told).removeprefix("data: "))
    assert (now["state"], now["counts"]["sent"]) == ("sending", 5)
    assert "Sending since" in now["pieces"]["state"]["html"]
    assert "Sending</span>" in now["pieces"]["chip"]["html"]


@pytest.mark.parametrize(
    ("ahead", "columns"),
    [
        (timedelta(days=3), {}),
        (-timedelta(days=1), {"held": "Its hour passed."}),
        (timedelta(days=3), {"state": IssueState.APPROVED, "due_at": None}),
    ],
)
def test_where_nothing_is_to_happen_soon_the_browser_comes_again_more_seldom(
    desk: Desk, waits: list[float], ahead: timedelta, columns: dict[str, Any]
) -> None:
    told = list(events(desk, due(desk, ahead, **columns)))
    assert (told[0], len(told), waits) == ("retry: 5000\n\n", 2, [])


def test_what_was_cancelled_before_it_left_is_over(desk: Desk) -> None:
    issue = due(desk, timedelta(days=1), state=IssueState.CANCELLED, content_hash=None)
    writer = desk.enter(Role.WRITER)
    page = writer.get(f"/desk/issues/{issue}/sending").text
    assert "Nobody got it." in page
    assert "sending.js" not in page
    assert writer.get(f"/desk/issues/{issue}/sending/numbers.json").get_json()["over"]


def test_what_has_not_begun_cannot_be_cancelled_here(desk: Desk) -> None:
    with desk.database.transaction() as session:
        issue = make.issue(session).id
    editor = desk.enter(Role.EDITOR)
    assert "Nothing has left yet." in editor.get(f"/desk/issues/{issue}/sending").text
    assert editor.send(f"/desk/issues/{issue}/sending/cancel").status_code == 409
    assert state_of(desk, issue) is IssueState.DRAFT


@pytest.mark.parametrize(
    ("whom", "state"),
    [("refused", DeliveryState.REFUSED), ("unknown", DeliveryState.UNKNOWN)],
)
def test_who_was_refused_or_is_in_doubt_is_sent_to_again_by_a_decision(
    desk: Desk, whom: str, state: DeliveryState
) -> None:
    issue = under_way(desk, state=IssueState.SENT, **{"sent": 999, state.value: 1})
    with desk.database.transaction() as session:
        delivery = make.delivery(session, issue_id=issue, state=state)
        batch = session.scalars(select(model.Batch)).one()
        batch.first_delivery = batch.last_delivery = delivery.id
    editor = desk.enter(Role.EDITOR)
    assert f"again/{whom}" in editor.get(f"/desk/issues/{issue}/sending").text
    assert "Send again to 1 reader" in editor.get(f"/desk/issues/{issue}/sending/again/{whom}").text
    editor.send(f"/desk/issues/{issue}/sending/again/{whom}")
    assert state_of(desk, issue) is IssueState.SENDING
    assert desk.told() == ["sent-again"]


def test_numbers_come_as_numbers_and_as_words_of_the_reader(desk: Desk) -> None:
    issue = under_way(desk, sent=600, refused=7, retrying=20)
    client = desk.enter(Role.WRITER).client
    polish = {"Accept-Language": "pl"}
    numbers = client.get(f"/desk/issues/{issue}/sending/numbers.json", headers=polish).get_json()
    assert (numbers["state"], numbers["done"], numbers["total"]) == ("sending", 607, 1_000)
    assert (numbers["counts"]["sent"], numbers["retrying"], numbers["over"]) == (600, 20, False)
    assert numbers["said"]["share"] == "607 z 1\xa0000 wiadomości"
    page = client.get(f"/desk/issues/{issue}/sending", headers=polish).text
    for name, piece in numbers["pieces"].items():
        assert f'data-piece="{name}" data-version="{piece["version"]}"' in page


def events(desk: Desk, issue: int) -> Generator[str, None, None]:
    """Yield the events of one connection as they come."""
    client = FlaskClient(desk.app, desk.app.response_class)
    client.set_cookie("desk", desk.enter(Role.WRITER).cookie)
    with closing(client.get(f"/desk/issues/{issue}/sending/events")) as answer:
        assert answer.mimetype == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        yield from map(bytes.decode, answer.iter_encoded())


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What events wait between two looks, without the waiting."""
    waited: list[float] = []
    monkeypatch.setattr(sending, "sleep", waited.append)
    return waited


def test_who_watches_is_told_what_changes_and_is_asked_again_soon_who_it_is(
    desk: Desk, waits: list[float]
) -> None:
    issue = under_way(desk, sent=600)
    told = events(desk, issue)
    assert next(told) == "retry: 1000\n\n"
    assert json.loads(next(told).removeprefix("data: "))["counts"]["sent"] == 600
    with desk.database.transaction() as session:
        session.scalars(select(model.Batch)).one().sent = 700
    assert json.loads(next(told).removeprefix("data: "))["counts"]["sent"] == 700
    assert len(list(told)) == sending.LOOKS - 2
    assert sum(waits) < 10


def test_the_events_end_with_the_issue(desk: Desk, waits: list[float]) -> None:
    issue = under_way(desk, state=IssueState.SENT, sent=1_000)
    _, last = events(desk, issue)
    assert json.loads(last.removeprefix("data: "))["over"]
    assert waits == []


def test_however_many_watch_half_of_the_threads_are_left_for_all_others(desk: Desk) -> None:
    issue = under_way(desk, sent=600)
    with ExitStack() as stack:
        for _ in range(WEB_THREADS // 2):
            next(stack.enter_context(closing(events(desk, issue))))
        late = desk.enter(Role.WRITER).get(f"/desk/issues/{issue}/sending/events")
        assert (late.status_code, late.data) == (204, b"")
    # They have gone: there is room again.
    next(events(desk, issue))


def test_a_stranger_hears_nothing(desk: Desk) -> None:
    issue = under_way(desk, sent=600)
    answer = desk.browser().get(f"/desk/issues/{issue}/sending/events")
    assert answer.status_code == 303
    assert desk.enter(Role.WRITER).get("/desk/issues/99/sending/events").status_code == 404


def test_the_pieces_change_with_the_state_and_not_with_the_numbers(desk: Desk) -> None:
    issue = under_way(desk, sent=600)
    editor = desk.enter(Role.EDITOR)

    def versions() -> list[str]:
        page = editor.get(f"/desk/issues/{issue}/sending").text
        return re.findall(r'data-version="(\w+)"', page)

    with desk.database.transaction() as session:
        words = make.reason(session, issue_id=issue, words="450 <b>Later</b>", count=1_200).words
    page = editor.get(f"/desk/issues/{issue}/sending").text
    assert "450 &lt;b&gt;Later&lt;/b&gt;" in page
    assert f'data-said="{sending.spot(ReasonKind.DEFERRED, words)}">1,200<' in page
    before = versions()
    with desk.database.transaction() as session:
        session.scalars(select(model.Batch)).one().sent = 700
        session.scalars(select(model.Reason)).one().count = 1_300
    assert versions() == before
    editor.send(f"/desk/issues/{issue}/sending/pause")
    assert versions() != before
