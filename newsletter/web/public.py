"""Pages for everyone: home, archives, issues with their images and colours.

No view here changes anything, sets a cookie or knows who asks.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from newsletter import issues, model, rendering
from newsletter.rendering import Place
from newsletter.web import fresh, printing
from newsletter.web.context import database, links, page, reader_language
from newsletter.web.headers import FOREVER
from newsletter.web.subscribing import blank
from newsletter.web.typed import cleaned

PER_PAGE = 20
"""Issues on one page of an archive, and of what was found."""
LONGEST_QUESTION = 200
"""Characters of a question that the page shows again."""

bp = Blueprint("public", __name__)


@bp.get("/")
def home() -> Response:
    """List the publications, each with its latest issue."""
    with database.reading() as session:
        return fresh.answer(
            session,
            lambda: _front(session),
            by_language=True,
        )


def _front(session: Session) -> Response:
    listed = issues.front_page(session)
    sheet = blank([publication for publication, _ in listed], "home", reader_language())
    return page("public/home.html", front_page=listed, sheet=sheet)


@bp.get("/healthz")
def health() -> Response:
    """Say that this process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/<slug>")
def bare_archive(slug: str) -> ResponseReturnValue:
    """Lead from a publication's name without the slash to its archive."""
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
        return redirect(links.archive(publication.slug), 301)


@bp.get("/<slug>/")
def archive(slug: str) -> Response:
    """List the issues of a publication, newest first, from after the cursor ``before``."""
    before = request.args.get("before", "")
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)

        def make() -> Response:
            listed = issues.archive(session, publication, before=before, limit=PER_PAGE + 1)
            shown = listed[:PER_PAGE]
            older = shown[-1].cursor if len(listed) > PER_PAGE else ""
            return page(
                "public/archive.html",
                publication,
                listed=shown,
                older=older,
                before=before,
                sheet=blank([publication], "archive", publication.language),
            )

        return fresh.answer(session, make)


@bp.get("/<slug>/<issue_slug>")
def issue(slug: str, issue_slug: str) -> Response:
    """Show an issue: the mail with more room."""
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
        published = issues.fetch_published(session, publication, issue_slug)

        return fresh.answer(session, lambda: show_issue(session, publication, published))


@bp.get("/<slug>/<issue_slug>/v<int:number>")
def version(slug: str, issue_slug: str, number: int) -> Response:
    """Show one version of an issue, at the address that it has for good."""
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
        published = issues.fetch_published(session, publication, issue_slug)

        def make() -> Response:
            answer = show_issue(session, publication, published, number)
            # Search engines keep the address where the newest version always is.
            answer.headers.add("Link", f'<{links.issue(slug, issue_slug)}>; rel="canonical"')
            answer.headers["X-Robots-Tag"] = "noindex"
            return answer

        return fresh.answer(session, make)


def show_issue(
    session: Session, publication: model.Publication, issue: model.Issue, number: int | None = None
) -> Response:
    """Answer with the page of an issue, or with what it would be; ``number`` is its version."""
    now = datetime.now(UTC)
    edition = (
        issues.in_version(session, issue, number, links, now)
        if number is not None
        else issues.edition(session, issue, links, now)
    ).at(Place.WEB, now.date())
    earlier, later = issues.neighbours(session, publication, issue)
    # What is on paper is the newest version.
    is_printed = edition.is_newest and printing.is_offered()
    pdf = links.pdf(publication.slug, issue.slug) if is_printed else ""
    answer = page(
        "public/issue.html",
        publication,
        edition=edition,
        article=rendering.article_html(edition),
        data=rendering.linked_data(edition, links.republish(publication.slug, issue.slug)),
        earlier=earlier,
        later=later,
        issue=issue,
        by_number=number is not None,
        about=rendering.meta_tags(rendering.cite(edition), pdf),
        pdf=pdf,
    )
    if terms := rendering.licence_link(edition.licence):
        answer.headers.add("Link", terms)
    return answer


@bp.get("/search")
def search() -> Response:
    """Show the issues that have all words of ``q``, in all publications or in the one of ``in``."""
    words = request.args.get("q", "").strip()
    start = request.args.get("start", 0, type=int)
    with database.reading() as session:
        slug = cleaned(request.args.get("in", ""))
        publication = issues.fetch_publication(session, slug) if slug else None
        found = issues.search(session, words, publication, start=start, limit=PER_PAGE + 1)
        more = start + PER_PAGE if len(found) > PER_PAGE else 0
        answer = page(
            "public/search.html",
            publication,
            words=words[:LONGEST_QUESTION],
            found=found[:PER_PAGE],
            more=more if more < issues.MOST_FOUND else 0,
            start=start,
        )
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.get("/image/<name>")
def image(name: str) -> Response:
    """Send an image; its name is a digest, so that it may be kept for ever."""
    with database.reading() as session:
        found = issues.fetch_image(session, name)
        kept = name in request.if_none_match
        answer = Response(b"" if kept else found.content, 304 if kept else 200)
    answer.mimetype = found.media_type
    answer.set_etag(name)
    answer.headers["Cache-Control"] = FOREVER
    return answer


@bp.get("/image/<name>/small")
def small_image(name: str) -> Response:
    """Send the small form of an image, for lists."""
    with database.reading() as session:
        content, media_type = issues.fetch_small(session, name)
    answer = Response(content, mimetype=media_type)
    answer.headers["Cache-Control"] = FOREVER
    return answer


@bp.get("/theme/<slug>.css")
def theme(slug: str) -> Response:
    """Send the colours of a publication, for light and for dark."""
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
    return Response(rendering.theme_css(publication.accent), mimetype="text/css")
