"""A digest among the issues, as the commands show it."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from newsletter import issues, model
from newsletter.database import Database
from newsletter.links import Links
from terminal import MANUSCRIPT, Run, add_canals, done

LINKS = Links("https://news.example.org", "a secret for links alone, long enough")
MONDAY = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


@pytest.fixture
def number(run: Run, home: Path, tmp_path: Path) -> Iterator[int]:
    """The number of a digest that has begun to leave, to one reader."""
    add_canals(run)
    (tmp_path / "ice.md").write_text(MANUSCRIPT, encoding="utf-8")
    done(run("issue", "import", tmp_path / "ice.md"))
    done(run("subscriber", "add", "canals", "anna@example.org"))
    with closing(Database(f"sqlite:///{home / 'newsletter.sqlite3'}")) as database:
        with database.transaction() as session:
            went_out = {"state": model.IssueState.SENT, "content_hash": "0"}
            at = MONDAY - timedelta(days=4)
            session.execute(update(model.Issue).values(**went_out, published_at=at))
            session.execute(update(model.Subscription).values(frequency=model.Frequency.WEEKLY))
            (period,) = issues.due_digests(session, MONDAY)
            digest = issues.digest(session, period, MONDAY, LINKS)
            assert digest
            issues.publish(session, digest.id, MONDAY, batch_size=500)
        yield 2


def test_it_is_listed_as_what_it_is(run: Run, number: int) -> None:
    _, digest, issue = done(run("issue", "list")).splitlines()
    assert "23–29 November 2026 (weekly digest)" in digest
    assert "digest" not in issue


def test_its_status_has_its_sums(run: Run, number: int) -> None:
    said = done(run("issue", "status", str(number)))
    assert "23–29 November 2026 (weekly digest)" in said
    assert "State: sending" in said
    assert "Audience: candidates 1, frozen 1" in said


def test_it_is_previewed_as_it_leaves(run: Run, number: int, tmp_path: Path) -> None:
    done(run("issue", "preview", str(number), "-o", tmp_path / "out.txt"))
    text = (tmp_path / "out.txt").read_text(encoding="utf-8")
    assert "The week in brief\n=================" in text
    assert "Read it:\nhttps://news.example.org/canals/" in text


def test_it_is_paused_and_cancelled_like_any_other(run: Run, number: int) -> None:
    done(run("issue", "pause", str(number)))
    assert "1 skipped" in done(run("issue", "cancel", str(number), "--yes"))
