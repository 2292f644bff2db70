"""The clock: APScheduler as a metronome, each tick one call long.

It remembers nothing. What is due stands in the database, and a tick is a compare-and-set there, so
that clocks may run anywhere and in any number. A step that fails keeps no other from happening.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.schedulers.background import BackgroundScheduler

from newsletter import deliveries, desk, domains, issues, outward, subscriptions
from newsletter.database import Database
from newsletter.desk import bringing
from newsletter.domains import Examiner
from newsletter.errors import Unreachable
from newsletter.intake import Intake
from newsletter.links import Links
from newsletter.outward import Trouble

EVERY = 1
"""Seconds between two ticks."""
CHART_EVERY = 5
"""Seconds between two looks at how far the issues are that are being sent."""
HERALD_EVERY = 15
"""Seconds between two looks for digests that are due."""
TIDY_EVERY = 3600
"""Seconds between two looks at what its time has passed for."""
COUNT_EVERY = 60
"""Seconds between two looks at whether subscribers have to be counted."""
LOOK_EVERY = 2
"""Seconds between two looks at whether a domain is to be looked at."""
PROBE_EVERY = 2
"""Seconds between two looks at whether links are to be looked at."""
PROBES = 20
"""Links that are looked at at the same time."""
PROBE_PATIENCE = 8.0
"""Seconds that a site has to answer."""
FORMS = 100
"""Forms that are worked off in one transaction."""

log = logging.getLogger(__name__)


def tick(database: Database, now: datetime, *, batch_size: int) -> None:
    """Wake whose pause is over, publish what is due, finish what has nothing left to send.

    And what waves wait for: embargoes end, and of two subjects one is chosen.

    In this order: whoever comes back at seven gets the issue of seven.
    """
    with database.reading() as session:
        _, sleepers = subscriptions.due(session, now)
        due, unfinished = issues.due(session, now), issues.unfinished(session)
        cancelled = issues.cancelled(session)
        over, undecided = issues.over_embargoes(session, now), issues.undecided(session, now)
    with _fenced("wake"):
        while sleepers:
            with database.transaction() as session:
                sleepers = bool(subscriptions.wake(session, now))
    for issue in due:
        with _fenced("publish", issue):
            with database.transaction() as session:
                published = issues.publish(session, issue, now, batch_size=batch_size)
            log.info("event=%s issue=%d", "published" if published else "not-published", issue)
    for issue in over:
        with _fenced("lift", issue):
            with database.transaction() as session:
                lifted = issues.lift_embargo(session, issue, now)
            log.info("event=%s issue=%d", "embargo-over" if lifted else "not-lifted", issue)
    for issue in undecided:
        with _fenced("decide", issue):
            with database.transaction() as session:
                decided = issues.decide(session, issue, now)
            log.info("event=%s issue=%d", "decided" if decided else "not-decided", issue)
    for issue in unfinished:
        with _fenced("finish", issue):
            with database.transaction() as session:
                finished = issues.finish(session, issue, now)
            if finished:
                log.info("event=finished issue=%d", issue)
    for issue in cancelled:
        with _fenced("wind-up", issue), database.transaction() as session:
            issues.wind_up(session, issue, now)


def chart(database: Database, now: datetime) -> None:
    """Write down how far the issues are that are being sent."""
    with database.reading() as session:
        sending = issues.sending(session)
    for issue in sending:
        with _fenced("chart", issue), database.transaction() as session:
            deliveries.note_course(session, issue, now)


def tend(database: Database, now: datetime, links: Links) -> None:
    """Answer the forms that came in."""
    with database.reading() as session:
        forms, _ = subscriptions.due(session, now)
    while forms:
        with database.transaction() as session:
            done = subscriptions.work_off(
                session, now, links, secret_key=links.secret_key, limit=FORMS
            )
        log.info("event=forms-worked-off count=%d", done)
        forms = done == FORMS


def enter(database: Database) -> None:
    """Enter some of the people who came in files into the indexes by which they are found.

    Not all at once: others want to write, too.
    """
    with database.reading() as session:
        if not subscriptions.is_waiting(session):
            return
    with database.transaction() as session:
        entered = subscriptions.index(session)
    log.info("event=entered count=%d", entered)


def herald(database: Database, now: datetime, links: Links) -> None:
    """Make the digests of the weeks and months that have ended; a tick sends them."""
    with database.reading() as session:
        periods = issues.due_digests(session, now)
    for period in periods:
        with _fenced("digest", period.publication), database.transaction() as session:
            digest = issues.digest(session, period, now, links)
            if digest:
                log.info("event=digest-made issue=%d slug=%s", digest.id, digest.slug)


def probe(
    database: Database, clock: Callable[[], datetime], visit: Callable[[str], int] | None = None
) -> None:
    """Look at the links that somebody asked for; what a site answers is kept as it comes."""
    visit = visit or (lambda url: outward.look(url, patience=PROBE_PATIENCE))
    with ThreadPoolExecutor(PROBES, "probe") as pool:
        while _has_links(database, clock()):
            with database.transaction() as session:
                urls = issues.answers.take(session, clock(), limit=PROBES)
            looks = {pool.submit(_trouble_of, url, visit): url for url in urls}
            for done in as_completed(looks):
                with database.transaction() as session:
                    issues.answers.keep(session, looks[done], done.result(), clock())
            log.info("event=links-looked-at count=%d", len(urls))


def _has_links(database: Database, now: datetime) -> bool:
    with database.reading() as session:
        return issues.answers.is_due(session, now)


def _trouble_of(url: str, visit: Callable[[str], int]) -> Trouble | None:
    try:
        return outward.meaning(visit(url))
    except Unreachable as error:
        return Trouble(error.trouble)


def tidy(database: Database, now: datetime) -> None:
    """Delete what its time has passed for, bit by bit."""
    gone = 1
    while gone:
        with database.transaction() as session:
            gone = subscriptions.purge(session, now) + bringing.purge(session, now)
        if gone:
            log.info("event=purged count=%d", gone)
    with database.transaction() as session:
        issues.answers.forget(session, now)


def count(database: Database, now: datetime) -> None:
    """Note how many get each publication, and how many came and went: pages count nobody."""
    with database.reading() as session:
        sizes = desk.count_sizes(session, now)
        movements = desk.count_movement(session, now)
    for movement in movements:
        with database.transaction() as session:
            desk.note_movement(session, movement)
    if sizes:
        with database.transaction() as session:
            desk.note_sizes(session, sizes, now)
        log.info("event=sizes-noted count=%d", len(sizes.everyone))


def look(database: Database, now: datetime, examiner: Examiner) -> None:
    """Ask name servers about the senders' domains that somebody wants to know of, or nobody did."""
    with database.reading() as session:
        due = examiner.due(session, now)
    for domain in due:
        with _fenced("look"):
            findings = examiner.examine(domain)
            with database.transaction() as session:
                domains.keep_look(session, domain, findings, now)
            log.info("event=looked-at domain=%s verdict=%s", domain, domains.worst(findings))


def take_in(intake: Intake, ask: Callable[[], datetime]) -> None:
    """Check and take in the files of subscribers that editors uploaded to this machine."""
    if done := intake.work_off(ask):
        log.info("event=files-read count=%d", done)


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
    database: Database,
    links: Links,
    *,
    batch_size: int,
    examiner: Examiner | None = None,
    intake: Intake | None = None,
    clock: Callable[[], datetime] | None = None,
) -> Iterator[None]:
    """Tick every second in threads of their own until the block ends; catch up once before.

    Without an ``examiner`` nobody looks at domains, without an ``intake`` at what was uploaded.
    """
    ask = clock or (lambda: datetime.now(UTC))
    scheduler = BackgroundScheduler(timezone=UTC)
    jobs: list[tuple[str, Callable[[], None], int]] = [
        ("tick", lambda: tick(database, ask(), batch_size=batch_size), EVERY),
        ("chart", lambda: chart(database, ask()), CHART_EVERY),
        ("tend", lambda: tend(database, ask(), links), EVERY),
        ("enter", lambda: enter(database), EVERY),
        ("herald", lambda: herald(database, ask(), links), HERALD_EVERY),
        ("tidy", lambda: tidy(database, ask()), TIDY_EVERY),
        ("count", lambda: count(database, ask()), COUNT_EVERY),
        ("probe", lambda: probe(database, ask), PROBE_EVERY),
    ]
    if examiner is not None:
        jobs.append(("look", lambda: look(database, ask(), examiner), LOOK_EVERY))
    if intake is not None:
        jobs.append(("take-in", lambda: take_in(intake, ask), EVERY))
        jobs.append(("sweep", lambda: intake.sweep(ask()), TIDY_EVERY))
    for name, job, seconds in jobs:
        scheduler.add_job(
            _fenced(name)(job),
            "interval",
            seconds=seconds,
            # Soon after the start too: who is restarted every half hour has to be tidied as well.
            next_run_time=datetime.now(UTC) + timedelta(seconds=EVERY),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
    index = _fenced("index")(lambda: catch_up(database))
    scheduler.add_job(index, "date", misfire_grace_time=None)
    scheduler.start()
    try:
        yield
    finally:
        if intake is not None:
            intake.stop()
        scheduler.shutdown(wait=True)


@contextmanager
def _fenced(step: str, number: int = 0) -> Iterator[None]:
    """Let a step fail by itself: it is logged, and tried again at the next tick.

    Of the error only its kind and its place are logged, for its words may hold addresses.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
        ours = [
            frame
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(__file__).parent in Path(frame.filename).parents
        ]
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        kind = type(error).__name__
        log.error("event=failed step=%s number=%d error=%s at=%s", step, number, kind, place)
