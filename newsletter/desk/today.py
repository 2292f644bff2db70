"""Today: what is scheduled, what is being sent, what waits for someone; sums that cost little."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from newsletter import deliveries, feedback, issues, model
from newsletter.deliveries import relays
from newsletter.model import DeliveryState, IssueState

MOST = 20
"""Issues that are shown of a kind."""
LATEST = 5
"""Issues that are shown of those that were sent."""
FRESH = timedelta(days=14)
"""For how long after an issue was sent its mails in doubt are somebody's to decide on."""


@dataclass(frozen=True, slots=True)
class Line:
    """An issue at a glance; moments are in its zone. ``counts`` are empty before it began."""

    id: int
    version: int
    subject: str
    publication: str
    state: IssueState
    submitted_at: datetime | None
    due_at: datetime | None
    held: str
    finished_at: datetime | None
    counts: Mapping[DeliveryState, int] = field(default_factory=dict)
    clicks: int = 0
    goodbyes: int = 0

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
class Today:
    """What the first page of the desk shows.

    ``doubtful`` are issues of whose mails some are in doubt: the relay may have taken them. Of the
    ``undecided`` an editor is to choose the subject for the rest. ``pictures`` counts those about
    whose rights there is a doubt.
    """

    sending: Sequence[Line]
    waiting: Sequence[Line]
    awaiting: Sequence[Line]
    doubtful: Sequence[Line]
    undecided: Sequence[Line]
    scheduled: Sequence[Line]
    sent: Sequence[Line]
    troubled: Sequence[relays.State]
    pictures: Mapping[issues.Doubt, int]
    zone: ZoneInfo

    @property
    def needs_someone(self) -> bool:
        """Tell whether anything waits for a person."""
        issues = (self.waiting, self.awaiting, self.doubtful, self.undecided)
        return any(issues) or bool(self.troubled)


def today(session: Session, now: datetime) -> Today:
    """Gather what the first page shows; it asks for no row of a delivery."""
    due = (model.Issue.due_at, model.Issue.id)
    lately = (model.Issue.due_at.desc().nulls_last(), model.Issue.id.desc())
    state, held = model.Issue.state, model.Issue.held
    scheduled = state == IssueState.SCHEDULED
    kinds: Mapping[str, tuple[ColumnElement[bool], Sequence[Any]]] = {
        "sending": (state == IssueState.SENDING, due),
        "waiting": (or_(state == IssueState.PAUSED, and_(scheduled, held.is_not(None))), due),
        "awaiting": (issues.awaits_approval(), (model.Issue.submitted_at,)),
        "undecided": (issues.awaits_subject(), due),
        "scheduled": (and_(scheduled, held.is_(None)), due),
        "sent": (state == IssueState.SENT, lately),
    }
    rows = {kind: _rows(session, which, order) for kind, (which, order) in kinds.items()}
    everything = [issue for found in rows.values() for issue, _ in found]
    tallies = deliveries.tallies(session, everything)
    latest = [issue.id for issue, _ in rows["sent"][:LATEST]]
    clicks = feedback.clicks_of(session, latest)
    goodbyes = feedback.goodbyes_of(session, latest)
    lines = {
        kind: [
            _line(
                issue,
                publication,
                tallies[issue.id].counts if issue.id in tallies else {},
                sum(clicks.get(issue.id, ())),
                goodbyes.get(issue.id, 0),
            )
            for issue, publication in found
        ]
        for kind, found in rows.items()
    }
    return Today(
        sending=lines["sending"],
        waiting=sorted(lines["waiting"], key=lambda line: line.state is not IssueState.PAUSED),
        awaiting=lines["awaiting"],
        doubtful=[line for line in lines["sent"] if _is_doubtful(line, now)],
        undecided=lines["undecided"],
        scheduled=lines["scheduled"],
        sent=lines["sent"][:LATEST],
        troubled=[state for state in relays.states(session) if state.failures],
        pictures=issues.pictures_in_doubt(session, now.date()),
        zone=house_zone(session),
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


def _rows(
    session: Session, which: ColumnElement[bool], order: Sequence[Any]
) -> Sequence[tuple[model.Issue, model.Publication]]:
    rows = session.execute(
        select(model.Issue, model.Publication)
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(which)
        .order_by(*order)
        .limit(MOST)
    )
    return [(issue, publication) for issue, publication in rows]


def _line(
    issue: model.Issue,
    publication: model.Publication,
    counts: Mapping[DeliveryState, int],
    clicks: int,
    goodbyes: int,
) -> Line:
    zone = issues.find_zone(issue.zone or publication.zone)
    return Line(
        id=issue.id,
        version=issue.version,
        subject=issue.subject,
        publication=publication.name,
        state=issue.state,
        submitted_at=issue.submitted_at and issue.submitted_at.astimezone(zone),
        due_at=issue.due_at and issue.due_at.astimezone(zone),
        held=issue.held or "",
        finished_at=issue.finished_at and issue.finished_at.astimezone(zone),
        counts=counts,
        clicks=clicks,
        goodbyes=goodbyes,
    )


def _is_doubtful(line: Line, now: datetime) -> bool:
    is_fresh = line.finished_at is not None and line.finished_at > now - FRESH
    return is_fresh and bool(line.counts.get(DeliveryState.UNKNOWN))
