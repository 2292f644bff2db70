"""Addresses are checked, kept as written, and recognised again."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_addresses import hostile
from newsletter import addresses
from newsletter.addresses import syntax
from newsletter.errors import Invalid, InvalidAddress
from newsletter.language import translations

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


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (" ", "there is no address"),
        ("anna", "it has no @"),
        ("anna@one@example.org", "it has more than one @"),
        ("@example.org", "there is nothing before the @"),
        ("anna@", "there is nothing after the @"),
        ("an na@example.org", "there is a space in it"),
        ("anna@exam ple.org", "there is a space in it"),
        ("a" * 260 + "@example.org", "it is too long"),
        ("a" * 99_999, "it has no @"),
        ("anna.@example.org", "there is a dot where none can be"),
        ("anna@example..org", "there is a dot where none can be"),
        ("an,na@example.org", "“,” cannot be in one"),
        ("anna\udcff@example.org", "“\\udcff” cannot be in one"),
        ("anna@exam_ple!.org", "“!” cannot be in one"),
        ("anna@localhost", "what follows the @ has no dot"),
        ("anna@-x.org", "no mail goes to “-x.org”"),
        ("anna@host.invalid", "no mail goes to “host.invalid”"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_in_words_to_be_translated(
    written: str, words: str
) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        addresses.parse(written)
    said = refusal.value
    assert (said.words % said.facts).endswith(words)
    assert len(said.words % said.facts) < 200
    polish = translations("pl").gettext(said.words) % said.facts
    assert polish.isprintable()
    assert said.words not in polish


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


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("anna@gmial.com", "anna@gmail.com"),
        ("anna@gmail.con", "anna@gmail.com"),
        ("Anna@GMIAL.con", "Anna@gmail.com"),
        ("anna@gamil.com", "anna@gmail.com"),
        ("anna@gmaill.com", "anna@gmail.com"),
        ("anna@gmai.com", "anna@gmail.com"),
        ("anna@hotmial.com", "anna@hotmail.com"),
        ("anna@outlok.com", "anna@outlook.com"),
        ("anna@intera.pl", "anna@interia.pl"),
        ("anna@yahoo.co", "anna@yahoo.com"),
        ("anna@wp.lp", "anna@wp.pl"),
    ],
)
def test_a_slip_in_a_frequent_domain_is_noticed(written: str, meant: str) -> None:
    assert addresses.suggestion(written) == meant


@pytest.mark.parametrize(
    "domain",
    [
        *("gmail.com", "mail.com", "ymail.com", "gmx.com", "op.pl", "wp.pl", "o2.pl", "ox.pl"),
        *("hotmail.fr", "yahoo.com.br", "institute.example", "email.com", "interia.eu", "life.com"),
        *("przykład.pl", "gmail.institute.example", "me.com", "web.pl"),
    ],
)
def test_a_domain_that_may_be_meant_is_left_alone(domain: str) -> None:
    assert addresses.suggestion(f"anna@{domain}") is None


def test_addresses_of_tasks_are_told_from_those_of_people() -> None:
    assert all(map(addresses.is_role, ["office@example.org", "INFO@example.org", "info+x@a.org"]))
    assert not addresses.is_role("officer@example.org")


def test_domains_that_give_addresses_for_minutes_are_known() -> None:
    assert addresses.is_disposable("anna@mailinator.com")
    assert addresses.is_disposable("anna@some.where.YopMail.com")
    assert not addresses.is_disposable("anna@notmailinator.com")
    assert not addresses.is_disposable("anna@przykład.pl")


@pytest.mark.parametrize(
    ("domain", "takes"),
    [
        ("takes.example.org", True),
        ("null.example.org", False),
        ("nothing.example.org", False),
        ("broken.example.org", True),
        ("silent.example.org", True),
    ],
)
def test_only_a_clear_no_of_a_name_server_counts(domain: str, takes: bool) -> None:
    with name_server() as resolver:
        assert addresses.takes_mail(f"anna@{domain}", resolver) is takes


@contextmanager
def name_server() -> Iterator[dns.resolver.Resolver]:
    """Answer on this machine for some domains, fail for one, and stay silent for another."""
    zone = {"takes.example.org.": "10 mail.example.org.", "null.example.org.": "0 ."}
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as listener:
        listener.bind(("127.0.0.1", 0))

        def answer() -> None:
            while True:
                wire, sender = listener.recvfrom(4096)
                if not wire:
                    return
                query = dns.message.from_wire(wire)
                name, kind = query.question[0].name.to_text(), query.question[0].rdtype
                answer = dns.message.make_response(query)
                if name.startswith("silent"):
                    continue
                if name.startswith("broken"):
                    answer.set_rcode(dns.rcode.SERVFAIL)
                elif name not in zone:
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                elif kind == dns.rdatatype.MX:
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", zone[name]))
                listener.sendto(answer.to_wire(), sender)

        thread = threading.Thread(target=answer)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], listener.getsockname()[1]
        resolver.lifetime = 1.0
        try:
            yield resolver
        finally:
            listener.sendto(b"", listener.getsockname())
            thread.join()


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
    monkeypatch.setattr(syntax, "_MOST_DOMAINS", 3)
    for n in [*range(8), *range(8)]:
        assert checker.parse(f"a@mail{n}.example.org") == f"a@mail{n}.example.org"


@given(st.text(), st.text())
def test_the_digest_of_many_is_the_digest_of_one(secret: str, address: str) -> None:
    try:
        secret.encode(), address.lower().encode()
    except UnicodeEncodeError:
        return
    assert addresses.digester(secret)(address) == addresses.digest(address, secret)
