"""Which appeal a publication has on a day, and how far the goal of an appeal is.

Of the appeals for a publication or for all that are due, it has the one that began first; one
without a first day comes last, and of two alike the older comes first.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.rendering import Goal
from newsletter.support.currencies import of_units


def due_appeals(
    session: Session, publications: Iterable[model.Publication], now: datetime
) -> Mapping[int, Sequence[model.Appeal]]:
    """Return the appeals of each publication that has one on its own day.

    The first is the one that is shown; see the module.
    """
    wanted = list(publications)
    tied = model.AppealPublication
    rows = session.execute(
        select(model.Appeal, tied.publication_id)
        .outerjoin(
            tied,
            and_(
                tied.appeal_id == model.Appeal.id,
                tied.publication_id.in_([each.id for each in wanted]),
            ),
        )
        .where(or_(model.Appeal.for_all, tied.publication_id.is_not(None)))
    ).all()
    found = {}
    for publication in wanted:
        day = day_of(publication, now)
        mine = {
            appeal.id: appeal
            for appeal, place in rows
            if (appeal.for_all or place == publication.id) and is_due(appeal, day)
        }
        if mine:
            found[publication.id] = sorted(mine.values(), key=_turn)
    return found


def _turn(appeal: model.Appeal) -> tuple[date, int]:
    return appeal.starts_on or date.max, appeal.id


def is_due(appeal: model.Appeal, day: date) -> bool:
    """Tell whether an appeal is shown on a day."""
    return (appeal.starts_on or day) <= day <= (appeal.ends_on or day)


def day_of(publication: model.Publication, now: datetime) -> date:
    """Return what day it is where the publication is at home."""
    return now.astimezone(ZoneInfo(publication.zone)).date()


def goals(session: Session, appeals: Iterable[model.Appeal], until: datetime) -> Mapping[int, Goal]:
    """Say of each appeal that has a goal how far it is, by the gifts recorded before a moment.

    Gifts that came by its links count, in its currency; what was paid back does not.
    """
    aims = {each.id: each for each in appeals if each.goal}
    row = model.Donation
    sums = {
        number: (int(count), int(units))
        for number, count, units in session.execute(
            select(row.appeal_id, func.count(), func.sum(row.amount - row.returned))
            .join(model.Appeal, model.Appeal.id == row.appeal_id)
            .where(
                row.appeal_id.in_(aims),
                row.currency == model.Appeal.goal_currency,
                row.recorded_at < until,
                row.amount > row.returned,
            )
            .group_by(row.appeal_id)
        )
    }
    found = {}
    for number, appeal in aims.items():
        count, units = sums.get(number, (0, 0))
        currency = appeal.goal_currency
        found[number] = Goal(
            amount=of_units(appeal.goal or 0, currency),
            currency=currency,
            given=of_units(units, currency),
            gifts=count,
            until=appeal.goal_until,
            told_on=(until - timedelta(microseconds=1)).date(),
        )
    return found


def yesterdays_end(publication: model.Publication, now: datetime) -> datetime:
    """Return the midnight up to which mails and pages count gifts, on the publication's clock.

    So a mail that was read in the morning is still the same when it is approved in the evening.
    """
    zone = ZoneInfo(publication.zone)
    return datetime.combine(day_of(publication, now), time(), zone)
