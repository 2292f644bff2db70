"""Growth: how many get each publication, noted by the clock, so that no page counts a million rows.

The notes are counters of the day, called by the publication's number; the last of a day stays. They
are taken anew when the consent log, which tells of every change, has grown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import put
from newsletter.model import SubscriptionState

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
_SLACK = timedelta(days=7)
"""How much older a note may be than asked for, where the clock stood still."""
_LOG = "log-counted"
"""The counter that has the last line of the log that was there when sizes were noted."""


@dataclass(frozen=True, slots=True)
class Audience:
    """A publication, how many get it, and by how many they grew; None if nobody noted it."""

    id: int
    name: str
    slug: str
    active: int | None
    paused: int
    week: int | None = None
    month: int | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many get each publication, and how many of them are on pause, as of a line of the log."""

    log: int
    everyone: Mapping[int, int]
    paused: Mapping[int, int]


def audiences(session: Session, now: datetime) -> Sequence[Audience]:
    """Tell who gets each publication, as it was noted last."""
    publications = session.scalars(select(model.Publication).order_by(model.Publication.name)).all()
    today = now.astimezone(UTC).date()
    notes = _notes(session, [each.id for each in publications], today)
    return [_audience(each, notes, today) for each in publications]


def count_sizes(session: Session, now: datetime) -> Sizes | None:
    """Count who gets each publication; None if nothing has changed since that was noted.

    One count for each publication and state is a walk along the index; to group a million rows
    took twice as long.
    """
    today = now.astimezone(UTC).date()
    numbers = session.scalars(select(model.Publication.id)).all()
    log = session.scalar(select(func.max(model.Consent.id))) or 0
    names = {_LOG: log} | {_size(number): None for number in numbers}
    notes = select(model.Counter.name, model.Counter.count).where(
        model.Counter.name.in_(names), model.Counter.day == today
    )
    noted = dict(session.execute(notes).all())
    if noted.keys() == names.keys() and noted[_LOG] == log:
        return None
    rows = session.execute(
        select(
            model.Publication.id,
            _count(SubscriptionState.ACTIVE),
            _count(SubscriptionState.PAUSED),
        )
    ).all()
    return Sizes(
        log,
        {number: active + paused for number, active, paused in rows},
        {number: paused for number, _, paused in rows},
    )


def note_sizes(session: Session, sizes: Sizes, now: datetime) -> None:
    """Note how many get each publication; on the same day (UTC) the last note stays."""
    day = now.astimezone(UTC).date()
    counts = {_size(number): size for number, size in sizes.everyone.items()}
    counts |= {_paused(number): count for number, count in sizes.paused.items()}
    counts[_LOG] = sizes.log
    rows = [{"name": name, "day": day, "count": count} for name, count in sorted(counts.items())]
    put(session, model.Counter, rows, lambda new: {"count": new["count"]})


def _size(publication: int) -> str:
    return f"size-{publication}"


def _paused(publication: int) -> str:
    return f"paused-{publication}"


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
    session: Session, publications: Sequence[int], today: date
) -> Mapping[tuple[str, date], int]:
    names = [name(number) for number in publications for name in (_size, _paused)]
    rows = session.execute(
        select(model.Counter.name, model.Counter.day, model.Counter.count).where(
            model.Counter.name.in_(names),
            model.Counter.day.between(today - MONTH - _SLACK, today),
        )
    )
    return {(name, day): count for name, day, count in rows}


def _audience(
    publication: model.Publication, notes: Mapping[tuple[str, date], int], today: date
) -> Audience:
    name = _size(publication.id)
    told = (publication.id, publication.name, publication.slug)
    latest = max((day for noted, day in notes if noted == name), default=None)
    if latest is None:
        return Audience(*told, None, 0)
    size, paused = notes[name, latest], notes.get((_paused(publication.id), latest), 0)

    def since(ago: timedelta) -> int | None:
        """Say by how many it grew since the last note that is at least ``ago`` old."""
        for late in range(_SLACK.days + 1):
            before = notes.get((name, today - ago - timedelta(days=late)))
            if before is not None:
                return size - before
        return None

    return Audience(*told, size - paused, paused, week=since(WEEK), month=since(MONTH))
