"""Growth: how many get each publication, noted once a day, so that what changed can be told.

The notes are counters of the day, called by the publication's number. To count those who came and
went instead would take an index on the log of a million lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import insert_missing
from newsletter.model import SubscriptionState

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
_SLACK = timedelta(days=7)
"""How much older a note may be than asked for, where the clock stood still."""


@dataclass(frozen=True, slots=True)
class Audience:
    """A publication, how many get it, and by how many they grew; None if nobody noted then."""

    id: int
    name: str
    slug: str
    active: int
    paused: int
    week: int | None = None
    month: int | None = None

    @property
    def size(self) -> int:
        """All who asked for it and have not left."""
        return self.active + self.paused


def audiences(session: Session, now: datetime) -> Sequence[Audience]:
    """Count who gets each publication: as dear as they are many, so keep the answer for a while.

    One count for each publication and state is a walk along the index; to group a million rows
    took twice as long.
    """
    counted = _counted(session)
    notes = _notes(session, counted, now.astimezone(UTC).date())
    return [
        Audience(
            *(each.id, each.name, each.slug, each.active, each.paused),
            week=_since(each, notes, WEEK, now),
            month=_since(each, notes, MONTH, now),
        )
        for each in counted
    ]


def unnoted_sizes(session: Session, now: datetime) -> Mapping[int, int]:
    """Count who gets each publication of which nobody has noted it on this day (UTC)."""
    day = now.astimezone(UTC).date()
    publications = session.scalars(select(model.Publication.id)).all()
    names = {_name(number): number for number in publications}
    noted = set(
        session.scalars(
            select(model.Counter.name).where(
                model.Counter.name.in_(names), model.Counter.day == day
            )
        )
    )
    if noted == set(names):
        return {}
    return {each.id: each.size for each in _counted(session) if _name(each.id) not in noted}


def note_sizes(session: Session, sizes: Mapping[int, int], now: datetime) -> None:
    """Note how many get each publication; on the same day (UTC) twice is once."""
    day = now.astimezone(UTC).date()
    rows = [
        {"name": _name(number), "day": day, "count": size} for number, size in sorted(sizes.items())
    ]
    insert_missing(session, model.Counter, rows)


def _name(publication: int) -> str:
    return f"size-{publication}"


def _counted(session: Session) -> Sequence[Audience]:
    rows = session.execute(
        select(
            model.Publication,
            _count(SubscriptionState.ACTIVE),
            _count(SubscriptionState.PAUSED),
        ).order_by(model.Publication.name)
    )
    return [
        Audience(each.id, each.name, each.slug, active, paused) for each, active, paused in rows
    ]


def _count(state: SubscriptionState) -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(
            model.Subscription.publication_id == model.Publication.id,
            model.Subscription.state == state,
        )
        .scalar_subquery()
    )


def _notes(
    session: Session, counted: Sequence[Audience], today: date
) -> Mapping[tuple[str, date], int]:
    rows = session.execute(
        select(model.Counter.name, model.Counter.day, model.Counter.count).where(
            model.Counter.name.in_([_name(each.id) for each in counted]),
            model.Counter.day.between(today - MONTH - _SLACK, today - WEEK),
        )
    )
    return {(name, day): count for name, day, count in rows}


def _since(
    audience: Audience,
    notes: Mapping[tuple[str, date], int],
    ago: timedelta,
    now: datetime,
) -> int | None:
    """Say by how many an audience grew since the last note that is at least ``ago`` old."""
    day = now.astimezone(UTC).date() - ago
    for late in range(_SLACK.days + 1):
        before = notes.get((_name(audience.id), day - timedelta(days=late)))
        if before is not None:
            return audience.size - before
    return None
