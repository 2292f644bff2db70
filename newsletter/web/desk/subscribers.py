"""Subscribers at the desk: looked up, and shown one by one.

No address stands in the address of a page: people have numbers there, and so have searches.
"""

import json
import re
from datetime import UTC, datetime

from flask import Response, request
from sqlalchemy.orm import Session

from newsletter import desk, issues, subscriptions
from newsletter.desk import Action, Permission, may
from newsletter.errors import NotFound
from newsletter.language import LANGUAGES
from newsletter.language import marked as _
from newsletter.model import DeliveryState, Frequency, SubscriptionState, SuppressionReason
from newsletter.subscriptions import BEGINNING, Place, Wanted
from newsletter.web.context import database
from newsletter.web.desk.frame import page, say, say_languages
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.typed import typed

STATES = {
    SubscriptionState.ACTIVE: _("Subscribed"),
    SubscriptionState.PENDING: _("Not confirmed"),
    SubscriptionState.PAUSED: _("Takes a pause"),
    SubscriptionState.UNSUBSCRIBED: _("Has left"),
}
"""What each state of a subscription is called."""

OFTEN = {
    Frequency.EACH: _("each issue"),
    Frequency.WEEKLY: _("once a week"),
    Frequency.MONTHLY: _("once a month"),
}

MOST_SUGGESTED = 200
"""Tags that are offered while one is typed."""

REASONS = {
    SuppressionReason.HARD_BOUNCE: _("Mail came back: there is no such mailbox"),
    SuppressionReason.COMPLAINT: _("The person said that our mail is unwanted"),
    SuppressionReason.MANUAL: _("Suppressed by hand"),
    SuppressionReason.ERASED: _("Erased"),
}
"""Why no mail goes to an address."""

ACTIONS = {
    "asked": _("Asked for it by a form"),
    "confirmed": _("Confirmed by the link in our mail"),
    "added": _("Was added by hand"),
    "imported": _("Was imported"),
    "wanted": _("Chose it on their own page"),
    "left": _("Left"),
    "declined": _("Left without having confirmed"),
    "returned": _("Took the goodbye back"),
    "paused": _("Began a pause"),
    "resumed": _("Ended the pause"),
    "woken": _("The pause ended"),
    "expired": _("Never confirmed"),
    "lapsed": _("Did not confirm anew"),
    "frequency": _("Chose how often"),
    "moved": _("Moved to another address"),
}
"""What lines of the consent log say."""

FORMS = {
    "page": _("public page"),
    "home": _("first page of the public site"),
    "archive": _("page of a publication"),
    "embed": _("form on another site"),
    "preferences": _("their own page"),
    "address-change": _("change of address"),
    "mail": _("link in a mail"),
    "one-click": _("mail program"),
    "operator": _("command line"),
    "import": _("import"),
    "clock": _("by itself, in time"),
    "desk": _("desk"),
    "api": _("another program, by a key"),
}
"""Where what a line of the log says was done."""

MAILS = {
    DeliveryState.QUEUED: _("To do"),
    DeliveryState.SENDING: _("Sending"),
    DeliveryState.SENT: _("Sent"),
    DeliveryState.REFUSED: _("Refused"),
    DeliveryState.SKIPPED: _("Skipped"),
    DeliveryState.UNKNOWN: _("Unknown"),
}

NOTICES = {
    "confirm": _("Please confirm"),
    "welcome": _("Welcome"),
    "goodbye": _("Goodbye"),
    "already-subscribed": _("Subscribed already"),
    "manage": _("Link to their own page"),
    "address-change": _("Change of address"),
}


@bp.get("/subscribers")
@needs(Permission.SUBSCRIBERS)
def subscribers_page() -> Response:
    """Show who is looked for, a page at a time, newest first."""
    now = datetime.now(UTC)
    number = _number("search")
    with database.reading() as session:
        words = None
        if number:
            words = subscriptions.kept_search(session, number, now, editor=presence.editor_id)
        wanted = Wanted(
            words=words or "",
            publication=_number("publication") or None,
            state=_state(request.args.get("state", "")),
            language=_language(request.args.get("language", "")),
        )
        found = subscriptions.look_up(session, wanted, Place(_number("after"), _number("part")))
        publications = issues.publications(session)
        zone = desk.house_zone(session)
    languages = {*LANGUAGES, *(each.language for each in publications), wanted.language} - {""}
    return page(
        "subscribers/list.html",
        found=found,
        wanted=wanted,
        search=number if words is not None else 0,
        is_over=bool(number) and words is None,
        is_further=bool(_number("after") or _number("part")),
        first=_path(wanted, number),
        further=_path(wanted, number, found.following) if found.following else "",
        publications=publications,
        names={each.id: each.name for each in publications},
        states=STATES,
        states_said=[(state, say(words)) for state, words in STATES.items()],
        languages_said=say_languages(languages),
        reasons=REASONS,
        zone=zone,
        looked_at=subscriptions.LOOKED_AT,
    )


@bp.post("/subscribers")
@needs(Permission.SUBSCRIBERS)
def search_subscribers() -> Response:
    """Keep what is searched for, and lead to those who are found."""
    words = " ".join(typed("words").split())
    number = 0
    if words:
        with database.transaction() as session:
            number = subscriptions.keep_search(
                session, words, datetime.now(UTC), editor=presence.editor_id
            )
    filters = {name: typed(name)[:35] for name in ("publication", "state", "language")}
    return lead(to("subscribers_page", search=number or "", **filters))


@bp.get("/subscribers/<int:number>")
@needs(Permission.SUBSCRIBERS)
def subscriber_page(number: int) -> Response:
    """Show one person."""
    with database.reading() as session:
        return person_page(session, number)


@bp.post("/subscribers/<int:number>/everything")
@needs(Permission.PERSONAL_DATA, fresh=True)
def take_out_subscriber(number: int) -> Response:
    """Give everything that is held about a person, as they would get it themselves."""
    with database.transaction() as session:
        everything = subscriptions.held(session, number)
        if not everything:
            raise NotFound
        now, about = datetime.now(UTC), str(number)
        desk.note(session, presence.actor, Action.SUBSCRIBER_TAKEN_OUT, now, about)
    answer = Response(
        json.dumps(everything, ensure_ascii=False, indent=2, default=str) + "\n",
        mimetype="application/json",
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="subscriber-{number}.json"'
    return answer


def person_page(
    session: Session,
    number: int,
    trouble: str = "",
    *,
    tag: str = "",
    tag_trouble: str = "",
    status: int = 200,
) -> Response:
    """Answer with the page about one person; raise NotFound.

    ``tag`` is what was typed as a tag, and cannot be one for the reason of ``tag_trouble``.
    """
    return page(
        "subscribers/person.html",
        status=status,
        dossier=subscriptions.dossier(session, number),
        trouble=trouble,
        tags=subscriptions.tags_of(session, number),
        all_tags=subscriptions.tags(session)[:MOST_SUGGESTED],
        tag=tag,
        tag_trouble=tag_trouble,
        owns=may(presence.role, Permission.PERSONAL_DATA),
        zone=desk.house_zone(session),
        states=STATES,
        often=OFTEN,
        reasons=REASONS,
        actions=ACTIONS,
        forms=FORMS,
        mails=MAILS,
        notices=NOTICES,
        latest=subscriptions.LATEST,
    )


def _path(wanted: Wanted, search: int, place: Place = BEGINNING) -> str:
    """Return the path of a page of those who are wanted."""
    return to(
        "subscribers_page",
        search=search or "",
        publication=wanted.publication or "",
        state=wanted.state or "",
        language=wanted.language,
        after=place.number or "",
        part=place.part or "",
    )


def _number(name: str) -> int:
    """Return a number of the query that a database counts to; 0 for anything else."""
    number = request.args.get(name, 0, type=int)
    return number if 0 < number < 2**63 else 0


def _language(tag: str) -> str:
    return tag if re.fullmatch(r"[A-Za-z0-9-]{2,35}", tag) else ""


def _state(word: str) -> SubscriptionState | None:
    try:
        return SubscriptionState(word)
    except ValueError:
        return None
