"""Pages for everyone: home, archives, issues with their images and colours, where gifts go.

No view here changes anything, sets a cookie or knows who asks.
"""

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from newsletter import issues, rendering
from newsletter.web.context import database, links, page, reader_language
from newsletter.web.headers import FOREVER
from newsletter.web.subscribing import blank

PER_PAGE = 20
"""Issues on one page of an archive."""

bp = Blueprint("public", __name__)


@bp.get("/")
def home() -> Response:
    """List the publications, each with its latest issue."""
    with database.reading() as session:
        sheet = blank(issues.publications(session), "home", reader_language())
        return page("public/home.html", front_page=issues.front_page(session), sheet=sheet)


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
        listed = issues.archive(session, publication, before=before, limit=PER_PAGE + 1)
    shown = listed[:PER_PAGE]
    older = shown[-1].cursor if len(listed) > PER_PAGE else ""
    sheet = blank([publication], "archive", publication.language)
    return page(
        "public/archive.html", publication, listed=shown, older=older, before=before, sheet=sheet
    )


@bp.get("/<slug>/<issue_slug>")
def issue(slug: str, issue_slug: str) -> Response:
    """Show an issue: the mail with more room."""
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
        published = issues.fetch_published(session, publication, issue_slug)
        edition = issues.edition(session, published, links)
    article = rendering.article_html(edition)
    return page("public/issue.html", publication, edition=edition, article=article)


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


@bp.get("/theme/<slug>.css")
def theme(slug: str) -> Response:
    """Send the colours of a publication, for light and for dark."""
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
    return Response(rendering.theme_css(publication.accent), mimetype="text/css")


@bp.get("/donate/<slug>/<tag>")
def donate(slug: str, tag: str) -> ResponseReturnValue:
    """Lead to where the appeal of an issue collects; nothing in the request names the place."""
    stood = links.read_donate(tag)
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
        answer = redirect(issues.donation_target(session, publication, stood), 302)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
