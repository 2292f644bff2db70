"""Subscribers in files on the command line: what is said, what is beside the file, and a kill."""

import csv
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from newsletter import model
from newsletter.database import Database
from newsletter.errors import InvalidImport, NotFound
from terminal import Run, done, refused

ADD = ("publication", "add", "rivers", "--name", "Rivers", "--author", "r@example.org")


@pytest.fixture
def ready(run: Run) -> Run:
    done(run("init"))
    done(run(*ADD))
    return run


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def errors(people: Path) -> list[list[str]]:
    with people.with_name("people.errors.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def count(home: Path, table: type[model.Base]) -> int:
    with (
        closing(Database(f"sqlite:///{home}/newsletter.sqlite3")) as database,
        database.reading() as session,
    ):
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_import_tells_what_it_did_and_why_rows_were_refused(
    ready: Run, people: Path, home: Path
) -> None:
    people.write_text(
        "E-mail;Imię;Nazwisko\nanna@example.org;Anna;Nowak\n=1+1;x;y\nAnna@example.org;;\n"
    )
    said = done(ready("subscriber", "import", people, "--publication", "rivers"))
    assert "people.csv: CSV with semicolons, utf-8" in said
    assert "address from 'E-mail'" in said
    assert "3 rows read" in said
    assert "1 subscriptions added" in said
    assert "1 further rows of the same person, merged" in said
    assert "1 refused" in said
    assert str(people.with_name("people.errors.csv")) in said
    head, row = errors(people)
    assert head == ["line", "field", "reason"]
    assert row[:2] == ["3", "E-mail"]
    assert "is not an e-mail address" in row[2]
    assert list(home.glob("import-*")) == []
    assert "anna@example.org\tactive\tAnna Nowak" in done(ready("subscriber", "list", "rivers"))


def test_a_dry_run_says_the_same_and_does_nothing(ready: Run, people: Path, home: Path) -> None:
    people.write_text("email\nanna@example.org\njan@example.org\nnobody\n")
    words = ("subscriber", "import", people, "--publication", "rivers")
    said = done(ready(*words, "--dry-run"))
    assert "Nothing was changed. The import would come to:" in said
    assert "2 subscriptions added" in said
    assert [row[0] for row in errors(people)] == ["line", "4"]
    assert count(home, model.Subscriber) == count(home, model.Import) == 0
    assert "2 subscriptions added" in done(ready(*words))
    assert "nothing is done twice" in done(ready(*words))
    assert "nothing is done twice" in done(ready(*words, "--dry-run"))
    assert count(home, model.Subscription) == 2


def test_a_column_is_mapped_and_the_source_is_kept(ready: Run, people: Path, home: Path) -> None:
    people.write_text("Kontakt,Who\nanna@example.org,Anna\n")
    words = ("subscriber", "import", people, "--publication", "rivers", "--source", "the fair")
    assert "Name the one: --map address=COLUMN" in refused(ready(*words), InvalidImport)
    done(ready(*words, "--map", "address=Kontakt", "--map", "name = Who", "--language", "pl"))
    assert '"name": "Anna", "language": "pl"' in done(
        ready("subscriber", "export", "--format", "jsonl")
    )
    with (
        closing(Database(f"sqlite:///{home}/newsletter.sqlite3")) as database,
        database.reading() as session,
    ):
        details = session.scalars(select(model.Consent.details)).one()
    assert details == {"source": "the fair", "status": "active"}


@pytest.mark.parametrize("pair", ["address", "=Mail", "address="])
def test_what_maps_nothing_is_refused(ready: Run, people: Path, pair: str) -> None:
    people.write_text("email\nanna@example.org\n")
    result = ready("subscriber", "import", people, "--publication", "rivers", "--map", pair)
    assert result.exit_code == 2
    assert "write FIELD=COLUMN, such as address=Mail" in result.output


def test_errors_of_an_earlier_run_do_not_stay(ready: Run, people: Path) -> None:
    people.write_text("email\nnobody\n")
    done(ready("subscriber", "import", people, "--publication", "rivers"))
    people.write_text("email\nanna@example.org\n")
    done(ready("subscriber", "import", people, "--publication", "rivers"))
    assert not people.with_name("people.errors.csv").exists()


def test_an_export_to_a_file_is_imported_elsewhere(
    ready: Run, people: Path, tmp_path: Path
) -> None:
    people.write_text('email,name\n+a@example.org,=1+1\nb@example.org,"Ł, ""x"""\n')
    done(ready("subscriber", "import", people, "--publication", "rivers"))
    exported = tmp_path / "all.csv"
    done(ready("subscriber", "export", "--publication", "rivers", "-o", exported))
    assert "'+a@example.org,'=1+1,en,rivers,active,each" in exported.read_text(encoding="utf-8")
    said = done(ready("subscriber", "import", exported))
    assert "an export of newsletter" in said
    assert "2 known, left as they are" in said
    assert (
        "no publication"
        in refused(ready("subscriber", "export", "--publication", "x"), NotFound).lower()
    )


@pytest.mark.timeout(240)
def test_a_killed_import_ends_like_one_that_was_not(
    ready: Run, environ: dict[str, str], people: Path, home: Path
) -> None:
    rows = 250_000
    with people.open("w") as file:
        file.write("email,name\n")
        for number in range(rows):
            address = "nobody" if number % 100 == 99 else f"reader-{number}@example.org"
            file.write(f"{address},Reader {number}\n")
    words = ("subscriber", "import", str(people), "--publication", "rivers")
    killed = subprocess.Popen(
        [sys.executable, "-m", "newsletter", *words],
        env=os.environ | environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while killed.poll() is None and not count(home, model.Subscriber):
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert 0 < count(home, model.Subscriber) < rows * 0.99
    # What the killed one had written before its transaction was lost comes once, not twice.
    with people.with_name("people.errors.csv").open("a") as file:
        file.write(f"{rows},email,too early\n")
    said = done(ready(*words))
    assert f"{rows:,} rows read" in said
    for table in (model.Subscriber, model.Subscription, model.Consent):
        assert count(home, table) == rows * 99 // 100
    assert list(home.glob("import-*")) == []
    _, *found = errors(people)
    assert [int(row[0]) for row in found] == [2 + n for n in range(99, rows, 100)]
