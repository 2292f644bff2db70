"""How long pages take to answer, and notices to leave, while an issue is sent and at rest."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from statistics import quantiles

from rich.progress import Progress

from benchmarks import places, programs, sending
from benchmarks.places import Place
from newsletter import issues
from newsletter.config import Listen
from newsletter.errors import NewsletterError

EVERY = 0.1
"""Seconds between two visitors, whether or not the last one has been answered."""
NOTICE_EVERY = 2
"""Seconds between two notices."""
REST = 15
"""Seconds for which a service that has nothing to send is visited."""
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Answers:
    """Milliseconds that the answers took, from when each visitor came."""

    count: int
    median: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True)
class Responses:
    """What visitors saw while an issue was sent in ``seconds``, and at rest; and the notices."""

    seconds: float
    sending: Answers
    resting: Answers
    notices: Answers
    notices_resting: Answers


def visit_while_sending(
    readers: int, listen: Listen, connections: int, progress: Progress
) -> Responses:
    """Run the whole service on SQLite, send one issue as fast as it can, and visit its pages."""
    relay = f"smtp://{listen}"
    with places.place("sqlite", relay_url=relay, connections=str(connections)) as place:
        with place.here.database.transaction() as session:
            issue = places.add_issue(session, place, long=True)
            places.add_readers(session, place, readers)
        with programs.running("run", environ=place.environ, log=place.log) as it:
            it.settle_down()
            places.schedule(place, issue)
            _wait_for_clock(place, issue, it)
            with _Visitors(_addresses(place, issue)) as visitors, _Notices(place) as notices:
                begun = time.perf_counter()
                sending.watch(place, issue, it, progress)
                seconds = time.perf_counter() - begun
            it.settle_down()
            with _Visitors(_addresses(place, issue)) as others, _Notices(place) as later:
                time.sleep(REST)
    return Responses(
        seconds,
        visitors.answers(),
        others.answers(),
        _sum_up(notices.seconds),
        _sum_up(later.seconds),
    )


class _Visitors:
    """Come one by one, at a steady pace, as long as the block runs."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = cycle(addresses)
        self._seconds: list[float] = []
        self._failures: list[str] = []
        self._leaving = threading.Event()
        self._pace = threading.Thread(target=self._come)

    def __enter__(self) -> "_Visitors":
        self._pace.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._pace.join()

    def answers(self) -> Answers:
        """Sum up; raise NewsletterError if any visitor was turned away."""
        if self._failures:
            count, first = len(self._failures), self._failures[0]
            raise NewsletterError(f"{count} visits failed; the first: {first}")
        return _sum_up(self._seconds)

    def _come(self) -> None:
        # More threads than visitors that can be waiting, so that none waits outside uncounted.
        with ThreadPoolExecutor(64) as pool:
            due = time.perf_counter()
            while not self._leaving.wait(max(0, due - time.perf_counter())):
                pool.submit(self._visit, next(self._addresses), due)
                due += EVERY

    def _visit(self, address: str, due: float) -> None:
        try:
            with urllib.request.urlopen(address, timeout=PATIENCE) as answer:  # noqa: S310
                answer.read()
        except (urllib.error.URLError, OSError) as error:
            self._failures.append(f"{address}: {error}")
        else:
            self._seconds.append(time.perf_counter() - due)


class _Notices:
    """Puts one notice after the other into the outbox, and waits until each is sent."""

    def __init__(self, place: Place) -> None:
        self.seconds: list[float] = []
        self._place = place
        self._leaving = threading.Event()
        self._pace = threading.Thread(target=self._send)

    def __enter__(self) -> "_Notices":
        self._pace.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._pace.join()

    def _send(self) -> None:
        while not self._leaving.wait(NOTICE_EVERY):
            begun = time.perf_counter()
            notice = places.notify(self._place)
            while not places.is_sent(self._place, notice):
                if time.perf_counter() - begun > PATIENCE:
                    break  # which is told as that many seconds, at least
                time.sleep(sending.GLANCE)
            self.seconds.append(time.perf_counter() - begun)


def _sum_up(seconds: Sequence[float]) -> Answers:
    if len(seconds) < 2:
        raise NewsletterError("It was over too soon, or nothing came; nothing is measured")
    steps = quantiles(seconds, n=20, method="inclusive")
    return Answers(len(seconds), 1000 * steps[9], 1000 * steps[18], 1000 * max(seconds))


def _addresses(place: Place, number: int) -> Sequence[str]:
    """Return the home page, an archive and the page of an issue."""
    links = place.here.links
    with place.here.database.reading() as session:
        issue = issues.fetch(session, number)
        slug = issues.publication_of(session, issue).slug
        return [links.home(), links.archive(slug), links.issue(slug, issue.slug)]


def _wait_for_clock(place: Place, issue: int, service: programs.Program) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        service.check()
        if places.batches_left(place, issue)[1]:
            return
        time.sleep(sending.GLANCE)
    raise NewsletterError(f"The clock did not publish the issue within {PATIENCE} s")
