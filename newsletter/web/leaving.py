"""Leaving a publication by the link that every mail carries (RFC 8058).

GET shows one button and changes nothing, because link scanners click; POST acts at once and needs
nothing beyond its link. A link whose subscription is gone is answered like any other.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from newsletter import issues, subscriptions
from newsletter.web.context import database, links, page

bp = Blueprint("leaving", __name__, url_prefix="/unsubscribe")


@bp.get("/<tag>")
def confirm(tag: str) -> Response:
    """Show one button and change nothing."""
    wish = links.read_unsubscribe(tag)
    with database.reading() as session:
        publication = issues.find_publication(session, wish.publication)
        return page("public/unsubscribe.html", publication)


@bp.post("/<tag>")
def leave(tag: str) -> Response:
    """End the subscription at once, for a mail program or for a person at the page."""
    wish = links.read_unsubscribe(tag)
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    form = "one-click" if one_click else "page"
    with database.transaction() as session:
        subscriptions.leave(session, wish.subscription, datetime.now(UTC), form=form)
        if one_click:
            return Response("You are unsubscribed.\n", mimetype="text/plain")
        publication = issues.find_publication(session, wish.publication)
        return page("public/goodbye.html", publication)


@bp.after_request
def keep_secret(answer: Response) -> Response:
    """Keep the link out of caches, referrers and indexes; whoever has it can act by it."""
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
