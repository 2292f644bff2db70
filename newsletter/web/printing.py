"""The PDF edition of an issue: made when somebody asks for it first, and kept.

What it shows is in its name, so that another text is another file. It needs what not every machine
has; where that is missing, no page offers it, and its address says what is missing.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session
from werkzeug.http import is_resource_modified

from newsletter import issues, model, rendering, typesetting
from newsletter.errors import NotTypeset
from newsletter.web.context import database, links, page, prints
from newsletter.web.fresh import SHORT
from newsletter.web.prints import Busy

AGAIN = 5
"""Seconds after which whoever came while another PDF was made may ask again."""
NOT_HERE = 501
NOT_NOW = 503
FAILED = 500

bp = Blueprint("printing", __name__)
log = logging.getLogger(__name__)


def is_offered() -> bool:
    """Tell whether this machine can make a PDF."""
    return not typesetting.lacking()


@dataclass(frozen=True, slots=True)
class Job:
    """All that is needed to answer with a PDF, so that no session is open while it is made.

    ``content`` is there if it was made already, else ``pictures`` are what it shows.
    """

    publication: model.Publication
    issue: model.Issue
    edition: rendering.Edition
    paper: rendering.Paper
    name: str
    content: bytes | None
    pictures: Mapping[str, bytes]


@bp.get("/<slug>/<issue_slug>.pdf")
def pdf(slug: str, issue_slug: str) -> Response:
    """Send an issue as a PDF; of a monthly, every text that it collects."""
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
        issue = issues.fetch_published(session, publication, issue_slug)
        job = job_of(session, publication, issue)
    return answer(job)


def job_of(session: Session, publication: model.Publication, issue: model.Issue) -> Job:
    """Set an issue for paper, and find its PDF or what it takes to make it."""
    now = datetime.now(UTC)
    edition = issues.edition(session, issue, links, now)
    paper = rendering.paper(
        edition,
        now.date(),
        giving=links.giving(publication.slug) if edition.donate_url else "",
        collection=issues.monthlies.collection(session, issue, links, now),
    )
    name = sha256(f"{typesetting.engine()} {paper.digest}".encode()).hexdigest()
    is_known = not is_resource_modified(request.environ, name, last_modified=paper.changed_at)
    content = b"" if is_known else prints.find(name)
    files = paper.pictures if content is None and is_offered() else ()
    pictures = {file: issues.fetch_image(session, file).content for file in files}
    return Job(publication, issue, edition, paper, name, content, pictures)


def answer(job: Job) -> Response:
    """Answer with a PDF, or say why there is none."""
    content, paper = job.content, job.paper
    if content is None and not is_offered():
        return _page(job, NOT_HERE, soon=False)
    try:
        if content is None:
            content = prints.make(
                job.name,
                lambda: typesetting.typeset(paper.html, job.pictures, universal=paper.universal),
            )
    except Busy:
        soon = _page(job, NOT_NOW, soon=True)
        soon.headers["Retry-After"] = soon.headers["Refresh"] = str(AGAIN)
        return soon
    except NotTypeset as error:
        log.error("event=not-typeset issue=%d why=%s", job.issue.id, error.message)
        return _page(job, FAILED, soon=False)
    made = Response(content, 200 if content else 304, mimetype="application/pdf")
    if content:
        file = f"{job.publication.slug}-{job.issue.slug}.pdf"
        made.headers["Content-Disposition"] = f'inline; filename="{file}"'
    made.set_etag(job.name)
    made.last_modified = paper.changed_at
    made.headers["Cache-Control"] = SHORT
    made.headers.add("Link", f'<{job.edition.url}>; rel="canonical"')
    if licence := rendering.licence_link(job.edition.licence):
        made.headers.add("Link", licence)
    return made


def _page(job: Job, status: int, *, soon: bool) -> Response:
    return page(
        "public/no-pdf.html",
        job.publication,
        status=status,
        edition=job.edition,
        soon=soon,
        lacking=typesetting.lacking(),
    )
