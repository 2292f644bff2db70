"""What machines ask for: feeds in full text, the sitemap, robots.txt."""

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from newsletter import issues, model, rendering
from newsletter.errors import NotFound
from newsletter.language import LANGUAGES, translations
from newsletter.rendering import Place
from newsletter.web import fresh
from newsletter.web.context import asset_url, database, links, root, settings

IN_FEED = 20
"""Issues in a feed, the latest."""
PART = 10_000
"""Numbers of issues that one part of the sitemap covers; a sitemap may hold 50,000 addresses."""

A_DAY = "public, max-age=86400"

bp = Blueprint("feeds", __name__)

_KINDS = {"xml": "application/atom+xml", "json": "application/feed+json"}


@bp.get("/feed.<any(xml, json):kind>")
def everything(kind: str) -> Response:
    """Send the latest issues of all publications."""
    with database.reading() as session:
        return _feed(session, None, kind)


@bp.get("/<slug>/feed.<any(xml, json):kind>")
def publication(slug: str, kind: str) -> Response:
    """Send the latest issues of one publication."""
    with database.reading() as session:
        return _feed(session, issues.fetch_publication(session, slug), kind)


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """List all public pages; where they are many, the parts of the list."""
    with database.reading() as session:
        parts = issues.sections(session, size=PART)
        changed_at = max((part.changed_at for part in parts), default=None)

        def make() -> Response:
            if len(parts) > 1:
                places = [(links.sitemap(part.number), part.changed_at) for part in parts]
                return _xml("sitemap-index.xml", places)
            return _xml("sitemap.xml", _pages(session, 1))

        return fresh.answer(session, make, changed_at=changed_at)


@bp.get("/sitemap-<int:part>.xml")
def part_of_sitemap(part: int) -> Response:
    """List the public pages of one part."""
    with database.reading() as session:
        if part not in {each.number for each in issues.sections(session, size=PART)}:
            raise NotFound
        return fresh.answer(session, lambda: _xml("sitemap.xml", _pages(session, part)))


@bp.get("/robots.txt")
def robots() -> Response:
    """Say what is of no use to robots, and where the sitemap is."""
    words = rendering.page("public/robots.txt", "en", links=links, root=root())
    answer = Response(f"{words}\n", mimetype="text/plain")
    answer.headers["Cache-Control"] = A_DAY
    return answer


@bp.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """Lead whoever asks without having read a page to the icon."""
    answer = redirect(asset_url("mark.svg"), 301)
    answer.headers["Cache-Control"] = A_DAY
    return answer


def _feed(session: Session, publication: model.Publication | None, kind: str) -> Response:
    latest = issues.newest(session, publication, limit=IN_FEED)
    moments = [at for issue in latest if (at := issue.corrected_at or issue.published_at)]
    began_at = publication.created_at if publication else rendering.NEVER
    changed_at = max(moments, default=began_at)

    def make() -> Response:
        feed = _about(session, publication, kind, changed_at)
        write = rendering.atom if kind == "xml" else rendering.json_feed
        now = datetime.now(UTC)
        editions = issues.editions(session, latest, links, now)
        shown = [edition.at(Place.WEB, now.date()) for edition in editions]
        return Response(write(feed, shown), mimetype=_KINDS[kind])

    answer = fresh.answer(session, make, changed_at=changed_at)
    answer.headers["Access-Control-Allow-Origin"] = "*"  # it is public, and read by programs
    return answer


def _about(
    session: Session, publication: model.Publication | None, kind: str, changed_at: datetime
) -> rendering.Feed:
    icon = settings.base_url + asset_url("mark.svg").removeprefix(root())
    if publication:
        return rendering.Feed(
            title=publication.name,
            url=links.feed(publication.slug, kind),
            home=links.archive(publication.slug),
            language=publication.language,
            icon=icon,
            changed_at=changed_at,
            author=publication.author_name,
            description=publication.description,
            logo=links.image(publication.logo) if publication.logo else "",
        )
    everyone = issues.publications(session)
    languages, authors = (
        {getattr(each, name) for each in everyone} for name in ("language", "author_name")
    )
    language = languages.pop() if len(languages) == 1 else LANGUAGES[0]
    _ = translations(language).gettext
    return rendering.Feed(
        title=_("All publications"),
        url=links.feed(kind=kind),
        home=links.home(),
        language=language,
        icon=icon,
        changed_at=changed_at,
        author=authors.pop() if len(authors) == 1 else "",
    )


def _pages(session: Session, part: int) -> Sequence[tuple[str, datetime | None]]:
    first = (part - 1) * PART + 1
    found = issues.pages(session, first=first, last=first + PART - 1)
    places: list[tuple[str, datetime | None]] = []
    if part == 1:
        slugs = [each.slug for each in issues.publications(session)]
        places = [(links.home(), None), *((links.archive(slug), None) for slug in slugs)]
    return [*places, *((links.issue(p.publication, p.issue), p.changed_at) for p in found)]


def _xml(template: str, places: Sequence[tuple[str, datetime | None]]) -> Response:
    words = rendering.page(f"public/{template}", "en", places=places)
    return Response(rendering.legible_xml(words), mimetype="application/xml")
