"""Every state and every event: what is to happen, listed here anew, cell by cell."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import model, subscriptions
from newsletter.model import SubscriptionState
from newsletter.subscriptions import Choice
from newsletter.subscriptions.states import TABLE, Event, after, allows
from newsletter.subscriptions.steps import Line, begin, step
from signups import LINKS, ask, form, log, work_off

# A dot is a refusal: nothing happens, and nothing is logged. A dash is no row.
CELLS = """
          -            pending      active       paused       unsubscribed
asked     pending      pending      .            .            pending
confirmed .            active       .            .            .
added     active       active       .            .            active
imported  active       active       .            .            .
wanted    active       active       .            .            active
left      .            .            unsubscribed unsubscribed .
declined  .            unsubscribed .            .            .
returned  .            .            .            .            active
paused    .            .            paused       paused       .
resumed   .            .            .            active       .
woken     .            .            .            active       .
expired   .            -            .            .            .
lapsed    .            unsubscribed .            .            .
"""

# What people do, whatever the state is they do it in: late, twice, out of turn.
DEEDS = """
          -            pending      active       paused       unsubscribed
ask       pending      pending      active       paused       pending
confirm   -            active       active       paused       unsubscribed
add       active       active       active       paused       active
choose    active       active       active       active       active
drop      -            unsubscribed unsubscribed unsubscribed unsubscribed
leave     -            unsubscribed unsubscribed unsubscribed unsubscribed
undo      -            pending      active       paused       unsubscribed
pause     -            pending      paused       paused       unsubscribed
resume    -            pending      active       active       unsubscribed
weekly    -            pending      active       paused       unsubscribed
wake      -            pending      active       active       unsubscribed
purge     -            -            active       paused       unsubscribed
"""

LATER = NOW + timedelta(days=40)


def grid(text: str) -> list[tuple[str, str, str]]:
    """Read a grid as (row, column, cell)."""
    head, *rows = text.strip("\n").splitlines()
    return [
        (name, state, cell)
        for name, *cells in map(str.split, rows)
        for state, cell in zip(head.split(), cells, strict=True)
    ]


def state_of(word: str) -> SubscriptionState | None:
    return None if word == "-" else SubscriptionState(word)


def test_the_grid_has_every_cell() -> None:
    every = {(event.value, state) for event in Event for state in ("-", *SubscriptionState)}
    assert {(event, state) for event, state, _ in grid(CELLS)} == every


@pytest.mark.parametrize(("event", "state", "cell"), grid(CELLS))
def test_the_table_says_what_the_grid_says(event: str, state: str, cell: str) -> None:
    before = state_of(state)
    assert allows(Event(event), before) is (cell != ".")
    assert after(Event(event), before) is (before if cell == "." else state_of(cell))


@pytest.mark.parametrize("event", Event)
def test_a_step_goes_by_the_table_and_is_logged_where_it_is_one(
    session: Session, event: Event
) -> None:
    person, publication = make.subscriber(session), make.publication(session)
    for state in SubscriptionState:
        wish = make.subscription(
            session, publication_id=publication.id, state=state, changed_at=NOW
        )
        taken = step(session, wish, event, LATER, Line("test"))
        session.flush()
        assert taken is (state in TABLE[event])
        become = TABLE[event].get(state, state)
        assert wish.state is (become or state)  # a row that is to go is its caller's to delete
        assert wish.changed_at == (LATER if taken and become else NOW)
    assert len(log(session)) == len([state for state in TABLE[event] if state])
    if None in TABLE[event]:
        made = begin(session, person.id, publication.id, event, LATER, Line("test"))
        assert made.state is TABLE[event][None]
    else:
        with pytest.raises(ValueError, match=event.value):
            begin(session, person.id, publication.id, event, LATER, Line("test"))


def do_ask(session: Session, person: model.Subscriber, publication: model.Publication) -> None:
    ask(session, form(publication, address=person.address), LATER)
    work_off(session, LATER)


def choose(wanted: bool) -> Callable[..., None]:
    def save(session: Session, person: model.Subscriber, publication: model.Publication) -> None:
        subscriptions.save(
            session,
            person.id,
            name="",
            language="en",
            wishes={publication.id: Choice(wanted)},
            now=LATER,
            links=LINKS,
        )

    return save


def to_the_wish(deed: Callable[..., object]) -> Callable[..., None]:
    """Do ``deed`` to the number of the subscription, or to one that does not exist."""

    def do(session: Session, person: model.Subscriber, publication: model.Publication) -> None:
        mine = model.Subscription.subscriber_id == person.id
        deed(session, session.scalar(select(model.Subscription.id).where(mine)) or 4711)

    return do


DOING: dict[str, Callable[..., object]] = {
    "ask": do_ask,
    "confirm": lambda session, person, _: subscriptions.confirm(session, person.id, LATER, LINKS),
    "add": lambda session, person, publication: subscriptions.add(
        session, publication, person.address, LATER, secret_key=SECRET_KEY
    ),
    "choose": choose(True),
    "drop": choose(False),
    "leave": to_the_wish(
        lambda session, number: subscriptions.leave(
            session, number, LATER, form="page", links=LINKS
        )
    ),
    # Of another goodbye: the row says NOW, but nobody said goodbye then.
    "undo": to_the_wish(
        lambda session, number: subscriptions.undo(session, number, NOW, LATER, form="page")
    ),
    "pause": to_the_wish(
        lambda session, number: subscriptions.pause(
            session, number, LATER + timedelta(days=7), LATER, form="page"
        )
    ),
    "resume": to_the_wish(
        lambda session, number: subscriptions.resume(session, number, LATER, form="page")
    ),
    "weekly": to_the_wish(
        lambda session, number: subscriptions.set_frequency(
            session, number, model.Frequency.WEEKLY, LATER, form="page"
        )
    ),
    "wake": lambda session, _person, _publication: subscriptions.wake(session, LATER),
    "purge": lambda session, _person, _publication: subscriptions.purge(session, LATER),
}


@pytest.mark.parametrize("deed", DOING)
def test_a_deed_has_its_end_in_every_state_and_twice_is_once(session: Session, deed: str) -> None:
    people = []
    for name, state, cell in grid(DEEDS):
        if name != deed:
            continue
        person, publication = make.subscriber(session, created_at=LATER), make.publication(session)
        if state != "-":
            until = NOW + timedelta(days=1) if state == "paused" else None
            make.subscription(
                session,
                subscriber_id=person.id,
                publication_id=publication.id,
                state=SubscriptionState(state),
                changed_at=NOW,
                paused_until=until,
            )
        people.append((person, publication, cell))
    assert len(people) == len(SubscriptionState) + 1
    for _ in range(2):
        for person, publication, _cell in people:
            if session.get(model.Subscriber, person.id) is not None:
                DOING[deed](session, person, publication)
        session.expire_all()
        rows = {
            wish.publication_id: wish.state for wish in session.scalars(select(model.Subscription))
        }
        ends = [(cell, rows.get(publication.id)) for _, publication, cell in people]
        assert ends == [(cell, state_of(cell)) for cell, _ in ends]
