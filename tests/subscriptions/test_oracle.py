"""We are no oracle: taking a form in does the same whatever is known about the address."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import model, subscriptions
from newsletter.database import Database
from newsletter.model import SubscriptionState, SuppressionReason
from signups import LINKS, NETWORK, ask, form, sign_up, statements, suppressed

ADDRESS = "anna@example.org"

Known = Callable[[Session, model.Publication], object]


def subscribed(state: SubscriptionState) -> Known:
    def known(session: Session, publication: model.Publication) -> None:
        person = make.subscriber(session, ADDRESS)
        make.subscription(
            session, subscriber_id=person.id, publication_id=publication.id, state=state
        )

    return known


def warned(reason: SuppressionReason) -> Known:
    return lambda session, _publication: suppressed(session, ADDRESS, reason)


def full(session: Session, publication: model.Publication) -> None:
    for number in range(5):
        sign_up(session, publication, address=ADDRESS, network=f"2001:db8:{number}::/48")


def waiting(session: Session, publication: model.Publication) -> None:
    ask(session, form(publication, address=ADDRESS), network="198.51.100.0/24")


def blocked(pattern: str) -> Known:
    return lambda session, _publication: subscriptions.block(session, pattern, NOW)


SITUATIONS: dict[str, Known] = {
    **{state.value: subscribed(state) for state in SubscriptionState},
    **{reason.value: warned(reason) for reason in SuppressionReason},
    "a mailbox that has had its mails": full,
    "a form that waits": waiting,
    "a blocked address": blocked(ADDRESS),
    "a blocked domain": blocked("@example.org"),
    "a blocked network": blocked(NETWORK),
}


def taken_in(
    database: Database, publication: model.Publication, deed: str, address: str
) -> list[str]:
    """Return what taking a form in asks of the database."""
    with statements(database) as seen, database.transaction() as session:
        if deed == "sign-up":
            ask(session, form(publication, address=address))
        else:
            subscriptions.send_manage_link(
                session, address, NOW, LINKS, secret_key=SECRET_KEY, network=NETWORK
            )
    return seen


@pytest.mark.parametrize("deed", ["sign-up", "link"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_statements_are_those_for_an_address_that_nobody_knows(
    database: Database, situation: str, deed: str
) -> None:
    with database.transaction() as session:
        publication = make.publication(session)
        sign_up(session, publication, address="somebody@example.com")  # the network has a bucket
        session.expunge(publication)
    unknown = taken_in(database, publication, deed, "nobody@example.org")
    with database.transaction() as session:
        SITUATIONS[situation](session, publication)
    assert taken_in(database, publication, deed, ADDRESS) == unknown
    assert 5 <= len(unknown) < 12


def test_what_is_asked_of_the_database_names_no_table_of_what_is_known(database: Database) -> None:
    with database.transaction() as session:
        publication = make.publication(session)
        session.expunge(publication)
    seen = " ".join(taken_in(database, publication, "sign-up", ADDRESS)).lower()
    for table in (
        model.Subscriber,
        model.Subscription,
        model.Suppression,
        model.Consent,
        model.Delivery,
    ):
        assert table.__tablename__ not in seen
    assert model.SignUp.__tablename__ in seen
