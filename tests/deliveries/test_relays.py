"""A relay in trouble rests for everybody, and one worker alone tries it again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model
from newsletter.database import Database
from newsletter.deliveries import relays
from newsletter.deliveries.relays import State, Use

SECOND = timedelta(seconds=1)
WORDS = "Connection refused"


def test_a_relay_that_nobody_knows_is_free(session: Session) -> None:
    assert relays.may_use(session, ["a", "b"], NOW) == {"a": Use.FREE, "b": Use.FREE}
    assert relays.next_use(session, ["a", "b"], NOW) == NOW
    assert relays.states(session) == []


def test_a_relay_in_trouble_rests_and_the_others_do_not(session: Session) -> None:
    until = relays.trouble(session, "a", WORDS, NOW)
    assert until == NOW + 30 * SECOND
    assert relays.may_use(session, ["a", "b"], until - SECOND) == {
        "a": Use.RESTING,
        "b": Use.FREE,
    }
    assert relays.states(session) == [State("a", 1, until, WORDS)]


def test_after_its_rest_one_caller_tries_it_for_a_minute(session: Session) -> None:
    until = relays.trouble(session, "a", WORDS, NOW)
    assert relays.may_use(session, ["a"], until) == {"a": Use.PROBE}
    assert relays.may_use(session, ["a"], until) == {"a": Use.RESTING}
    assert relays.may_use(session, ["a"], until + 59 * SECOND) == {"a": Use.RESTING}
    assert relays.may_use(session, ["a"], until + 60 * SECOND) == {"a": Use.PROBE}


def test_a_try_that_goes_well_frees_it_and_its_troubles_are_forgotten(session: Session) -> None:
    until = relays.trouble(session, "a", WORDS, NOW)
    relays.may_use(session, ["a"], until)
    relays.well(session, "a")
    assert relays.may_use(session, ["a"], until) == {"a": Use.FREE}
    assert relays.states(session) == [State("a", 0, None, "")]
    assert relays.trouble(session, "a", WORDS, until) == until + 30 * SECOND


def test_a_relay_that_is_well_stays_as_it_is(session: Session) -> None:
    make.relay(session, name="a", first_used_on=NOW.date())
    relays.well(session, "a")
    relays.well(session, "b")
    assert relays.states(session) == [State("a", 0, None, "")]
    row = session.get_one(model.Relay, "a", populate_existing=True)
    assert row.first_used_on == NOW.date()


def test_each_failed_try_doubles_the_rest_up_to_ten_minutes(session: Session) -> None:
    now, rests = NOW, []
    for _ in range(20):
        until = relays.trouble(session, "a", WORDS, now)
        rests.append((until - now).total_seconds())
        assert relays.may_use(session, ["a"], until) == {"a": Use.PROBE}
        now = until + SECOND
    assert rests[:7] == [30, 60, 120, 240, 480, 600, 600]
    assert rests[-1] == 600


def test_what_fails_while_it_rests_changes_nothing(session: Session) -> None:
    until = relays.trouble(session, "a", WORDS, NOW)
    assert relays.trouble(session, "a", "Another", NOW + SECOND) == until
    assert relays.states(session) == [State("a", 1, until, WORDS)]


def test_the_next_use_is_when_the_first_of_them_may_be_tried(session: Session) -> None:
    relays.trouble(session, "a", WORDS, NOW)
    until = relays.trouble(session, "a", WORDS, NOW + 30 * SECOND)
    earlier = relays.trouble(session, "b", WORDS, NOW + 31 * SECOND)
    assert relays.next_use(session, ["a", "b"], NOW + 31 * SECOND) == earlier
    assert relays.next_use(session, ["a"], NOW + 31 * SECOND) == until
    assert relays.next_use(session, ["a", "b", "c"], NOW) == NOW
    relays.may_use(session, ["b"], earlier)
    assert relays.next_use(session, ["b"], earlier) == earlier + 60 * SECOND
    assert relays.next_use(session, ["b"], earlier + 90 * SECOND) == earlier + 90 * SECOND


def test_one_worker_of_many_tries_each_relay(database: Database) -> None:
    with database.transaction() as session:
        for name in ("a", "b"):
            until = relays.trouble(session, name, WORDS, NOW)
    start = threading.Barrier(6)

    def work(number: int) -> list[Use]:
        names = ["a", "b"] if number % 2 else ["b", "a"]
        start.wait()
        with database.transaction() as session:
            uses = relays.may_use(session, names, until)
        return [uses["a"], uses["b"]]

    with ThreadPoolExecutor(6) as workers:
        answers = list(workers.map(work, range(6)))
    for uses in zip(*answers, strict=True):
        assert sorted(uses) == [Use.PROBE] + [Use.RESTING] * 5


def test_workers_that_meet_the_same_outage_count_it_once(database: Database) -> None:
    start = threading.Barrier(4)

    def work(_: int) -> None:
        start.wait()
        with database.transaction() as session:
            relays.trouble(session, "a", WORDS, NOW)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    # And a program that starts anew knows it.
    with (
        closing(Database(database.url.render_as_string(hide_password=False))) as again,
        again.reading() as session,
    ):
        assert relays.states(session) == [State("a", 1, NOW + 30 * SECOND, WORDS)]
