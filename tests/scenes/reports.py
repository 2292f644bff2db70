"""Reports: issues side by side, of one publication and of none."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

import make
from newsletter import model
from newsletter.model import IssueState, Tracking
from scenes.issues import SUBJECTS

LINK = "https://baltic-monitor.example/analyses"


def ended(
    session: Session, publication: model.Publication, began: datetime, number: int
) -> model.Issue:
    """Make an issue that left and was read, a little unlike its neighbours."""
    issue = make.issue(
        session,
        publication_id=publication.id,
        state=IssueState.CANCELLED if number == 3 else IssueState.SENT,
        subject=SUBJECTS[number % len(SUBJECTS)],
        content_hash="0" * 64,
        published_at=began,
        finished_at=began + timedelta(minutes=40),
        audience={"frozen": 12_480},
    )
    sent = 12_380 - 37 * number
    sums = {"sent": sent, "refused": 31 + number % 5, "skipped": 12_480 - sent - 31 - number % 5}
    make.batch(session, issue_id=issue.id, last_delivery=12_480, due_at=None, **sums)
    make.waypoint(session, issue_id=issue.id, at=began + timedelta(minutes=40), **sums)
    if publication.tracking is Tracking.CLICKS:
        make.link(session, issue.id, LINK)
        make.click(session, issue.id, LINK, count=700 + (number * 7919) % 500, peak=9)
        make.click(session, issue.id, count=20 + number % 7)
    make.goodbye(session, issue.id, count=5 + number % 4)
    return issue


def full(session: Session) -> str:
    """Make the issues of some months, of two publications, one of which counts nothing."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    monitor = make.publication(session, name="Baltic Monitor")
    quiet = make.publication(session, name="Canals Weekly", tracking=Tracking.NONE)
    for number in range(34):
        publication = quiet if number % 6 == 4 else monitor
        ended(session, publication, now - timedelta(days=1 + 7 * number), number)
    return "/desk/reports"


def beside(session: Session) -> str:
    """Make an issue with ten before it."""
    full(session)
    return "/desk/issues/1/report"


def empty(session: Session) -> str:
    make.publication(session, name="Baltic Monitor")
    return "/desk/reports"


def growth(session: Session) -> str:
    """Make a publication that grew for a year, with a purge of dead addresses in between."""
    monitor = make.publication(session, name="Baltic Monitor")
    make.publication(session, name="Canals Weekly")
    today, size = datetime.now(UTC).date(), 12_480
    for ago in range(370):
        day = today - timedelta(days=ago)
        joined, left = 18 + (ago * 37) % 29, 6 + (ago * 17) % 11
        bounced = 260 if ago == 40 else (ago * 7) % 4
        sums = {"joined": joined, "left": left, "bounced": bounced, "size": size}
        for kind, count in sums.items():
            make.counter(session, name=f"{kind}-{monitor.id}", day=day, count=count)
        size -= joined - left
    return "/desk/reports/growth"


def growth_by_month(session: Session) -> str:
    return f"{growth(session)}?by=month"


def no_growth(session: Session) -> str:
    make.publication(session, name="Baltic Monitor")
    return "/desk/reports/growth"


def no_publication(session: Session) -> str:
    return "/desk/reports/growth"


def donations(session: Session) -> str:
    """Make gifts of some weeks, by the links of an issue and without."""
    monitor = make.publication(session, name="Baltic Monitor")
    today = datetime.now(UTC).replace(second=0, microsecond=0)
    issue = ended(session, monitor, today - timedelta(days=9), 1)
    for number in range(12):
        make.donation(
            session,
            publication_id=monitor.id,
            issue_id=None if number % 3 == 2 else issue.id,
            given_on=today.date() - timedelta(days=number // 2),
            amount=(25, 50, 100, 20)[number % 4] * 100,
            currency="PLN" if number % 4 == 3 else "EUR",
            source="Bank" if number % 3 == 2 else "Stripe",
            returned={1: 1_250, 4: 2_500}.get(number, 0),
        )
    return "/desk/reports/donations"


def given(session: Session) -> str:
    """Make an issue by which something was given."""
    donations(session)
    return "/desk/issues/1/report"


def no_donations(session: Session) -> str:
    make.publication(session, name="Baltic Monitor")
    return "/desk/reports/donations"


SCENES = {
    "full": full,
    "beside": beside,
    "empty": empty,
    "growth": growth,
    "growth-by-month": growth_by_month,
    "no-growth": no_growth,
    "donations": donations,
    "given": given,
    "no-donations": no_donations,
    "no-publication": no_publication,
}
