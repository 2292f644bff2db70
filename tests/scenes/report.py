"""The report of an issue: one that has ended, and one that has not left."""

from datetime import UTC, datetime, timedelta
from math import exp

from sqlalchemy.orm import Session

import make
from newsletter.model import IssueState
from scenes.sending import answered

HARBOURS = "https://baltic-monitor.example/analyses/harbours-prepare-for-a-winter-without-ice"


def full(session: Session) -> str:
    """Make an issue that left in forty minutes and was read for a day."""
    began = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=1)
    issue = make.issue(
        session,
        publication_id=make.publication(session, name="Baltic Monitor").id,
        state=IssueState.SENT,
        subject="Harbours Prepare for a Winter Without Ice",
        content_hash="0" * 64,
        published_at=began,
        finished_at=began + timedelta(minutes=40),
        audience={"frozen": 12_480},
    )
    sums = {"sent": 12_401, "refused": 42, "skipped": 17, "unknown": 20}
    make.batch(session, issue_id=issue.id, last_delivery=12_480, due_at=None, **sums)
    for minute in range(1, 41):
        done = (1 - exp(-minute / 9)) / (1 - exp(-40 / 9))
        at = began + timedelta(minutes=minute)
        so_far = {end: round(done * count) for end, count in sums.items()}
        make.waypoint(session, issue_id=issue.id, at=at, **so_far)
    links = {HARBOURS: (641, 38), "https://icemap.example/": (212, 9)}
    links["https://university.example/papers/2026/sea-ice?lang=en"] = (87, 4)
    for number, (url, (count, peak)) in enumerate(links.items(), 1):
        make.link(session, issue.id, url, number=number)
        for hour in range(24):
            part = count * (24 - hour) ** 2 // 4_900
            at = began.replace(minute=0) + timedelta(hours=hour)
            make.click(session, issue.id, url, hour=at, count=part, peak=min(peak, part))
    make.click(session, issue.id, count=34, peak=2)
    for day, count in enumerate((5, 2, 0, 1)):
        if count:
            make.goodbye(session, issue.id, day=began.date() + timedelta(days=day), count=count)
    answered(session, issue)
    return f"/desk/issues/{issue.id}/report"


def empty(session: Session) -> str:
    issue = make.issue(session, subject="Harbours Prepare for a Winter Without Ice")
    return f"/desk/issues/{issue.id}/report"


SCENES = {"full": full, "empty": empty}
