"""Donations by the API: once each, and what is wrong is said by field."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

import make
from newsletter import model
from newsletter.database import Database
from newsletter.desk import OPERATOR, keys
from web.conftest import Site

GIFT: dict[str, Any] = {
    "publication": "russia-monitor",
    "transaction": "tx-1",
    "date": "2020-04-01",
    "amount": "50.00",
    "currency": "eur",
}


def key(database: Database, *scopes: str) -> str:
    with database.transaction() as session:
        return keys.make(session, "Bank", scopes, make.NOW, actor=OPERATOR)


def give(client: FlaskClient, token: str, **changes: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"}
    return client.post("/api/donations", json={**GIFT, **changes}, headers=headers)


def gifts(database: Database) -> list[model.Donation]:
    with database.reading() as session:
        return list(session.scalars(select(model.Donation).order_by(model.Donation.id)))


def test_a_gift_is_recorded_once_for_the_issue_of_its_link(
    client: FlaskClient, database: Database, site: Site
) -> None:
    with database.transaction() as session:
        session.get_one(model.Publication, site.publication).link_gifts = True
        address = session.get_one(model.Subscriber, site.reader).address
    token = key(database, "donations")
    tag = site.donate.rpartition("/")[2]
    first = give(client, token, reference=f"Gift {tag}", source="PayU", amount=12.5)
    assert (first.status_code, first.json) == (201, {"status": "recorded"})
    assert first.headers["Cache-Control"] == "no-store"
    again = give(client, token, source="PayU", amount="99")
    assert (again.status_code, again.json) == (200, {"status": "known"})
    assert give(client, token, address=address, transaction="tx-2").status_code == 201
    assert give(client, token, address="no@one.example", transaction=3).status_code == 201
    found = [(row.source, row.reference, row.amount, row.issue_id) for row in gifts(database)]
    assert found == [
        ("PayU", "tx-1", 1250, site.issue_number),
        ("API", "tx-2", 5000, None),
        ("API", "3", 5000, None),
    ]
    assert [row.publication_id for row in gifts(database)] == [site.publication] * 3
    assert give(client, key(database, "figures", "subscriptions")).status_code == 403
    assert give(client, "nlk_nothing").status_code == 401


def test_what_is_wrong_is_said_by_field_and_nothing_is_kept(
    client: FlaskClient, database: Database, site: Site
) -> None:
    token = key(database, "donations")
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    hostile: dict[str, list[Any]] = {
        "publication": ["", "nothing", None, 5, ["russia-monitor"], "\0", "x" * 9_000],
        "transaction": ["", " ", None, {}, "t\0", "\ud800", "x" * 256, "\u202e"],
        "date": ["", None, "2020-02-30", "1.4", tomorrow, [], True, 20200401, "0000-00-00"],
        "amount": ["", None, "0", 0, -5, "1,234", "1e9", 1e300, "9" * 400, "NaN", True, {}, "١٢"],
        "currency": ["", None, "euro", "€", 978, [], "ＥＵＲ"],
        "reference": [[], {"a": 1}, "r" * 201, "\x1b[31m"],
        "address": [[], "nobody", "a@b@c", "<script>@x.example", "a@b\0.example", "\ud800@x.org"],
        "source": [[], "s" * 61, "a\nb", "\0"],
    }
    for field, values in hostile.items():
        for value in values:
            answer = give(client, token, **{field: value})
            assert answer.status_code == 422, (field, value)
            assert answer.json is not None
            assert list(answer.json["wrong"]) == [field], (value, answer.json)
            assert answer.json["wrong"][field], (field, value)
    for body in (b"", b"{", b"[]", b"null", b"\xff", b"[" * 60_000, b'{"amount": 1e999999}'):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        assert client.post("/api/donations", data=body, headers=headers).status_code == 422, body
    assert give(client, token, more="x" * 70_000).status_code in {413, 422}
    assert gifts(database) == []
