"""What became of an issue that has begun to leave: sums that add up, and no reader."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from newsletter import deliveries, feedback, issues, model, support
from newsletter.deliveries import Point, Tally, reasons
from newsletter.deliveries.reasons import Ended
from newsletter.desk.waves import Waves, waves
from newsletter.feedback import Followed, Hour
from newsletter.model import ReuseForm, Tracking
from newsletter.support import Given


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an issue.

    ``frozen`` is how many mails it was to be; ``links`` are without that of its appeal, whose
    clicks are ``donate``, and ``given`` what came by it. ``ended`` are the reasons for which mails
    did not leave, most first; ``hours`` those in which links were followed. ``left`` says on which
    day how many left by the link in the mail. ``reuses`` count how often the text was taken
    elsewhere, by form.
    """

    zone: ZoneInfo
    began_at: datetime
    finished_at: datetime | None
    frozen: int
    tally: Tally
    course: Sequence[Point]
    is_counted: bool
    links: Sequence[Followed]
    hours: Sequence[Hour]
    donate: int
    left: Sequence[tuple[date, int]]
    ended: Sequence[Ended]
    given: Sequence[Given]
    reuses: Mapping[ReuseForm, int]
    waves: Waves | None = None

    @property
    def clicks(self) -> int:
        """All clicks but those on the appeal's link."""
        return sum(link.count for link in self.links)

    @property
    def goodbyes(self) -> int:
        """How many left by the link in the mail."""
        return sum(count for _, count in self.left)

    @property
    def copies(self) -> int:
        """How often a ready copy was looked at or taken."""
        others = {ReuseForm.CITATION, ReuseForm.EMBED}
        return sum(count for form, count in self.reuses.items() if form not in others)

    def by_words(self, kind: str) -> Sequence[tuple[str, int]]:
        """Sum up the mails that ended so by the words that were said, most first."""
        counts: Counter[str] = Counter()
        for each in self.ended:
            if each.kind == kind:
                counts[each.words] += each.count
        return counts.most_common()

    def by_domain(self, kind: str) -> Sequence[tuple[str, int]]:
        """Sum up the mails that ended so by domain, most first; what names none is ``""``."""
        counts: Counter[str] = Counter()
        for each in self.ended:
            if each.kind == kind:
                counts[each.domain] += each.count
        return counts.most_common()


def report(session: Session, issue: model.Issue) -> Report | None:
    """Gather what became of ``issue``; None before its first mail has left."""
    if issue.published_at is None:
        return None
    publication = issues.publication_of(session, issue)
    links = feedback.clicks_by_link(session, issue.id)
    course = deliveries.course(session, issue.id)
    return Report(
        zone=issues.find_zone(issue.zone or publication.zone),
        # What left under embargo left before the issue was published.
        began_at=min([issue.published_at, *(point.at for point in course[:1])]),
        finished_at=issue.finished_at,
        frozen=int((issue.audience or {}).get("frozen", 0)),
        tally=deliveries.progress(session, issue.id),
        course=course,
        is_counted=publication.tracking is Tracking.CLICKS or bool(links),
        links=[link for link in links if link.url],
        hours=feedback.clicks_by_hour(session, issue.id),
        donate=sum(link.count for link in links if not link.url),
        left=feedback.goodbyes_by_day(session, issue.id),
        ended=reasons.ended(session, issue.id),
        waves=waves(session, issue),
        given=support.given_to(session, [issue.id]).get(issue.id, ()),
        reuses=feedback.reuses_of(session, [issue.id]).get(issue.id, {}),
    )
