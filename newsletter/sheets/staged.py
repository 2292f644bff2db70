"""Checked rows as a database takes them: a file for SQLite, lines for PostgreSQL's COPY.

They are written where the rows are checked: no row passes through the program a second time.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from newsletter.wishes import SubscriptionState


class Kind(NamedTuple):
    """What many rows have in common."""

    publication_id: int
    language: str
    state: str
    frequency: str = "each"
    paused_until: str | None = None
    suppression: str | None = None
    origin: str = ""


class Staged(NamedTuple):
    """One row, with moments as the databases write them."""

    digest: bytes
    address: str
    name: str
    created_at: str
    changed_at: str
    left_at: str | None
    details: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows as COPY reads them.

    Those of people who are in the rows once, want mail and may have it come as lines for each of
    the three tables, in the same order, without the number of the person; ``digests`` are theirs,
    one behind the other. ``rest`` has lines for the stage, with all that a row says.
    """

    count: int
    digests: bytes
    people: str
    wishes: str
    log: str
    rest: str


PERSON = ("address", "digest", "language", "created_at", "name")
WISH = ("publication_id", "state", "changed_at", "frequency", "paused_until")
LOG = (
    *("origin", "details", "publication_id"),
    *("action", "form", "at", "wording", "version"),
)
STAGE = (*PERSON, *WISH, "origin", "details", "left_at", "suppression")
"""The columns of lines, in their order."""
NUMBER = "number"
"""The column of a file's rows that counts them from 1."""


def write_stage(
    rows: Sequence[Staged], dialect: str, folder: Path, number: int, at: str
) -> Lines | Path:
    """Write ``rows``, which are in order of their digests, as the database takes them.

    ``at`` is the moment of the import, which its lines of consent have.
    """
    if dialect == "sqlite":
        return _write_file(rows, folder / f"{number}.sqlite3")
    return _write_lines(rows, at)


def whole_lines(lines: Lines, chosen: Sequence[int] | None = None) -> str:
    """Put the ``chosen`` people's lines, or all, together to lines for the stage, with the rest."""
    people, wishes, log = (part.split("\n") for part in (lines.people, lines.wishes, lines.log))
    return lines.rest + "".join(
        f"{people[one]}\t{wishes[one]}\t{_origin_and_details(log[one])}\t{_NULL}\t{_NULL}\n"
        for one in (range(lines.count) if chosen is None else chosen)
    )


def _origin_and_details(line: str) -> str:
    return "\t".join(line.split("\t", 2)[:2])


def _write_file(rows: Sequence[Staged], file: Path) -> Path:
    """Write the rows and their kinds as two tables, which the view ``stage`` puts together."""
    file.unlink(missing_ok=True)
    kinds: dict[Kind, int] = {}
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # Nobody misses this file after a crash: it is written anew, and read from end to end.
        connection.execute("PRAGMA page_size = 65536")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        own = ", ".join(Staged._fields)
        shared = ", ".join(Kind._fields)
        connection.execute(f"CREATE TABLE rows ({own})")
        connection.execute(f"CREATE TABLE kinds (kind INTEGER PRIMARY KEY, {shared})")
        connection.executemany(
            f"INSERT INTO rows VALUES ({_places(Staged._fields)})",  # noqa: S608 - our names
            _numbered(rows, kinds),
        )
        connection.executemany(
            f"INSERT INTO kinds VALUES ({_places(('kind', *Kind._fields))})",  # noqa: S608
            [(number, *kind) for kind, number in kinds.items()],
        )
        if len(kinds) == 1:
            # What all rows have in common is looked up for none of them.
            whole = f"rows.rowid AS {NUMBER}, {own}, {', '.join(map(_only, Kind._fields))}"
            source = "rows"
        else:
            whole = f"rows.rowid AS {NUMBER}, {', '.join(STAGE)}"
            # A cross join is what SQLite takes in the order in which it stands.
            source = "rows CROSS JOIN kinds ON kinds.kind = rows.kind"
        connection.execute(f"CREATE VIEW stage AS SELECT {whole} FROM {source}")  # noqa: S608
        connection.execute("COMMIT")
    return file


def _only(name: str) -> str:
    return f"(SELECT {name} FROM kinds) AS {name}"  # noqa: S608 - our names


def _numbered(rows: Sequence[Staged], kinds: dict[Kind, int]) -> Iterator[tuple[object, ...]]:
    """Give each row the number of its kind, most often that of the row before."""
    number, last = 0, None
    for digest, address, name, created, changed, left, details, kind in rows:
        if kind is not last:
            number, last = kinds.setdefault(kind, len(kinds)), kind
        yield digest, address, name, created, changed, left, details, number


def _places(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))


def _write_lines(rows: Sequence[Staged], at: str) -> Lines:
    """Write rows as COPY reads them: tabs between, backslash before what it would take for more."""
    several = {one.digest for one, other in pairwise(rows) if one.digest == other.digest}
    digests: list[bytes] = []
    people: list[str] = []
    wishes: list[str] = []
    log: list[str] = []
    rest: list[str] = []
    for row in rows:
        digest, address, name, created, changed, left, details, kind = row
        publication, language, state, frequency, paused, suppression, origin = kind
        person = (
            f"{_escaped(address)}\t\\\\x{digest.hex()}\t{language}\t{created}+00\t{_escaped(name)}"
        )
        wish = f"{publication}\t{state}\t{changed}+00\t{frequency}\t{_moment(paused)}"
        if suppression is None and state != _LEFT and digest not in several:
            digests.append(digest)
            people.append(person)
            wishes.append(wish)
            log.append(
                f"{origin}\t{_escaped(details)}\t{publication}\timported\timport\t{at}+00\t\t"
            )
        else:
            rest.append(
                f"{person}\t{wish}\t{origin}\t{_escaped(details)}\t{_moment(left)}"
                f"\t{suppression or _NULL}\n"
            )
    return Lines(
        len(digests),
        b"".join(digests),
        "\n".join(people),
        "\n".join(wishes),
        "\n".join(log),
        "".join(rest),
    )


_LEFT = SubscriptionState.UNSUBSCRIBED.value
_NULL = "\\N"


def _moment(text: str | None) -> str:
    return f"{text}+00" if text else _NULL


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\") if "\\" in text else text
