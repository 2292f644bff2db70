"""Genuine messages of payment services -> movements; ``webhooks`` has judged them before.

Of Stripe the checkouts and payments that were made, the invoices of gifts that come back by the
month, refunds and disputes; of any other service one plain form. Messages about something else are
no movements and no mistakes.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from newsletter.errors import Invalid
from newsletter.model import MovementKind
from newsletter.support.currencies import in_units, of_stripe
from newsletter.support.gifts import read_gift
from newsletter.support.movements import Movement

STRIPE_EVENTS = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "payment_intent.succeeded",
    "invoice.paid",
    "invoice_payment.paid",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.closed",
)
"""What is to be asked of Stripe; it may send more."""

_REFUNDS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
_DISPUTES = tuple(
    f"charge.dispute.{what}"
    for what in ("created", "updated", "closed", "funds_withdrawn", "funds_reinstated")
)
_LONGEST = 255


def stripe_movement(body: bytes, today: date) -> Movement | None:
    """Return what an event of Stripe tells of a payment, None if it tells nothing; raise Invalid.

    The reference is ``client_reference_id``, which a payment link takes from its address, or
    ``metadata.reference``. Of a payment that no checkout is known of, only the latter shows that
    it is a gift: an account may sell something, too.
    """
    event = _object(body)
    thing = _mapping(_mapping(event.get("data")).get("object"))
    kind = event.get("type")
    read = _READERS.get(kind) if isinstance(kind, str) else None
    told = read(thing) if read else None
    if told is None:
        return None
    about, facts = told
    at = _moment(event.get("created"))
    name = _name(event.get("id"), "id")
    payment = _name(facts.pop("payment"), "payment")
    other, series = (
        _name(facts.pop(each), each) if facts.get(each) else "" for each in ("thing", "series")
    )
    since = _moment(facts.pop("since", None) or event.get("created"))
    currency = str(facts.pop("currency", "") or "").upper()
    units = facts.pop("units", None)
    if about in {MovementKind.SAME, MovementKind.NAMED}:
        reference = str(facts.get("reference") or "")[:_LONGEST]
        return Movement(name, about, payment, at, since, other, series, reference=reference)
    if units == 0 and about is MovementKind.PAID:
        return None  # a month that is free, or a voucher
    gift = read_gift(
        {
            "date": at.date().isoformat(),
            "amount": _money(units, currency, may_be_nothing=about is not MovementKind.PAID),
            "currency": currency,
            "reference": str(facts.get("reference") or ""),
            "address": str(facts.get("address") or ""),
            "transaction": payment,
        },
        today,
    )
    told_units = 0 if units == 0 else in_units(gift.amount, gift.currency)
    return Movement(
        name,
        about,
        payment,
        at,
        since,
        other,
        series,
        told_units,
        currency,
        gift.reference,
        gift.address,
    )


def message_movement(body: bytes, today: date) -> Movement | None:
    """Return what a message in our own form tells; raise Invalid with all that is wrong.

    It is a JSON object with ``id``, ``date``, ``amount`` and ``currency``, and if known
    ``reference``, ``address`` and ``transaction``; without the last its ``id`` stands for it. With
    the ``type`` refund it tells what was paid back of a ``transaction``.
    """
    said = _object(body)
    kind = said.get("type") or "gift"
    if kind not in ("gift", "refund"):
        return None
    name = _name(said.get("id"), "id")
    fields = ("date", "amount", "currency", "reference", "address", "transaction")
    texts = {each: "" if said.get(each) is None else str(said[each]) for each in fields}
    is_gift = kind == "gift"
    if not texts["transaction"] and not is_gift:
        raise Invalid("transaction: say of which gift it was paid back")
    texts["transaction"] = texts["transaction"] or name
    gift = read_gift(texts, today)
    at = datetime.combine(gift.given_on, time(), UTC)
    return Movement(
        name,
        MovementKind.PAID if is_gift else MovementKind.RETURNED,
        gift.transaction,
        at,
        since=at,
        thing="" if is_gift else name,
        units=in_units(gift.amount, gift.currency),
        currency=gift.currency,
        reference=gift.reference,
        address=gift.address,
    )


_Told = tuple[MovementKind, dict[str, Any]] | None


def _checkout(thing: Mapping[str, Any]) -> _Told:
    metadata = _mapping(thing.get("metadata"))
    reference = thing.get("client_reference_id") or metadata.get("reference")
    if thing.get("mode") == "subscription" and thing.get("subscription") and reference:
        # Its invoices do not know by which link it came.
        return MovementKind.NAMED, {"payment": thing["subscription"], "reference": reference}
    if (thing.get("mode"), thing.get("payment_status")) != ("payment", "paid"):
        return None
    details = _mapping(thing.get("customer_details"))
    return MovementKind.PAID, {
        "payment": _id(thing.get("payment_intent")) or thing.get("id"),
        "units": thing.get("amount_total"),
        "currency": thing.get("currency"),
        "reference": reference,
        "address": details.get("email") or thing.get("customer_email"),
    }


def _intent(thing: Mapping[str, Any]) -> _Told:
    reference = _mapping(thing.get("metadata")).get("reference")
    if not reference or thing.get("invoice"):
        return None
    return MovementKind.PAID, {
        "payment": thing.get("id"),
        "units": thing.get("amount_received"),
        "currency": thing.get("currency"),
        "reference": reference,
        "address": thing.get("receipt_email"),
    }


def _invoice(thing: Mapping[str, Any]) -> _Told:
    """Read an invoice; versions of the API have its payment and subscription in several places."""
    parent = _mapping(_mapping(thing.get("parent")).get("subscription_details"))
    older = _mapping(thing.get("subscription_details"))
    places = (_mapping(each.get("metadata")) for each in (parent, older, thing))
    return MovementKind.PAID, {
        "payment": thing.get("id"),
        "units": thing.get("amount_paid"),
        "currency": thing.get("currency"),
        "reference": next((each["reference"] for each in places if each.get("reference")), ""),
        "address": thing.get("customer_email"),
        "thing": _id(thing.get("payment_intent")),
        "series": _id(parent.get("subscription")) or _id(thing.get("subscription")),
    }


def _invoice_payment(thing: Mapping[str, Any]) -> _Told:
    payment = _id(_mapping(thing.get("payment")).get("payment_intent"))
    invoice = _id(thing.get("invoice"))
    return (MovementKind.SAME, {"payment": invoice, "thing": payment}) if payment else None


def _charge(thing: Mapping[str, Any]) -> _Told:
    return MovementKind.TOTAL, {
        "payment": _id(thing.get("payment_intent")) or thing.get("id"),
        "units": thing.get("amount_refunded"),
        "currency": thing.get("currency"),
    }


def _refund(thing: Mapping[str, Any]) -> _Told:
    is_off = thing.get("status") in ("failed", "canceled")
    return MovementKind.FAILED if is_off else MovementKind.RETURNED, _taken_back(thing)


def _dispute(thing: Mapping[str, Any]) -> _Told:
    status = str(thing.get("status") or "")
    if status.startswith("warning_"):
        return None  # the bank asks, and takes nothing yet
    is_won = status in {"won", "prevented"}
    return MovementKind.WON if is_won else MovementKind.DISPUTED, _taken_back(thing)


def _taken_back(thing: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "payment": _id(thing.get("payment_intent")) or _id(thing.get("charge")),
        "thing": thing.get("id"),
        "units": thing.get("amount"),
        "currency": thing.get("currency"),
        "since": thing.get("created"),
    }


_READERS: Mapping[str, Callable[[Mapping[str, Any]], _Told]] = {
    "checkout.session.completed": _checkout,
    "checkout.session.async_payment_succeeded": _checkout,
    "payment_intent.succeeded": _intent,
    "invoice.paid": _invoice,
    "invoice.payment_succeeded": _invoice,
    "invoice_payment.paid": _invoice_payment,
    "charge.refunded": _charge,
    **dict.fromkeys(_REFUNDS, _refund),
    **dict.fromkeys(_DISPUTES, _dispute),
}


def _id(value: object) -> object:
    """Return the name of what is told by its name, or whole."""
    return _mapping(value).get("id") if isinstance(value, dict) else value


def _name(value: object, field: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or not value.isprintable():
        raise Invalid(f"{field}: it is a name of up to {_LONGEST} characters")
    return value


def _moment(seconds: object) -> datetime:
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 <= seconds < 2**35:
        raise Invalid("created: it is in seconds since 1970")
    return datetime.fromtimestamp(seconds, UTC)


def _money(units: object, currency: str, *, may_be_nothing: bool) -> str:
    """Write an amount as Stripe tells it; nothing is written as one that is passed over later."""
    if not isinstance(units, int) or isinstance(units, bool):
        return ""
    if units == 0 and may_be_nothing:
        return "1.00"
    return f"{of_stripe(units, currency):.2f}"


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
