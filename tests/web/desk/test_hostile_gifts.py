"""What means harm, where gifts are told of: to the API, the hooks, the pages and the desk.

Nothing breaks, nothing is half written, and what is refused is told so.
"""

import io
import json
import re
import time
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import func, literal, select, union_all
from werkzeug.test import TestResponse

import make
from newsletter import model
from newsletter.config import Settings
from newsletter.desk import OPERATOR, keys
from newsletter.links import Links
from newsletter.model import HookKind, Role, WayKind
from newsletter.support import sign
from web.desk.conftest import Desk
from web.desk.test_hostile_inputs import HARMLESS, REFUSED, TEXTS, harm_in

SECRET = "nlh_secret"
FEW = ("a script", "NUL", "controls", "20,000 characters")
SOME = (*FEW, "SQL", "a header", "a pile of marks", "letters beyond", "a formula")
ODD: dict[str, Any] = {
    "NUL": TEXTS["NUL"],
    "a lone surrogate": "\ud800",
    "a list": ["x"],
    "an object": {"x": {}},
    "a huge number": 10**400,
    "a number with a point": 1e300,
    "nothing": None,
}
VALUES = {name: TEXTS[name] for name in FEW} | ODD
GIFT = {"date": "2020-04-01", "amount": "5", "currency": "EUR", "transaction": "tx"}
PERSON = {"address": "new@one.example", "publications": ["monitor"], "wording": "I want it."}
KEPT = (model.Donation, model.Movement, model.Hook, model.SignUp, model.AuditEntry)
COUNTS = union_all(
    *(select(literal(table.__tablename__), func.count()).select_from(table) for table in KEPT)
)
POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
"""It refuses what SQLite keeps, such as NUL."""


class Looker:
    """Takes down what is wrong with answers to what means harm."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.wrong: list[str] = []
        self.kept = self._counted()

    def look(self, about: str, answer: TestResponse) -> None:
        """Look at an answer, and at what it left behind if it is a refusal."""
        kept, self.kept = self.kept, self._counted()
        said = re.sub(r"<[^>]+>|\s", "", answer.text)
        if answer.status_code not in HARMLESS | REFUSED | {201, 202, 401, 405}:
            self.wrong.append(f"{about}: was answered {answer.status_code}")
        elif "Traceback (most" in said or "sqlalchemy" in said.lower():
            self.wrong.append(f"{about}: shows the inside")
        elif answer.mimetype == "text/html" and (harm := harm_in(answer.text)):
            self.wrong.append(f"{about}: does harm: {harm[:2]}")
        elif answer.status_code >= 400 and len(said) < 15:
            self.wrong.append(f"{about}: is refused without a word ({answer.status_code})")
        elif answer.status_code >= 400 and kept != self.kept:
            self.wrong.append(f"{about}: is refused, and left something behind")

    def _counted(self) -> dict[str, int]:
        with self.desk.database.reading() as session:
            return dict(session.execute(COUNTS).all())


@pytest.fixture
def site(desk: Desk, settings: Settings) -> Links:
    """Have a monitor that takes gifts in every way."""
    with desk.database.transaction() as session:
        monitor = make.publication(session, slug="monitor", link_gifts=True)
        make.issue(session, publication_id=monitor.id)
        make.way(session)
        url = "https://pay.example.org/give?sum={amount}&ref={reference}"
        make.way(session, kind=WayKind.LINK, url=url, holder="", iban="")
        columns = {"publication_id": monitor.id, "secret": SECRET}
        make.hook(session, **columns)
        make.hook(session, kind=HookKind.STRIPE, source="Stripe", **columns)
    return Links(settings.base_url, settings.secret_key)


@POSTGRESQL
def test_programs_that_mean_harm_break_nothing(desk: Desk, site: Links) -> None:
    with desk.database.transaction() as session:
        scopes = ["donations", "subscriptions"]
        token = keys.make(session, "X", scopes, make.NOW, actor=OPERATOR)
    client, looker = desk.app.test_client(), Looker(desk)
    head = {"Authorization": f"Bearer {token}"}
    gift = GIFT | {"publication": "monitor", "reference": "", "address": "", "source": ""}
    for path, good in (
        ("donations", gift),
        ("subscriptions", PERSON | {"name": "", "language": ""}),
    ):
        for field in good:
            for name, value in VALUES.items():
                answer = client.post(f"/api/{path}", json={**good, field: value}, headers=head)
                looker.look(f"{path} {field} {name}", answer)
    for name, text in TEXTS.items():
        said = re.sub(r"[\r\n]", " ", text[:3_000]).encode().decode("latin-1")
        answer = client.get("/api/publications", headers={"Authorization": f"Bearer {said}"})
        looker.look(f"key {name}", answer)
    assert looker.wrong == []


@POSTGRESQL
def test_services_that_mean_harm_break_nothing(desk: Desk, site: Links) -> None:
    client, looker = desk.app.test_client(), Looker(desk)

    def post(path: str, told: Any, about: str) -> None:
        body, at = json.dumps(told).encode(), int(time.time())
        signed = sign(body, at, SECRET)
        head = {"Newsletter-Timestamp": str(at), "Newsletter-Signature": signed}
        head["Stripe-Signature"] = f"t={at},v1={signed}"
        looker.look(about, client.post(path, data=body, headers=head))

    paid: dict[str, Any] = {
        "mode": "payment",
        "payment_status": "paid",
        "payment_intent": "pi_1",
        "amount_total": 500,
        "currency": "eur",
        "client_reference_id": "x",
        "customer_details": {"email": "a@example.org"},
        "metadata": {},
    }
    refund: dict[str, Any] = {"id": "re_1", "payment_intent": "pi_1", "amount": 5, "created": 5}
    refund |= {"currency": "eur", "status": "pending", "charge": "ch_1"}
    bill: dict[str, Any] = {"id": "in_1", "amount_paid": 5, "currency": "eur", "parent": {}}
    bill |= {"subscription": "sub_1", "customer_email": "a@example.org", "payment_intent": "pi_2"}
    told = GIFT | {"id": "m1", "reference": "x", "address": "a@example.org", "type": "gift"}
    event = {"id": "evt", "type": "refund.created", "created": 5, "data": {"object": refund}}
    for name, value in ODD.items():
        for field in told:
            each = {**told, "id": f"{field} {name}", field: value}
            post("/hooks/gifts/1", each, f"{field} {name}")
        for field in event:
            post("/hooks/stripe/2", {**event, "id": f"{field} {name}", field: value}, name)
        for kind, thing in (
            ("checkout.session.completed", paid),
            ("refund.created", refund),
            ("invoice.paid", bill),
            ("invoice_payment.paid", {"invoice": "in_1", "payment": {"payment_intent": "pi_2"}}),
            ("charge.refunded", {"payment_intent": "pi_1", "amount_refunded": 5}),
        ):
            for field in thing:
                about = f"{kind} {field} {name}"
                data = {"object": {**thing, field: value}}
                post("/hooks/stripe/2", {**event, "id": about, "type": kind, "data": data}, about)
    assert looker.wrong == []
    with desk.database.reading() as session:
        for row in session.scalars(select(model.Donation)):
            assert 0 <= row.returned <= row.amount < 10**12


@POSTGRESQL
def test_visitors_of_the_donate_page_that_mean_harm_break_nothing(desk: Desk, site: Links) -> None:
    client, looker = desk.app.test_client(), Looker(desk)
    tag = site.donate("monitor", 1, 0).rpartition("/")[2]
    for name, text in TEXTS.items():
        word = quote(text[:3_000], safe="")
        for path in (
            f"donate/{word}",
            f"donate/monitor/{word}",
            f"donate/{word}/{tag}",
            f"donate/monitor?amount={word}",
            f"donate/monitor/{tag}?amount={word}",
            f"hooks/stripe/{word}",
        ):
            answer = client.get(f"/{path}", headers={"Accept": "text/html"})
            looker.look(f"{path[:24]} {name}", answer)
    assert looker.wrong == []
    wrong = (
        "0",
        "-5",
        "1e9",
        "9" * 300,
        "0.001",
        "NaN",
        "Infinity",
        "1,234",
        "%ff",
        "12.345",
    )
    for amount in (*wrong, "5", "12,50", "1.234,56", "999999999.99"):
        answer = client.get(f"/donate/monitor/{tag}?amount={amount}")
        assert answer.status_code == (422 if amount in wrong else 200), amount
        assert ("Write an amount such as 25 or 12.50." in answer.text) == (amount in wrong), amount


FILES: dict[str, bytes] = {
    "nothing": b"",
    "no text": bytes(range(256)) * 40,
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
    "UTF-16": "date,amount,currency\n2020-04-01,5,EUR\n".encode("utf-16"),
    "a header alone": b"date,amount,currency\n",
    "a quote that does not end": b'date,amount,currency\n"2020-04-01,5,EUR\n' * 50,
    "a field of a megabyte": b"date,amount,currency\n" + b"x" * 1_000_000 + b",5,EUR\n",
    "a thousand columns": b",".join([b"date"] * 1_000) + b"\n",
    "formulas": b'date,amount,currency,transaction\n2020-04-01,5,EUR,"=HYPERLINK(1)"\n',
    "a script": b"date,amount,currency\n<script>alert(1)</script>,<img src=x onerror=x>,x\n",
    "no number": b"date,amount,currency\n2020-04-01,NaN,EUR\n2020-04-01,1e999,EUR\n",
    "old Mac lines": b"date,amount,currency\r2020-04-01,5,EUR\r",
    "NUL in the middle": b"date,amount,currency\n2020-04-01,5\0,EUR\n",
    "letters of no encoding": b"date,amount,currency,address\n2020-04-01,5,EUR,\x81@\x8f.org\n",
    "ten thousand wrong rows": b"date,amount,currency\n" + b"x,y,z\n" * 10_000,
}


@POSTGRESQL
def test_files_and_forms_that_mean_harm_break_nothing(desk: Desk, site: Links) -> None:
    owner, looker = desk.enter(Role.OWNER), Looker(desk)
    place, giving = "/desk/reports/donations", "/desk/settings/giving"

    def bring(content: bytes, source: str = "bank", publication: str = "monitor") -> TestResponse:
        file = (io.BytesIO(content), "gifts.csv")
        return owner.send(place, file=file, source=source, publication=publication)

    for name, content in FILES.items():
        looker.look(name, bring(content))
    row = b"date,amount,currency,reference,transaction\n2020-04-01,5,EUR,%s,%s\n"
    for name, text in ((name, TEXTS[name]) for name in SOME):
        inside = b'"%s"' % text.replace('"', '""').encode()
        looker.look(f"reference {name}", bring(row % (inside, b"1")))
        looker.look(f"transaction {name}", bring(row % (b"", inside)))
        looker.look(f"source {name}", bring(row % (b"", b"9"), source=text))
        looker.look(f"publication {name}", bring(row % (b"", b"9"), publication=text))
        given = {"source": text, "publication": "monitor"}
        looker.look(f"hook {name}", owner.send(f"{giving}/hooks/new/signed", **given))
        looker.look(f"secret {name}", owner.send(f"{giving}/hooks/2/secret", secret=text))
    for path in (place, giving, "/desk/trail", f"{giving}/hooks/3"):
        looker.look(path, owner.get(path))
    paths = (
        "issues",
        "library",
        "reports",
        "subscribers/suppressed",
        "trail",
        "issues/1/revisions",
    )
    for number in ("-1", "x", "9" * 30, f"-{'9' * 30}", "%00"):
        looker.look(number, owner.get(f"{place}?before={number}"))
        looker.look(number, owner.get(f"{giving}/hooks/{number}"))
        for path in paths:
            looker.look(f"{path} {number}", owner.get(f"/desk/{path}?before={number}"))
        looker.look(number, owner.get(f"/desk/issues/1/changes?new={number}&old={number}"))
        looker.look(number, owner.get(f"/search?q=ice&in={number}&start={number}"))
    assert looker.wrong == []
