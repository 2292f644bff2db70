"""The API: by a key, within its scopes, and no oracle."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

import make
from newsletter import clock, model, subscriptions
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.desk import OPERATOR, keys
from newsletter.links import Links
from newsletter.mail import Rate
from newsletter.model import SubscriptionState
from web.conftest import Site

PERSON: dict[str, Any] = {
    "address": "Anna.Nowak@Example.org",
    "publications": ["russia-monitor"],
    "wording": "I want it by mail.",
    "name": "Anna <b> Nowak",
    "language": "pl",
}


def key(database: Database, *scopes: str) -> str:
    with database.transaction() as session:
        return keys.make(session, "Form", scopes, make.NOW, actor=OPERATOR)


def ask(client: FlaskClient, token: str, **changes: Any) -> TestResponse:
    return client.post(
        "/api/subscriptions",
        json={**PERSON, **changes},
        headers={"Authorization": f"Bearer {token}"},
    )


def count(database: Database, table: type[model.Base]) -> int | None:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_person_is_asked_and_confirms_before_anything_is_sent(
    client: FlaskClient, database: Database, settings: Settings, site: Site
) -> None:
    answer = ask(client, key(database, "subscriptions"))
    assert (answer.status_code, answer.json) == (202, {"status": "accepted"})
    assert answer.headers["Cache-Control"] == "no-store"
    links = Links(settings.base_url, settings.secret_key)
    with database.transaction() as session:
        subscriptions.work_off(session, make.NOW, links, secret_key=settings.secret_key)
    with database.reading() as session:
        person = session.scalars(
            select(model.Subscriber).where(model.Subscriber.address.ilike("anna%"))
        ).one()
        assert person.language == "pl"
        wish = session.scalars(
            select(model.Subscription).where(model.Subscription.subscriber_id == person.id)
        ).one()
        assert wish.state is SubscriptionState.PENDING
        line = session.scalars(
            select(model.Consent).where(model.Consent.subscriber_id == person.id)
        ).one()
        assert (line.form, line.wording) == ("api", "I want it by mail.")
        mail = session.scalars(select(model.Content).where(model.Content.variant == "confirm"))
        assert mail.one().language == "pl"


def test_the_answer_is_the_same_whatever_is_known(
    client: FlaskClient, database: Database, site: Site
) -> None:
    with database.transaction() as session:
        reader = session.get_one(model.Subscriber, site.reader)
        known = reader.address
        make.suppression(session, "gone@example.org")
    token = key(database, "subscriptions")
    answers = [
        (each.status_code, each.data, sorted(each.headers.keys()))
        for each in (
            ask(client, token, address=address)
            for address in (known, "gone@example.org", "new@example.org", "new@example.org")
        )
    ]
    assert answers[0][0] == 202
    assert answers == [answers[0]] * 4
    assert count(database, model.SignUp) == 4


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": ""}, "address"),
        ({"address": "nobody"}, "address"),
        ({"address": ["a@example.org"]}, "address"),
        ({"address": None}, "address"),
        ({"publications": []}, "publications"),
        ({"publications": "russia-monitor"}, "publications"),
        ({"publications": ["russia-monitor", "nothing"]}, "publications"),
        ({"publications": [1]}, "publications"),
        ({"publications": ["russia-monitor", {}]}, "publications"),
        ({"wording": "I want\0 it"}, "wording"),
        ({"wording": "I want \ud800it"}, "wording"),
        ({"wording": " "}, "wording"),
        ({"wording": "x" * 1001}, "wording"),
        ({"language": "sv"}, "language"),
    ],
)
def test_what_is_wrong_is_said_by_field(
    client: FlaskClient, database: Database, site: Site, changes: dict[str, Any], field: str
) -> None:
    answer = ask(client, key(database, "subscriptions"), **changes)
    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["wrong"]) == [field]
    assert count(database, model.SignUp) == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 60_000, b'"a"', b"null", b"\xff"])
def test_what_is_no_object_is_refused(client: FlaskClient, database: Database, body: bytes) -> None:
    token = key(database, "subscriptions")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = client.post("/api/subscriptions", data=body, headers=headers)
    assert answer.status_code == 422


def test_nothing_goes_without_a_key_that_works(
    client: FlaskClient, database: Database, site: Site
) -> None:
    token = key(database, "subscriptions", "figures")
    for said in ("", "Bearer", "Bearer x", f"Basic {token}", token, "Bearer é", "Bearer " * 500):
        headers = {"Authorization": said.encode("utf-8").decode("latin-1")} if said else {}
        for answer in (
            client.get("/api/publications", headers=headers),
            client.post("/api/subscriptions", json=PERSON, headers=headers),
        ):
            assert answer.status_code == 401, said
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.json is not None
            assert answer.json["error"] == "key-invalid"
    assert count(database, model.SignUp) == 0
    with database.transaction() as session:
        (kept,) = keys.listed(session)
        assert kept.used_on is None
        keys.revoke(session, kept.id, make.NOW, actor=OPERATOR)
    assert ask(client, token).status_code == 401


def test_a_key_does_what_its_scopes_say(
    client: FlaskClient, database: Database, site: Site
) -> None:
    figures = key(database, "figures")
    answer = ask(client, figures)
    assert answer.status_code == 403
    assert answer.json is not None
    assert "lacks the scope subscriptions" in answer.json["message"]
    headers = {"Authorization": f"Bearer {figures}"}
    clock.count(database, datetime.now(UTC))
    listed = client.get("/api/publications", headers=headers).json
    assert listed == {
        "publications": [
            {
                "slug": "russia-monitor",
                "name": "Russia Monitor",
                "language": "en",
                "active": 1,
                "paused": 0,
            }
        ]
    }
    headers = {"Authorization": f"Bearer {key(database, 'subscriptions')}"}
    assert client.get("/api/publications", headers=headers).status_code == 403


def test_a_key_that_asks_too_often_is_told_when_to_come_back(
    client: FlaskClient, database: Database, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "ALLOWED", (Rate.parse("1/h"),))
    token = key(database, "subscriptions")
    assert ask(client, token, address="").status_code == 422
    answer = ask(client, token)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert count(database, model.SignUp) == 0


def test_no_browser_is_taken_for_a_program(client: FlaskClient, site: Site) -> None:
    answer = client.post("/api/subscriptions", data={"address": "anna@example.org"})
    assert answer.status_code == 401
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert client.get("/api/subscriptions").status_code == 404
    assert client.get("/api/nothing").status_code == 404
