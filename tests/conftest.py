"""What tests share: settings, databases, a browser, and a fence around this machine.

A test that asks for ``database`` or ``session`` runs twice, on SQLite and on PostgreSQL. Rows come
from the plain functions in ``make``, where the constant ``NOW`` is too. What a machine lacks is
skipped with the reason; in continuous integration (CI is set) it fails instead.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

import opendkim as opendkim_
import postgres
from make import SECRET_KEY
from newsletter import typesetting
from newsletter.config import Listen, Settings
from newsletter.database import Database


def lacking(reason: str) -> NoReturn:
    """Skip what needs something that this machine lacks; in continuous integration, fail."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def typesetter() -> None:
    """Ask for what makes PDFs, and for the programs by which tests read them."""
    readers = ("pdftotext", "pdffonts")
    missing = (*typesetting.lacking(), *(name for name in readers if not shutil.which(name)))
    if missing:
        lacking(f"PDFs need {', '.join(missing)}")


@pytest.fixture(autouse=True, scope="session")
def _only_this_machine() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _fenced(getattr(socket.socket, name)))
        yield


def _fenced(connect: Callable[..., Any]) -> Callable[..., Any]:
    def connect_nearby(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_nearby(address[0]):
            raise AssertionError(f"a test must not connect to {address[0]}")
        return connect(self, address)

    return connect_nearby


def _is_nearby(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an installation in ``tmp_path``; whoever listens is given a free port."""
    return Settings(
        home=tmp_path,
        database_url=f"sqlite:///{tmp_path / 'newsletter.sqlite3'}",
        base_url="http://localhost:8000",
        listen=Listen("127.0.0.1", 0),
        mailbox=Listen("127.0.0.1", 0),
        secret_key=SECRET_KEY,
    )


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """The PostgreSQL server of this run, started when the first test asks for it."""
    try:
        with postgres.running() as server:
            yield server
    except postgres.ServerMissing as reason:
        lacking(str(reason))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table, of either kind."""
    if request.param == "sqlite":
        with closing(Database(f"sqlite:///{tmp_path / 'newsletter.sqlite3'}")) as database:
            yield database
    else:
        server: postgres.Server = request.getfixturevalue("server")
        with server.database() as url, closing(Database(url)) as database:
            yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database without a row, of either kind; the test's own, to commit to."""
    if request.param == "sqlite":
        file = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path)
        with closing(Database(f"sqlite:///{file}")) as database:
            yield database
    else:
        server: postgres.Server = request.getfixturevalue("server")
        template: str = request.getfixturevalue("postgresql_template")
        with server.database(template) as url, closing(Database(url)) as database:
            yield database


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The migrated file that each test gets a copy of."""
    file = tmp_path_factory.mktemp("template") / "newsletter.sqlite3"
    with closing(Database(f"sqlite:///{file}")) as database:
        database.upgrade()
    return file


@pytest.fixture(scope="session")
def postgresql_template(server: postgres.Server) -> Iterator[str]:
    """The name of the migrated database that each test gets a copy of."""
    with server.database() as url:
        with closing(Database(url)) as database:
            database.upgrade()
        yield str(database.url.database)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session in one transaction; what goes through an edge opens its own on ``database``."""
    with database.transaction() as session:
        yield session


@pytest.fixture
def opendkim(tmp_path: Path) -> Callable[[bytes, Mapping[str, str]], tuple[int, str]]:
    """Ask OpenDKIM about a mail, given the records of a name server: ``opendkim.verify``."""

    def verify(content: bytes, records: Mapping[str, str]) -> tuple[int, str]:
        try:
            return opendkim_.verify(content, records, tmp_path)
        except opendkim_.ToolMissing as reason:
            lacking(str(reason))

    return verify


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, which finds no machine but this one.

    One for each module: as long as Playwright runs, no other test can run an event loop.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        lacking("there is no Chromium here: install it (Debian: apt-get install chromium)")
    arguments = [
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with (
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=chromium, args=arguments)) as browser,
    ):
        yield browser


@pytest.fixture
def scanned(tmp_path: Path) -> Callable[[bytes], str]:
    """Read the QR code in a PNG image with ZBar: ``scanned(png)``."""
    if not shutil.which("zbarimg"):
        lacking("there is no ZBar here: install it (Debian: apt-get install zbar-tools)")

    def scan(png: bytes) -> str:
        image = tmp_path / "code.png"
        image.write_bytes(png)
        command = ["zbarimg", "--raw", "--quiet", "-Sdisable", "-Sqrcode.enable", str(image)]
        read = subprocess.run(command, capture_output=True, check=True)
        return read.stdout.decode("utf-8").removesuffix("\n")

    return scan
