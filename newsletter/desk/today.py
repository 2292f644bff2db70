"""Today: what is scheduled, what is being sent, what waits for someone; sums that cost little."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from newsletter import deliveries, issues, model
from newsletter.deliveries import relays
from newsletter.model import DeliveryState, IssueState, SubscriptionState

MOST = 20
"""Issues that are shown of a kind."""

_STATES = (IssueState.SCHEDULED, IssueState.SENDING, IssueState.PAUSED, IssueState.SENT)


@dataclass(frozen=True, slots=True)
class Line:
    """An issue at a glance; moments are in its zone. ``counts`` are empty before it began."""

    id: int
    subject: str
    publication: str
    state: IssueState
    due_at: datetime | None
    held: str
    finished_at: datetime | None
    counts: Mapping[DeliveryState, int]

    @property
    def total(self) -> int:
        """All mails of the issue."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Those that have come to an end."""
        open_ = (DeliveryState.QUEUED, DeliveryState.SENDING)
        return sum(count for state, count in self.counts.items() if state not in open_)


@dataclass(frozen=True, slots=True)
class Audience:
    """A publication and how many get it."""

    name: str
    slug: str
    active: int
    paused: int


@dataclass(frozen=True, slots=True)
class Today:
    """What the first page of the desk shows."""

    sending: Sequence[Line]
    waiting: Sequence[Line]
    scheduled: Sequence[Line]
    sent: Sequence[Line]
    troubled: Sequence[relays.State]
    zone: ZoneInfo


def today(session: Session) -> Today:
    """Gather what the first page shows; it asks for no row of a delivery."""
    zone = house_zone(session)
    lines = {state: _lines(session, state, zone) for state in _STATES}
    held = [line for line in lines[IssueState.SCHEDULED] if line.held]
    return Today(
        sending=lines[IssueState.SENDING],
        waiting=[*lines[IssueState.PAUSED], *held],
        scheduled=[line for line in lines[IssueState.SCHEDULED] if not line.held],
        sent=lines[IssueState.SENT][:5],
        troubled=[state for state in relays.states(session) if state.failures],
        zone=zone,
    )


def house_zone(session: Session) -> ZoneInfo:
    """Return the zone in which the desk tells the time: that of most publications, else UTC."""
    zone = session.scalar(
        select(model.Publication.zone)
        .group_by(model.Publication.zone)
        .order_by(func.count().desc(), func.min(model.Publication.id))
        .limit(1)
    )
    return ZoneInfo(zone or "UTC")


def _lines(session: Session, state: IssueState, zone: ZoneInfo) -> Sequence[Line]:
    latest_first = state is IssueState.SENT
    rows = session.execute(
        select(model.Issue, model.Publication)
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(model.Issue.state == state)
        .order_by(
            model.Issue.due_at.desc().nulls_last() if latest_first else model.Issue.due_at,
            model.Issue.id.desc() if latest_first else model.Issue.id,
        )
        .limit(MOST)
    ).all()
    return [_line(session, issue, publication) for issue, publication in rows]


def _line(session: Session, issue: model.Issue, publication: model.Publication) -> Line:
    zone = issues.find_zone(issue.zone or publication.zone)
    began = issue.published_at is not None
    return Line(
        id=issue.id,
        subject=issue.subject,
        publication=publication.name,
        state=issue.state,
        due_at=issue.due_at and issue.due_at.astimezone(zone),
        held=issue.held or "",
        finished_at=issue.finished_at and issue.finished_at.astimezone(zone),
        counts=deliveries.progress(session, issue.id).counts if began else {},
    )


def audiences(session: Session) -> Sequence[Audience]:
    """Count who gets each publication: as dear as they are many, so keep the answer for a while.

    One count for each publication and state is a walk along the index; to group a million rows
    took twice as long.
    """
    rows = session.execute(
        select(
            model.Publication,
            _count(SubscriptionState.ACTIVE),
            _count(SubscriptionState.PAUSED),
        ).order_by(model.Publication.name)
    )
    return [Audience(each.name, each.slug, active, paused) for each, active, paused in rows]


def _count(state: SubscriptionState) -> ScalarSelect[int]:
    return (
        select(func.count())
        .where(
            model.Subscription.publication_id == model.Publication.id,
            model.Subscription.state == state,
        )
        .scalar_subquery()
    )
