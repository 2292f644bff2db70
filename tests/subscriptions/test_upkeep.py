"""What time brings about: pauses end, what nobody confirmed is forgotten, counters stay."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model, subscriptions
from newsletter.database import Database
from newsletter.model import SubscriptionState
from signups import LINKS, log, mails, reader, sign_up, size, statements, wish, work_off

MONTH = timedelta(days=30)
LATER = NOW + MONTH


def paused(session: Session, count: int, until: timedelta) -> None:
    publication = make.publication(session)
    for _ in range(count):
        make.subscription(
            session,
            publication_id=publication.id,
            state=SubscriptionState.PAUSED,
            paused_until=NOW + until,
        )


def test_whose_pause_is_over_gets_mail_again(session: Session) -> None:
    paused(session, 2, timedelta(hours=1))
    paused(session, 1, timedelta(hours=3))
    assert subscriptions.due(session, NOW) == (False, False)
    assert subscriptions.due(session, NOW + timedelta(hours=1)) == (False, True)
    assert subscriptions.wake(session, NOW + timedelta(hours=1)) == 2
    assert subscriptions.wake(session, NOW + timedelta(hours=1)) == 0
    rows = select(model.Subscription.state, model.Subscription.paused_until)
    found = [tuple(row) for row in session.execute(rows.order_by(model.Subscription.id))]
    assert found[:2] == [(SubscriptionState.ACTIVE, None)] * 2
    assert found[2][0] is SubscriptionState.PAUSED
    assert log(session) == ["woken clock"] * 2


def test_waking_goes_on_where_it_stopped(session: Session) -> None:
    paused(session, 3, timedelta(hours=1))
    assert [subscriptions.wake(session, LATER, limit=2) for _ in range(3)] == [2, 1, 0]


def test_what_was_never_confirmed_goes_when_its_link_has_ended(session: Session) -> None:
    publication = make.publication(session)
    person = sign_up(session, publication)
    assert person is not None
    number = person.id
    subscriptions.purge(session, LATER - timedelta(seconds=1))
    assert size(session, model.Subscription) == 1
    assert LINKS.read_confirm(
        LINKS.confirm(number, NOW).rpartition("/")[2], LATER - timedelta(seconds=1)
    )
    assert subscriptions.purge(session, LATER) > 0
    assert size(session, model.Subscription) == size(session, model.Subscriber) == 0
    assert log(session) == ["asked page", "expired clock"]
    assert subscriptions.confirm(session, number, LATER, LINKS) == []


def test_who_asks_again_has_another_month(session: Session) -> None:
    publication = make.publication(session)
    sign_up(session, publication)
    sign_up(session, publication, now=NOW + timedelta(days=20))
    subscriptions.purge(session, LATER)
    assert size(session, model.Subscription) == 1


def test_of_a_reader_only_what_was_not_confirmed_goes(session: Session) -> None:
    mine, other = make.publication(session), make.publication(session)
    person = reader(session, mine)
    sign_up(session, other)
    subscriptions.purge(session, LATER)
    assert wish(session, person, mine).state is SubscriptionState.ACTIVE
    assert size(session, model.Subscription) == 1


def test_who_had_left_and_does_not_confirm_goes_back_to_having_left(session: Session) -> None:
    """Their story is evidence that they once agreed: it must not go with a stranger's form."""
    publication = make.publication(session)
    person = reader(session, publication)
    subscriptions.leave(session, wish(session, person, publication).id, NOW, form="one-click")
    sign_up(session, publication)
    for _ in range(2):
        subscriptions.purge(session, LATER)
    assert wish(session, person, publication).state is SubscriptionState.UNSUBSCRIBED
    assert log(session)[-1] == "lapsed clock"
    assert set(session.scalars(select(model.Consent.subscriber_id))) == {person.id}


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        (("imported",), None),
        (("imported", "asked"), SubscriptionState.UNSUBSCRIBED),
        (("asked",), None),
        (("asked", "left"), SubscriptionState.UNSUBSCRIBED),
    ],
)
def test_who_was_imported_and_never_confirmed_goes_but_not_who_was_known_to_have_left(
    session: Session, lines: tuple[str, ...], state: SubscriptionState | None
) -> None:
    wish = make.subscription(session, state=SubscriptionState.PENDING)
    here = {"subscriber_id": wish.subscriber_id, "publication_id": wish.publication_id}
    for line in lines:
        make.consent(session, **here, action=line, details={"attributes": {"nickname": "Anna"}})
    subscriptions.purge(session, LATER)
    assert session.scalar(select(model.Subscription.state)) is state
    assert size(session, model.Subscriber) == (0 if state is None else 1)
    details = session.scalars(select(model.Consent.details).where(model.Consent.form == "page"))
    assert all((one is None) is (state is None) for one in details)


def test_those_who_left_everything_are_kept_and_so_are_the_new(session: Session) -> None:
    publication = make.publication(session)
    person = reader(session, publication)
    subscriptions.leave(session, wish(session, person, publication).id, NOW, form="one-click")
    make.subscriber(session, created_at=LATER)
    old = make.subscriber(session, created_at=NOW)
    subscriptions.purge(session, LATER)
    left = session.scalars(select(model.Subscriber.id)).all()
    assert person.id in left
    assert old.id not in left
    assert len(left) == 2


def test_challenges_buckets_and_the_words_of_notices_go_in_time(session: Session) -> None:
    make.challenge(session, ends_at=NOW)
    make.challenge(session, key="holds", ends_at=NOW + timedelta(minutes=5))
    make.bucket(session, changed_at=NOW - timedelta(days=3))
    kept = make.bucket(session, changed_at=NOW - timedelta(days=1))
    content = make.content(session)
    make.delivery(
        session,
        content_id=content.id,
        state=model.DeliveryState.SENT,
        settled_at=NOW - timedelta(days=2),
    )
    assert subscriptions.purge(session, NOW) == 3
    assert subscriptions.purge(session, NOW) == 0
    assert session.scalars(select(model.Challenge.key)).all() == ["holds"]
    assert session.scalars(select(model.Bucket.key)).all() == [kept.key]
    assert size(session, model.Content) == 0


@pytest.mark.parametrize("deed", [subscriptions.wake, subscriptions.purge])
def test_many_cost_no_more_statements_than_one(
    database: Database, deed: Callable[..., int]
) -> None:
    def costs(people: int) -> int:
        with database.transaction() as session:
            publication = make.publication(session)
            for _ in range(people):
                for state, until in (("paused", NOW), ("pending", None)):
                    make.subscription(
                        session,
                        publication_id=publication.id,
                        state=SubscriptionState(state),
                        paused_until=until,
                    )
                row = make.subscription(
                    session, publication_id=publication.id, state=SubscriptionState.PENDING
                )
                make.consent(
                    session,
                    subscriber_id=row.subscriber_id,
                    publication_id=publication.id,
                    action="left",
                )
        with statements(database) as seen, database.transaction() as session:
            assert deed(session, LATER) >= people
        return len(seen)

    assert costs(1) == costs(40) < 25


def test_counters_are_kept_by_the_day_in_utc(session: Session) -> None:
    for moment, by in ((NOW, 1), (NOW, 2), (NOW + timedelta(hours=15), 5), (NOW, 0)):
        subscriptions.count(session, "sign-up-honeypot", moment, by)
    rows = subscriptions.counters(session, date(2026, 11, 23))
    assert [(row.name, row.day.day, row.count) for row in rows] == [
        ("sign-up-honeypot", 23, 3),
        ("sign-up-honeypot", 24, 5),
    ]
    assert len(subscriptions.counters(session, date(2026, 11, 24))) == 1


def test_forms_are_due_until_they_are_worked_off(session: Session) -> None:
    sign_up(session, make.publication(session))
    assert subscriptions.due(session, NOW) == (False, False)
    make.sign_up(session)
    assert subscriptions.due(session, NOW) == (True, False)
    assert work_off(session) == 1
    assert mails(session) == ["confirm"]
