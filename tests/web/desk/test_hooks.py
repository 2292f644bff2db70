"""Hooks at the desk: added, given a secret that is shown once, looked after, removed."""

import json
import re
import time
from datetime import UTC, datetime

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import make
from newsletter import support
from newsletter.model import Role
from newsletter.support import sign
from web.desk.conftest import Desk

PLACE = "/desk/settings/giving"
WHSEC = "whsec_0123456789abcdef0123"


def post(client: FlaskClient, secret: str, name: str = "m1") -> TestResponse:
    day = datetime.now(UTC).date().isoformat()
    body = json.dumps({"id": name, "date": day, "amount": 5, "currency": "EUR"}).encode()
    at = int(time.time())
    head = {"Newsletter-Timestamp": str(at), "Newsletter-Signature": sign(body, at, secret)}
    return client.post("/hooks/gifts/1", data=body, headers=head)


def test_a_hook_is_added_heard_and_removed(desk: Desk) -> None:
    owner, client = desk.enter(Role.OWNER), desk.app.test_client()
    assert "Add a publication" in owner.get(f"{PLACE}/hooks/new/signed").text
    with desk.database.transaction() as session:
        make.publication(session, slug="monitor")
    named = {"source": "PayU <b>", "publication": "monitor"}
    page = owner.send(f"{PLACE}/hooks/new/signed", **named).text
    first = re.search(r"nlh_[\w-]{43}", page)
    assert first
    assert "PayU &lt;b&gt;" in page
    assert "hours more" not in page
    assert post(client, "nlh_wrong").status_code == 401
    shown = owner.get(f"{PLACE}/hooks/1").text
    assert "Its signature fits no secret." in shown
    assert first[0] not in shown
    assert "Its signature fits no secret." in owner.get(PLACE).text
    assert "Needs someone" in owner.get("/desk/settings").text
    assert post(client, first[0]).status_code == 200
    assert "Last heard" in owner.get(f"{PLACE}/hooks/1").text
    assert "Needs someone" not in owner.get("/desk/settings").text
    page = owner.send(f"{PLACE}/hooks/1/secret").text
    second = re.search(r"nlh_[\w-]{43}", page)
    assert second
    assert second[0] != first[0]
    assert "24 hours more" in page
    assert "It is taken until" in owner.get(f"{PLACE}/hooks/1").text
    assert [post(client, each[0], each[0]).status_code for each in (first, second)] == [200] * 2
    trail = owner.get("/desk/trail").text
    assert second[0] not in trail
    assert "Its signature" not in owner.get(f"{PLACE}/hooks/1").text  # nor of what was before
    assert "The donations that it told of stay" in owner.get(f"{PLACE}/hooks/1/remove").text
    answer = owner.send(f"{PLACE}/hooks/1/remove")
    assert answer.location == f"{PLACE}?done=hook-removed"
    assert post(client, second[0]).status_code == 404
    assert owner.get(f"{PLACE}/hooks/1").status_code == 404
    assert desk.told() == ["hook-added", "hook-secret-changed", "hook-removed"]
    with desk.database.reading() as session:
        assert len(support.donations(session)) == 3


def test_stripe_makes_the_secret_and_what_is_wrong_is_said_beside_the_field(desk: Desk) -> None:
    owner, client = desk.enter(Role.OWNER), desk.app.test_client()
    with desk.database.transaction() as session:
        make.publication(session, slug="monitor")
    for given, words in (
        ({"source": "", "publication": "monitor"}, 'id="source-wrong"'),
        ({"source": "x" * 61, "publication": "monitor"}, 'id="source-wrong"'),
        ({"source": "Stripe", "publication": "nothing"}, 'id="publication-wrong"'),
    ):
        answer = owner.send(f"{PLACE}/hooks/new/stripe", **given)
        assert answer.status_code == 422
        assert words in answer.text
    named = {"source": "Stripe", "publication": "monitor"}
    answer = owner.send(f"{PLACE}/hooks/new/stripe", **named)
    assert answer.location == f"{PLACE}/hooks/1"
    again = owner.send(f"{PLACE}/hooks/new/signed", **named)
    assert again.status_code == 422
    assert "There is a hook of that name." in again.text
    assert owner.get(f"{PLACE}/hooks/new/other").status_code == 404
    shown = owner.get(answer.location).text
    assert "nothing it posts is believed" in shown
    assert "charge.dispute.closed" in shown
    assert "/hooks/stripe/1" in shown
    for secret in ("", "sk_live_0123456789abcdef", "whsec_é" * 9, "whsec_" + "x" * 999):
        wrong = owner.send(f"{PLACE}/hooks/1/secret", secret=secret)
        assert wrong.status_code == 422
        assert 'id="secret-wrong"' in wrong.text
    answer = owner.send(f"{PLACE}/hooks/1/secret", secret=f" {WHSEC} ")
    assert answer.location == f"{PLACE}/hooks/1?done=hook-secret"
    assert WHSEC not in owner.get(f"{PLACE}/hooks/1").text
    body, at = b'{"id": "evt_1", "type": "ping"}', int(time.time())
    head = {"Stripe-Signature": f"t={at},v1={sign(body, at, WHSEC)}"}
    assert client.post("/hooks/stripe/1", data=body, headers=head).json == {"status": "ignored"}
    assert "Last heard" in owner.get(f"{PLACE}/hooks/1").text
    assert desk.told() == ["hook-added", "hook-secret-changed"]
