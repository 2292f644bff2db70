"""Signed mail is verified by two programs that are not ours, dkimpy and OpenDKIM."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP

import dkim as dkimpy
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.links import Links
from newsletter.mail import Composer, Heading, Parcel, Signer
from newsletter.mail.dkim import canonical, new_key
from newsletter.rendering import Slot, Words

LINKS = Links("https://monitor.example.org", "a secret of the tests, long enough")
HEADING = Heading(
    publication=5,
    author_name="Instytut Przykładów",
    author_address="monitor@institute.example",
    list_name="Monitor Bałtycki",
    list_id="baltic-monitor.institute.example",
    archive_url="https://monitor.example.org/baltic-monitor/",
    return_domain="mail.institute.example",
    language="pl",
    date=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
    reply_to="editors@institute.example",
)
PARCEL = Parcel(12, 1, 34, "anna@example.org", "Anna Żółć-Nowak")
WORDS = Words(
    subject="Żegluga: a subject with “quotes”, long enough to need folding over more than one line",
    html=f'<p>Zażółć gęślą jaźń</p>\n<p><a href="{Slot.UNSUBSCRIBE_URL}">Unsubscribe</a></p>\n',
    text=f"Zażółć gęślą jaźń.\n.\nFrom here on\nUnsubscribe: {Slot.UNSUBSCRIBE_URL}\n",
)
RSA = Signer.from_pem("institute.example", "n20261123", new_key("rsa"))
ED25519 = Signer.from_pem("institute.example", "n20261123-2", new_key("ed25519"))
BOTH = (RSA, ED25519)

Verify = Callable[[bytes, Mapping[str, str]], tuple[int, str]]

readers_name = st.text(st.characters(exclude_categories=["Cs", "Co"]), max_size=60)
every_kind = pytest.mark.parametrize("signers", [(RSA,), (ED25519,), BOTH], ids=["rsa", "ed", "2"])


def signed(
    signers: Sequence[Signer] = BOTH,
    *,
    words: Words = WORDS,
    heading: Heading = HEADING,
    parcel: Parcel = PARCEL,
) -> bytes:
    return Composer(words, heading, LINKS, signers).envelope(parcel).content


def verdicts(content: bytes) -> list[bool]:
    """Ask dkimpy about each signature, from the top; it finds the keys where we said they are."""
    records = {f"{one.record_name}.".encode(): one.record.encode() for one in BOTH}
    found = []
    for number in range(len(message_from_bytes(content).get_all("DKIM-Signature", []))):
        try:
            found.append(
                dkimpy.DKIM(content).verify(idx=number, dnsfunc=lambda name, timeout: records[name])
            )
        except dkimpy.ValidationError:
            found.append(False)
    return found


@every_kind
def test_every_signature_holds(signers: tuple[Signer, ...]) -> None:
    assert verdicts(signed(signers)) == [True] * len(signers)


@every_kind
def test_a_signature_stands_before_a_mail_that_is_otherwise_the_same(
    signers: tuple[Signer, ...],
) -> None:
    content = signed(signers)
    assert content.endswith(signed(()))
    before = content.removesuffix(signed(()))
    assert before.count(b"DKIM-Signature: ") == len(signers)
    assert max(map(len, before.split(b"\r\n"))) <= 78
    assert before.endswith(b"\r\n")


def test_without_signers_there_is_no_signature() -> None:
    assert b"DKIM" not in signed(())


def test_every_header_is_signed_and_none_can_be_added() -> None:
    mail = message_from_bytes(signed((RSA,)), policy=SMTP)
    names_signed = "".join(tags(signed((RSA,)))["h"].split()).split(":")
    present = [name.lower() for name in mail if name != "DKIM-Signature"]
    assert {"list-unsubscribe", "list-unsubscribe-post", "reply-to", "list-id"} <= set(present)
    for name in present:
        assert names_signed.count(name) == 2, name
    assert names_signed.count("cc") == 1


def test_the_tags_say_what_was_done() -> None:
    for signer, algorithm in ((RSA, "rsa-sha256"), (ED25519, "ed25519-sha256")):
        found = tags(signed((signer,)))
        assert found["a"] == algorithm
        assert (found["v"], found["c"]) == ("1", "relaxed/simple")
        assert (found["d"], found["s"]) == ("institute.example", signer.selector)
        assert found.keys() == {"v", "a", "c", "d", "s", "h", "bh", "b"}


def tags(content: bytes) -> dict[str, str]:
    header = message_from_bytes(content, policy=SMTP)["DKIM-Signature"]
    pairs = (tag.strip().partition("=") for tag in header.split(";"))
    return {name: value for name, _, value in pairs}


def test_every_attempt_makes_the_same_mail() -> None:
    assert signed() == signed()


def test_several_threads_may_sign_at_once() -> None:
    composer = Composer(WORDS, HEADING, LINKS, BOTH)
    parcels = [Parcel(n, 1, n, f"reader{n}@example.org", f"Żaneta {n}") for n in range(1, 101)]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(composer.envelope, parcels))
    assert made == [composer.envelope(parcel) for parcel in parcels]
    assert all(verdicts(one.content) == [True, True] for one in made[::10])


@pytest.mark.parametrize(
    "header",
    [
        *("From", "Reply-To", "Subject", "Date", "To", "Message-ID", "MIME-Version"),
        *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive"),
        *("Content-Type", "Content-Language", "Auto-Submitted"),
    ],
)
def test_a_header_that_is_changed_taken_away_or_added_breaks_it(header: str) -> None:
    content = signed()
    start = content.index(f"\r\n{header}: ".encode()) + 2
    value = start + len(header) + 2
    end = content.index(b"\r\n", start) + 2
    while content[end : end + 1] == b" ":
        end = content.index(b"\r\n", end) + 2
    added = f"{header}: x\r\n".encode()
    at_the_end = content.index(b"\r\n\r\n") + 2
    for forged in (
        content[:value] + b"x" + content[value:],
        content[:start] + content[end:],
        added + content,
        content[:at_the_end] + added + content[at_the_end:],
    ):
        assert verdicts(forged) == [False, False]


@pytest.mark.parametrize("header", [b"Cc", b"Reply-To"])
def test_a_header_that_the_mail_never_had_breaks_it_too(header: bytes) -> None:
    content = signed(heading=replace(HEADING, reply_to=""))
    assert verdicts(content) == [True, True]
    assert verdicts(header + b": mallory@evil.example\r\n" + content) == [False, False]


@pytest.mark.parametrize("part", [b"Za=C5=BC", b"From here on", b"Unsubscribe</a>", b"=\r\n"])
def test_a_body_that_is_changed_breaks_it(part: bytes) -> None:
    headers, blank, body = signed().partition(b"\r\n\r\n")
    assert part in body
    assert verdicts(headers + blank + body.replace(part, b"x", 1)) == [False, False]
    assert verdicts(headers + blank + body + b"more\r\n") == [False, False]


def test_a_signature_of_another_key_does_not_hold() -> None:
    strangers = [Signer.from_pem(one.domain, one.selector, new_key(one.kind)) for one in BOTH]
    assert verdicts(signed(strangers)) == [False, False]


def test_an_address_in_utf8_is_signed_as_it_stands() -> None:
    content = signed(parcel=Parcel(12, 1, 34, "zażółć@example.org", "Zażółć"))
    assert "<zażółć@example.org>".encode() in content
    assert verdicts(content) == [True, True]


@settings(max_examples=80, deadline=None)
@given(
    subject=readers_name,
    author=readers_name,
    reader=readers_name,
    html=st.text(st.characters(exclude_categories=["Cs", "Co", "Cc"]) | st.just("\n")),
)
def test_whatever_the_names_and_the_words_are_the_signature_holds(
    subject: str, author: str, reader: str, html: str
) -> None:
    words = Words(" ".join(subject.split()) or "x", html + Slot.UNSUBSCRIBE_URL, html)
    heading = replace(HEADING, author_name=author, list_name=" ".join(author.split()) or "x")
    content = signed((ED25519,), words=words, heading=heading, parcel=replace(PARCEL, name=reader))
    assert verdicts(content) == [True]


def test_the_relaxed_form_is_that_of_the_rfc() -> None:
    # The example of RFC 6376 section 3.4.5.
    assert canonical(b"A: X\r\nB : Y\t\r\n\tZ  \r\n") == b"a:X\r\nb:Y Z\r\n"


def test_the_record_has_the_public_half_only() -> None:
    for signer in BOTH:
        assert signer.record.startswith(f"v=DKIM1; k={signer.kind}; p=")
        assert "key" not in repr(signer)
    assert RSA.record_name == "n20261123._domainkey.institute.example"
    assert len(ED25519.record.partition("p=")[2]) == 44


@pytest.mark.parametrize(
    ("domain", "selector"),
    [
        ("institute", "a"),
        ("Institute.example", "a"),
        ("żółć.example", "a"),
        ("a..example", "a"),
        ("-a.example", "a"),
        ("institute.example; x=y", "a"),
        ("institute.example\r\nBcc: x", "a"),
        ("../institute.example", "a"),
        ("institute.example", ""),
        ("institute.example", "A"),
        ("institute.example", "a/b"),
        ("institute.example", "a_b"),
        ("institute.example", "a."),
        ("institute.example", ".".join(["a" * 60] * 4)),
    ],
)
def test_names_that_no_record_can_have_are_refused(domain: str, selector: str) -> None:
    with pytest.raises(Invalid):
        Signer.from_pem(domain, selector, new_key("ed25519"))


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


def test_keys_that_cannot_sign_are_refused_and_never_quoted() -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    elliptic = ec.generate_private_key(ec.SECP256R1())
    whole = new_key("rsa")
    for unfit, words in (
        (b"", "no private key"),
        (b"not a key", "no private key"),
        (whole[: len(whole) // 2], "no private key"),
        (whole.replace(b"M", b"N"), "no private key"),
        (pem(short), "1024 bits; 2048 are the least"),
        (pem(short, b"password"), "without a password"),
        (pem(elliptic), "neither RSA nor Ed25519"),
    ):
        with pytest.raises(Invalid, match=words) as caught:
            Signer.from_pem("institute.example", "a", unfit)
        assert caught.value.__cause__ is None
        assert "MII" not in caught.value.message


@every_kind
def test_opendkim_finds_the_key_and_the_signature_good(
    signers: tuple[Signer, ...], opendkim: Verify
) -> None:
    content = signed(signers)
    records = {one.record_name: one.record for one in signers}
    assert opendkim(content, records) == (0, "")
    for forged in (
        content.replace(b"From here on", b"From here on!"),
        content.replace(b"Subject: ", b"Subject: Re: "),
        # Two of what may be there once, like From, it calls a syntax error.
        b"Cc: mallory@evil.example\r\n" + content,
    ):
        code, words = opendkim(forged, records)
        assert code != 0
        assert "Bad signature" in words


def test_opendkim_asks_for_the_key(opendkim: Verify) -> None:
    code, words = opendkim(signed((RSA,)), {})
    assert code != 0
    assert "Key retrieval failed" in words
