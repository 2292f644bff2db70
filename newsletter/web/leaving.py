"""Leaving a publication by the link that every mail carries (RFC 8058), and coming back.

GET shows one button and changes nothing, because link scanners click; POST acts at once and needs
nothing beyond its link. A link whose subscription is gone is answered like any other. The goodbye
page gives a tag for this very goodbye, which alone can be taken back.
"""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, request

from newsletter import issues, subscriptions
from newsletter.links import LeaveTag
from newsletter.model import Frequency
from newsletter.web.context import database, links, page
from newsletter.web.dates import Days, is_date, read_day, start_of
from newsletter.web.headers import keep_secret
from newsletter.web.typed import typed

RECENT = timedelta(hours=1)
"""How long a goodbye is taken back from its page; later, only from the mail about it.

Who has a forwarded mail alone cannot bring back a person who left by themselves.
"""
DIGESTS = {"weekly": Frequency.WEEKLY, "monthly": Frequency.MONTHLY}

bp = Blueprint("leaving", __name__)
bp.after_request(keep_secret)


@bp.get("/unsubscribe/<tag>")
def confirm(tag: str) -> Response:
    """Show one button and change nothing."""
    wish = links.read_unsubscribe(tag)
    with database.reading() as session:
        publication = issues.find_publication(session, wish.publication)
        return page("public/unsubscribe.html", publication)


@bp.post("/unsubscribe/<tag>")
def leave(tag: str) -> Response:
    """End the subscription at once, for a mail program or for a person at the page."""
    wish = links.read_unsubscribe(tag)
    now = datetime.now(UTC)
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    form = "one-click" if one_click else "page"
    with database.transaction() as session:
        left_at = subscriptions.leave(
            session, wish.subscription, now, form=form, links=links, issue=wish.issue
        )
    if one_click:
        return Response("You are unsubscribed.\n", mimetype="text/plain")
    # The page is the same for all: of an older goodbye, and of none, its tag takes nothing back.
    recent = left_at if left_at and now < left_at + RECENT else now
    return _goodbye(wish, recent, now)


@bp.get("/undo/<tag>")
def offer(tag: str) -> Response:
    """Show the button that takes a goodbye back, for who comes from the mail about it."""
    wish, _ = links.read_undo(tag, datetime.now(UTC))
    with database.reading() as session:
        publication = issues.find_publication(session, wish.publication)
        return page("public/undo.html", publication)


@bp.post("/undo/<tag>")
def undo(tag: str) -> Response:
    """Take a goodbye back, all of it or for fewer mails; or say why it was said."""
    now = datetime.now(UTC)
    wish, left_at = links.read_undo(tag, now)
    instead = request.form.get("instead", "")
    if "why" in request.form:
        _say_why(wish, left_at, now)
        return _goodbye(wish, left_at, now, thanked=True)
    with database.transaction() as session:
        publication = issues.find_publication(session, wish.publication)
        until = read_day(typed("until"), publication, now)
        if instead == "pause" and until is None:
            return _goodbye(wish, left_at, now, error="until")
        back = subscriptions.undo(session, wish.subscription, left_at, now, form="page")
        if back and instead in DIGESTS:
            subscriptions.set_frequency(
                session, wish.subscription, DIGESTS[instead], now, form="page"
            )
        elif back and instead == "pause" and until and publication:
            resumed_at = start_of(until, publication)
            subscriptions.pause(session, wish.subscription, resumed_at, now, form="page")
        return page("public/back.html", publication, back=back, instead=instead, until=until)


def _say_why(wish: LeaveTag, left_at: datetime, now: datetime) -> None:
    why = request.form["why"]
    if why in subscriptions.WHYS:
        with database.transaction() as session:
            subscriptions.say_why(session, wish.subscription, left_at, why, now)


def _goodbye(
    wish: LeaveTag, left_at: datetime, now: datetime, *, thanked: bool = False, error: str = ""
) -> Response:
    with database.reading() as session:
        publication = issues.find_publication(session, wish.publication)
    return page(
        "public/goodbye.html",
        publication,
        status=422 if error else 200,
        undo=links.undo_tag(wish.subscription, wish.publication, left_at),
        days=Days.after(now),
        is_date=is_date,
        until=typed("until"),
        thanked=thanked,
        error=error,
    )
