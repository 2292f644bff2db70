"""The issues of the desk, in every state: listed newest first, and found by their words."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby, islice

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.issues.details import find_zone
from newsletter.issues.terms import fold
from newsletter.model import Frequency, IssueState

_AT_ONCE = 1_000
"""Rows that are looked through at a time."""
_FEW = 20
_TIMED = tuple(
    state for state in IssueState if state not in (IssueState.DRAFT, IssueState.APPROVED)
)
"""States in which an issue has a time at which it leaves or left."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An issue as the desk lists it; moments are in its zone.

    ``due_at`` is when it is to leave, if a time is set, and ``published_at`` when it began to. A
    draft with ``submitted_at`` awaits approval.
    """

    id: int
    subject: str
    publication: str
    state: IssueState
    frequency: Frequency
    submitted_at: datetime | None
    held: str
    due_at: datetime | None
    published_at: datetime | None
    created_at: datetime

    @property
    def leaves_at(self) -> datetime | None:
        """When it left, or is to leave."""
        return self.published_at or self.due_at

    @classmethod
    def of(cls, issue: model.Issue, publication: model.Publication) -> "Entry":
        """List an issue of ``publication``."""
        zone = find_zone(issue.zone or publication.zone)
        return cls(
            id=issue.id,
            subject=issue.subject,
            publication=publication.name,
            state=issue.state,
            frequency=issue.frequency,
            submitted_at=issue.submitted_at and issue.submitted_at.astimezone(zone),
            held=issue.held or "",
            due_at=issue.due_at and issue.due_at.astimezone(zone),
            published_at=issue.published_at and issue.published_at.astimezone(zone),
            created_at=issue.created_at.astimezone(zone),
        )


def browse(
    session: Session,
    *,
    publication: model.Publication | None = None,
    state: IssueState | None = None,
    submitted: bool = False,
    words: str = "",
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Entry]:
    """List issues, newest first, from before the number ``before``.

    ``words`` are parts of words that subject or headlines have, blind to capitals and marks; of
    drafts, those that were ``submitted`` await approval.
    """
    conditions: list[ColumnElement[bool]] = []
    if publication:
        conditions.append(model.Issue.publication_id == publication.id)
    if submitted:
        conditions.append(awaits_approval())
    elif state:
        conditions.append(model.Issue.state == state)
    if before is not None:
        conditions.append(model.Issue.id < before)
    if asked := fold(words):
        with closing(_found(session, asked, conditions)) as found:
            conditions = [model.Issue.id.in_(list(islice(found, limit)))]
    query = _beside_publication().where(*conditions).order_by(model.Issue.id.desc()).limit(limit)
    return _entries(session, query, None)


def due_between(
    session: Session,
    begin: datetime,
    end: datetime,
    *,
    publication: model.Publication | None = None,
    state: IssueState | None = None,
) -> Sequence[Entry]:
    """List the issues that are or were due from ``begin`` to before ``end``, earliest first."""
    states = [state] if state else _TIMED
    query = (
        _beside_publication()
        .where(model.Issue.state.in_(states), model.Issue.due_at >= begin, model.Issue.due_at < end)
        .order_by(model.Issue.due_at, model.Issue.id)
        .limit(_AT_ONCE)
    )
    return _entries(session, query, publication)


def without_time(
    session: Session, *, publication: model.Publication | None = None
) -> Sequence[Entry]:
    """List the issues that are approved and have no time yet, newest first."""
    query = (
        _beside_publication()
        .where(model.Issue.state == IssueState.APPROVED)
        .order_by(model.Issue.id.desc())
        .limit(_FEW)
    )
    return _entries(session, query, publication)


def _beside_publication() -> Select[model.Issue, model.Publication]:
    return select(model.Issue, model.Publication).join(
        model.Publication, model.Publication.id == model.Issue.publication_id
    )


def _entries(
    session: Session,
    query: Select[model.Issue, model.Publication],
    publication: model.Publication | None,
) -> Sequence[Entry]:
    if publication:
        query = query.where(model.Issue.publication_id == publication.id)
    return [Entry.of(issue, of) for issue, of in session.execute(query)]


def awaits_approval() -> ColumnElement[bool]:
    """Return the condition on an issue under which it waits for somebody to approve it."""
    return and_(model.Issue.state == IssueState.DRAFT, model.Issue.submitted_at.is_not(None))


def _found(
    session: Session, asked: Sequence[str], conditions: Sequence[ColumnElement[bool]]
) -> Generator[int]:
    """Yield the numbers of issues whose titles have all that is ``asked`` for, newest first.

    Databases fold no Polish letters, and what is unpublished is in no index: the few thousand
    titles of a house are looked through here, as far as needed.
    """
    titles = (
        select(model.Issue.id, model.Issue.subject, model.Article.headline)
        .outerjoin(model.IssueArticle, model.IssueArticle.issue_id == model.Issue.id)
        .outerjoin(model.Article, model.Article.id == model.IssueArticle.article_id)
        .where(*conditions)
        .order_by(model.Issue.id.desc(), model.IssueArticle.position)
    )
    with session.execute(titles, execution_options={"yield_per": _AT_ONCE}) as rows:
        for number, group in groupby(rows, key=lambda row: row[0]):
            title = " ".join(_folded(line) for _, *both in group for line in both if line)
            if all(word in title for word in asked):
                yield number


@lru_cache(maxsize=50_000)
def _folded(line: str) -> str:
    """Fold a line; to do that takes most of a search's time, and lines seldom change."""
    return " ".join(fold(line))
