"""Editions: an issue with everything that its mail, its page and its feeds show."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import manuscripts, model, rendering
from newsletter.errors import NotFound
from newsletter.issues.appeals import asked
from newsletter.issues.errata import errata
from newsletter.issues.furniture import licences_named, words_of
from newsletter.issues.public import articles_of, published
from newsletter.issues.related import find_related
from newsletter.issues.templates import overrides_of
from newsletter.links import Links
from newsletter.model import Tracking

_Row = TypeVar("_Row", model.Publication, model.Licence)


def edition(session: Session, issue: model.Issue, links: Links, now: datetime) -> rendering.Edition:
    """Gather all that an issue's mail and page show ``now``.

    What it points to as related is found in its words, and from approval on what was found then.
    """
    (gathered,) = editions(session, [issue], links, now)
    return gathered


def edition_with(
    session: Session,
    issue: model.Issue,
    articles: Sequence[manuscripts.Article],
    links: Links,
    now: datetime,
    *,
    subject: str = "",
) -> rendering.Edition:
    """Gather an issue as it would be with other ``articles``, and change nothing.

    Without a ``subject`` the first headline is the subject.
    """
    written = {issue.id: tuple(articles)}
    related = {issue.id: find_related(session, issue, articles)}
    (gathered,) = gather(session, [issue], links, now, written, related)
    return replace(gathered, subject=subject or articles[0].headline)


def editions(
    session: Session, issues: Sequence[model.Issue], links: Links, now: datetime
) -> Sequence[rendering.Edition]:
    """Gather several issues, with as many statements as one takes if all are approved."""
    articles = articles_of(session, issues)
    related = {
        issue.id: (
            issue.related or []
            if issue.content_hash
            else find_related(session, issue, articles[issue.id])
        )
        for issue in issues
    }
    return gather(session, issues, links, now, articles, related)


def gather(
    session: Session,
    issues: Sequence[model.Issue],
    links: Links,
    now: datetime,
    articles: Mapping[int, tuple[manuscripts.Article, ...]],
    related: Mapping[int, Sequence[int]],
) -> Sequence[rendering.Edition]:
    """Put editions together from the ``articles`` of issues and the numbers of ``related`` ones."""
    publications = _rows(session, model.Publication, (issue.publication_id for issue in issues))
    numbers = [each.licence_id for each in publications.values()]
    numbers += [issue.licence_id for issue in issues]
    licences = _rows(session, model.Licence, numbers)
    own = licences_named(
        session, (article.terms for issue in issues for article in articles[issue.id])
    )
    pointers = _pointers(session, (number for shown in related.values() for number in shown), links)
    asks = asked(session, issues, publications, now)
    templates = overrides_of(session, ((each.id, each.language) for each in publications.values()))
    corrected = errata(session, (issue.id for issue in issues if issue.corrected_at))
    images = _images(session, (each for issue in issues for each in articles[issue.id]), links)
    gathered = []
    for issue in issues:
        publication = publications[issue.publication_id]
        licence = licences.get(issue.licence_id or publication.licence_id or 0)
        plain = rendering.Edition(
            masthead=masthead(publication, links),
            subject=issue.subject,
            articles=articles[issue.id],
            url=links.issue(publication.slug, issue.slug),
            published_at=issue.published_at
            and issue.published_at.astimezone(ZoneInfo(publication.zone)),
            licence=words_of(licence, publication.language) if licence else None,
            reuse=licence is not None and licence.reuse,
            own={
                name: rendering.Terms(words_of(row, publication.language), row.reuse)
                for name, row in own.items()
            },
            related=tuple(pointers[number] for number in related[issue.id] if number in pointers),
            images=images,
            counted=counted(publication, issue.id, links),
            overrides=templates[publication.id],
            corrections=tuple(
                _correction(one, ZoneInfo(publication.zone)) for one in corrected.get(issue.id, ())
            ),
        )
        if issue.id in asks:
            plain = asks[issue.id].in_first(plain, links)
        gathered.append(plain)
    return gathered


def in_version(
    session: Session, issue: model.Issue, number: int, links: Links, now: datetime
) -> rendering.Edition:
    """Gather a public issue as its page was in a version; raise NotFound if there is none such."""
    gathered = edition(session, issue, links, now)
    if not 1 <= number <= len(gathered.versions):
        raise NotFound
    return gathered.in_version(number)


def counted(
    publication: model.Publication, issue: int, links: Links, variant: int = 0
) -> Callable[[str], str] | None:
    """Return what stands in an issue's mail for the addresses of its links, if they are counted.

    Where the mail has variants, each has its own.
    """
    if publication.tracking is Tracking.NONE:
        return None
    return partial(links.click, issue, variant=variant)


def masthead(publication: model.Publication, links: Links) -> rendering.Masthead:
    """Return the publication as its mails and pages show it."""
    return rendering.Masthead(
        name=publication.name,
        kicker=publication.kicker,
        language=publication.language,
        url=links.archive(publication.slug),
        accent=publication.accent,
        postal_address=publication.postal_address,
        author=publication.author_name,
        logo=rendering.Logo(
            links.image(publication.logo),
            publication.logo_width,
            publication.logo_height,
            publication.logo_alt,
        )
        if publication.logo
        else None,
    )


def _correction(erratum: model.Erratum, zone: ZoneInfo) -> rendering.Correction:
    at = erratum.at.astimezone(zone)
    return rendering.Correction(erratum.text, at, at.date())


def _rows(session: Session, kind: type[_Row], numbers: Iterable[int | None]) -> dict[int, _Row]:
    key = kind.__table__.c.id
    rows = session.scalars(select(kind).where(key.in_(set(numbers) - {None})))
    return {row.id: row for row in rows}


def _pointers(
    session: Session, numbers: Iterable[int], links: Links
) -> dict[int, rendering.Related]:
    """Point to issues that are still public."""
    query = (
        published(
            model.Issue.id,
            model.Article.headline,
            model.Article.dated,
            model.Publication.slug,
            model.Issue.slug,
        )
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(model.Issue.id.in_(set(numbers)))
    )
    return {
        number: rendering.Related(headline, dated, links.issue(publication, slug))
        for number, headline, dated, publication, slug in session.execute(query)
    }


def _images(
    session: Session, articles: Iterable[manuscripts.Article], links: Links
) -> Mapping[str, rendering.Shown]:
    names = {name for article in articles for name in manuscripts.picture_files(article)}
    rows = session.execute(
        select(
            model.Image.name, model.Image.width, model.Image.height, model.Image.permission
        ).where(model.Image.name.in_(names))
    )
    return {
        name: rendering.Shown(links.image(name), width, height, permission)
        for name, width, height, permission in rows
    }
