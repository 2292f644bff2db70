"""A change of address: asked for behind a mailed link, agreed to from both addresses, then made.

Nothing tells whether the new address is known: the old one is always written to, and the new one
unless it must not be.
"""

from datetime import datetime

from sqlalchemy import delete, exists, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from newsletter import addresses, deliveries, issues, model
from newsletter.database import insert_missing
from newsletter.links import LIVES, Links
from newsletter.model import SubscriptionState
from newsletter.subscriptions import blocking, letters, limits, tagging
from newsletter.subscriptions.signing import home_of
from newsletter.subscriptions.states import Event
from newsletter.subscriptions.steps import Line, lift, locked_people, record, step, wishes_of

FORM = "address-change"
"""What the consent log calls it, and the mail."""
MOVED = "moved"
"""The line that each subscription gets; its details have the keyed hash of the old address."""


def ask_address_change(
    session: Session,
    subscriber: int,
    new_address: str,
    now: datetime,
    links: Links,
    *,
    secret_key: str,
) -> None:
    """Ask both addresses whether the person is to get their mail at the new one.

    An earlier wish that is still open holds no longer. An address that differs in upper and lower
    case alone is changed at once. Raises InvalidAddress; LimitReached after a few in a day.
    """
    kept = addresses.parse(new_address)
    digest = addresses.digest(kept, secret_key)
    person = session.get(model.Subscriber, subscriber)
    if person is None:
        return
    if person.digest == digest:
        person.address = kept
        return
    may_ask = limits.change(session, person.address, kept, now, secret_key=secret_key)
    publications = {publication.id: publication for publication in issues.publications(session)}
    row = {
        "address": kept,
        "digest": digest,
        "name": person.name,
        "language": person.language,
        "created_at": now,
    }
    insert_missing(session, model.Subscriber, [row])
    people = {
        one.digest: one
        for one in locked_people(session, model.Subscriber.digest.in_((person.digest, digest)))
    }
    if people.keys() != {person.digest, digest}:  # erased, or moved, since
        return
    newcomer = people[digest]
    wishes = wishes_of(session, [person.id])
    change = model.AddressChange(subscriber_id=person.id, newcomer_id=newcomer.id, asked_at=now)
    session.add(change)
    session.flush()
    home = home_of(wishes, publications)
    if home is None:
        return
    letters.send_address_change(session, person, home, change.id, links, now, new=False)
    if may_ask and not blocking.blocked(session, [kept]):
        letters.send_address_change(session, newcomer, home, change.id, links, now, new=True)


def agree(session: Session, change: int, new: bool, now: datetime) -> bool | None:
    """Take down that the old or the ``new`` address agrees, and change it when both have.

    Returns True when it is done, now or earlier; False when the other side is awaited; None when
    there is no such change any more. Who is a subscriber at the new address already is one with
    this person from then on, and keeps what they asked for there.
    """
    asked = session.get(model.AddressChange, change)
    if asked is None or now >= asked.asked_at + LIVES["agree"]:
        return None
    # Whoever changes people locks them first, and so do we.
    sides = (asked.subscriber_id, asked.newcomer_id)
    locked_people(session, model.Subscriber.id.in_(sides))
    asked = session.get(model.AddressChange, change, with_for_update=True, populate_existing=True)
    if asked is None:
        return None
    if (asked.subscriber_id, asked.newcomer_id) != sides:  # they became others meanwhile
        return agree(session, change, new, now)
    if asked.subscriber_id == asked.newcomer_id:
        return True
    newer = select(model.AddressChange.id).where(
        model.AddressChange.subscriber_id == asked.subscriber_id,
        model.AddressChange.id > asked.id,
    )
    if session.scalar(newer.limit(1)) is not None:
        return None
    if new:
        asked.new_agreed_at = asked.new_agreed_at or now
    else:
        asked.old_agreed_at = asked.old_agreed_at or now
    session.flush()
    if asked.new_agreed_at is None or asked.old_agreed_at is None:
        return False
    _move(session, asked.subscriber_id, asked.newcomer_id, now)
    return True


def _move(session: Session, old: int, new: int, now: datetime) -> None:
    people = {
        person.id: person for person in locked_people(session, model.Subscriber.id.in_((old, new)))
    }
    person, newcomer = people[old], people[new]
    wishes = wishes_of(session, [old, new])
    was = person.digest
    if any(wish.subscriber_id == new for wish in wishes):
        _merge(session, person, newcomer, now)
        staying = newcomer
    else:
        # Links that were mailed name the person who stays: it is the one who has subscriptions.
        address, digest = newcomer.address, newcomer.digest
        _dissolve(session, newcomer, into=person)
        person.address, person.digest = address, digest
        session.flush()
        staying = person
    lift(session, staying.digest)
    for wish in wishes_of(session, [staying.id]):
        record(session, wish, MOVED, now, Line(FORM, details={"from": was.hex()}))
    session.flush()


def _merge(
    session: Session, person: model.Subscriber, newcomer: model.Subscriber, now: datetime
) -> None:
    """Give the newcomer what the person has and they have not, with the log of it."""
    theirs = {wish.publication_id: wish for wish in wishes_of(session, [newcomer.id])}
    for wish in wishes_of(session, [person.id]):
        if wish.publication_id in theirs:
            _join(session, wish, theirs[wish.publication_id], now)
        else:
            wish.subscriber_id = newcomer.id
    session.flush()
    # The lines of the log stay as they are; what they tell is told again of who goes on.
    told = [column.name for column in model.Consent.__table__.columns if column.name not in _WHOSE]
    lines = (
        select(literal(newcomer.id), *(getattr(model.Consent, name) for name in told))
        .where(model.Consent.subscriber_id == person.id)
        .order_by(model.Consent.id)
    )
    session.connection().execute(insert(model.Consent).from_select(["subscriber_id", *told], lines))
    _dissolve(session, person, into=newcomer)


_WHOSE = {"id", "subscriber_id"}


def _join(
    session: Session, old: model.Subscription, new: model.Subscription, now: datetime
) -> None:
    """Have the person get at the new address what they got at the old one."""
    if old.state not in {SubscriptionState.ACTIVE, SubscriptionState.PAUSED}:
        return
    if step(session, new, Event.WANT, now, Line(FORM)):
        new.frequency = old.frequency
        if old.paused_until is not None:
            details = {"until": old.paused_until.isoformat()}
            step(session, new, Event.PAUSE, now, Line(FORM, details=details))
            new.paused_until = old.paused_until


def _dissolve(session: Session, gone: model.Subscriber, *, into: model.Subscriber) -> None:
    """Delete a subscriber who goes on as another, with the mails that were on their way."""
    same = aliased(model.Delivery)
    twice = exists().where(same.subscriber_id == into.id, same.issue_id == model.Delivery.issue_id)
    session.execute(
        update(model.Delivery)
        .where(deliveries.of_reader(gone.id), ~twice)
        .values(subscriber_id=into.id)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(model.Donation)
        .where(model.Donation.subscriber_id == gone.id)
        .values(subscriber_id=into.id)
        .execution_options(synchronize_session=False)
    )
    tagging.hand_on(session, gone.id, into.id)
    for side in ("subscriber_id", "newcomer_id"):
        session.execute(
            update(model.AddressChange)
            .where(getattr(model.AddressChange, side) == gone.id)
            .values({side: into.id})
            .execution_options(synchronize_session=False)
        )
    session.execute(
        delete(model.Subscriber)
        .where(model.Subscriber.id == gone.id)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
