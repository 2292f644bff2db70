"""Gifts: what was given, read from the CSV file of a bank or a payment service.

Each row that cannot be read is named with its line and field, and keeps no other from being read.
"""

import csv
import dataclasses
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from newsletter import addresses
from newsletter.errors import Invalid
from newsletter.language import marked as _

MOST_ROWS = 100_000
"""Rows of one file; more are brought in as several files."""
MOST_OCTETS = 32 * 1024 * 1024

_NAMES = {
    "date": ("date", "day", "paid at", "created", "data", "data operacji", "data wpłaty"),
    "amount": ("amount", "gross", "kwota", "kwota operacji"),
    "currency": ("currency", "waluta"),
    "reference": ("reference", "tag", "ref", "referencja", "znacznik"),
    "address": ("address", "e-mail", "email", "adres", "adres e-mail"),
    "transaction": ("transaction", "transaction id", "id", "transakcja", "numer transakcji"),
}
"""The fields and the names that their columns may have, in any case and order."""

_NEEDED = ("date", "amount", "currency")
_LONGEST = {"reference": 200, "transaction": 255}
_MOST = Decimal(10) ** 9
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]{1,2})?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{1,2}|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]{1,2}")
_DOUBTFUL = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Gift:
    """One donation. ``amount`` is above zero, in ``currency`` (ISO 4217).

    ``reference`` is the tag of the link that it came by; ``transaction`` what the bank or service
    calls it, by which it is known again; ``address`` the one that the giver gave. All three may be
    empty.
    """

    given_on: date
    amount: Decimal
    currency: str
    reference: str = ""
    address: str = ""
    transaction: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said in some language: marked ``words`` with places for ``facts``."""

    words: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def message(self) -> str:
        """Say it in English."""
        return self.words % self.facts if self.facts else self.words

    @classmethod
    def by(cls, error: Invalid) -> "Told":
        """Return what an error says that was met while gifts were read."""
        return cls(error.words, error.facts)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one ``field`` of the row that begins at ``line``, counted from 1.

    ``message`` says it in English, ``told`` in any language.
    """

    line: int
    field: str
    message: str
    told: Told = dataclasses.field(default=Told(""), compare=False)


@dataclass(frozen=True, slots=True)
class GiftFile:
    """What was read: gifts with the lines of their rows, and the faults of all other rows."""

    gifts: tuple[tuple[int, Gift], ...]
    faults: tuple[Fault, ...]


def read_csv(content: bytes, today: date) -> GiftFile:
    """Read gifts from CSV with a header; columns that it does not know are left alone.

    The file is in UTF-8 or Windows-1250, its columns are parted by commas, semicolons or tabs.
    Raises Invalid if that is not so or a needed column is missing. Nothing is given after
    ``today``, and no transaction twice in one file.
    """
    rows = _rows(_decoded(content))
    header = next(rows, (0, []))[1]
    columns = _columns(header)
    gifts: list[tuple[int, Gift]] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for count, (line, row) in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise _refusal(
                _("A file has %(most)s gifts at most; bring it in as several files"),
                most=f"{MOST_ROWS:,}",
            )
        if len(row) != len(header):
            words = _(
                "the row has %(count)s fields and the header %(most)s; is a text not in quotes?"
            )
            told = Told(words, {"count": len(row), "most": len(header)})
            faults.append(_fault(line, "", told))
            continue
        gift, wrong = _gift({field: row[at] for field, at in columns.items()}, today)
        faults.extend(_fault(line, name, told) for name, told in wrong.items())
        if not gift:
            continue
        if gift.transaction and (first := seen.setdefault(gift.transaction, line)) != line:
            words = _("“%(text)s” is in line %(first)s already")
            told = Told(words, {"text": gift.transaction, "first": first})
            faults.append(_fault(line, "transaction", told))
            continue
        gifts.append((line, gift))
    return GiftFile(tuple(gifts), tuple(faults))


def read_gift(fields: Mapping[str, str], today: date) -> Gift:
    """Read a gift from its fields, as a message has them; raise Invalid with all that is wrong."""
    gift, wrong = _gift(fields, today)
    if not gift:
        words = "; ".join(f"{name}: {told.message}" for name, told in wrong.items())
        raise Invalid(words, fields=tuple(wrong), wrong=wrong)
    return gift


def _gift(fields: Mapping[str, str], today: date) -> tuple[Gift | None, dict[str, Told]]:
    """Return a gift, or what is wrong with which of its fields."""
    wrong: dict[str, Told] = {}

    def read(field: str, reader: Callable[[str], _Value]) -> _Value | None:
        try:
            return reader(fields.get(field, "").strip())
        except Invalid as error:
            wrong[field] = Told.by(error)
            return None

    given_on = read("date", lambda text: _day(text, today))
    amount = read("amount", parse_amount)
    currency = read("currency", _currency)
    reference = read("reference", lambda text: _word("reference", text))
    address = read("address", lambda text: addresses.parse(text) if text else "")
    transaction = read("transaction", lambda text: _word("transaction", text))
    if wrong or given_on is None or amount is None:
        return None, wrong
    facts = (currency or "", reference or "", address or "", transaction or "")
    return Gift(given_on, amount, *facts), {}


def _fault(line: int, field: str, told: Told) -> Fault:
    return Fault(line, field, told.message, told)


def _refusal(words: str, **facts: object) -> Invalid:
    return Invalid(words=words, facts={name: str(fact) for name, fact in facts.items()})


def parse_amount(text: str) -> Decimal:
    """Read an amount of money as banks write it, 1234.50 or 1 234,50; raise Invalid."""
    bare = re.sub(r"[\s'’]", "", text)
    if not bare:
        raise _refusal(_("the amount is missing"))
    if bare.startswith(("-", "−", "(")):
        raise _refusal(_("“%(text)s” is below zero; what was paid back is not a gift"), text=text)
    bare = bare.removeprefix("+")
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(min(",.", key=bare.index), "")  # the mark that parts thousands
    elif _DOUBTFUL.fullmatch(bare) and not _PLAIN.fullmatch(bare):
        raise _refusal(_("“%(text)s” can be read in two ways; write it like 1234.00"), text=text)
    elif not _PLAIN.fullmatch(bare):
        raise _refusal(_("“%(text)s” is no amount; write one like 1234.50 or 1 234,50"), text=text)
    amount = Decimal(bare.replace(",", "."))
    if not amount:
        raise _refusal(_("“%(text)s” is nothing given"), text=text)
    if amount >= _MOST:
        raise _refusal(_("“%(text)s” is more than can be; is it an account number?"), text=text)
    return amount.quantize(Decimal("0.01"))


def _day(text: str, today: date) -> date:
    if not text:
        raise _refusal(_("the date is missing"))
    try:
        if match := _YEAR_FIRST.fullmatch(text):
            day = date.fromisoformat(match[1])
        elif match := _DAY_FIRST.fullmatch(text):
            day = date(int(match[3]), int(match[2]), int(match[1]))
        else:
            raise _refusal(
                _("“%(text)s” is no date; write one like 2026-11-24 or 24.11.2026"), text=text
            )
    except ValueError as error:
        raise _refusal(_("“%(text)s” is no day of the calendar"), text=text) from error
    if day > today:
        raise _refusal(_("“%(text)s” is still to come"), text=text)
    return day


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(currency := text.upper()):
        raise _refusal(
            _("“%(text)s” is no currency; write its three letters, such as EUR"), text=text
        )
    return currency


def _word(field: str, text: str) -> str:
    if len(text) > _LONGEST[field]:
        raise _refusal(
            _("it has %(count)s characters and may have %(most)s"),
            count=len(text),
            most=_LONGEST[field],
        )
    if not text.isprintable():
        raise _refusal(_("it has control characters"))
    return text


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Tell in which column each field is; raise Invalid for one that is missing or there twice."""
    names = [" ".join(name.lower().split()) for name in header]
    columns: dict[str, int] = {}
    for field, known in _NAMES.items():
        found = [at for at, name in enumerate(names) if name in known]
        if len(found) > 1:
            twice = " and ".join(f"“{header[at].strip()}”" for at in found)
            raise _refusal(
                _("The columns %(twice)s both say the %(field)s; leave one of them"),
                twice=twice,
                field=field,
            )
        if found:
            columns[field] = found[0]
    if missing := [field for field in _NEEDED if field not in columns]:
        raise _refusal(
            _("The first line has no column called %(missing)s; begin the file with %(header)s"),
            missing=", ".join(missing),
            header="date,amount,currency,reference,address,transaction",
        )
    return columns


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty with the lines at which they begin."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if any(field.strip() for field in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise _refusal(
            _("Line %(line)s is not CSV: %(error)s"), line=reader.line_num, error=str(error)
        ) from error


def _decoded(content: bytes) -> str:
    if len(content) > MOST_OCTETS:
        raise _refusal(
            _("The file is larger than %(most)s MB; bring it in in parts"),
            most=MOST_OCTETS // 1024**2,
        )
    if b"\0" in content:
        raise _refusal(_("The file is not CSV; save the sheet as CSV in UTF-8"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1250", errors="replace")  # what Polish banks still write
