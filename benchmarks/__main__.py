"""How fast an issue leaves, beside Postfix's own generator in the same run.

A fresh SQLite installation gets its subscribers in bulk and one approved issue of the demo's
manuscript. What is timed is what happens to every issue: freezing the audience, then claiming,
composing, sending and settling until nothing is left. The mails go to Postfix's ``smtp-sink``;
``smtp-source`` then sends as many mails of the same size into the same sink, with no database, no
journal and one text for everybody.
"""

import asyncio
import os
import platform
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.resources import as_file, files
from tempfile import TemporaryDirectory

import click
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from newsletter import addresses, config, deliveries, issues, model
from newsletter.cli.installation import Installation, installation
from newsletter.cli.issue import read_file, with_pictures
from newsletter.config import Listen
from newsletter.engine import Engine, Journal
from newsletter.errors import NewsletterError
from newsletter.mail import Composer, Parcel
from newsletter.smtp import RelayAddress

CHUNK = 1000
"""Subscribers that are inserted at a time."""
PATIENCE = 10
"""Seconds that the sink may take to open its port."""


@click.command()
@click.option(
    "--subscribers",
    type=click.IntRange(min=1),
    default=20_000,
    show_default=True,
    help="How many get the issue.",
)
@click.option("--connections", default=10, show_default=True, help="Connections to the sink.")
def bench(subscribers: int, connections: int) -> None:
    """Send one issue into a sink on this machine and print how fast it left."""
    sink, source = _program("smtp-sink"), _program("smtp-source")
    with TemporaryDirectory(prefix="newsletter-bench-") as folder, _sink(sink) as listen:
        settings = config.load(
            {
                "NEWSLETTER_HOME": folder,
                "NEWSLETTER_RELAY_URL": f"smtp://{listen}",
                "NEWSLETTER_CONNECTIONS": str(connections),
            }
        )
        with installation(settings, upgrade=True) as here:
            issue = _prepare(here, subscribers)
            octets = _octets(here, issue)
            click.echo(
                f"{_machine()}\n{subscribers} subscribers, mails of {octets} octets,"
                f" {connections} connections, batches of {settings.batch_size}\n"
            )
            before = _peak()
            freezing = _freeze(here, issue)
            click.echo(f"Freezing     {freezing:8.2f} s")
            sending = _send(here, issue, subscribers)
            click.echo(f"Sending      {sending:8.2f} s   {subscribers / sending:8.0f} mails/s")
            click.echo(f"Peak memory  {_peak():8.0f} MB  {before:8.0f} MB before the issue began")
        reference = _generate(source, listen, subscribers, octets, connections)
    click.echo(f"smtp-source  {reference:8.2f} s   {subscribers / reference:8.0f} mails/s")
    click.echo(f"Ratio        {reference / sending:8.2f}     of smtp-source's speed, sending")
    click.echo(f"             {reference / (freezing + sending):8.2f}     freezing included")


def _program(name: str) -> str:
    """Find one of Postfix's two test programs, which are often not in a person's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise NewsletterError(
            f"{name} is missing; it comes with Postfix. On Debian: apt-get install postfix"
        )
    return found


@contextmanager
def _sink(program: str) -> Iterator[Listen]:
    """Run smtp-sink, which takes every mail and keeps none, on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        listen = Listen("127.0.0.1", int(probe.getsockname()[1]))
    # It takes no work as root.
    privileges = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, *privileges, str(listen), "1000"])  # noqa: S603
    try:
        _wait_for(process, listen)
        yield listen
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", listen: Listen) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection((listen.host, listen.port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise NewsletterError(f"smtp-sink does not answer at {listen}; its words are above")


def _prepare(here: Installation, subscribers: int) -> int:
    """Make the publication, its subscribers and an issue that is due; return its number."""
    now = datetime.now(UTC)
    with (
        as_file(files("newsletter") / "demo") as folder,
        here.database.transaction() as session,
    ):
        publication = issues.add_publication(
            session,
            slug="baltic-monitor",
            name="Baltic Monitor",
            author_address="monitor@institute.example",
            author_name="Institute of Examples",
            postal_address="Institute of Examples, 1 Example Street, 00-001 Warsaw, Poland",
            donate_url="https://institute.example/donate",
            now=now,
        )
        manuscript = folder / "baltic-monitor.txt"
        article = with_pictures(session, read_file(manuscript).article, manuscript, None, "", now)
        issue = issues.draft(session, publication, [article], now)
        issues.approve(session, issue, here.links, now)
        issues.schedule(session, issue, now.replace(tzinfo=None), "UTC", now)
        for start in range(1, subscribers + 1, CHUNK):
            numbers = range(start, min(start + CHUNK, subscribers + 1))
            _subscribe(here, session, publication.id, numbers, now)
        return issue.id


def _subscribe(
    here: Installation, session: Session, publication: int, numbers: range, now: datetime
) -> None:
    """Insert a subscriber and an active subscription for each of ``numbers``."""
    people = [
        {
            "id": number,
            "address": address,
            "digest": addresses.digest(address, here.settings.secret_key),
            "language": "en",
            "created_at": now,
            "name": f"Reader {number}",
        }
        for number in numbers
        for address in [f"reader-{number}@example.org"]
    ]
    wishes = [
        {
            "subscriber_id": number,
            "publication_id": publication,
            "state": model.SubscriptionState.ACTIVE,
            "changed_at": now,
            "frequency": model.Frequency.EACH,
        }
        for number in numbers
    ]
    session.execute(insert(model.Subscriber), people)
    session.execute(insert(model.Subscription), wishes)


def _octets(here: Installation, issue: int) -> int:
    """Return how large one reader's mail is."""
    with here.database.reading() as session:
        content = session.scalars(
            select(model.Content.id).where(model.Content.issue_id == issue)
        ).one()
        words, heading = deliveries.fetch_content(
            session, content, here.links, "", datetime.now(UTC)
        )
    parcel = Parcel(10_000, content, 10_000, "reader-10000@example.org", "Reader 10000")
    return len(Composer(words, heading, here.links).envelope(parcel).content)


def _freeze(here: Installation, issue: int) -> float:
    """Publish the issue and return the seconds it took."""
    begun = time.perf_counter()
    with here.database.transaction() as session:
        published = issues.publish(
            session, issue, datetime.now(UTC), batch_size=here.settings.batch_size
        )
    if not published:
        raise NewsletterError("The issue was not published")
    return time.perf_counter() - begun


def _send(here: Installation, issue: int, subscribers: int) -> float:
    """Deliver until nothing is left, see that the sums agree, and return the seconds it took."""
    begun = time.perf_counter()
    asyncio.run(_deliver(here))
    seconds = time.perf_counter() - begun
    with here.database.transaction() as session:
        sent = deliveries.tally(session, issue).counts[model.DeliveryState.SENT]
        finished = issues.finish(session, issue, datetime.now(UTC))
    if sent != subscribers or not finished:
        raise NewsletterError(f"Only {sent} of {subscribers} mails were sent; nothing is measured")
    return seconds


async def _deliver(here: Installation) -> None:
    settings = here.settings
    with Journal(settings.home / "sent.journal") as journal:
        async with Engine(
            here.database,
            [RelayAddress.parse(settings.relay_url)],
            journal,
            here.links,
            connections=settings.connections,
        ) as engine:
            working = asyncio.create_task(engine.run())
            while await asyncio.to_thread(_is_unfinished, here):
                await asyncio.sleep(0.05)
            engine.stop()
            await working


def _is_unfinished(here: Installation) -> bool:
    with here.database.reading() as session:
        return not issues.unfinished(session)


def _generate(program: str, listen: Listen, messages: int, octets: int, connections: int) -> float:
    """Have smtp-source send as much over connections that it keeps; return the seconds it took."""
    options = ["-d", "-s", str(connections), "-m", str(messages), "-l", str(octets)]
    begun = time.perf_counter()
    subprocess.run([program, *options, str(listen)], check=True)  # noqa: S603
    return time.perf_counter() - begun


def _peak() -> float:
    """Return the most memory that this process has held, in megabytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _machine() -> str:
    today = datetime.now(UTC).date()
    return f"{today}, Python {platform.python_version()}, {os.cpu_count()} cores"


if __name__ == "__main__":
    try:
        bench()
    except NewsletterError as error:
        click.echo(f"error: {error.message}", err=True)
        sys.exit(1)
