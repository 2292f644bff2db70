"""Agreeing to something by a mailed link: to a subscription, or to a change of address.

GET shows what is asked and one button, because link scanners click; POST does it. Twice is once.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response

from newsletter import subscriptions
from newsletter.web import origin
from newsletter.web.context import database, links, page
from newsletter.web.headers import keep_secret

bp = Blueprint("confirming", __name__)
bp.after_request(keep_secret)


@bp.get("/confirm/<tag>")
def ask(tag: str) -> Response:
    """Show what waits for a person's confirmation, with one button."""
    subscriber = links.read_confirm(tag, datetime.now(UTC))
    with database.reading() as session:
        waiting = subscriptions.waiting(session, subscriber)
        only = waiting[0] if len(waiting) == 1 else None
        return page("public/confirm.html", only, waiting=waiting)


@bp.post("/confirm/<tag>")
def confirm(tag: str) -> Response:
    """Have a person get what they asked for from now on."""
    now = datetime.now(UTC)
    subscriber = links.read_confirm(tag, now)
    with database.transaction() as session:
        active = subscriptions.confirm(session, subscriber, now, links, origin=origin.kept())
        only = active[0] if len(active) == 1 else None
        return page("public/confirmed.html", only, active=active)


@bp.get("/agree/<tag>")
def ask_about_change(tag: str) -> Response:
    """Show what the change of an address means, with one button."""
    _, new = links.read_agree(tag, datetime.now(UTC))
    return page("public/agree.html", new=new)


@bp.post("/agree/<tag>")
def agree(tag: str) -> Response:
    """Take one side's word for a change of address; with the other's it is done."""
    now = datetime.now(UTC)
    change, new = links.read_agree(tag, now)
    with database.transaction() as session:
        done = subscriptions.agree(session, change, new, now)
    return page("public/agreed.html", done=done, new=new)
