"""What is exported can be read in again, and no spreadsheet runs it."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shutil import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import model, subscriptions
from newsletter.database import Database
from newsletter.model import Frequency, SubscriptionState, SuppressionReason
from newsletter.sheets import bare
from newsletter.subscriptions import exporting

NAMES = (
    *("Anna Nowak", "=1+1", "+48 58 123", "-Jan", "@sum", "'t Hooft", "'=quoted", "''", "＝wide"),
    *('Zażółć "Gęślą", Jaźń', "a;b|c", "\\N", "{}", ""),
)


@pytest.fixture
def other(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """Another installation, with the same publications and nobody in it."""
    (tmp_path / "other").mkdir()
    file = copy(sqlite_template, tmp_path / "other")
    with closing(Database(f"sqlite:///{file}")) as database:
        with database.transaction() as session:
            publications(session)
        yield database


def publications(session: Session) -> list[int]:
    return [make.publication(session, slug=slug).id for slug in ("baltic", "russia")]


def fill(session: Session) -> None:
    baltic, russia = publications(session)
    for number, name in enumerate(NAMES):
        person = make.subscriber(
            session,
            f"+reader{number}@example.org",
            name=name,
            language="pl" if number % 2 else "en",
            created_at=NOW - timedelta(days=number, microseconds=number),
        )
        state = list(SubscriptionState)[number % 4]
        paused = NOW + timedelta(days=9) if state is SubscriptionState.PAUSED else None
        make.subscription(
            session,
            subscriber_id=person.id,
            publication_id=baltic,
            state=state,
            changed_at=NOW - timedelta(hours=number),
            frequency=list(Frequency)[number % 3],
            paused_until=paused,
        )
        if number % 3 == 0:
            make.subscription(session, subscriber_id=person.id, publication_id=russia)
    make.suppression(session, "+reader3@example.org", reason=SuppressionReason.COMPLAINT)


def export(database: Database, form: str) -> str:
    with database.reading() as session:
        return "".join(subscriptions.exported(session, form=form))


@pytest.mark.parametrize("form", subscriptions.FORMATS)
def test_what_is_exported_and_imported_is_the_same(
    database: Database,
    other: Database,
    form: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exporting, "_PAGE", 4)
    with database.transaction() as session:
        fill(session)
    file = tmp_path / f"everybody.{form}"
    file.write_text(export(database, form), encoding="utf-8", newline="")
    with other.transaction() as session:
        job = subscriptions.begin_import(session, file, NOW, folder=tmp_path, secret_key=SECRET_KEY)
        for chunk in subscriptions.prepared(job):
            assert chunk.errors == []
            job = subscriptions.keep_chunk(session, job, chunk)
    ours = sorted(export(database, "jsonl").splitlines())
    assert sorted(export(other, "jsonl").splitlines()) == ours
    assert len(ours) == len(NAMES) + 5


def test_no_cell_begins_like_a_formula(session: Session) -> None:
    fill(session)
    rows = list(csv.reader(io.StringIO("".join(subscriptions.exported(session)))))
    assert all(cell[0] not in "=+-@\t\r＝＋－＠" for row in rows for cell in row if cell)
    assert rows[1][0] == "'+reader0@example.org"


@given(st.text())
def test_what_is_made_safe_comes_back(cell: str) -> None:
    made = subscriptions.safe(cell)
    assert not made.startswith(tuple("=+-@\t\r＝＋－＠"))
    assert (bare(made) if made.startswith("'") else made) == cell


def test_one_publication_can_be_exported_alone(session: Session) -> None:
    fill(session)
    chosen = session.get_one(model.Publication, 2)
    rows = [
        json.loads(line)
        for page in subscriptions.exported(session, chosen, form="jsonl")
        for line in page.splitlines()
    ]
    assert len(rows) == 5
    assert {row["publication"] for row in rows} == {"russia"}
