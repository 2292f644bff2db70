"""Reach: how many would get an issue now, asked before anything is frozen.

Up to a hundred thousand candidates are counted. Where there are more, blocks of keys all over the
table are looked at, so that a page which says the number is as quick for millions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Integer, Select, column, func, or_, select, values
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.deliveries.asking import Asking
from newsletter.deliveries.audience import EVERYONE, Rule
from newsletter.deliveries.candidates import candidates, is_inside
from newsletter.deliveries.segments import rule_of, zone_of
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


def reach(
    session: Session, issue: model.Issue, rule: Rule | None = None, *, also: Rule = EVERYONE
) -> Reach:
    """Say how many would get ``issue`` if it were frozen now, or if its audience were ``rule``.

    With ``also``, how many of these meet that rule as well.
    """
    rule, zone = rule_of(session, issue) if rule is None else rule, zone_of(session, issue)
    rows = candidates(issue, rule, zone).where(is_inside(also, zone))
    tags = also.tags or rule.tags
    if tags and _are_few(session, _tagged(tags)):
        return Reach(session.scalar(_counted(_from_tags(rows, tags))) or 0)
    some = select(model.Subscription.id).where(
        model.Subscription.publication_id == issue.publication_id,
        model.Subscription.state == SubscriptionState.ACTIVE,
    )
    if _are_few(session, some):
        return Reach(session.scalar(_counted(rows)) or 0)
    keys = model.Subscription.id
    ends = (select(end(keys)).scalar_subquery() for end in (func.min, func.max))
    first, last = session.execute(select(*ends)).one()
    return Reach(_estimate(session, rows, first, last + 1), is_estimated=True)


def reach_by_content(session: Session, issue: model.Issue, asking: Asking) -> Mapping[int, int]:
    """Count how many would get each content of ``issue`` if it were frozen now, in one statement.

    It is for those whom ``reach`` counts: it looks at every reader.
    """
    choice = asking.choice(session, issue)
    content = choice.chosen().label("chosen_content")
    rows = session.execute(
        candidates(issue, rule_of(session, issue), zone_of(session, issue))
        .select_from(choice.joined())
        .with_only_columns(content, func.count())
        .group_by("chosen_content")
    )
    return dict(rows.all())


def _are_few(session: Session, rows: Select[int]) -> bool:
    """Tell whether ``rows`` are few enough to be counted."""
    some = rows.limit(COUNTED + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= COUNTED


def _tagged(names: Sequence[str]) -> Select[int]:
    """Select the people who have one of the tags."""
    return (
        select(model.SubscriberTag.subscriber_id)
        .join(model.Tag, model.Tag.id == model.SubscriberTag.tag_id)
        .where(model.Tag.name.in_(names))
        .distinct()
    )


def _from_tags(rows: Select[int], names: Sequence[str]) -> Select[int]:
    """Find ``rows`` from the few who have one of the tags, not from the many who have not."""
    tagged = _tagged(names).subquery()
    return rows.join(tagged, tagged.c.subscriber_id == model.Subscription.subscriber_id)


def _estimate(session: Session, rows: Select[int], first: int, end: int) -> int:
    """Count in blocks that are spread evenly from key to key, and draw the conclusion."""
    step = max(BLOCK, (end - first) // BLOCKS)
    starts = range(first, end, step)
    found = session.scalar(_counted(_within(session, rows, starts))) or 0
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
