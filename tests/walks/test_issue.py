"""The walk of an issue, from manuscript to inbox, through the command line and real processes."""

import re
import shutil
import urllib.request
from datetime import datetime, timedelta
from email.message import EmailMessage
from importlib.resources import files
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from newsletter import manuscripts, model
from service import Service, wait_for

MANUSCRIPT = Path(str(files("newsletter"))) / "demo" / "baltic-monitor.txt"
READERS = ["anna@example.org", "jan@example.net", "zofia@example.com"]


@pytest.fixture(scope="module")
def furnished_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a publication, three readers and the demo's manuscript as issue 1."""
    service = Service(tmp_path_factory.mktemp("furnished") / "home")
    service.furnish("init")
    service.furnish(
        *("publication", "add", "baltic-monitor", "--name", "Baltic Monitor"),
        *("--author", "monitor@institute.example", "--zone", "Europe/Warsaw"),
        *("--donate-url", "https://institute.example/donate"),
    )
    service.furnish("subscriber", "add", "baltic-monitor", *READERS)
    service.furnish("issue", "import", str(MANUSCRIPT))
    return service.home


@pytest.fixture
def furnished(service: Service, furnished_home: Path) -> Service:
    """The service with a copy of that home."""
    shutil.copytree(furnished_home, service.home)
    return service


def schedule(service: Service, seconds: int) -> None:
    at = datetime.now(ZoneInfo("Europe/Warsaw")) + timedelta(seconds=seconds)
    service.do("issue", "schedule", "1", "--at", f"{at:%Y-%m-%d %H:%M:%S}")


def state(service: Service) -> model.IssueState:
    database = service.database()
    try:
        with database.reading() as session:
            return session.scalars(select(model.Issue.state)).one()
    finally:
        database.close()


def wait_until_sent(service: Service) -> None:
    wait_for(lambda: state(service) is model.IssueState.SENT, "the issue is sent")


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return " ".join(cast("EmailMessage", part).get_content().split())


def test_an_issue_goes_from_manuscript_to_inbox_and_a_reader_leaves(furnished: Service) -> None:
    furnished.start()
    schedule(furnished, 2)
    wait_until_sent(furnished)
    mails = furnished.mails()
    assert sorted(str(mail["To"]) for mail in mails) == READERS

    # The page says what the mail said.
    address = re.search(r"View on the web: (\S+)", body(mails[0], "plain"))
    assert address is not None
    page = furnished.get(address[1].removeprefix(furnished.base_url))
    article = manuscripts.read(MANUSCRIPT.read_bytes(), MANUSCRIPT.name).article
    assert article.headline in page
    assert article.headline in furnished.get("/baltic-monitor/")

    # One POST to the link of the header, and nothing else, ends a subscription (RFC 8058).
    leave = re.findall(r"<(http[^>]+)>", mails[0]["List-Unsubscribe"])[0]
    request = urllib.request.Request(leave, data=b"List-Unsubscribe=One-Click")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200
    listed = furnished.do("subscriber", "list", "baltic-monitor")
    assert listed.count("unsubscribed") == 1
    assert f"{mails[0]['To']}\tunsubscribed" in listed
    assert furnished.stop() == 0


def test_the_mail_holds_each_sentence_once_and_no_furniture_in_the_body(
    furnished: Service,
) -> None:
    furnished.do("issue", "send", "1")
    mail = furnished.mails()[0]
    article = manuscripts.read(MANUSCRIPT.read_bytes(), MANUSCRIPT.name).article
    text = body(mail, "plain")
    paragraphs = [p for p in article.body.split("\n\n") if not p.startswith(("#", "<!--", "!["))]
    assert len(paragraphs) >= 5
    for paragraph in (*paragraphs, article.lead):
        assert text.count(" ".join(paragraph.split())) == 1, paragraph
    assert article.appeal is not None
    assert text.count(article.appeal.text) == 1
    assert text.index(article.appeal.text) > text.index(paragraphs[0])
    assert text.index(article.appeal.text) < text.index(paragraphs[-1])
    assert "Related posts" not in text
    assert re.search(r"/donate/baltic-monitor/\S+", text)

    # The delivered bytes are fit for every mail system.
    for mail in furnished.mails():
        assert mail.get_content_type() == "multipart/alternative"
        assert not mail.defects
        html = body(mail, "html")
        assert len(html.encode()) < 102_000
        assert '<html lang="en"' in html
        for part in mail.iter_parts():
            encoded = cast("str", cast("Any", part)._payload)
            assert part["Content-Transfer-Encoding"] == "quoted-printable"
            assert max(map(len, encoded.splitlines())) <= 76
        assert max(map(len, mail.as_bytes().splitlines())) <= 998


def test_a_service_killed_before_the_minute_sends_once_when_it_is_back(
    furnished: Service,
) -> None:
    furnished.start()
    schedule(furnished, 10)
    furnished.kill()
    assert furnished.mails() == []
    furnished.start()
    wait_until_sent(furnished)
    mails = furnished.mails()
    assert sorted(str(mail["To"]) for mail in mails) == READERS
    assert len({mail["Message-ID"] for mail in mails}) == len(READERS)
    assert furnished.stop() == 0


def test_a_second_service_on_the_same_installation_says_what_is_wrong(
    furnished: Service,
) -> None:
    furnished.start()
    with pytest.raises(AssertionError, match="error: NEWSLETTER_"):
        furnished.do("run")
    assert furnished.stop() == 0


def test_the_demo_says_where_to_look(service: Service) -> None:
    said = service.do("demo", "--once")
    assert "4 = 0 queued + 0 sending + 4 sent" in said
    assert re.search(r"Mailbox +http://localhost:\d+/mailbox", said)
    assert re.search(r"Desk +http://localhost:\d+/desk/join/\S{43}", said)
    assert len(list((service.home / "demo" / "mailbox").glob("*.eml"))) == 4
