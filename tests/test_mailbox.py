import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from newsletter.config import Listen
from newsletter.errors import ConfigurationError, NotFound
from newsletter.mailbox import Mailbox, serve

ANYWHERE_FREE = Listen("127.0.0.1", 0)


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path / "mailbox")


@pytest.fixture
def smtp(mailbox: Mailbox) -> Iterator[smtplib.SMTP]:
    with serve(mailbox, ANYWHERE_FREE) as place, smtplib.SMTP(place.host, place.port) as smtp:
        yield smtp


def message(subject: str = "Żółta łódź") -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Monitor Rosyjski <monitor@example.org>"
    made["To"] = "anna@example.org"
    made["Subject"] = subject
    made.set_content("Dzień dobry.\n")
    made.add_alternative("<p>Dzień dobry.</p>", subtype="html")
    return made


def test_what_is_sent_by_smtp_is_in_the_mailbox(smtp: smtplib.SMTP, mailbox: Mailbox) -> None:
    smtp.send_message(message(), "bounces@example.org", ["anna@example.org", "jan@example.org"])
    (heading,) = mailbox.list()
    assert heading.sender == "bounces@example.org"
    assert heading.recipients == ("anna@example.org", "jan@example.org")
    assert heading.author == "Monitor Rosyjski <monitor@example.org>"
    assert heading.subject == "Żółta łódź"
    mail = mailbox.get(heading.number)
    assert mail.heading == heading
    assert mail.text.splitlines() == ["Dzień dobry."]
    assert "<p>Dzień dobry.</p>" in mail.html


def test_content_is_kept_byte_for_byte(smtp: smtplib.SMTP, mailbox: Mailbox) -> None:
    content = b"Return-Path: <not@this.example>\r\nSubject: dots\r\n\r\n.\r\n..\r\n\xff\x00 end\r\n"
    smtp.sendmail("bounces@example.org", "anna@example.org", content)
    assert mailbox.get(1).content == content


def test_addresses_beyond_ascii_are_taken(smtp: smtplib.SMTP, mailbox: Mailbox) -> None:
    smtp.sendmail("odbicia@example.org", "zażółć@gęślą.example", b"\r\n", ["SMTPUTF8"])
    assert mailbox.list()[0].recipients == ("zażółć@gęślą.example",)


def test_a_null_sender_is_kept_as_nothing(smtp: smtplib.SMTP, mailbox: Mailbox) -> None:
    smtp.sendmail("", "anna@example.org", b"Subject: A bounce\r\n\r\n")
    assert mailbox.list()[0].sender == ""


def test_no_address_is_logged(smtp: smtplib.SMTP, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    smtp.sendmail("bounces@example.org", "anna@example.org", b"\r\n")
    assert "example.org" not in caplog.text


def test_the_newest_come_first_and_the_oldest_are_forgotten(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, keep=3)
    for number in range(5):
        mailbox.add(b"Subject: %d\r\n\r\n" % number, "a@example.org", ["b@example.org"])
    assert [heading.subject for heading in mailbox.list()] == ["4", "3", "2"]
    with pytest.raises(NotFound):
        mailbox.get(1)


def test_another_process_sees_the_same_mails_and_counts_on(mailbox: Mailbox) -> None:
    assert mailbox.add(b"Subject: one\r\n\r\n", "a@example.org", ["b@example.org"]) == 1
    again = Mailbox(mailbox.folder)
    assert again.list() == mailbox.list()
    assert again.add(b"Subject: two\r\n\r\n", "a@example.org", ["b@example.org"]) == 2


def test_a_number_that_another_process_took_meanwhile_is_passed_over(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.add(b"Subject: one\r\n\r\n", "a@example.org", ["b@example.org"])
    monkeypatch.setattr(Mailbox, "_numbers", lambda _self: [])
    assert mailbox.add(b"Subject: two\r\n\r\n", "a@example.org", ["b@example.org"]) == 2


def test_the_version_changes_with_every_mail(mailbox: Mailbox) -> None:
    versions = {mailbox.version()}
    for _ in range(2):
        mailbox.add(b"\r\n", "a@example.org", ["b@example.org"])
        versions.add(mailbox.version())
    assert len(versions) == 3


def test_a_mailbox_that_was_never_used_is_empty(mailbox: Mailbox) -> None:
    assert mailbox.list() == []
    with pytest.raises(NotFound):
        mailbox.get(1)


NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(2000)
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no headers, no body",
        b"\x00\xff\xfe",
        b"Subject: =?utf-8?b?a?=\r\nFrom: =?no-such-charset?q?=FF?=\r\n\r\n",
        b"Content-Type: text/plain; charset=no-such-charset\r\n\r\nwords",
        b"Content-Type: text/html; charset*=utf-9''%ff\r\n\r\nwords",
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!a",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Disposition: ;;;=\r\nContent-Type: ;=;\r\n\r\nx",
        b"Content-Type: message/rfc822\r\n\r\n",
        NESTED,
    ],
)
def test_broken_mails_are_shown_as_well_as_they_can_be(mailbox: Mailbox, content: bytes) -> None:
    mailbox.add(content, "a@example.org", ["b@example.org"])
    mailbox.list()
    assert mailbox.get(1).content == content


def test_bare_utf_8_in_headers_is_read(mailbox: Mailbox) -> None:
    mailbox.add("Subject: Żółta\r\n łódź\r\n\r\n".encode(), "a@example.org", ["b@example.org"])
    assert mailbox.list()[0].subject == "Żółta łódź"


def test_an_attachment_is_not_taken_for_the_text(mailbox: Mailbox) -> None:
    made = message()
    made.add_attachment("a,b\n", subtype="html", filename="table.html")
    mailbox.add(made.as_bytes(), "a@example.org", ["b@example.org"])
    assert "table" not in mailbox.get(1).html


def test_a_taken_port_is_a_matter_of_configuration(mailbox: Mailbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = Listen("127.0.0.1", taken.getsockname()[1])
        with (
            pytest.raises(ConfigurationError, match=r"NEWSLETTER_MAILBOX.*Address already in use"),
            serve(mailbox, place),
        ):
            pass


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_it_listens_on_this_machine_alone(mailbox: Mailbox, host: str) -> None:
    with (
        pytest.raises(ConfigurationError, match="NEWSLETTER_MAILBOX"),
        serve(mailbox, Listen(host, 0)),
    ):
        pass


def test_it_stops_while_a_connection_is_open(mailbox: Mailbox) -> None:
    with serve(mailbox, ANYWHERE_FREE) as place:
        smtp = smtplib.SMTP(place.host, place.port)
        smtp.noop()
    smtp.close()
