"""Subscribers: a first day, a full list, a search for nobody; one person of whom much is known."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

import make
from newsletter import subscriptions
from newsletter.addresses.faults import fault
from newsletter.model import (
    DeliveryState,
    Frequency,
    IssueState,
    SubscriptionState,
    SuppressionReason,
    UploadState,
)

NAMES = ("Anna Kowalska", "Łukasz Żółkiewski", "", "Zofia Nowak-Jabłońska", "Jan van der Berg")
WORDING = (
    "By subscribing you agree that we mail you the issues of what you chose, and use your address"
    " for nothing else. Each mail has a link by which you leave at once."
)


def empty(session: Session) -> str:
    make.publication(session, name="Baltic Monitor")
    return "/desk/subscribers"


def full(session: Session) -> str:
    """Make more people than a page holds, in every state, one of them suppressed."""
    baltic = make.publication(session, name="Baltic Monitor").id
    weekly = make.publication(session, name="Eastern Weekly", language="pl").id
    states = list(SubscriptionState)
    for number in range(56):
        name = NAMES[number % len(NAMES)]
        local = (name.split()[0].lower() if name else "reader").replace("ł", "l")
        person = make.subscriber(
            session,
            f"{local}.{number}@institute-{number % 7}.example.org",
            name=name,
            language=("pl", "en")[number % 2],
            created_at=make.NOW - timedelta(days=60 - number),
        )
        for publication in (baltic, weekly)[: 1 + number % 2]:
            make.subscription(
                session,
                subscriber_id=person.id,
                publication_id=publication,
                state=states[number % 3 if number % 5 == 0 else 1],
            )
        if number == 52:
            make.suppression(session, person.address)
    return "/desk/subscribers"


def nobody_found(session: Session) -> str:
    full(session)
    return "/desk/subscribers?state=unsubscribed&language=de"


def person(session: Session) -> str:
    """Make a person who asked, confirmed, paused, and whose mail came back in the end."""
    baltic = make.publication(session, name="Baltic Monitor").id
    weekly = make.publication(session, name="Eastern Weekly", language="pl").id
    make.publication(session, name="Arctic Notes")
    anna = make.subscriber(
        session,
        "anna.kowalska@institute.example.org",
        name="Anna Kowalska",
        language="pl",
        created_at=make.NOW - timedelta(days=400),
    )
    for publication, state in ((baltic, "active"), (weekly, "paused")):
        make.subscription(
            session,
            subscriber_id=anna.id,
            publication_id=publication,
            state=SubscriptionState(state),
            frequency=Frequency.WEEKLY if publication == weekly else Frequency.EACH,
            paused_until=make.NOW + timedelta(days=20) if publication == weekly else None,
        )
        for days, action, form in ((400, "asked", "page"), (399, "confirmed", "page")):
            make.consent(
                session,
                subscriber_id=anna.id,
                publication_id=publication,
                action=action,
                form=form,
                at=make.NOW - timedelta(days=days),
                wording=WORDING if action == "asked" else "",
                version="5d1c2f7a90be" if action == "asked" else "",
                origin="192.0.2.0/24",
            )
    make.consent(
        session,
        subscriber_id=anna.id,
        publication_id=weekly,
        action="paused",
        form="preferences",
        at=make.NOW - timedelta(days=3),
    )
    outcomes = (
        (DeliveryState.SENT, 250, "2.0.0 Ok: queued as 4F1C"),
        (DeliveryState.REFUSED, 550, "5.1.1 The mailbox does not exist"),
    )
    for number, (state, code, words) in enumerate(outcomes):
        issue = make.issue(
            session,
            publication_id=baltic,
            state=IssueState.SENT,
            content_hash="0" * 64,
            published_at=make.NOW,
            subject="Harbours Prepare for a Winter Without Ice",
        )
        make.delivery(
            session,
            issue_id=issue.id,
            content_id=make.content(session, issue_id=issue.id).id,
            subscriber_id=anna.id,
            state=state,
            code=code,
            words=words,
            due_at=None,
            settled_at=make.NOW - timedelta(days=10 - number),
        )
    welcome = make.content(session, publication_id=weekly, variant="welcome")
    make.delivery(
        session,
        content_id=welcome.id,
        subscriber_id=anna.id,
        state=DeliveryState.SENT,
        due_at=None,
        settled_at=make.NOW - timedelta(days=399),
    )
    make.suppression(
        session,
        anna.address,
        reason=SuppressionReason.HARD_BOUNCE,
        words="550 5.1.1 The mailbox does not exist",
    )
    for name in ("press", "instytut badań nad europą wschodnią", "conference 2026"):
        subscriptions.tag(session, [anna.id], name)
    return f"/desk/subscribers/{anna.id}"


def erasing(session: Session) -> str:
    return f"{person(session)}/erase"


def suppressing(session: Session) -> str:
    return f"/desk/subscribers/{make.subscription(session).subscriber_id}/suppress"


def correcting(session: Session) -> str:
    return f"{person(session)}/correct"


def new(session: Session) -> str:
    make.publication(session, name="Baltic Monitor")
    return "/desk/subscribers/new"


def no_suppression(session: Session) -> str:
    return "/desk/subscribers/suppressed"


def suppressed(session: Session) -> str:
    """Suppress for each reason, somebody who is here and somebody who is not."""
    for number, reason in enumerate(list(SuppressionReason) * 2):
        address = f"reader.{number}@institute.example.org"
        if number < 4 and reason is not SuppressionReason.ERASED:
            make.subscriber(session, address)
        words = "550 5.1.1 The mailbox does not exist" if reason == "hard_bounce" else ""
        make.suppression(session, address, reason=reason, words=words)
    return "/desk/subscribers/suppressed"


def blocked(session: Session) -> str:
    for pattern in ("@spam.example", "198.51.100.0/24", "eve@example.org"):
        make.block(session, pattern=pattern, words="Hundreds of forms on one evening")
    for name, count in (("sign-up", 412), ("sign-up-honeypot", 1_280), ("sign-up-limited", 31)):
        make.counter(session, name=name, day=datetime.now(UTC).date(), count=count)
    return "/desk/subscribers/blocked"


REFUSED = fault("jan at example.org")
COUNTS = {"read": 12_480, "added": 12_101, "known": 260, "merged": 14, "gone": 87, "refused": 18}


def importing(session: Session) -> str:
    for name, state in (("people.csv", "waiting"), ("autumn-conference.csv", "done")):
        make.upload(session, name=name, state=UploadState(state))
    return "/desk/subscribers/import"


def _upload(session: Session, state: UploadState, **columns: Any) -> str:
    make.publication(session, name="Baltic Monitor", slug="baltic-monitor")
    upload = make.upload(session, name="autumn-conference.csv", state=state, **columns)
    return f"/desk/subscribers/import/{upload.id}"


def running(session: Session) -> str:
    held = datetime.now(UTC) + timedelta(minutes=2)
    known = {"size": 100, "offset": 42, "counts": COUNTS, "leased_until": held}
    return _upload(session, UploadState.RUNNING, **known)


def checked(session: Session) -> str:
    problems = [
        {"line": 7, "field": "email", "reason": REFUSED[0], "facts": REFUSED[1]},
        {
            "line": 1_204,
            "field": "status",
            "reason": "“%(said)s” is not a status that is known; nobody is added",
            "facts": {"said": "maybe"},
        },
        {"line": 9_310, "field": "", "reason": "is not a JSON object"},  # as of an older release
    ]
    return _upload(session, UploadState.CHECKED, counts=COUNTS, problems=problems)


def failed(session: Session) -> str:
    words = "This file was taken in before, read in just this way."
    return _upload(session, UploadState.FAILED, words=words)


SCENES = {
    "empty": empty,
    "full": full,
    "nobody": nobody_found,
    "person": person,
    "new": new,
    "correct": correcting,
    "suppress": suppressing,
    "erase": erasing,
    "suppressed-none": no_suppression,
    "suppressed": suppressed,
    "blocked": blocked,
    "import": importing,
    "import-running": running,
    "import-checked": checked,
    "import-failed": failed,
}
