"""When an issue leaves: wall time and zone, publishing by compare-and-set, finishing.

Scheduling is a compare-and-set too: while an editor moves an issue, the clock may publish it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from newsletter import deliveries, model
from newsletter.deliveries.windows import Window
from newsletter.errors import Invalid, InvalidTime
from newsletter.issues.appeals import asking_of
from newsletter.issues.details import find_zone
from newsletter.issues.drafts import hash_of
from newsletter.issues.search import index
from newsletter.issues.turning import turn
from newsletter.issues.variants import main_of, plan_of
from newsletter.issues.waiting import CHANGED, LATE, obstacle
from newsletter.issues.waves import WAITS, lacks_variant, lead_of, split_of
from newsletter.model import IssueState

YEARS = range(1971, 9000)
"""In which every time can be reckoned in every zone."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A wall time in a zone and the moment it means.

    Where daylight saving gives the time twice, the first is meant.
    """

    wall_time: datetime
    zone: str
    due_at: datetime
    comes_twice: bool = False


def when(wall_time: datetime, zone: str, *, after: datetime | None = None) -> Timing:
    """Work out what ``wall_time``, which has no zone of its own, means in ``zone``.

    A time that daylight saving skips raises InvalidTime, and so does one that is not ``after`` a
    moment; a zone that is none raises Invalid.
    """
    place = find_zone(zone)
    if wall_time.year not in YEARS:
        raise InvalidTime(f"{wall_time:%Y-%m-%d %H:%M} is no time to send at; look at the year")
    first, second = (wall_time.replace(tzinfo=place, fold=fold) for fold in (0, 1))
    due_at = first.astimezone(UTC)
    if due_at.astimezone(place).replace(tzinfo=None) != wall_time:
        later = due_at.astimezone(place).replace(tzinfo=None)
        raise InvalidTime(
            f"{wall_time:%Y-%m-%d %H:%M} does not exist in {zone}: the clocks go forward then;"
            f" choose {later:%H:%M} or another time",
            later=later,
        )
    if after and due_at < after - timedelta(minutes=1):
        raise InvalidTime(
            f"{wall_time:%Y-%m-%d %H:%M} in {zone} is past; choose a time to come", is_past=True
        )
    return Timing(wall_time, zone, due_at, first.utcoffset() != second.utcoffset())


def schedule(
    session: Session,
    issue: model.Issue,
    wall_time: datetime,
    zone: str,
    now: datetime,
    *,
    latest_start: timedelta | None = None,
    window: str | None = None,
) -> Timing:
    """Have an approved issue leave at ``wall_time`` in ``zone``; again moves it.

    ``latest_start`` is how late it may begin without asking, and ``window`` between which hours its
    mails may leave; both are the publication's where they are None. Raises InvalidTime for a time
    that is past or does not exist, Invalid for a window that is none and for a time at which the
    embargo that was approved does not end, Conflict for an issue that is not approved.
    """
    timing = when(wall_time, zone, after=now)
    _test, embargo = plan_of(session, issue)
    if embargo and embargo.ends_at != timing.due_at:
        raise Invalid(
            f"The embargo in the mail ends at {embargo.wall_time} ({embargo.zone}); schedule the"
            " issue for then, or change its embargo, which has to be approved"
        )
    publication = session.get_one(model.Publication, issue.publication_id)
    late = timedelta(minutes=publication.latest_start) if latest_start is None else latest_start
    turn(
        session,
        issue,
        (IssueState.APPROVED, IssueState.SCHEDULED),
        "only an approved issue can be scheduled",
        state=IssueState.SCHEDULED,
        wall_time=wall_time.isoformat(timespec="seconds"),
        zone=zone,
        due_at=timing.due_at,
        latest_start=timing.due_at + late,
        window=None if window is None else str(Window.parse(window)),
        held=None,
    )
    return timing


def send_now(session: Session, issue: model.Issue, now: datetime) -> None:
    """Have an approved issue leave with the next tick of the clock; raise Conflict for any other.

    It is told in the publication's zone; the hour that daylight saving gives twice is no trouble.
    """
    publication = session.get_one(model.Publication, issue.publication_id)
    wall_time = now.astimezone(find_zone(publication.zone)).replace(tzinfo=None)
    turn(
        session,
        issue,
        (IssueState.APPROVED, IssueState.SCHEDULED),
        "only an approved issue can be sent",
        state=IssueState.SCHEDULED,
        wall_time=wall_time.isoformat(timespec="seconds"),
        zone=publication.zone,
        due_at=now,
        latest_start=now + timedelta(minutes=publication.latest_start),
        held=None,
    )


def unschedule(session: Session, issue: model.Issue) -> None:
    """Take an issue off the schedule; it stays approved. Raise Conflict when it has begun."""
    turn(
        session,
        issue,
        (IssueState.SCHEDULED,),
        "only a scheduled issue can be taken off the schedule",
        state=IssueState.APPROVED,
        wall_time=None,
        zone=None,
        due_at=None,
        latest_start=None,
        held=None,
    )


def usual_time(session: Session, publication: model.Publication) -> time | None:
    """Return the wall time at which the publication's last issue was to leave, if any was."""
    last = session.scalar(
        select(model.Issue.wall_time)
        .where(
            model.Issue.publication_id == publication.id,
            model.Issue.published_at.is_not(None),
            model.Issue.frequency == model.Frequency.EACH,
        )
        .order_by(model.Issue.id.desc())
        .limit(1)
    )
    return datetime.fromisoformat(last).time().replace(second=0, microsecond=0) if last else None


def due(session: Session, now: datetime) -> Sequence[int]:
    """List the issues whose time has come, or that of their first wave, earliest first."""
    rows = session.execute(
        select(model.Issue.id, model.Issue.due_at, model.Embargo.lead)
        .outerjoin(model.Embargo, model.Embargo.issue_id == model.Issue.id)
        .where(
            model.Issue.state == IssueState.SCHEDULED,
            model.Issue.due_at <= now + timedelta(minutes=WAITS[-1]),
            model.Issue.held.is_(None),
        )
        .order_by(model.Issue.due_at)
    )
    return [
        number
        for number, due_at, lead in rows
        if due_at and due_at - timedelta(minutes=lead or 0) <= now
    ]


def publish(session: Session, issue_id: int, now: datetime, *, batch_size: int) -> bool:
    """Begin to send a due issue, once however often and wherever it is called.

    One compare-and-set and the freezing of the audience, in the caller's transaction. Returns False
    when there was nothing to do, or when a person has to decide first: then the issue waits, and
    its ``held`` keeps why.
    """
    claimed = session.execute(
        update(model.Issue)
        .where(
            model.Issue.id == issue_id,
            model.Issue.state == IssueState.SCHEDULED,
            model.Issue.due_at <= now + lead_of(session, issue_id),
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
    if obstacle := _obstacle(session, issue, contents, now):
        issue.held, issue.state, issue.published_at = obstacle, IssueState.SCHEDULED, None
        return False
    main, split = main_of(contents).id, split_of(session, issue, contents, now)
    if split and model.WaveKind.EMBARGO in split.parts:
        issue.embargo_until = issue.due_at
    elif issue.frequency is model.Frequency.EACH:
        index(session, issue)
    issue.audience = deliveries.freeze(
        session,
        issue,
        main,
        now,
        batch_size=batch_size,
        split=split,
        asking=asking_of(session, issue, contents, now),
    )
    session.flush()
    deliveries.note_course(session, issue_id, now)
    return True


def _obstacle(
    session: Session, issue: model.Issue, contents: Sequence[model.Content], now: datetime
) -> str | None:
    """Say why a due issue must not start by itself, if so."""
    if hash_of(contents) != issue.content_hash or lacks_variant(session, issue, contents):
        return obstacle(CHANGED)
    if issue.due_at and issue.latest_start and now > issue.latest_start:
        place = ZoneInfo(issue.zone or "UTC")
        return obstacle(
            LATE,
            due=f"{issue.due_at.astimezone(place):%H:%M}",
            latest=f"{issue.latest_start.astimezone(place):%H:%M}",
            zone=str(place),
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
    ).one_or_none()
    if finished is None:
        return False
    deliveries.note_shown(session, issue_id, issue.publication_id)
    deliveries.note_course(session, issue_id, now)
    return True


def sending(session: Session) -> Sequence[int]:
    """List the issues that are being sent."""
    return session.scalars(
        select(model.Issue.id).where(model.Issue.state == IssueState.SENDING)
    ).all()
