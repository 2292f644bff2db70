"""A PostgreSQL server for one test run, and a database of its own for each test.

The server is the one that NEWSLETTER_TEST_DATABASE_URL names (its account must be allowed to create
databases), or else one started from the binaries on this machine: in a folder under /tmp, on a Unix
socket, without fsync, gone when the run ends. The benchmarks start theirs here too, with fsync.
"""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text


class ServerMissing(Exception):
    """There is no PostgreSQL to test with."""


class Server:
    """A running server, commanded over one connection."""

    def __init__(self, url: URL, connection: Connection) -> None:
        self._url = url
        self._connection = connection

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """Give the URL of a copy of the database ``template``; drop the copy afterwards."""
        name = f"newsletter_test_{secrets.token_hex(6)}"
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self._strategy()}')
        try:
            yield self._url.set(database=name).render_as_string(hide_password=False)
        finally:
            self._say(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _strategy(self) -> str:
        """Say how a database is copied soonest, to servers that know several ways."""
        is_new = self._connection.scalar(text("select version() ~ '^PostgreSQL (1[5-9]|[2-9])'"))
        return "STRATEGY FILE_COPY" if is_new else ""

    def _say(self, statement: str) -> None:
        self._connection.exec_driver_sql(statement)


_FORGETFUL = (
    *("fsync=off", "full_page_writes=off", "synchronous_commit=off"),
    "autovacuum=off",
)
"""What makes a server quick that nobody will miss."""


_ROOM = 2 * 1024**3
"""Bytes that have to be free in memory for a server to live there."""


def _place() -> str:
    """Return where a forgetful server lives: in memory, since hundreds of databases come and go."""
    memory = Path("/dev/shm")
    if memory.is_dir() and shutil.disk_usage(memory).free > _ROOM:
        return str(memory)
    return "/tmp"


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """Give a server for as long as the block runs; raise ServerMissing where there is none.

    A ``durable`` one, if it is ours to start, waits for the disc at each commit.
    """
    given = os.environ.get("NEWSLETTER_TEST_DATABASE_URL")
    with _given(make_url(given)) if given else _started(durable) as url:
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield Server(url, connection)


@contextmanager
def _given(url: URL) -> Iterator[URL]:
    yield url


@contextmanager
def _started(durable: bool) -> Iterator[URL]:
    binaries = _binaries()
    # Not the folder of pytest's other files: the path of a socket may have 107 bytes, and the
    # server's account must be able to pass every folder above.
    folder = Path(tempfile.mkdtemp(prefix="newsletter-test-", dir="/tmp" if durable else _place()))
    options = f"-k {folder} -c listen_addresses=''"
    if not durable:
        options += "".join(f" -c {one}" for one in _FORGETFUL)
    control = [str(binaries / "pg_ctl"), "--pgdata", str(folder / "data"), "--wait", "--silent"]
    try:
        account = _account()
        if account:
            shutil.chown(folder, account)
        _run(
            account,
            folder,
            str(binaries / "initdb"),
            *("--pgdata", str(folder / "data"), "--username", "newsletter", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )
        log = ("--log", str(folder / "log"))
        _run(account, folder, *control, *log, "--options", options, "start")
        try:
            yield URL.create(
                "postgresql",
                username="newsletter",
                database="postgres",
                query={"host": str(folder)},
            )
        finally:
            _run(account, folder, *control, "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _run(account: str | None, folder: Path, *command: str) -> None:
    """Run ``command`` in ``folder``, as ``account`` where one is named."""
    prefix = ["runuser", "-u", account, "--"] if account else []
    done = subprocess.run(
        [*prefix, *command], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        log = folder / "log"
        said = done.stdout + done.stderr + (log.read_text() if log.exists() else "")
        raise ServerMissing(f"{Path(command[0]).name} failed: {said.strip()}")


def _binaries() -> Path:
    """Find the folder that holds initdb and pg_ctl, the newest version first."""
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    places = sorted(installed, key=lambda place: float(place.parent.name), reverse=True)
    if found := shutil.which("initdb"):
        places.insert(0, Path(found).resolve().parent)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    raise ServerMissing(
        "there is no PostgreSQL here: install it (Debian: apt-get install postgresql),"
        " or name a server in NEWSLETTER_TEST_DATABASE_URL"
    )


def _account() -> str | None:
    """Name the account to run the server as, when we are root, which PostgreSQL refuses to be."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise ServerMissing("PostgreSQL does not run as root, and there is no account to run it as")
