"""Messages of payment services become gifts; what tells of no gift is passed over."""

import json
import re
from contextlib import suppress
from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from make import NOW
from newsletter.errors import Invalid
from newsletter.support import (
    Gift,
    Verdict,
    gift_of_message,
    gift_of_stripe,
    judge_stripe,
    sign,
)

TODAY = date(2026, 11, 25)
CREATED = 1795521600  # 24 November 2026, 12:00 UTC
GIFT = Gift(date(2026, 11, 24), Decimal("12.50"), "EUR", "12-3", "ann@example.org", "pi_1")


def stripe(kind: str = "checkout.session.completed", event: str = "evt_1", **thing: Any) -> bytes:
    paid = {"id": "cs_1", "mode": "payment", "payment_status": "paid", "currency": "eur"}
    told = {"amount_total": 1250, "client_reference_id": "12-3", "payment_intent": "pi_1"}
    giver = {"customer_details": {"email": "ann@example.org"}}
    data = {"object": paid | told | giver | thing}
    return json.dumps({"id": event, "type": kind, "created": CREATED, "data": data}).encode()


def test_a_checkout_that_was_paid_is_a_gift() -> None:
    assert gift_of_stripe(stripe(), TODAY) == GIFT
    later = stripe("checkout.session.async_payment_succeeded")
    assert gift_of_stripe(later, TODAY) == GIFT


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
    found = gift_of_stripe(stripe(**thing), TODAY)
    assert found
    assert (found.reference, found.address, found.transaction) == gift


@pytest.mark.parametrize(
    ("currency", "units", "amount"),
    [
        ("pln", 1, "0.01"),
        ("jpy", 500, "500.00"),
        ("kwd", 12500, "12.50"),
        ("huf", 150000, "1500.00"),
    ],
)
def test_an_amount_is_told_in_the_smallest_unit(currency: str, units: int, amount: str) -> None:
    found = gift_of_stripe(stripe(currency=currency, amount_total=units), TODAY)
    assert found
    assert (found.amount, found.currency) == (Decimal(amount), currency.upper())


@pytest.mark.parametrize(
    "place",
    [
        {"parent": {"subscription_details": {"metadata": {"reference": "12-3"}}}},
        {"subscription_details": {"metadata": {"reference": "12-3"}}},
        {"metadata": {"reference": "12-3"}},
    ],
)
def test_a_gift_that_comes_back_is_told_by_its_invoices(place: dict[str, Any]) -> None:
    invoice: dict[str, Any] = {
        "id": "in_1",
        "amount_paid": 500,
        "customer_email": "ann@example.org",
    } | place
    body = stripe("invoice.paid", **invoice)
    expected = Gift(date(2026, 11, 24), Decimal(5), "EUR", "12-3", "ann@example.org", "in_1")
    assert gift_of_stripe(body, TODAY) == expected
    assert gift_of_stripe(stripe(mode="subscription"), TODAY) is None


@pytest.mark.parametrize(
    "body",
    [
        stripe("charge.refunded"),
        stripe("payment_intent.succeeded"),
        stripe(payment_status="unpaid"),
        stripe(mode="setup"),
        stripe(amount_total=0),
        b'{"id": "evt_1"}',
        b'{"id": "evt_1", "type": ["x"]}'.replace(b'["x"]', b"null"),
    ],
)
def test_an_event_about_something_else_is_no_gift(body: bytes) -> None:
    assert gift_of_stripe(body, TODAY) is None


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"[" * 100_000, "not JSON"),
        (stripe(amount_total=-5), "amount: “-0.05” is below zero"),
        (stripe(amount_total="12"), "amount: the amount is missing"),
        (stripe(currency=None), "currency: “” is no currency"),
        (stripe(client_reference_id="r" * 201), "reference: it has 201 characters"),
    ],
)
def test_a_gift_that_is_told_wrongly_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(says)):
        gift_of_stripe(body, TODAY)


def test_a_message_of_any_other_service() -> None:
    told = {"id": "m1", "date": "2026-11-24", "amount": 12.5, "currency": "eur"}
    expected = Gift(date(2026, 11, 24), Decimal("12.50"), "EUR", transaction="m1")
    assert gift_of_message(json.dumps(told).encode(), TODAY) == expected
    more = told | {"amount": "12.50", "reference": "12-3", "address": "ann@example.org"}
    assert gift_of_message(json.dumps(more | {"transaction": "pi_1"}).encode(), TODAY) == GIFT
    with pytest.raises(Invalid, match=r"date: the date is missing; amount: .*; currency: "):
        gift_of_message(b'{"id": "m1"}', TODAY)


@given(st.binary(max_size=100) | st.sampled_from([stripe(created=1)]))
def test_whatever_is_told_nothing_breaks(body: bytes) -> None:
    with suppress(Invalid):
        gift_of_stripe(body, TODAY)
    with suppress(Invalid):
        gift_of_message(body, TODAY)


def test_replayed_reordered_forged_and_late_messages_leave_the_right_sum() -> None:
    now = int(NOW.timestamp())
    genuine = [
        (stripe(event=f"evt_{n}", amount_total=n * 100, payment_intent=f"pi_{n}"), now - n)
        for n in (1, 2, 3)
    ]
    sent = [(body, at, sign(body, at, "whsec")) for body, at in genuine]
    again = [(body, now, sign(body, now, "whsec")) for body, _ in genuine[:2]]
    forged = [(stripe(event="evt_8"), now, sign(stripe(event="evt_8"), now, "guess"))]
    raised = [(sent[0][0].replace(b"100", b"900"), *sent[0][1:])]
    late = [(stripe(event="evt_9"), now - 900, sign(stripe(event="evt_9"), now - 900, "whsec"))]
    for order in permutations([sent[0], sent[2], again[0], raised[0], forged[0], late[0]]):
        known: set[str] = set()
        total = Decimal(0)
        for body, at, signature in (*order, sent[1], again[1], *sent):
            judged = judge_stripe(body, f"t={at},v1={signature}", ["whsec"], NOW, known)
            if judged.verdict is Verdict.GENUINE and (gift := gift_of_stripe(body, TODAY)):
                known.add(judged.event)
                total += gift.amount
        assert (total, known) == (Decimal(6), {"evt_1", "evt_2", "evt_3"})
