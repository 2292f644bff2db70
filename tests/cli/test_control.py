"""The commands about an issue under way: pause, resume, cancel, once more, the ledger."""

import csv
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from newsletter import clock, model
from newsletter.database import Database
from newsletter.deliveries import relays
from newsletter.errors import Conflict, Invalid, NotFound
from newsletter.model import DeliveryState
from relay import RecordingRelay
from terminal import MANUSCRIPT, Run, add_canals, done, refused


@pytest.fixture
def database(run: Run, home: Path, tmp_path: Path) -> Iterator[Database]:
    """An installation whose first issue, to three readers, has begun; nobody sends it yet."""
    add_canals(run)
    (tmp_path / "ice.md").write_text(MANUSCRIPT, encoding="utf-8")
    done(run("issue", "import", tmp_path / "ice.md"))
    done(run("publication", "change", "canals", "--postal-address", "Lock 1"))
    for name in ("anna", "jan", "zofia"):
        done(run("subscriber", "add", "canals", f"{name}@example.org"))
    with closing(Database(f"sqlite:///{home / 'newsletter.sqlite3'}")) as database:
        now = datetime.now(UTC)
        done(run("issue", "schedule", "1", "--zone", "UTC", "--at", f"{now:%Y-%m-%d %H:%M}"))
        clock.tick(database, now, batch_size=500)
        yield database


def test_an_issue_waits_and_goes_on(run: Run, database: Database) -> None:
    assert "issue resume 1" in done(run("issue", "pause", "1", "--reason", "A wrong date"))
    assert "State: paused (A wrong date)" in done(run("issue", "status", "1"))
    assert "only one being sent" in refused(run("issue", "pause", "1"), Conflict)
    assert "goes on" in done(run("issue", "resume", "1"))
    assert "State: sending" in done(run("issue", "status", "1"))


def test_the_state_of_an_issue_tells_of_a_relay_in_trouble(run: Run, database: Database) -> None:
    assert "Relay" not in done(run("issue", "status", "1"))
    with database.transaction() as session:
        relays.trouble(session, "primary", "connection refused", datetime.now(UTC))
    said = done(run("issue", "status", "1"))
    assert "Relay primary: in trouble, rests until" in said
    assert "UTC (failures: 1): connection refused" in said


def test_a_cancelled_issue_says_whom_it_did_not_reach_and_its_rest_can_be_sent(
    run: Run, environ: dict[str, str], database: Database
) -> None:
    said = done(run("issue", "cancel", "1", "--yes"))
    assert "State: cancelled" in said
    assert "3 skipped" in said
    with RecordingRelay() as relay:
        environ["NEWSLETTER_RELAY_URL"] = relay.url
        assert "Once more to 3" in done(run("issue", "send", "1", "--rest"))
        assert len(relay.accepted) == 3
    assert "State: sent" in done(run("issue", "status", "1"))


def test_a_cancellation_asks_first(run: Run, database: Database) -> None:
    assert run("issue", "cancel", "1").exit_code == 1  # there is nobody who could answer
    assert "State: sending" in done(run("issue", "status", "1"))
    refused(run("issue", "cancel", "7", "--yes"), NotFound)


def test_the_ledger_has_every_delivery_with_its_words_and_no_formula(
    run: Run, database: Database, tmp_path: Path
) -> None:
    with database.transaction() as session:
        first = session.scalars(select(model.Delivery.id).order_by(model.Delivery.id)).first()
        session.execute(
            update(model.Delivery)
            .where(model.Delivery.id == first)
            .values(state=DeliveryState.REFUSED, code=550, words="=1+1 says the relay", attempts=1)
        )
    done(run("issue", "ledger", "1", "-o", tmp_path / "ledger.csv"))
    with (tmp_path / "ledger.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["address"] for row in rows] == [
        "anna@example.org",
        "jan@example.org",
        "zofia@example.org",
    ]
    assert (rows[0]["state"], rows[0]["code"], rows[0]["words"]) == (
        "refused",
        "550",
        "'=1+1 says the relay",
    )
    assert {row["state"] for row in rows[1:]} == {"queued"}
    assert "anna@example.org,refused,550" in done(run("issue", "ledger", "1"))


def test_a_publication_keeps_hours_and_bears_trouble_as_it_is_told(
    run: Run, database: Database
) -> None:
    done(
        run(
            *("publication", "change", "canals", "--window", "07:00-21:00"),
            *("--retry-hours", "12", "--unknown", "hold", "--approval", "four-eyes"),
        )
    )
    publication = _publication(database)
    assert (publication.window, publication.retry_hours) == ("07:00-21:00", 12)
    assert (publication.hold_unknown, publication.four_eyes) == (True, True)
    done(run("publication", "change", "canals", "--window", "always", "--unknown", "again"))
    publication = _publication(database)
    assert (publication.window, publication.hold_unknown) == ("", False)
    assert publication.four_eyes
    done(run("publication", "change", "canals", "--approval", "anyone"))
    assert not _publication(database).four_eyes
    assert "07:00-21:00" in refused(
        run("publication", "change", "canals", "--window", "daytime"), Invalid
    )


def _publication(database: Database) -> model.Publication:
    with database.reading() as session:
        return session.scalars(select(model.Publication)).one()
