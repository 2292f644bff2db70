"""Payment links: what may be one, and that what fills its slots stays in them."""

import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.support import check_link, fill_link

LINK = "https://pay.example.org/give/{currency}?amount={amount}&client_reference_id={reference}"


def test_the_slots_are_filled() -> None:
    filled = fill_link(LINK, amount=Decimal("12.5"), currency="EUR", reference="12-3.ab&c")
    assert filled == (
        "https://pay.example.org/give/EUR?amount=12.50&client_reference_id=12-3.ab%26c"
    )


def test_without_an_amount_the_form_elsewhere_asks() -> None:
    filled = fill_link(LINK, amount=None, currency="PLN", reference="")
    assert filled == "https://pay.example.org/give/PLN?amount=&client_reference_id="


@given(st.text(max_size=60))
def test_whatever_fills_a_slot_stays_in_it(reference: str) -> None:
    reference = reference.encode("utf-8", "ignore").decode()
    filled = fill_link(LINK, amount=Decimal(5), currency="EUR", reference=reference)
    parts = urlsplit(filled)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "pay.example.org", "/give/EUR")
    assert parts.fragment == ""
    asked = parse_qs(parts.query, keep_blank_values=True)
    assert asked == {"amount": ["5.00"], "client_reference_id": [reference]}


@pytest.mark.parametrize(
    "link",
    [
        "https://institute.example/donate",
        "https://www.paypal.com/donate?hosted_button_id=ABC",
        "https://buy.stripe.com/test_1?client_reference_id={reference}",
        "https://xn--d-qga.example:443/{amount}{currency}#{reference}",
        " https://pay.example.org/ \n",
    ],
)
def test_an_address_on_the_web_is_a_payment_link(link: str) -> None:
    assert check_link(link) == link.strip()


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("", "begins with https://"),
        ("http://pay.example.org/", "begins with https://"),
        ("javascript:alert(1)//{amount}", "begins with https://"),
        ("//pay.example.org/", "begins with https://"),
        ("https://pay.example.org/{sum}", "no slot {sum}; it knows {amount}, {currency}"),
        ("https://pay.example.org/{}", "no slot {}"),
        ("https://pay.example.org/{amount", "has no partner"),
        ("https://pay.example.org/{{amount}}", "has no partner"),
        ("https://pay.example.org{reference}/", "never in it"),
        ("https://{reference}.example.org/", "never in it"),
        ("https://pay.example.org:pass@evil.example/", "no password, no other port"),
        ("https://pay@evil.example/", "no password, no other port"),
        ("https://pay.example.org:8443/", "no other port"),
        ("https://pay.example.org\\@evil.example/", "no password"),
        ("https://localhost/", "“localhost” is no host on the web"),
        ("https://127.0.0.1/", "“127.0.0.1” is no host on the web"),
        ("https://[::1]/", "“::1” is no host on the web"),
        ("https://[::1/", "an address like"),
        ("https:///give", "“” is no host"),
        ("https://płać.example/", "“płać.example” is no host"),
        ("https://pay.example.org/two words", "has no spaces"),
        ("https://pay.example.org/\u202eevil", "has no spaces"),
    ],
)
def test_what_is_no_payment_link_is_named(link: str, says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(says)):
        check_link(link)


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "E R", "€"])
def test_a_currency_has_three_letters(currency: str) -> None:
    with pytest.raises(Invalid, match="such as EUR"):
        fill_link(LINK, amount=None, currency=currency, reference="")
