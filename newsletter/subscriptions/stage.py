"""Staged rows become subscribers, subscriptions, consent and suppressions, by statements on sets.

SQLite gets the stage as a file of its own, and PostgreSQL by COPY; the statements are the same for
both. On PostgreSQL those whom nobody knows here yet, who are nearly all in a first import, go by
COPY into the tables themselves, at less than half of what the statements take.
"""

import sqlite3
from collections.abc import Sequence
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
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from newsletter import model
from newsletter.database import with_room
from newsletter.model import SubscriptionState
from newsletter.model.base import Instant
from newsletter.sheets import staged
from newsletter.sheets.staged import Lines

_ATTACHED, _TEMPORARY = "imported", "temp"
"""The schemas in which SQLite has a stage: a file of its own, or a table beside all others."""
_MOMENTS = {"paused_until", "created_at", "changed_at", "left_at"}
_NAMES = ", ".join(staged.STAGE)


class Tally(NamedTuple):
    """What became of staged rows; the rest was known, and stays as it is."""

    suppressed: int
    added: int
    changed: int


def keep(
    session: Session,
    stage: Lines | Path,
    at: datetime,
    words: str,
    *,
    gone: bool,
    barred: bool,
    rehearsed: bool,
) -> Tally:
    """Make of staged rows what they say, and a line of consent for each that changes something.

    Who is suppressed stays away, and who left is not brought back. ``gone`` says whether there are
    rows of people who left elsewhere, ``barred`` whether there are some of people to suppress.
    """
    if isinstance(stage, Path):
        table, added = _load_file(session, stage, rehearsed=rehearsed), 0
    else:
        added, rest = _welcome(session, stage)
        if not rest:
            return Tally(0, added, 0)
        table = _load_lines(session, rest)
    with with_room(session):
        tally = _take_in(session, table, at, words, gone=gone, barred=barred)
    return tally._replace(added=tally.added + added)


def _load_file(session: Session, stage: Path, *, rehearsed: bool) -> Table:
    """Put a file before SQLite, and return it as a table.

    Within one transaction SQLite lets go of no file, so that a rehearsal of many stages reads each
    into a table instead.
    """
    driver = cast("sqlite3.Connection", _driver(session))
    if rehearsed:
        columns = f"{staged.NUMBER} INTEGER PRIMARY KEY, {_NAMES}"
        driver.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS stage ({columns})")
        driver.execute("DELETE FROM temp.stage")
        places = ", ".join("?" * (len(staged.STAGE) + 1))
        with closing(sqlite3.connect(stage)) as written:
            rows = written.execute(f"SELECT {staged.NUMBER}, {_NAMES} FROM stage")  # noqa: S608 - our names
            driver.executemany(f"INSERT INTO temp.stage VALUES ({places})", rows)  # noqa: S608
        return _stage(_TEMPORARY)
    driver.execute(f"ATTACH ? AS {_ATTACHED}", (str(stage),))

    def let_go(_: Session) -> None:
        driver.execute(f"DETACH {_ATTACHED}")

    # Until the transaction has ended, SQLite keeps the file.
    event.listen(session, "after_commit", let_go)
    event.listen(session, "after_rollback", let_go)
    return _stage(_ATTACHED)


def _welcome(session: Session, lines: Lines) -> tuple[int, str]:
    """Take in those whom nobody knows here, by COPY; return how many, and the lines of all others.

    Somebody who signs up at this moment is a stranger to us and known to the database: then the
    copies are taken back, and all lines are left to statements that bear it.
    """
    known = _known(session, lines)
    chosen = [one for one in range(lines.count) if one not in known] if known else None
    try:
        with session.begin_nested():
            added = _copy_strangers(session, lines, chosen)
    except session.connection().dialect.loaded_dbapi.IntegrityError:
        return 0, staged.whole_lines(lines)
    return added, staged.whole_lines(lines, sorted(known))


def _known(session: Session, lines: Lines) -> set[int]:
    """Return the places, from 0, of people who are here or suppressed."""
    return set(session.scalars(_KNOWN, {"count": lines.count, "digests": lines.digests}))


_KNOWN = text("""
    with strangers as materialized (
        select number, substring(cast(:digests as bytea) from number * 32 + 1 for 32) as digest
        from generate_series(0, cast(:count as integer) - 1) as number
    )
    select number from strangers join subscribers using (digest)
    union all
    select number from strangers join suppressions using (digest)
""")
_COUNTED = text("select seq from sqlite_sequence where name = 'subscribers'")
# The name of what counts is looked up once, and not for each number.
_NUMBERS = text("""
    with it as materialized (
        select cast(pg_get_serial_sequence('subscribers', 'id') as regclass) as sequence
    )
    select string_agg(cast(nextval(sequence) as text), ',') from it, generate_series(1, :count)
""")


def _copy_strangers(session: Session, lines: Lines, chosen: Sequence[int] | None) -> int:
    count = lines.count if chosen is None else len(chosen)
    if not count:
        return 0
    numbers = session.scalars(_NUMBERS, {"count": count}).one().split(",")
    waiting = [f"f\t{number}" for number in numbers]
    for table, columns, begin, part in (
        ("subscribers", ("indexed", "id", *staged.PERSON), waiting, lines.people),
        ("subscriptions", ("subscriber_id", *staged.WISH), numbers, lines.wishes),
        ("consents", ("subscriber_id", *staged.LOG), numbers, lines.log),
    ):
        ours = part.split("\n")
        if chosen is not None:
            ours = [ours[one] for one in chosen]
        _copy(session, table, columns, "\n".join(map("\t".join, zip(begin, ours, strict=True))))
    return count


def _load_lines(session: Session, lines: str) -> Table:
    table, connection = _stage(None), session.connection()
    table.drop(connection, checkfirst=True)
    table.create(connection)
    _copy(session, "stage", staged.STAGE, lines)
    connection.exec_driver_sql("ANALYZE stage")
    return table


def _copy(session: Session, table: str, columns: Sequence[str], lines: str) -> None:
    words = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with _driver(session).cursor() as cursor, cursor.copy(words) as copy:
        copy.write(lines)


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection


@cache
def _stage(schema: str | None) -> Table:
    kinds: dict[str, Any] = dict.fromkeys(_MOMENTS, Instant())
    kinds |= {"digest": LargeBinary, "publication_id": BigInteger, "details": JSON}
    names = staged.STAGE if schema is None else (staged.NUMBER, *staged.STAGE)
    kinds |= {staged.NUMBER: BigInteger}
    columns = [Column(name, kinds.get(name, Text)) for name in names]
    return Table(
        "stage",
        MetaData(),
        *columns,
        schema=schema,
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DROP",
    )


def _take_in(
    session: Session, stage: Table, at: datetime, words: str, *, gone: bool, barred: bool
) -> Tally:
    run = _Run(session, stage)
    suppressed = run.leave_suppressed()
    before = run.last_person()
    welcome = run.insert_missing(
        run.people,
        {
            "address": stage.c.address,
            "digest": stage.c.digest,
            "language": stage.c.language,
            "created_at": stage.c.created_at,
            "name": stage.c.name,
            "indexed": false(),
        },
        stage,
    )
    if before is not None and welcome == run.count():
        run.number_strangers(before)
    changes = run.changes(gone=gone)
    run.log(at, changes)
    changed = sum(run.change(condition, state, at) for condition, state in changes)
    added = run.insert_missing(
        run.wishes,
        {
            "subscriber_id": run.person,
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
        self.known: FromClause = stage.join(self.people, self.people.c.digest == stage.c.digest)
        self.person: ColumnElement[int] = self.people.c.id
        self._free: ColumnElement[bool] = true()
        self._same = and_(
            self.wishes.c.subscriber_id == self.people.c.id,
            self.wishes.c.publication_id == stage.c.publication_id,
        )
        self._are_strangers = False

    def leave_suppressed(self) -> int:
        """Leave out from here on who is suppressed; count them."""
        if not self._session.scalar(select(exists(select(self.suppressions.c.digest)))):
            return 0
        is_suppressed = exists().where(self.suppressions.c.digest == self._stage.c.digest)
        found = self.count(is_suppressed)
        if found:
            self._free = ~is_suppressed
        return found

    def count(self, *conditions: ColumnElement[bool]) -> int:
        counted = select(func.count()).select_from(self._stage).where(*conditions)
        return self._session.execute(counted).scalar_one()

    def last_person(self) -> int | None:
        """Return the number after which SQLite counts people on; PostgreSQL leaves gaps."""
        if staged.NUMBER not in self._stage.c:
            return None
        return self._session.execute(_COUNTED).scalar() or 0

    def number_strangers(self, before: int) -> None:
        """Know by their places people who were all inserted, after the number ``before``.

        Nobody else writes to SQLite meanwhile, so that their numbers are their places, further on.
        """
        self.known = self._stage
        self.person = self._stage.c[staged.NUMBER] + before
        self._are_strangers = True

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
        if self._are_strangers:
            return []
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
            "subscriber_id": self.person,
            "publication_id": self._stage.c.publication_id,
            "action": literal("imported"),
            "form": literal("import"),
            "at": at_,
            "wording": literal(""),
            "version": literal(""),
            "origin": self._stage.c.origin,
            "details": self._stage.c.details,
        }
        rows = select(*line.values()).where(self._free)
        if self._are_strangers:
            rows = rows.select_from(self.known)
        else:
            news = or_(self.wishes.c.id.is_(None), *(condition for condition, _ in changes))
            rows = rows.select_from(self.known.outerjoin(self.wishes, self._same)).where(news)
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
