"""Revisions of an issue's text: each save is kept, and can be compared and brought back.

A revision has the number of the version that it holds. What one editor's page saves by itself
within a few minutes is one revision, which moves on to the newest version.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model
from newsletter.errors import NotFound
from newsletter.issues.public import read_source

FOLDED = timedelta(minutes=5)
"""For how long what is saved automatically goes into one revision."""


def keep(
    session: Session,
    issue: model.Issue,
    editor: model.Editor | None,
    now: datetime,
    *,
    automatic: bool = False,
) -> None:
    """Keep the text of ``issue`` as it stands as a revision, saved by ``editor`` if by any.

    An automatic one takes the place of the automatic one before it, if the same editor began that
    within ``FOLDED``.
    """
    before = latest(session, issue)
    editor_id = editor.id if editor else None
    articles = list(sources(session, issue))
    if (
        automatic
        and before
        and before.automatic
        and before.editor_id == editor_id
        and now - before.began_at < FOLDED
    ):
        before.number, before.at = issue.version, now
        before.subject, before.articles = issue.subject, articles
    else:
        session.add(
            model.Revision(
                issue_id=issue.id,
                number=issue.version,
                subject=issue.subject,
                articles=articles,
                began_at=now,
                at=now,
                editor_id=editor_id,
                who=editor.name if editor else "",
                automatic=automatic,
            )
        )
    session.flush()


def keep_former(session: Session, issue: model.Issue) -> None:
    """Keep the text that is about to be replaced, if it is from before there were revisions."""
    newest = latest(session, issue)
    if newest is None or newest.number != issue.version:
        written_at = session.scalars(
            select(model.Article.changed_at)
            .join(model.IssueArticle, model.IssueArticle.article_id == model.Article.id)
            .where(model.IssueArticle.issue_id == issue.id)
        ).first()
        keep(session, issue, None, written_at or issue.created_at)


def confirm(session: Session, issue: model.Issue) -> None:
    """Let the newest revision, if it was saved automatically, stand as one that was asked for."""
    newest = latest(session, issue)
    if newest:
        newest.automatic = False
        session.flush()


def latest(session: Session, issue: model.Issue) -> model.Revision | None:
    """Return the newest revision of ``issue``; an old issue may have none."""
    return session.scalars(
        select(model.Revision)
        .where(model.Revision.issue_id == issue.id)
        .order_by(model.Revision.number.desc())
        .limit(1)
    ).first()


def listed(
    session: Session, issue: model.Issue, *, before: int | None = None, limit: int = 50
) -> Sequence[model.Revision]:
    """List the revisions of ``issue``, newest first, from before the one numbered ``before``."""
    query = (
        select(model.Revision)
        .where(model.Revision.issue_id == issue.id)
        .order_by(model.Revision.number.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(model.Revision.number < before)
    return session.scalars(query).all()


def fetch(session: Session, issue: model.Issue, number: int) -> model.Revision:
    """Return the revision of ``issue`` with that number; raise NotFound."""
    found = find(session, issue, number)
    if found is None or found.number != number:
        raise NotFound
    return found


def find(session: Session, issue: model.Issue, number: int) -> model.Revision | None:
    """Return the revision that holds version ``number``, or the nearest one before it."""
    highest = min(number, 2**31 - 1)  # as databases count
    return session.scalars(
        select(model.Revision)
        .where(model.Revision.issue_id == issue.id, model.Revision.number <= highest)
        .order_by(model.Revision.number.desc())
        .limit(1)
    ).first()


def articles_in(revision: model.Revision) -> tuple[manuscripts.Article, ...]:
    """Read the articles of a revision."""
    return tuple(map(read_source, revision.articles))


def current(session: Session, issue: model.Issue) -> tuple[manuscripts.Article, ...]:
    """Read the articles of ``issue`` as it stands."""
    return tuple(map(read_source, sources(session, issue)))


def sources(session: Session, issue: model.Issue) -> Sequence[str]:
    """Return the articles of ``issue`` as they are kept, in their order."""
    return session.scalars(
        select(model.Article.source)
        .join(model.IssueArticle, model.IssueArticle.article_id == model.Article.id)
        .where(model.IssueArticle.issue_id == issue.id)
        .order_by(model.IssueArticle.position)
    ).all()
