"""Addresses that get no mail, and places from which no sign-up is taken."""

from datetime import UTC, datetime

from flask import Response, request

from newsletter import desk, subscriptions
from newsletter.desk import Action, Permission
from newsletter.errors import Conflict, Invalid, InvalidAddress
from newsletter.language import marked as _
from newsletter.web.context import database, settings
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.leafing import leaf
from newsletter.web.desk.subscribers import REASONS
from newsletter.web.typed import typed

PER_PAGE = 50


@bp.get("/subscribers/suppressed")
@needs(Permission.SUBSCRIBERS)
def suppressed() -> Response:
    """List the addresses that get no mail, the latest first."""
    return _suppressed_page({}, {})


@bp.post("/subscribers/suppressed")
@needs(Permission.SUBSCRIBERS)
def suppress_address() -> Response:
    """Have no mail go to an address any more, whether or not somebody is subscribed there."""
    given = {name: typed(name) for name in ("address", "words")}
    now = datetime.now(UTC)
    try:
        with database.transaction() as session:
            key = settings.secret_key
            subscriptions.suppress(session, given["address"], now, given["words"], secret_key=key)
            desk.note(session, presence.actor, Action.SUPPRESSED, now)
    except InvalidAddress:
        wrong = _("This is not an e-mail address. Write one like name@example.org.")
        return _suppressed_page(given, {"address": say(wrong)}, status=422)
    except Conflict as error:
        return _suppressed_page(given, {"address": say(error.message)}, status=409)
    return lead(to("suppressed", done="suppressed"))


@bp.post("/subscribers/suppressed/<int:number>/lift")
@needs(Permission.SUBSCRIBERS)
def lift_suppression(number: int) -> Response:
    """Let mail go to an address that was suppressed by hand."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        subscriber = subscriptions.lift_manual(session, number)
        about = str(subscriber or "")
        desk.note(session, presence.actor, Action.SUPPRESSION_LIFTED, now, about)
    if subscriber and request.form.get("from") == "person":
        return lead(to("subscriber_page", number=subscriber, done="lifted"))
    return lead(to("suppressed", done="lifted"))


@bp.get("/subscribers/blocked")
@needs(Permission.SUBSCRIBERS)
def blocked() -> Response:
    """List whom no sign-up is taken from, and what came of sign-ups lately."""
    return _blocked_page({}, {})


@bp.post("/subscribers/blocked")
@needs(Permission.SUBSCRIBERS)
def block() -> Response:
    """Take no sign-up from an address, a domain or a network any more."""
    given = {name: typed(name) for name in ("pattern", "words")}
    now = datetime.now(UTC)
    wrong = _("Write an address, a domain like @example.org, or a network like 192.0.2.0/24.")
    try:
        with database.transaction() as session:
            made = subscriptions.block(session, given["pattern"], now, given["words"])
            desk.note(session, presence.actor, Action.BLOCKED, now, _kind(made.pattern))
    except Conflict:
        troubles = {"pattern": say(_("That is blocked already."))}
        return _blocked_page(given, troubles, status=409)
    except Invalid:
        return _blocked_page(given, {"pattern": say(wrong)}, status=422)
    return lead(to("blocked", done="blocked"))


@bp.post("/subscribers/blocked/remove")
@needs(Permission.SUBSCRIBERS)
def unblock() -> Response:
    """Take sign-ups from there again."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        kept = subscriptions.unblock(session, typed("pattern"))
        desk.note(session, presence.actor, Action.UNBLOCKED, now, _kind(kept))
    return lead(to("blocked", done="unblocked"))


def _suppressed_page(
    given: dict[str, str], troubles: dict[str, str], *, status: int = 200
) -> Response:
    with database.reading() as session:
        zone = desk.house_zone(session)
        found = leaf(
            lambda before, most: subscriptions.suppressions(session, before=before, limit=most),
            PER_PAGE,
        )
    return page(
        "subscribers/suppressed.html",
        status=status,
        rows=found.rows,
        older=found.older,
        before=found.before,
        reasons=REASONS,
        zone=zone,
        given={"address": "", "words": "", **given},
        troubles=troubles,
    )


def _blocked_page(
    given: dict[str, str], troubles: dict[str, str], *, status: int = 200
) -> Response:
    now = datetime.now(UTC)
    with database.reading() as session:
        return page(
            "subscribers/blocked.html",
            status=status,
            rows=subscriptions.blocks(session),
            counted=subscriptions.lately(session, now),
            words=COUNTED,
            zone=desk.house_zone(session),
            given={"pattern": "", "words": "", **given},
            troubles=troubles,
        )


def _kind(pattern: str) -> str:
    """Say what was blocked without naming a person: domains and networks are no secret."""
    return pattern if pattern.startswith("@") or "@" not in pattern else ""


COUNTED = {
    "sign-up": _("Forms that were answered"),
    "sign-up-unsolved": _("Sent in by a button, without a script"),
    "sign-up-honeypot": _("Filled in by robots"),
    "sign-up-suggested": _("Asked whether a mistyped domain was meant"),
    "sign-up-syntax": _("With something that is no address"),
    "sign-up-disposable": _("With an address that lasts for minutes"),
    "sign-up-role": _("With the address of an office"),
    "sign-up-domain": _("With a domain that takes no mail"),
    "sign-up-blocked": _("From what is blocked here"),
    "sign-up-suppressed": _("With a suppressed address"),
    "sign-up-limited": _("Too many for one mailbox or domain"),
    "sign-up-limited-network": _("Too many from one network"),
}
"""What is counted of sign-ups, in the order in which it is shown."""
