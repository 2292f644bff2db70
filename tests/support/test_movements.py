"""What is left of a payment follows from all that is told of it, in whatever order it comes."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW
from newsletter.model import MovementKind
from newsletter.support import Movement, balance

MINUTE = timedelta(minutes=1)
_KINDS = {kind.value: kind for kind in MovementKind}


def told(kind: str, event: str, units: int = 0, at: int = 0, **facts: Any) -> Movement:
    """Tell something of a payment that happened ``at`` a minute."""
    moment = NOW + at * MINUTE
    since = NOW + facts.pop("since", at) * MINUTE
    names = {"currency": "EUR"} | facts
    return Movement(event, _KINDS[kind], "pi_1", moment, since, units=units, **names)


PAID = told("paid", "e1", 5_000, reference="tag")
FIRST = told("returned", "e2", 1_000, at=1, thing="re_1")
SECOND = told("returned", "e3", 500, at=5, thing="re_2")
FAILED = told("failed", "e4", 1_000, at=7, since=1, thing="re_1")
DISPUTE = told("disputed", "e5", 5_000, at=8, thing="dp_1")


@pytest.mark.parametrize(
    ("movements", "returned"),
    [
        ([PAID], 0),
        ([PAID, FIRST], 1_000),
        ([PAID, FIRST, SECOND], 1_500),
        ([PAID, FIRST, SECOND, FAILED], 500),
        # A total tells all until then, whether its refunds are told of too or not.
        ([PAID, told("total", "e9", 1_000, at=1)], 1_000),
        ([PAID, told("total", "e9", 1_000, at=1), FIRST], 1_000),
        ([PAID, told("total", "e9", 1_000, at=1), FIRST, SECOND], 1_500),
        ([PAID, told("total", "e9", 1_000, at=1), told("total", "e8", 1_500, at=5)], 1_500),
        ([PAID, told("total", "e9", 1_500, at=5), FAILED], 500),
        ([PAID, told("total", "e9", 1_500, at=5), FIRST, SECOND, FAILED], 500),
        ([PAID, told("total", "e9", 500, at=8), FIRST, SECOND, FAILED], 500),
        # A bank takes all back, and gives it back or does not.
        ([PAID, DISPUTE], 5_000),
        ([PAID, FIRST, DISPUTE], 5_000),
        ([PAID, DISPUTE, told("disputed", "e6", 5_000, at=9, thing="dp_1")], 5_000),
        ([PAID, FIRST, DISPUTE, told("won", "e6", 5_000, at=9, thing="dp_1")], 1_000),
        ([PAID, told("disputed", "e5", 5_700, thing="dp_1", currency="USD")], 5_000),
        # The checkout and its payment are one gift, with the tag of either.
        ([PAID, told("paid", "e0", 5_000, at=-1), FIRST], 1_000),
    ],
)
def test_what_was_paid_back_in_every_order(movements: list[Movement], returned: int) -> None:
    for order in permutations(movements):
        found = balance(order)
        assert found
        assert (found.units, found.returned, found.reference) == (5_000, returned, "tag")


def test_before_it_was_paid_nothing_is_given() -> None:
    assert balance([FIRST, DISPUTE, told("total", "e9", 100)]) is None
    assert balance([]) is None


def test_the_amount_told_last_holds_and_the_first_day() -> None:
    later = told("paid", "e7", 7_000, at=24 * 60)
    found = balance([later, PAID])
    assert found
    assert (found.units, found.given_on) == (7_000, NOW.date())


def _any_movement(number: int) -> st.SearchStrategy[Movement]:
    minutes = st.integers(0, 20)
    return st.builds(
        lambda kind, units, at, since, thing: told(
            kind, f"e{number}", units, at, since=min(at, since), thing=thing
        ),
        st.sampled_from(["paid", "returned", "failed", "total", "disputed", "won", "named"]),
        st.integers(0, 9_000),
        minutes,
        minutes,
        st.sampled_from(["a", "b"]),
    )


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(*map(_any_movement, range(n)))), st.randoms())
def test_whatever_is_told_in_any_order_leaves_the_same(
    movements: tuple[Movement, ...], lot: Any
) -> None:
    other = list(movements)
    lot.shuffle(other)
    found = balance(movements)
    assert balance(other) == found
    assert found is None or 0 <= found.returned <= found.units
