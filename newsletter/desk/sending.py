"""An issue on its way: what a page that is watched shows, by sums that cost little.

It is asked once a second for each who watches, and looks at no delivery.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from newsletter import deliveries, issues, model
from newsletter.deliveries import Tally, rates, reasons, relays
from newsletter.deliveries.claim import CANCELLED
from newsletter.deliveries.windows import Window
from newsletter.desk.waves import Waves, waves
from newsletter.model import IssueState, ReasonKind

FARTHEST = timedelta(days=7)
"""An end that is estimated to be later than this is not told."""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain to which mails did not leave: how many of each kind.

    ``per_second`` is how many mails it gets at most, where it said that it wants fewer.
    """

    name: str
    counts: Mapping[ReasonKind, int]
    per_second: float | None = None


@dataclass(frozen=True, slots=True)
class Sending:
    """An issue on its way; ``tally`` is of zeros before it began.

    ``rate`` is in mails a second. ``ends_at`` is when those are done that wait for nothing but
    their turn; ``opens_at`` is when the hours of the publication come, outside of them; and
    ``ready_at`` when the next mail is due, where all that are left wait. ``embargo_until`` is when
    it becomes public, if that is to come.
    """

    state: IssueState
    tally: Tally
    held: str
    zone: ZoneInfo
    due_at: datetime | None
    began_at: datetime | None
    finished_at: datetime | None
    rate: float
    ends_at: datetime | None
    opens_at: datetime | None
    ready_at: datetime | None
    reasons: Sequence[reasons.Said]
    domains: Sequence[Domain]
    slowed_relays: Mapping[str, float]
    troubled: Sequence[relays.State]
    waves: Waves | None = None
    embargo_until: datetime | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether it has come to its end, and nothing will change by itself."""
        dropped = self.state is IssueState.CANCELLED and self.began_at is None
        return self.finished_at is not None or dropped

    @property
    def dropped(self) -> int:
        """Those that were skipped because the issue was cancelled."""
        skipped = (ReasonKind.SKIPPED, CANCELLED)
        return sum(each.count for each in self.reasons if (each.kind, each.words) == skipped)

    @property
    def waiting(self) -> int:
        """Those that wait for nothing but their turn."""
        return self.tally.open - self.tally.retrying


def sending(session: Session, issue: model.Issue, now: datetime) -> Sending:
    """Sum up how far ``issue`` is."""
    publication = issues.publication_of(session, issue)
    zone = issues.find_zone(issue.zone or publication.zone)
    tally = deliveries.progress(session, issue.id)
    is_going = issue.state is IssueState.SENDING
    rate = deliveries.pace(session, issue, tally, now) if is_going else 0.0
    parted = waves(session, issue)
    # Whose wave has not begun waits for more than its turn.
    waiting = tally.open - tally.retrying - (parted.waiting(now) if parted else 0)
    ends_in = timedelta(seconds=min(waiting / rate, 10**9)) if rate and waiting else None
    hours = Window.parse(publication.window if issue.window is None else issue.window)
    paces = rates.paces(session, now) if is_going else {}
    is_open = is_going or issue.state is IssueState.PAUSED
    states = relays.states(session) if is_open else []
    return Sending(
        state=issue.state,
        tally=tally,
        held=issue.held or "",
        zone=zone,
        due_at=issue.due_at,
        began_at=issue.published_at,
        finished_at=issue.finished_at,
        rate=rate,
        ends_at=now + ends_in if ends_in and ends_in < FARTHEST else None,
        opens_at=hours.opens_at(ZoneInfo(publication.zone), now) if is_going else None,
        ready_at=tally.next_at if is_going and tally.next_at and tally.next_at > now else None,
        reasons=reasons.said(session, issue.id),
        domains=_domains(session, issue.id, _of_kind(paces, "domain:")),
        slowed_relays=_of_kind(paces, "relay:"),
        troubled=[state for state in states if state.failures],
        waves=parted,
        embargo_until=issue.embargo_until,
    )


def _domains(session: Session, issue: int, slowed: Mapping[str, float]) -> Sequence[Domain]:
    """List the domains with most troubles, and then those that are slowed down without any."""
    found = [
        Domain(name, counts, slowed.get(name)) for name, counts in reasons.by_domain(session, issue)
    ]
    known = {domain.name for domain in found}
    none = dict.fromkeys(ReasonKind, 0)
    return [
        *found,
        *(Domain(name, none, slowed[name]) for name in sorted(slowed) if name not in known),
    ]


def _of_kind(paces: Mapping[str, float], kind: str) -> Mapping[str, float]:
    return {key.removeprefix(kind): pace for key, pace in paces.items() if key.startswith(kind)}
