"""What the public may see: published issues, their images, where a donation goes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, func, select, tuple_
from sqlalchemy.orm import Session

from newsletter import model, support
from newsletter.errors import NotFound
from newsletter.issues.public import Listed, is_public, listed, published, with_ways
from newsletter.issues.publications import publications
from newsletter.links import DonateTag
from newsletter.model.base import Instant

_CURSOR = re.compile(r"(\d{4}-\d\d-\d\d)\.(\d{1,18})", re.ASCII)
_PLACE = tuple_(model.Article.dated, model.Issue.id)
"""What issues are ordered by in their archive."""
_CHANGED = func.coalesce(
    model.Issue.corrected_at, model.Issue.published_at, model.Issue.created_at, type_=Instant()
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """The address of a public page, and when it last changed."""

    publication: str
    issue: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Section:
    """The public pages of issues numbered within one range; ``number`` counts ranges from 1."""

    number: int
    changed_at: datetime


def front_page(session: Session) -> Sequence[tuple[model.Publication, Listed | None]]:
    """List every publication with its latest issue."""
    rank = func.row_number().over(
        partition_by=model.Issue.publication_id,
        order_by=(model.Article.dated.desc(), model.Issue.id.desc()),
    )
    ranked = published(model.Issue.id, rank.label("rank")).subquery()
    newest = published(
        model.Issue.publication_id, model.Issue.id, model.Issue.slug, model.Article
    ).where(model.Issue.id.in_(select(ranked.c.id).where(ranked.c.rank == 1)))
    latest = {
        publication_id: listed(issue_id, slug, article)
        for publication_id, issue_id, slug, article in session.execute(newest)
    }
    return [(each, latest.get(each.id)) for each in publications(session)]


def archive(
    session: Session, publication: model.Publication, *, before: str = "", limit: int = 20
) -> Sequence[Listed]:
    """List published issues, newest first, from after the one whose ``cursor`` is ``before``."""
    query = (
        _in(publication).order_by(model.Article.dated.desc(), model.Issue.id.desc()).limit(limit)
    )
    if before:
        query = query.where(_read_cursor(before) > _PLACE)
    return [listed(*row) for row in session.execute(query)]


def neighbours(
    session: Session, publication: model.Publication, issue: model.Issue
) -> tuple[Listed | None, Listed | None]:
    """Return the issues before and after ``issue`` in the archive of its publication."""
    here = (
        select(model.Article.dated, model.IssueArticle.issue_id)
        .join(model.IssueArticle, model.IssueArticle.article_id == model.Article.id)
        .where(model.IssueArticle.issue_id == issue.id, model.IssueArticle.position == 0)
    )
    dated, number = session.execute(here).one()
    newest_first = (model.Article.dated.desc(), model.Issue.id.desc())
    oldest_first = (model.Article.dated, model.Issue.id)
    found = []
    for beyond, order in (
        ((dated, number) > _PLACE, newest_first),
        ((dated, number) < _PLACE, oldest_first),
    ):
        query = _in(publication).where(beyond).order_by(*order).limit(1)
        row = session.execute(query).one_or_none()
        found.append(listed(*row) if row else None)
    return found[0], found[1]


def _in(publication: model.Publication) -> Select[Any]:
    return published(model.Issue.id, model.Issue.slug, model.Article).where(
        model.Issue.publication_id == publication.id
    )


def newest(
    session: Session, publication: model.Publication | None = None, *, limit: int = 20
) -> Sequence[model.Issue]:
    """List the issues that were published last, in one publication or all: what a feed holds."""
    query = (
        select(model.Issue)
        .where(is_public())
        .order_by(model.Issue.published_at.desc().nulls_last(), model.Issue.id.desc())
        .limit(limit)
    )
    if publication:
        query = query.where(model.Issue.publication_id == publication.id)
    return session.scalars(query).all()


def pages(session: Session, *, first: int, last: int) -> Sequence[Page]:
    """List the pages of the published issues numbered ``first`` to ``last``, both included."""
    query = (
        select(
            model.Publication.slug,
            model.Issue.slug,
            _CHANGED,
        )
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(is_public(), model.Issue.id.between(first, last))
        .order_by(model.Issue.id)
    )
    return [Page(*row) for row in session.execute(query)]


def sections(session: Session, *, size: int) -> Sequence[Section]:
    """Part the public pages by the numbers of their issues, ``size`` numbers to a section.

    A page stays in its section, however many come and go. The first is there even if empty of
    issues, for the archives.
    """
    number = ((model.Issue.id - 1) // size + 1).label("number")
    changed_at = func.max(_CHANGED)
    query = select(number, changed_at).where(is_public()).group_by(number).order_by(number)
    found = [Section(*row) for row in session.execute(query)]
    if not found or found[0].number > 1:
        latest = max((section.changed_at for section in found), default=_EPOCH)
        found.insert(0, Section(1, latest))
    return found


def state_of(session: Session, now: datetime) -> str:
    """Return a digest that changes whenever a public page may: whoever kept one compares it.

    Published texts stay as they are, but for corrections beside them. What shows besides are
    publications, licences, appeals, ways to give, which issues are public, and which pictures may
    be shown; an appeal begins, and tells of gifts, with a new day.
    """
    rows: list[Any] = []
    zones: set[str] = set()
    for kind in (
        *(model.Publication, model.Licence, model.Way, model.Appeal, model.AppealPublication),
        *(model.AppealVariant, model.AppealWords),
    ):
        table = cast("Table", kind.__table__)
        found = session.execute(select(*table.c).order_by(*table.primary_key.columns)).all()
        rows += found
        if kind is model.Publication:
            zones = {row.zone for row in found}
    rows += [(zone, now.astimezone(ZoneInfo(zone)).date()) for zone in sorted(zones)]
    rows += session.execute(
        select(
            func.count(),
            func.sum(model.Issue.id),
            func.max(model.Issue.published_at),
            func.max(model.Issue.corrected_at),
        ).where(is_public())
    )
    image = model.Image
    over = select(func.max(image.until)).where(image.until < now.date()).scalar_subquery()
    rows += session.execute(select(func.max(image.rights_changed_at), over))
    return sha256(repr([tuple(map(str, row)) for row in rows]).encode()).hexdigest()


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
            is_public(),
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


def asked_by(
    session: Session, publication: model.Publication, tag: DonateTag
) -> support.Wording | None:
    """Return the words of the appeal in which a donate link stood.

    A link that names no variant, as that of a page does, has those of most weight.
    """
    said = [each for each in support.sayings(session, [tag.appeal])[tag.appeal] if each.wordings]
    said.sort(key=lambda each: (not each.variant.is_on, -each.variant.weight, each.variant.id))
    mine = [each for each in said if each.variant.id == tag.variant] or said
    return mine[0].spoken(publication.language)[1] if mine else None


def donation_target(session: Session, publication: model.Publication, tag: DonateTag) -> str:
    """Return where the gift of a donate link goes: the appeal's own place or the publication's.

    It is nothing where the publication has ways to give of its own, which our page offers.
    """
    words = asked_by(session, publication, tag)
    target = words.destination if words else ""
    if not target and with_ways(session, [publication.id]):
        return ""
    target = target or publication.donate_url
    if not target.startswith("https://"):
        raise NotFound
    return target
