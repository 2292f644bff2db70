"""What is found of a domain, by a table of records, and by a name server on this machine."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace

import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from newsletter.domains import (
    Ask,
    Finding,
    PublicKey,
    Sender,
    Subject,
    Unanswered,
    Verdict,
    examine,
    name_servers,
    worst,
)

KEY = PublicKey("n1", "n1._domainkey.a.example", "v=DKIM1; k=rsa; p=AAAA", signs=True)
SENDER = Sender("a.example", "a.example", ("relay.example.net",), (KEY,))

Zone = Mapping[tuple[str, str], tuple[str, ...]]

GOOD: Zone = {
    ("a.example", "TXT"): ("v=spf1 include:relay.example.net -all", "another text"),
    ("a.example", "MX"): ("10 mail.a.example.",),
    ("n1._domainkey.a.example", "TXT"): ("v=DKIM1;k=rsa;p=AA AA",),
    ("_dmarc.a.example", "TXT"): ("v=DMARC1; p=reject; rua=mailto:x@a.example",),
}


def asking(zone: Zone) -> Ask:
    return lambda name, kind: zone.get((name, kind), ())


def looked(
    subject: Subject, name: str, *texts: str, kind: str = "TXT", sender: Sender = SENDER
) -> Finding:
    """Return what is found about ``subject`` where all is well but for one record."""
    found = examine(sender, asking({**GOOD, (name, kind): texts}))
    return next(one for one in found if one.subject is subject)


def test_where_all_is_well_nothing_is_to_be_pasted() -> None:
    found = examine(SENDER, asking(GOOD))
    assert [one.slug for one in found] == ["spf-good", "dkim-good", "dmarc-good", "bounces-good"]
    assert worst(found) is Verdict.GOOD
    assert {one.paste for one in found} == {""}


def test_where_nothing_is_there_every_record_is_given() -> None:
    found = examine(SENDER, asking({}))
    assert [one.slug for one in found] == [
        *("spf-missing", "dkim-missing", "dmarc-missing", "bounces-missing")
    ]
    assert {one.verdict for one in found} == {Verdict.BAD}
    assert [one.paste for one in found] == [
        "v=spf1 a:relay.example.net ~all",
        KEY.record,
        "v=DMARC1; p=none; rua=mailto:postmaster@a.example",
        "",
    ]


@pytest.mark.parametrize(
    ("texts", "slug", "paste"),
    [
        (("v=spf1 -all", "v=spf1 mx -all"), "spf-twice", ""),
        (("v=spf1 mx +all",), "spf-everybody", "v=spf1 mx ~all"),
        (("v=spf1 all",), "spf-everybody", "v=spf1 ~all"),
        (("v=spf1 mx",), "spf-open", "v=spf1 mx ~all"),
        (("v=spf1",), "spf-open", "v=spf1 ~all"),
        (("v=spf1 redirect=b.example",), "spf-good", ""),
        (("v=spf1 " + "mx " * 11 + "-all",), "spf-lookups", ""),
        (("v=spf1 " + "ip4:192.0.2.1 " * 20 + "-all",), "spf-good", ""),
        (("v=spf10 -all",), "spf-missing", "v=spf1 a:relay.example.net ~all"),
        (("V=SPF1 -ALL",), "spf-good", ""),
    ],
)
def test_spf_is_read(texts: tuple[str, ...], slug: str, paste: str) -> None:
    found = looked(Subject.SPF, "a.example", *texts)
    assert (found.slug, found.paste) == (slug, paste)


def test_what_an_spf_record_includes_costs_too_and_a_circle_ends() -> None:
    circle = {**GOOD, ("a.example", "TXT"): ("v=spf1 include:a.example -all",)}
    assert examine(SENDER, asking(circle))[0].slug == "spf-lookups"
    nested = {
        **GOOD,
        ("a.example", "TXT"): ("v=spf1 include:b.example -all",),
        ("b.example", "TXT"): ("v=spf1 a mx ptr exists:c.example -all",),
    }
    assert examine(SENDER, asking(nested))[0].slug == "spf-good"


@pytest.mark.parametrize(
    ("returns", "slug"),
    [
        ("bounce.a.example", "spf-good"),
        ("b.example", "spf-elsewhere"),
        ("relay.example.net", "spf-elsewhere"),
    ],
)
def test_spf_speaks_for_the_sender_only_from_the_same_house(returns: str, slug: str) -> None:
    sender = replace(SENDER, return_domain=returns)
    found = looked(Subject.SPF, returns, "v=spf1 mx -all", sender=sender)
    assert found.slug == slug


@pytest.mark.parametrize(
    ("signs", "texts", "slug", "verdict"),
    [
        (True, (), "dkim-missing", Verdict.BAD),
        (False, (), "dkim-waiting", Verdict.WARNING),
        (True, ("v=DKIM1; p=BBBB",), "dkim-other", Verdict.BAD),
        (True, ("v=DKIM1; p=AAAA", "v=DKIM1; p=BBBB"), "dkim-other", Verdict.BAD),
        (True, ("v=DKIM1; p=",), "dkim-other", Verdict.BAD),
        (True, ("p=AAAA",), "dkim-good", Verdict.GOOD),
        (False, ("p=AAAA",), "dkim-ready", Verdict.GOOD),
        (True, ("some other text",), "dkim-missing", Verdict.BAD),
    ],
)
def test_a_key_is_compared_with_its_record(
    signs: bool, texts: tuple[str, ...], slug: str, verdict: Verdict
) -> None:
    sender = replace(SENDER, keys=(replace(KEY, signs=signs),))
    found = looked(Subject.DKIM, KEY.name, *texts, sender=sender)
    assert (found.slug, found.verdict, found.about) == (slug, verdict, "n1")


def test_without_keys_a_relay_may_sign_and_a_broken_key_is_named() -> None:
    assert looked(Subject.DKIM, "x", sender=replace(SENDER, keys=())).slug == "dkim-none"
    broken = replace(SENDER, keys=(replace(KEY, record=""),))
    assert looked(Subject.DKIM, "x", sender=broken).slug == "dkim-broken"


@pytest.mark.parametrize(
    ("texts", "slug"),
    [
        ((), "dmarc-missing"),
        (("v=DMARC1; p=none", "v=DMARC1; p=reject"), "dmarc-twice"),
        (("v=DMARC1; p=none",), "dmarc-watches"),
        (("v=DMARC1;p=QUARANTINE",), "dmarc-good"),
        (("v=DMARC1; p=perhaps",), "dmarc-broken"),
        (("v=DMARC1",), "dmarc-broken"),
        (("v=DMARC10; p=none",), "dmarc-missing"),
    ],
)
def test_a_policy_is_read(texts: tuple[str, ...], slug: str) -> None:
    assert looked(Subject.DMARC, "_dmarc.a.example", *texts).slug == slug


def test_a_policy_holds_below_its_domain() -> None:
    sender = replace(SENDER, domain="news.a.example", keys=())
    found = looked(Subject.DMARC, "_dmarc.a.example", "v=DMARC1; p=reject; sp=none", sender=sender)
    assert (found.slug, found.name) == ("dmarc-watches", "_dmarc.a.example")


@pytest.mark.parametrize(
    ("kind", "text", "takes"),
    [("MX", "10 mail.a.example.", True), ("MX", "0 .", False), ("A", "192.0.2.1", True)],
)
def test_bounces_and_replies_need_a_home(kind: str, text: str, takes: bool) -> None:
    zone = {key: texts for key, texts in GOOD.items() if key[1] != "MX"}
    sender = replace(SENDER, domain="b.example", keys=())
    for name, slug in (("a.example", "bounces"), ("b.example", "replies")):
        found = examine(sender, asking({**zone, (name, kind): (text,)}))
        slugs = [one.slug for one in found if one.slug.startswith(slug)]
        assert slugs == [f"{slug}-{'good' if takes else 'missing'}"]


def test_silence_is_no_verdict() -> None:
    def silent(name: str, kind: str) -> tuple[str, ...]:
        if name.startswith("_dmarc"):
            raise Unanswered
        return GOOD.get((name, kind), ())

    found = examine(SENDER, silent)
    assert [one.slug for one in found if one.subject is Subject.DMARC] == ["unanswered"]
    assert worst(found) is Verdict.UNKNOWN
    assert worst([]) is Verdict.UNKNOWN


def test_name_servers_are_asked_and_long_texts_are_joined() -> None:
    with name_server() as resolver:
        ask = name_servers(resolver)
        assert ask("long.example", "TXT") == ("ab" * 100 + "cd",)
        assert ask("long.example", "MX") == ()
        assert ask("nothing.example", "TXT") == ()
        with pytest.raises(Unanswered):
            ask("broken.example", "TXT")


@contextmanager
def name_server() -> Iterator[dns.resolver.Resolver]:
    """Answer on this machine: a long text for one name, a failure for another."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as listener:
        listener.bind(("127.0.0.1", 0))

        def answer() -> None:
            while True:
                wire, sender = listener.recvfrom(4096)
                if not wire:
                    return
                query = dns.message.from_wire(wire)
                question = query.question[0]
                name, kind = question.name.to_text(), question.rdtype.name
                answer = dns.message.make_response(query)
                if name == "broken.example.":
                    answer.set_rcode(dns.rcode.SERVFAIL)
                elif name == "nothing.example.":
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                elif kind == "TXT":
                    text = f'"{"ab" * 100}" "cd"'
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", text))
                listener.sendto(answer.to_wire(), sender)

        thread = threading.Thread(target=answer)
        thread.start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], listener.getsockname()[1]
        try:
            yield resolver
        finally:
            listener.sendto(b"", listener.getsockname())
            thread.join()
