"""Commands that set up and run an installation."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from newsletter import clock, mailbox
from newsletter.cli.editor import has_owner, new_setup_link
from newsletter.cli.installation import Installation, installation
from newsletter.config import WEB_THREADS, Listen, Settings
from newsletter.domains import Examiner, load_signers
from newsletter.engine import Engine, Journal
from newsletter.errors import ConfigurationError, NewsletterError
from newsletter.intake import Intake
from newsletter.mail import RelayAddress, parse_limits

PARTS = ("web", "clock", "engine")
GLANCE = 0.1
"""Seconds between two looks at whether we are to stop."""


@click.command()
def init() -> None:
    """Set up an installation: its folder, its secret, its database. Twice is once.

    As long as nobody owns the desk, a new link to set it up is printed; the one before ends.
    """
    with installation(upgrade=True) as here:
        click.echo(f"Ready in {here.settings.home}")
        if not has_owner(here):
            click.echo(f"Set up the desk, within a day: {new_setup_link(here)}")
        click.echo("Next: newsletter publication add --help, then newsletter run")


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest schema, keeping what is in it."""
    with installation(upgrade=True):
        click.echo("The database is up to date")


@click.command()
@click.option(
    "--only",
    "parts",
    type=click.Choice(PARTS),
    multiple=True,
    help="Run this part alone; may be given more than once. All, if left out.",
)
@click.option("--until-stdin-ends", is_flag=True, hidden=True)
def run(parts: tuple[str, ...], until_stdin_ends: bool) -> None:
    """Run the service: web, clock and engine, until it gets SIGTERM or Ctrl-C."""
    with installation() as here:
        if parts == ("web",):
            _serve_web(here.settings, until_stdin_ends)
        else:
            run_parts(here, parts or PARTS)


def run_parts(
    here: Installation,
    parts: Collection[str] = PARTS,
    *,
    alongside: Callable[[threading.Event], None] | None = None,
) -> None:
    """Run ``parts`` until a signal comes.

    ``alongside`` runs in a thread of its own once everything has started; it is given the event
    that stops everything, to watch and to set.
    """
    settings = here.settings
    with ExitStack() as stack:
        if "engine" in parts and settings.has_mailbox:
            kept = mailbox.Mailbox(settings.home / "mailbox")
            stack.enter_context(mailbox.serve(kept, settings.mailbox))
        web = stack.enter_context(_web_process(settings)) if "web" in parts else None
        if "clock" in parts:
            ticking = clock.ticking(
                here.database,
                here.links,
                batch_size=settings.batch_size,
                examiner=_examiner(settings),
                intake=Intake(here.database, settings.home, settings.secret_key),
            )
            stack.enter_context(ticking)
        try:
            asyncio.run(_until_stopped(here, "engine" in parts, web, alongside))
        except* NewsletterError as troubles:
            raise troubles.exceptions[0] from None


async def _until_stopped(
    here: Installation,
    with_engine: bool,
    web: "subprocess.Popen[bytes] | None",
    alongside: Callable[[threading.Event], None] | None,
) -> None:
    stopping = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    try:
        async with asyncio.TaskGroup() as tasks:
            if with_engine:
                tasks.create_task(_work(here, stopping))
            if alongside:
                tasks.create_task(asyncio.to_thread(alongside, stopping))
            while not stopping.is_set():
                await asyncio.sleep(GLANCE)
                if web and web.poll() is not None:
                    stopping.set()
                    raise NewsletterError("The web server ended by itself; its words are above")
    finally:
        stopping.set()


def _examiner(settings: Settings) -> Examiner:
    relays = RelayAddress.parse_all(settings.carriers)
    return Examiner(
        settings.home,
        settings.return_domain,
        tuple(dict.fromkeys(relay.host for relay in relays if not relay.loopback)),
        by_itself=not settings.has_mailbox,
    )


def _worker_name(settings: Settings) -> str:
    """Name this machine and home: whoever holds the home's journal is the only one called so."""
    return sha256(f"{socket.gethostname()}:{settings.home}".encode()).hexdigest()[:16]


async def _work(here: Installation, stopping: threading.Event) -> None:
    settings = here.settings
    relays = RelayAddress.parse_all(settings.carriers)
    limits = parse_limits(settings.domain_rates)
    signers = load_signers(settings.home)
    with Journal(settings.home / "sent.journal") as journal:
        async with Engine(
            here.database,
            relays,
            journal,
            here.links,
            connections=settings.connections,
            limits=limits,
            signers=signers,
            return_domain=settings.return_domain,
            worker=_worker_name(settings),
        ) as engine:
            working = asyncio.create_task(engine.run())
            while not stopping.is_set():
                await asyncio.sleep(GLANCE)
            engine.stop()
            await working


@contextmanager
def _web_process(settings: Settings) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the web server in a process of its own, so that sending never slows a page down.

    It lives as long as the pipe on its standard input, so that it goes even when we are killed.
    """
    _check_free(settings.listen)
    command = [sys.executable, "-m", "newsletter", "run", "--only", "web", "--until-stdin-ends"]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, env=settings.environ(), stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield process
    finally:
        process.terminate()
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _serve_web(settings: Settings, until_stdin_ends: bool) -> None:
    if until_stdin_ends:
        threading.Thread(target=_stop_when_stdin_ends, daemon=True).start()
    Granian(
        "newsletter.web:wsgi",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.listen.host,
        port=settings.listen.port,
        blocking_threads=WEB_THREADS,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


def _stop_when_stdin_ends() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _check_free(listen: Listen) -> None:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
        except OSError as error:
            raise ConfigurationError(
                f"NEWSLETTER_LISTEN: cannot listen on {listen}: {error.strerror}. Choose another,"
                f" for example NEWSLETTER_LISTEN={listen.host}:{listen.port + 80}"
            ) from error
