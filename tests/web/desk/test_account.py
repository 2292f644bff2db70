"""One's own account: password, codes, passkeys, browsers; and nobody else's."""

import re

import pyotp
import pytest
from sqlalchemy import select

from authenticator import Authenticator
from newsletter import model
from newsletter.desk import Action, codes
from newsletter.model import Role
from web.desk.conftest import PASSWORD, Browser, Desk, address

NEW = "ice on the locks in spring"


@pytest.fixture
def browser(desk: Desk) -> Browser:
    return desk.enter(Role.WRITER)


def secret_of(page: str) -> str:
    (secret,) = re.findall(r'name="secret" value="([A-Z2-7]{32})"', page)
    return str(secret)


def turn_codes_on(browser: Browser) -> tuple[str, list[str]]:
    """Turn codes on; return the secret and the recovery codes."""
    secret = secret_of(browser.get("/desk/account/codes").text)
    code = pyotp.TOTP(secret).now()
    page = browser.send("/desk/account/codes", secret=secret, code=code).text
    return secret, re.findall(r"<li><code>([a-z0-9-]{19})</code>", page)


def test_a_new_password_signs_every_other_browser_out(desk: Desk, browser: Browser) -> None:
    other, old = desk.enter(Role.WRITER), browser.cookie
    answer = browser.send("/desk/account/password", old=PASSWORD, password=NEW)
    assert answer.headers["Location"] == "/desk/account?done=password"
    assert browser.cookie != old
    assert browser.is_in()
    assert not other.is_in()
    assert desk.browser().sign_in(address(Role.WRITER)).status_code == 403
    assert desk.browser().sign_in(address(Role.WRITER), NEW).status_code == 303
    assert Action.PASSWORD_CHANGED in desk.told()


@pytest.mark.parametrize(
    ("old", "new", "status", "words"),
    [
        ("wrong", NEW, 403, "This is not your password"),
        (PASSWORD, "short", 422, "12 to 200 characters"),
        (PASSWORD, "The writer of this desk", 422, "name or address"),
        (PASSWORD, "", 422, "12 to 200 characters"),
    ],
)
def test_a_password_that_is_refused_changes_nothing(
    desk: Desk, browser: Browser, old: str, new: str, status: int, words: str
) -> None:
    answer = browser.send("/desk/account/password", old=old, password=new)
    assert answer.status_code == status
    assert words in answer.text
    assert desk.browser().sign_in(address(Role.WRITER)).status_code == 303


def test_a_password_cannot_be_guessed_at_an_open_desk(browser: Browser) -> None:
    statuses = [
        browser.send("/desk/account/password", old=f"guess {n}", password=NEW).status_code
        for n in range(7)
    ]
    assert statuses == [403] * 5 + [429] * 2


def test_codes_are_turned_on_with_recovery_codes_shown_once(desk: Desk, browser: Browser) -> None:
    page = browser.get("/desk/account/codes").text
    assert page.count("<svg") >= 1
    secret = secret_of(page)
    old, other = browser.cookie, desk.enter(Role.WRITER)
    wrong = browser.send("/desk/account/codes", secret=secret, code="000000")
    assert wrong.status_code == 422
    assert secret_of(wrong.text) == secret, "what was scanned stays good"
    _, recovery = turn_codes_on(browser)
    assert len(recovery) == codes.RECOVERY_CODES
    assert browser.cookie != old
    assert not other.is_in()
    assert "10 recovery codes are left" in browser.get("/desk/account").text
    assert recovery[0] not in browser.get("/desk/account").text
    entering = desk.browser()
    tag = re.findall(r'name="tag" value="([^"]+)"', entering.sign_in(address(Role.WRITER)).text)[0]
    assert entering.send("/desk/sign-in/code", tag=tag, code=recovery[0]).status_code == 303
    assert "9 recovery codes are left" in entering.get("/desk/account").text
    assert Action.RECOVERY_CODE_USED in desk.told()


@pytest.mark.parametrize("secret", ["", "short", "A" * 31 + '"', "<script>alert(1)</script>" * 2])
def test_a_secret_that_is_made_up_turns_nothing_on(browser: Browser, secret: str) -> None:
    answer = browser.send("/desk/account/codes", secret=secret, code="123456")
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "Turn on codes" in browser.get("/desk/account").text


def test_recovery_codes_are_made_anew_and_codes_turned_off(desk: Desk, browser: Browser) -> None:
    assert browser.send("/desk/account/codes/recovery").status_code == 404, "there are no codes"
    _, first = turn_codes_on(browser)
    assert "Make new recovery codes?" in browser.get("/desk/account/codes/recovery").text
    page = browser.send("/desk/account/codes/recovery").text
    assert first[0] not in page
    answer = browser.send("/desk/account/codes/off")
    assert answer.headers["Location"] == "/desk/account?done=codes-off"
    assert desk.browser().sign_in(address(Role.WRITER)).status_code == 303
    wanted = [Action.CODES_ON, Action.RECOVERY_CODES_MADE, Action.CODES_OFF]
    assert [each for each in desk.told() if each in set(wanted)] == wanted


def test_a_passkey_is_added_named_and_removed(desk: Desk, browser: Browser) -> None:
    device = Authenticator("http://localhost:8000", "localhost")
    answer = device.make(browser.get("/desk/account/passkeys/options").text)
    browser.send("/desk/account/passkeys", answer=answer, name="<b>Phone</b>")
    page = browser.get("/desk/account").text
    assert "&lt;b&gt;Phone&lt;/b&gt;" in page
    assert "Only a password guards this account" not in page
    with desk.database.reading() as session:
        number = session.scalars(select(model.Passkey.id)).one()
    other = desk.enter(Role.OWNER)
    for send in (other.get, other.send):
        assert send(f"/desk/account/passkeys/{number}/remove").status_code == 404
    assert browser.get(f"/desk/account/passkeys/{number}/remove").status_code == 200
    answer_ = browser.send(f"/desk/account/passkeys/{number}/remove")
    assert answer_.headers["Location"] == "/desk/account?done=passkey-removed"
    assert "You have none yet" in browser.get("/desk/account").text


def test_a_made_up_passkey_is_not_added(browser: Browser) -> None:
    answer = browser.send("/desk/account/passkeys", answer="{}", name="x")
    assert answer.status_code == 422
    assert "could not be used" in answer.text


def test_browsers_are_listed_and_signed_out(desk: Desk, browser: Browser) -> None:
    second, third = desk.enter(Role.WRITER), desk.enter(Role.WRITER)
    page = browser.get("/desk/account").text
    assert page.count("This one") == 1
    first = re.findall(r"/desk/account/sign-ins/(\d+)/end", page)
    assert len(first) == 2
    answer = browser.send(f"/desk/account/sign-ins/{first[0]}/end")
    assert answer.headers["Location"] == "/desk/account?done=ended"
    assert [second.is_in(), third.is_in()].count(True) == 1
    browser.send("/desk/account/sign-ins/end")
    assert not second.is_in()
    assert not third.is_in()
    assert browser.is_in()


def test_nobody_signs_out_another_editors_browser(desk: Desk, browser: Browser) -> None:
    owner = desk.enter(Role.OWNER)
    owner.get("/desk/account")
    with desk.database.reading() as session:
        theirs = session.scalars(
            select(model.SignIn.id).where(model.SignIn.editor_id == desk.editors[Role.OWNER])
        ).all()
    for number in theirs:
        assert browser.send(f"/desk/account/sign-ins/{number}/end").status_code == 404
    assert owner.is_in()


def test_a_message_is_one_of_ours(browser: Browser) -> None:
    page = browser.get("/desk/account?done=<script>alert(1)</script>").text
    assert "alert" not in page
    assert 'role="status"' not in page
