"""The clock: APScheduler as a metronome, each tick one call long.

It remembers nothing. What is due stands in the database, and a tick is a compare-and-set there, so
that clocks may run anywhere and in any number.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler

from newsletter import issues
from newsletter.database import Database

EVERY = 1
"""Seconds between two ticks."""

log = logging.getLogger(__name__)


def tick(database: Database, now: datetime, *, batch_size: int) -> None:
    """Publish the issues that are due, finish those that have nothing left to send."""
    with database.reading() as session:
        due, unfinished = issues.due(session, now), issues.unfinished(session)
        cancelled = issues.cancelled(session)
    for issue in due:
        with database.transaction() as session:
            published = issues.publish(session, issue, now, batch_size=batch_size)
        log.info("event=%s issue=%d", "published" if published else "not-published", issue)
    for issue in unfinished:
        with database.transaction() as session:
            finished = issues.finish(session, issue, now)
        if finished:
            log.info("event=finished issue=%d", issue)
    for issue in cancelled:
        with database.transaction() as session:
            issues.wind_up(session, issue, now)


def catch_up(database: Database) -> None:
    """Enter into the search index what is published and missing there, as after an upgrade."""
    while True:
        with database.transaction() as session:
            entered = issues.index_missing(session)
        if not entered:
            return
        log.info("event=indexed issues=%d", entered)


@contextmanager
def ticking(
    database: Database, *, batch_size: int, clock: Callable[[], datetime] | None = None
) -> Iterator[None]:
    """Tick every second in a thread of its own until the block ends; catch up once before."""
    ask = clock or (lambda: datetime.now(UTC))
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        lambda: tick(database, ask(), batch_size=batch_size),
        "interval",
        seconds=EVERY,
        max_instances=1,
        coalesce=True,
        misfire_grace_time=None,
    )
    scheduler.add_job(lambda: catch_up(database), "date", misfire_grace_time=None)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
