"""Issues on the same subject: found in the words of a text, kept when the issue is approved."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model
from newsletter.issues.public import is_public, published
from newsletter.issues.search import about

MOST = 3
"""Related issues that a mail and its page point to."""

_NEAR = 0.05
"""How alike two texts must be, from 0 to 1: below it they share only turns of phrase."""


def find_related(
    session: Session, issue: model.Issue, articles: Sequence[manuscripts.Article]
) -> list[int]:
    """Find public issues, of any publication, on the subject of ``articles``; nearest first.

    Texts of one language are compared by their terms; a term counts the more, the fewer issues
    have it. Nothing at all is better than something on another subject.
    """
    own = about(articles)
    language = _primary(articles[0].language) if articles else ""
    count = session.scalar(select(func.count()).where(is_public(), model.Issue.id != issue.id)) or 0
    rarity = _rarity(session, issue, own, count)
    nearness: Counter[int] = Counter()
    query = published(
        model.Issue.id, model.Article.language, model.Subject.term, model.Subject.weight
    ).join(model.Subject, model.Subject.issue_id == model.Issue.id)
    for number, spoken, term, weight in session.execute(
        query.where(model.Subject.term.in_(list(rarity)), model.Issue.id != issue.id)
    ):
        if _primary(spoken) == language:
            nearness[number] += own[term] * weight * rarity[term]
    near = [number for number, worth in nearness.items() if worth >= _NEAR]
    # Of two that are as near, the later one.
    return sorted(near, key=lambda number: (-round(nearness[number], 9), -number))[:MOST]


def _rarity(
    session: Session, issue: model.Issue, own: Mapping[str, float], count: int
) -> dict[str, float]:
    """Weigh the terms that other issues have too: near 1 for one that few have, 0 for all."""
    query = (
        select(model.Subject.term, func.count())
        .join(model.Issue, model.Issue.id == model.Subject.issue_id)
        .where(model.Subject.term.in_(list(own)), model.Issue.id != issue.id, is_public())
        .group_by(model.Subject.term)
    )
    most = math.log(count + 2)
    return {
        term: math.log((count + 2) / (number + 1)) / most for term, number in session.execute(query)
    }


def _primary(language: str) -> str:
    return language.split("-")[0].lower()
