"""Links by way of us, to where a mail leads: counted by link, never by reader.

Where a link leads is frozen with its issue; nothing in the request names the place. Only a counter
moves, and only for a GET that is no mere look ahead.
"""

from datetime import UTC, datetime

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from newsletter import feedback, issues
from newsletter.errors import NotFound
from newsletter.feedback import Target
from newsletter.links import ClickTag, key_of
from newsletter.web.context import database, links
from newsletter.web.headers import keep_secret

bp = Blueprint("clicking", __name__)
bp.after_request(keep_secret)


@bp.get("/c/<tag>")
def follow(tag: str) -> ResponseReturnValue:
    """Lead to where a link of an issue leads."""
    stood = links.read_click(tag)
    target = _target(stood)
    if target is None:
        raise NotFound
    if target.counts:
        count(stood)
    return redirect(target.url, 302)


def is_counted() -> bool:
    """Tell whether a request counts: nothing looks only ahead, or only at the headers."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return request.method == "GET" and "pre" not in purpose


def count(stood: ClickTag) -> None:
    """Count that somebody followed a link, if the request is such that it counts."""
    if is_counted():
        with database.transaction() as session:
            feedback.count_click(session, stood, datetime.now(UTC))


def _target(stood: ClickTag) -> Target | None:
    """Find where a link leads: frozen, or in a draft that somebody looks at where it will lead."""
    with database.reading() as session:
        if found := feedback.find_target(session, stood):
            return found
        issue = issues.fetch(session, stood.issue)
        if issue.content_hash or not issues.has_text(session, issue):
            return None
        urls = {
            key_of(url): url
            for url in issues.words(session, issue, links, datetime.now(UTC)).targets
        }
    return Target(urls[stood.key], counts=False) if stood.key in urls else None
