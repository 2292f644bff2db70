"""What is public: the one condition, and how an issue is listed.

An issue has a page from the moment it leaves, or if some get it under embargo from when that is
over. A digest has none: it is mail about pages.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model

PUBLIC = (model.IssueState.SENDING, model.IssueState.PAUSED, model.IssueState.SENT)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of an archive; ``cursor`` continues the list after it."""

    slug: str
    headline: str
    lead: str
    dated: date
    cursor: str


def is_public() -> ColumnElement[bool]:
    """Return the condition on an issue under which everyone may see its page."""
    return and_(
        model.Issue.state.in_(PUBLIC),
        model.Issue.frequency == model.Frequency.EACH,
        model.Issue.embargo_until.is_(None),
    )


def is_readable(issue: model.Issue) -> bool:
    """Tell whether everyone may see the page of an issue."""
    is_out = issue.state in PUBLIC and issue.embargo_until is None
    return is_out and issue.frequency is model.Frequency.EACH


def with_ways(session: Session, publications: Iterable[int]) -> set[int]:
    """Tell which of the publications have ways to give that our own page offers."""
    giving = set(session.scalars(select(model.Way.publication_id).distinct()))
    return {each for each in publications if None in giving or each in giving}


def published(*columns: Any) -> Select[Any]:
    """Select ``columns`` of public issues, each beside the article that stands for it."""
    first = and_(model.IssueArticle.issue_id == model.Issue.id, model.IssueArticle.position == 0)
    return (
        select(*columns)
        .select_from(model.Issue)
        .join(model.IssueArticle, first)
        .join(model.Article, model.Article.id == model.IssueArticle.article_id)
        .where(is_public())
    )


def articles_of(
    session: Session, issues: Iterable[model.Issue]
) -> dict[int, tuple[manuscripts.Article, ...]]:
    """Return the articles of each of ``issues``, by its number and in their order."""
    numbers = [issue.id for issue in issues]
    rows = session.execute(
        select(model.IssueArticle.issue_id, model.Article.source)
        .join(model.Article, model.Article.id == model.IssueArticle.article_id)
        .where(model.IssueArticle.issue_id.in_(numbers))
        .order_by(model.IssueArticle.issue_id, model.IssueArticle.position)
    )
    read = {
        number: tuple(read_source(source) for _, source in group)
        for number, group in groupby(rows, key=lambda row: row[0])
    }
    return {number: read.get(number, ()) for number in numbers}


def read_source(source: str) -> manuscripts.Article:
    """Read an article as it is kept; while it is being written it may have no text yet."""
    return manuscripts.read_article(source, unfinished=True)


def listed(issue_id: int, slug: str, article: model.Article) -> Listed:
    """List an issue by its first article."""
    read = manuscripts.read_article(article.source)
    return Listed(slug, read.headline, read.lead, article.dated, cursor(issue_id, article.dated))


def cursor(issue_id: int, dated: date) -> str:
    """Say where an issue stands among those of its publication."""
    return f"{dated.isoformat()}.{issue_id}"
