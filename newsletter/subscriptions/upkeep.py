"""What time brings about by itself: pauses end, and what nobody confirmed is forgotten.

All of it works on sets of bounded size, so that a tick never holds others up; call again as long as
there is something to do.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Delete,
    Select,
    and_,
    delete,
    exists,
    insert,
    inspect,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from newsletter import deliveries, model
from newsletter.links import LIVES
from newsletter.model import Base, SubscriptionState
from newsletter.subscriptions import directory, uploads
from newsletter.subscriptions.holding import forget_details
from newsletter.subscriptions.states import PAUSED, PENDING, Event, after

FORM = "clock"
"""What the consent log calls a step that nobody took."""
DRAINED = timedelta(days=2)
"""After so long no bucket holds anything: the longest rate is that of a day."""


def due(session: Session, now: datetime) -> tuple[bool, bool]:
    """Tell whether there are forms to work off, and people to wake."""
    forms = session.scalar(select(model.SignUp.id).limit(1))
    sleepers = session.scalar(select(model.Subscription.id).where(_is_over(now)).limit(1))
    return forms is not None, sleepers is not None


def _is_over(now: datetime) -> ColumnElement[bool]:
    return and_(model.Subscription.state == PAUSED, model.Subscription.paused_until <= now)


def wake(session: Session, now: datetime, *, limit: int = 1000) -> int:
    """Have those get mail again whose pause is over; return how many."""
    over = select(model.Subscription.id).where(_is_over(now)).order_by(model.Subscription.id)
    return len(_step_all(session, over, Event.WAKE, PAUSED, now, limit))


def purge(session: Session, now: datetime, *, limit: int = 1000) -> int:
    """Delete what its time has passed for, of each kind ``limit`` at most; return how much it was.

    What was never confirmed goes after the life of its link, and the person with it if nothing else
    is known of them; who had left before goes back to having left.
    """
    # Buckets come first, as for everyone who takes from them and then locks people.
    gone = _delete_some(session, model.Bucket, model.Bucket.changed_at < now - DRAINED, limit)
    gone += _delete_some(session, model.Challenge, model.Challenge.ends_at <= now, limit)
    gone += _expire(session, now, limit)
    is_over = and_(
        model.Upload.at <= now - uploads.KEPT, model.Upload.state.not_in(uploads.UNDER_WAY)
    )
    gone += _delete_some(session, model.Upload, is_over, limit)
    gone += _delete_some(session, model.Search, model.Search.at <= now - directory.KEPT, limit)
    links_ended = model.AddressChange.asked_at <= now - LIVES["agree"]
    gone += _delete_some(session, model.AddressChange, links_ended, limit)
    gone += _forget_people(session, now, limit)
    return gone + deliveries.forget(session, now)


def _expire(session: Session, now: datetime, limit: int) -> int:
    """End what was never confirmed; the log of who had left before keeps its person."""
    told = or_(
        _said(model.Consent.action.not_in([event.value for event in _ASKING])),
        # Imported as having left, and asked for since; imported as asked for alone tells nothing.
        and_(
            _said(model.Consent.action == Event.IMPORT.value),
            _said(model.Consent.action == Event.ASK.value),
        ),
    )
    stale = (
        select(model.Subscription.id)
        .where(
            # All publications there are: an index leads from one of them to its states.
            model.Subscription.publication_id.in_(select(model.Publication.id)),
            model.Subscription.state == PENDING,
            model.Subscription.changed_at <= now - LIVES["confirm"],
        )
        .order_by(model.Subscription.id)
    )
    lapsed = _step_all(session, stale.where(told), Event.LAPSE, PENDING, now, limit)
    expired = _step_all(session, stale.where(~told), Event.EXPIRE, PENDING, now, limit)
    return len(lapsed) + len(expired)


_ASKING = (Event.ASK, Event.IMPORT, Event.EXPIRE)


def _said(what: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        model.Consent.subscriber_id == model.Subscription.subscriber_id,
        model.Consent.publication_id == model.Subscription.publication_id,
        what,
    )


def _step_all(
    session: Session,
    which: Select[int],
    event: Event,
    state: SubscriptionState,
    now: datetime,
    limit: int,
) -> Sequence[int]:
    """Take many subscriptions in one state through an event, with a line in the log for each."""
    taken = session.scalars(which.limit(limit).with_for_update(skip_locked=True)).all()
    if not taken:
        return taken
    mine = model.Subscription.id.in_(taken)
    said = select(
        model.Subscription.subscriber_id,
        model.Subscription.publication_id,
        literal(event.value),
        literal(FORM),
        literal(now, model.Consent.at.type),
        literal(""),
        literal(""),
        literal(""),
    ).where(mine)
    columns = [
        *("subscriber_id", "publication_id", "action", "form", "at"),
        *("wording", "version", "origin"),
    ]
    session.connection().execute(insert(model.Consent).from_select(columns, said))
    become = after(event, state)
    change = (
        delete(model.Subscription)
        if become is None
        else update(model.Subscription).values(state=become, changed_at=now, paused_until=None)
    )
    session.execute(change.where(mine).execution_options(synchronize_session=False))
    session.expire_all()
    return taken


def _forget_people(session: Session, now: datetime, limit: int) -> int:
    """Delete people of whom nothing is left: no subscription, and no open change of address.

    They are locked first and looked at again then, so that nobody goes who comes back meanwhile.
    """
    wishes = exists().where(model.Subscription.subscriber_id == model.Subscriber.id)
    changes = exists().where(
        or_(
            model.AddressChange.subscriber_id == model.Subscriber.id,
            model.AddressChange.newcomer_id == model.Subscriber.id,
        )
    )
    left = (
        select(model.Subscriber.id)
        .where(~wishes, ~changes, model.Subscriber.created_at <= now - LIVES["agree"])
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    people = session.scalars(left).all()
    if not people:
        return 0
    forget_details(session, people)
    gone = delete(model.Subscriber).where(model.Subscriber.id.in_(people), ~wishes, ~changes)
    return _count(session, gone)


def _delete_some(
    session: Session, table: type[Base], is_over: ColumnElement[bool], limit: int
) -> int:
    (key,) = inspect(table).primary_key
    # What somebody uses at the moment is not over.
    free = select(key).where(is_over).limit(limit).with_for_update(skip_locked=True)
    keys = session.scalars(free).all()
    return _count(session, delete(table).where(key.in_(keys), is_over)) if keys else 0


def _count(session: Session, statement: Delete) -> int:
    done = session.connection().execute(statement, execution_options={"preserve_rowcount": True})
    return done.rowcount
