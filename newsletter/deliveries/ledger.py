"""The ledger: how many deliveries of an issue stand where, and each of them by name."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, union_all
from sqlalchemy.orm import Session, aliased

from newsletter import model
from newsletter.deliveries.claim import ENDED
from newsletter.deliveries.keys import among_keys, keys, of_issue
from newsletter.model import DeliveryState, WaveKind

PAGE = 2_000
"""Entries that are asked for at a time."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries of an issue stand where.

    ``retrying`` are those of the open that were tried before, and ``next_at`` is when the first of
    the open is due; a count of the rows themselves does not tell them.
    """

    counts: Mapping[DeliveryState, int]
    retrying: int = field(default=0, compare=False)
    next_at: datetime | None = field(default=None, compare=False)

    @property
    def total(self) -> int:
        """All deliveries that were frozen."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Those that have not come to an end."""
        return self.counts[DeliveryState.QUEUED] + self.counts[DeliveryState.SENDING]

    @property
    def done(self) -> int:
        """Those that have."""
        return self.total - self.open


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger; ``address`` is empty when the person was erased.

    ``wave`` names the wave that it leaves with, where its issue has several; ``appeal`` is the
    number of the variant that its reader is shown, if one is.
    """

    address: str
    state: DeliveryState
    attempts: int
    code: int | None
    words: str
    settled_at: datetime | None
    due_at: datetime | None
    wave: str = ""
    appeal: int | None = None


def tally(session: Session, issue_id: int) -> Tally:
    """Count an issue's deliveries by state, one by one: the truth, and a look at every row."""
    rows = session.execute(
        select(model.Delivery.state, func.count())
        .where(of_issue(session, issue_id))
        .group_by(model.Delivery.state)
    )
    return Tally(dict.fromkeys(DeliveryState, 0) | dict(rows.all()))


def progress(session: Session, issue_id: int) -> Tally:
    """Sum up an issue's batches: cheap at any size, and behind by what is under way.

    What has not come to an end counts as QUEUED, and in a batch that a worker holds as SENDING; of
    a wave's batch, whose range holds others too, it may be a few too many.
    """
    found = progress_of(session, [issue_id])
    return found.get(issue_id, Tally(dict.fromkeys(DeliveryState, 0)))


def progress_of(session: Session, issue_ids: Collection[int]) -> Mapping[int, Tally]:
    """Sum up the batches of several issues, as ``progress`` does those of one."""
    batch = model.Batch
    ended = batch.sent + batch.refused + batch.skipped + batch.unknown
    size = batch.last_delivery - batch.first_delivery + 1
    sums = (
        select(
            batch.issue_id,
            func.sum(size - ended).filter(batch.lease.is_not(None)).label("held"),
            *(func.sum(getattr(batch, state)).label(state) for state in ENDED),
            func.sum(batch.retrying).label("retrying"),
            func.min(batch.due_at).label("next_at"),
        )
        .where(batch.issue_id.in_(issue_ids))
        .group_by(batch.issue_id)
        .subquery()
    )
    rows = session.execute(
        select(model.Issue.id, model.Issue.audience, *list(sums.c)[1:])
        .outerjoin(sums, sums.c.issue_id == model.Issue.id)
        .where(model.Issue.id.in_(issue_ids))
    )
    return {
        number: _summed(audience or {}, [int(count or 0) for count in counts], next_at)
        for number, audience, *counts, next_at in rows
    }


def _summed(audience: Mapping[str, Any], counts: Sequence[int], next_at: datetime | None) -> Tally:
    held, *ends, retrying = counts
    rest = max(0, int(audience.get("frozen", 0)) - sum(ends))
    sending = min(held, rest)
    return Tally(
        dict.fromkeys(DeliveryState, 0)
        | dict(zip(ENDED, ends, strict=True))
        | {DeliveryState.SENDING: sending, DeliveryState.QUEUED: rest - sending},
        min(retrying, rest),
        next_at,
    )


def ledger(session: Session, issue_id: int) -> Iterator[Entry]:
    """Yield every delivery of an issue in the order of freezing, some thousands at a time."""
    first, last = keys(session, issue_id)
    after = first - 1
    while rows := session.execute(
        select(
            model.Delivery.id,
            func.coalesce(model.Subscriber.address, ""),
            model.Delivery.state,
            model.Delivery.attempts,
            model.Delivery.code,
            func.coalesce(model.Delivery.words, ""),
            model.Delivery.settled_at,
            model.Delivery.due_at,
            model.Delivery.wave,
            model.Content.appeal_variant_id,
        )
        .outerjoin(model.Subscriber, model.Subscriber.id == model.Delivery.subscriber_id)
        .outerjoin(model.Content, model.Content.id == model.Delivery.content_id)
        .where(
            model.Delivery.id > after,
            model.Delivery.id <= last,
            among_keys(issue_id),
        )
        .order_by(model.Delivery.id)
        .limit(PAGE)
    ).all():
        for _, address, state, attempts, code, words, settled_at, due_at, wave, appeal in rows:
            named = "" if wave is None else WaveKind(wave).name.lower()
            yield Entry(address, state, attempts, code, words, settled_at, due_at, named, appeal)
        after = rows[-1][0]


def of_reader(subscriber: int) -> ColumnElement[bool]:
    """Say that a delivery is that reader's, in a way that an index helps with.

    There is none by the reader alone: freezing an audience would have to touch all of it. So each
    issue is asked for the reader's row, and what belongs to none.
    """
    row = aliased(model.Delivery)
    places = (row.issue_id.in_(select(model.Issue.id)), row.issue_id.is_(None))
    found = (select(row.id).where(place, row.subscriber_id == subscriber) for place in places)
    return model.Delivery.id.in_(union_all(*found))
