"""What the press check says of an issue beside its words: what only the database knows."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import issues, model
from newsletter.links import Links
from newsletter.manuscripts import Article
from newsletter.model import Frequency, SubscriptionState

LINKS = Links("https://news.example.org", SECRET_KEY)
ICE = Article("Ice on the canal", "The locks close.", lead="Winter came.", dated=date(2026, 11, 20))


def draft(session: Session, article: Article = ICE) -> model.Issue:
    """Draft an issue in which nothing is amiss but that nobody reads it."""
    appeal, licence = make.appeal(session), make.licence(session)
    monitor = make.publication(session, licence_id=licence.id, appeal_id=appeal.id)
    return issues.draft(session, monitor, [article], NOW)


def found(session: Session, issue: model.Issue) -> list[str]:
    session.flush()
    return [remark.slug for remark in issues.remarks(session, issue, LINKS, NOW)]


@pytest.mark.parametrize(
    ("columns", "slugs"),
    [
        ({}, []),
        ({"state": SubscriptionState.PENDING}, ["no-readers"]),
        ({"frequency": Frequency.WEEKLY}, ["no-readers"]),
    ],
)
def test_an_issue_that_nobody_would_get_is_noticed(
    session: Session, columns: dict[str, object], slugs: list[str]
) -> None:
    issue = draft(session)
    make.subscription(session)
    assert found(session, issue) == ["no-readers"]
    make.subscription(session, publication_id=issue.publication_id, **columns)
    assert found(session, issue) == slugs


def test_remarks_come_in_the_language_of_whoever_asks(session: Session) -> None:
    (remark,) = issues.remarks(session, draft(session), LINKS, NOW, "pl")
    assert remark.message == "W tej chwili nikt nie otrzymałby tego numeru"
    assert not remark.blocks
