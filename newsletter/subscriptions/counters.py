"""Counters by the day, of what happened and never of to whom."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import insert_missing


def count(session: Session, name: str, now: datetime, by: int = 1) -> None:
    """Move the counter ``name`` of the day, in UTC."""
    if not by:
        return
    day = now.astimezone(UTC).date()
    insert_missing(session, model.Counter, [{"name": name, "day": day, "count": 0}])
    session.execute(
        update(model.Counter)
        .where(model.Counter.name == name, model.Counter.day == day)
        .values(count=model.Counter.count + by)
    )


def lately(session: Session, now: datetime) -> Mapping[str, int]:
    """Sum the counters of the last thirty days, by name."""
    since = now.astimezone(UTC).date() - timedelta(days=30)
    rows = session.execute(
        select(model.Counter.name, func.sum(model.Counter.count))
        .where(model.Counter.day > since)
        .group_by(model.Counter.name)
    )
    return {name: int(total) for name, total in rows}


def counters(session: Session, since: date) -> Sequence[model.Counter]:
    """List the counters of each day from ``since`` on, by day and name."""
    return session.scalars(
        select(model.Counter)
        .where(model.Counter.day >= since)
        .order_by(model.Counter.day, model.Counter.name)
        .execution_options(populate_existing=True)
    ).all()
