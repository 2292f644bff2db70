"""Addresses are checked, kept as written, and recognised again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter import addresses
from newsletter.errors import Invalid, InvalidAddress

SECRET = "a secret of thirty-two characters"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("anna@example.org", "anna@example.org"),
        ("  anna@example.org\n", "anna@example.org"),
        ("Anna.Nowak@EXAMPLE.org", "Anna.Nowak@example.org"),
        ("anna+monitor@example.org", "anna+monitor@example.org"),
        ("o'brien@example.ie", "o'brien@example.ie"),
        ("zażółć@przykład.pl", "zażółć@przykład.pl"),
        ("anna@xn--przykad-rjb.pl", "anna@przykład.pl"),
    ],
)
def test_an_address_is_kept_as_written_with_its_domain_in_lower_case(
    written: str, kept: str
) -> None:
    assert addresses.parse(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "",
        "anna",
        "@example.org",
        "anna@",
        "anna@localhost",
        "anna@example..org",
        "anna@example.org, jan@example.org",
        "Anna <anna@example.org>",
        "anna@example.org\r\nBcc: jan@example.org",
        "an na@example.org",
        "anna@[127.0.0.1]",
        "anna\udcff@example.org",
    ],
)
def test_what_is_no_address_is_refused_and_named(written: str) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        addresses.parse(written)
    assert repr(written.strip()) in refusal.value.message


@given(st.text())
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    try:
        kept = addresses.parse(text)
    except InvalidAddress:
        return
    assert addresses.parse(kept) == kept


def test_an_address_is_recognised_in_upper_and_lower_case() -> None:
    digest = addresses.digest("anna@example.org", SECRET)
    assert addresses.digest("Anna@Example.ORG", SECRET) == digest
    assert len(digest) == 32


@pytest.mark.parametrize("other", ["ana@example.org", "anna@example.com"])
def test_different_addresses_are_told_apart(other: str) -> None:
    assert addresses.digest(other, SECRET) != addresses.digest("anna@example.org", SECRET)


def test_domains_that_unicode_would_fold_together_are_told_apart() -> None:
    assert addresses.digest("anna@faß.de", SECRET) != addresses.digest("anna@fass.de", SECRET)


def test_a_digest_says_nothing_without_the_secret() -> None:
    assert addresses.digest("anna@example.org", SECRET) != addresses.digest(
        "anna@example.org", SECRET + "!"
    )


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("institute.example", "institute.example"),
        (" Institute.EXAMPLE ", "institute.example"),
        ("Przykład.pl", "xn--przykad-rjb.pl"),
        ("xn--przykad-rjb.pl", "xn--przykad-rjb.pl"),
    ],
)
def test_a_domain_is_written_as_name_servers_know_it(written: str, known: str) -> None:
    assert addresses.domain(written) == known


@pytest.mark.parametrize(
    "written", ["", "institute", "a@institute.example", "a b.example", "a..example", "[127.0.0.1]"]
)
def test_what_is_no_domain_is_refused(written: str) -> None:
    with pytest.raises(Invalid, match="is not a domain; write one like"):
        addresses.domain(written)
