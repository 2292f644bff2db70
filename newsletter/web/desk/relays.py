"""The relays: how each fares, and a trial that an editor sees step by step.

No request opens an SMTP connection: a trial is asked for here and taken by whoever sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response
from sqlalchemy.orm import Session

from newsletter import desk, issues
from newsletter.deliveries import relays, trials
from newsletter.deliveries.trials import Story
from newsletter.desk import Action, Permission, note
from newsletter.errors import Conflict, NotFound
from newsletter.language import marked as _
from newsletter.language import say_kept
from newsletter.mail import RelayAddress
from newsletter.mail.relays import Encryption
from newsletter.web.context import database, reader_language, settings
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.typed import typed

STEPS = {
    "connect": _("Connecting"),
    "encrypt": _("Encryption"),
    "sign-in": _("Signing in"),
    "send": _("A mail to you"),
}

PLAIN = {
    "encrypt": _("Not encrypted, as the relay’s URL has it."),
    "sign-in": _("Not asked for: the relay’s URL names no account."),
}
"""What is said of a step that went well without a word."""

ENCRYPTIONS = {
    Encryption.TLS: _("TLS from the first byte, certificate verified"),
    Encryption.VERIFIED: _("STARTTLS, certificate verified"),
    Encryption.REQUIRED: _("STARTTLS, certificate not verified"),
    Encryption.OFF: _("in the clear"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A step of a trial: good, bad, busy or still to come, and its words."""

    name: str
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A relay as its part of the page shows it."""

    address: RelayAddress
    state: relays.State | None
    story: Story | None
    lines: Sequence[Line]


@bp.get("/settings/relays")
@needs(Permission.SETTINGS)
def relays_page() -> Response:
    """Show each relay, how it fares, and how its last trial went."""
    with database.reading() as session:
        return _page(session)


@bp.post("/settings/relays")
@needs(Permission.SETTINGS)
def try_relay() -> Response:
    """Ask for a trial of a relay, with a mail to whoever asks."""
    now, name = datetime.now(UTC), typed("relay")
    if name not in {address.name for address in _addresses()}:
        raise NotFound
    try:
        with database.transaction() as session:
            known = {str(each.id): each for each in issues.publications(session)}
            if typed("publication") not in known:
                raise Conflict(_("Choose the publication in whose name the mail is to be sent."))
            chosen = known[typed("publication")]
            trials.ask(session, name, chosen.id, presence.address, reader_language(), now)
            note(session, presence.actor, Action.RELAY_TRIED, now, name)
    except Conflict as error:
        with database.reading() as session:
            return _page(session, say(error.message), status=409)
    return lead(to("relays_page"))


def _page(session: Session, trouble: str = "", *, status: int = 200) -> Response:
    now = datetime.now(UTC)
    states = {state.name: state for state in relays.states(session)}
    stories = trials.stories(session)
    shown = [
        Shown(
            address,
            states.get(address.name),
            stories.get(address.name),
            _lines(stories.get(address.name), now),
        )
        for address in _addresses()
    ]
    return page(
        "settings/relays.html",
        status=status,
        trouble=trouble,
        relays=shown,
        is_waiting=any(each.story and each.story.is_open(now) for each in shown),
        publications=[(each.id, each.name) for each in issues.publications(session)],
        is_local=settings.has_mailbox,
        encryptions=ENCRYPTIONS,
        now=now,
        zone=desk.house_zone(session),
    )


def _addresses() -> Sequence[RelayAddress]:
    return RelayAddress.parse_all(settings.carriers)


def _lines(story: Story | None, now: datetime) -> Sequence[Line]:
    """Tell of each step; the first that did not go well is the one that is under way, or failed."""
    if story is None:
        return ()
    lines: list[Line] = []
    ahead = False
    for step, name in STEPS.items():
        if step in story.steps:
            lines.append(Line(name, "good", story.steps[step] or say(PLAIN.get(step, ""))))
        elif ahead:
            lines.append(Line(name, "ahead", ""))
        else:
            ahead = True
            lines.append(Line(name, *_under_way(story, now)))
    return lines


def _under_way(story: Story, now: datetime) -> tuple[str, str]:
    if story.trouble:
        return "bad", say_kept(story.trouble, reader_language())
    if story.was_cut_short(now):
        return "bad", say(_("The trial was cut short: whoever sends was stopped, or is not there."))
    if story.is_left(now):
        words = _("Nobody has taken the trial yet. Does the engine run? newsletter run starts it.")
        return "busy", say(words)
    return "busy", ""
