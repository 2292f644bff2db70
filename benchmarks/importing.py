"""What an import costs: the real command on a file, and beside it what the database alone takes."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from benchmarks import places, programs
from benchmarks.places import Place
from hostile_addresses import hostile
from newsletter import addresses, issues, model, subscriptions
from newsletter.errors import InvalidAddress, NewsletterError

HOSTILE = 100_000
"""Addresses whose verdicts are compared with email-validator's."""
_SEED = 20261125
_SLUG = "baltic-monitor"


@dataclass(frozen=True, slots=True)
class Importing:
    """What one import took: seconds, seconds of CPU time, megabytes; ``alone`` is the database."""

    rows: int
    seconds: float
    alone: float
    cpu: float
    peak: float

    @property
    def rate(self) -> float:
        """Return rows a second."""
        return self.rows / self.seconds

    @property
    def alone_rate(self) -> float:
        """Return rows a second of the database alone."""
        return self.rows / self.alone

    @property
    def each(self) -> float:
        """Return the CPU time of a row in microseconds."""
        return self.cpu / self.rows * 1e6


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How many addresses were judged alike, and how many of them were good."""

    count: int
    good: int


def bring_in(database: str, rows: int) -> Importing:
    """Import ``rows`` rows into a fresh installation, and into another what was checked before."""
    with TemporaryDirectory(prefix="newsletter-bench-") as folder:
        file = Path(folder) / "people.csv"
        _write(file, rows)
        with places.place(database) as place:
            _add_publication(place)
            begun = time.perf_counter()
            process = subprocess.Popen(  # noqa: S603 - our own program
                [
                    *(sys.executable, "-m", "newsletter", "subscriber", "import", str(file)),
                    *("--publication", _SLUG),
                ],
                env=place.environ,
                stdout=subprocess.DEVNULL,
            )
            use = programs.use_of_ended(process)
            seconds = time.perf_counter() - begun
            _check(place, rows)
        with places.place(database) as place:
            alone = _keep(place, file)
            _check(place, rows)
    return Importing(rows, seconds, alone, use.cpu, use.peak)


def compare_verdicts() -> Verdicts:
    """Judge hostile addresses one by one and in bulk; raise if they differ anywhere."""
    checker, good = addresses.Checker(), 0
    for text in hostile(HOSTILE, _SEED):
        expected = _verdict(addresses.parse, text)
        if _verdict(checker.parse, text) != expected:
            raise NewsletterError(f"{text!a} is judged otherwise in bulk")
        good += expected is not None
    return Verdicts(HOSTILE, good)


def _verdict(check: Callable[[str], str], text: str) -> str | None:
    try:
        return check(text)
    except InvalidAddress:
        return None


def _write(file: Path, rows: int) -> None:
    """Write names, dates and addresses at some domains, in no order; one of a hundred is bad."""
    with file.open("w", encoding="utf-8") as to:
        to.write("email,name,status,created_at\n")
        for number in range(rows):
            at = " at " if number % 100 == 99 else "@"
            number = number * 7_919 % rows if rows % 7_919 else number
            address = f"reader-{number}{at}mail{number % places.DOMAINS}.example"
            clock = f"{number % 24:02d}:{number // 24 % 60:02d}:{number // 1440 % 60:02d}"
            to.write(f"{address},Reader {number},active,2024-03-{number % 28 + 1:02d} {clock}\n")


def _keep(place: Place, file: Path) -> float:
    """Keep chunks that are checked already; return the seconds that the database took."""
    database, now, seconds = place.here.database, datetime.now(UTC), 0.0
    _add_publication(place)
    with database.transaction() as session:
        job = subscriptions.begin_import(
            session,
            file,
            now,
            folder=place.here.settings.home,
            secret_key=place.here.settings.secret_key,
            publication=_SLUG,
        )
    for chunk in subscriptions.prepared(job):
        begun = time.perf_counter()
        with database.transaction() as session:
            job = subscriptions.keep_chunk(session, job, chunk)
        seconds += time.perf_counter() - begun
    return seconds


def _add_publication(place: Place) -> None:
    with place.here.database.transaction() as session:
        issues.add_publication(
            session,
            slug=_SLUG,
            name="Baltic Monitor",
            author_address=f"monitor@{places.AUTHOR_DOMAIN}",
            now=datetime.now(UTC),
        )


def _check(place: Place, rows: int) -> None:
    """See that everybody is there, once."""
    with place.here.database.reading() as session:
        people = session.scalar(select(func.count(model.Subscriber.id)))
        lines = session.scalar(select(func.count(model.Consent.id)))
    good = rows - rows // 100
    if not people == lines == good:
        raise NewsletterError(f"{people} of {good} people were imported; nothing is measured")
