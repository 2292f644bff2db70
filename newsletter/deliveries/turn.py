"""A turn in the course of an issue: its rest is dropped, or some of it gets another try."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, exists, literal, or_, select, update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.deliveries.claim import CANCELLED, of_batch, recount, skip_the_rest
from newsletter.deliveries.reasons import uncount
from newsletter.model import DeliveryState


def drop(session: Session, issue_id: int, now: datetime) -> bool:
    """Skip what nobody is sending at the moment; return whether nothing of the issue is left open.

    A batch that a worker holds is left to that worker, which gives it back within seconds and then
    drops the rest itself.
    """
    batches = session.execute(
        select(
            model.Batch.id,
            model.Batch.first_delivery,
            model.Batch.last_delivery,
            model.Batch.wave,
            model.Batch.leased_until,
        )
        .where(model.Batch.issue_id == issue_id, model.Batch.due_at.is_not(None))
        .with_for_update()
    ).all()
    free = [one for one in batches if one.leased_until is None or one.leased_until < now]
    for batch in free:
        mine = of_batch(issue_id, batch.first_delivery, batch.last_delivery, batch.wave)
        skip_the_rest(session, issue_id, mine, now)
        recount(session, batch.id, mine, now)
    return len(free) == len(batches)


def requeue(session: Session, issue_id: int, states: Sequence[DeliveryState], now: datetime) -> int:
    """Queue deliveries that ended in ``states`` once more; return how many.

    SKIPPED stands for those that were skipped because the issue was cancelled: whoever left or was
    suppressed stays skipped.
    """
    wanted = or_(
        model.Delivery.state.in_([state for state in states if state is not DeliveryState.SKIPPED]),
        and_(
            model.Delivery.state == DeliveryState.SKIPPED,
            model.Delivery.words == CANCELLED,
            literal(DeliveryState.SKIPPED in states),
        ),
    )
    one = model.Batch
    batches = session.execute(
        select(one.id, one.first_delivery, one.last_delivery, one.wave)
        .where(
            one.issue_id == issue_id,
            one.lease.is_(None),
            exists().where(
                of_batch(issue_id, one.first_delivery, one.last_delivery, one.wave), wanted
            ),
        )
        .with_for_update()
    ).all()
    count = 0
    for batch in batches:
        mine = of_batch(issue_id, batch.first_delivery, batch.last_delivery, batch.wave)
        uncount(session, issue_id, mine & wanted)
        again = session.connection().execute(
            update(model.Delivery)
            .where(mine, wanted)
            .values(state=DeliveryState.QUEUED, due_at=None, settled_at=None)
        )
        count += again.rowcount
        recount(session, batch.id, mine, now)
    return count
