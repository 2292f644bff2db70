"""Composing by splicing: the bytes mean what a mail built by hand for each reader would mean."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.links import Links
from newsletter.mail import Composer, Heading, Parcel
from newsletter.rendering import Slot, Words, fill

LINKS = Links("https://monitor.example.org", "a secret of the tests, long enough")
HEADING = Heading(
    publication=5,
    author_name="Institute of Examples",
    author_address="monitor@institute.example",
    list_name="Baltic Monitor",
    list_id="baltic-monitor.institute.example",
    archive_url="https://monitor.example.org/baltic-monitor/",
    return_domain="mail.institute.example",
    language="en",
    date=datetime(2026, 11, 23, 9, 0, tzinfo=UTC),
)
PARCEL = Parcel(delivery=12, content=1, subscription=34, address="anna@example.org")
WORDS = Words(
    subject="Żegluga: a subject with “quotes”, long enough to need folding over more than one line",
    html=f'<p>Zażółć gęślą jaźń</p>\n<p><a href="{Slot.UNSUBSCRIBE_URL}">Unsubscribe</a></p>\n',
    text=f"Zażółć gęślą jaźń.\n.\nFrom here on\nUnsubscribe: {Slot.UNSUBSCRIBE_URL}\n",
)

text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co"]) | st.just("\n"), max_size=400)
name = st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Zl", "Zp"]), max_size=60)


def read(content: bytes) -> EmailMessage:
    """Read a mail as strictly as the standard library can: any defect raises."""
    strict = policy.default.clone(raise_on_defect=True)
    return message_from_bytes(content, policy=strict)


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(cast("EmailMessage", body).get_content()).replace("\r\n", "\n")


def test_the_headers_say_who_what_and_how_to_leave() -> None:
    mail = read(Composer(WORDS, HEADING, LINKS).envelope(PARCEL).content)
    leave = LINKS.unsubscribe(34, 5)
    tag = LINKS.unsubscribe_tag(34, 5)
    assert mail["From"] == "Institute of Examples <monitor@institute.example>"
    assert mail["To"] == "anna@example.org"
    assert mail["Subject"] == WORDS.subject
    assert mail["Date"].datetime == HEADING.date
    assert mail["Message-ID"] == LINKS.message_id(12, "institute.example")
    assert mail["List-Id"] == "Baltic Monitor <baltic-monitor.institute.example>"
    assert mail["List-Unsubscribe"] == (
        f"<{leave}>, <mailto:unsubscribe+{tag}@mail.institute.example?subject=unsubscribe>"
    )
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"


def test_the_envelope_sender_carries_the_delivery() -> None:
    envelope = Composer(WORDS, HEADING, LINKS).envelope(PARCEL)
    tag = envelope.sender.removeprefix("bounce+").removesuffix("@mail.institute.example")
    assert LINKS.read_bounce(tag) == 12
    assert envelope.recipient == "anna@example.org"
    assert len(envelope.sender.partition("@")[0]) <= 64


def test_every_attempt_makes_the_same_mail() -> None:
    first = Composer(WORDS, HEADING, LINKS).envelope(PARCEL)
    assert Composer(WORDS, HEADING, LINKS).envelope(PARCEL) == first


def test_readers_differ_in_nothing_but_their_own_values() -> None:
    composer = Composer(WORDS, HEADING, LINKS)
    one, other = composer.envelope(PARCEL), composer.envelope(Parcel(13, 1, 35, "jan@example.org"))
    pairs = zip(one.content.split(b"\r\n"), other.content.split(b"\r\n"), strict=True)
    # Four lines of headers, and in each part the link, which is folded once.
    assert sum(a != b for a, b in pairs) == 4 + 2 * 2


@pytest.mark.parametrize(
    "hostile",
    [
        'Anna "the Pen" Nowak',
        "Nowak, Anna <anna@evil.example>",
        "Anna\r\nBcc: victim@example.org",
        "=?utf-8?q?Anna?=",
        "Żółć" * 12,
        "安娜 🖋️",
        "a" * 300,
        "(comment) Anna",
        "Anna@Nowak;group:",
        " ",
    ],
)
def test_no_name_breaks_out_of_the_to_line(hostile: str) -> None:
    parcel = Parcel(12, 1, 34, "anna@example.org", hostile)
    mail = read(Composer(WORDS, HEADING, LINKS).envelope(parcel).content)
    assert [address.addr_spec for address in mail["To"].addresses] == ["anna@example.org"]
    assert mail["Bcc"] is None
    assert mail["Subject"] == WORDS.subject


def test_an_address_in_utf8_stands_in_the_header_as_it_is() -> None:
    parcel = Parcel(12, 1, 34, "zażółć@example.org")
    content = Composer(WORDS, HEADING, LINKS).envelope(parcel).content
    assert content.startswith("To: zażółć@example.org\r\n".encode())


@settings(max_examples=60, deadline=None)
@given(subject=name.filter(str.strip), html=text, plain=text, reader=name)
def test_splicing_means_what_a_mail_built_for_the_reader_means(
    subject: str, html: str, plain: str, reader: str
) -> None:
    words = Words(
        subject=" ".join(subject.split()) or "x",
        html=f"<a href='{Slot.UNSUBSCRIBE_URL}'>{html}</a>{Slot.UNSUBSCRIBE_URL}",
        text=f"{plain}{Slot.UNSUBSCRIBE_URL}{plain}\n",
    )
    parcel = Parcel(12, 1, 34, "anna@example.org", " ".join(reader.split()))
    content = Composer(words, HEADING, LINKS).envelope(parcel).content
    fast, slow = read(content), read(_by_hand(words, parcel))
    for header in ("From", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe"):
        assert fast[header] == slow[header], header
    assert fast["To"].addresses[0].addr_spec == slow["To"].addresses[0].addr_spec
    assert _closed(fast["To"].addresses[0].display_name) == _closed(parcel.name)
    assert part(fast, "plain") == part(slow, "plain")
    # The standard library ends every part with a line break, ours only where the words do.
    assert part(fast, "html") == part(slow, "html").removesuffix("\n")
    _is_fit_for_the_wire(content)


@pytest.mark.parametrize("before", ["0" * 76, "ż" * 12 + "0000", ".".join("0" * 200), "." * 200])
def test_a_slot_behind_a_full_line_leaves_lines_that_fit(before: str) -> None:
    words = Words("A subject", "", f"{before}{Slot.UNSUBSCRIBE_URL}\n")
    parcel = Parcel(1, 1, 1, "anna@example.org")
    envelope = Composer(words, HEADING, LINKS).envelope(parcel)
    assert envelope.clean
    _is_fit_for_the_wire(envelope.content)
    leave = LINKS.unsubscribe(1, HEADING.publication)
    assert part(message_from_bytes(envelope.content, policy=policy.default), "plain") == (
        f"{before}{leave}\n"
    )


def _closed(name: str) -> str:
    """Leave out spaces: the parser puts some between two encoded words of one display name."""
    return "".join(name.split())


def test_what_is_no_list_mail_has_none_of_its_headers() -> None:
    notice = Composer(WORDS, replace(HEADING, listed=False), LINKS)
    mail = read(notice.envelope(PARCEL).content)
    assert [name for name in mail.keys() if name.startswith("List-")] == []  # noqa: SIM118
    assert {"To", "Message-ID", "Auto-Submitted"} <= set(mail.keys())


def _by_hand(words: Words, parcel: Parcel) -> bytes:
    """Build one reader's mail the slow way, by the standard library."""
    leave = LINKS.unsubscribe(parcel.subscription, HEADING.publication)
    tag = leave.rpartition("/")[2]
    mailbox = f"unsubscribe+{tag}@{HEADING.return_domain}?subject=unsubscribe"
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = Address(HEADING.author_name, "monitor", "institute.example")
    message["To"] = Address(parcel.name, "anna", "example.org")
    message["Subject"] = words.subject
    message["Date"] = format_datetime(HEADING.date)
    message["Message-ID"] = LINKS.message_id(parcel.delivery, "institute.example")
    message["List-Id"] = f"{HEADING.list_name} <{HEADING.list_id}>"
    message["List-Unsubscribe"] = f"<{leave}>, <mailto:{mailbox}>"
    message.set_content(fill(words.text, dict.fromkeys(Slot, leave)))
    message.add_alternative(fill(words.html, dict.fromkeys(Slot, leave)), subtype="html")
    return message.as_bytes()


def _is_fit_for_the_wire(content: bytes) -> None:
    """Check RFC 5322's limit for every line, RFC 2045's for the encoded ones, and line ends."""
    assert content.isascii()
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert content.endswith(b"\r\n")
    assert b"\r\n." not in content
    headers, _, body = content.partition(b"\r\n\r\n")
    assert max(map(len, headers.split(b"\r\n"))) <= 998
    assert not any(line.isspace() for line in headers.split(b"\r\n"))
    assert max(map(len, body.split(b"\r\n"))) <= 76
