"""The clock: what each tick does, in which order, and that a step fails by itself."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import clock, desk, issues, model, subscriptions
from newsletter.database import Database
from newsletter.errors import Unreachable
from newsletter.issues import answers
from newsletter.issues.drafts import hash_of
from newsletter.model import Frequency, IssueState, SubscriptionState
from newsletter.outward import Trouble
from signups import LINKS, ask, form, mails, sign_up, size

MONDAY = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
"""07:00 in Warsaw."""


def tick(database: Database, now: datetime = MONDAY) -> None:
    clock.tick(database, now, batch_size=500)


def scheduled(session: Session, **columns: object) -> model.Issue:
    """Make an issue that is due on Monday."""
    facts = {"due_at": MONDAY, "latest_start": MONDAY + timedelta(hours=2), **columns}
    issue = make.issue(session, state=IssueState.APPROVED, **facts)
    issue.content_hash = hash_of([make.content(session, issue_id=issue.id)])
    issue.state = IssueState.SCHEDULED
    session.flush()
    return issue


def with_reader_by_the_week(session: Session, **columns: object) -> model.Publication:
    """Make a publication that has a digest to send on Monday."""
    publication = make.publication(session, **columns)
    article = make.article(session, publication_id=publication.id)
    went_out = {"state": IssueState.SENT, "published_at": MONDAY - timedelta(days=4)}
    make.issue(session, article, content_hash="0", **went_out)
    make.subscription(session, publication_id=publication.id, frequency=Frequency.WEEKLY)
    return publication


def digests(session: Session) -> list[model.Issue]:
    weekly = model.Issue.frequency == Frequency.WEEKLY
    return list(session.scalars(select(model.Issue).where(weekly)))


def test_who_comes_back_at_seven_gets_the_issue_of_seven(database: Database) -> None:
    with database.transaction() as session:
        issue = scheduled(session)
        make.subscription(
            session,
            publication_id=issue.publication_id,
            state=SubscriptionState.PAUSED,
            paused_until=MONDAY,
        )
    tick(database)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(model.Delivery)) == 1


def test_a_digest_is_made_and_sent_once_by_two_clocks(database: Database) -> None:
    with database.transaction() as session:
        with_reader_by_the_week(session)

    def one(_: int) -> None:
        clock.herald(database, MONDAY, LINKS)
        tick(database)

    with ThreadPoolExecutor(2) as clocks:
        list(clocks.map(one, range(4)))
    with database.reading() as session:
        (digest,) = digests(session)
        assert digest.state is IssueState.SENDING
        assert session.scalar(select(func.count()).select_from(model.Delivery)) == 1


def test_an_issue_that_fails_keeps_no_other_from_leaving(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.transaction() as session:
        late = {"latest_start": MONDAY - timedelta(hours=1)}
        broken = scheduled(session, zone="anna@example.org", **late).id
        good = scheduled(session).id
    tick(database)
    with database.reading() as session:
        assert session.get_one(model.Issue, broken).state is IssueState.SCHEDULED
        assert session.get_one(model.Issue, good).state is IssueState.SENDING
    assert f"event=failed step=publish number={broken} error=ZoneInfoNotFoundError" in caplog.text
    assert "anna@example.org" not in caplog.text


def test_a_digest_that_fails_keeps_no_other_from_being_made(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.transaction() as session:
        with_reader_by_the_week(session, accent="anna@example.org")
        good = with_reader_by_the_week(session).id
    clock.herald(database, MONDAY, LINKS)
    with database.reading() as session:
        assert [each.publication_id for each in digests(session)] == [good]
    assert "event=failed step=digest" in caplog.text
    assert "error=Invalid at=colour.py:" in caplog.text
    assert "anna@example.org" not in caplog.text


def test_no_job_of_a_clock_ends_when_the_database_fails(
    empty_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Without its tables a database answers every question with an error."""
    with clock.ticking(empty_database, LINKS, batch_size=500):
        for step in ("tick", "tend", "herald", "tidy", "count"):
            wait_for(lambda step=step: f"event=failed step={step} " in caplog.text)  # type: ignore[misc]
        wait_for(lambda: caplog.text.count("event=failed step=tick ") > 1)


def test_a_form_is_answered_within_seconds(database: Database) -> None:
    with database.transaction() as session:
        publication = make.publication(session).id
    with clock.ticking(database, LINKS, batch_size=500):
        form = subscriptions.Form("anna@example.org", (publication,), "en")
        asked = datetime.now(UTC)
        with database.transaction() as session:
            subscriptions.ask(session, form, asked, secret_key=SECRET_KEY, network="192.0.2.0/24")
        wait_for(lambda: "confirm" in notices(database))
        assert datetime.now(UTC) - asked < timedelta(seconds=5)


def notices(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(model.Content.variant)))


def test_all_forms_are_answered_however_many(database: Database) -> None:
    with database.transaction() as session:
        publication = make.publication(session)
        for number in range(clock.FORMS + 5):
            address = f"reader{number}@place{number}.example"
            ask(session, form(publication, address=address), network=f"2001:db8:{number:x}::/48")
    clock.tend(database, NOW, LINKS)
    with database.reading() as session:
        assert size(session, model.SignUp) == 0
        assert len(mails(session)) == clock.FORMS + 5


def test_what_was_never_confirmed_is_tidied_away(database: Database) -> None:
    with database.transaction() as session:
        sign_up(session, make.publication(session))
    clock.tidy(database, NOW + timedelta(days=30))
    with database.reading() as session:
        assert size(session, model.Subscriber) == 0


def test_how_many_get_what_and_who_came_is_noted(database: Database) -> None:
    with database.transaction() as session:
        wish = make.subscription(session)
        facts = {"subscriber_id": wish.subscriber_id, "publication_id": wish.publication_id}
        make.consent(session, **facts)
        number = wish.publication_id
    for minutes in (0, 10, 20):
        clock.count(database, NOW + timedelta(minutes=minutes))
    with database.reading() as session:
        assert [each.active for each in desk.audiences(session, NOW)] == [1]
        assert desk.movement(session, number, NOW)[-1].joined == 1


def test_soon_after_the_start_what_is_over_is_tidied_away(database: Database) -> None:
    with database.transaction() as session:
        make.challenge(session, ends_at=MONDAY - timedelta(days=1))
    with clock.ticking(database, LINKS, batch_size=500, clock=lambda: MONDAY):
        wait_for(lambda: counted(database, model.Challenge) == 0)


def test_the_index_is_filled_when_the_clock_starts(database: Database) -> None:
    with database.transaction() as session:
        for number in range(60):
            article = make.article(session, headline=f"Harbour {number}")
            make.issue(session, article, state=IssueState.SENT, content_hash="hash")

    def found() -> int:
        with database.reading() as session:
            return len(issues.search(session, "harbour", limit=100))

    with clock.ticking(database, LINKS, batch_size=10, clock=lambda: NOW):
        wait_for(lambda: found() == 60)


def test_a_full_index_is_left_alone(database: Database) -> None:
    with database.transaction() as session:
        make.issue(session, make.article(session), state=IssueState.SENT, content_hash="hash")
    clock.catch_up(database)
    clock.catch_up(database)
    with database.reading() as session:
        assert issues.index_missing(session) == 0


def counted(database: Database, table: type[model.Base]) -> int:
    with database.reading() as session:
        return size(session, table)


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def _all_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="newsletter.clock")


def test_links_are_looked_at_when_somebody_asked(database: Database) -> None:
    urls = [f"https://example.org/{path}" for path in ("here", "gone", "shut", "slow")]
    with database.transaction() as session:
        answers.ask(session, urls, NOW)
    statuses = {"here": 200, "gone": 404, "shut": 403}

    def visit(url: str) -> int:
        if url.endswith("slow"):
            raise Unreachable(trouble=Trouble.SLOW)
        return statuses[url.rpartition("/")[2]]

    clock.probe(database, lambda: NOW, visit)
    with database.reading() as session:
        known = answers.known(session, urls)
    assert list(map(known.__getitem__, urls)) == [
        *(None, Trouble.GONE, Trouble.REFUSED, Trouble.SLOW)
    ]
    clock.probe(database, lambda: NOW, lambda url: pytest.fail(f"looked at {url} again"))


def test_people_who_came_in_files_are_entered_into_the_indexes(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with database.transaction() as session:
        make.subscriber(session, indexed=False)
    clock.enter(database)
    clock.enter(database)
    with database.reading() as session:
        assert session.scalars(select(model.Subscriber.indexed)).all() == [True]
    assert caplog.text.count("event=entered count=1") == 1
