"""Today, on the first day and on a busy one."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

import make
from newsletter import desk, issues, model
from newsletter.deliveries import relays
from newsletter.manuscripts import Article, Picture
from newsletter.model import IssueState, Role
from newsletter.rendering import Permission
from scenes.issues import SUBJECTS


def _refused() -> str:
    said = "554 5.7.1 Your sender is blocked"
    return issues.obstacle(issues.UNWELCOME, against_us=12, count=20, words=said)


def first_day(session: Session) -> str:
    return "/desk"


def quiet(session: Session) -> str:
    make.publication(session, name="Baltic Monitor")
    return "/desk"


def full(session: Session) -> str:
    """Make issues in every state that the page shows, readers who came, a relay in trouble."""
    now = datetime.now(make.NOW.tzinfo)
    licence = make.licence(session)
    monitors = [
        make.publication(session, name=name, licence_id=licence.id)
        for name in ("Baltic Monitor", "Canals Weekly")
    ]
    known: dict[str, Any] = {"content_hash": "0" * 64, "audience": {"frozen": 12_480}}
    for number, state in enumerate((IssueState.SENDING, IssueState.PAUSED, IssueState.SENT)):
        issue = make.issue(
            session,
            state=state,
            subject=SUBJECTS[number],
            publication_id=monitors[number % 2].id,
            published_at=now,
            due_at=now,
            **known,
        )
        counts = {"sent": 8_000, "refused": 12}
        if state is IssueState.SENT:
            issue.finished_at = now
            counts = {"sent": 12_437, "refused": 31, "unknown": 12}
        issue.held = _refused() if state is IssueState.PAUSED else None
        make.batch(session, issue_id=issue.id, last_delivery=12_480, **counts)
    for ahead in range(3):
        make.issue(
            session,
            state=IssueState.SCHEDULED,
            subject=SUBJECTS[ahead],
            publication_id=monitors[ahead % 2].id,
            due_at=now + timedelta(days=ahead + 1),
            **known,
        )
    writer = make.editor(session, name="Anna Writer", role=Role.WRITER)
    blocked = Picture("", make.image(session, credit="").name, "")
    for headline, picture in (("The Price of Salt", None), ("Pilots in Winter", blocked)):
        text = Article(headline, "Salt is dear.", dated=date(2026, 11, 20), picture=picture)
        issue = issues.draft(session, monitors[0], [text], now, writer)
        issues.submit(session, issue, now, writer)
    rights = ("own", "own until 2020-01-31", f"own until {(now + timedelta(days=9)).date()}", "")
    pictures = [
        make.image(session, permission=right, until=Permission.parse(right).until)
        for right in rights
    ]
    body = "\n\n".join(f"![A lock](<{each.name}>)" for each in pictures)
    shown = issues.draft(session, monitors[0], [Article("Locks", body)], now)
    shown.state, shown.content_hash, shown.published_at = IssueState.SENT, "0" * 64, now
    _grown(session, monitors, now)
    relays.trouble(session, "main", "421 4.7.0 Try again later", make.NOW)
    return "/desk"


def _grown(session: Session, monitors: list[model.Publication], now: datetime) -> None:
    """Give the first publication 420 readers, and each a size that was noted some days ago."""
    people = [make.subscriber(session).id for _ in range(420)]
    subscription = {"publication_id": monitors[0].id, "state": "active", "changed_at": now}
    rows = [{"subscriber_id": person, **subscription, "frequency": "each"} for person in people]
    session.execute(insert(model.Subscription), rows)
    for monitor, days, size in ((0, 7, 408), (0, 30, 371), (1, 7, 3)):
        day = (now - timedelta(days=days)).date()
        make.counter(session, name=f"size-{monitors[monitor].id}", day=day, count=size)
    sizes = desk.count_sizes(session, now)
    if sizes:
        desk.note_sizes(session, sizes, now)


SCENES = {"first-day": first_day, "quiet": quiet, "full": full}
