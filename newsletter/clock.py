"""The clock: APScheduler as a metronome, each tick one call long.

It remembers nothing. What is due stands in the database, and a tick is a compare-and-set there, so
that clocks may run anywhere and in any number.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from newsletter import issues, subscriptions
from newsletter.database import Database
from newsletter.links import Links

EVERY = 1
"""Seconds between two ticks."""
TIDY_EVERY = 3600
"""Seconds between two looks at what its time has passed for."""
FORMS = 100
"""Forms that are worked off in one transaction."""

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


def tend(database: Database, now: datetime, links: Links) -> None:
    """Answer the forms that came in, and wake those whose pause is over."""
    with database.reading() as session:
        forms, sleepers = subscriptions.due(session, now)
    while forms:
        with database.transaction() as session:
            done = subscriptions.work_off(
                session, now, links, secret_key=links.secret_key, limit=FORMS
            )
        log.info("event=forms-worked-off count=%d", done)
        forms = done == FORMS
    while sleepers:
        with database.transaction() as session:
            sleepers = bool(subscriptions.wake(session, now))


def tidy(database: Database, now: datetime) -> None:
    """Delete what its time has passed for, a little at a time."""
    gone = 1
    while gone:
        with database.transaction() as session:
            gone = subscriptions.purge(session, now)
        log.info("event=purged count=%d", gone)


@contextmanager
def ticking(
    database: Database,
    links: Links,
    *,
    batch_size: int,
    clock: Callable[[], datetime] | None = None,
) -> Iterator[None]:
    """Tick every second in threads of their own until the block ends."""
    ask = clock or (lambda: datetime.now(UTC))
    scheduler = BackgroundScheduler(timezone=UTC)
    jobs: tuple[tuple[Callable[[], None], int], ...] = (
        (lambda: tick(database, ask(), batch_size=batch_size), EVERY),
        (lambda: tend(database, ask(), links), EVERY),
        (lambda: tidy(database, ask()), TIDY_EVERY),
    )
    for job, seconds in jobs:
        scheduler.add_job(
            job,
            "interval",
            seconds=seconds,
            # Soon after the start too: who is restarted every half hour has to be tidied as well.
            next_run_time=datetime.now(UTC) + timedelta(seconds=EVERY),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)
