"""Tags on people: put on, taken off, kept through a change of address, gone with the person."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from newsletter import model, subscriptions
from newsletter.errors import Invalid
from newsletter.subscriptions.tagging import hand_on


def test_a_tag_is_there_as_soon_as_somebody_has_it(session: Session) -> None:
    anna, ben = (make.subscriber(session).id for _ in range(2))
    assert subscriptions.tags(session) == []
    assert subscriptions.tag(session, [anna, ben], "  Press  Office ") == "press office"
    subscriptions.tag(session, [anna], "press office")
    subscriptions.tag(session, [anna], "donors")
    assert subscriptions.tags(session) == ["donors", "press office"]
    assert subscriptions.tags_of(session, anna) == ["donors", "press office"]
    subscriptions.untag(session, [anna], "DONORS")
    assert subscriptions.tags(session) == ["press office"]
    assert subscriptions.tags_of(session, ben) == ["press office"]


@pytest.mark.parametrize("name", ["", "  ", "a, b", "x" * 41, "a\x00b"])
def test_what_can_be_no_tag_is_refused(session: Session, name: str) -> None:
    with pytest.raises(Invalid, match="no comma"):
        subscriptions.tag(session, [], name)


def test_who_goes_on_at_another_address_keeps_the_tags(session: Session) -> None:
    old, new = (make.subscriber(session).id for _ in range(2))
    subscriptions.tag(session, [old, new], "press")
    subscriptions.tag(session, [old], "donors")
    hand_on(session, old, new)
    assert subscriptions.tags_of(session, new) == ["donors", "press"]


def test_with_the_person_the_tags_are_gone(session: Session) -> None:
    person = make.subscriber(session)
    subscriptions.tag(session, [person.id], "press")
    session.delete(person)
    session.flush()
    assert session.scalar(select(func.count()).select_from(model.SubscriberTag)) == 0
