"""The clock makes up for what the index lacks, as after an upgrade."""

import time
from collections.abc import Sequence

import make
from newsletter import clock, issues
from newsletter.database import Database
from newsletter.model import IssueState


def test_the_index_is_filled_when_the_clock_starts(database: Database) -> None:
    with database.transaction() as session:
        for number in range(60):
            article = make.article(session, headline=f"Harbour {number}")
            make.issue(session, article, state=IssueState.SENT, content_hash="hash")
    found: Sequence[issues.Found] = []
    with clock.ticking(database, batch_size=10, clock=lambda: make.NOW):
        for _ in range(200):
            with database.reading() as session:
                found = issues.search(session, "harbour", limit=100)
            if len(found) == 60:
                break
            time.sleep(0.1)
    assert len(found) == 60


def test_a_full_index_is_left_alone(database: Database) -> None:
    with database.transaction() as session:
        make.issue(session, make.article(session), state=IssueState.SENT, content_hash="hash")
    clock.catch_up(database)
    clock.catch_up(database)
    with database.reading() as session:
        assert issues.index_missing(session) == 0
