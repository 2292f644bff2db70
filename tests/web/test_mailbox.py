import smtplib
from dataclasses import replace
from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient

from newsletter.config import Settings
from newsletter.database import Database
from newsletter.mailbox import Mailbox, serve
from newsletter.web import create_app


def mail(html: str = "<p>Dzień dobry.</p>", **headers: str) -> bytes:
    made = EmailMessage()
    known = {"From": "Monitor <monitor@example.org>", "Subject": "Hello"}
    for name, value in (known | headers).items():
        made[name] = value
    made.set_content("Dzień dobry, tekst.\n")
    if html:
        made.add_alternative(html, subtype="html")
    return made.as_bytes()


def kept(mailbox: Mailbox, content: bytes) -> int:
    return mailbox.add(content, "bounces@example.org", ["anna@example.org"])


def test_a_mail_goes_all_the_way_from_smtp_to_the_frame(
    client: FlaskClient, mailbox: Mailbox, settings: Settings
) -> None:
    with (
        serve(mailbox, settings.mailbox) as place,
        smtplib.SMTP(place.host, place.port) as smtp,
    ):
        smtp.sendmail("bounces@example.org", "anna@example.org", mail(Subject="Żółta łódź"))
    page = client.get("/mailbox").text
    assert "Żółta łódź" in page
    assert "anna@example.org" in page
    assert '<a href="/mailbox/1">' in page
    assert 'src="/mailbox/1/html"' in client.get("/mailbox/1").text
    assert "<p>Dzień dobry.</p>" in client.get("/mailbox/1/html").text
    assert "Dzień dobry, tekst." in client.get("/mailbox/1/text").text


def test_an_empty_mailbox_teaches_the_first_step(client: FlaskClient) -> None:
    assert "newsletter issue send" in client.get("/mailbox").text


def test_there_is_no_mailbox_where_mail_leaves(settings: Settings, database: Database) -> None:
    sending = replace(settings, relay_url="smtp://relay.example.org")
    client = create_app(sending, database).test_client()
    for address in ("/mailbox", "/mailbox/", "/mailbox/rows", "/mailbox/1", "/mailbox/1/html"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example"])
def test_a_foreign_name_does_not_open_the_mailbox(client: FlaskClient, host: str) -> None:
    assert client.get("/mailbox", headers={"Host": host}).status_code == 404


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
def test_each_name_of_this_machine_does(client: FlaskClient, host: str) -> None:
    assert client.get("/mailbox", headers={"Host": host}).status_code == 200


def test_mail_is_shown_in_a_sandbox(client: FlaskClient, mailbox: Mailbox) -> None:
    kept(mailbox, mail("<script>alert(1)</script><p>Hello</p>"))
    answer = client.get("/mailbox/1/html")
    policy = answer.headers["Content-Security-Policy"].split("; ")
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script-src 'none'" in policy
    assert "form-action 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "img-src 'self' http://localhost:8000 data:" in policy
    frame = client.get("/mailbox/1")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in frame.text
    assert "frame-src 'self'" in frame.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>Hi</p>", '<base target="_blank"><p>Hi</p>'),
        (
            '<!doctype html>\n<html><head lang="en"><title>x</title>',
            '<!doctype html>\n<html><head lang="en"><base target="_blank"><title>x</title>',
        ),
        ("<!DOCTYPE html><p>Hi", '<!DOCTYPE html><base target="_blank"><p>Hi'),
        ("<header>Hi", '<base target="_blank"><header>Hi'),
        (
            '<a class="x" href="#top">',
            '<base target="_blank"><a target="_self" class="x" href="#top">',
        ),
        (
            '<a href="https://a.example/#b">',
            '<base target="_blank"><a href="https://a.example/#b">',
        ),
    ],
)
def test_links_open_new_tabs_but_those_within_the_mail(
    client: FlaskClient, mailbox: Mailbox, html: str, shown: str
) -> None:
    kept(mailbox, mail(html))
    assert client.get("/mailbox/1/html").text.strip() == shown


def test_headers_source_and_file_show_the_mail_as_it_is(
    client: FlaskClient, mailbox: Mailbox
) -> None:
    content = mail(Subject="Żółta łódź")
    kept(mailbox, content)
    assert "Żółta łódź" in client.get("/mailbox/1/headers").text
    assert "=?utf-8?" in client.get("/mailbox/1/source").text
    file = client.get("/mailbox/1.eml")
    assert file.data == content
    assert file.headers["Content-Disposition"] == 'attachment; filename="mail-1.eml"'


def test_the_frame_has_two_widths(client: FlaskClient, mailbox: Mailbox) -> None:
    kept(mailbox, mail())
    assert 'class="mail broad"' in client.get("/mailbox/1").text
    assert 'class="mail narrow"' in client.get("/mailbox/1?width=360").text
    assert 'class="mail broad"' in client.get("/mailbox/1?width=wide").text


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"Content-Type: text/html; charset=x\r\n\r\n\xff", b"Subject: \r\n\r\n"],
)
def test_broken_mail_is_shown_too(client: FlaskClient, mailbox: Mailbox, content: bytes) -> None:
    kept(mailbox, content)
    for part in ("", "/1", "/1/html", "/1/text", "/1/headers", "/1/source", "/1.eml"):
        assert client.get(f"/mailbox{part}").status_code == 200


def test_what_mail_says_is_escaped(client: FlaskClient, mailbox: Mailbox) -> None:
    hostile = "<script>alert(1)</script>"
    kept(mailbox, mail("", Subject=hostile, From=f'"{hostile}" <a@example.org>'))
    for part in ("", "/1", "/1/text", "/1/headers", "/1/source"):
        assert hostile not in client.get(f"/mailbox{part}").text


def test_the_list_is_fetched_again_only_when_it_changed(
    client: FlaskClient, mailbox: Mailbox
) -> None:
    kept(mailbox, mail())
    tag = client.get("/mailbox/rows").headers["ETag"]
    assert f"data-version={tag}" in client.get("/mailbox").text
    assert client.get("/mailbox/rows", headers={"If-None-Match": tag}).status_code == 304
    kept(mailbox, mail())
    assert client.get("/mailbox/rows", headers={"If-None-Match": tag}).status_code == 200


def test_a_mail_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/mailbox/1").status_code == 404
