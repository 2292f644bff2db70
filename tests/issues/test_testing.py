"""Test mail: the mail of an issue, marked, to chosen addresses, by links that change nothing."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import deliveries, issues, model
from newsletter.errors import Invalid, LimitReached
from newsletter.links import NOBODY, Links
from newsletter.mail import Composer, Outcome, Verdict
from newsletter.manuscripts import Article
from newsletter.model import DeliveryState

LINKS = Links("https://news.example.org", SECRET_KEY)
ICE = Article("Ice on the canal", "The locks close.", lead="Winter came.", dated=date(2026, 11, 20))


@pytest.fixture
def issue(session: Session) -> model.Issue:
    return issues.draft(session, make.publication(session), [ICE], NOW)


def send(session: Session, issue: model.Issue, to: str) -> list[str]:
    return list(issues.send_test(session, issue, to, LINKS, NOW, editor=1))


def claimed(session: Session) -> list[deliveries.Claim]:
    found = []
    while held := deliveries.claim(session, NOW, notices=True):
        found.append(held)
    return found


def test_each_address_gets_the_mail_once_and_is_made_no_subscriber(
    session: Session, issue: model.Issue
) -> None:
    sent = send(session, issue, " anna@example.org, jan@Example.org;\nANNA@example.org ")
    assert sent == ["anna@example.org", "jan@example.org"]
    held = claimed(session)
    assert [each.parcels[0].address for each in held] == sent
    assert session.scalar(select(func.count(model.Subscriber.id))) == 0
    words = issues.words(session, issue, LINKS, NOW)
    content = session.get_one(model.Content, held[0].parcels[0].content)
    assert (content.html, content.text) == (words.html, words.text)
    assert (content.subject, content.issue_id) == ("[Test] Ice on the canal", None)


def test_its_links_are_made_for_nobody_in_its_headers_too(
    session: Session, issue: model.Issue
) -> None:
    send(session, issue, "anna@example.org")
    (held,) = claimed(session)
    (parcel,) = held.parcels
    words, heading = deliveries.fetch_content(session, parcel.content, LINKS, "", NOW)
    mail = Composer(words, heading, LINKS).envelope(parcel)
    leave = LINKS.unsubscribe(NOBODY, issue.publication_id)
    headers, _, body = mail.content.partition(b"\r\n\r\n")
    assert f"List-Unsubscribe: <{leave}>".encode() in headers
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in headers
    assert b"To: anna@example.org\r\n" in headers
    assert leave.encode() in body.replace(b"=\r\n", b"")


def test_what_became_of_it_is_settled_and_its_words_are_forgotten(
    session: Session, issue: model.Issue
) -> None:
    send(session, issue, "anna@example.org")
    (held,) = claimed(session)
    refused = Outcome(Verdict.PERMANENT, 550, "5.1.1 No such mailbox")
    deliveries.settle(session, [(held.parcels[0].delivery, refused)], NOW)
    deliveries.release(session, held, NOW)
    state = session.scalar(select(model.Delivery.state))
    assert state is DeliveryState.REFUSED
    deliveries.forget(session, NOW + timedelta(days=2))
    assert session.scalar(select(func.count(model.Content.id))) == 0


@pytest.mark.parametrize(
    ("to", "words", "address"),
    [
        ("", "Enter an e-mail address", ""),
        (" , ;", "Enter an e-mail address", ""),
        ("anna@example.org nobody", "is no e-mail address", "nobody"),
        ("anna@example.org\r\nBcc:eve@example.org", "is no e-mail address", "Bcc:eve@example.org"),
        (" ".join(f"a{n}@example.org" for n in range(6)), "five addresses at most", ""),
        ("anna@example.org gone@example.org", "get no mail", "gone@example.org"),
    ],
)
def test_what_cannot_be_sent_is_named_and_nothing_is(
    session: Session, issue: model.Issue, to: str, words: str, address: str
) -> None:
    make.suppression(session, "gone@example.org")
    with pytest.raises(Invalid, match=words) as refusal:
        send(session, issue, to)
    assert getattr(refusal.value, "address", "") == address
    assert claimed(session) == []


def test_an_editor_sends_so_many_in_an_hour(session: Session, issue: model.Issue) -> None:
    five = " ".join(f"a{number}@example.org" for number in range(5))
    for _ in range(4):
        send(session, issue, five)
    with pytest.raises(LimitReached):
        send(session, issue, "anna@example.org")
    issues.send_test(session, issue, five, LINKS, NOW + timedelta(hours=1), editor=1)
    issues.send_test(session, issue, five, LINKS, NOW, editor=2)
