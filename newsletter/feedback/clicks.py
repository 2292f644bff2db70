"""Clicks: one statement for each, and sums of a few rows for each link and hour."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from newsletter import model
from newsletter.database import put
from newsletter.links import ClickTag

DONATE = 0
"""The key of the link in an issue's appeal, which leads where the appeal says."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How often a link was followed, and the most in one minute; the appeal's has no ``url``."""

    url: str
    count: int
    peak: int


@dataclass(frozen=True, slots=True)
class Hour:
    """How often the links of an issue were followed in one hour."""

    hour: datetime
    count: int


def count_click(session: Session, tag: ClickTag, now: datetime) -> None:
    """Count that a link of an issue was followed."""
    click = model.Click
    row = {
        "issue_id": tag.issue,
        "key": tag.key,
        "variant": tag.variant,
        "hour": now.replace(minute=0, second=0, microsecond=0),
        "count": 1,
        "minute": now.minute,
        "in_minute": 1,
        "peak": 1,
    }
    same = case((click.minute == now.minute, click.in_minute + 1), else_=1)
    put(
        session,
        click,
        [row],
        lambda new: {
            "count": click.count + new["count"],
            "minute": new["minute"],
            "in_minute": same,
            "peak": case((same > click.peak, same), else_=click.peak),
        },
    )


def clicks_by_link(session: Session, issue: int) -> Sequence[Followed]:
    """List the links of an issue in the order of its mail, the appeal's last, and their clicks."""
    click = model.Click
    counts = {
        key: (int(count), int(peak))
        for key, count, peak in session.execute(
            select(click.key, func.sum(click.count), func.max(click.peak))
            .where(click.issue_id == issue)
            .group_by(click.key)
        )
    }
    links = session.execute(
        select(model.Link.key, model.Link.url)
        .where(model.Link.issue_id == issue)
        .order_by(model.Link.number)
    )
    followed = [Followed(url, *counts.get(key, (0, 0))) for key, url in links]
    if DONATE in counts:
        followed.append(Followed("", *counts[DONATE]))
    return followed


def clicks_by_hour(session: Session, issue: int) -> Sequence[Hour]:
    """List the hours in which links of an issue were followed, but for the appeal's."""
    click = model.Click
    rows = session.execute(
        select(click.hour, func.sum(click.count))
        .where(click.issue_id == issue, click.key != DONATE)
        .group_by(click.hour)
        .order_by(click.hour)
    )
    return [Hour(hour, int(count)) for hour, count in rows]


def clicks_by_variant(session: Session, issue: int) -> Mapping[int, int]:
    """Count how often links were followed in each variant of an issue's mail, by its number."""
    click = model.Click
    rows = session.execute(
        select(click.variant, func.sum(click.count))
        .where(click.issue_id == issue, click.key != DONATE)
        .group_by(click.variant)
    )
    return {variant: int(count) for variant, count in rows}


def clicks_of(session: Session, issues: Collection[int]) -> Mapping[int, tuple[int, int]]:
    """Count for each issue how often its links were followed, and how often its appeal's was."""
    click = model.Click
    rows = session.execute(
        select(
            click.issue_id,
            func.coalesce(func.sum(click.count).filter(click.key != DONATE), 0),
            func.coalesce(func.sum(click.count).filter(click.key == DONATE), 0),
        )
        .where(click.issue_id.in_(issues))
        .group_by(click.issue_id)
    )
    return {issue: (int(links), int(appeal)) for issue, links, appeal in rows}
