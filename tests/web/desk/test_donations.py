"""Donations at the desk: a file is brought in once, and a report tells what an issue brought."""

from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

import make
from make import NOW
from newsletter import model
from newsletter.config import Settings
from newsletter.links import Links
from newsletter.model import IssueState, Role
from web.desk.conftest import OURS, Browser, Desk

PATH = "/desk/reports/donations"
HEADER = "date,amount,currency,reference,transaction\n"


def bring_in(browser: Browser, words: str, **form: Any) -> TestResponse:
    file = (BytesIO(words.encode()), "gifts.csv") if words else (BytesIO(), "")
    sent = {"token": browser.token, "file": file, "source": "Bank", "publication": "canals"}
    return browser.client.post(PATH, data=sent | form, headers=OURS)


@pytest.fixture
def editor(desk: Desk) -> Browser:
    with desk.database.transaction() as session:
        make.publication(session, name="Canals", slug="canals")
    return desk.enter(Role.EDITOR)


def test_a_file_of_gifts_is_taken_once_and_wrong_rows_are_named(
    desk: Desk, editor: Browser
) -> None:
    assert "No donation is recorded yet." in editor.get(PATH).text
    file = f"{HEADER}2026-11-20,50.00,EUR,,tx-1\n2026-11-21,many,EUR,,tx-2\n"
    page = bring_in(editor, file).text
    assert "1 donation is new." in page
    assert "Line 3, amount: “many” is no amount" in page
    assert "€50.00" in page
    page = bring_in(editor, file.replace("many", "20")).text
    assert "1 donation is new." in page
    assert "1 was here already." in page
    assert "€20.00" in editor.get(PATH).text
    assert desk.told() == ["donations-brought-in"] * 2


def test_what_is_wrong_with_a_file_is_said_in_the_editors_language(editor: Browser) -> None:
    file = f"{HEADER}2026-11-21,50 % more,EUR,,tx-2\n2026-11-21,20\n"
    for content, words in (
        (file, "Wiersz 2, amount: „50 % more” nie jest kwotą"),
        (file, "Wiersz 3: liczba pól w wierszu: 2, w nagłówku: 5"),
        ("name\nAnna\n", "nie ma kolumny date, amount, currency"),
    ):
        form = {"token": editor.token, "source": "Bank", "publication": "canals"}
        sent = form | {"file": (BytesIO(content.encode()), "gifts.csv")}
        headers = OURS | {"Accept-Language": "pl"}
        assert words in editor.client.post(PATH, data=sent, headers=headers).text


def test_what_is_wrong_with_the_form_is_said_and_nothing_typed_is_lost(
    desk: Desk, editor: Browser
) -> None:
    answer = bring_in(editor, "", source="", publication="rivers")
    assert answer.status_code == 422
    for words in ("Choose a file.", "Name the bank", "Choose a publication from the list."):
        assert words in answer.text
    answer = bring_in(editor, "name\nAnna\n", source="<Bank>")
    assert "no column called date, amount, currency" in answer.text
    assert 'value="&lt;Bank&gt;"' in answer.text
    assert bring_in(editor, HEADER, source="x" * 61).status_code == 422
    with desk.database.reading() as session:
        assert session.scalars(select(model.Donation)).all() == []
    assert desk.told() == []


def test_a_report_tells_what_came_by_the_link_in_its_issue(
    desk: Desk, editor: Browser, settings: Settings
) -> None:
    with desk.database.transaction() as session:
        facts: dict[str, Any] = {"state": IssueState.SENT, "content_hash": "0" * 64}
        facts |= {"published_at": NOW, "finished_at": NOW, "audience": {"frozen": 500}}
        issue = make.issue(session, **facts).id
        make.batch(session, issue_id=issue, last_delivery=500, sent=500, due_at=None)
        make.waypoint(session, issue_id=issue, at=NOW, sent=500)
    report = f"/desk/issues/{issue}/report"
    assert "No donation is known" in editor.get(report).text
    links = Links(settings.base_url, settings.secret_key)
    tag = links.donate("canals", issue, 0).rpartition("/")[2]
    page = bring_in(editor, f"{HEADER}2026-11-20,50.00,EUR,{tag},tx-1\n").text
    assert "1 of them came by the link in an issue." in page
    assert f'href="{report}"' in page
    page = editor.get(report).text
    assert '<th scope="row">€50.00</th><td class="number">1</td><td class="number">€100.00<' in page
    assert "gifts,EUR,50.00,1" in editor.get(f"{report}.csv").text
    assert "1,50.00 EUR" in editor.get("/desk/reports.csv").text
    page = desk.enter(Role.WRITER).get(report).text
    assert "€50.00" in page
    assert "All donations" not in page


def test_the_list_goes_on_page_by_page(
    desk: Desk, editor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsletter.web.desk.donations.PER_PAGE", 2)
    with desk.database.transaction() as session:
        numbers = [make.donation(session, amount=100 * each).id for each in (1, 2, 3)]
    page = editor.get(PATH).text
    assert ("€3.00" in page, "€1.00" in page) == (True, False)
    assert f"before={numbers[1]}" in page
    page = editor.get(f"{PATH}?before={numbers[1]}").text
    assert ("€3.00" in page, "€1.00" in page) == (False, True)
    assert "Nothing older." in editor.get(f"{PATH}?before={numbers[0]}").text
