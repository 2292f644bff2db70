"""A sender that is killed again and again: nobody is lost, few get a second copy."""

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime

from sqlalchemy import insert, select

import make
from make import SECRET_KEY
from newsletter import addresses, clock, model
from newsletter.database import Database
from newsletter.issues.drafts import hash_of
from relay import RecordingRelay
from service import Service, wait_for

READERS = 1500
CONNECTIONS = 5
KILLS = 3


def publish(database: Database) -> None:
    """Begin to send an issue to all readers; the engine goes by the clock on the wall."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        issue = make.issue(
            session, state=model.IssueState.SCHEDULED, due_at=now, latest_start=now, content_hash=""
        )
        issue.content_hash = hash_of([make.content(session, issue_id=issue.id)])
        people = [
            {
                "address": (address := f"reader{number}@example.org"),
                "digest": addresses.digest(address, SECRET_KEY),
                "language": "en",
                "name": "",
                "created_at": now,
            }
            for number in range(READERS)
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


def state(database: Database) -> model.IssueState:
    with database.reading() as session:
        return session.scalars(select(model.Issue.state)).one()


def test_nobody_is_lost_and_duplicates_are_bounded_by_connections(service: Service) -> None:
    service.do("init")
    with closing(service.database()) as database, RecordingRelay() as relay:
        publish(database)
        service.environ |= {
            "NEWSLETTER_RELAY_URL": relay.url,
            "NEWSLETTER_CONNECTIONS": str(CONNECTIONS),
        }
        for kill in range(1, KILLS + 1):
            service.start("--only", "engine")
            enough = READERS * kill // (KILLS + 1)
            wait_for(lambda enough=enough: len(relay.mails) >= enough, "some mails are out")  # type: ignore[misc]
            service.kill()
        service.start("--only", "engine", "--only", "clock")
        wait_for(lambda: state(database) is model.IssueState.SENT, "the issue is sent")
        assert service.stop() == 0
        copies = Counter(relay.accepted)
        recipients = {recipient for _, recipient in copies}
        assert len(recipients) == READERS
        assert len(copies) == READERS, "a second copy came under another Message-ID"
        assert copies.total() - READERS <= KILLS * CONNECTIONS
        assert max(copies.values()) <= 2
