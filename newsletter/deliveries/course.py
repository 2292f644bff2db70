"""The course of an issue: its sums every few seconds, while they change; and from them its pace.

They are taken from what the batches keep: no delivery is looked at. As long as nothing changes
nothing is written, so that a night of waiting for one relay costs no row.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from newsletter import model
from newsletter.database import put
from newsletter.deliveries.claim import ENDED
from newsletter.deliveries.ledger import Tally, progress, progress_of
from newsletter.model import DeliveryState

LOOK_BACK = timedelta(minutes=1)
"""Over which time the pace is measured."""


def note_course(session: Session, issue_id: int, now: datetime) -> None:
    """Write down an issue's sums, if they have changed."""
    counts = progress(session, issue_id).counts
    sums = {state.value: counts[state] for state in ENDED}
    latest = _waypoint(session, issue_id, now)
    if latest is None or any(getattr(latest, state) != count for state, count in sums.items()):
        row = {"issue_id": issue_id, "at": now, **sums}
        put(session, model.Waypoint, [row], lambda new: {name: new[name] for name in sums})


def tallies(session: Session, issues: Collection[model.Issue]) -> Mapping[int, Tally]:
    """Sum up several issues by number: those that have ended by the last that was written down.

    A big issue has thousands of batches, and a page lists many issues.
    """
    way, later = model.Waypoint, aliased(model.Waypoint)
    latest = select(func.max(later.at)).where(later.issue_id == model.Issue.id).scalar_subquery()
    ended = [issue.id for issue in issues if issue.finished_at and issue.published_at]
    rows = session.execute(
        select(model.Issue.id, *(getattr(way, state.value) for state in ENDED))
        .join(way, and_(way.issue_id == model.Issue.id, way.at == latest))
        .where(model.Issue.id.in_(ended))
    )
    none = dict.fromkeys(DeliveryState, 0)
    found: dict[int, Tally] = {
        number: Tally(none | dict(zip(ENDED, counts, strict=True))) for number, *counts in rows
    }
    others = {issue.id for issue in issues if issue.published_at} - found.keys()
    if others:
        found.update(progress_of(session, others))
    return found


@dataclass(frozen=True, slots=True)
class Point:
    """How many mails had come to which end at a moment."""

    at: datetime
    sent: int
    refused: int
    skipped: int
    unknown: int


def course(session: Session, issue_id: int, *, most: int = 60) -> Sequence[Point]:
    """Return the course of an issue, in about ``most`` points: the first, the last, some between.

    Between two points that lie far apart nothing had changed until shortly before the second.
    """
    way = model.Waypoint
    numbered = (
        select(
            way.at,
            way.sent,
            way.refused,
            way.skipped,
            way.unknown,
            func.row_number().over(order_by=way.at).label("number"),
            func.count().over().label("size"),
        )
        .where(way.issue_id == issue_id)
        .subquery()
    )
    row = numbered.c
    rows = session.execute(
        select(row.at, row.sent, row.refused, row.skipped, row.unknown)
        .where(
            (row.number == 1)
            | (row.number == row.size)
            | (row.number % (row.size // most + 1) == 0)
        )
        .order_by(row.at)
    )
    return [Point(*each) for each in rows]


def pace(session: Session, issue: model.Issue, tally: Tally, now: datetime) -> float:
    """Return how many mails a second came to an end in the last minute, or since it went on."""
    since = max(now - LOOK_BACK, issue.tries_since or issue.published_at or now)
    seconds = (now - since).total_seconds()
    if seconds < 1:
        return 0.0
    before = _waypoint(session, issue.id, since)
    done = before.sent + before.refused + before.skipped + before.unknown if before else 0
    return max(0, tally.done - done) / seconds


def _waypoint(session: Session, issue_id: int, until: datetime) -> model.Waypoint | None:
    """Return the latest waypoint, ``until`` included."""
    return session.scalar(
        select(model.Waypoint)
        .where(model.Waypoint.issue_id == issue_id, model.Waypoint.at <= until)
        .order_by(model.Waypoint.at.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
