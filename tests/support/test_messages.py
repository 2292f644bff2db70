"""Messages of payment services become movements; what tells nothing of gifts is passed over."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.model import MovementKind
from newsletter.support import Movement, message_movement, stripe_movement

TODAY = date(2026, 11, 25)
CREATED = 1795521600  # 24 November 2026, 12:00 UTC
AT = datetime.fromtimestamp(CREATED, UTC)
GIFT = Movement(
    "evt_1",
    MovementKind.PAID,
    "pi_1",
    AT,
    AT,
    units=1250,
    currency="EUR",
    reference="12-3",
    address="ann@example.org",
)


def stripe(kind: str = "checkout.session.completed", event: str = "evt_1", **thing: Any) -> bytes:
    paid = {"id": "cs_1", "mode": "payment", "payment_status": "paid", "currency": "eur"}
    told = {"amount_total": 1250, "client_reference_id": "12-3", "payment_intent": "pi_1"}
    giver = {"customer_details": {"email": "ann@example.org"}}
    data = {"object": paid | told | giver | thing}
    return json.dumps({"id": event, "type": kind, "created": CREATED, "data": data}).encode()


def test_a_checkout_that_was_paid_is_a_gift() -> None:
    assert stripe_movement(stripe(), TODAY) == GIFT
    later = stripe("checkout.session.async_payment_succeeded")
    assert stripe_movement(later, TODAY) == GIFT


@pytest.mark.parametrize(
    ("thing", "gift"),
    [
        ({"client_reference_id": None, "customer_details": None}, ("", "", "pi_1")),
        (
            {"customer_details": None, "customer_email": "b@example.org"},
            ("12-3", "b@example.org", "pi_1"),
        ),
        ({"payment_intent": None}, ("12-3", "ann@example.org", "cs_1")),
    ],
)
def test_what_is_not_told_is_left_empty(thing: dict[str, Any], gift: tuple[str, str, str]) -> None:
    found = stripe_movement(stripe(**thing), TODAY)
    assert found
    assert (found.reference, found.address, found.payment) == gift


@pytest.mark.parametrize(
    ("currency", "units", "ours"),
    [
        ("pln", 1, 1),
        ("jpy", 500, 500),
        ("kwd", 12500, 12500),
        ("huf", 150000, 150000),
        ("isk", 50000, 50000),
        # The shilling has no smaller unit, and Stripe tells it in hundredths all the same.
        ("ugx", 50000, 500),
    ],
)
def test_an_amount_is_told_in_the_smallest_unit(currency: str, units: int, ours: int) -> None:
    found = stripe_movement(stripe(currency=currency, amount_total=units), TODAY)
    assert found
    assert (found.units, found.currency) == (ours, currency.upper())


@pytest.mark.parametrize(
    "place",
    [
        {"parent": {"subscription_details": {"metadata": {"reference": "12-3"}}}},
        {"subscription_details": {"metadata": {"reference": "12-3"}}},
        {"metadata": {"reference": "12-3"}},
    ],
)
def test_a_gift_that_comes_back_is_told_by_its_invoices(place: dict[str, Any]) -> None:
    invoice: dict[str, Any] = {"id": "in_1", "amount_paid": 500, "payment_intent": "pi_9"}
    invoice |= {"customer_email": "ann@example.org", "subscription": "sub_1"}
    body = stripe("invoice.paid", **invoice | place)
    expected = replace(GIFT, payment="in_1", thing="pi_9", series="sub_1", units=500)
    assert stripe_movement(body, TODAY) == expected
    newer: dict[str, Any] = {"parent": {"subscription_details": {"subscription": "sub_1"}}}
    newer["parent"]["subscription_details"] |= {"metadata": {"reference": "12-3"}}
    body = stripe("invoice.paid", **invoice | newer | {"subscription": None})
    assert stripe_movement(body, TODAY) == expected


def test_a_checkout_that_begins_such_a_gift_says_by_which_link_it_came() -> None:
    body = stripe(mode="subscription", subscription="sub_1")
    named = Movement("evt_1", MovementKind.NAMED, "sub_1", AT, AT, reference="12-3")
    assert stripe_movement(body, TODAY) == named
    assert stripe_movement(stripe(mode="subscription"), TODAY) is None
    payment = {"type": "payment_intent", "payment_intent": "pi_9"}
    body = stripe("invoice_payment.paid", invoice="in_1", payment=payment)
    same = Movement("evt_1", MovementKind.SAME, "in_1", AT, AT, "pi_9")
    assert stripe_movement(body, TODAY) == same


INTENT: dict[str, Any] = {"id": "pi_1", "amount_received": 1250, "metadata": {"reference": "12-3"}}
REFUND: dict[str, Any] = {
    "id": "re_1",
    "payment_intent": "pi_1",
    "amount": 400,
    "created": CREATED - 60,
}
DISPUTE: dict[str, Any] = {
    "id": "dp_1",
    "payment_intent": None,
    "charge": "ch_1",
    "amount": 1250,
    "created": 5,
}


@pytest.mark.parametrize(
    ("kind", "thing", "about", "payment", "other", "units"),
    [
        ("payment_intent.succeeded", INTENT, "paid", "pi_1", "", 1250),
        ("charge.refunded", {"amount_refunded": 700}, "total", "pi_1", "", 700),
        ("charge.refunded", {"amount_refunded": 0}, "total", "pi_1", "", 0),
        ("refund.created", REFUND | {"status": "pending"}, "returned", "pi_1", "re_1", 400),
        ("refund.failed", REFUND | {"status": "failed"}, "failed", "pi_1", "re_1", 400),
        ("charge.refund.updated", REFUND | {"status": "canceled"}, "failed", "pi_1", "re_1", 400),
        (
            *("charge.dispute.created", DISPUTE | {"status": "needs_response"}),
            *("disputed", "ch_1", "dp_1", 1250),
        ),
        ("charge.dispute.closed", DISPUTE | {"status": "lost"}, "disputed", "ch_1", "dp_1", 1250),
        ("charge.dispute.closed", DISPUTE | {"status": "won"}, "won", "ch_1", "dp_1", 1250),
    ],
)
def test_what_else_happens_to_a_payment(
    kind: str, thing: dict[str, Any], about: str, payment: str, other: str, units: int
) -> None:
    found = stripe_movement(stripe(kind, **thing), TODAY)
    assert found
    told = (found.kind, found.payment, found.thing, found.units)
    assert told == (MovementKind(about), payment, other, units)
    assert found.since.timestamp() == thing.get("created", CREATED)


@pytest.mark.parametrize(
    "body",
    [
        stripe("customer.created"),
        stripe("payment_intent.succeeded"),  # of something that is sold
        stripe("payment_intent.succeeded", **INTENT | {"invoice": "in_1"}),
        stripe("payment_intent.payment_failed", **INTENT),
        stripe("charge.dispute.created", **DISPUTE, status="warning_needs_response"),
        stripe("invoice_payment.paid", invoice="in_1", payment={"type": "charge"}),
        stripe(payment_status="unpaid"),
        stripe(mode="setup"),
        stripe(amount_total=0),
        b'{"id": "evt_1"}',
        b'{"id": "evt_1", "type": ["x"]}'.replace(b'["x"]', b"null"),
    ],
)
def test_an_event_about_something_else_is_no_gift(body: bytes) -> None:
    assert stripe_movement(body, TODAY) is None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"[" * 100_000, "not JSON"),
        (stripe(event="evt_\0"), "id: it is a name"),
        (stripe(payment_intent="p" * 300), "payment: it is a name"),
        (stripe(payment_intent=["x"]), "payment: it is a name"),
        (stripe("charge.refunded", payment_intent=None, id=None), "payment: it is a name"),
        (stripe(amount_total=-5), "amount: “-0.05” is below zero"),
        (stripe(amount_total=10**40), "amount: "),
        (stripe(amount_total="12"), "amount: the amount is missing"),
        (stripe(currency=None), "currency: “” is no currency"),
        (stripe(client_reference_id="r" * 201), "reference: it has 201 characters"),
    ],
)
def test_a_gift_that_is_told_wrongly_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(says)):
        stripe_movement(body, TODAY)


def message(**facts: Any) -> Movement | None:
    told = {"id": "m1", "date": "2026-11-24", "amount": 12.5, "currency": "eur"} | facts
    return message_movement(json.dumps(told).encode(), TODAY)


def test_a_message_of_any_other_service() -> None:
    day = datetime(2026, 11, 24, tzinfo=UTC)
    expected = replace(GIFT, event="m1", payment="m1", at=day, since=day)
    assert message() == replace(expected, reference="", address="")
    facts = {"reference": "12-3", "address": "ann@example.org", "type": "gift"}
    assert message(amount="12.50", transaction="pi_1", **facts) == replace(expected, payment="pi_1")
    back = message(type="refund", transaction="pi_1", amount=4)
    assert back
    assert (back.kind, back.payment, back.thing) == (MovementKind.RETURNED, "pi_1", "m1")
    assert (back.units, message(type="pledge")) == (400, None)
    with pytest.raises(Invalid, match=r"date: the date is missing; amount: .*; currency: "):
        message_movement(b'{"id": "m1"}', TODAY)
    wrong: list[dict[str, Any]] = [{"type": "refund"}, {"id": "m\ud800"}, {"id": 5}]
    for each in (*wrong, {"transaction": "t\0"}):
        with pytest.raises(Invalid, match=r"^(id|transaction): "):
            message(**each)


@given(st.binary(max_size=100) | st.sampled_from([stripe(created=1)]))
def test_whatever_is_told_nothing_breaks(body: bytes) -> None:
    with suppress(Invalid):
        stripe_movement(body, TODAY)
    with suppress(Invalid):
        message_movement(body, TODAY)
