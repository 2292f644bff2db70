"""Waves of an issue as an editor sees them: what is to happen in numbers, and what has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from newsletter import deliveries, feedback, issues, model
from newsletter.deliveries import Rule, Standing
from newsletter.deliveries.windows import Window
from newsletter.issues import EMBARGOED, NUMBERS, Result
from newsletter.model import WaveKind


@dataclass(frozen=True, slots=True)
class Prospect:
    """Who would get an issue in which wave, if it were frozen now.

    ``moment`` is when it is for all, if that is known; outside of ``hours`` mails wait. Who is
    ``a`` and who ``b`` is drawn by lot, so that there may be a few more or fewer.
    """

    test: model.SubjectTest | None
    embargo: model.Embargo | None
    segment: str
    moment: datetime | None
    is_estimated: bool
    first: int
    a: int
    b: int
    rest: int
    hours: Window
    zone: ZoneInfo

    @property
    def first_at(self) -> datetime | None:
        """When those under embargo get it."""
        if self.moment is None or self.embargo is None:
            return None
        return self._opened(self.moment - timedelta(minutes=self.embargo.lead))

    @property
    def rest_at(self) -> datetime | None:
        """When the rest gets it."""
        wait = timedelta(minutes=self.test.wait if self.test else 0)
        return self._opened(self.moment + wait) if self.moment else None

    def _opened(self, at: datetime) -> datetime:
        return self.hours.opens_at(self.zone, at) or at


@dataclass(frozen=True, slots=True)
class Waves:
    """How far the waves of an issue are, and what became of its variants.

    ``embargoed`` is what became of the mails under embargo, if there were any.
    """

    standing: Sequence[Standing]
    test: model.SubjectTest | None
    a: Result
    b: Result
    embargoed: Result | None

    @property
    def rest(self) -> Standing | None:
        """The wave that leaves last."""
        return next((each for each in self.standing if each.kind is WaveKind.REST), None)

    @property
    def is_open(self) -> bool:
        """Tell whether a subject is still to be chosen for somebody."""
        rest = self.rest
        return bool(self.test and not self.test.winner and rest and rest.open)

    @property
    def at_decision(self) -> tuple[Result, Result] | None:
        """What had become of A and of B when it was decided."""
        found = self.test.numbers if self.test and self.test.winner else None
        return (Result(**found["a"]), Result(**found["b"])) if found else None

    def waiting(self, now: datetime) -> int:
        """Count those whose wave has not begun."""
        return sum(each.open for each in self.standing if each.waits(now))


def prospect(session: Session, issue: model.Issue) -> Prospect | None:
    """Say who would get ``issue`` in which wave; None where all get it at once."""
    test = session.get(model.SubjectTest, issue.id)
    embargo = session.get(model.Embargo, issue.id)
    if test is None and embargo is None:
        return None
    publication = issues.publication_of(session, issue)
    total, first, segment = deliveries.reach(session, issue), 0, None
    if embargo and embargo.segment_id:
        segment = deliveries.fetch_segment(session, embargo.segment_id)
        few = deliveries.reach(session, issue, also=Rule.parse(segment.rule))
        first = min(few.count, total.count)
    others = total.count - first
    tried = round(others * test.share / 100) if test else 0
    return Prospect(
        test=test,
        embargo=embargo,
        segment=segment.name if segment else "",
        moment=embargo.ends_at if embargo else issue.due_at,
        is_estimated=total.is_estimated,
        first=first,
        a=tried - tried // 2,
        b=tried // 2,
        rest=others - tried,
        hours=Window.parse(publication.window if issue.window is None else issue.window),
        zone=ZoneInfo(publication.zone),
    )


def waves(session: Session, issue: model.Issue) -> Waves | None:
    """Sum up the waves of an issue that has begun to leave; None where all got it at once."""
    standing = deliveries.waves(session, issue.id)
    if not standing:
        return None
    a, b = issues.results(session, issue.id, standing)
    first = next((each for each in standing if each.kind is WaveKind.EMBARGO), None)
    clicks = feedback.clicks_by_variant(session, issue.id).get(NUMBERS[EMBARGOED], 0)
    return Waves(
        standing,
        session.get(model.SubjectTest, issue.id),
        a,
        b,
        Result(first.sent, clicks) if first else None,
    )
