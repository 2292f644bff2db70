"""Import at the desk: a file goes from its columns over a report to its people."""

import re
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

import make
from newsletter import intake, model
from newsletter.config import Settings
from newsletter.desk import Permission
from newsletter.intake import Intake
from newsletter.model import Role
from newsletter.web.desk.guard import Need
from newsletter.web.desk.importing import LARGEST
from web.desk.conftest import OURS, Browser, Desk
from web.desk.test_subscriber_acts import trail

START = "/desk/subscribers/import"
FILE = "Mail;Who;Note\nanna@one.example;Anna;x\nnobody;Nobody;y\njan@one.example;Jan;z\n;;\n"
HOW = {"column-0": "address", "column-1": "name", "column-2": "", "publication": "monitor"}


@pytest.fixture
def editor(desk: Desk) -> Browser:
    with desk.database.transaction() as session:
        make.publication(session, slug="monitor")
    return desk.enter(Role.EDITOR)


def upload(
    browser: Browser, words: str | bytes = FILE, name: str = "people.csv", language: str = "en"
) -> TestResponse:
    content = words if isinstance(words, bytes) else words.encode()
    form: dict[str, Any] = {"token": browser.token, "file": (BytesIO(content), name)}
    headers = {**OURS, "Accept-Language": language}
    return browser.client.post(START, data=form, headers=headers)


def read(desk: Desk, settings: Settings) -> None:
    """Have the clock do what there is to do."""
    Intake(desk.database, settings.home, settings.secret_key).work_off(lambda: datetime.now(UTC))


def test_a_file_is_mapped_checked_and_taken_in(
    desk: Desk, editor: Browser, settings: Settings
) -> None:
    path = upload(editor).headers["Location"]
    assert path == f"{START}/1"
    page = editor.get(path).text
    assert "anna@one.example" in page
    assert re.search(r'<option value="address" selected>', page), "guessed by the heading"
    answer = editor.send(path, **HOW, source="Fair, March 2026", language="pl")
    assert answer.headers["Location"] == path
    assert "It is being checked" in editor.get(path).text
    assert editor.get(f"{path}/progress").status_code == 200
    read(desk, settings)
    assert editor.get(f"{path}/progress").status_code == 204
    page = editor.get(path).text
    assert "Nothing has changed yet." in page
    assert "Add 2 subscriptions" in page
    assert "Rows that were refused" in page
    errors = editor.get(f"{path}/errors.csv")
    assert errors.headers["Content-Disposition"].startswith("attachment")
    assert errors.text.splitlines() == [
        "Line,Column,Reason",
        "3,Mail,“nobody” is not an e-mail address: it has no @",
        "5,Mail,there is no address",
    ]
    polish = {**OURS, "Accept-Language": "pl"}
    why = "„nobody” nie jest adresem e-mail: brakuje w nim znaku @"
    assert why in editor.client.get(path, headers=polish).text
    assert editor.client.get(f"{path}/errors.csv", headers=polish).text.splitlines()[1:] == [
        "3,Mail,„nobody” nie jest adresem e-mail: brakuje w nim znaku @",
        "5,Mail,nie ma adresu",
    ]
    assert editor.send(f"{path}/run").status_code == 303
    assert "It is being taken in" in editor.get(path).text
    read(desk, settings)
    assert "The file is taken in." in editor.get(path).text
    people = editor.get("/desk/subscribers").text
    assert "jan@one.example" in people
    number = re.findall(r'href="(/desk/subscribers/[0-9]+)"', people)[0]
    person = editor.get(number).text
    assert "Fair, March 2026" in person
    assert trail(desk) == [("import-begun", "1: monitor")]
    assert "people.csv" in editor.get(START).text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"column-0": ""}, "Say which column holds the e-mail addresses."),
        ({"column-2": "name"}, "Two columns are said to hold the same: Name."),
        ({"column-2": "king"}, "Choose what the columns hold from the lists."),
        ({"publication": ""}, "Choose what these people are to get."),
        ({"publication": "*"}, "Choose what these people are to get."),
        ({"source": " "}, "Say when and where these people agreed."),
    ],
)
def test_what_is_wrong_with_the_columns_is_said_and_nothing_chosen_is_lost(
    editor: Browser, wrong: dict[str, str], words: str
) -> None:
    path = upload(editor).headers["Location"]
    answer = editor.send(path, **(HOW | {"source": "Fair", "language": "pl"} | wrong))
    assert answer.status_code == 422
    assert words in answer.text
    assert '<option value="pl" selected>' in answer.text
    if "source" not in wrong:
        assert 'value="Fair"' in answer.text


@pytest.mark.parametrize(
    ("words", "name", "why"),
    [
        (b"", "people.csv", "is empty"),
        (b"\x00\x00", "people.csv", "people.csv is empty; it needs a line of headings"),
        (b"{nonsense\n", "people.csv", "Line 1 begins like JSON lines and is none"),
        (FILE.encode(), "", "Choose a file."),
    ],
)
def test_a_file_that_is_none_is_refused_and_not_kept(
    editor: Browser, settings: Settings, words: bytes, name: str, why: str
) -> None:
    answer = upload(editor, words, name)
    assert answer.status_code == 422
    assert why in answer.text
    assert why not in upload(editor, words, name, "pl").text
    assert list(intake.uploads_folder(settings.home).glob("*")) == []


def test_a_file_that_is_too_large_is_refused(desk: Desk, editor: Browser) -> None:
    small = Need(Permission.SUBSCRIBERS, largest=1_000)
    desk.app.view_functions["desk.upload"].need = small  # type: ignore[union-attr]
    try:
        assert upload(editor, b"x" * 2_000).status_code == 413
    finally:
        large = Need(Permission.SUBSCRIBERS, largest=LARGEST)
        desk.app.view_functions["desk.upload"].need = large  # type: ignore[union-attr]


def test_a_check_is_stopped_and_the_file_deleted(
    desk: Desk, editor: Browser, settings: Settings
) -> None:
    path = upload(editor).headers["Location"]
    editor.send(path, **HOW, source="Fair", language="")
    assert editor.send(f"{path}/discard").status_code == 409
    editor.send(f"{path}/cancel")
    assert "What do the columns hold?" in editor.get(path).text
    assert editor.send(f"{path}/run").status_code == 409
    answer = editor.send(f"{path}/discard")
    assert answer.headers["Location"] == f"{START}?done=import-discarded"
    assert editor.get(path).status_code == 404
    assert intake.uploaded_file(settings.home, 1) is None


def test_an_import_is_stopped_and_the_trail_tells(desk: Desk, editor: Browser) -> None:
    with desk.database.transaction() as session:
        number = make.upload(session, state=model.UploadState.RUNNING).id
    path = f"{START}/{number}"
    editor.send(f"{path}/cancel")
    assert "It was stopped." in editor.get(path).text
    assert trail(desk) == [("import-stopped", str(number))]


def test_a_file_that_this_machine_does_not_have_says_so(desk: Desk, editor: Browser) -> None:
    with desk.database.transaction() as session:
        number = make.upload(session).id
    answer = editor.get(f"{START}/{number}")
    assert answer.status_code == 409
    assert "Upload it again." in answer.text
    for path in ("", "/progress", "/errors.csv"):
        assert editor.get(f"{START}/99{path}").status_code == 404


def test_what_is_hostile_in_a_file_is_only_text(editor: Browser) -> None:
    hostile = "Mail;<script>alert(1)</script>\n<img src=x onerror=alert(1)>;\u202eevil\n"
    page = editor.get(upload(editor, hostile, "<b>.csv").headers["Location"]).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>.csv" not in page


def test_no_address_of_a_file_stands_in_the_database_before_it_is_taken_in(
    desk: Desk, editor: Browser, settings: Settings
) -> None:
    path = upload(editor).headers["Location"]
    editor.send(path, **HOW, source="Fair", language="")
    read(desk, settings)
    with desk.database.reading() as session:
        assert session.scalars(select(model.Subscriber.address)).all() == []
