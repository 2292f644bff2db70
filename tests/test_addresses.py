"""Addresses are checked, kept as written, and recognised again."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_addresses import hostile
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


@pytest.fixture(scope="module")
def checker() -> addresses.Checker:
    """One for many addresses, so that what it remembers of domains is tried too."""
    return addresses.Checker()


def verdict(check: Callable[[str], str], text: str) -> tuple[bool, str]:
    """Tell whether ``text`` is good, and how it is kept, or why not."""
    try:
        return True, check(text)
    except InvalidAddress as refusal:
        return False, refusal.message


def test_many_hostile_addresses_are_judged_like_one(checker: addresses.Checker) -> None:
    good = 0
    for text in hostile(20_000, seed=4):
        expected = verdict(addresses.parse, text)
        assert verdict(checker.parse, text) == expected, ascii(text)
        good += expected[0]
    assert 4_000 < good < 16_000


@given(
    st.one_of(
        st.text(),
        st.emails(),
        st.from_regex(r"[a-zA-Z.+!'-]{1,70}@[a-zA-Z0-9.-]{1,190}", fullmatch=True),
        st.from_regex(r"\s?[\w.\"\\]{1,9}@[\w.\-]{1,20}\.(com|local|xn--\w{1,9})\s?"),
    )
)
def test_any_address_is_judged_alike_alone_and_among_many(text: str) -> None:
    assert verdict(addresses.Checker().parse, text) == verdict(addresses.parse, text)


@pytest.mark.parametrize("name", ["INFO", "Postmaster", "uucp", "Hostmaster"])
def test_a_name_of_one_case_is_kept_alike(checker: addresses.Checker, name: str) -> None:
    written = f"{name}@example.org"
    assert checker.parse(written) == addresses.parse(written) == written.lower()


@pytest.mark.parametrize("length", range(230, 258))
@pytest.mark.parametrize("domain", ["example.org", "xn--przykad-rjb.pl", "XN--FA-HIA.de"])
def test_the_limit_of_length_is_the_same(
    checker: addresses.Checker, domain: str, length: int
) -> None:
    text = "a" * (length - len(domain) - 1) + "@" + domain
    assert verdict(checker.parse, text) == verdict(addresses.parse, text)


def test_domains_beyond_those_remembered_are_judged_too(
    checker: addresses.Checker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "_MOST_DOMAINS", 3)
    for n in [*range(8), *range(8)]:
        assert checker.parse(f"a@mail{n}.example.org") == f"a@mail{n}.example.org"


@given(st.text(), st.text())
def test_the_digest_of_many_is_the_digest_of_one(secret: str, address: str) -> None:
    try:
        secret.encode(), address.lower().encode()
    except UnicodeEncodeError:
        return
    assert addresses.digester(secret)(address) == addresses.digest(address, secret)
