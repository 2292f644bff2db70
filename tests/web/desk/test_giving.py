"""Ways to give at the desk: added, changed, removed, refused beside the field."""

import pytest

import make
from newsletter import support
from newsletter.model import Role, WayKind
from web.desk.conftest import Desk

PLACE = "/desk/settings/giving"
ACCOUNT = {"title": "By transfer", "holder": "The Institute", "currency": "eur"}
IBAN = "PL61 1090 1014 0000 0712 1981 2874"


def ways(desk: Desk) -> list[tuple[str, str, str, int | None]]:
    with desk.database.reading() as session:
        found = support.ways(session)
        return [(way.title, way.iban or way.url, way.currency, way.publication_id) for way in found]


def test_ways_are_added_changed_and_removed(desk: Desk) -> None:
    owner = desk.enter(Role.OWNER)
    with desk.database.transaction() as session:
        monitor = make.publication(session).id
    assert "There is none yet." in owner.get(PLACE).text
    answer = owner.send(f"{PLACE}/new/transfer", **ACCOUNT, iban=IBAN, publication=str(monitor))
    assert answer.location == f"{PLACE}?done=way"
    link = {"title": "By card", "url": "https://pay.example/{amount}", "currency": "PLN"}
    owner.send(f"{PLACE}/new/link", **link)
    assert ways(desk) == [
        ("By transfer", IBAN.replace(" ", ""), "EUR", monitor),
        ("By card", "https://pay.example/{amount}", "PLN", None),
    ]
    assert "By card" in owner.get(PLACE).text
    assert "https://pay.example/{amount}" in owner.get(f"{PLACE}/2").text
    owner.send(f"{PLACE}/1", **ACCOUNT, iban=IBAN)
    owner.send(f"{PLACE}/2/remove")
    assert ways(desk) == [("By transfer", IBAN.replace(" ", ""), "EUR", None)]
    assert desk.told() == ["way-added", "way-added", "way-changed", "way-removed"]


@pytest.mark.parametrize(
    ("kind", "typed", "words"),
    [
        (WayKind.LINK, {"url": "http://pay.example/"}, "The address begins with https://"),
        (WayKind.LINK, {"url": "https://{amount}.example/"}, "The address begins with https://"),
        (WayKind.LINK, {"url": "https://pay.example/", "currency": "euro"}, "three letters"),
        (WayKind.LINK, {"url": "https://pay.example/", "title": ""}, "how one gives"),
        (WayKind.TRANSFER, {"iban": IBAN[:-1] + "5"}, "The check digits 61 do not fit"),
        (WayKind.TRANSFER, {"iban": "PL61"}, "An IBAN from PL has 28 characters"),
        (WayKind.TRANSFER, {"iban": IBAN, "holder": "x" * 71}, "who holds the account"),
        (WayKind.TRANSFER, {"iban": IBAN, "bic": "NONE"}, "This is no BIC"),
        (WayKind.TRANSFER, {"iban": IBAN, "publication": "99"}, "Choose a publication"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_kept(
    desk: Desk, kind: WayKind, typed: dict[str, str], words: str
) -> None:
    owner = desk.enter(Role.OWNER)
    answer = owner.send(f"{PLACE}/new/{kind}", **{**ACCOUNT, **typed})
    assert answer.status_code == 422
    assert words in answer.text
    assert ways(desk) == []
