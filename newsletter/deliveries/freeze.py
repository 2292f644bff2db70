"""Freezing: one delivery for everyone who is to get a mail, before the first mail leaves."""

from datetime import datetime

from sqlalchemy import BigInteger, CursorResult, func, insert, literal, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import with_room
from newsletter.deliveries.candidates import (
    candidates,
    is_here,
    is_suppressed,
    reason_to_leave_out,
)
from newsletter.deliveries.segments import rule_of, zone_of
from newsletter.model import DeliveryState

_COLUMNS = ["issue_id", "content_id", "subscriber_id", "state", "attempts"]


def freeze(
    session: Session, issue: model.Issue, content_id: int, now: datetime, *, batch_size: int
) -> dict[str, int]:
    """Insert one delivery for everyone who is to get ``issue``, cut into batches.

    Returns the counts: candidates, each reason for being left out, and frozen; they add up. The
    rule that said who is inside stays with the issue.
    """
    rule, zone = rule_of(session, issue), zone_of(session, issue)
    reason, here = reason_to_leave_out(issue), is_here(issue)
    audience = (
        candidates(issue, rule, zone)
        .with_only_columns(
            literal(issue.id),
            literal(content_id),
            model.Subscription.subscriber_id,
            literal(DeliveryState.QUEUED.value),
            literal(0),
        )
        .order_by(model.Subscription.id)
    )
    spent = _spent_key(session)
    with with_room(session):
        inserted: CursorResult[object] = session.connection().execute(
            insert(model.Delivery).from_select(_COLUMNS, audience),
            execution_options={"preserve_rowcount": True},
        )
    _cut_into_batches(session, issue.id, spent, now, batch_size)
    # Whoever was inserted is counted by the insertion itself: another count, a moment later, might
    # see another audience, and the sums would never agree.
    counts = {"frozen": inserted.rowcount}
    left_out = select(reason, func.count()).where(here, reason.is_not(None)).group_by(reason)
    counts |= {str(why): count for why, count in session.execute(left_out)}
    wished = select(func.count()).select_from(model.Subscription).where(here, reason.is_(None))
    if silenced := session.scalar(wished.where(is_suppressed())):
        counts["suppressed"] = silenced
    if not rule.is_everyone:
        # To ask of each once more whether they meet the rule would take as long as freezing.
        outside = (session.scalar(wished.where(~is_suppressed())) or 0) - inserted.rowcount
        counts |= {"outside the audience": outside} if outside > 0 else {}
        issue.rule = rule.data
    return {"candidates": sum(counts.values()), **counts}


def _spent_key(session: Session) -> int:
    """Return a key that no delivery to come will have, nor any below it."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(model.Delivery.__tablename__, "id")
        return session.scalars(select(func.nextval(sequence, type_=BigInteger))).one()
    return session.scalar(select(func.max(model.Delivery.id))) or 0


def _cut_into_batches(
    session: Session, issue_id: int, spent: int, now: datetime, batch_size: int
) -> None:
    """Cover the keys beyond ``spent`` without a gap; of other issues' rows among them none is ours.

    A batch is a range of keys. Where another issue was frozen at the same moment, ours may hold
    fewer rows than ``batch_size``, never more.
    """
    last = session.scalar(
        select(func.max(model.Delivery.id)).where(
            model.Delivery.id > spent, model.Delivery.issue_id == issue_id
        )
    )
    batches = [
        {
            "issue_id": issue_id,
            "number": number,
            "first_delivery": start,
            "last_delivery": start + batch_size - 1,
            "due_at": now,
        }
        for number, start in enumerate(range(spent + 1, (last or spent) + 1, batch_size))
    ]
    if batches:
        session.execute(insert(model.Batch), batches)
