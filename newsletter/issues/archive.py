"""What the public may see: published issues, their images, where a donation goes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from newsletter import manuscripts, model
from newsletter.errors import NotFound
from newsletter.issues.publications import publications
from newsletter.links import DonateTag

PUBLIC = (model.IssueState.SENDING, model.IssueState.PAUSED, model.IssueState.SENT)
_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of an archive; ``cursor`` continues the list after it."""

    slug: str
    headline: str
    lead: str
    dated: date
    cursor: str


def front_page(session: Session) -> Sequence[tuple[model.Publication, Listed | None]]:
    """List every publication with its latest issue."""
    return [
        (publication, next(iter(archive(session, publication, limit=1)), None))
        for publication in publications(session)
    ]


def archive(
    session: Session, publication: model.Publication, *, before: str = "", limit: int = 20
) -> Sequence[Listed]:
    """List published issues, newest first, from after the one whose ``cursor`` is ``before``."""
    place = tuple_(model.Article.dated, model.Issue.id)
    query = (
        select(model.Issue.id, model.Issue.slug, model.Article.dated, model.Article.source)
        .join(model.IssueArticle, model.IssueArticle.issue_id == model.Issue.id)
        .join(model.Article, model.Article.id == model.IssueArticle.article_id)
        .where(
            model.Issue.publication_id == publication.id,
            model.Issue.state.in_(PUBLIC),
            model.IssueArticle.position == 0,
        )
        .order_by(model.Article.dated.desc(), model.Issue.id.desc())
        .limit(limit)
    )
    if before:
        query = query.where(place < _read_cursor(before))
    listed = []
    for issue_id, slug, dated, source in session.execute(query):
        article = manuscripts.read_markdown(source).article
        listed.append(
            Listed(slug, article.headline, article.lead, dated, f"{dated.isoformat()}.{issue_id}")
        )
    return listed


def _read_cursor(cursor: str) -> tuple[date, int]:
    found = _CURSOR.fullmatch(cursor)
    if not found:
        raise NotFound
    try:
        return date.fromisoformat(found[1]), int(found[2])
    except ValueError as error:
        raise NotFound from error


def fetch_published(session: Session, publication: model.Publication, slug: str) -> model.Issue:
    """Return the public issue called ``slug``; raise NotFound."""
    found = session.scalar(
        select(model.Issue).where(
            model.Issue.publication_id == publication.id,
            model.Issue.slug == slug,
            model.Issue.state.in_(PUBLIC),
            model.Issue.frequency == model.Frequency.EACH,  # a digest has no page
        )
    )
    if found is None:
        raise NotFound
    return found


def fetch_image(session: Session, name: str) -> model.Image:
    """Return the stored image called ``name``; raise NotFound."""
    found = session.scalar(select(model.Image).where(model.Image.name == name))
    if found is None:
        raise NotFound
    return found


def donation_target(session: Session, publication: model.Publication, tag: DonateTag) -> str:
    """Return where the gift of a donate link goes: the appeal's own place or the publication's."""
    appeal = session.get(model.Appeal, tag.appeal)
    target = (appeal.destination if appeal else "") or publication.donate_url
    if not target.startswith("https://"):
        raise NotFound
    return target
