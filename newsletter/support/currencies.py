"""Currencies: how many decimal places their smallest unit has (ISO 4217)."""

from decimal import Decimal

_WHOLE = frozenset(
    code
    for line in ("BIF CLP DJF GNF JPY KMF KRW MGA", "PYG RWF UGX VND VUV XAF XOF XPF")
    for code in line.split()
)
_IN_THOUSANDTHS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


_OF_STRIPE = {"UGX": 2}
"""Where Stripe tells amounts with more places than the currency has
(https://docs.stripe.com/currencies#special-cases); of ISK, which is alike, we know two anyway."""


def of_stripe(units: int, currency: str) -> Decimal:
    """Return the amount that Stripe tells as ``units``."""
    return Decimal(units).scaleb(-_OF_STRIPE.get(currency, _places(currency)))


def of_units(units: int, currency: str) -> Decimal:
    """Return the amount that is told in the smallest unit of its currency."""
    return Decimal(units).scaleb(-_places(currency))


def in_units(amount: Decimal, currency: str) -> int:
    """Tell an amount in the smallest unit of its currency; never less than one."""
    return max(1, round(amount.scaleb(_places(currency))))


def _places(currency: str) -> int:
    return 0 if currency in _WHOLE else 3 if currency in _IN_THOUSANDTHS else 2
