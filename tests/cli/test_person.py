"""What an operator asks about one person, and whom they keep out."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from make import NOW
from newsletter import issues, model, subscriptions
from newsletter.database import Database
from newsletter.errors import Conflict, Invalid, InvalidAddress, NotFound
from newsletter.links import Links
from newsletter.subscriptions import Form
from terminal import Run, add_canals, done, refused

WORDING = "I want the Canal Diary by mail, and may end it whenever I like."


@pytest.fixture
def database(run: Run, home: Path) -> Iterator[Database]:
    """The installation's database, with a person who signed up, confirmed and left."""
    add_canals(run)
    secret_key = (home / "secret.key").read_text().strip()
    links = Links("https://monitor.example.org", secret_key)
    with closing(Database(f"sqlite:///{home / 'newsletter.sqlite3'}")) as database:
        with database.transaction() as session:
            canals = issues.fetch_publication(session, "canals")
            form = Form(
                *("anna@example.org", (canals.id,), "en", "Anna", "embed"),
                wording=WORDING,
                origin="192.0.2.0/24",
            )
            subscriptions.ask(session, form, NOW, secret_key=secret_key, network="192.0.2.0/24")
            subscriptions.work_off(session, NOW, links, secret_key=secret_key)
            person = session.scalars(select(model.Subscriber.id)).one()
            subscriptions.confirm(session, person, NOW + timedelta(hours=1), links)
            wish = session.scalars(select(model.Subscription.id)).one()
            later = NOW + timedelta(days=1)
            subscriptions.leave(session, wish, later, form="one-click")
        yield database


def test_evidence_tells_the_whole_story_in_its_order(run: Run, database: Database) -> None:
    story = done(run("subscriber", "evidence", "Anna@example.org"))
    parts = [
        "What is known of anna@example.org, as of ",
        "Address: anna@example.org",
        "Name: Anna",
        "Known since: 2026-11-23 09:00:00 UTC, as subscriber 1",
        "canals: unsubscribed, each, since 2026-11-24 09:00:00 UTC",
        "2026-11-23 09:00:00 UTC  asked canals (form: embed, from 192.0.2.0/24)",
        f": {WORDING}",
        "2026-11-23 10:00:00 UTC  confirmed canals (form: page)",
        "2026-11-24 09:00:00 UTC  left canals (form: one-click)",
        "was: active",
        "not yet  canals confirm: queued",
        "not yet  canals welcome: queued",
    ]
    places = [story.index(part) for part in parts]
    assert places == sorted(places)


def test_a_person_is_shown_in_short(run: Run, database: Database) -> None:
    assert done(run("subscriber", "show", "anna@example.org")).splitlines() == [
        "Address: anna@example.org",
        "Name: Anna",
        "Language: en",
        "Known since: 2026-11-23 09:00:00 UTC, as subscriber 1",
        "canals: unsubscribed, each, since 2026-11-24 09:00:00 UTC",
    ]
    assert done(run("subscriber", "show", "nobody@example.org")).splitlines() == [
        "Nobody is subscribed at nobody@example.org",
        "No subscription",
    ]
    refused(run("subscriber", "show", "nobody"), InvalidAddress)


def test_erasing_asks_first_and_leaves_a_hash(run: Run, database: Database) -> None:
    words = ("subscriber", "erase", "anna@example.org")
    assert run(*words).exit_code == 1  # nobody answered
    assert "Anna" in done(run("subscriber", "show", "anna@example.org"))
    assert "Erased" in done(run(*words, "--yes"))
    assert "anna@example.org" in refused(run(*words, "--yes"), NotFound)
    story = done(run("subscriber", "evidence", "anna@example.org"))
    assert "Nobody is subscribed at anna@example.org" in story
    assert "No mail goes there (erased, since " in story
    assert "No line in the consent log names this address" in story


def test_the_block_list_is_kept_and_shown(run: Run) -> None:
    add_canals(run)
    assert done(run("subscriber", "blocks")) == "Nothing is blocked\n"
    assert done(run("subscriber", "block", "192.0.2.9", "--reason", "a robot")) == (
        "Blocked: 192.0.2.0/24\n"
    )
    done(run("subscriber", "block", "@Example.org"))
    shown = done(run("subscriber", "blocks"))
    for word in ("192.0.2.0/24", "a robot", "@example.org"):
        assert word in shown
    assert "already" in refused(run("subscriber", "block", "192.0.2.0/24"), Conflict)
    assert "like @example.org" in refused(run("subscriber", "block", "example.org"), Invalid)
    assert "@example.org" in done(run("subscriber", "unblock", "@example.org"))
    refused(run("subscriber", "unblock", "@example.org"), NotFound)
