"""Freezing: one delivery for everyone who is to get a mail, before the first mail leaves."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    Select,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import with_room
from newsletter.deliveries.asking import Asking, note_asking
from newsletter.deliveries.candidates import (
    candidates,
    is_here,
    is_suppressed,
    reason_to_leave_out,
)
from newsletter.deliveries.keys import among_keys
from newsletter.deliveries.segments import rule_of, zone_of
from newsletter.deliveries.waves import Split
from newsletter.model import DeliveryState, WaveKind

SPREAD = 20
"""How many times as many keys as deliveries a batch of a wave may cover."""
_COLUMNS = ["issue_id", "content_id", "subscriber_id", "state", "attempts"]


def freeze(
    session: Session,
    issue: model.Issue,
    content_id: int,
    now: datetime,
    *,
    batch_size: int,
    split: Split | None = None,
    asking: Asking | None = None,
) -> dict[str, int]:
    """Insert one delivery for everyone who is to get ``issue``, cut into batches.

    With a ``split`` they are parted into waves, of which some leave later; with ``asking`` each is
    shown one variant of an appeal, or none. Returns the counts:
    candidates, each reason for being left out, and frozen; they add up. The rule that said who is
    inside stays with the issue.
    """
    rule, zone = rule_of(session, issue), zone_of(session, issue)
    reason, here = reason_to_leave_out(issue), is_here(issue)
    audience = candidates(issue, rule, zone)
    columns: list[str] = [*_COLUMNS]
    content: ColumnElement[int] = literal(content_id)
    if asking:
        choice = asking.choice(session, issue)
        audience, content = audience.select_from(choice.joined()), choice.chosen()
        note_asking(session, issue.id, asking)
    rows = _whole(audience, issue.id, content)
    if split:
        # Which words a wave gets is said when it is claimed. The order is the usual one: in that of
        # the waves, the index would have to be filled in its midst.
        columns, rows = [*columns, "wave"], rows.add_columns(split.wave(issue.id, zone))
    spent = _spent_key(session)
    with with_room(session):
        inserted: CursorResult[object] = session.connection().execute(
            insert(model.Delivery).from_select(columns, rows),
            execution_options={"preserve_rowcount": True},
        )
    if split:
        _cut_into_waves(session, issue.id, spent, split, batch_size)
    else:
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


def _whole(
    audience: Select[int], issue_id: int, content: ColumnElement[int]
) -> Select[*tuple[object, ...]]:
    """Select what is inserted, of whatever wave."""
    return audience.with_only_columns(
        literal(issue_id),
        content,
        model.Subscription.subscriber_id,
        literal(DeliveryState.QUEUED.value),
        literal(0),
    ).order_by(model.Subscription.id)


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
        select(func.max(model.Delivery.id)).where(model.Delivery.id > spent, among_keys(issue_id))
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


def _cut_into_waves(
    session: Session, issue_id: int, spent: int, split: Split, batch_size: int
) -> None:
    """Cover the keys beyond ``spent`` once for each wave, so that each batch is of one wave.

    The fewer in a hundred a wave has, the longer are its batches' ranges of keys: about
    ``batch_size`` rows of theirs lie in each.
    """
    delivery = model.Delivery
    kinds = [kind for kind in WaveKind if kind in split.parts]
    # Filtered sums, as grouping would sort all rows.
    counts = [func.count().filter(delivery.wave == kind.value) for kind in kinds]
    last, *found = session.execute(
        select(func.max(delivery.id), *counts).where(delivery.id > spent, among_keys(issue_id))
    ).one()
    whole = sum(found)
    batches: list[dict[str, object]] = []
    for kind, count in zip(kinds, found, strict=True):
        part = split.parts[kind]
        session.add(
            model.Wave(
                issue_id=issue_id,
                number=kind.value,
                content_id=part.content if part.decided else None,
                frozen=count,
                due_at=part.due_at,
            )
        )
        if not count:
            continue
        # Where its readers came all at once they lie together, and a batch must not grow too large.
        length = batch_size * min(round(whole / count), SPREAD)
        batches += [
            {
                "issue_id": issue_id,
                "number": number,
                "first_delivery": start,
                "last_delivery": min(start + length - 1, last),
                "due_at": part.due_at,
                "wave": kind.value,
            }
            for number, start in enumerate(range(spent + 1, last + 1, length), len(batches))
        ]
    session.flush()
    if batches:
        session.execute(insert(model.Batch), batches)
