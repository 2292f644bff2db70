"""Gifts read from the CSV files of banks and services, and what is said of rows that are wrong."""

import csv
import io
import re
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.support import Fault, Gift, parse_amount, read_csv

TODAY = date(2026, 11, 25)
HEADER = "date,amount,currency,reference,address,transaction"
GIFTS = st.builds(
    Gift,
    given_on=st.dates(date(2000, 1, 1), TODAY),
    amount=st.decimals("0.01", "99999999", places=2),
    currency=st.sampled_from(["EUR", "PLN", "USD"]),
    reference=st.text("abc0-.,;\"' ąę", max_size=20).map(str.strip),
    address=st.sampled_from(["", "ann@example.org", "tom@institute.example"]),
)


def read(*rows: str) -> tuple[tuple[tuple[int, Gift], ...], tuple[Fault, ...]]:
    found = read_csv("\n".join([HEADER, *rows]).encode(), TODAY)
    return found.gifts, found.faults


def test_every_field_of_a_gift_is_read() -> None:
    gifts, faults = read("2026-11-24,50.00,EUR,12-3.ab,Ann@Example.org,tx-1")
    assert faults == ()
    gift = Gift(date(2026, 11, 24), Decimal("50.00"), "EUR", "12-3.ab", "Ann@example.org", "tx-1")
    assert gifts == ((2, gift),)


def test_the_export_of_a_polish_bank() -> None:
    written = (
        "Data operacji;Nadawca;Kwota operacji;Waluta;Referencja\r\n"
        '24.11.2026;"Łucja Żak";"1 234,50";PLN;12-3\r\n'
        "\r\n"
        '1.2.2026;"Jan\r\nKos";20;pln;\r\n'
    )
    expected = [
        (2, Gift(date(2026, 11, 24), Decimal("1234.50"), "PLN", "12-3")),
        (4, Gift(date(2026, 2, 1), Decimal(20), "PLN")),
    ]
    for encoding in ("utf-8", "utf-8-sig", "cp1250"):
        found = read_csv(written.encode(encoding), TODAY)
        assert (list(found.gifts), found.faults) == (expected, ())


@given(st.lists(GIFTS, max_size=8), st.sampled_from(",;\t"))
def test_what_is_written_is_read_back(gifts: list[Gift], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(HEADER.split(","))
    for number, gift in enumerate(gifts):
        facts = (gift.given_on, gift.amount, gift.currency, gift.reference, gift.address)
        writer.writerow([*facts, f"tx-{number}"])
    found = read_csv(out.getvalue().encode(), TODAY)
    assert found.faults == ()
    plain = [Gift(g.given_on, g.amount, g.currency, g.reference, g.address) for _, g in found.gifts]
    assert plain == gifts
    assert [gift.transaction for _, gift in found.gifts] == [f"tx-{n}" for n in range(len(gifts))]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", "12"),
        ("12.5", "12.50"),
        ("12,50", "12.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234\u202f567,89", "1234567.89"),
        ("1,234.50", "1234.50"),
        ("1.234.567,89", "1234567.89"),
        ("1'234.50", "1234.50"),
        ("+5", "5"),
    ],
)
def test_an_amount_is_read_as_banks_write_it(text: str, amount: str) -> None:
    assert parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the amount is missing"),
        ("-5", "below zero"),
        ("−5", "below zero"),
        ("(5)", "below zero"),
        ("0,00", "nothing given"),
        ("1,234", "can be read in two ways; write it like 1234.00"),
        ("1.234", "can be read in two ways"),
        ("12.345.67", "no amount"),
        ("1,23,456.00", "no amount"),
        ("12.3456", "no amount"),
        ("five", "no amount; write one like 1234.50"),
        ("5 EUR", "no amount"),
        ("NaN", "no amount"),
        ("1e3", "no amount"),
        ("٥", "no amount"),
        ("61109010140000071219812874", "is it an account number?"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(says)):
        parse_amount(text)


@given(st.text(max_size=15))
def test_an_amount_is_above_zero_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert parse_amount(text) > 0


@pytest.mark.parametrize(
    ("row", "field", "says"),
    [
        (",5,EUR,,,", "date", "the date is missing"),
        ("24/11/2026,5,EUR,,,", "date", "write one like 2026-11-24 or 24.11.2026"),
        ("2026-02-30,5,EUR,,,", "date", "no day of the calendar"),
        ("31.11.2026,5,EUR,,,", "date", "no day of the calendar"),
        ("2026-11-26,5,EUR,,,", "date", "still to come"),
        ("2026-11-24,-5,EUR,,,", "amount", "below zero"),
        ("2026-11-24,5,,,,", "currency", "such as EUR"),
        ("2026-11-24,5,zł,,,", "currency", "“zł” is no currency"),
        ("2026-11-24,5,EUR,,ann@,", "address", "is not an e-mail address"),
        (f"2026-11-24,5,EUR,{'r' * 201},,", "reference", "201 characters and may have 200"),
        ("2026-11-24,5,EUR,a\x07,,", "reference", "control characters"),
        ("2026-11-24,5,00,EUR,,,", "", "the row has 7 fields and the header 6"),
        ("2026-11-24,5", "", "the row has 2 fields"),
    ],
)
def test_a_row_that_is_wrong_is_named_with_line_and_field(row: str, field: str, says: str) -> None:
    right = "2026-11-23,5,EUR,,,"
    gifts, faults = read(right, row, right)
    assert [line for line, _ in gifts] == [2, 4]
    assert [(fault.line, fault.field) for fault in faults] == [(3, field)]
    assert says in faults[0].message


def test_all_that_is_wrong_in_a_row_is_said_at_once() -> None:
    _, faults = read("yesterday,much,gold,,nobody,")
    assert [fault.field for fault in faults] == ["date", "amount", "currency", "address"]


def test_a_transaction_counts_once_in_a_file() -> None:
    row = "2026-11-23,5,EUR,,,tx-1"
    gifts, faults = read(row, row, "2026-11-23,5,EUR,,,", "2026-11-23,5,EUR,,,")
    assert [line for line, _ in gifts] == [2, 4, 5]
    assert [(f.line, f.field, f.message) for f in faults] == [
        (3, "transaction", "“tx-1” is in line 2 already")
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no column called date, amount, currency"),
        (b"date,amount\n", "no column called currency"),
        (b"date,amount,kwota,currency\n", "“amount” and “kwota” both say the amount"),
        (b'date,amount,currency\n2026-11-24,"5,EUR\n', "Line 2 is not CSV"),
        (b"PK\x03\x04\0\0", "The file is not CSV; save the sheet as CSV"),
        (HEADER.encode("utf-16"), "The file is not CSV"),
        (b"x" * (32 * 1024 * 1024 + 1), "larger than 32 MB"),
        (b"date,amount,currency\n" + b"2026-11-24,5,EUR\n" * 100_001, "100,000 gifts at most"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(says)):
        read_csv(content, TODAY)


@given(st.binary(max_size=300))
def test_whatever_is_brought_in_nothing_breaks(content: bytes) -> None:
    for written in (content, HEADER.encode() + b"\n" + content):
        with suppress(Invalid):
            found = read_csv(written, TODAY)
            assert all(gift.amount > 0 for _, gift in found.gifts)
