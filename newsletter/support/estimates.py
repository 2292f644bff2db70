"""How far numbers can be trusted: intervals for shares, for income, and for the difference of two.

An interval of 95 % is made so that, of many made in the same way, 95 in a hundred hold the number
that one would find with readers without end. Where several statements are made of one set of
numbers, each is made with more caution, so that all of them hold together as often (Bonferroni).

- Shares: Wilson, Probable inference, the law of succession, and statistical inference, Journal of
  the American Statistical Association 22 (1927) 209-212.
- Income: gifts come by chance and are unlike in size, a compound Poisson process. Fay and Feuer,
  Confidence intervals for directly standardized rates: a method based on the gamma distribution,
  Statistics in Medicine 16 (1997) 791-801, with each gift as a weight; for gifts that are all alike
  that is the exact interval of Garwood (1936) for their number.
- Differences: Newcombe, Interval estimation for the difference between independent proportions,
  Statistics in Medicine 17 (1998) 873-890, method 10; for any two estimates that are independent,
  Zou and Donner, Construction of confidence limits about effect measures, Statistics in Medicine 27
  (2008) 1693-1702.

None of this holds for fewer than ``ENOUGH`` gifts, and it flatters where sums hang on a rare gift
much larger than all that have come yet. Clicks of programs are no readers, and whoever clicks twice
is counted twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, lgamma, log, sqrt
from statistics import NormalDist

ENOUGH = 10
"""With fewer gifts nothing is said of income or of how many gave."""
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with the interval in which it is believed to be."""

    value: float
    low: float
    high: float

    @property
    def is_apart(self) -> bool:
        """Tell whether a difference is one: nothing is not within the interval."""
        return self.low > 0 or self.high < 0

    def times(self, factor: float) -> "Estimate":
        """Return it in another measure, such as of a thousand."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True)
class Sum:
    """Gifts in one currency: how many, their sum, the sum of their squares, and the largest."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0
    largest: float = 0.0

    @classmethod
    def of(cls, amounts: Iterable[float]) -> "Sum":
        """Sum up amounts."""
        given = list(amounts)
        squares = sum(each * each for each in given)
        return cls(len(given), sum(given), squares, max(given, default=0.0))

    def plus(self, other: "Sum") -> "Sum":
        """Return both together."""
        return Sum(
            self.count + other.count,
            self.total + other.total,
            self.squares + other.squares,
            max(self.largest, other.largest),
        )


def share(count: int, of: int, level: float = LEVEL) -> Estimate | None:
    """Estimate a share by the interval of Wilson (1927); None where it is none.

    Clicks may be more than the mails in which they were made.
    """
    if not 0 <= count <= of or not of:
        return None
    z, p = _z(level), count / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low = max(0.0, middle - reach) if count else 0.0
    return Estimate(p, low, min(1.0, middle + reach) if count < of else 1.0)


def income(given: Sum, sent: int, level: float = LEVEL) -> Estimate | None:
    """Estimate what a thousand mails bring, by the interval of Fay and Feuer (1997).

    None for fewer than ``ENOUGH`` gifts, of which nothing can be said.
    """
    if given.count < ENOUGH or not sent:
        return None
    total, spread, largest, tail = given.total, given.squares, given.largest, (1 - level) / 2
    low = spread / total * _gamma_quantile(tail, total**2 / spread)
    over, wide = total + largest, spread + largest**2
    high = wide / over * _gamma_quantile(1 - tail, over**2 / wide)
    return Estimate(total, low, high).times(1_000 / sent)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """Estimate how much more ``one`` is than ``other``, of which it is independent.

    The interval is as sure as theirs: Newcombe (1998) for shares, Zou and Donner (2008) for all.
    """
    apart = one.value - other.value
    down = sqrt((one.value - one.low) ** 2 + (other.high - other.value) ** 2)
    up = sqrt((one.high - one.value) ** 2 + (other.value - other.low) ** 2)
    return Estimate(apart, apart - down, apart + up)


def level_for(statements: int) -> float:
    """Return how sure each of several statements has to be for all to hold in 95 of a hundred."""
    return 1 - (1 - LEVEL) / max(1, statements)


def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def _gamma_quantile(p: float, shape: float) -> float:
    """Return below which number a gamma variable of scale 1 stays with probability ``p``.

    Wilson and Hilferty (1931) come near; Newton's steps do the rest, where it is not near enough.
    """
    z = NormalDist().inv_cdf(p)
    x: float = shape * max(0.01, 1 - 1 / (9 * shape) + z / (3 * sqrt(shape))) ** 3
    for _ in range(60 if shape < 1_000 else 0):
        density = exp((shape - 1) * log(x) - x - lgamma(shape))
        step = (_gamma(shape, x) - p) / density
        x = x - step if step < x else x / 2
        if abs(step) < 1e-10 * x:
            break
    return x


def _gamma(shape: float, x: float) -> float:
    """Return the probability that a gamma variable of scale 1 is below ``x``: its series."""
    term = total = 1 / shape
    place = shape
    while term > 1e-15 * total:
        place += 1
        term *= x / place
        total += term
    return total * exp(shape * log(x) - x - lgamma(shape))
