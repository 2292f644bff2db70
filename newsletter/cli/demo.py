"""The demo: a fresh installation that sends one issue a few seconds after it starts."""

import shutil
import socket
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from newsletter import config, issues, manuscripts, subscriptions
from newsletter.cli.editor import new_setup_link
from newsletter.cli.installation import Installation, installation
from newsletter.cli.issue import (
    follow,
    name_from,
    print_findings,
    print_status,
    read_file,
    with_pictures,
)
from newsletter.cli.run import run_parts
from newsletter.config import Settings
from newsletter.errors import NewsletterError

ZONE = "Europe/Warsaw"
LEAD_TIME = timedelta(seconds=6)
READERS = {
    "anna.nowak@example.org": "Anna Nowak",
    "jan@example.org": "Jan Żółkowski",
    "reader@example.net": "",
    "m.o-brien@example.com": "Máire O’Brien",
}


@click.command()
@click.option(
    "--manuscript",
    type=click.Path(path_type=Path),
    help="Send this manuscript instead of the one that comes along.",
)
@click.option("--once", is_flag=True, help="End when the issue is sent instead of running on.")
def demo(manuscript: Path | None, once: bool) -> None:
    """Show the whole way: a manuscript, a schedule, a sent issue, mail to read in the browser.

    Works in a folder of its own, made anew each time. No mail leaves this machine.
    """
    settings = _settings()
    shutil.rmtree(settings.home, ignore_errors=True)
    with as_file(files("newsletter") / "demo") as folder:
        chosen = manuscript or folder / "baltic-monitor.txt"
        reading = read_file(chosen)
        with installation(settings, upgrade=True) as here:
            number = _prepare(here, chosen, is_ours=manuscript is None)
            print_findings(reading)
            run_parts(here, alongside=lambda stopping: _tell(here, number, stopping, once))


def _settings() -> Settings:
    """Take the environment's settings but a home, ports and a mailbox of the demo's own."""
    home = config.load().home / "demo"
    web, mail = _free_port(8000), _free_port(2525)
    return config.load(
        {
            "NEWSLETTER_HOME": str(home),
            "NEWSLETTER_BASE_URL": f"http://localhost:{web}",
            "NEWSLETTER_LISTEN": f"127.0.0.1:{web}",
            "NEWSLETTER_MAILBOX": f"127.0.0.1:{mail}",
        }
    )


def _free_port(wanted: int) -> int:
    """Return ``wanted``, or any port that is free."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NewsletterError("No port is free on this machine")


def _prepare(here: Installation, manuscript: Path, *, is_ours: bool) -> int:
    """Make the publication, the readers and the scheduled issue; return the issue's number.

    The pictures of the manuscript that comes along are the house's own.
    """
    reading = read_file(manuscript)
    article = reading.article
    name = name_from(article.kicker) or "Monitor"
    now = datetime.now(UTC)
    with here.database.transaction() as session:
        publication = issues.add_publication(
            session,
            slug=issues.slugify(name),
            name=name,
            author_address="monitor@institute.example",
            author_name="Institute of Examples",
            language=article.language,
            zone=ZONE,
            postal_address="Institute of Examples, 1 Example Street, 00-001 Warsaw, Poland",
            donate_url="https://institute.example/donate",
            now=now,
        )
        for address, reader in READERS.items():
            subscriptions.add(
                session,
                publication,
                address,
                now,
                secret_key=here.settings.secret_key,
                name=reader,
                form="demo",
            )
        article = with_pictures(session, reading, manuscript, None, "", now)
        for shown in manuscripts.pictures_in(article) if is_ours else ():
            image = issues.fetch_image(session, shown.file)
            rights = issues.Rights(shown.credit, shown.alt, "own")
            issues.change_rights(session, image, rights, now)
        issue = issues.draft(session, publication, [article], now)
        issues.approve(session, issue, here.links, now)
        return issue.id


def _tell(here: Installation, number: int, stopping: threading.Event, once: bool) -> None:
    """Schedule the issue once the pages answer, follow it, and say where to look."""
    _wait_for_web(here, stopping)
    if stopping.is_set():
        return
    due = datetime.now(ZoneInfo(ZONE)).replace(tzinfo=None, microsecond=0) + LEAD_TIME
    with here.database.transaction() as session:
        issue = issues.fetch(session, number)
        issues.schedule(session, issue, due, ZONE, datetime.now(UTC))
    click.echo(f"\nIssue {number} leaves at {due:%H:%M:%S} ({ZONE})")
    follow(here, number, stopping)
    desk = new_setup_link(here)
    with here.database.reading() as session:
        print_status(session, number)
        issue = issues.fetch(session, number)
        publication = issues.publication_of(session, issue)
        click.echo(
            f"\n  Mailbox  {here.settings.base_url}/mailbox"
            f"\n  Issue    {here.links.issue(publication.slug, issue.slug)}"
            f"\n  Archive  {here.links.archive(publication.slug)}"
            f"\n  Desk     {desk}\n"
        )
    if once:
        stopping.set()
    else:
        click.echo("Running on; Ctrl-C ends it.")


def _wait_for_web(here: Installation, stopping: threading.Event) -> None:
    address = f"http://{here.settings.listen}/healthz"
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            if stopping.wait(0.1):
                return
    raise NewsletterError(f"The web server does not answer at {address}")
