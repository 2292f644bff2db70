"""The team: invitations by link, roles, resets, removals, the trail."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

import make
from newsletter import model
from newsletter.database import Database
from newsletter.desk import OPERATOR, Action, note, team
from newsletter.model import Role
from newsletter.web.desk.overview import PER_PAGE, SAID
from web.desk.conftest import PASSWORD, Browser, Desk, address

ASKED = {"address": "jan@example.org", "name": "Jan", "role": "editor"}


@pytest.fixture
def owner(desk: Desk) -> Browser:
    return desk.enter(Role.OWNER)


def link_in(page: str) -> str:
    """Return the path of the one-time link on a page."""
    (path,) = re.findall(r"http://localhost:8000(/desk/join/[\w-]{43})", page)
    return str(path)


def editors(desk: Desk) -> int:
    with desk.database.reading() as session:
        return session.scalar(select(func.count(model.Editor.id))) or 0


def test_who_is_invited_joins_by_the_link_once(desk: Desk, owner: Browser) -> None:
    path = link_in(owner.send("/desk/team/invite", **ASKED).text)
    assert "jan@example.org" in owner.get("/desk/team").text
    guest = desk.browser()
    page = guest.get(path)
    assert page.status_code == 200
    assert "Join the desk" in page.text
    assert guest.get(path).status_code == 200, "looking spends nothing"
    answer = guest.send(path, name="Jan Nowak", password=PASSWORD, address="eve@example.org")
    assert answer.headers["Location"] == "/desk/account?done=welcome"
    assert guest.is_in()
    assert "Jan Nowak, jan@example.org" in guest.get("/desk/account").text
    assert guest.get("/desk/team").status_code == 403, "an editor is no owner"
    late = desk.browser().send(path, name="Eve", password=PASSWORD)
    assert late.status_code == 400
    assert "This link is not good any more" in late.text
    assert desk.told() == [Action.INVITED, Action.JOINED, Action.SIGNED_IN]


def test_who_is_invited_gets_the_link_by_mail_from_the_oldest_publication(
    desk: Desk, owner: Browser
) -> None:
    page = owner.send("/desk/team/invite", **ASKED).text
    assert "Hand over this link" in page, "there is nobody yet to send it from"
    with desk.database.transaction() as session:
        known = {"author_address": "monitor@institute.example", "author_name": "The Institute"}
        make.publication(session, name="Przegląd", language="pl", **known)
        make.publication(session, name="A later one", author_address="later@institute.example")
        make.suppression(session, "gone@example.org")
    page = owner.send("/desk/team/invite", **ASKED).text
    assert "It goes to jan@example.org by mail, from monitor@institute.example." in page
    refused = owner.send("/desk/team/invite", **{**ASKED, "address": "gone@example.org"}).text
    assert "Hand over this link" in refused, "what bounced once is not mailed"
    with desk.database.reading() as session:
        (content,) = session.scalars(select(model.Content))
        (notice,) = session.scalars(select(model.Delivery))
    assert (content.address, content.language) == ("jan@example.org", "pl")
    assert notice.content_id == content.id
    assert content.subject == "Przegląd: zaproszenie do redakcji"
    path = link_in(page)
    for part in (content.html, content.text):
        assert path in part
        assert "Olga" in part or "The owner" in part
    assert desk.browser().send(path, name="Jan", password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": " ", "password": PASSWORD}, "Enter your name"),
        ({"name": "Jan", "password": "short"}, "12 to 200 characters"),
        ({"name": "Jan Nowak", "password": "my name is nowak"}, "name or address"),
    ],
)
def test_a_form_that_is_not_right_spends_no_link(
    desk: Desk, owner: Browser, form: dict[str, str], words: str
) -> None:
    path = link_in(owner.send("/desk/team/invite", **ASKED).text)
    before = editors(desk)
    answer = desk.browser().send(path, **form)
    assert answer.status_code == 422
    assert words in answer.text
    assert form["password"] not in answer.text
    assert editors(desk) == before
    assert desk.browser().send(path, name="Jan", password=PASSWORD).status_code == 303


@pytest.mark.parametrize("token", ["x", "A" * 43, "%00", "..", "'--"])
def test_a_made_up_link_opens_nothing(desk: Desk, token: str) -> None:
    for answer in (
        desk.browser().get(f"/desk/join/{token}"),
        desk.browser().send(f"/desk/join/{token}", name="Eve", password=PASSWORD),
    ):
        assert answer.status_code in {400, 404}
    assert editors(desk) == len(Role)


def test_the_first_owner_sets_up_the_desk(app: Flask, database: Database) -> None:
    with database.transaction() as session:
        token = team.set_up(session, datetime.now(UTC), actor=OPERATOR)
    path, guest = f"/desk/join/{token}", Browser(app.test_client())
    assert "You become the owner" in guest.get(path).text
    wrong = guest.send(path, name="Olga", address="olga@", password=PASSWORD)
    assert "Enter an e-mail address" in wrong.text
    answer = guest.send(path, name="Olga", address="Olga@example.org", password=PASSWORD)
    assert answer.headers["Location"] == "/desk/account?done=welcome"
    assert guest.get("/desk/team").status_code == 200
    assert guest.get(path).status_code == 400


def test_an_invitation_is_withdrawn(desk: Desk, owner: Browser) -> None:
    path = link_in(owner.send("/desk/team/invite", **ASKED).text)
    (number,) = re.findall(r"/desk/team/invitations/(\d+)/withdraw", owner.get("/desk/team").text)
    owner.send(f"/desk/team/invitations/{number}/withdraw")
    assert desk.browser().get(path).status_code == 400
    assert "jan@example.org" not in owner.get("/desk/team").text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"address": "jan@"}, "Enter an e-mail address"),
        ({"address": "writer@example.org"}, "There is an editor with this address already"),
        ({"role": "king"}, "Choose one of the roles"),
        ({"address": "jan@example.org\r\nBcc: eve@example.org"}, "Enter an e-mail address"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(
    desk: Desk, owner: Browser, wrong: dict[str, str], words: str
) -> None:
    answer = owner.send("/desk/team/invite", **(ASKED | wrong))
    assert answer.status_code == 422
    assert words in answer.text
    assert desk.told() == []


def test_another_role_holds_at_once(desk: Desk, owner: Browser) -> None:
    writer = desk.enter(Role.WRITER)
    number = desk.editors[Role.WRITER]
    assert owner.send(f"/desk/team/{number}", role="owner").status_code == 303
    assert not writer.is_in()
    assert desk.enter(Role.WRITER).get("/desk/team").status_code == 200
    assert owner.send(f"/desk/team/{number}", role="king").status_code == 409


def test_the_last_owner_stays(desk: Desk, owner: Browser) -> None:
    number = desk.editors[Role.OWNER]
    answer = owner.send(f"/desk/team/{number}", role="writer")
    assert answer.status_code == 409
    assert "There must be an owner" in answer.text
    for act in ("remove", "reset"):
        assert owner.send(f"/desk/team/{number}/{act}").status_code == 404
    assert owner.is_in()


def test_a_reset_gives_a_link_to_a_new_password(desk: Desk, owner: Browser) -> None:
    writer, number = desk.enter(Role.WRITER), desk.editors[Role.WRITER]
    assert "Reset how The writer signs in?" in owner.get(f"/desk/team/{number}/reset").text
    path = link_in(owner.send(f"/desk/team/{number}/reset").text)
    assert not writer.is_in()
    assert desk.browser().sign_in(address(Role.WRITER)).status_code == 403
    guest = desk.browser()
    assert "Choose a new password" in guest.get(path).text
    assert guest.send(path, password="ice on the locks").headers["Location"] == "/desk/"
    assert "The writer" in guest.get("/desk/account").text
    assert desk.browser().get(path).status_code == 400


def test_who_is_removed_is_out_at_once(desk: Desk, owner: Browser) -> None:
    writer, number = desk.enter(Role.WRITER), desk.editors[Role.WRITER]
    assert "Remove The writer?" in owner.get(f"/desk/team/{number}/remove").text
    assert owner.send(f"/desk/team/{number}/remove").status_code == 303
    assert not writer.is_in()
    assert owner.get(f"/desk/team/{number}").status_code == 404
    assert "The writer (writer@example.org)" in owner.get("/desk/trail").text


@pytest.mark.parametrize("number", [0, 99, 2**63, 10**30])
def test_an_editor_that_is_none_is_not_found(owner: Browser, number: int) -> None:
    for act in ("", "/reset", "/remove"):
        assert owner.get(f"/desk/team/{number}{act}").status_code == 404
        form = {"role": "writer"}
        assert owner.send(f"/desk/team/{number}{act}", **form).status_code == 404


@pytest.mark.parametrize("number", [0, 2**63 - 1, 2**63, 10**30])
def test_what_has_no_such_number_is_not_found(owner: Browser, number: int) -> None:
    assert owner.send(f"/desk/account/sign-ins/{number}/end").status_code == 404
    assert owner.send(f"/desk/account/passkeys/{number}/remove").status_code == 404
    withdrawn = owner.send(f"/desk/team/invitations/{number}/withdraw")
    assert withdrawn.status_code == (404 if number >= 2**63 else 303)


def test_every_action_has_words() -> None:
    assert SAID.keys() == set(Action)


def test_the_trail_is_read_page_by_page(desk: Desk, owner: Browser) -> None:
    with desk.database.transaction() as session:
        for number in range(PER_PAGE + 5):
            note(session, OPERATOR, Action.INVITED, datetime.now(UTC), f"n{number}@example.org")
    first = owner.get("/desk/trail").text
    (older,) = re.findall(r"/desk/trail\?before=\d+", first)
    second = owner.get(older).text
    told = re.findall(r"n(\d+)@example", first + second)
    assert told == [str(number) for number in reversed(range(PER_PAGE + 5))]
    assert owner.get("/desk/trail?before=x").status_code == 200
    assert "Nothing older" in owner.get("/desk/trail?before=0").text
    assert owner.get(f"/desk/trail?before={10**30}").status_code == 200


def test_the_trail_says_who_failed_to_sign_in_from_where(desk: Desk, owner: Browser) -> None:
    desk.browser().sign_in(address(Role.WRITER), "wrong")
    desk.browser().sign_in("my password by mistake", "wrong")
    page = owner.get("/desk/trail").text
    assert "Signing in failed" in page
    assert "127.0.0.0/24" in page
    assert "no such address" in page
    assert "by mistake" not in page


def test_an_invitation_ends_after_a_week(desk: Desk) -> None:
    ago = datetime.now(UTC) - team.INVITED - timedelta(seconds=1)
    with desk.database.transaction() as session:
        token = team.invite(session, "jan@example.org", Role.OWNER, ago, actor=OPERATOR)
    assert desk.browser().get(f"/desk/join/{token}").status_code == 400
