"""A change of address: agreed to from both sides, telling nothing about either."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import deliveries, model, subscriptions
from newsletter.errors import InvalidAddress, LimitReached
from newsletter.model import DeliveryState, Frequency, SubscriptionState, SuppressionReason
from signups import LINKS, log, mails, reader, sign_up, size, suppressed, wish

NEW = "anna@elsewhere.example"
LATER = NOW + timedelta(hours=2)


@pytest.fixture
def publication(session: Session) -> model.Publication:
    return make.publication(session)


@pytest.fixture
def anna(session: Session, publication: model.Publication) -> model.Subscriber:
    return reader(session, publication)


def ask(session: Session, person: model.Subscriber, address: str = NEW, now: datetime = NOW) -> int:
    """Ask for a change, and return its number."""
    subscriptions.ask_address_change(session, person.id, address, now, LINKS, secret_key=SECRET_KEY)
    newest = select(model.AddressChange.id).order_by(model.AddressChange.id.desc()).limit(1)
    return session.scalars(newest).one()


def agree(session: Session, change: int, now: datetime = LATER) -> list[bool | None]:
    """Have the old address agree, and then the new one."""
    return [subscriptions.agree(session, change, new, now) for new in (False, True)]


def written_to(session: Session) -> list[str]:
    """Return whom the mails in the outbox about changes would go to, as the engine claims them."""
    found = []
    while held := deliveries.claim(session, LATER, notices=True):
        contents = {parcel.content for parcel in held.parcels}
        rows = select(model.Content.variant).where(model.Content.id.in_(contents))
        if session.scalars(rows).all() == ["address-change"]:
            found += [parcel.address for parcel in held.parcels]
    return found


def test_both_addresses_are_asked_and_nothing_changes_before_both_agree(
    session: Session, anna: model.Subscriber
) -> None:
    change = ask(session, anna)
    assert subscriptions.agree(session, change, True, LATER) is False
    assert subscriptions.agree(session, change, True, LATER) is False
    session.refresh(anna)
    assert anna.address == "anna@example.org"
    assert written_to(session) == ["anna@example.org", NEW]


@pytest.mark.parametrize("first", [True, False])
def test_when_both_agree_the_person_stays_the_same_at_another_address(
    session: Session, anna: model.Subscriber, publication: model.Publication, first: bool
) -> None:
    number = wish(session, anna, publication).id
    change = ask(session, anna)
    answers = [subscriptions.agree(session, change, new, LATER) for new in (first, not first)]
    assert answers == [False, True]
    moved = subscriptions.find(session, NEW, secret_key=SECRET_KEY)
    assert moved is not None
    assert moved.id == anna.id  # links in mails that were sent still know them
    assert wish(session, moved, publication).id == number
    assert subscriptions.find(session, "anna@example.org", secret_key=SECRET_KEY) is None
    assert size(session, model.Subscriber) == 1
    assert log(session)[-1] == "moved address-change"
    assert agree(session, change) == [True, True]
    assert log(session).count("moved address-change") == 1


def test_who_is_a_subscriber_there_already_becomes_one_with_the_person(
    session: Session, anna: model.Subscriber, publication: model.Publication
) -> None:
    mine, paused, theirs, left = (make.publication(session) for _ in range(4))
    for each in (mine, paused, left):
        sign_up(session, each, address=anna.address, network="198.51.100.0/24")
        subscriptions.add(session, each, anna.address, NOW, secret_key=SECRET_KEY)
    subscriptions.pause(
        session, wish(session, anna, paused).id, NOW + timedelta(days=9), NOW, form="page"
    )
    subscriptions.set_frequency(
        session, wish(session, anna, mine).id, Frequency.WEEKLY, NOW, form="page"
    )
    other = reader(session, publication, theirs, paused, left, address=NEW)
    for each in (paused, left):
        subscriptions.leave(session, wish(session, other, each).id, NOW, form="one-click")
    subscriptions.leave(session, wish(session, anna, left).id, NOW, form="one-click")
    kept = wish(session, other, publication).id
    of_anna = select(func.count()).where(model.Consent.subscriber_id == anna.id)
    lines = session.scalars(of_anna).one()
    assert agree(session, ask(session, anna)) == [False, True]
    assert session.scalars(select(model.Subscriber.id)).all() == [other.id]
    assert {
        each.id: (wish(session, other, each).state.value, wish(session, other, each).frequency)
        for each in (publication, mine, paused, theirs, left)
    } == {
        publication.id: ("active", Frequency.EACH),
        mine.id: ("active", Frequency.WEEKLY),
        paused.id: ("paused", Frequency.EACH),
        theirs.id: ("active", Frequency.EACH),
        left.id: ("unsubscribed", Frequency.EACH),
    }
    assert wish(session, other, publication).id == kept
    # The story of both is told under the one who goes on, and no line that was there has changed.
    ours = select(model.Consent.action).where(model.Consent.subscriber_id == other.id)
    told = session.scalars(ours).all()
    assert told.count("confirmed") == 5
    nobodys = select(func.count()).where(model.Consent.subscriber_id.is_(None))
    assert session.scalars(nobodys).one() == lines


def test_mails_on_their_way_go_to_the_new_address_and_no_issue_twice(
    session: Session, anna: model.Subscriber
) -> None:
    other = reader(session, make.publication(session), address=NEW)
    both, one = make.issue(session), make.issue(session)
    contents = {issue.id: make.content(session, issue_id=issue.id) for issue in (both, one)}
    for person, issue in ((anna, both), (other, both), (anna, one)):
        content = contents[issue.id]
        make.delivery(session, issue_id=issue.id, content_id=content.id, subscriber_id=person.id)
    agree(session, ask(session, anna))
    rows = select(model.Delivery.subscriber_id, model.Delivery.issue_id)
    found = session.execute(rows.where(model.Delivery.issue_id.is_not(None))).all()
    assert sorted(tuple(row) for row in found if row[0]) == [
        (other.id, both.id),
        (other.id, one.id),
    ]
    assert len(found) == 3


def test_nothing_tells_whether_the_new_address_is_known_or_suppressed(
    session: Session, publication: model.Publication
) -> None:
    known = reader(session, publication, address="known@example.com")
    suppressed(session, "angry@example.com", SuppressionReason.COMPLAINT)
    subscriptions.block(session, "blocked@example.com", NOW)
    asked = {}
    for name in ("known", "nobody", "angry", "blocked"):
        person = make.subscriber(session, f"asks-for-{name}@example.org")
        make.subscription(session, subscriber_id=person.id, publication_id=publication.id)
        ask(session, person, f"{name}@example.com")
        asked[name] = mails(session, person)
    assert set(map(tuple, asked.values())) == {("address-change",)}
    assert known.address in (gone_to := written_to(session))
    assert "angry@example.com" not in gone_to
    assert "blocked@example.com" not in gone_to
    assert [address for address in gone_to if address.startswith("asks-for")] == [
        f"asks-for-{name}@example.org" for name in asked
    ]


def test_a_change_lives_as_long_as_its_links_and_leaves_nothing(
    session: Session, anna: model.Subscriber
) -> None:
    change = ask(session, anna)
    day = NOW + timedelta(days=1)
    assert subscriptions.agree(session, change, True, day - timedelta(seconds=1)) is False
    assert subscriptions.agree(session, change, False, day) is None
    assert size(session, model.Subscriber) == 2
    assert subscriptions.purge(session, day) == 2
    assert session.scalars(select(model.Subscriber.id)).all() == [anna.id]
    assert size(session, model.AddressChange) == 0
    assert subscriptions.agree(session, change, False, day) is None


def test_only_the_newest_wish_counts(session: Session, anna: model.Subscriber) -> None:
    first = ask(session, anna)
    second = ask(session, anna, "anna@third.example")
    assert agree(session, first) == [None, None]
    assert agree(session, second) == [False, True]
    session.refresh(anna)
    assert anna.address == "anna@third.example"
    assert agree(session, first) == [None, None]


def test_two_who_want_the_same_address_become_one(
    session: Session, anna: model.Subscriber, publication: model.Publication
) -> None:
    bertha = reader(session, publication, address="bertha@example.org")
    changes = [ask(session, anna), ask(session, bertha)]
    assert [agree(session, change) for change in changes] == [[False, True], [False, True]]
    assert session.scalars(select(model.Subscriber.address)).all() == [NEW]


def test_upper_and_lower_case_are_changed_at_once(session: Session, anna: model.Subscriber) -> None:
    before = mails(session)
    subscriptions.ask_address_change(
        session, anna.id, "Anna@Example.ORG", NOW, LINKS, secret_key=SECRET_KEY
    )
    assert anna.address == "Anna@example.org"
    assert mails(session) == before


def test_that_mail_to_the_new_address_came_back_once_no_longer_holds(
    session: Session, anna: model.Subscriber
) -> None:
    suppressed(session, NEW, SuppressionReason.HARD_BOUNCE)
    change = ask(session, anna)
    assert NEW in written_to(session)
    agree(session, change)
    assert size(session, model.Suppression) == 0


def test_one_person_asks_a_few_times_a_day_and_a_stranger_is_asked_no_more_often(
    session: Session, publication: model.Publication
) -> None:
    people = [reader(session, publication, address=f"reader{n}@example.org") for n in range(4)]
    for person in people:
        ask(session, person, "victim@example.com")
    assert written_to(session).count("victim@example.com") == 3
    for number in range(2):
        ask(session, people[0], f"other{number}@example.com")
    with pytest.raises(LimitReached):
        ask(session, people[0], "other9@example.com")


def test_what_is_no_address_and_who_is_gone(session: Session, anna: model.Subscriber) -> None:
    with pytest.raises(InvalidAddress):
        ask(session, anna, "anna at elsewhere")
    subscriptions.ask_address_change(session, 4711, NEW, NOW, LINKS, secret_key=SECRET_KEY)
    assert size(session, model.AddressChange) == 0
    assert subscriptions.agree(session, 4711, True, NOW) is None


def test_a_person_who_is_erased_takes_the_change_along(
    session: Session, anna: model.Subscriber
) -> None:
    change = ask(session, anna)
    subscriptions.erase(session, anna.id, NOW)
    assert agree(session, change) == [None, None]
    assert subscriptions.find(session, NEW, secret_key=SECRET_KEY) is not None  # until tomorrow
    states = select(model.Delivery.state).where(model.Delivery.state == DeliveryState.SENT)
    assert session.scalars(states).all() == []
    assert SubscriptionState.ACTIVE not in session.scalars(select(model.Subscription.state)).all()
