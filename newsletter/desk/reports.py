"""What became of issues, side by side, and what is usual: from sums that were written down."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from newsletter import deliveries, feedback, issues, model, support
from newsletter.deliveries import Tally
from newsletter.model import DeliveryState, Frequency, IssueState, Tracking
from newsletter.support import Given

USUAL = 10
"""From how many issues before it what is usual for an issue is told."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of an issue, in a line; moments are in its zone.

    ``clicks`` are without those on the appeal's link, which are ``donate``; where nothing
    ``is_counted`` there are none.
    """

    id: int
    subject: str
    publication: str
    frequency: Frequency
    state: IssueState
    began_at: datetime
    finished_at: datetime | None
    tally: Tally
    is_counted: bool
    clicks: int
    donate: int
    goodbyes: int
    given: Sequence[Given]

    @property
    def sent(self) -> int:
        """How many mails a relay has taken."""
        return self.tally.counts[DeliveryState.SENT]

    @property
    def refused(self) -> int:
        """How many mails relays refused."""
        return self.tally.counts[DeliveryState.REFUSED]

    @property
    def clicks_per_thousand(self) -> float | None:
        """Clicks on links of the text for a thousand mails that were sent."""
        return _per_thousand(self.clicks, self.sent) if self.is_counted else None

    @property
    def donate_per_thousand(self) -> float | None:
        """Clicks on the appeal's link for a thousand mails that were sent."""
        return _per_thousand(self.donate, self.sent) if self.is_counted else None

    @property
    def goodbyes_per_thousand(self) -> float | None:
        """How many left by the link in the mail, of a thousand."""
        return _per_thousand(self.goodbyes, self.sent)

    @property
    def refused_per_thousand(self) -> float | None:
        """How many mails were refused, of a thousand that were sent or refused."""
        return _per_thousand(self.refused, self.sent + self.refused)


MEASURES: Mapping[str, Callable[[Summary], float | None]] = {
    "sent": lambda issue: issue.sent,
    "clicks": lambda issue: issue.clicks_per_thousand,
    "donate": lambda issue: issue.donate_per_thousand,
    "goodbyes": lambda issue: issue.goodbyes_per_thousand,
    "refused": lambda issue: issue.refused_per_thousand,
}
"""What issues are compared by; all but the first for a thousand mails."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that issues are compared by: of this one, and the median of those before it."""

    name: str
    this: float | None
    usual: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """An issue beside those before it in its publication, the latest first."""

    issue: Summary
    before: Sequence[Summary]

    @property
    def measures(self) -> Sequence[Measure]:
        """Return what can be told of this issue or of those before it."""
        found = [
            Measure(name, of(self.issue), _median([of(one) for one in self.before]))
            for name, of in MEASURES.items()
        ]
        return [each for each in found if (each.this, each.usual) != (None, None)]


def reports(
    session: Session,
    *,
    publication: int | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Summary]:
    """List issues that have begun to leave, the latest first, from before the issue ``before``."""
    conditions: list[ColumnElement[bool]] = []
    if publication is not None:
        conditions.append(model.Issue.publication_id == publication)
    if before is not None:
        at = select(model.Issue.published_at).where(model.Issue.id == before).scalar_subquery()
        conditions.append(_is_before(at, before))
    return _summaries(session, conditions, limit)


def compare(session: Session, issue: model.Issue) -> Comparison | None:
    """Put an issue beside the last ten of its kind before it; None where it is the first."""
    if issue.published_at is None:
        return None
    kin = (
        model.Issue.publication_id == issue.publication_id,
        model.Issue.frequency == issue.frequency,
        model.Issue.state.in_((IssueState.SENT, IssueState.CANCELLED)),
        _is_before(issue.published_at, issue.id),
    )
    before = _summaries(session, kin, USUAL)
    if not before:
        return None
    (this,) = _summaries(session, [model.Issue.id == issue.id], 1)
    return Comparison(this, before)


def _is_before(at: object, number: int) -> ColumnElement[bool]:
    # The first is what the index is for.
    published = model.Issue.published_at
    return and_(published <= at, or_(published < at, model.Issue.id < number))


def _summaries(
    session: Session, conditions: Sequence[ColumnElement[bool]], limit: int
) -> Sequence[Summary]:
    rows = session.execute(
        select(model.Issue, model.Publication)
        .join(model.Publication, model.Publication.id == model.Issue.publication_id)
        .where(model.Issue.published_at.is_not(None), *conditions)
        .order_by(model.Issue.published_at.desc(), model.Issue.id.desc())
        .limit(limit)
    ).all()
    numbers = [issue.id for issue, _ in rows]
    tallies = deliveries.tallies(session, [issue for issue, _ in rows])
    clicks = feedback.clicks_of(session, numbers)
    goodbyes = feedback.goodbyes_of(session, numbers)
    given = support.given_to(session, numbers)
    return [
        _summary(
            issue,
            publication,
            tallies[issue.id],
            clicks.get(issue.id),
            goodbyes.get(issue.id, 0),
            given.get(issue.id, ()),
        )
        for issue, publication in rows
    ]


def _summary(
    issue: model.Issue,
    publication: model.Publication,
    tally: Tally,
    clicks: tuple[int, int] | None,
    goodbyes: int,
    given: Sequence[Given],
) -> Summary:
    zone = issues.find_zone(issue.zone or publication.zone)
    return Summary(
        id=issue.id,
        subject=issue.subject,
        publication=publication.name,
        frequency=issue.frequency,
        state=issue.state,
        began_at=(issue.published_at or issue.created_at).astimezone(zone),
        finished_at=issue.finished_at and issue.finished_at.astimezone(zone),
        tally=tally,
        is_counted=publication.tracking is Tracking.CLICKS or clicks is not None,
        clicks=clicks[0] if clicks else 0,
        donate=clicks[1] if clicks else 0,
        goodbyes=goodbyes,
        given=given,
    )


def _per_thousand(count: int, of: int) -> float | None:
    return 1_000 * count / of if of else None


def _median(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return median(known) if known else None
