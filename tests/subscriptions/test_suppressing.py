"""Suppression by hand: what it overrules, and what it lifts."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import model, subscriptions
from newsletter.errors import Conflict, InvalidAddress, NotFound
from newsletter.model import SuppressionReason

MANUAL = SuppressionReason.MANUAL


def reasons(session: Session) -> list[SuppressionReason]:
    return list(session.scalars(select(model.Suppression.reason)))


def test_an_address_is_suppressed_whether_or_not_somebody_is_there(session: Session) -> None:
    subscriptions.suppress(session, "Anna@One.example", NOW, " a  letter ", secret_key=SECRET_KEY)
    person = make.subscriber(session, "anna@one.example")
    (found,) = subscriptions.suppressions(session)
    assert (found.reason, found.words, found.address) == (MANUAL, "a letter", person.address)
    with pytest.raises(Conflict, match="already"):
        subscriptions.suppress_subscriber(session, person.id, NOW, "")
    with pytest.raises(InvalidAddress):
        subscriptions.suppress(session, "anna@", NOW, "", secret_key=SECRET_KEY)


@pytest.mark.parametrize("reason", [SuppressionReason.HARD_BOUNCE, SuppressionReason.ERASED])
def test_what_would_end_by_itself_is_made_to_stay(
    session: Session, reason: SuppressionReason
) -> None:
    person = make.subscriber(session)
    make.suppression(session, person.address, reason=reason)
    subscriptions.suppress_subscriber(session, person.id, NOW, "")
    assert reasons(session) == [MANUAL]


def test_only_what_was_done_by_hand_is_lifted_by_hand(session: Session) -> None:
    person = make.subscriber(session)
    subscriptions.suppress_subscriber(session, person.id, NOW, "")
    (found,) = subscriptions.suppressions(session)
    assert subscriptions.lift_manual(session, found.id) == person.id
    for reason in set(SuppressionReason) - {MANUAL}:
        other = make.suppression(session, f"{reason}@one.example", reason=reason)
        with pytest.raises(Conflict, match="by hand"):
            subscriptions.lift_manual(session, other.id)
    with pytest.raises(NotFound):
        subscriptions.lift_manual(session, 99)
    with pytest.raises(NotFound):
        subscriptions.suppress_subscriber(session, 99, NOW, "")


def test_the_list_is_read_page_by_page(session: Session) -> None:
    numbers = [make.suppression(session, f"r{number}@one.example").id for number in range(5)]
    first = subscriptions.suppressions(session, limit=3)
    rest = subscriptions.suppressions(session, before=first[-1].id)
    assert [one.id for one in [*first, *rest]] == numbers[::-1]
    assert {one.subscriber for one in first} == {None}
