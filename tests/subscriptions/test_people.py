"""What people asked for: adding, leaving, and the log of both."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import model, subscriptions
from newsletter.errors import Conflict, InvalidAddress
from newsletter.model import SubscriptionState


def add(session: Session, publication: model.Publication, address: str) -> model.Subscription:
    return subscriptions.add(session, publication, address, NOW, secret_key=SECRET_KEY)


def log(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(model.Consent.action, model.Consent.form))
    return rows.all()  # type: ignore[return-value]


def test_an_added_person_is_active_and_the_log_says_by_whom(session: Session) -> None:
    subscription = add(session, make.publication(session), "Anna@Example.org")
    person = session.get_one(model.Subscriber, subscription.subscriber_id)
    assert subscription.state is SubscriptionState.ACTIVE
    assert person.address == "Anna@example.org"
    assert log(session) == [("added", "operator")]


def test_adding_someone_twice_changes_nothing(session: Session) -> None:
    publication = make.publication(session)
    first = add(session, publication, "anna@example.org")
    assert add(session, publication, "ANNA@example.org").id == first.id
    assert session.scalar(select(func.count(model.Subscriber.id))) == 1
    assert len(log(session)) == 1


def test_one_person_may_get_two_publications(session: Session) -> None:
    one = add(session, make.publication(session), "anna@example.org")
    other = add(session, make.publication(session), "anna@example.org")
    assert one.subscriber_id == other.subscriber_id
    assert one.id != other.id


def test_a_suppressed_address_is_not_overturned_by_adding_it(session: Session) -> None:
    make.suppression(session, "gone@example.org")
    with pytest.raises(Conflict, match="suppressed"):
        add(session, make.publication(session), "gone@example.org")


def test_what_is_no_address_is_refused_by_name(session: Session) -> None:
    with pytest.raises(InvalidAddress, match="anna at example"):
        add(session, make.publication(session), "anna at example")


def test_leaving_ends_the_subscription_once(session: Session) -> None:
    subscription = add(session, make.publication(session), "anna@example.org")
    for _ in range(2):
        subscriptions.leave(session, subscription.id, NOW, form="one-click")
    assert subscription.state is SubscriptionState.UNSUBSCRIBED
    assert log(session) == [("added", "operator"), ("left", "one-click")]


def test_leaving_what_is_gone_does_nothing(session: Session) -> None:
    subscriptions.leave(session, 4711, NOW, form="one-click")
    assert log(session) == []


def test_the_same_row_comes_back(session: Session) -> None:
    publication = make.publication(session)
    subscription = add(session, publication, "anna@example.org")
    subscriptions.leave(session, subscription.id, NOW, form="page")
    assert add(session, publication, "anna@example.org").id == subscription.id
    assert subscription.state is SubscriptionState.ACTIVE


def test_a_list_goes_on_after_its_last_row(session: Session) -> None:
    publication = make.publication(session)
    added = [add(session, publication, f"reader{n}@example.org").id for n in range(3)]
    first = subscriptions.listed(session, publication, limit=2)
    rest = subscriptions.listed(session, publication, after=first[-1][0].id, limit=2)
    assert [subscription.id for subscription, _ in (*first, *rest)] == added
