"""When an issue leaves: wall time and zone, publishing by compare-and-set, finishing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from newsletter import deliveries, model
from newsletter.errors import Conflict, Invalid
from newsletter.issues.details import find_zone
from newsletter.issues.drafts import hash_of
from newsletter.issues.search import index
from newsletter.model import IssueState

YEARS = range(1971, 9000)
"""In which every time can be reckoned in every zone."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A wall time in a zone and the moment it means; ``note`` says what daylight saving did."""

    wall_time: datetime
    zone: str
    due_at: datetime
    note: str = ""


def when(wall_time: datetime, zone: str) -> Timing:
    """Work out what ``wall_time``, which has no zone of its own, means in ``zone``.

    A time that daylight saving skips raises Invalid, and so does a zone that is none; of a time
    that comes twice the first is taken and the note says so.
    """
    place = find_zone(zone)
    if wall_time.year not in YEARS:
        raise Invalid(f"{wall_time:%Y-%m-%d %H:%M} is no time to send at; look at the year")
    first, second = (wall_time.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    due_at = first.astimezone(UTC)
    if due_at.astimezone(place).replace(tzinfo=None) != wall_time:
        later = due_at.astimezone(place)
        raise Invalid(
            f"{wall_time:%Y-%m-%d %H:%M} does not exist in {zone}: the clocks go forward then;"
            f" choose {later:%H:%M} or another time"
        )
    note = ""
    if first.utcoffset() != second.utcoffset():
        note = (
            f"{wall_time:%H:%M} comes twice on that night in {zone}, as the clocks go back;"
            " the first one is meant"
        )
    return Timing(wall_time, zone, due_at, note)


def schedule(
    session: Session,
    issue: model.Issue,
    wall_time: datetime,
    zone: str,
    now: datetime,
    *,
    latest_start: timedelta | None = None,
) -> Timing:
    """Have an approved issue leave at ``wall_time`` in ``zone``; again moves it.

    ``latest_start`` is how late it may begin without asking, by default as the publication has it.
    Raises Invalid for a time that is past or does not exist, Conflict for an issue that is not
    approved.
    """
    if issue.state not in (IssueState.APPROVED, IssueState.SCHEDULED):
        raise Conflict(
            f"Issue {issue.id} is {issue.state}; only an approved issue can be scheduled"
        )
    timing = when(wall_time, zone)
    if timing.due_at < now - timedelta(minutes=1):
        raise Invalid(f"{wall_time:%Y-%m-%d %H:%M} in {zone} is past; choose a time to come")
    publication = session.get_one(model.Publication, issue.publication_id)
    late = timedelta(minutes=publication.latest_start) if latest_start is None else latest_start
    issue.wall_time, issue.zone = wall_time.isoformat(timespec="seconds"), zone
    issue.due_at, issue.latest_start = timing.due_at, timing.due_at + late
    issue.held = None
    issue.state = IssueState.SCHEDULED
    session.flush()
    return timing


def due(session: Session, now: datetime) -> Sequence[int]:
    """List the issues whose time has come, earliest first."""
    return session.scalars(
        select(model.Issue.id)
        .where(
            model.Issue.state == IssueState.SCHEDULED,
            model.Issue.due_at <= now,
            model.Issue.held.is_(None),
        )
        .order_by(model.Issue.due_at)
    ).all()


def publish(session: Session, issue_id: int, now: datetime, *, batch_size: int) -> bool:
    """Begin to send a due issue, once however often and wherever it is called.

    One compare-and-set and the freezing of the audience, in the caller's transaction. Returns False
    when there was nothing to do, or when a person has to decide first: then the issue waits, and
    its ``held`` says why.
    """
    claimed = session.execute(
        update(model.Issue)
        .where(
            model.Issue.id == issue_id,
            model.Issue.state == IssueState.SCHEDULED,
            model.Issue.due_at <= now,
            model.Issue.held.is_(None),
        )
        .values(state=IssueState.SENDING, published_at=now, tries_since=now)
        .returning(model.Issue.id)
    ).one_or_none()
    if claimed is None:
        return False
    issue = session.get_one(model.Issue, issue_id, populate_existing=True)
    contents = session.scalars(
        select(model.Content).where(model.Content.issue_id == issue_id)
    ).all()
    if obstacle := _obstacle(issue, contents, now):
        issue.held, issue.state, issue.published_at = obstacle, IssueState.SCHEDULED, None
        return False
    if issue.frequency is model.Frequency.EACH:
        index(session, issue)
    issue.audience = deliveries.freeze(session, issue, contents[0].id, now, batch_size=batch_size)
    return True


def _obstacle(issue: model.Issue, contents: Sequence[model.Content], now: datetime) -> str | None:
    """Say why a due issue must not start by itself, if so."""
    if hash_of(contents) != issue.content_hash:
        return "The frozen content is not what was approved; approve it again"
    if issue.due_at and issue.latest_start and now > issue.latest_start:
        place = ZoneInfo(issue.zone or "UTC")
        return (
            f"Nothing could be sent at the scheduled time, {issue.due_at.astimezone(place):%H:%M},"
            f" and the latest start, {issue.latest_start.astimezone(place):%H:%M} ({place}), has"
            " passed; schedule it again or send it now"
        )
    return None


def unfinished(session: Session) -> Sequence[int]:
    """List the issues that are being sent and have nothing left to do."""
    return session.scalars(
        select(model.Issue.id).where(
            model.Issue.state == IssueState.SENDING,
            ~exists().where(
                model.Batch.issue_id == model.Issue.id, model.Batch.due_at.is_not(None)
            ),
        )
    ).all()


def finish(session: Session, issue_id: int, now: datetime) -> bool:
    """Call an issue SENT if its sums agree: every frozen delivery has come to an end."""
    issue = session.get_one(model.Issue, issue_id)
    tally = deliveries.tally(session, issue_id)
    frozen = (issue.audience or {}).get("frozen", 0)
    if tally.open or tally.total != frozen:
        return False
    finished = session.execute(
        update(model.Issue)
        .where(model.Issue.id == issue_id, model.Issue.state == IssueState.SENDING)
        .values(state=IssueState.SENT, finished_at=now)
        .returning(model.Issue.id)
    )
    return finished.one_or_none() is not None
