"""Hooks: where payment services post what happens to gifts; set up at the desk, heard here.

The secret of a hook signs what comes; it is made here or, as Stripe does it, there, and shown once.
When it is changed the old one is taken for a while longer. What was refused is noted with its
reason once a minute at most, so that a forger fills neither the database nor the log.
"""

import enum
import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import insert_missing
from newsletter.errors import Conflict, Invalid, NotFound
from newsletter.links import Links
from newsletter.model import HookKind, MovementKind
from newsletter.support.currencies import of_units
from newsletter.support.donations import forget, settle, tag_in
from newsletter.support.gifts import Gift
from newsletter.support.messages import message_movement, stripe_movement
from newsletter.support.movements import Movement, balance
from newsletter.support.webhooks import Judgement, Verdict, judge_hmac, judge_stripe

OVERLAP = timedelta(hours=24)
"""How long the old secret is taken after a new one was set; Stripe does so for a day at most."""
LONGEST_SOURCE = 60

_SEEN = timedelta(minutes=1)
"""How often it is written down that something was heard or refused."""
_MARK = "nlh_"
_SECRET_OF_STRIPE = re.compile(r"whsec_[A-Za-z0-9+/=_-]{16,200}")

_log = logging.getLogger(__name__)


class Fate(enum.StrEnum):
    """What became of a message that was not refused."""

    TAKEN = "taken"
    KNOWN = "known"
    IGNORED = "ignored"
    """It tells of nothing that a gift is about."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of a message: its fate, or the verdict and reason why it was refused."""

    fate: Fate | None
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What was posted: the body as it came, and what its headers say of its signature."""

    body: bytes
    signature: str
    timestamp: str = ""


def hooks(session: Session) -> Sequence[model.Hook]:
    """List the hooks, in the order in which they were added."""
    return session.scalars(select(model.Hook).order_by(model.Hook.id)).all()


def is_refused(hook: model.Hook) -> bool:
    """Tell whether the last message that came was refused, as all are under a wrong secret."""
    if hook.fault_at is None:
        return False
    return hook.heard_at is None or hook.fault_at > hook.heard_at


def fetch_hook(session: Session, number: int) -> model.Hook:
    """Return the hook with that number; raise NotFound."""
    found = session.get(model.Hook, number)
    if found is None:
        raise NotFound
    return found


def add_hook(
    session: Session, kind: HookKind, source: str, publication: int, now: datetime
) -> model.Hook:
    """Add a hook, which has no secret yet; raise Conflict if another is of that ``source``."""
    row = {"kind": kind, "source": source, "publication_id": publication, "created_at": now}
    texts = {"secret": "", "old_secret": "", "fault": ""}
    if not insert_missing(session, model.Hook, [row | texts]):
        raise Conflict
    return session.scalars(select(model.Hook).where(model.Hook.source == source)).one()


def make_secret(session: Session, hook: model.Hook, now: datetime) -> str:
    """Give a hook a new secret; return it, as nobody will see it again."""
    secret = _MARK + token_urlsafe(32)
    _set_secret(session, hook, secret, now)
    return secret


def set_secret(session: Session, hook: model.Hook, secret: str, now: datetime) -> None:
    """Take the secret that Stripe has made; raise Invalid if it is none."""
    if not _SECRET_OF_STRIPE.fullmatch(secret):
        raise Invalid("A signing secret of Stripe begins with whsec_")
    if secret != hook.secret:
        _set_secret(session, hook, secret, now)


def remove_hook(session: Session, hook: model.Hook) -> None:
    """Hear no more from there; what it told of stays."""
    session.delete(hook)
    session.flush()


def judge(hook: model.Hook, message: Message, now: datetime) -> Judgement:
    """Tell whether a message is genuine and in time; whether it is known is not asked here."""
    secrets = [hook.secret]
    if hook.old_until is not None and now < hook.old_until:
        secrets.append(hook.old_secret)
    if hook.kind is HookKind.STRIPE:
        return judge_stripe(message.body, message.signature, secrets, now)
    return judge_hmac(message.body, message.signature, message.timestamp, secrets, now)


def refused(session: Session, number: int, message: Message, now: datetime) -> Heard | None:
    """Return why a message is refused, if that need not be written down; changes nothing.

    None means that it is to be heard. Raises NotFound.
    """
    hook = fetch_hook(session, number)
    judged = judge(hook, message, now)
    if judged.verdict in {Verdict.GENUINE, Verdict.LATE} or _is_to_be_noted(hook, now):
        return None
    return Heard(None, judged.verdict, judged.reason)


def hear(session: Session, number: int, message: Message, now: datetime, links: Links) -> Heard:
    """Take in a genuine message; a known one changes nothing. Raises NotFound.

    One at a time for each hook, so that two about the same payment see each other.
    """
    hook = session.get(model.Hook, number, with_for_update=True, populate_existing=True)
    if hook is None:
        raise NotFound
    judged = judge(hook, message, now)
    if judged.verdict is Verdict.LATE and _is_known(session, hook.source, judged.event):
        return Heard(Fate.KNOWN, Verdict.REPLAYED)
    if judged.verdict is not Verdict.GENUINE:
        return _refuse(hook, judged, now)
    read = stripe_movement if hook.kind is HookKind.STRIPE else message_movement
    try:
        movement = read(message.body, now.date())
    except Invalid as error:
        # What is wrong may be an address; what is kept says of which field only.
        fields = getattr(error, "fields", ())
        return _refuse(hook, judged, now, error.message, ", ".join(fields) or error.message)
    if hook.heard_at is None or now - hook.heard_at >= _SEEN or is_refused(hook):
        hook.heard_at = now
    if movement is None:
        return Heard(Fate.IGNORED, judged.verdict)
    is_new = _take(session, hook, movement, now, links)
    return Heard(Fate.TAKEN if is_new else Fate.KNOWN, judged.verdict)


def _refuse(
    hook: model.Hook, judged: Judgement, now: datetime, reason: str = "", fields: str = ""
) -> Heard:
    """Refuse a message; ``fields`` are those of a genuine one that tells a gift wrongly."""
    fault = f"invalid: {fields}" if fields else judged.verdict.value
    if _is_to_be_noted(hook, now) or (fields and hook.fault != fault):
        hook.fault, hook.fault_at = fault, now
        _log.warning("message refused hook=%s fault=%s", hook.id, fault)
    return Heard(None, judged.verdict, reason or judged.reason)


def _is_to_be_noted(hook: model.Hook, now: datetime) -> bool:
    """Tell whether a refusal is to be written down, or is one of many within a minute."""
    return hook.fault_at is None or now - hook.fault_at >= _SEEN


def _set_secret(session: Session, hook: model.Hook, secret: str, now: datetime) -> None:
    if hook.secret:
        hook.old_secret, hook.old_until = hook.secret, now + OVERLAP
    hook.secret = secret
    hook.fault, hook.fault_at = "", None
    session.flush()


def _is_known(session: Session, source: str, event: str) -> bool:
    row = model.Movement
    mine = select(row.id).where(row.source == source, row.event == event)
    return session.scalar(mine) is not None


def _take(
    session: Session, hook: model.Hook, movement: Movement, now: datetime, links: Links
) -> bool:
    """Keep a movement, without the address, and settle what follows from it; twice is once."""
    kept = {
        name: getattr(movement, name)
        for name in ("event", "kind", "payment", "at", "since", "thing", "series", "units")
    }
    tag = tag_in(movement.reference, links)
    row = {"source": hook.source, **kept, "currency": movement.currency, "reference": tag}
    if not insert_missing(session, model.Movement, [row]):
        return False
    payments = {movement.payment}
    if movement.kind is MovementKind.NAMED:
        of_it = select(model.Movement.payment).where(
            model.Movement.source == hook.source,
            model.Movement.series == movement.payment,
        )
        payments = set(session.scalars(of_it))
    for payment in sorted(payments):
        _settle(session, hook, payment, movement.address, now, links)
    return True


def _settle(
    session: Session, hook: model.Hook, payment: str, address: str, now: datetime, links: Links
) -> None:
    """Have the donation say what follows from all movements of a payment."""
    names = _names(session, hook.source, payment)
    told = _told(session, hook.source, names)
    series = {each.series for each in told if each.series}
    now_at = balance([*told, *(_told(session, hook.source, series) if series else ())])
    if now_at is None:
        return
    gift = Gift(
        now_at.given_on,
        of_units(now_at.units, now_at.currency),
        now_at.currency,
        now_at.reference,
        address,
        now_at.payment,
    )
    if others := names - {now_at.payment}:
        forget(session, hook.source, others)
    returned = now_at.returned
    settle(session, hook.publication_id, hook.source, gift, returned, now, links)


def _names(session: Session, source: str, payment: str) -> set[str]:
    """Return all names by which a payment is known."""
    row = model.Movement
    found: set[str] = set()
    fresh = {payment}
    while fresh:
        found |= fresh
        pairs = session.execute(
            select(row.payment, row.thing).where(
                row.source == source,
                row.kind.in_((MovementKind.PAID, MovementKind.SAME)),
                row.thing != "",
                or_(row.payment.in_(fresh), row.thing.in_(fresh)),
            )
        )
        fresh = {name for pair in pairs for name in pair} - found
    return found


def _told(session: Session, source: str, payments: Collection[str]) -> list[Movement]:
    rows = session.scalars(
        select(model.Movement)
        .where(model.Movement.source == source, model.Movement.payment.in_(payments))
        .order_by(model.Movement.id)
    )
    names = ("event", "kind", "payment", "at", "since", "thing", "series", "units", "currency")
    return [
        Movement(**{name: getattr(row, name) for name in names}, reference=row.reference)
        for row in rows
    ]
