"""An issue for thousands and its ledger: what the walks of the delivery engine share."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import func, insert, select, update

import make
from make import SECRET_KEY
from newsletter import addresses, clock, model
from newsletter.database import Database
from newsletter.issues.drafts import hash_of
from newsletter.model import DeliveryState

_WORDS = "The strait froze early this year, and the ferries keep to the lane of the icebreaker. "
_HTML = "<!doctype html><title>Ice</title>" + f"<p>{_WORDS * 3}</p>" * 15
_TEXT = (_WORDS + "\n\n") * 15


def readers(count: int) -> list[str]:
    """Name readers of many domains, so that no domain gets a storm."""
    return [f"reader{number}@post{number % 97}.example" for number in range(count)]


def publish(database: Database, audience: Sequence[str], *, waves: bool = False) -> None:
    """Begin to send an issue to ``audience``; the engine goes by the clock on the wall.

    In ``waves`` half of them try two subjects, and the rest waits for four hours.
    """
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = make.issue(
            session, state=model.IssueState.SCHEDULED, due_at=now, latest_start=now, content_hash=""
        )
        content = make.content(session, issue_id=issue.id, html=_HTML, text=_TEXT)
        contents = [content]
        if waves:
            make.subject_test(session, issue_id=issue.id, share=50)
            second = {"variant": "b", "subject": "Another subject"}
            contents.append(
                make.content(session, issue_id=issue.id, html=_HTML, text=_TEXT, **second)
            )
        issue.content_hash = hash_of(contents)
        people = [
            {
                "address": address,
                "digest": addresses.digest(address, SECRET_KEY),
                "language": "en",
                "name": "",
                "created_at": now,
            }
            for address in audience
        ]
        session.execute(insert(model.Subscriber), people)
        wishes = [
            {
                "subscriber_id": subscriber,
                "publication_id": issue.publication_id,
                "state": model.SubscriptionState.ACTIVE,
                "frequency": model.Frequency.EACH,
                "changed_at": now,
            }
            for subscriber in session.scalars(select(model.Subscriber.id))
        ]
        session.execute(insert(model.Subscription), wishes)
    clock.tick(database, now, batch_size=500)


def is_sent(database: Database) -> bool:
    """Tell whether the only issue is finished."""
    with database.reading() as session:
        state = session.scalars(select(model.Issue.state)).one()
    assert state in {model.IssueState.SENDING, model.IssueState.SENT}, f"the issue is {state}"
    return state is model.IssueState.SENT


def hurry(database: Database) -> None:
    """Let everything that waits for its next attempt be due now."""
    now = datetime.now(UTC)
    waiting = (model.Delivery.state == DeliveryState.QUEUED) & (model.Delivery.due_at > now)
    with database.transaction() as session:
        session.execute(update(model.Delivery).where(waiting).values(due_at=now))
        session.execute(update(model.Batch).where(model.Batch.due_at > now).values(due_at=now))


def ledger(database: Database) -> Counter[DeliveryState]:
    """Count the deliveries by their states."""
    rows = select(model.Delivery.state, func.count().label("size")).group_by(model.Delivery.state)
    with database.reading() as session:
        return Counter({row.state: row.size for row in session.execute(rows)})


def addresses_in(database: Database, state: DeliveryState) -> set[str]:
    """Return the addresses of all deliveries in one state."""
    rows = (
        select(model.Subscriber.address)
        .join(model.Delivery, model.Delivery.subscriber_id == model.Subscriber.id)
        .where(model.Delivery.state == state)
    )
    with database.reading() as session:
        return set(session.scalars(rows))


def repeats(mails: Iterable[tuple[str, str]]) -> int:
    """Count the copies beyond the first, of mails given as Message-ID and recipient.

    Fails if a second copy came under another Message-ID.
    """
    copies = Counter(mails)
    known = Counter(recipient for _, recipient in copies)
    twice = {recipient: count for recipient, count in known.items() if count > 1}
    assert not twice, f"copies under several Message-IDs: {sorted(twice)[:5]} of {len(twice)}"
    return copies.total() - len(copies)
