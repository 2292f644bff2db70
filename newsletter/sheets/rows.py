"""Rows of a file become rows to stage: checked, merged, and in order of their digests.

It knows no database, and takes and gives only values that another process can be sent, as checking
takes about as long as storing does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from newsletter import addresses
from newsletter.errors import InvalidAddress
from newsletter.language import marked as _
from newsletter.sheets import headings
from newsletter.sheets.cells import bare, moment, network, quoted, with_more, written
from newsletter.sheets.files import Block, Broken, Sheet, records
from newsletter.sheets.headings import Meaning
from newsletter.sheets.staged import Kind, Lines, Staged, write_stage
from newsletter.wishes import MOST_NAME, Frequency, SubscriptionState, SuppressionReason

_TRUE, _FALSE = {"true", "yes", "1", "tak", "t", "y"}, {"false", "no", "0", "nie", "f", "n"}
_ACTIVE, _UNSUBSCRIBED = SubscriptionState.ACTIVE.value, SubscriptionState.UNSUBSCRIBED.value


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of a sheet are to be taken.

    ``publications`` are the numbers by slug; ``publication`` that of rows that name none. What has
    no date of its own happened at ``at``. ``source`` says where the consent comes from. ``blocked``
    are addresses, and domains with "@" in front, that nobody is taken from.
    """

    sheet: Sheet
    publications: dict[str, int]
    publication: int | None
    languages: dict[int, str]
    language: str
    source: str
    kind: str
    at: datetime
    secret_key: str
    dialect: str
    folder: Path
    blocked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Error:
    """Why a row was not taken: its first line, the column at fault if one is, the reason.

    The ``words`` are to be translated where they are read, and filled with ``facts``.
    """

    line: int
    field: str
    words: str
    facts: Mapping[str, str]

    @property
    def reason(self) -> str:
        """Say why in English."""
        return self.words % self.facts if self.facts else self.words


@dataclass(frozen=True, slots=True)
class Chunk:
    """What became of a block, the lines after ``line`` up to ``end``.

    ``gone`` are those of the staged rows whose people left elsewhere, ``barred`` those whose
    people are to be suppressed.
    """

    line: int
    end: int
    offset: int
    read: int
    merged: int
    staged: int
    gone: int
    barred: int
    stage: Lines | Path
    errors: list[Error]


class _Refused(Exception):
    """A row that cannot be taken."""

    def __init__(self, name: str, words: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.field = name
        self.words = words
        self.facts = facts or {}


def prepare(plan: Plan, block: Block) -> Chunk:
    """Check the rows of a block and merge those of one person."""
    reader = _Reader(plan)
    taken: dict[tuple[bytes, int], Staged] = {}
    errors: list[Error] = []
    read = merged = 0
    for line, row in records(plan.sheet, block):
        read += 1
        if isinstance(row, Broken):
            errors.append(Error(line, "", row.words, row.facts))
            continue
        try:
            staged = reader.take(row)
        except _Refused as refused:
            heading = reader.heading(refused.field)
            errors.append(Error(line, heading, refused.words, refused.facts))
            continue
        key = staged.digest, staged.kind.publication_id
        if key in taken:
            merged += 1
            staged = _merged(taken[key], staged)
        taken[key] = staged
    rows = sorted(taken.values(), key=_DIGEST)
    # Nearly all rows of a file share a few kinds, and mostly nobody in it left.
    ends = {id(kind) for kind in {id(row.kind): row.kind for row in rows}.values() if _is_end(kind)}
    over = [row.kind for row in rows if id(row.kind) in ends] if ends else []
    return Chunk(
        line=block.line,
        end=block.end,
        offset=block.offset,
        read=read,
        merged=merged,
        staged=len(rows),
        gone=sum(kind.state == _UNSUBSCRIBED for kind in over),
        barred=sum(kind.suppression is not None for kind in over),
        stage=write_stage(rows, plan.dialect, plan.folder, block.line, written(plan.at)),
        errors=errors,
    )


_DIGEST = itemgetter(0)
# A named tuple is made of a tuple in a third of the time that it takes to be given its parts.
_staged = partial(tuple.__new__, Staged)


def _is_end(kind: Kind) -> bool:
    return kind.state == _UNSUBSCRIBED or kind.suppression is not None


class _Wish(NamedTuple):
    """What the cells about a person's wish come to: since when not, and the words for the log."""

    kind: Kind
    left: str
    end: str


def _cells(columns: list[int]) -> Callable[[list[str]], tuple[str, ...]]:
    """Return what takes these cells from a row."""
    if len(columns) > 1:
        return itemgetter(*columns)
    if not columns:
        return lambda _row: ()
    (only,) = columns
    return lambda row: (row[only],)


class _Reader:
    """Takes rows one after another; what is the same for all of them is found out once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._columns = dict(plan.sheet.columns)
        self._check, self._digest = _tools(plan.secret_key)
        self._at = written(plan.at)
        self._is_ours, self._width = plan.sheet.is_ours, len(plan.sheet.headings)
        self._meanings = headings.MEANINGS | dict(
            plan.sheet.service.words if plan.sheet.service else {}
        )
        self._default = self._meanings[plan.kind]
        self._begin = f'{{"source": {quoted(plan.source)}, '
        self._address = self._columns["address"]
        self._name = self._columns.get("name")
        self._parts = [
            self._columns[one] for one in ("first_name", "last_name") if one in self._columns
        ]
        self._rare = [
            one
            for one in (
                *("publication", "language", "frequency", "paused_until", "suppression", "origin"),
                *("groups", "attributes", "created"),
            )
            if one in self._columns
        ]
        wishes = ("state", "wanted", "unwanted", "left", "bounced")
        self._wishing = [one for one in wishes if one in self._columns]
        self._wished = _cells([self._columns[one] for one in self._wishing])
        self._wishes: dict[tuple[str, ...], _Wish] = {}
        # MailerLite's "Subscribed" is a date.
        self._since = self._columns.get("since", self._columns.get("wanted"))

    def heading(self, name: str) -> str:
        column = self._columns.get(name)
        return self._plan.sheet.headings[column] if column is not None else name

    def take(self, row: list[str]) -> Staged:
        """Return the row as it is staged; raise _Refused."""
        if self._is_ours:
            row = [bare(cell) if cell[:1] == "'" else cell for cell in row]
        if len(row) < self._width:
            row += [""] * (self._width - len(row))
        cell = row[self._address]
        try:
            address = self._check(cell)
        except InvalidAddress as error:
            raise _Refused("address", error.words, error.facts) from error
        if self._plan.blocked and self._is_blocked(address):
            raise _Refused("address", _("is on the block list here; nobody is added"))
        cells = self._wished(row)
        wish = self._wishes.get(cells) or self._wish(cells)
        kind, left, end = wish
        created, date, dated = self._at, "", ""
        if self._since is not None and (date := row[self._since]):
            read = moment(date)
            if read and read < self._at:
                created = read
            # What a moment begins with needs no escape.
            dated = f'"{date}"' if read.startswith(date) else quoted(date)
        changed, left_at = created, None
        if kind.state == _UNSUBSCRIBED:
            when = created if self._plan.sheet.is_from_here else moment(left)
            left_at = min(when, self._at) if when else None
            changed = left_at or self._at
        details = f"{self._begin}{end}"
        if date or left:
            details = f'{self._begin}"date": {dated or quoted(left)}, {end}'
        digest, name = self._digest(address), self._called(row)
        staged = _staged((digest, address, name, created, changed, left_at, details, kind))
        if self._rare:
            staged = self._with_rare(staged, row)
        if not staged.kind.publication_id:
            raise _Refused("publication", _("names no publication, and none was chosen for it"))
        return staged

    def _is_blocked(self, address: str) -> bool:
        labels = address.rpartition("@")[2].split(".")
        above = ("@" + ".".join(labels[start:]) for start in range(len(labels)))
        return not self._plan.blocked.isdisjoint((address.lower(), *above))

    def _called(self, row: list[str]) -> str:
        if self._name is not None:
            name = row[self._name]
        elif self._parts:
            name = " ".join([row[part] for part in self._parts])
        else:
            return ""
        if len(name) <= MOST_NAME and name.isprintable() and "  " not in name:
            return name.strip()
        try:
            name.encode()
        except UnicodeEncodeError as error:
            field = "name" if self._name is not None else "first_name"
            facts = {"encoding": self._plan.sheet.encoding}
            raise _Refused(field, _("is not written in %(encoding)s"), facts) from error
        shown = "".join(char if char.isprintable() else " " for char in name)
        return " ".join(shown.split())[:MOST_NAME]

    def _wish(self, cells: tuple[str, ...]) -> "_Wish":
        """Find out what the row says of the person's wish, and remember it for others like it.

        The word against mail counts, whatever the others say.
        """
        meaning, said, left = self._default, self._plan.kind, ""
        for name, cell in zip(self._wishing, cells, strict=True):
            if cell and (found := self._meant(name, cell)):
                if found.severity >= meaning.severity:
                    meaning, said = found, cell
                if name in {"left", "bounced"}:
                    left = cell
        if meaning.state is None:
            words = _("“%(said)s” says that the person did not ask for mail")
            raise _Refused("state", words, {"said": addresses.legible(said)})
        number = self._plan.publication or 0
        language = self._plan.language or self._plan.languages.get(number, "")
        kind = Kind(number, language, meaning.state, suppression=meaning.suppression)
        wish = _Wish(kind, left, f'"status": {quoted(said)}}}')
        if len(self._wishes) < 1_000:
            self._wishes[cells] = wish
        return wish

    def _meant(self, name: str, cell: str) -> Meaning | None:
        word = headings.plain(cell)
        if name in {"left", "bounced"}:
            if word in _FALSE or not word:
                return None
            return self._meanings["cleaned" if name == "bounced" else "unsubscribed"]
        if name in {"wanted", "unwanted"}:
            if word not in _TRUE | _FALSE:
                return None  # a date, as MailerLite's "Subscribed" has it
            is_wanted = (word in _TRUE) == (name == "wanted")
            return self._meanings["active" if is_wanted else "unsubscribed"]
        found = self._meanings.get(word)
        if found is None:
            words = _("“%(said)s” is not a status that is known; nobody is added")
            raise _Refused(name, words, {"said": addresses.legible(cell)})
        return found

    def _with_rare(self, staged: Staged, row: list[str]) -> Staged:
        """Add what few files have."""
        said: dict[str, str] = {
            one: cell for one in self._rare if (cell := row[self._columns[one]].strip())
        }
        kind: dict[str, object] = {}
        number = staged.kind.publication_id
        if slug := said.get("publication"):
            if slug not in self._plan.publications:
                words = _("there is no publication “%(said)s”")
                raise _Refused("publication", words, {"said": addresses.legible(slug)})
            number = kind["publication_id"] = self._plan.publications[slug]
        spoken = said.get("language", "").lower()
        if re.fullmatch(r"[a-z]{2,3}([-_][a-z0-9]{2,8})*", spoken):
            kind["language"] = said["language"].replace("_", "-")
        else:
            kind["language"] = self._plan.language or self._plan.languages.get(number, "")
        if frequency := said.get("frequency"):
            kind["frequency"] = _one_of(Frequency, "frequency", frequency)
        if paused := said.get("paused_until"):
            kind["paused_until"] = moment(paused) or None
        if suppression := said.get("suppression"):
            kind["suppression"] = _one_of(SuppressionReason, "suppression", suppression)
        if origin := said.get("origin"):
            kind["origin"] = network(origin)
        created, details = staged.created_at, staged.details
        if date := said.get("created"):
            created = min(moment(date) or self._at, self._at)
        more = {one: cell for one, cell in said.items() if one in {"groups", "attributes"}}
        if more:
            details = with_more(details, more)
        return staged._replace(
            created_at=created,
            details=details,
            kind=staged.kind._replace(**kind),  # type: ignore[arg-type]
        )


def _merged(one: Staged, other: Staged) -> Staged:
    """Merge a further row of one person, as the database does with rows of two blocks.

    Nobody is brought back; who left, left, unless a date says that the wish for mail came later.
    """
    suppression = one.kind.suppression or other.kind.suppression
    kind = one.kind._replace(suppression=suppression)
    kept = one._replace(name=one.name or other.name, kind=kind)
    state, further = one.kind.state, other.kind.state
    if state == _UNSUBSCRIBED:
        return kept
    if further == _UNSUBSCRIBED:
        if other.left_at is None or other.left_at > one.changed_at:
            return kept._replace(
                changed_at=other.changed_at,
                left_at=other.left_at,
                details=other.details,
                kind=kind._replace(state=further),
            )
        return kept
    if state == SubscriptionState.PENDING.value and further == _ACTIVE:
        return kept._replace(
            changed_at=other.changed_at, details=other.details, kind=kind._replace(state=_ACTIVE)
        )
    return kept


@lru_cache(maxsize=1)
def _tools(secret_key: str) -> tuple[Callable[[str], str], Callable[[str], bytes]]:
    """Return what checks addresses and what hashes them; what they remember serves all blocks."""
    return addresses.Checker().parse, addresses.digester(secret_key)


def _one_of(kind: "type[Frequency] | type[SuppressionReason]", name: str, text: str) -> str:
    try:
        return kind(text).value
    except ValueError as error:
        facts = {"said": addresses.legible(text), "known": ", ".join(one.value for one in kind)}
        raise _Refused(name, _("“%(said)s” is none of %(known)s"), facts) from error
