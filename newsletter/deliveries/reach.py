"""Reach: how many would get an issue now, asked before anything is frozen.

Up to a hundred thousand candidates are counted. Where there are more, blocks of keys all over the
table are looked at, so that a page which says the number is as quick for millions.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, Select, column, func, or_, select, values
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.deliveries.freeze import candidates
from newsletter.model import SubscriptionState

COUNTED = 100_000
"""Candidates that are counted one by one."""
BLOCKS, BLOCK = 64, 1_000
"""How many places are looked at where there are more, and how many keys at each."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many would get an issue; ``is_estimated`` where they are too many to count."""

    count: int
    is_estimated: bool = False


def reach(session: Session, issue: model.Issue) -> Reach:
    """Say how many would get ``issue`` if it were frozen now."""
    some = (
        select(model.Subscription.id)
        .where(
            model.Subscription.publication_id == issue.publication_id,
            model.Subscription.state == SubscriptionState.ACTIVE,
        )
        .limit(COUNTED + 1)
    )
    if (session.scalar(select(func.count()).select_from(some.subquery())) or 0) <= COUNTED:
        return Reach(session.scalar(_counted(candidates(issue))) or 0)
    keys = model.Subscription.id
    ends = (select(end(keys)).scalar_subquery() for end in (func.min, func.max))
    first, last = session.execute(select(*ends)).one()
    return Reach(_estimate(session, issue, first, last + 1), is_estimated=True)


def _estimate(session: Session, issue: model.Issue, first: int, end: int) -> int:
    """Count in blocks that are spread evenly from key to key, and draw the conclusion."""
    step = max(BLOCK, (end - first) // BLOCKS)
    starts = range(first, end, step)
    sample = _within(session, candidates(issue), starts)
    found = session.scalar(_counted(sample)) or 0
    seen = sum(min(BLOCK, end - each) for each in starts)
    return rounded(round(found * (end - first) / seen))


def _within(session: Session, rows: Select[int], starts: Sequence[int]) -> Select[int]:
    """Keep of ``rows`` those in the blocks, in the words by which each database finds them."""
    keys, length = model.Subscription.id, BLOCK - 1
    if session.get_bind().dialect.name == "postgresql":
        return rows.where(or_(*(keys.between(each, each + length) for each in starts)))
    blocks = values(column("start", Integer)).data([(each,) for each in starts]).cte("blocks")
    return rows.join(blocks, keys.between(blocks.c.start, blocks.c.start + length))


def _counted(rows: Select[int]) -> Select[int]:
    return rows.with_only_columns(func.count())


def rounded(count: int) -> int:
    """Leave of an estimate as much as it knows: two figures that are right and one that may be."""
    unit = int(10.0 ** max(0, len(str(count)) - 3))
    return round(count / unit) * unit
