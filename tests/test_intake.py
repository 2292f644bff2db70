"""Uploads are worked off by a clock: checked, taken in, stopped, gone on with; chunk by chunk."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import make
from make import NOW, SECRET_KEY
from newsletter import intake, model, subscriptions
from newsletter.database import Database
from newsletter.errors import Conflict, NotFound
from newsletter.intake import Intake
from newsletter.model import UploadState
from newsletter.subscriptions import importing

ROWS = "Mail;Who\n" + "".join(f"reader-{n}@one.example;Reader {n}\n" for n in range(300))
BAD = ROWS + "nobody at one.example;Nobody\n"
MAPPING = {"address": "Mail", "name": "Who"}


def at(moment: datetime = NOW) -> datetime:
    return moment


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def reader(database: Database, home: Path) -> Intake:
    return Intake(database, home, SECRET_KEY)


def given(database: Database, home: Path, words: str = BAD, **columns: Any) -> int:
    """Upload a file, mapped and to be checked."""
    with database.transaction() as session:
        if not session.scalar(select(func.count(model.Publication.id))):
            make.publication(session, slug="monitor")
        state = columns.pop("state", UploadState.CHECKING)
        number = make.upload(
            session,
            **{"mapping": MAPPING, "publication": "monitor", "source": "Fair", **columns},
            state=state,
        ).id
    intake.keep_upload(home, number, "people.csv", lambda file: file.write_text(words))
    return number


def look(database: Database, number: int) -> model.Upload:
    with database.reading() as session:
        return session.get_one(model.Upload, number)


def people(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(model.Subscription.id))) or 0


@pytest.fixture
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BLOCK", dict.fromkeys(importing.BLOCK, 2_000))


@pytest.mark.usefixtures("_small_blocks")
def test_a_file_is_checked_without_a_trace_and_then_taken_in(
    database: Database, home: Path, reader: Intake
) -> None:
    number = given(database, home)
    assert reader.work_off(at) == 1
    found = look(database, number)
    assert (found.state, found.words) == (UploadState.CHECKED, "")
    assert (found.counts["read"], found.counts["added"], found.counts["refused"]) == (301, 300, 1)
    assert people(database) == 0
    ((problem),) = found.problems
    assert (problem["line"], problem["field"]) == (302, "Mail")
    assert reader.work_off(at) == 0, "it waits for the editor"
    with database.transaction() as session:
        subscriptions.run_upload(session, number, NOW)
    assert reader.work_off(at) == 1
    found = look(database, number)
    assert (found.state, found.counts["added"]) == (UploadState.DONE, 300)
    assert people(database) == 300
    file = intake.uploaded_file(home, number)
    assert file is not None
    assert "302" in file.with_name(intake.ERRORS).read_text()
    with database.reading() as session:
        (source,) = set(session.scalars(select(model.Consent.details["source"].as_string())))
        assert source == "Fair"
    again = given(database, home)
    reader.work_off(at)
    assert look(database, again).state is UploadState.FAILED
    assert "taken in before" in look(database, again).words


@pytest.mark.usefixtures("_small_blocks")
def test_a_stopped_service_goes_on_where_it_was(
    database: Database, home: Path, reader: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = given(database, home, state=UploadState.RUNNING)
    keep, kept = subscriptions.keep_chunk, []

    def keep_two(*args: Any, **options: Any) -> Any:
        kept.append(keep(*args, **options))
        if len(kept) == 2:
            reader.stop()
        return kept[-1]

    monkeypatch.setattr(subscriptions, "keep_chunk", keep_two)
    reader.work_off(at)
    half = people(database)
    assert 0 < half < 300
    assert look(database, number).state is UploadState.RUNNING
    assert look(database, number).leased_until is None
    assert Intake(database, home, SECRET_KEY).work_off(at) == 1
    assert people(database) == 300
    assert look(database, number).state is UploadState.DONE
    assert look(database, number).counts["added"] == 300


@pytest.mark.usefixtures("_small_blocks")
def test_an_editor_stops_it_and_what_was_taken_in_stays(
    database: Database, home: Path, reader: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = given(database, home, state=UploadState.RUNNING)
    note, noted = subscriptions.note_progress, []

    def cancel_then_note(*args: Any, **options: Any) -> Any:
        noted.append(1)
        if len(noted) == 3:
            subscriptions.cancel_upload(args[0], number, NOW)
        return note(*args, **options)

    monkeypatch.setattr(subscriptions, "note_progress", cancel_then_note)
    reader.work_off(at)
    # The chunk in which it was stopped is taken back, and with it here the stop itself.
    assert 0 < people(database) < 300
    with database.transaction() as session:
        assert subscriptions.cancel_upload(session, number, NOW).state is UploadState.CANCELLED
    assert reader.work_off(at) == 0


def test_two_clocks_do_not_read_one_file_and_a_lease_ends(
    database: Database, home: Path, reader: Intake
) -> None:
    number = given(database, home)
    with database.transaction() as session:
        assert subscriptions.take_upload(session, number, NOW) is not None
        assert subscriptions.take_upload(session, number, NOW) is None
    assert reader.work_off(at) == 0
    assert reader.work_off(lambda: NOW + timedelta(minutes=3)) == 1


def test_a_file_on_another_machine_is_left_to_it(
    database: Database, home: Path, reader: Intake
) -> None:
    number = given(database, home)
    intake.drop_file(home, number)
    assert reader.work_off(at) == 0
    assert look(database, number).state is UploadState.CHECKING


@pytest.mark.parametrize(
    ("words", "why"),
    [("", "is empty"), ("Mail;Who\n", ""), ("Post;Who\na;b\n", "no column 'Mail'")],
)
def test_a_file_that_cannot_be_read_says_why(
    database: Database, home: Path, reader: Intake, words: str, why: str
) -> None:
    number = given(database, home, words)
    reader.work_off(at)
    found = look(database, number)
    assert found.state is (UploadState.FAILED if why else UploadState.CHECKED)
    assert why in found.words


def test_what_is_left_out_is_not_guessed_at(database: Database, home: Path, reader: Intake) -> None:
    words = "email,name,status\na@one.example,Anna,unsubscribed\n"
    mapping = {"address": "email", "name": "", "state": ""}
    number = given(database, home, words, mapping=mapping, state=UploadState.RUNNING)
    reader.work_off(at)
    assert look(database, number).state is UploadState.DONE
    with database.reading() as session:
        assert session.scalars(select(model.Subscriber.name)).one() == ""
        assert session.scalars(select(model.Subscription.state)).one() == "active"


def test_states_follow_one_another(database: Database, home: Path) -> None:
    number = given(database, home)
    how: dict[str, Any] = {"mapping": {}, "publication": "", "source": "", "language": ""}
    with database.transaction() as session:
        with pytest.raises(Conflict):
            subscriptions.check_upload(session, number, NOW, **how)
        with pytest.raises(Conflict):
            subscriptions.run_upload(session, number, NOW)
        with pytest.raises(Conflict):
            subscriptions.drop_upload(session, number)
        assert subscriptions.cancel_upload(session, number, NOW).state is UploadState.WAITING
        subscriptions.drop_upload(session, number)
        with pytest.raises(NotFound):
            subscriptions.fetch_upload(session, number)


def test_a_day_later_an_upload_and_its_file_are_gone(
    database: Database, home: Path, reader: Intake
) -> None:
    number = given(database, home, state=UploadState.DONE)
    now = datetime.now(UTC)
    reader.sweep(now)
    assert intake.uploaded_file(home, number) is not None
    reader.sweep(now + timedelta(days=1, minutes=1))
    assert intake.uploaded_file(home, number) is None
    with database.transaction() as session:
        subscriptions.purge(session, NOW + timedelta(days=1))
        assert subscriptions.uploads(session) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "errors.csv", "..", "ż.csv", "a" * 300])
def test_a_file_stays_in_its_folder_whatever_it_is_called(home: Path, name: str) -> None:
    intake.keep_upload(home, 7, name, lambda file: file.write_text("x"))
    file = intake.uploaded_file(home, 7)
    assert file is not None
    assert file.parent == home / "uploads" / "7"
