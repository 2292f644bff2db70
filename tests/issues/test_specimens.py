"""Specimens: the very mail that readers get, composed for nobody."""

from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import deliveries, issues, model
from newsletter.issues.specimens import beginning
from newsletter.links import NOBODY, Links
from newsletter.mail import Composer, Parcel
from newsletter.manuscripts import Article

LINKS = Links("https://news.example.org", SECRET_KEY)
ICE = Article("Ice on the canal", "The locks close.", lead="Winter came.", dated=date(2026, 11, 20))


def draft(session: Session) -> model.Issue:
    monitor = make.publication(session, licence_id=make.licence(session).id)
    return issues.draft(session, monitor, [ICE], NOW)


def shown(session: Session, issue: model.Issue, name: str = "") -> issues.Specimen:
    publication = issues.publication_of(session, issue)
    words = issues.words(session, issue, LINKS, NOW)
    return issues.specimen(words, publication, LINKS, "", NOW, name=name, issue=issue.id)


def sent(session: Session, issue: model.Issue, name: str) -> EmailMessage:
    """Compose the mail that the engine would send, for nobody, from what is frozen."""
    content = session.scalars(select(model.Content.id).filter_by(issue_id=issue.id)).one()
    words, heading = deliveries.fetch_content(session, content, LINKS, "", NOW)
    parcel = Parcel(1, content, NOBODY, "reader@example.org", name)
    mail = Composer(words, heading, LINKS).envelope(parcel).content
    return message_from_bytes(mail, policy=default)


@pytest.mark.parametrize("name", ["", "Jan Żółkowski", 'Eve "<script>"'])
def test_the_preview_is_the_mail(session: Session, name: str) -> None:
    issue = draft(session)
    before = shown(session, issue, name)
    issues.approve(session, issue, LINKS, NOW)
    mail = sent(session, issue, name)
    parts = [
        cast("EmailMessage", mail.get_body((kind,))).get_content().replace("\r\n", "\n")
        for kind in ("html", "plain")
    ]
    assert [before.html, before.text] == parts
    assert (before.recipient, before.sender) == (str(mail["To"]), str(mail["From"]))
    assert before.subject == mail["Subject"] == "Ice on the canal"
    assert before.beginning == "Winter came."
    assert before == shown(session, issue, name)


def test_an_approved_issue_is_shown_as_it_was_frozen(session: Session) -> None:
    issue = draft(session)
    issues.approve(session, issue, LINKS, NOW)
    issues.publication_of(session, issue).postal_address = "Elsewhere"
    assert "Elsewhere" not in shown(session, issue).text


def test_the_links_of_a_specimen_are_made_for_nobody(session: Session) -> None:
    issue = draft(session)
    specimen = shown(session, issue)
    here = (NOBODY, issue.publication_id)
    for link in (LINKS.unsubscribe(*here, issue.id), LINKS.preferences(*here)):
        assert link in specimen.html
        assert link in specimen.text


@pytest.mark.parametrize(
    ("html", "words"),
    [
        (
            "<body class=x>\n<div>Winter&nbsp;came.<span>\u034f\u200c&nbsp;</span></div>Ice",
            "Winter came.",
        ),
        ("<body><!-- > --><h1>Ice &lt;b&gt;</h1><p>The locks", "Ice <b> The locks"),
        ("<body>" + "ice " * 100, ("ice " * 35).rstrip()),
        ("<body><p>Ice</p><a href='" + "x" * 9000, "Ice"),
        ("Ice", ""),
    ],
)
def test_an_inbox_shows_the_first_words_of_a_mail(html: str, words: str) -> None:
    assert beginning(html).rstrip() == words
