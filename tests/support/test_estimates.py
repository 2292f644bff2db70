"""Intervals: as they were published, and as often right as they say."""

from random import Random

import pytest

from newsletter.support.estimates import (
    ENOUGH,
    Estimate,
    Sum,
    difference,
    income,
    level_for,
    share,
)

WILSON = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0, 0.1611),
    (1, 29): (0.0061, 0.1718),
}
"""Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I, method 3."""

NEWCOMBE = {
    ((56, 70), (48, 80)): (0.0524, 0.3339),
    ((9, 10), (3, 10)): (0.1705, 0.8090),
    ((6, 7), (2, 7)): (0.0582, 0.8062),
    ((5, 56), (0, 29)): (-0.0381, 0.1926),
    ((0, 10), (0, 20)): (-0.1611, 0.2775),
    ((0, 10), (0, 10)): (-0.2775, 0.2775),
    ((10, 10), (0, 20)): (0.6791, 1.0),
    ((10, 10), (0, 10)): (0.6075, 1.0),
}
"""Newcombe, Interval estimation for the difference, 1998, table II, method 10."""

GARWOOD = {10: (4.795, 18.390), 20: (12.217, 30.888), 30: (20.241, 42.827), 50: (37.111, 65.919)}
"""Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936), for 95 %."""


def test_intervals_are_as_they_were_published() -> None:
    for (count, of), ends in WILSON.items():
        found = share(count, of)
        assert found is not None
        assert (found.low, found.high) == pytest.approx(ends, abs=5e-5), (count, of)
    for (one, other), ends in NEWCOMBE.items():
        first, second = share(*one), share(*other)
        assert first is not None
        assert second is not None
        apart = difference(first, second)
        assert (apart.low, apart.high) == pytest.approx(ends, abs=6e-5), (one, other)
    for count, ends in GARWOOD.items():
        found = income(Sum.of([1.0] * count), 1_000)
        assert found is not None
        assert (found.value, found.low, found.high) == pytest.approx((count, *ends), abs=6e-4)


def test_what_cannot_be_told_is_not() -> None:
    assert share(0, 0) is None
    assert share(12, 10) is None, "more clicks than mails are no share"
    assert income(Sum.of([50.0] * (ENOUGH - 1)), 1_000) is None
    assert income(Sum.of([50.0] * ENOUGH), 0) is None
    assert not Estimate(1, -1, 3).is_apart
    assert Estimate(-2, -3, -1).is_apart
    assert level_for(1) == pytest.approx(0.95)
    assert level_for(10) == pytest.approx(0.995)
    wider, usual = share(30, 1_000, level_for(3)), share(30, 1_000)
    assert wider is not None
    assert usual is not None
    assert wider.low < usual.low < usual.high < wider.high


def test_income_is_the_less_sure_the_more_it_hangs_on_a_few_gifts() -> None:
    widths = []
    for amounts in ([50.0] * 20, [25.0] * 10 + [75.0] * 10, [5.0] * 19 + [905.0]):
        found = income(Sum.of(amounts), 10_000)
        assert found is not None
        assert found.value == pytest.approx(100)
        assert 0 < found.low < found.value < found.high
        widths.append(found.high - found.low)
    assert widths == sorted(widths)
    many = income(Sum(2_000, 100_000.0, 5_000_000.0, 50.0), 1_000_000)
    assert many is not None
    assert many.high - many.low == pytest.approx(2 * 1.96 * 100 / 2_000**0.5, rel=0.02)
    both = Sum.of([5.0, 20.0]).plus(Sum.of([100.0]))
    assert (both.count, both.total, both.squares, both.largest) == (3, 125, 10_425, 100)


SIZES = (10, 10, 20, 20, 20, 50, 50, 100, 250)


def _gifts(random: Random, mails: int, rate: float) -> Sum:
    """Draw what comes of mails: each brings a gift with a small probability, of unlike size."""
    count, left = 0, random.expovariate(rate * mails)
    while left < 1:
        count, left = count + 1, left + random.expovariate(rate * mails)
    return Sum.of(random.choices(SIZES, k=count))


def test_of_many_intervals_as_many_hold_the_truth_as_they_say() -> None:
    random, mails, rate = Random(1927), 20_000, 0.0015
    truth = 1_000 * rate * sum(SIZES) / len(SIZES)
    held = apart = wrong = 0
    rounds = 800
    for _ in range(rounds):
        one, other = (income(_gifts(random, mails, rate), mails) for _ in range(2))
        more = income(_gifts(random, mails, rate * 3), mails)
        assert one is not None
        assert other is not None
        held += one.low <= truth <= one.high
        wrong += difference(one, other).is_apart
        assert more is not None
        apart += difference(more, one).low > 0
    assert 0.94 <= held / rounds <= 0.99
    assert wrong / rounds <= 0.05, "two alike are seldom told apart"
    assert apart / rounds >= 0.85, "what brings three times as much is often told from it"
