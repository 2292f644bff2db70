"""A text for those who use it elsewhere: a ready copy, citations, a pointer to embed.

A copy is offered where the licence lets it be. What is counted is how often each form was taken,
and nobody who took it.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from newsletter import feedback, issues, manuscripts, model, rendering
from newsletter.errors import NotFound
from newsletter.model import ReuseForm
from newsletter.web.clicking import is_counted
from newsletter.web.context import database, links, page

EMBED_WIDTH = 600
"""CSS pixels of a pointer, unless who embeds it has less room."""
A_DAY = 86_400

bp = Blueprint("reuse", __name__)

_COPIES: dict[str, tuple[ReuseForm, str]] = {
    "html": (ReuseForm.HTML, "text/html"),
    "md": (ReuseForm.MARKDOWN, "text/markdown"),
    "txt": (ReuseForm.TEXT, "text/plain"),
    "json": (ReuseForm.JSON, "application/json"),
}
_CITATIONS: dict[str, tuple[Callable[[rendering.Citation], str], str]] = {
    "bib": (rendering.bibtex, "application/x-bibtex"),
    "ris": (rendering.ris, "application/x-research-info-systems"),
    "json": (rendering.csl_json, "application/vnd.citationstyles.csl+json"),
}


@bp.get("/<slug>/<issue_slug>/republish")
def republish(slug: str, issue_slug: str) -> Response:
    """Offer a ready copy of an issue's text, or say why there is none."""
    with database.reading() as session:
        publication, issue, edition = _find(session, slug, issue_slug)
        copy = _copy(edition)
        answer = page("public/republish.html", publication, edition=edition, issue=issue, copy=copy)
    licence = copy.licence if copy else edition.licence
    return _counted(_guarded(answer, edition.url, licence), issue, ReuseForm.PAGE if copy else None)


@bp.get("/<slug>/<issue_slug>/copy.<any(html, md, txt, json):kind>")
def copied(slug: str, issue_slug: str, kind: str) -> Response:
    """Send a ready copy as a file, or for machines."""
    form, media_type = _COPIES[kind]
    with database.reading() as session:
        publication, issue, edition = _find(session, slug, issue_slug)
        copy = _copy(edition)
        if copy is None:
            raise NotFound
        match form:
            case ReuseForm.HTML:
                words = page("public/copy.html", publication, copy=copy).get_data(as_text=True)
            case ReuseForm.MARKDOWN:
                words = copy.markdown
            case ReuseForm.TEXT:
                words = copy.text
            case _:
                words = _told(copy, edition)
    answer = _file(words, media_type, f"{issue_slug}.{kind}")
    return _counted(_guarded(answer, edition.url, copy.licence), issue, form)


@bp.get("/<slug>/<issue_slug>/cite")
def cite(slug: str, issue_slug: str) -> Response:
    """Show how an issue and each of its texts are cited."""
    with database.reading() as session:
        publication, issue, edition = _find(session, slug, issue_slug, _version_asked())
        several = len(edition.articles) > 1
        texts = [(number, rendering.cite(edition, number)) for number in _numbers(edition)]
        answer = page(
            "public/cite.html",
            publication,
            edition=edition,
            issue=issue,
            cited=[(0, rendering.cite(edition)), *(texts if several else [])],
            forms=rendering,
        )
    return _guarded(answer, edition.url, edition.licence)


@bp.get("/<slug>/<issue_slug>/cite.<any(bib, ris, json):kind>")
def citation(slug: str, issue_slug: str, kind: str) -> Response:
    """Send a citation of an issue, or of its text ``article``, for programs that keep them."""
    write, media_type = _CITATIONS[kind]
    number = request.args.get("article", 0, type=int)
    with database.reading() as session:
        _, issue, edition = _find(session, slug, issue_slug, _version_asked())
    if number and number not in _numbers(edition):
        raise NotFound
    own = edition.licence_for(edition.articles[number - 1]) if number else edition.licence
    words = write(rendering.cite(edition, number or None))
    parts = (
        f"-{number}" if number else "",
        "" if edition.is_newest else f"-v{edition.version.number}",
    )
    name = f"{issue_slug}{''.join(parts)}.{kind}"
    answer = _file(words, media_type, name)
    return _counted(_guarded(answer, edition.url, own), issue, ReuseForm.CITATION)


@bp.get("/oembed")
def oembed() -> Response:
    """Tell how a pointer to the issue at ``url`` is shown elsewhere (https://oembed.com)."""
    if request.args.get("format", "json") != "json":
        return Response("JSON alone is spoken here\n", 501, mimetype="text/plain")
    slug, _, issue_slug = request.args.get("url", "").removeprefix(links.home()).partition("/")
    with database.reading() as session:
        publication, issue, edition = _find(session, slug, issue_slug)
        pointer = page("public/pointer.html", publication, edition=edition).get_data(as_text=True)
    width = min(EMBED_WIDTH, max(request.args.get("maxwidth", EMBED_WIDTH, type=int), 1))
    told = {
        "version": "1.0",
        "type": "rich",
        "title": rendering.cite(edition).title,
        "author_name": publication.name,
        "author_url": links.archive(publication.slug),
        "provider_name": publication.author_name or publication.name,
        "provider_url": links.home(),
        "cache_age": A_DAY,
        "html": pointer,
        "width": width,
        "height": None,
    }
    return _counted(_machines(_json(told)), issue, ReuseForm.EMBED)


def _find(
    session: Session, slug: str, issue_slug: str, version: int | None = None
) -> tuple[model.Publication, model.Issue, rendering.Edition]:
    publication = issues.fetch_publication(session, slug)
    issue = issues.fetch_published(session, publication, issue_slug)
    now = datetime.now(UTC)
    if version is not None:
        return publication, issue, issues.in_version(session, issue, version, links, now)
    return publication, issue, issues.edition(session, issue, links, now)


def _version_asked() -> int | None:
    """Return the number of the version that is to be cited; none for the newest."""
    return request.args.get("version", None, type=int)


def _copy(edition: rendering.Edition) -> rendering.Copy | None:
    texts = edition.reusable
    if not texts:
        return None
    return rendering.republish(edition, datetime.now(UTC).date(), texts=texts)


def _numbers(edition: rendering.Edition) -> range:
    return range(1, len(edition.articles) + 1)


def _told(copy: rendering.Copy, edition: rendering.Edition) -> str:
    facts = {
        "title": copy.title,
        "canonical": copy.canonical,
        "credit": copy.credit,
        "language": edition.masthead.language,
        "licence": _terms(copy.licence) if copy.licence else None,
        "own_licences": [
            {"headline": headline, **_terms(licence)} for headline, licence in copy.own
        ],
        "note": copy.note,
        "withheld": copy.withheld,
        "left_out": [{"credit": each.credit, "alt": each.alt} for each in copy.left_out],
        "html": copy.html,
        "markdown": copy.markdown,
        "text": copy.text,
    }
    return json.dumps(facts, ensure_ascii=False, indent=1) + "\n"


def _terms(licence: manuscripts.Licence) -> dict[str, str]:
    return {"name": licence.name, "terms": licence.text_terms, "url": licence.url}


def _json(facts: dict[str, object]) -> Response:
    return Response(json.dumps(facts, ensure_ascii=False) + "\n", mimetype="application/json")


def _file(words: str, media_type: str, name: str) -> Response:
    answer = Response(words, content_type=f"{media_type}; charset=utf-8")
    if media_type.endswith("json"):
        return _machines(answer)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _machines(answer: Response) -> Response:
    answer.headers["Access-Control-Allow-Origin"] = "*"  # it is public, and read by programs
    return answer


def _guarded(answer: Response, original: str, terms: manuscripts.Licence | None) -> Response:
    """Say in the headers which is the original, and on what terms; search engines keep that one."""
    answer.headers.add("Link", f'<{original}>; rel="canonical"')
    if licence := rendering.licence_link(terms):
        answer.headers.add("Link", licence)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _counted(answer: Response, issue: model.Issue, form: ReuseForm | None) -> Response:
    if form and is_counted():
        with database.transaction() as session:
            feedback.count_reuse(session, issue.id, form, datetime.now(UTC))
    return answer
