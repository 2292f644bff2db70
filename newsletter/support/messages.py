"""Genuine messages of payment services -> gifts; ``webhooks`` has judged them before.

Of Stripe the checkouts that were paid and the invoices of gifts that come back by the month; of any
other service one plain form. Messages about something else are no gifts and no mistakes.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from newsletter.errors import Invalid
from newsletter.support.currencies import of_units
from newsletter.support.gifts import Gift, read_gift

_CHECKOUTS = {"checkout.session.completed", "checkout.session.async_payment_succeeded"}


def gift_of_stripe(body: bytes, today: date) -> Gift | None:
    """Return the gift that an event of Stripe tells of, None if it tells of none; raise Invalid.

    The reference is ``client_reference_id``, which a payment link takes from its address; a gift
    that comes back has it in ``metadata.reference``. A checkout that begins such a gift is left
    out, for its first invoice follows.
    """
    event = _object(body)
    thing = _mapping(_mapping(event.get("data")).get("object"))
    kind = event.get("type")
    if kind in _CHECKOUTS and (thing.get("mode"), thing.get("payment_status")) == (
        *("payment", "paid"),
    ):
        amount, reference = thing.get("amount_total"), thing.get("client_reference_id")
        details = _mapping(thing.get("customer_details"))
        address = details.get("email") or thing.get("customer_email")
        transaction = thing.get("payment_intent") or thing.get("id")
    elif kind == "invoice.paid":
        amount, transaction = thing.get("amount_paid"), thing.get("id")
        reference = _reference_of_invoice(thing)
        address = thing.get("customer_email")
    else:
        return None
    if amount == 0:
        return None  # a month that is free, or a voucher
    currency = str(thing.get("currency") or "").upper()
    fields = {
        "date": _day(event.get("created")),
        "amount": _money(amount, currency),
        "currency": currency,
        "reference": reference,
        "address": address,
        "transaction": transaction,
    }
    return read_gift({name: str(value or "") for name, value in fields.items()}, today)


def gift_of_message(body: bytes, today: date) -> Gift:
    """Return the gift of a message in our own form; raise Invalid with all that is wrong.

    It is a JSON object with ``id``, ``date``, ``amount`` and ``currency``, and if known
    ``reference``, ``address`` and ``transaction``; without the last its ``id`` stands for it.
    """
    said = _object(body)
    names = ("date", "amount", "currency", "reference", "address", "transaction")
    fields = {name: "" if said.get(name) is None else str(said[name]) for name in names}
    fields["transaction"] = fields["transaction"] or str(said.get("id") or "")
    return read_gift(fields, today)


def _reference_of_invoice(invoice: Mapping[str, Any]) -> object:
    """Find the reference where versions of Stripe's API have put it, the newest first."""
    parent = _mapping(_mapping(invoice.get("parent")).get("subscription_details"))
    older = _mapping(invoice.get("subscription_details"))
    places = (_mapping(each.get("metadata")) for each in (parent, older, invoice))
    return next((place["reference"] for place in places if place.get("reference")), "")


def _day(created: object) -> str:
    if not isinstance(created, int) or isinstance(created, bool) or not 0 <= created < 2**40:
        return ""
    try:
        return datetime.fromtimestamp(created, UTC).date().isoformat()
    except (OverflowError, ValueError):
        return ""


def _money(units: object, currency: str) -> str:
    """Write an amount that is told in the smallest unit of its currency."""
    if not isinstance(units, int) or isinstance(units, bool):
        return ""
    return f"{of_units(units, currency):.2f}"


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Invalid("The message is not JSON") from error
    if not isinstance(said, dict):
        raise Invalid("The message is not a JSON object")
    return said


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
