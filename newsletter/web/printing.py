"""The PDF edition of an issue: made when somebody asks for it first, and kept.

What it shows is in its name, so that another text is another file. It needs what not every machine
has; where that is missing, no page offers it, and its address says what is missing.
"""

import logging
from datetime import UTC, datetime
from hashlib import sha256

from flask import Blueprint, Response, request
from werkzeug.http import is_resource_modified

from newsletter import issues, rendering, typesetting
from newsletter.errors import NotTypeset
from newsletter.web.context import database, links, page, prints
from newsletter.web.fresh import SHORT
from newsletter.web.prints import Busy

AGAIN = 5
"""Seconds after which whoever came while another PDF was made may ask again."""
NOT_HERE = 501
NOT_NOW = 503

bp = Blueprint("printing", __name__)
log = logging.getLogger(__name__)


def is_offered() -> bool:
    """Tell whether this machine can make a PDF."""
    return not typesetting.lacking()


@bp.get("/<slug>/<issue_slug>.pdf")
def pdf(slug: str, issue_slug: str) -> Response:
    """Send an issue as a PDF; of a monthly, every text that it collects."""
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
        issue = issues.fetch_published(session, publication, issue_slug)
        edition = issues.edition(session, issue, links)
        giving = links.giving(publication.slug) if edition.donate_url else ""
        paper = rendering.paper(edition, datetime.now(UTC).date(), giving=giving)
        name = sha256(f"{typesetting.engine()} {paper.digest}".encode()).hexdigest()
        if not is_resource_modified(request.environ, name, last_modified=edition.changed_at):
            return _told(Response(status=304), edition, name)
        content = prints.find(name)
        pictures = {}
        if content is None and is_offered():
            files = paper.pictures
            pictures = {file: issues.fetch_image(session, file).content for file in files}
    try:
        if content is None:
            content = prints.make(name, lambda: typesetting.typeset(paper.html, pictures))
    except Busy:
        answer = page("public/no-pdf.html", publication, status=NOT_NOW, edition=edition, soon=True)
        answer.headers["Retry-After"] = answer.headers["Refresh"] = str(AGAIN)
        return answer
    except NotTypeset as error:
        log.error("event=not-typeset issue=%d why=%s", issue.id, error.message)
        return page(
            "public/no-pdf.html",
            publication,
            status=NOT_HERE if typesetting.lacking() else 500,
            edition=edition,
            soon=False,
            lacking=typesetting.lacking(),
        )
    answer = Response(content, mimetype="application/pdf")
    file = f"{publication.slug}-{issue.slug}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{file}"'
    return _told(answer, edition, name)


def _told(answer: Response, edition: rendering.Edition, name: str) -> Response:
    answer.set_etag(name)
    answer.last_modified = edition.changed_at
    answer.headers["Cache-Control"] = SHORT
    answer.headers.add("Link", f'<{edition.url}>; rel="canonical"')
    if licence := rendering.licence_link(edition.licence):
        answer.headers.add("Link", licence)
    return answer
