"""One database, one way into it: ``with database.transaction() as session``.

SQLite runs in WAL mode with immediate write transactions; PostgreSQL as it comes. Whoever searches
for ``transaction()`` has seen every commit of the program.
"""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from newsletter.config import folder
from newsletter.errors import ConfigurationError

_UPGRADING = 0x6E657773
"""The key of the advisory lock under which a schema changes: "news"."""
_BEFORE = re.compile(r'^down_revision = "(.+)"', re.MULTILINE)

_NO_TABLES = "The database has no tables yet; run: newsletter init"


class Database:
    """The engine of one database URL."""

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
            self.engine = create_engine(self.url, pool_pre_ping=True)
        except (ArgumentError, ImportError, ValueError) as error:
            raise ConfigurationError(
                "NEWSLETTER_DATABASE_URL cannot be understood; write sqlite:////path/to/file.sqlite3"
                " or postgresql://user:password@host/name"
            ) from error
        if self.engine.dialect.name == "sqlite":
            _prepare_sqlite(self.engine)
        elif self.engine.dialect.name != "postgresql":
            raise ConfigurationError(
                f"NEWSLETTER_DATABASE_URL names {self.engine.dialect.name};"
                " use sqlite or postgresql"
            )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that only looks: it never waits for a writer and commits nothing."""
        with Session(self.engine.execution_options(reading=True)) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session; commit when the block ends, roll back when it raises."""
        with Session(self.engine) as session, session.begin():
            yield session

    def upgrade(self) -> None:
        """Bring the database to the newest schema, keeping what is in it; twice is once."""
        # Alembic takes a tenth of the time in which a command starts, and hardly any needs it.
        from newsletter.migrating import migrate

        if self.url.drivername.startswith("sqlite") and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        with self._answering(), self.changing_schema() as connection:
            if connection.dialect.name == "postgresql":
                # Machines that upgrade at once take turns, as writers to SQLite do anyway.
                connection.execute(select(func.pg_advisory_xact_lock(_UPGRADING)))
            migrate(connection)

    @contextmanager
    def changing_schema(self) -> Iterator[Connection]:
        """Give a connection to migrate on, in one transaction.

        SQLite changes a table by copying it and dropping the old one, which must not take along
        the rows that refer to it: meanwhile it keeps no foreign keys, and at the end they must all
        lead somewhere (https://www.sqlite.org/lang_altertable.html, section 7). Nor does it look
        whether triggers of other tables, which name the dropped one, still know what they name.
        """
        with self.engine.connect() as connection:
            sqlite = connection.dialect.name == "sqlite"
            if sqlite:
                _driver(connection).execute("PRAGMA foreign_keys = OFF")
                _driver(connection).execute("PRAGMA legacy_alter_table = ON")
            try:
                with connection.begin():
                    yield connection
                    if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise ConfigurationError(
                            "The upgrade would leave rows that refer to nothing; the database stays"
                            " as it was"
                        )
            finally:
                if sqlite:
                    _driver(connection).execute("PRAGMA legacy_alter_table = OFF")
                    _driver(connection).execute("PRAGMA foreign_keys = ON")

    def check(self) -> None:
        """Raise ConfigurationError unless the database has the schema that this program knows."""
        if self._is_missing():
            raise ConfigurationError(_NO_TABLES)
        with self._answering(), self.engine.connect().execution_options(reading=True) as connection:
            if not inspect(connection).has_table("alembic_version"):
                raise ConfigurationError(_NO_TABLES)
            here = connection.scalar(text("select version_num from alembic_version"))
        if here is None:
            raise ConfigurationError(_NO_TABLES)
        if here != newest_schema():
            raise ConfigurationError(
                "The database has another version than this program; run: newsletter db upgrade"
            )

    def _is_missing(self) -> bool:
        file = self.url.database or ":memory:"
        is_file = self.url.drivername.startswith("sqlite") and file != ":memory:"
        return is_file and not Path(file).exists()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            raise ConfigurationError(
                f"NEWSLETTER_DATABASE_URL: the database does not answer: {error.orig}"
            ) from error

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


@contextmanager
def with_room(session: Session) -> Iterator[None]:
    """Let SQLite keep 16 MB of pages meanwhile, instead of 2, for a statement on a million rows.

    With less it writes each page of an index many times.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql(f"PRAGMA cache_size = {-16 * 1024}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {-2 * 1024}")


def insert_missing(
    session: Session, table: type[DeclarativeBase], rows: Sequence[Mapping[str, object]]
) -> int:
    """Insert ``rows`` one after the other, and leave those whose key is there as they are.

    Returns how many were inserted. Two transactions at once insert a row once; the second waits for
    the first to end.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    if not rows:
        return 0
    words = insert(table).values(rows).on_conflict_do_nothing()
    return len(session.execute(words.returning(*inspect(table).primary_key)).all())


def put(
    session: Session,
    table: type[DeclarativeBase],
    rows: Sequence[Mapping[str, object]],
    changes: Callable[[Any], Mapping[str, object]],
) -> None:
    """Insert ``rows``; where the key of one is there, make ``changes`` to that row instead.

    They are given the row that could not be inserted. One statement, so that of many at once none
    is lost; to be given in the order of their keys, lest two such statements wait for each other.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    words = insert(table).values(rows)
    session.execute(
        words.on_conflict_do_update(
            index_elements=inspect(table).primary_key, set_=changes(words.excluded)
        )
    )


def _driver(connection: Connection) -> Any:
    """Return the driver's own connection, which begins no transaction by itself."""
    return connection.connection.driver_connection


def newest_schema() -> str:
    """Return the migration that no other comes after; each is in the file of its name."""
    files = list((folder("migrations") / "versions").glob("*.py"))
    before = {name for file in files for name in _BEFORE.findall(file.read_text("utf-8"))}
    (newest,) = {file.stem for file in files} - before
    return newest


def _prepare_sqlite(engine: Engine) -> None:
    """Make every connection wait for locks, keep foreign keys and start writing at once.

    The driver's own transactions begin as readers, and a reader that turns writer fails without
    waiting; BEGIN IMMEDIATE takes its turn instead.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        # For a new file; half the pages, and a tenth less work for what writes much.
        cursor.execute("PRAGMA page_size = 8192")
        cursor.execute("PRAGMA busy_timeout = 30000")
        _patiently(lambda: cursor.execute("PRAGMA journal_mode = WAL"))
        # 64 MB of log: what writes much, writes a page into the file once and not ten times.
        cursor.execute("PRAGMA wal_autocheckpoint = 8000")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _patiently(act: Callable[[], object]) -> None:
    """Retry what two processes that open a new file at once may refuse each other."""
    for _ in range(50):
        try:
            act()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.1)
        else:
            return
    act()
