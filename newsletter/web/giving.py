"""Giving: the page that a donate link leads to, with the organisation's ways to give.

A donate link names an issue and an appeal, and no person; what it names goes along as the reference
of the gift, by which it is known later what it came by. Only a counter moves.
"""

from decimal import Decimal

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from newsletter import feedback, issues, model, support
from newsletter.errors import Invalid, NotFound
from newsletter.language import translations
from newsletter.links import ClickTag
from newsletter.model import Tracking
from newsletter.web.clicking import count
from newsletter.web.context import database, links, page
from newsletter.web.headers import keep_secret
from newsletter.web.typed import cleaned

_LONGEST_NAME = 60
"""Characters of a publication's name in the title of a transfer, which holds 140 in all."""

bp = Blueprint("giving", __name__)
bp.after_request(keep_secret)


@bp.get("/donate/<slug>")
def giving(slug: str) -> Response:
    """Offer the ways to give to a publication."""
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
        return _page(session, publication, None, slug)


@bp.get("/donate/<slug>/<tag>")
def donate(slug: str, tag: str) -> ResponseReturnValue:
    """Lead to where the appeal of an issue collects: elsewhere, or offer the ways to give here."""
    stood = links.read_donate(tag)
    with database.reading() as session:
        publication = issues.fetch_publication(session, slug)
        target = issues.donation_target(session, publication, stood)
        asks = issues.asked_by(session, publication, stood)
        is_tracked = publication.tracking is Tracking.CLICKS
        # Whoever chooses an amount has been counted.
        is_first = "amount" not in request.args
        counts = is_first and is_tracked and feedback.has_left(session, stood.issue)
        answer = redirect(target, 302) if target else _page(session, publication, asks, tag)
    if counts:
        count(ClickTag(stood.issue, feedback.DONATE, stood.variant))
    return answer


def _page(
    session: Session,
    publication: model.Publication,
    asks: support.Wording | None,
    reference: str,
) -> Response:
    ways = support.ways_of(session, publication.id)
    if not ways:
        raise NotFound
    _ = translations(publication.language).gettext
    typed = cleaned(request.args.get("amount", ""))
    amount = _amount(typed)
    is_wrong = bool(typed) and amount is None
    name = publication.name[:_LONGEST_NAME]
    words = _("Donation %(name)s %(reference)s") % {"name": name, "reference": reference}
    return page(
        "public/donate.html",
        publication,
        status=422 if is_wrong else 200,
        appeal=asks,
        offers=support.offers(ways, amount, reference, words),
        typed=typed,
        trouble=_("Write an amount such as 25 or 12.50.") if is_wrong else "",
        amount=amount,
        place=request.path,
    )


def _amount(typed: str) -> Decimal | None:
    try:
        return support.parse_amount(typed)
    except Invalid:
        return None
