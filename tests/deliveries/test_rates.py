"""Rates hold for all workers together, over restarts, at any moment."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model
from newsletter.database import Database
from newsletter.deliveries import rates
from newsletter.deliveries.rates import Grant, Want
from newsletter.mail import Rate
from newsletter.model import Base

KEY = "relay:primary"
TENTH = timedelta(seconds=0.1)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def take(session: Session, count: int, *texts: str, now: datetime = NOW, key: str = KEY) -> Grant:
    wants = {key: Want(count, tuple(Rate.parse(text) for text in texts))}
    return rates.take(session, wants, now)[key]


def give_back(session: Session, count: int, text: str, taken_at: datetime, now: datetime) -> None:
    rates.give_back(session, {KEY: Want(count, (Rate.parse(text),))}, taken_at, now)


def test_without_a_rate_all_may_go_and_nothing_is_written(session: Session) -> None:
    assert take(session, 500) == Grant(500)
    assert session.scalar(select(func.count()).select_from(model.Bucket)) == 0


def test_a_full_bucket_gives_its_count_and_tells_when_there_is_more(session: Session) -> None:
    assert take(session, 500, "10/s") == Grant(10, NOW + SECOND)
    assert take(session, 500, "10/s") == Grant(0, NOW + SECOND)
    assert take(session, 500, "10/s", now=NOW + SECOND) == Grant(10, NOW + 2 * SECOND)


def test_a_bucket_fills_with_time_but_never_beyond_its_count(session: Session) -> None:
    take(session, 10, "10/s")
    assert take(session, 500, "10/s", now=NOW + 3 * TENTH).granted == 3
    assert take(session, 500, "10/s", now=NOW + timedelta(days=3)).granted == 10


def test_what_a_slow_rate_cannot_give_at_once_is_asked_for_again_soon(session: Session) -> None:
    take(session, 2000, "2000/h")
    # Ten seconds bring 5.6 mails.
    grant = take(session, 500, "2000/h")
    assert grant == Grant(0, NOW + 9 * SECOND)
    assert take(session, 500, "2000/h", now=NOW + 9 * SECOND).granted == 5
    take(session, 1, "1/h", key="domain:slow.example.org")
    slow = take(session, 9, "1/h", key="domain:slow.example.org")
    assert slow == Grant(0, NOW + timedelta(hours=1))


def test_the_least_of_several_rates_decides_and_the_others_lose_no_more(session: Session) -> None:
    assert take(session, 500, "100/min", "10/s").granted == 10
    assert take(session, 500, "100/min").granted == 90
    assert take(session, 500, "100/min", "10/s").granted == 0
    later = NOW + MINUTE
    assert take(session, 500, "100/min", "10/s", now=later).granted == 10
    # The stricter of two for the same unit holds.
    assert take(session, 500, "20/h", "5/h", key="domain:example.org").granted == 5


def test_a_quota_of_a_day_ends_with_the_day_in_utc(session: Session) -> None:
    late = MIDNIGHT - SECOND
    assert take(session, 80, "100/day", now=NOW) == Grant(80)
    assert take(session, 80, "100/day", now=late) == Grant(20, MIDNIGHT)
    assert take(session, 80, "100/day", now=late) == Grant(0, MIDNIGHT)
    assert take(session, 80, "100/day", now=MIDNIGHT) == Grant(80)


def test_a_changed_rate_is_not_a_fresh_bucket(session: Session) -> None:
    take(session, 100, "100/day")
    assert take(session, 100, "150/day").granted == 50
    assert take(session, 100, "120/day").granted == 0
    take(session, 2000, "2000/h", key="domain:example.org")
    grant = take(session, 1, "10/h", key="domain:example.org")
    assert grant == Grant(0, NOW + timedelta(minutes=6))


def test_a_worker_whose_clock_is_behind_gains_nothing(session: Session) -> None:
    take(session, 10, "10/s", now=NOW + 5 * SECOND)
    assert take(session, 10, "10/s", now=NOW) == Grant(0, NOW + 6 * SECOND)
    assert take(session, 10, "10/s", now=NOW + 5 * SECOND).granted == 0
    take(session, 100, "100/day", now=MIDNIGHT)
    assert take(session, 100, "100/day", now=MIDNIGHT - SECOND) == Grant(
        0, MIDNIGHT + timedelta(days=1)
    )


def test_several_keys_are_granted_each_for_itself(session: Session) -> None:
    grants = rates.take(
        session,
        {
            "relay:primary": Want(500, (Rate(300, 60),)),
            "domain:example.org": Want(200, (Rate(20, 1),)),
            "domain:example.net": Want(0, (Rate(20, 1),)),
            "domain:example.com": Want(7),
        },
        NOW,
    )
    assert {key: grant.granted for key, grant in grants.items()} == {
        "relay:primary": 300,
        "domain:example.org": 20,
        "domain:example.net": 0,
        "domain:example.com": 7,
    }


def test_what_was_not_used_can_be_given_back(session: Session) -> None:
    take(session, 100, "100/day")
    give_back(session, 30, "100/day", NOW, NOW + MINUTE)
    assert take(session, 100, "100/day").granted == 30
    take(session, 2000, "2000/h")
    give_back(session, 500, "2000/h", NOW, NOW)
    assert take(session, 2000, "2000/h").granted == 500


def test_what_is_given_back_is_not_given_twice(session: Session) -> None:
    take(session, 10, "10/s")
    assert take(session, 10, "10/s", now=NOW + SECOND).granted == 10
    give_back(session, 10, "10/s", NOW, NOW + SECOND)
    assert take(session, 10, "10/s", now=NOW + SECOND).granted == 0


def test_what_was_taken_yesterday_is_not_given_back_to_today(session: Session) -> None:
    take(session, 100, "100/day", now=MIDNIGHT - SECOND)
    take(session, 100, "100/day", now=MIDNIGHT)
    give_back(session, 50, "100/day", MIDNIGHT - SECOND, MIDNIGHT)
    assert take(session, 100, "100/day", now=MIDNIGHT).granted == 0


steps = st.lists(
    st.tuples(st.integers(0, 5_000_000), st.integers(0, 60), st.integers(0, 60)), max_size=12
)


@given(steps=steps, rate=st.sampled_from(["1/s", "10/s", "30/min", "7/min", "2000/h"]))
def test_in_no_stretch_of_time_more_is_used_than_the_rate_allows(
    steps: list[tuple[int, int, int]], rate: str
) -> None:
    """In any stretch at most a full bucket and what has flowed in since."""
    with closing(Database("sqlite://")) as database:
        Base.metadata.create_all(database.engine)
        used: list[tuple[datetime, int]] = []
        now, allowed = NOW, Rate.parse(rate)
        with database.transaction() as session:
            for microseconds, wanted, unused in steps:
                taken_at, now = now, now + timedelta(microseconds=microseconds)
                granted = take(session, wanted, rate, now=taken_at).granted
                back = min(granted, unused)
                give_back(session, back, rate, taken_at, now)
                used.append((taken_at, granted - back))
    for first, (start, _) in enumerate(used):
        for last in range(first, len(used)):
            total = sum(count for _, count in used[first : last + 1])
            seconds = (used[last][0] - start).total_seconds()
            assert total <= allowed.count * (1 + seconds / allowed.seconds) + 0.001


@given(count=st.integers(1, 5000), rate=st.sampled_from(["1/s", "7/min", "333/h", "999999/s"]))
def test_who_comes_back_when_told_gets_something(count: int, rate: str) -> None:
    with closing(Database("sqlite://")) as database:
        Base.metadata.create_all(database.engine)
        now = NOW
        with database.transaction() as session:
            for _ in range(6):
                grant = take(session, count, rate, now=now)
                assert grant.granted > 0
                now = grant.again_at or now + timedelta(hours=1)


@pytest.mark.parametrize("rate", ["1000/h", "1000/day"])
def test_workers_at_once_are_not_granted_more_than_one_would_be(
    database: Database, rate: str
) -> None:
    start = threading.Barrier(4)

    def work(number: int) -> int:
        start.wait()
        total = 0
        for turn in range(15):
            # In either order; the buckets are there for nobody yet.
            keys = [KEY, "domain:example.org", f"domain:{turn}.example.org"]
            wants = {
                key: Want(37, (Rate.parse(rate), Rate(1000, 60)))
                for key in (keys if number % 2 else reversed(keys))
            }
            with database.transaction() as session:
                total += rates.take(session, wants, NOW)[KEY].granted
        return total

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(work, range(4))) == 1000


def test_rates_hold_over_a_restart(database: Database) -> None:
    with database.transaction() as session:
        take(session, 70, "100/day")
        rates.throttle(session, KEY, 8.0, NOW)
    with (
        closing(Database(database.url.render_as_string(hide_password=False))) as again,
        again.transaction() as session,
    ):
        assert rates.paces(session, NOW) == {KEY: 4.0}
        assert take(session, 100, "100/day").granted == 4
        assert take(session, 100, "100/day", now=NOW + timedelta(hours=1)) == Grant(26, MIDNIGHT)


def test_a_storm_halves_what_was_observed_and_then_the_pace(session: Session) -> None:
    assert rates.throttle(session, KEY, 8.0, NOW) == 4.0
    # What was on its way belongs to the same storm.
    assert rates.throttle(session, KEY, 8.0, NOW + SECOND) == pytest.approx(4.0, rel=0.01)
    pace = rates.throttle(session, KEY, 8.0, NOW + MINUTE)
    assert pace == pytest.approx(4.0 * 2**0.1 / 2)
    assert rates.paces(session, NOW + MINUTE) == {KEY: pytest.approx(pace)}


def test_a_pace_never_falls_below_one_a_minute(session: Session) -> None:
    for minute in range(30):
        pace = rates.throttle(session, KEY, 0.0, NOW + minute * MINUTE)
        assert pace >= 1 / 60
    now = NOW + 29 * MINUTE
    assert rates.paces(session, now) == {KEY: 1 / 60}
    assert take(session, 5, now=now) == Grant(1, now + MINUTE)


def test_a_pace_doubles_by_itself_until_it_is_forgotten(session: Session) -> None:
    rates.throttle(session, KEY, 8.0, NOW)
    rates.throttle(session, KEY, 8.0, NOW + 9 * MINUTE)
    start = rates.paces(session, NOW + 9 * MINUTE)[KEY]
    after = rates.paces(session, NOW + 19 * MINUTE)[KEY]
    assert after == pytest.approx(2 * start)
    assert rates.paces(session, NOW + 30 * MINUTE) == {}
    assert rates.paces(session, NOW + timedelta(days=365)) == {}
    # The next storm begins anew.
    assert rates.throttle(session, KEY, 2.0, NOW + 30 * MINUTE) == 1.0


def test_a_learned_pace_holds_beside_the_rates_of_its_key_alone(session: Session) -> None:
    rates.throttle(session, KEY, 8.0, NOW)
    assert take(session, 500, "10/s") == Grant(4, NOW + SECOND)
    assert take(session, 500, "10/s", key="domain:example.org").granted == 10
    assert rates.paces(session, NOW, ["domain:example.org"]) == {}


def test_workers_that_meet_the_same_storm_halve_the_pace_once(database: Database) -> None:
    start = threading.Barrier(4)

    def work(_: int) -> float:
        start.wait()
        with database.transaction() as session:
            return rates.throttle(session, KEY, 8.0, NOW)

    with ThreadPoolExecutor(4) as workers:
        assert list(workers.map(work, range(4))) == [4.0] * 4


def test_a_warm_up_bounds_the_first_days_of_a_relay(session: Session) -> None:
    own = (Rate(10, 1),)

    def today(days: int) -> tuple[Rate, ...]:
        now = datetime(2026, 11, 23, 23, 59, tzinfo=UTC) + timedelta(days=days)
        return rates.allowance(session, "primary", own, (50, 100), now)

    assert today(0) == (*own, Rate(50, 86400))
    assert session.get_one(model.Relay, "primary").first_used_on == date(2026, 11, 23)
    assert today(1) == (*own, Rate(100, 86400))
    assert today(2) == own
    wants = {KEY: Want(500, (Rate(200, 86400), Rate(50, 86400)))}
    assert rates.take(session, wants, NOW)[KEY] == Grant(50, MIDNIGHT)


def test_a_relay_that_had_trouble_before_its_first_use_begins_with_it(session: Session) -> None:
    make.relay(session, name="primary", failures=1, words="refused")
    assert rates.allowance(session, "primary", (), (50,), NOW) == (Rate(50, 86400),)
    row = session.get_one(model.Relay, "primary", populate_existing=True)
    assert (row.first_used_on, row.words) == (NOW.date(), "refused")
    assert rates.allowance(session, "primary", (), (), NOW) == ()
