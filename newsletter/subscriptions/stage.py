"""Staged rows become subscribers, subscriptions, consent and suppressions, by statements on sets.

SQLite gets the stage as a file of its own, written where the rows are checked, and PostgreSQL by
COPY; no row passes through the program a second time. The statements are the same for both.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    FromClause,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    event,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from newsletter import model
from newsletter.model import SubscriptionState
from newsletter.model.base import Instant

_ATTACHED, _TEMPORARY = "imported", "temp"
"""The schemas in which SQLite has a stage: a file of its own, or a table beside all others."""


class Staged(NamedTuple):
    """One row as it is staged, with moments as the databases write them; it sorts by digest."""

    digest: bytes
    publication_id: int
    address: str
    name: str
    language: str
    state: str
    frequency: str
    paused_until: str | None
    created_at: str
    changed_at: str
    left_at: str | None
    suppression: str | None
    origin: str
    details: str


_MOMENTS = {"paused_until", "created_at", "changed_at", "left_at"}
_NAMES = ", ".join(Staged._fields)
_FILLED = f"({', '.join('?' * len(Staged._fields))})"


class Tally(NamedTuple):
    """What became of staged rows; the rest was known, and stays as it is."""

    suppressed: int
    added: int
    changed: int


def write_stage(rows: Sequence[Staged], dialect: str, folder: Path, number: int) -> bytes | Path:
    """Write ``rows`` as the database takes them: a file for SQLite, text for COPY."""
    if dialect == "sqlite":
        return _write_file(rows, folder / f"{number}.sqlite3")
    return "".join(_copied(rows)).encode()


def _write_file(rows: Sequence[Staged], file: Path) -> Path:
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # Nobody misses this file after a crash: it is written anew.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute(f"CREATE TABLE stage ({_NAMES})")
        connection.executemany(f"INSERT INTO stage VALUES {_FILLED}", map(tuple, rows))  # noqa: S608
        connection.execute("COMMIT")
    return file


def _copied(rows: Sequence[Staged]) -> Iterator[str]:
    """Write rows as COPY reads them: tabs between, backslash before what it would take for more."""
    for row in rows:
        paused, left = row.paused_until, row.left_at
        yield (
            f"\\\\x{row.digest.hex()}\t{row.publication_id}\t{_escaped(row.address)}"
            f"\t{_escaped(row.name)}\t{row.language}\t{row.state}\t{row.frequency}"
            f"\t{f'{paused}+00' if paused else _NULL}\t{row.created_at}+00\t{row.changed_at}+00"
            f"\t{f'{left}+00' if left else _NULL}\t{row.suppression or _NULL}\t{row.origin}"
            f"\t{_escaped(row.details)}\n"
        )


_NULL = "\\N"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\") if "\\" in text else text


def load(session: Session, stage: bytes | Path, *, rehearsed: bool) -> Table:
    """Put a stage before the database, and return it as a table.

    Within one transaction SQLite lets go of no file, so that a rehearsal of many stages reads each
    into a table instead.
    """
    connection = session.connection()
    if isinstance(stage, bytes):
        return _load_by_copy(connection, stage)
    driver: sqlite3.Connection = cast("sqlite3.Connection", connection.connection.driver_connection)
    if rehearsed:
        driver.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS stage ({_NAMES})")
        driver.execute("DELETE FROM temp.stage")
        with closing(sqlite3.connect(stage)) as written:
            rows = written.execute(f"SELECT {_NAMES} FROM stage")  # noqa: S608 - our names
            driver.executemany(f"INSERT INTO temp.stage VALUES {_FILLED}", rows)  # noqa: S608
        return _stage(_TEMPORARY)
    driver.execute(f"ATTACH ? AS {_ATTACHED}", (str(stage),))

    def let_go(_: Session) -> None:
        driver.execute(f"DETACH {_ATTACHED}")

    # Until the transaction has ended, SQLite keeps the file.
    event.listen(session, "after_commit", let_go)
    event.listen(session, "after_rollback", let_go)
    return _stage(_ATTACHED)


def _load_by_copy(connection: Connection, stage: bytes) -> Table:
    table = _stage(None)
    table.drop(connection, checkfirst=True)
    table.create(connection)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY stage ({_NAMES}) FROM STDIN") as copy:
        copy.write(stage)
    connection.exec_driver_sql("ANALYZE stage")
    return table


@cache
def _stage(schema: str | None) -> Table:
    kinds: dict[str, Any] = dict.fromkeys(_MOMENTS, Instant())
    kinds |= {"digest": LargeBinary, "publication_id": BigInteger, "details": JSON}
    columns = [Column(name, kinds.get(name, Text)) for name in Staged._fields]
    return Table(
        "stage",
        MetaData(),
        *columns,
        schema=schema,
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )


def take_in(
    session: Session, stage: Table, at: datetime, words: str, *, gone: bool, barred: bool
) -> Tally:
    """Make of staged rows what they say, and a line of consent for each that changes something.

    Who is suppressed stays away, and who left is not brought back. ``gone`` says whether there are
    rows of people who left elsewhere, ``barred`` whether there are some of people to suppress.
    """
    run = _Run(session, stage)
    suppressed = run.count(exists().where(run.suppressions.c.digest == stage.c.digest))
    run.insert_missing(
        run.people,
        {
            "address": stage.c.address,
            "digest": stage.c.digest,
            "language": stage.c.language,
            "created_at": stage.c.created_at,
            "name": stage.c.name,
        },
        stage,
    )
    changes = run.changes(gone=gone)
    run.log(at, changes)
    changed = sum(run.change(condition, state, at) for condition, state in changes)
    added = run.insert_missing(
        run.wishes,
        {
            "subscriber_id": run.people.c.id,
            "publication_id": stage.c.publication_id,
            "state": stage.c.state,
            "changed_at": stage.c.changed_at,
            "frequency": stage.c.frequency,
            "paused_until": stage.c.paused_until,
        },
        run.known,
    )
    if barred:
        run.suppress(at, words)
    return Tally(suppressed, added, changed)


class _Run:
    """The statements about one stage."""

    def __init__(self, session: Session, stage: Table) -> None:
        self._session = session
        self._stage = stage
        self.people, self.wishes = _table(model.Subscriber), _table(model.Subscription)
        self.suppressions = _table(model.Suppression)
        self.known = stage.join(self.people, self.people.c.digest == stage.c.digest)
        self._free = ~exists().where(self.suppressions.c.digest == stage.c.digest)
        self._same = and_(
            self.wishes.c.subscriber_id == self.people.c.id,
            self.wishes.c.publication_id == stage.c.publication_id,
        )

    def count(self, condition: ColumnElement[bool]) -> int:
        counted = select(func.count()).select_from(self._stage).where(condition)
        return self._session.execute(counted).scalar_one()

    def insert_missing(
        self, table: Table, columns: dict[str, ColumnElement[Any]], source: FromClause
    ) -> int:
        """Insert rows of people who are not suppressed, unless they are there; count them."""
        rows = select(*columns.values()).select_from(source).where(self._free)
        return self._insert(table, list(columns), rows)

    def _insert(self, table: Table, names: list[str], rows: Any) -> int:
        is_sqlite = self._session.get_bind().dialect.name == "sqlite"
        chosen = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
        return self._execute(
            chosen.from_select(names, rows, include_defaults=False).on_conflict_do_nothing()
        )

    def _execute(self, statement: Executable) -> int:
        result = self._session.execute(statement, execution_options={"preserve_rowcount": True})
        return cast("CursorResult[Any]", result).rowcount

    def changes(self, *, gone: bool) -> list[tuple[ColumnElement[bool], SubscriptionState]]:
        """Tell which subscriptions that are there are to change, and into what.

        A date before the last change here says that the person came back afterwards.
        """
        stage, wishes = self._stage.c, self.wishes.c
        leaving = and_(
            stage.state == SubscriptionState.UNSUBSCRIBED.value,
            wishes.state != SubscriptionState.UNSUBSCRIBED,
            or_(stage.left_at.is_(None), stage.left_at > wishes.changed_at),
        )
        confirming = and_(
            stage.state == SubscriptionState.ACTIVE.value,
            wishes.state == SubscriptionState.PENDING,
        )
        found: list[tuple[ColumnElement[bool], SubscriptionState]] = []
        if gone:
            found.append((leaving, SubscriptionState.UNSUBSCRIBED))
        pending = select(exists().where(wishes.state == SubscriptionState.PENDING))
        if self._session.execute(pending).scalar_one():
            found.append((confirming, SubscriptionState.ACTIVE))
        return found

    def log(
        self, at: datetime, changes: list[tuple[ColumnElement[bool], SubscriptionState]]
    ) -> None:
        """Write a line of consent for each row that adds or changes something."""
        log = _table(model.Consent)
        at_ = literal(at, Instant())
        line = {
            "subscriber_id": self.people.c.id,
            "publication_id": self._stage.c.publication_id,
            "action": literal("imported"),
            "form": literal("import"),
            "at": at_,
            "wording": literal(""),
            "version": literal(""),
            "origin": self._stage.c.origin,
            "details": self._stage.c.details,
        }
        news = or_(self.wishes.c.id.is_(None), *(condition for condition, _ in changes))
        rows = (
            select(*line.values())
            .select_from(self.known.outerjoin(self.wishes, self._same))
            .where(self._free, news)
        )
        self._execute(insert(log).from_select(list(line), rows, include_defaults=False))

    def change(self, condition: ColumnElement[bool], state: SubscriptionState, at: datetime) -> int:
        if state is SubscriptionState.UNSUBSCRIBED:
            changed: Any = func.coalesce(self._stage.c.left_at, literal(at, Instant()))
        else:
            changed = self._stage.c.changed_at
        return self._execute(
            update(self.wishes)
            .values(state=state, changed_at=changed, paused_until=None)
            .where(self.people.c.digest == self._stage.c.digest, self._same, condition, self._free)
        )

    def suppress(self, at: datetime, words: str) -> None:
        """Suppress whom the mail of others did not reach, or who complained about it.

        Whoever is a reader here all the same became one after that.
        """
        wishes = self.wishes.c
        reads = (
            exists()
            .where(self.people.c.digest == self._stage.c.digest)
            .where(wishes.subscriber_id == self.people.c.id)
            .where(wishes.state != SubscriptionState.UNSUBSCRIBED)
        )
        rows = select(
            self._stage.c.digest,
            self._stage.c.suppression,
            literal(at, Instant()),
            literal(words),
        ).where(
            self._stage.c.suppression.is_not(None),
            or_(self._stage.c.state != SubscriptionState.UNSUBSCRIBED.value, ~reads),
        )
        self._insert(self.suppressions, ["digest", "reason", "at", "words"], rows)


def _table(kind: type[DeclarativeBase]) -> Table:
    return cast("Table", kind.__table__)
