"""Everything that is held about a person, by a link that was just mailed to their address.

A link from an older mail leads to a button that has such a link mailed, and to nothing else: the
mail may have been forwarded. Whether an address is known, no answer here tells.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from newsletter import addresses, issues, subscriptions
from newsletter.errors import LimitReached, LinkInvalid
from newsletter.language import LANGUAGES
from newsletter.model import Frequency, SubscriptionState
from newsletter.subscriptions import Choice, Profile, Wish
from newsletter.web import challenge, origin
from newsletter.web.context import database, links, page, settings
from newsletter.web.dates import Days, day_of, is_date, read_day, start_of
from newsletter.web.headers import keep_secret
from newsletter.web.subscribing import count, wrong_address
from newsletter.web.typed import typed

NOT_AT_ALL = "none"

bp = Blueprint("managing", __name__)
bp.after_request(keep_secret)


@bp.get("/preferences")
def form() -> Response:
    """Ask for an address, to mail a link to it."""
    return page("public/preferences.html", email="", error="")


@bp.post("/preferences")
def send_link() -> Response:
    """Have a link mailed to an address, if it is known; the answer does not tell."""
    now = datetime.now(UTC)
    email = typed("email")
    if request.form.get("homepage"):
        count("sign-up-honeypot", now)
        return page("public/look.html", what="manage", address=email)
    wrong = wrong_address(email)
    if wrong in {"missing", "syntax"}:
        return page("public/preferences.html", status=422, email=email, error=wrong)
    kept = addresses.parse(email)
    try:
        with database.transaction() as session:
            passed = challenge.is_passed(session, ("manage", kept), now)
            if passed:
                subscriptions.send_manage_link(
                    session,
                    kept,
                    now,
                    links,
                    secret_key=settings.secret_key,
                    network=origin.network(),
                )
    except LimitReached:
        count("sign-up-limited-network", now)
        return page("public/preferences.html", status=429, email=email, error="limit")
    if passed:
        return page("public/look.html", what="manage", address=kept)
    press = challenge.press_tag(("manage", kept), now)
    return page(
        "public/press.html", what="manage", fields=[("email", kept)], address=kept, press=press
    )


@bp.get("/preferences/<tag>")
def offer_link(tag: str) -> Response:
    """Show a button that has a link mailed to the address that the mail went to."""
    wish = links.read_unsubscribe(tag)
    with database.reading() as session:
        publication = issues.find_publication(session, wish.publication)
        return page("public/fresh-link.html", publication)


@bp.post("/preferences/<tag>")
def send_link_to_reader(tag: str) -> Response:
    """Have a link mailed to the address that the mail went to, wherever it is read."""
    wish = links.read_unsubscribe(tag)
    now = datetime.now(UTC)
    with database.transaction() as session:
        subscriptions.send_manage_link_for(session, wish.subscription, now, links)
        publication = issues.find_publication(session, wish.publication)
        return page("public/look.html", publication, what="manage", address="")


@bp.get("/manage/<tag>")
def show(tag: str) -> Response:
    """Show what a person gets and may change."""
    now = datetime.now(UTC)
    with database.reading() as session:
        return _sheet(tag, _profile(session, tag, now), now)


@bp.post("/manage/<tag>")
def save(tag: str) -> Response:
    """Keep everything that the form says, or nothing where something in it is wrong."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        profile = _profile(session, tag, now)
        language = request.form.get("language", "")
        choices, errors = _choices(profile, now)
        if errors:
            return _sheet(tag, profile, now, errors=errors, status=422)
        subscriptions.save(
            session,
            profile.subscriber,
            name=typed("name"),
            language=language if language in LANGUAGES else profile.language,
            wishes=choices,
            now=now,
            links=links,
        )
        session.expire_all()
        return _sheet(tag, _profile(session, tag, now), now, saved=True)


@bp.post("/manage/<tag>/address")
def change_address(tag: str) -> Response:
    """Write to the old and the new address; nothing changes before both have agreed."""
    now = datetime.now(UTC)
    email = typed("email")
    with database.reading() as session:
        profile = _profile(session, tag, now)
    wrong = wrong_address(email)
    kept = "" if wrong else addresses.parse(email)
    if kept == profile.address:
        wrong = "same"
    if wrong:
        return _sheet(tag, profile, now, errors={"email": wrong}, status=422)
    try:
        with database.transaction() as session:
            subscriptions.ask_address_change(
                session, profile.subscriber, kept, now, links, secret_key=settings.secret_key
            )
    except LimitReached:
        return _sheet(tag, profile, now, errors={"email": "changes"}, status=429)
    return page(
        "public/change.html", language=profile.language, tag=tag, old=profile.address, new=kept
    )


@bp.get("/manage/<tag>/everything.json")
def export(tag: str) -> Response:
    """Hand over everything that is held about a person (GDPR, articles 15 and 20)."""
    now = datetime.now(UTC)
    with database.reading() as session:
        held = subscriptions.held(session, _profile(session, tag, now).subscriber)
    answer = Response(
        json.dumps(held, ensure_ascii=False, indent=2, default=str) + "\n",
        mimetype="application/json",
    )
    answer.headers["Content-Disposition"] = 'attachment; filename="everything.json"'
    return answer


@bp.get("/manage/<tag>/erase")
def ask_to_erase(tag: str) -> Response:
    """Say what erasing means, with one button."""
    with database.reading() as session:
        profile = _profile(session, tag, datetime.now(UTC))
    return page("public/erase.html", language=profile.language, tag=tag, address=profile.address)


@bp.post("/manage/<tag>/erase")
def erase(tag: str) -> Response:
    """Erase a person; what stays is a keyed hash that keeps the address from getting mail."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        profile = _profile(session, tag, now)
        subscriptions.erase(session, profile.subscriber, now)
    return page("public/erased.html", language=profile.language)


def _profile(session: Session, tag: str, now: datetime) -> Profile:
    """Return whom a link is about; who is gone is a link that is not valid."""
    profile = subscriptions.profile(session, links.read_manage(tag, now))
    if profile is None:
        raise LinkInvalid
    return profile


def _sheet(
    tag: str,
    profile: Profile,
    now: datetime,
    *,
    errors: Mapping[str, str] | None = None,
    saved: bool = False,
    status: int = 200,
) -> Response:
    return page(
        "public/manage.html",
        status=status,
        language=profile.language,
        tag=tag,
        profile=profile,
        often={wish.publication.slug: often(wish) for wish in profile.wishes},
        until={wish.publication.slug: until(wish) for wish in profile.wishes},
        typed=request.form if errors else {},
        days=Days.after(now),
        is_date=is_date,
        errors=errors or {},
        saved=saved,
    )


def often(wish: Wish) -> str:
    """Return how often the person gets a publication, as the form has it."""
    gets = wish.state in {SubscriptionState.ACTIVE, SubscriptionState.PAUSED}
    return str(wish.frequency) if gets else NOT_AT_ALL


def until(wish: Wish) -> str:
    """Return until which day a publication is paused, as the form has it."""
    if wish.state is not SubscriptionState.PAUSED or wish.paused_until is None:
        return ""
    return day_of(wish.paused_until, wish.publication).isoformat()


def _choices(profile: Profile, now: datetime) -> tuple[dict[int, Choice], dict[str, str]]:
    """Read what the form says of each publication, and name the days that cannot be."""
    choices, errors = {}, {}
    for wish in profile.wishes:
        slug = wish.publication.slug
        chosen = request.form.get(f"often-{slug}", often(wish))
        wanted = chosen in set(Frequency)
        day_typed = typed(f"until-{slug}")
        day = read_day(day_typed, wish.publication, now) if wanted else None
        if day_typed and wanted and day is None:
            errors[f"until-{slug}"] = "until"
        choices[wish.publication.id] = Choice(
            wanted=wanted,
            frequency=Frequency(chosen) if wanted else wish.frequency,
            paused_until=start_of(day, wish.publication) if day else None,
        )
    return choices, errors
