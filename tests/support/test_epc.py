"""The code of a transfer, as a reader of codes that is not ours reads it, field by field."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from newsletter.errors import Invalid
from newsletter.support import Transfer, epc_payload, qr_png, qr_svg

IBAN = "PL61109010140000071219812874"
FIELDS = (
    *("tag", "version", "characters", "kind", "bic", "name", "iban", "amount", "purpose"),
    *("reference", "message", "note"),
)


def transfer(**changes: Any) -> Transfer:
    facts: dict[str, Any] = {"name": "Institute of Examples", "iban": IBAN}
    return Transfer(**facts | changes)


def fields(scanned: str) -> dict[str, str]:
    """Take the lines of a code apart as EPC069-12 numbers them."""
    lines = scanned.split("\n")
    return dict(zip(FIELDS, lines + [""] * (len(FIELDS) - len(lines)), strict=True))


def test_a_reader_of_codes_finds_every_field(scanned: Callable[[bytes], str]) -> None:
    full = transfer(
        name="Fundacja Zażółć Gęślą Jaźń",
        iban="pl61 1090 1014 0000 0712 1981 2874",
        amount=Decimal("120.5"),
        message="Darowizna 12-3",
        note="Dziękujemy",
        bic="wbkpplpp",
    )
    assert fields(scanned(qr_png(epc_payload(full)))) == {
        "tag": "BCD",
        "version": "002",
        "characters": "1",
        "kind": "SCT",
        "bic": "WBKPPLPP",
        "name": "Fundacja Zażółć Gęślą Jaźń",
        "iban": IBAN,
        "amount": "EUR120.50",
        "purpose": "",
        "reference": "",
        "message": "Darowizna 12-3",
        "note": "Dziękujemy",
    }


def test_a_creditor_reference_has_a_line_of_its_own(scanned: Callable[[bytes], str]) -> None:
    read = fields(scanned(qr_png(epc_payload(transfer(reference="rf18 5390 0754 7034")))))
    assert (read["reference"], read["message"]) == ("RF18539007547034", "")


def test_without_an_amount_the_giver_chooses(scanned: Callable[[bytes], str]) -> None:
    read = scanned(qr_png(epc_payload(transfer())))
    assert read == f"BCD\n002\n1\nSCT\n\nInstitute of Examples\n{IBAN}"


@given(
    st.text("abcdefghijklmnop ąęółśżźćń.-/", min_size=1, max_size=70).filter(str.strip),
    st.decimals("0.01", "999999999.99", places=2) | st.none(),
    st.text("abcdefghijklmnopq ABC0123456789-.", max_size=100),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_asked_for_is_read_back(
    scanned: Callable[[bytes], str], name: str, amount: Decimal | None, message: str
) -> None:
    asked = transfer(name=name, amount=amount, message=message)
    read = fields(scanned(qr_png(epc_payload(asked), scale=4)))
    assert (read["name"], read["message"]) == (name.strip(), message.strip())
    assert read["amount"] == (f"EUR{amount:.2f}" if amount else "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_drawing_on_a_page_is_read_in_light_and_dark(
    browser: Browser, scanned: Callable[[bytes], str], scheme: Any
) -> None:
    payload = epc_payload(transfer(amount=Decimal(20)))
    page = browser.new_page(
        color_scheme=scheme, viewport={"width": 360, "height": 360}, device_scale_factor=2
    )
    page.set_content(
        "<style>:root { color-scheme: light dark } svg { width: 240px }</style>" + qr_svg(payload)
    )
    assert scanned(page.screenshot()) == payload
    page.close()


def test_the_drawing_has_no_style_and_no_script() -> None:
    drawn = qr_svg(epc_payload(transfer()))
    assert re.fullmatch(r'<svg viewBox="[0-9 ]+" class="qr">(<path [^>]*/>)+</svg>', drawn)
    assert "style" not in drawn


@pytest.mark.parametrize(("name", "most", "note"), [("n", 331, 46), ("ż", 329, 56)])
def test_the_longest_that_fits_is_of_version_13_and_one_octet_more_is_refused(
    scanned: Callable[[bytes], str], name: str, most: int, note: int
) -> None:
    facts = {
        "name": name * (70 if name.isascii() else 60),
        "bic": "WBKPPLPPXXX",
        "amount": Decimal("999999999.99"),
        "message": "m" * (140 if name.isascii() else 78),
    }
    payload = epc_payload(transfer(**facts, note="n" * note))
    assert len(payload.encode()) == most
    assert scanned(qr_png(payload)) == payload
    assert _modules(qr_svg(payload)) == 4 * 13 + 17
    with pytest.raises(Invalid, match=f"message: .* {most} octets, this would be {most + 1}"):
        epc_payload(transfer(**facts, note="n" * (note + 1)))


def _modules(drawn: str) -> int:
    """Return how many modules wide a drawn code is, without its quiet zone of four."""
    found = re.search(r'viewBox="0 0 ([0-9]+) ', drawn)
    assert found
    return int(found[1]) - 8


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": " "}, "name: the holder of the account is missing"),
        ({"name": "n" * 71}, "name: 71 characters are too many, it takes 70"),
        ({"name": "Two\nlines"}, "name: it is one line"),
        ({"message": "m" * 141}, "message: 141 characters are too many, it takes 140"),
        ({"message": "m\nSCT"}, "message: it is one line"),
        ({"note": "n" * 71}, "note: 71"),
        ({"reference": "RF18539007547035"}, "reference: “RF18539007547035” is not a creditor"),
        ({"reference": "Gift 12"}, "free words go into the message"),
        ({"reference": "RF18539007547034", "message": "m"}, "a reference or a message, not both"),
        ({"iban": "PL61"}, "PL has 28 characters"),
        ({"iban": "TR330006100519786457841326"}, "iban: no SEPA transfer reaches TR"),
        ({"amount": Decimal(0)}, "amount: 0 is not between 0.01 and 999999999.99 euros"),
        ({"amount": Decimal("1e9")}, "amount: 1E+9 is not between"),
        ({"amount": Decimal("0.015")}, "amount: 0.015 is not in whole cents"),
        ({"amount": Decimal("NaN")}, "amount: NaN is not between"),
        ({"bic": "WBK"}, "bic: “WBK” is not one"),
    ],
)
def test_what_the_standard_does_not_take_is_named(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(says)):
        epc_payload(transfer(**changes))
