"""API keys at the desk: made and shown once, revoked, told in the trail."""

import re

from newsletter.desk import keys
from newsletter.model import Role
from web.desk.conftest import Desk

PATH = "/desk/settings/keys"


def test_a_key_is_shown_once_works_and_is_revoked(desk: Desk) -> None:
    owner, api = desk.enter(Role.OWNER), desk.app.test_client()
    assert "There is none yet." in owner.get(PATH).text
    page = owner.send(PATH, name="Form <b>", scope="figures").text
    found = re.search(r"nlk_[\w-]{43}", page)
    assert found
    token = found[0]
    assert "Form &lt;b&gt;" in page
    listed = owner.get(PATH).text
    assert token not in listed
    assert token[:10] in listed
    assert "never" in listed
    headers = {"Authorization": f"Bearer {token}"}
    assert api.get("/api/publications", headers=headers).status_code == 200
    assert "never" not in owner.get(PATH).text
    with desk.database.reading() as session:
        (kept,) = keys.listed(session)
    assert "is refused from now on" in owner.get(f"{PATH}/{kept.id}/revoke").text
    answer = owner.send(f"{PATH}/{kept.id}/revoke")
    assert answer.location == f"{PATH}?done=key-revoked"
    assert api.get("/api/publications", headers=headers).status_code == 401
    assert owner.get(f"{PATH}/{kept.id}/revoke").status_code == 404
    assert owner.send(f"{PATH}/{kept.id}/revoke").status_code == 404
    assert "revoked on" in owner.get(PATH).text
    assert desk.told() == ["api-key-made", "api-key-revoked"]
    assert token not in owner.get("/desk/trail").text


def test_what_is_wrong_is_said_beside_its_field(desk: Desk) -> None:
    owner = desk.enter(Role.OWNER)
    answer = owner.send(PATH, name="", scope="figures")
    assert answer.status_code == 422
    assert 'id="name-wrong"' in answer.text
    assert 'value="figures" checked' in answer.text
    answer = owner.send(PATH, name="My form")
    assert answer.status_code == 422
    assert 'id="scopes-wrong"' in answer.text
    assert 'value="My form"' in answer.text
    assert desk.told() == []
