"""Movements: what payment services tell of payments, and what is left of each by all of it.

They come again, late and in any order; so nothing is added up as they come. What a donation amounts
to follows from the set of them, which has no order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from newsletter.model import MovementKind


@dataclass(frozen=True, slots=True)
class Movement:
    """What one ``event`` tells of a ``payment``; amounts are in the smallest unit of ``currency``.

    ``at`` is when it happened, ``since`` when the refund was asked for. ``thing`` is the refund or
    the dispute, or another name of the payment; ``series`` what a payment is one of.
    ``reference`` has the tag of a donate link; ``address`` is the giver's, and is kept nowhere.
    """

    event: str
    kind: MovementKind
    payment: str
    at: datetime
    since: datetime
    thing: str = ""
    series: str = ""
    units: int = 0
    currency: str = ""
    reference: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of one payment: ``payment`` is its name, of several the first."""

    payment: str
    given_on: date
    units: int
    currency: str
    returned: int
    reference: str


def balance(movements: Collection[Movement]) -> Balance | None:
    """Return what became of a payment by all that is told of it; None if it was not paid yet.

    Of several amounts the one told last holds, and of several tags the one told first.
    """
    paid = sorted(
        (each for each in movements if each.kind is MovementKind.PAID),
        key=lambda each: (each.at, each.event),
    )
    if not paid:
        return None
    last = paid[-1]
    named = [each for each in movements if each.kind is MovementKind.NAMED and each.reference]
    named.sort(key=lambda each: (each.at, each.event))
    returned = _refunded(movements) + _disputed(movements, last)
    return Balance(
        payment=min(each.payment for each in paid),
        given_on=min(each.at for each in paid).date(),
        units=last.units,
        currency=last.currency,
        returned=max(0, min(returned, last.units)),
        reference=next((each.reference for each in (*paid, *named) if each.reference), ""),
    )


def _refunded(movements: Iterable[Movement]) -> int:
    """Sum up what was paid back: the last total that was told, and the refunds that it lacks."""
    totals: dict[str, Movement] = {}
    refunds: dict[tuple[str, str], list[Movement]] = defaultdict(list)
    for each in movements:
        if each.kind is MovementKind.TOTAL:
            totals[each.payment] = max(totals.get(each.payment, each), each, key=_place)
        elif each.kind in {MovementKind.RETURNED, MovementKind.FAILED}:
            refunds[each.payment, each.thing].append(each)
    found = sum(total.units for total in totals.values())
    for (payment, _thing), told in refunds.items():
        found += _beside(told, totals.get(payment))
    return found


def _place(total: Movement) -> tuple[datetime, int, str]:
    return total.at, total.units, total.event


def _beside(told: Collection[Movement], total: Movement | None) -> int:
    """Return what one refund adds to a total, which may have been told before or after it."""
    units = max(each.units for each in told)
    failures = [each.at for each in told if each.kind is MovementKind.FAILED]
    failed_at = min(failures, default=None)
    in_total = (
        total is not None
        and min(each.since for each in told) <= total.at
        and (failed_at is None or failed_at > total.at)
    )
    if in_total:
        return -units if failed_at else 0
    return 0 if failed_at else units


def _disputed(movements: Iterable[Movement], paid: Movement) -> int:
    """Sum up what banks took back and did not give back; in another currency it counts whole."""
    taken: Mapping[str, list[Movement]] = defaultdict(list)
    for each in movements:
        if each.kind in {MovementKind.DISPUTED, MovementKind.WON}:
            taken[each.thing].append(each)
    found = 0
    for told in taken.values():
        if any(each.kind is MovementKind.WON for each in told):
            continue
        known = [each.units for each in told if each.currency == paid.currency]
        found += max(known, default=paid.units)
    return found
