"""An issue on its way: watched by everybody, paused, resumed and cancelled by who may send.

The page is whole without a script. With it, numbers come in once a second: what changes all the
time as words for places that keep their size, what changes seldom as pieces of the page.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import BoundedSemaphore
from time import sleep
from typing import Any

from flask import Response, jsonify, stream_with_context
from markupsafe import Markup
from sqlalchemy.orm import Session

from newsletter import desk, issues, model
from newsletter.config import WEB_THREADS
from newsletter.desk import Action, Permission, Sending, may
from newsletter.errors import Conflict, NotFound
from newsletter.language import marked as _
from newsletter.language import say_moment, say_number, say_time, translations
from newsletter.model import DeliveryState, IssueState, ReasonKind, WaveKind
from newsletter.web.context import database, reader_language
from newsletter.web.desk.frame import page, say
from newsletter.web.desk.guard import bp, lead, needs, presence, to
from newsletter.web.desk.issue_frame import issue_page

AGAIN = {
    "rest": DeliveryState.SKIPPED,
    "refused": DeliveryState.REFUSED,
    "unknown": DeliveryState.UNKNOWN,
}
"""To whom an issue can be sent once more, by the word in the address."""

EVERY = 1.0
"""Seconds between two looks for whoever watches."""
LOOKS = 6
"""How many looks one connection gets; then the browser comes again, and is asked who it is.

A service that is to stop waits for as long, too.
"""
SOON = timedelta(seconds=30)
"""How long before it leaves an issue is watched as closely as on its way."""
AGAIN_IN, LATER = 1_000, 5_000
"""Milliseconds after which a browser comes again; later where nothing is to happen soon."""
WATCHERS = WEB_THREADS // 2
"""Connections that are kept open at a time, each by a thread of its own; others ask by themselves.

However many watch, half of the threads are left for all other pages.
"""
_watching = BoundedSemaphore(WATCHERS)

KINDS = {
    ReasonKind.DEFERRED: _("Put off"),
    ReasonKind.REFUSED: _("Refused"),
    ReasonKind.SKIPPED: _("Skipped"),
    ReasonKind.UNKNOWN: _("Unknown"),
}
"""What a reason kept a mail from, in a word."""
WHY = {
    "cancelled": _("The issue was cancelled."),
    "erased": _("The person had their data erased."),
    "paused": _("The subscription is on pause."),
    "suppressed": _("The address must not be mailed."),
    "unsubscribed": _("The person has left."),
}
"""Why a mail was skipped, by the word that the outbox has for it."""

_AHEAD = (IssueState.APPROVED, IssueState.SCHEDULED)
"""States from which an issue leaves without another look at its text."""
_NUMBER = re.compile(r'(?<=data-said=")([^"]*">)[^<]*')
_CHANGED = _("The issue has moved on meanwhile, and nothing was done. This is where it stands now.")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the page that changes seldom; ``version`` tells whether it has."""

    version: str
    html: Markup


@bp.get("/issues/<int:number>/sending")
@needs(Permission.SENDING)
def sending_page(number: int) -> Response:
    """Show how far an issue is."""
    return _page(number)


@bp.get("/issues/<int:number>/sending/numbers.json")
@needs(Permission.SENDING)
def sending_numbers(number: int) -> Response:
    """Give what changes on the page, for browsers that ask again and again."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        return jsonify(_numbers(issue, desk.sending(session, issue, datetime.now(UTC))))


@bp.get("/issues/<int:number>/sending/events")
@needs(Permission.SENDING)
def sending_events(number: int) -> Response:
    """Send what changes on the page as it changes, for some seconds (server-sent events).

    Where as many watch as may, the answer is 204, by which a browser knows not to come back.
    """
    with database.reading() as session:
        issues.fetch(session, number)
    if not _watching.acquire(blocking=False):
        return Response(status=204)
    answer = Response(stream_with_context(_events(number)), mimetype="text/event-stream")
    answer.call_on_close(_watching.release)
    answer.headers["X-Accel-Buffering"] = "no"  # a proxy is to pass on each event at once
    return answer


def _events(number: int) -> Iterator[str]:
    known = ""
    for look in range(LOOKS):
        if look:
            sleep(EVERY)
        at = datetime.now(UTC)
        with database.reading() as session:
            issue = issues.fetch(session, number)
            now = desk.sending(session, issue, at)
            numbers = _numbers(issue, now)
        soon = _moves_soon(now, at)
        if not look:
            yield f"retry: {AGAIN_IN if soon else LATER}\n\n"
        words = json.dumps(numbers)
        # A comment shows whether anybody is still there.
        yield f"data: {words}\n\n" if words != known else ":\n\n"
        known = words
        if numbers["over"] or not soon:
            return


def _moves_soon(now: Sending, at: datetime) -> bool:
    """Tell whether an issue is on its way, or due before long and held by nothing."""
    is_due = now.due_at is not None and now.due_at <= at + SOON
    return now.began_at is not None or (
        now.state is IssueState.SCHEDULED and is_due and not now.held
    )


@bp.post("/issues/<int:number>/sending/pause")
@needs(Permission.SEND)
def pause_sending(number: int) -> Response:
    """Have the issue wait, at once: to stop must not take two steps."""

    def act(session: Session, now: datetime) -> None:
        if not issues.pause(session, number, now):
            raise Conflict

    return _act(number, Action.SENDING_PAUSED, "paused", act)


@bp.get("/issues/<int:number>/sending/resume")
@needs(Permission.SEND)
def confirm_resuming(number: int) -> Response:
    """Say how many get the issue if it goes on."""
    return _confirm(number, "resume", {IssueState.PAUSED})


@bp.get("/issues/<int:number>/sending/cancel")
@needs(Permission.SEND)
def confirm_cancelling(number: int) -> Response:
    """Say how many do not get the issue if it is cancelled."""
    return _confirm(number, "cancel", {IssueState.PAUSED, IssueState.SENDING})


def _confirm(number: int, act: str, states: Collection[IssueState]) -> Response:
    with database.reading() as session:
        issue = issues.fetch(session, number)
        if issue.state not in states:
            return _page(number, _CHANGED)
        now = desk.sending(session, issue, datetime.now(UTC))
        return issue_page("sending-act.html", session, issue, act=act, now=now)


@bp.post("/issues/<int:number>/sending/resume")
@needs(Permission.SEND)
def resume_sending(number: int) -> Response:
    """Let the issue go on."""
    return _act(
        number,
        Action.SENDING_RESUMED,
        "resumed",
        lambda session, now: issues.resume(session, number, now),
    )


@bp.post("/issues/<int:number>/sending/cancel")
@needs(Permission.SEND)
def cancel_sending(number: int) -> Response:
    """End the issue for good."""

    def act(session: Session, now: datetime) -> None:
        if issues.fetch(session, number).state not in (IssueState.SENDING, IssueState.PAUSED):
            raise Conflict
        issues.cancel(session, number, now)

    return _act(number, Action.SENDING_CANCELLED, "cancelled", act)


@bp.get("/issues/<int:number>/sending/again/<whom>")
@needs(Permission.SEND)
def confirm_sending_again(number: int, whom: str) -> Response:
    """Say to how many the issue would be sent once more, and what that means for them."""
    with database.reading() as session:
        issue = issues.fetch(session, number)
        now = desk.sending(session, issue, datetime.now(UTC))
        if whom not in _again(issue, now):
            return _page(number, _CHANGED)
        count = now.dropped if whom == "rest" else now.tally.counts[AGAIN[whom]]
        return issue_page(
            "sending-act.html", session, issue, act="again", whom=whom, count=count, now=now
        )


@bp.post("/issues/<int:number>/sending/again/<whom>")
@needs(Permission.SEND)
def send_again(number: int, whom: str) -> Response:
    """Send once more to those whose mail was refused, is in doubt or was never sent."""
    if whom not in AGAIN:
        raise NotFound
    count = 0

    def act(session: Session, now: datetime) -> None:
        nonlocal count
        count = issues.send_again(session, number, [AGAIN[whom]], now)
        if not count:
            raise Conflict

    return _act(number, Action.SENT_AGAIN, "again", act, lambda: f"{whom}, {count}")


def _act(
    number: int,
    action: Action,
    done: str,
    act: Callable[[Session, datetime], None],
    about: Callable[[], str] = str,
) -> Response:
    """Do something to an issue on its way, and note it; where it has moved on, show the page."""
    now = datetime.now(UTC)
    try:
        with database.transaction() as session:
            issue = issues.fetch(session, number)
            act(session, now)
            words = ", ".join(filter(None, (f"{number}: {issue.subject}", about())))
            desk.note(session, presence.actor, action, now, words)
    except Conflict:
        return _page(number, _CHANGED, status=409)
    return lead(to("sending_page", number=number, done=done))


def _page(number: int, trouble: str = "", *, status: int = 200) -> Response:
    with database.reading() as session:
        issue = issues.fetch(session, number)
        now = desk.sending(session, issue, datetime.now(UTC))
        return issue_page(
            "sending.html",
            session,
            issue,
            status=status,
            trouble=say(trouble) if trouble else "",
            now=now,
            is_watched=now.began_at is not None or issue.state in _AHEAD,
            said=_said(now),
            pieces=_pieces(issue, now),
        )


def changed_page(number: int) -> Response:
    """Show where an issue stands to somebody whose act came too late."""
    return _page(number, _CHANGED, status=409)


def _numbers(issue: model.Issue, now: Sending) -> Mapping[str, Any]:
    """Return what changes on the page: numbers, the same as words, and pieces of HTML."""
    return {
        "state": now.state.value,
        "over": now.is_over,
        "total": now.tally.total,
        "done": now.tally.done,
        "counts": {state.value: count for state, count in now.tally.counts.items()},
        "retrying": now.tally.retrying,
        "said": _said(now),
        "pieces": {
            name: {"version": piece.version, "html": piece.html}
            for name, piece in _pieces(issue, now).items()
        },
    }


def _said(now: Sending) -> Mapping[str, str]:
    """Write in the reader's language what changes all the time."""
    language = reader_language()
    gettext = translations(language).gettext

    def number(value: float) -> str:
        return say_number(value, language)

    def moment(at: datetime | None) -> str:
        if at is None:
            return "–"
        here, today = at.astimezone(now.zone), datetime.now(UTC).astimezone(now.zone)
        same_day = here.date() == today.date()
        return say_time(here, language) if same_day else say_moment(here, language)

    tally = now.tally
    total = max(tally.total, 1)
    share = _("%(done)s of %(total)s mails") if now.began_at else _("Nothing has left yet.")
    return {
        "share": gettext(share) % {"done": number(tally.done), "total": number(tally.total)},
        "percent": f"{number(100 * tally.done // total)} %",
        "todo": number(now.waiting),
        "retrying": number(tally.retrying),
        **{state.value: number(tally.counts[state]) for state in AGAIN.values()},
        "sent": number(tally.counts[DeliveryState.SENT]),
        "second": number(round(now.rate, 1 if now.rate < 10 else None)) if now.rate else "–",
        "minute": number(round(now.rate * 60)) if now.rate else "–",
        "ends": moment(now.ends_at),
        "next": moment(now.ready_at),
        **_said_of_waves(now, number),
        **{spot(each.kind, each.words): number(each.count) for each in now.reasons},
        **{
            spot(kind, domain.name): number(count)
            for domain in now.domains
            for kind, count in domain.counts.items()
        },
    }


def _said_of_waves(now: Sending, number: Callable[[float], str]) -> Mapping[str, str]:
    """Write what changes all the time of waves: mails sent of each, and clicks of each subject."""
    if now.waves is None:
        return {}
    said = {f"wave-{each.kind.value}": number(each.sent) for each in now.waves.standing}
    clicks = {
        WaveKind.A: now.waves.a,
        WaveKind.B: now.waves.b,
        WaveKind.EMBARGO: now.waves.embargoed,
    }
    said |= {f"clicks-{kind.value}": number(each.clicks) for kind, each in clicks.items() if each}
    return said


def spot(kind: ReasonKind, words: str) -> str:
    """Name the place of the page where it stands how many mails did not leave for a reason."""
    return f"{kind}-{sha256(words.encode()).hexdigest()[:12]}"


def _pieces(issue: model.Issue, now: Sending) -> Mapping[str, Piece]:
    """Render what changes seldom."""
    facts = {"issue": issue, "now": now, "said": _said(now), "spot": spot}
    facts |= {"kinds": KINDS, "why": WHY, "again": _again(issue, now)}
    facts["at"] = datetime.now(UTC)
    facts["may_send"] = may(presence.role, Permission.SEND)
    return {
        name: _piece(f"issue/_sending_{name}.html", facts)
        for name in ("chip", "state", "waves", "below")
    }


def _piece(template: str, facts: Mapping[str, Any]) -> Piece:
    html = page(template, **facts).get_data(as_text=True)
    # Numbers alone do not make it another.
    still = _NUMBER.sub("", html)
    return Piece(sha256(still.encode()).hexdigest()[:16], Markup(html))  # noqa: S704 - our template


def _again(issue: model.Issue, now: Sending) -> Sequence[str]:
    """Name to whom the issue can be sent once more, as it stands."""
    ended = now.is_over and issue.published_at is not None
    if not ended and issue.state is not IssueState.PAUSED:
        return []
    counts = {whom: now.tally.counts[state] for whom, state in AGAIN.items()}
    return [whom for whom, count in (counts | {"rest": now.dropped}).items() if count]
