"""What an issue costs: from freezing its audience to its last settled mail, and beside it a source.

The sender is the real program in a process of its own, asked how much it used. Its start is not
measured: it has come to rest before the issue is published.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from statistics import median
from typing import Any

from rich.progress import Progress

from benchmarks import places, postfix, programs
from benchmarks.places import Place
from newsletter.errors import NewsletterError
from newsletter.mail import Signer
from newsletter.mail.dkim import new_key
from newsletter.mailbox import Mailbox

GLANCE = 0.1
"""Seconds between two looks at what is left to send."""
_HASHED = 25_000
"""Octets of a long mail behind its first personal link."""
STANDSTILL = 180
"""Seconds without a finished batch after which there is nothing to wait for."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What one issue took: seconds, seconds of CPU time, megabytes.

    ``sink`` and ``server`` are the CPU time of the sink and of the database server.
    """

    readers: int
    freezing: float
    sending: float
    finishing: float
    cpu: float
    peak: float
    sink: float
    server: float

    @property
    def rate(self) -> float:
        """Return mails a second while sending."""
        return self.readers / self.sending

    @property
    def whole(self) -> float:
        """Return mails a second from freezing to finishing."""
        return self.readers / (self.freezing + self.sending + self.finishing)


@dataclass(frozen=True, slots=True)
class Source:
    """What smtp-source took for as many mails: its rates before and after us, its CPU time."""

    before: float
    after: float
    cpu: float

    @property
    def rate(self) -> float:
        """Return mails a second."""
        return (self.before + self.after) / 2


def octets(*, long: bool, dkim: bool) -> int:
    """Return how large one reader's mail is, by sending one to the local mailbox."""
    mailbox = f"127.0.0.1:{postfix.free_port()}"
    with places.place("sqlite", mailbox=mailbox) as place:
        issue = _prepare(place, 1, long=long, dkim=dkim)
        with programs.running(
            "run", "--only", "engine", environ=place.environ, log=place.log
        ) as it:
            places.publish(place, issue)
            watch(place, issue, it, None)
        mail = Mailbox(place.here.settings.home / "mailbox").get(1)
    if dkim != any(name.lower() == "dkim-signature" for name, _ in mail.headers):
        raise NewsletterError(f"The mail is {'not ' if dkim else ''}signed; nothing is measured")
    return len(mail.content)


def send(
    database: str,
    readers: int,
    sink: postfix.Sink,
    connections: int,
    *,
    long: bool = True,
    dkim: bool = False,
    progress: Progress | None = None,
) -> Sending:
    """Send one issue to ``readers`` through a fresh installation."""
    relay = f"smtp://{sink.listen}"
    with places.place(database, relay_url=relay, connections=str(connections)) as place:
        issue = _prepare(place, readers, long=long, dkim=dkim)
        with programs.running(
            "run", "--only", "engine", environ=place.environ, log=place.log
        ) as it:
            it.settle_down()
            before, taken, served = it.use(), sink.cpu, place.server_cpu()
            freezing = places.publish(place, issue)
            begun = time.perf_counter()
            watch(place, issue, it, progress)
            sending = time.perf_counter() - begun
            after, taken = it.use(), sink.cpu - taken
            served = place.server_cpu() - served
        finishing = places.finish(place, issue, readers)
    cpu = after.cpu - before.cpu
    return Sending(readers, freezing, sending, finishing, cpu, after.peak, taken, served)


def _prepare(place: Place, readers: int, *, long: bool, dkim: bool) -> int:
    if dkim:
        places.use_dkim(place)
    with place.here.database.transaction() as session:
        issue = places.add_issue(session, place, long=long)
        places.add_readers(session, place, readers)
    return issue


def watch(place: Place, issue: int, sender: programs.Program, progress: Progress | None) -> None:
    """Wait until nothing of a published issue is left to send."""
    left, total = places.batches_left(place, issue)
    task = progress.add_task("Batches", total=total) if progress else None
    moved = time.monotonic()
    while left:
        time.sleep(GLANCE)
        sender.check()
        before, (left, total) = left, places.batches_left(place, issue)
        if left != before:
            moved = time.monotonic()
        elif time.monotonic() - moved > STANDSTILL:
            raise NewsletterError(f"No batch was finished in {STANDSTILL} s; {left} are left")
        if progress and task is not None:
            progress.update(task, completed=total - left)
    if progress and task is not None:
        progress.remove_task(task)


@dataclass(frozen=True, slots=True)
class Freezing:
    """The best and the median seconds of freezing, for each kind of issue."""

    seconds: Mapping[str, tuple[float, float]]


def freeze(database: str, readers: int, times: int) -> Freezing:
    """Freeze that many issues of each kind for the same readers, by turns.

    Plain ones are for all at once. In waves means that a fifth tries two subjects and the rest
    waits. With an appeal means three variants, of which those who saw one lately or gave get none.
    """
    seconds: dict[str, list[float]] = {"plain": [], "waves": [], "appeal": []}
    with places.place(database) as place:
        with place.here.database.transaction() as session:
            appeal = places.add_appeal(session, place)
            kinds: dict[str, dict[str, Any]] = {
                "plain": {},
                "waves": {"waves": True},
                "appeal": {"appeal": appeal},
            }
            numbers = [
                [
                    (kind, places.add_issue(session, place, **{"appeal": 0} | facts))
                    for kind, facts in kinds.items()
                ]
                for _ in range(times)
            ]
            places.add_readers(session, place, readers)
            places.add_history(session, place, appeal)
        for turn, some in enumerate(numbers):
            # Each is first as often as the others.
            for kind, issue in (*some[turn % 3 :], *some[: turn % 3]):
                seconds[kind].append(places.publish(place, issue))
                if kind == "appeal":
                    places.call_finished(place, issue)
    return Freezing({kind: (min(each), median(each)) for kind, each in seconds.items()})


def signing() -> float:
    """Return the seconds of one core that an RSA-2048 signature takes.

    The body's hash is a part of it (RFC 6376 section 3.7), and from the first personal link on is
    made for each mail. Everything else that a signed mail costs, a plain one costs as well.
    """
    key, body = Signer.from_pem("bench.example", "bench", new_key("rsa")), b"-" * _HASHED
    count, begun = 0, time.process_time()
    while (spent := time.process_time() - begun) < 2:
        key.sign(sha256(body).digest())
        count += 1
    return spent / count
