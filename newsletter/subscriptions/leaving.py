"""Leaving, taking it back, pausing, and fewer mails: what a person does to one subscription."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from newsletter import feedback, model
from newsletter.errors import Invalid
from newsletter.links import Links
from newsletter.model import SubscriptionState
from newsletter.subscriptions import letters
from newsletter.subscriptions.counters import count
from newsletter.subscriptions.states import Event
from newsletter.subscriptions.steps import Line, locked_wish, record, step

WHYS = ("too-often", "not-relevant", "never-asked", "other")
"""What a person may give for a reason, if they like."""
LONGEST_PAUSE = timedelta(days=366)
"""For longer than this, leave."""
GOODBYES = 3
"""Goodbye mails in a day: whoever leaves and comes back again and again gets no more."""


def leave(
    session: Session,
    subscription: int,
    now: datetime,
    *,
    form: str,
    links: Links | None = None,
    issue: int = 0,
) -> datetime | None:
    """End a subscription at once; again, it does nothing.

    Returns the moment of the goodbye, to the second, by which it can be taken back; None when there
    is nothing to take back. By the form "page" a mail says so, too: whoever pressed the button may
    have been sent somebody else's mail. What is queued for the reader is skipped when its batch is
    claimed. Of an ``issue`` in whose mail the link stood it is counted that somebody left, not who.
    """
    wish = locked_wish(session, subscription)
    if wish is None:
        return None
    was: dict[str, object] = {"was": wish.state.value}
    if wish.paused_until is not None:
        was["until"] = wish.paused_until.isoformat()
    left = step(session, wish, Event.LEAVE, now, Line(form, details=was))
    if not left:
        step(session, wish, Event.DECLINE, now, Line(form))
    session.flush()
    if left and issue:
        feedback.count_goodbye(session, issue, now)
    if left and form == "page" and links is not None:
        _say_goodbye(session, wish, links, now)
    return wish.changed_at.replace(microsecond=0) if _goodbye(session, wish) else None


def _say_goodbye(session: Session, wish: model.Subscription, links: Links, now: datetime) -> None:
    said = session.scalar(
        select(func.count())
        .select_from(model.Consent)
        .where(
            model.Consent.subscriber_id == wish.subscriber_id,
            model.Consent.publication_id == wish.publication_id,
            model.Consent.action == Event.LEAVE.value,
            model.Consent.at > now - timedelta(days=1),
        )
    )
    if said is not None and said <= GOODBYES:
        person = session.get_one(model.Subscriber, wish.subscriber_id)
        publication = session.get_one(model.Publication, wish.publication_id)
        letters.send_goodbye(session, person, publication, wish.id, links, now)


def _goodbye(session: Session, wish: model.Subscription) -> model.Consent | None:
    """Return the log's line of the goodbye by which ``wish`` is where it is."""
    if wish.state is not SubscriptionState.UNSUBSCRIBED:
        return None
    return session.scalar(
        select(model.Consent)
        .where(
            model.Consent.subscriber_id == wish.subscriber_id,
            model.Consent.publication_id == wish.publication_id,
            model.Consent.action == Event.LEAVE.value,
            model.Consent.at == wish.changed_at,
        )
        .order_by(model.Consent.id.desc())
        .limit(1)
    )


def undo(
    session: Session, subscription: int, left_at: datetime, now: datetime, *, form: str
) -> bool:
    """Take back the goodbye said at ``left_at``, to the second; tell whether it was that one.

    The person gets what they got before: who had paused is paused, and who had never confirmed is
    not made a reader.
    """
    wish = locked_wish(session, subscription)
    if wish is None or not _is_at(wish, left_at):
        return False
    goodbye = _goodbye(session, wish)
    if goodbye is None or not step(session, wish, Event.UNDO, now, Line(form)):
        return False
    until = (goodbye.details or {}).get("until")
    if until and datetime.fromisoformat(until) > now:
        _pause(session, wish, datetime.fromisoformat(until), now, form)
    session.flush()
    return True


def pause(
    session: Session, subscription: int, until: datetime, now: datetime, *, form: str
) -> None:
    """Send nothing until then; to a person who gets the publication, or pauses already.

    Raises Invalid for a day that has passed, or is more than a year away.
    """
    wish = locked_wish(session, subscription)
    if wish is not None:
        _pause(session, wish, until, now, form)
        session.flush()


def _pause(
    session: Session, wish: model.Subscription, until: datetime, now: datetime, form: str
) -> None:
    check_pause(until, now)
    if wish.paused_until == until:
        return
    if step(session, wish, Event.PAUSE, now, Line(form, details={"until": until.isoformat()})):
        wish.paused_until = until


def check_pause(until: datetime, now: datetime) -> None:
    """Raise Invalid unless ``until`` is a moment to pause until."""
    if not now < until <= now + LONGEST_PAUSE:
        raise Invalid("A pause ends on a day to come, within a year")


def resume(session: Session, subscription: int, now: datetime, *, form: str) -> None:
    """Send again to a person who pauses."""
    wish = locked_wish(session, subscription)
    if wish is not None:
        step(session, wish, Event.RESUME, now, Line(form))
        session.flush()


def set_frequency(
    session: Session, subscription: int, frequency: model.Frequency, now: datetime, *, form: str
) -> None:
    """Send each issue, or one mail a week or a month instead."""
    wish = locked_wish(session, subscription)
    if wish is not None:
        change_frequency(session, wish, frequency, now, form)
        session.flush()


def change_frequency(
    session: Session,
    wish: model.Subscription,
    frequency: model.Frequency,
    now: datetime,
    form: str,
) -> None:
    """Change how often a locked subscription brings mail; the state stays as it is."""
    if wish.frequency is not frequency:
        wish.frequency = frequency
        details = {"frequency": frequency.value}
        record(session, wish, "frequency", now, Line(form, details=details))


def say_why(
    session: Session, subscription: int, left_at: datetime, why: str, now: datetime
) -> None:
    """Count a reason for the goodbye said at ``left_at``, for its publication and no person.

    Raises Invalid for what is none of WHYS.
    """
    if why not in WHYS:
        raise Invalid(f"{why!r} is no reason that is counted; there are {', '.join(WHYS)}")
    wish = session.get(model.Subscription, subscription)
    if wish is not None and wish.state is SubscriptionState.UNSUBSCRIBED and _is_at(wish, left_at):
        publication = session.get_one(model.Publication, wish.publication_id)
        count(session, f"why-{why}-{publication.slug}", now)


def _is_at(wish: model.Subscription, moment: datetime) -> bool:
    return int(wish.changed_at.timestamp()) == int(moment.timestamp())
