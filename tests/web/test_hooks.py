"""Hooks: what payment services post, signed, through the whole application."""

import json
import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as moderately
from hypothesis import strategies as st
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

import make
from newsletter import model, support
from newsletter.database import Database
from newsletter.model import HookKind
from newsletter.support import sign
from web.conftest import Site

SECRET = "whsec_0123456789abcdef"
ADDRESS = "ann.giver@example.org"


def add(database: Database, publication: int, kind: HookKind = HookKind.STRIPE) -> int:
    with database.transaction() as session:
        columns = {"source": "Stripe"} if kind is HookKind.STRIPE else {}
        return make.hook(
            session, kind=kind, publication_id=publication, secret=SECRET, **columns
        ).id


def post(
    client: FlaskClient,
    number: int,
    body: bytes,
    *,
    secret: str = SECRET,
    ago: int = 0,
    header: str | None = None,
) -> TestResponse:
    """Post a message as Stripe does."""
    at = int(time.time()) - ago
    signed = f"t={at},v1={sign(body, at, secret)}" if header is None else header
    return client.post(f"/hooks/stripe/{number}", data=body, headers={"Stripe-Signature": signed})


def event(name: str, kind: str, at: int = 0, **thing: Any) -> bytes:
    """Write an event of Stripe; ``at`` a second of today."""
    today = datetime.now(UTC) - timedelta(days=1)
    created = int(today.timestamp()) // 86_400 * 86_400 + at
    told = {"id": name, "type": kind, "created": created, "data": {"object": thing}}
    if "since" in thing:
        thing["created"] = created - at + thing.pop("since")
    return json.dumps(told).encode()


def paid(name: str, payment: str = "pi_1", units: int = 5_000, at: int = 0, **more: Any) -> bytes:
    return event(
        name,
        "checkout.session.completed",
        at,
        mode="payment",
        payment_status="paid",
        payment_intent=payment,
        amount_total=units,
        **{"currency": "eur", "customer_details": {"email": ADDRESS}} | more,
    )


def sums(database: Database) -> list[tuple[Any, ...]]:
    row = model.Donation
    with database.reading() as session:
        columns = (row.reference, row.amount, row.returned, row.currency, row.issue_id)
        return [tuple(each) for each in session.execute(select(*columns).order_by(row.reference))]


def story(site: Site) -> tuple[list[bytes], list[tuple[Any, ...]]]:
    """Tell of a month, in the order in which it happened; and what is left of it."""
    tag = site.donate.rpartition("/")[2]
    meta = {"reference": tag}
    intent = {"id": "pi_1", "amount_received": 5_000, "currency": "eur", "metadata": meta}
    refund = {"id": "re_1", "payment_intent": "pi_1", "amount": 1_000, "currency": "eur"}
    other = refund | {"id": "re_2", "amount": 500}
    dispute = {"id": "dp_1", "payment_intent": "pi_2", "amount": 700, "currency": "jpy"}
    monthly = {"mode": "subscription", "subscription": "sub_1", "client_reference_id": tag}
    bill = {"amount_paid": 900, "currency": "eur", "subscription": "sub_1"}
    link = {"invoice": "in_2", "payment": {"payment_intent": "pi_9"}}
    events = [
        event("e01", "payment_intent.succeeded", 10, **intent),
        paid("e02", at=11, client_reference_id=tag),
        paid("e03", "pi_2", 700, at=12, currency="jpy"),
        event("e04", "refund.created", 20, **refund, status="pending", since=20),
        event("e05", "charge.refunded", 21, payment_intent="pi_1", amount_refunded=1_000).replace(
            b'"amount_refunded"', b'"currency": "eur", "amount_refunded"'
        ),
        event("e06", "refund.created", 30, **other, status="succeeded", since=30),
        event("e07", "refund.failed", 40, **refund, status="failed", since=20),
        event("e08", "charge.dispute.created", 50, **dispute, status="needs_response"),
        event("e09", "charge.dispute.closed", 60, **dispute, status="won"),
        event("e10", "checkout.session.completed", 70, **monthly),
        event("e11", "invoice.paid", 71, id="in_1", **bill),
        event("e12", "invoice.paid", 80, id="in_2", **bill),
        event("e13", "invoice_payment.paid", 81, **link),
        event(
            "e14", "charge.refunded", 90, payment_intent="pi_9", amount_refunded=900, currency="eur"
        ),
        event("e15", "customer.created", 91, id="cus_1"),
    ]
    issue = site.issue_number
    return events, [
        ("in_1", 900, 0, "EUR", issue),
        ("in_2", 900, 900, "EUR", issue),
        ("pi_1", 5_000, 500, "EUR", issue),
        ("pi_2", 700, 0, "JPY", None),
    ]


def test_what_happens_to_gifts_is_told_and_told_again(
    client: FlaskClient, database: Database, site: Site
) -> None:
    number = add(database, site.publication)
    events, left = story(site)
    fates = [post(client, number, body).get_json()["status"] for body in events]
    assert fates == ["taken"] * 14 + ["ignored"]
    assert sums(database) == left
    again = [post(client, number, body) for body in reversed(events)]
    assert {each.status_code for each in again} == {200}
    assert [each.get_json()["status"] for each in again] == ["ignored"] + ["known"] * 14
    assert sums(database) == left
    with database.reading() as session:
        hook = support.fetch_hook(session, number)
        assert hook.heard_at
        assert hook.fault == ""


@moderately(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lot=st.randoms(use_true_random=False))
def test_any_order_with_replays_leaves_the_same_sums(
    client: FlaskClient, database: Database, site: Site, lot: Any
) -> None:
    with database.transaction() as session:
        for table in (model.Donation, model.Movement, model.Hook):
            session.execute(delete(table))
    number = add(database, site.publication)
    events, left = story(site)
    order = [*events, *lot.sample(events, 5)]
    lot.shuffle(order)
    for body in order:
        assert post(client, number, body).status_code == 200
    assert sums(database) == left


def test_what_is_not_ours_or_not_in_time_is_refused_and_changes_nothing(
    client: FlaskClient, database: Database, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    number = add(database, site.publication)
    other = add(database, site.publication, HookKind.SIGNED)
    body, now = paid("evt_1"), int(time.time())
    good = f"t={now},v1={sign(body, now, SECRET)}"
    late = f"t={now - 900},v1={sign(body, now - 900, SECRET)}"
    with caplog.at_level(logging.DEBUG):
        for sent, header, status in (
            (body, "", 400),
            (body, good.replace(f"t={now}", f"t={now + 1}"), 401),
            (body, good.partition(",")[2], 400),
            (body, good.partition(",")[0], 400),
            (body.replace(b"5000", b"9000"), good, 401),
            (body + b" ", good, 401),
            (b"", good, 401),
            (body, f"t={now},v1={sign(body, now, 'whsec_another')}", 401),
            (body, f"t={now},v1={sign(body, now, '')}", 401),
            (body, late, 400),
            (body, f"t={now + 900},v1={sign(body, now + 900, SECRET)}", 400),
            *((body, header, 400) for header in ("t=1", "é", "t=,v1=", "=" * 9_000)),
            *((body, f"t={now},v1={'0' * 64}", 401) for _ in range(50)),
        ):
            answer = post(client, number, sent, header=header)
            assert answer.status_code == status, (sent, header)
            assert answer.get_json()["message"]
    assert "s before now" in post(client, number, body, header=late).get_json()["message"]
    assert sums(database) == []
    # Of all these a line or two is left in the log and none of the giver.
    refusals = [each for each in caplog.messages if "message refused" in each]
    assert 1 <= len(refusals) <= 2
    assert ADDRESS not in caplog.text
    with database.reading() as session:
        hook = support.fetch_hook(session, number)
        assert hook.heard_at is None
        assert hook.fault == "unreadable"
    # A hook without a secret believes nobody; a hook that is not there, or is of another kind.
    with database.transaction() as session:
        support.fetch_hook(session, number).secret = ""
    assert post(client, number, body, secret="").status_code == 401
    for path in (f"/hooks/stripe/{other}", "/hooks/stripe/999", f"/hooks/gifts/{2**80}"):
        assert client.post(path, data=body, headers={"Stripe-Signature": good}).status_code == 404
    assert client.get(f"/hooks/stripe/{number}").status_code == 405


def test_a_genuine_message_may_be_wrong_or_large_and_says_so(
    client: FlaskClient, database: Database, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    number = add(database, site.publication)
    for body, words in (
        (paid("evt_1", units=-5), "amount"),
        (paid("evt_1", units=10**15), "amount"),
        (paid("evt_1", customer_details={"email": f"<{ADDRESS}"}), "address"),
        (paid("evt_1", client_reference_id="\0"), "reference"),
        (paid("evt_1", currency="€€€"), "currency"),
        (paid("evt_1", at=3 * 86_400), "date"),
        (paid("evt_\0"), "id"),
        (paid("evt_\ud800"), "id"),
        (event("evt_1", "charge.refunded", amount_refunded=5), "payment"),
    ):
        answer = post(client, number, body)
        assert (answer.status_code, answer.get_json()["error"]) == (422, "invalid"), body
        assert words in answer.get_json()["message"]
        with database.reading() as session:
            fault = support.fetch_hook(session, number).fault
        assert fault.startswith(f"invalid: {words}")
        assert ADDRESS not in fault
    assert ADDRESS not in caplog.text
    for body in (b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"id": "' + b"x" * 300 + b'"}'):
        assert post(client, number, body).status_code == 400
    assert post(client, number, paid("evt_1", more="x" * 200_000)).status_code == 200
    answer = post(client, number, paid("evt_2", more="x" * 300_000))
    assert (answer.status_code, answer.get_json()["error"]) == (413, "too-large")
    assert len(sums(database)) == 1


def test_two_at_once_leave_one_gift(client: FlaskClient, database: Database, site: Site) -> None:
    number = add(database, site.publication)
    events, left = story(site)

    def send(body: bytes) -> int:
        return post(client.application.test_client(), number, body).status_code

    both: Iterable[bytes] = [each for body in events for each in (body, body)]
    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(send, both)) == {200}
    assert sums(database) == left


def test_a_service_of_any_other_kind(client: FlaskClient, database: Database, site: Site) -> None:
    number = add(database, site.publication, HookKind.SIGNED)
    tag = site.donate.rpartition("/")[2]
    day = datetime.now(UTC).date().isoformat()

    def send(ago: int = 0, **facts: Any) -> TestResponse:
        told = {"id": "m1", "date": day, "amount": "12.50", "currency": "PLN"} | facts
        body, at = json.dumps(told).encode(), int(time.time()) - ago
        head = {"Newsletter-Timestamp": str(at), "Newsletter-Signature": sign(body, at, SECRET)}
        return client.post(f"/hooks/gifts/{number}", data=body, headers=head)

    # The refund comes first, and the gift when it was known for long.
    back = send(id="m2", type="refund", transaction="tx-1", amount=2)
    assert (back.status_code, sums(database)) == (200, [])
    assert send(transaction="tx-1", reference=f"Gift {tag.upper()}").status_code == 200
    assert send(transaction="tx-1", reference=f"Gift {tag.upper()}").json == {"status": "known"}
    assert sums(database) == [("tx-1", 1250, 200, "PLN", site.issue_number)]
    assert send(ago=900).json == {"status": "known"}  # it says so of what it has, however late
    assert send(ago=900, id="m3").status_code == 400
    assert send(id="m3", type="pledge").json == {"status": "ignored"}
    assert len(sums(database)) == 1


def test_a_secret_is_changed_and_the_old_one_holds_a_day_longer(
    client: FlaskClient, database: Database, site: Site
) -> None:
    number = add(database, site.publication)
    with database.transaction() as session:
        new = support.make_secret(
            session, support.fetch_hook(session, number), datetime.now(UTC) - timedelta(hours=23)
        )
    assert post(client, number, paid("evt_1"), secret=new).status_code == 200
    assert post(client, number, paid("evt_2", "pi_2")).status_code == 200
    with database.transaction() as session:
        hook = support.fetch_hook(session, number)
        support.make_secret(session, hook, datetime.now(UTC) - timedelta(hours=25))
    assert post(client, number, paid("evt_3", "pi_3"), secret=new).status_code == 401
    assert [each[0] for each in sums(database)] == ["pi_1", "pi_2"]


def test_a_gift_is_linked_where_the_publication_does_that_and_the_address_is_kept_nowhere(
    client: FlaskClient, database: Database, site: Site
) -> None:
    with database.transaction() as session:
        session.get_one(model.Publication, site.publication).link_gifts = True
        secret_key = client.application.extensions["newsletter"].settings.secret_key
        ann = make.subscriber(session, ADDRESS, secret_key=secret_key).id
    number = add(database, site.publication)
    post(client, number, paid("evt_1"))
    post(client, number, event("e2", "charge.refunded", 9, payment_intent="pi_1", currency="eur"))
    post(
        client,
        number,
        event("e3", "charge.refunded", 9, payment_intent="pi_1", currency="eur", amount_refunded=5),
    )
    with database.reading() as session:
        (gift,) = session.scalars(select(model.Donation))
        assert (gift.subscriber_id, gift.returned) == (ann, 5)
        kept = [
            str(getattr(row, column.key))
            for table in (model.Donation, model.Movement, model.Hook)
            for row in session.scalars(select(table))
            for column in table.__table__.columns
        ]
    assert not [each for each in kept if "@" in each]
