"""Files of subscribers: what they are written in, and their rows a block at a time.

A block is some thousand whole records as the bytes of the file, with the number of its first line
and its place, so that reading can begin again there, and so that another process can parse it.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from typing import BinaryIO

from newsletter import addresses
from newsletter.errors import InvalidAddress, InvalidImport
from newsletter.language import marked as _
from newsletter.sheets import headings
from newsletter.sheets.headings import Service

_FIRST = 1_500_000
"""Bytes of the first block, so that the database soon has something to do; the next grow."""
_RECORD = 1_000_000
"""Bytes within which a record must end; a quote that was never closed would swallow the file."""
_LINES = 100
"""Lines that a record may have; more are rows between two stray quotes."""
_MOST_COLUMNS = 500
_SAMPLE = 1_000_000
_DELIMITERS = ",;\t|"
_JSON = "json"
_LATE = _("has a quote that is closed in line %(end)s only; no line between is read")
_LARGE = _("cannot be read as CSV: a cell is too large")
_OPEN = _("cannot be read as CSV: a quote is opened and not closed")
_POLISH = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"
_WESTERN = "áàâäãåæçéèêëíìîïñóòôöõøúùûüÿßœÁÀÂÄÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØÚÙÛÜŒ’“”–€"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file and how it is read. ``columns`` tells for each field which column holds it."""

    path: Path
    encoding: str
    delimiter: str
    newline: bytes
    headings: tuple[str, ...]
    columns: Mapping[str, int]
    service: Service | None
    line: int
    offset: int

    @property
    def is_ours(self) -> bool:
        """Tell whether this is CSV of ours, whose cells may have a quote in front."""
        return self.is_from_here and self.delimiter != _JSON

    @property
    def is_from_here(self) -> bool:
        """Tell whether it is an export of ours, as CSV or as JSON lines."""
        return self.service is not None and self.service.name == headings.HERE.name


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records as bytes: the lines after ``line`` up to ``end``; behind them is ``offset``.

    With ``is_open`` it is a record by itself, with a quote that nobody closed.
    """

    content: bytes
    line: int
    end: int
    offset: int
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a record cannot be read: words to be translated, and filled with ``facts``."""

    words: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Glance:
    """A file at a glance: its columns, which field each is taken for, and its first rows."""

    headings: tuple[str, ...]
    guess: Mapping[str, int]
    service: str
    rows: Sequence[Sequence[str]]


def glance(path: Path, rows: int = 3) -> Glance:
    """Look at the beginning of a file, whatever its columns are; raise InvalidImport."""
    sheet = _opened_sheet(path, "")
    first = next(blocks(sheet), None)
    found = records(sheet, first) if first else iter(())
    service = headings.recognise(sheet.headings)
    shown = islice((row for _line, row in found if not isinstance(row, Broken)), rows)
    return Glance(
        sheet.headings,
        headings.guess(sheet.headings),
        service.name if service else "",
        [row[: len(sheet.headings)] for row in shown],
    )


def examine(path: Path, wanted: Mapping[str, str], encoding: str = "") -> Sheet:
    """Find out how the file is written and what its columns mean.

    ``wanted`` says which column holds a field, or that none does. Raises InvalidImport with the
    line or column, and what to do about it.
    """
    return _mapped(_opened_sheet(path, encoding), wanted)


def _opened_sheet(path: Path, encoding: str) -> Sheet:
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    if not sample.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        words = _("%(file)s is empty; it needs a line of headings, then the rows")
        raise InvalidImport(words, file=path.name)
    encoding = encoding or _encoding(sample)
    try:
        text = _decode(sample, encoding, whole=len(sample) < _SAMPLE)
    except LookupError as error:
        words = "There is no encoding %(encoding)s; utf-8 is one"
        raise InvalidImport(words, encoding=repr(encoding)) from error
    newline = b"\r" if "\n" not in text and "\r" in text else b"\n"
    sheet = Sheet(path, encoding, ",", newline, (), {}, None, 0, 0)
    if text.lstrip().startswith("{"):
        sheet = replace(sheet, delimiter=_JSON, headings=_keys(text))
    else:
        delimiter = max(_DELIMITERS, key=lambda one: _evenness(text, one))
        sheet = _with_headings(replace(sheet, delimiter=delimiter), text, sample)
    if len(sheet.headings) > _MOST_COLUMNS:
        line = max(sheet.line, 1)
        words = _(
            "Line %(number)s has %(columns)s columns, and %(most)s at most are read; keep those"
            " that tell of people"
        )
        columns = str(len(sheet.headings))
        raise InvalidImport(
            words, line=line, number=str(line), columns=columns, most=str(_MOST_COLUMNS)
        )
    return sheet


def blocks(sheet: Sheet, line: int = 0, offset: int = 0, most: int = _FIRST) -> Iterator[Block]:
    """Yield the rows in blocks of ``most`` bytes and fewer.

    They begin after ``line`` at ``offset``, where a reading had come.
    """
    if offset <= sheet.offset:
        line, offset = sheet.line, sheet.offset
    with _opened(sheet, offset) as file:
        carried, is_last = b"", False
        for number in count(1):
            size = min(most, _FIRST * number)
            read = file.read(size) if len(carried) < size else b""
            is_last = len(carried) < size and len(read) < size
            carried += read
            size, is_open = _boundary(carried, sheet, is_last=is_last)
            content, carried = carried[:size], carried[size:]
            if content:
                end = line + _lines(content, sheet.newline)
                offset += len(content)
                yield Block(content, line, end, offset, is_open)
                line = end
            if is_last and not carried:
                return


def records(sheet: Sheet, block: Block) -> Iterator[tuple[int, list[str] | Broken]]:
    """Yield each record with its first line: its cells, or why it cannot be read."""
    encoding = "utf-8" if _is_wide(sheet.encoding) else sheet.encoding
    text = block.content.decode(encoding, "surrogateescape")
    if sheet.delimiter == _JSON:
        yield from _objects(sheet, text, block.line)
        return
    if not block.is_open and (lines := _plain_lines(text)):
        for line, written in enumerate(lines, block.line + 1):
            if written:
                yield line, written.split(sheet.delimiter)
        return
    # A record of its own with a quote that never ends is refused rather than guessed at.
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=sheet.delimiter, strict=block.is_open)
    before = block.line
    start = before + 1
    while True:
        try:
            for row in reader:
                end = before + reader.line_num
                if end - start > _LINES:
                    yield start, Broken(_LATE, {"end": str(end)})
                elif row:
                    yield start, row
                start = end + 1
        except csv.Error as error:
            yield start, Broken(_LARGE if "limit" in str(error) else _OPEN)
            start = before + reader.line_num + 1
        else:
            return


def _plain_lines(text: str) -> Sequence[str]:
    """Return the lines of a text in which each is a record, and nothing is quoted; else none."""
    text = text.replace("\r\n", "\n")
    if any(sign in text for sign in '"\r\0'):
        return ()
    lines = text.split("\n")
    return lines if max(map(len, lines)) < csv.field_size_limit() else ()


def fingerprint(sheet: Sheet, *words: str) -> bytes:
    """Return the digest of the file and of how it is read, by which it is known again."""
    how = [sheet.encoding, sheet.delimiter, sorted(sheet.columns.items()), *words]
    found = sha256(json.dumps(how).encode())
    with sheet.path.open("rb") as file:
        while content := file.read(1 << 20):
            found.update(content)
    return found.digest()


def _encoding(sample: bytes) -> str:
    for mark, name in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ):
        if sample.startswith(mark):
            return name
    head = sample[:200]
    if head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 3:
        return "utf-16-be"
    # A few broken bytes in a file of UTF-8 are refused row by row, not taken for another encoding.
    lost = sample.decode("utf-8", "replace").count("\ufffd")
    high = sum(1 for octet in sample if octet > 0x7F)
    if lost * 10 <= high:
        return "utf-8"
    return max(("cp1252", "cp1250", "iso-8859-2"), key=lambda name: _likeness(sample, name))


def _likeness(sample: bytes, encoding: str) -> int:
    """Count letters that belong, and twice the characters that do not."""
    text = sample.decode(encoding, "replace")
    letters = _WESTERN if encoding == "cp1252" else _POLISH + "äöüßéáíúőűčšžřěů„”–’"
    return sum(1 if char in letters else -2 for char in text if char > "\x7f")


def _is_wide(encoding: str) -> bool:
    return re.match(r"utf[-_]?(16|32)", encoding, re.IGNORECASE) is not None


def _decode(sample: bytes, encoding: str, *, whole: bool) -> str:
    text = sample.decode(encoding, "replace").removeprefix("\ufeff")
    return text if whole else text[: text.rfind("\n") + 1] or text


def _evenness(text: str, delimiter: str) -> tuple[int, int]:
    """Tell how many of the first rows have as many cells as the headings, and how many those are.

    One column is no sign of a delimiter.
    """
    rows = [row for row in islice(_rows(text, delimiter), 30) if any(row)]
    width = len(rows[0]) if rows else 0
    return (sum(len(row) == width for row in rows), width) if width > 1 else (0, 0)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from reader
    except csv.Error:
        return


def _with_headings(sheet: Sheet, text: str, sample: bytes) -> Sheet:
    """Read the headings from the first record that holds anything."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sheet.delimiter)
    try:
        found = next((row for row in reader if any(cell.strip() for cell in row)), [])
    except csv.Error as error:
        words = _("Line 1: the headings cannot be read; this seems to be no CSV file")
        raise InvalidImport(words, line=1) from error
    # The mark of UTF-8 stays in front of the bytes; that of UTF-16 is gone when it is recoded.
    written = text.encode("utf-8", "replace") if _is_wide(sheet.encoding) else sample
    offset = sum(map(len, islice(written.splitlines(keepends=True), reader.line_num)))
    names = tuple(cell.strip() for cell in found)
    return replace(sheet, headings=names, line=reader.line_num, offset=offset)


def _keys(text: str) -> tuple[str, ...]:
    first = text.lstrip().split("\n", 1)[0]
    try:
        return tuple(str(key) for key in json.loads(first))
    except (ValueError, RecursionError) as error:
        words = _("Line 1 begins like JSON lines and is none; write one object a line")
        raise InvalidImport(words, line=1) from error


def _mapped(sheet: Sheet, wanted: Mapping[str, str]) -> Sheet:
    columns = headings.guess(sheet.headings)
    for name, heading in wanted.items():
        if heading:
            columns[name] = _column(sheet, name, heading)
        else:
            columns.pop(name, None)
    if "address" not in columns:
        raise _addressless(sheet)
    # What is said to be the name is not put together from its parts.
    service = headings.recognise(sheet.headings)
    return replace(sheet, columns=columns, service=service)


def _column(sheet: Sheet, name: str, heading: str) -> int:
    if name not in headings.FIELDS:
        words = "There is no field %(name)s to map; the fields are %(fields)s"
        raise InvalidImport(words, name=repr(name), fields=", ".join(headings.FIELDS))
    for column, there in enumerate(sheet.headings):
        if headings.plain(there) == headings.plain(heading) or there == heading:
            return column
    words = "The file has no column %(heading)s for %(name)s; it has %(columns)s"
    columns = _listed(sheet.headings)
    raise InvalidImport(words, heading=repr(heading), name=name, columns=columns)


def _addressless(sheet: Sheet) -> InvalidImport:
    line = max(sheet.line, 1)
    if any(_is_address(cell) for cell in sheet.headings):
        words = (
            "Line %(number)s holds an address where headings should be; put a line above it that"
            " names the columns, such as: address,name"
        )
        return InvalidImport(words, line=line, number=str(line))
    words = (
        "Line %(number)s: no column is known to hold addresses; the columns are %(columns)s. Name"
        " the one: --map address=COLUMN"
    )
    return InvalidImport(words, line=line, number=str(line), columns=_listed(sheet.headings))


def _is_address(cell: str) -> bool:
    try:
        addresses.parse(cell)
    except InvalidAddress:
        return False
    return True


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name[:40]) for name in names[:30])
    return shown + (f" and {len(names) - 30} more" if len(names) > 30 else "")


def _opened(sheet: Sheet, offset: int) -> "BinaryIO | _Recoded":
    file = sheet.path.open("rb")
    if _is_wide(sheet.encoding):
        return _Recoded(file, sheet.encoding, offset)
    file.seek(offset)
    return file


class _Recoded:
    """A file in UTF-16 that is read as if it were in UTF-8, offsets included."""

    def __init__(self, file: BinaryIO, encoding: str, offset: int) -> None:
        self._text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
        self._rest = self._text.read(1).removeprefix("\ufeff").encode()
        while offset:
            offset -= len(skipped := self.read(min(offset, _FIRST)))
            if not skipped:
                break

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (text := self._text.read(size)):
            self._rest += text.encode("utf-8", "replace")
        content, self._rest = self._rest[:size], self._rest[size:]
        return content

    def __enter__(self) -> "_Recoded":
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()


def _boundary(content: bytes, sheet: Sheet, *, is_last: bool) -> tuple[int, bool]:
    """Return where the last whole record ends, and whether it is one with a quote left open.

    A line break within quotes has an odd number of quotes before it.
    """
    if sheet.delimiter == _JSON or (content.count(b'"') % 2 == 0 and is_last):
        return (len(content), False) if is_last else (_first_line(content, sheet, last=True), False)
    end, quotes = len(content), content.count(b'"')
    floor = max(0, len(content) - _RECORD)
    while (found := content.rfind(sheet.newline, floor, end)) >= 0:
        quotes -= content.count(b'"', found, end)
        if quotes % 2 == 0:
            return found + 1, False
        end = found
    if floor:
        # An odd quote further up has turned the sense of all that follow: stop before it.
        return _before_odd(content, sheet)
    return _first_line(content, sheet), True


def _before_odd(content: bytes, sheet: Sheet) -> tuple[int, bool]:
    even = quotes = start = 0
    while (found := content.find(sheet.newline, start)) >= 0:
        quotes += content.count(b'"', start, found)
        start = found + 1
        if quotes % 2 == 0:
            even = start
        elif start - even > _RECORD:
            break
    return (even, False) if even else (_first_line(content, sheet), True)


def _first_line(content: bytes, sheet: Sheet, *, last: bool = False) -> int:
    found = content.rfind(sheet.newline) if last else content.find(sheet.newline)
    return found + 1 or len(content)


def _lines(content: bytes, newline: bytes) -> int:
    if newline == b"\n" and b"\r" in content:
        # A carriage return of its own ends a line, too, for whoever counts them in an editor.
        return content.count(b"\n") + content.count(b"\r") - content.count(b"\r\n")
    return content.count(newline) + (not content.endswith(newline))


def _objects(sheet: Sheet, text: str, line: int) -> Iterator[tuple[int, list[str] | Broken]]:
    for number, words in enumerate(text.split("\n"), line + 1):
        if not words.strip():
            continue
        try:
            row = json.loads(words)
        except json.JSONDecodeError as error:
            facts = {"place": str(error.colno)}
            yield number, Broken(_("is not JSON from its character %(place)s on"), facts)
            continue
        except (ValueError, RecursionError):
            yield number, Broken(_("is not JSON that can be read"))
            continue
        if not isinstance(row, dict):
            yield number, Broken(_("is not a JSON object"))
            continue
        yield number, [_said(row.get(name)) for name in sheet.headings]


def _said(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
