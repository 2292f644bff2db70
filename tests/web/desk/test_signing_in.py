"""Signing in: passwords, codes, passkeys; what is said to whom; cookies; brute force."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select

from authenticator import Authenticator
from newsletter import model
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.desk import Action, codes
from newsletter.desk.sign_ins import FRESH, IDLE
from newsletter.links import Links
from newsletter.model import Role
from newsletter.web import create_app
from web.desk.conftest import OURS, PASSWORD, Browser, Desk, address

OWNER = address(Role.OWNER)


@pytest.fixture
def secret(desk: Desk) -> str:
    """The owner's secret for codes, from long ago."""
    secret = codes.new_secret()
    with desk.database.transaction() as session:
        owner = session.get_one(model.Editor, desk.editors[Role.OWNER])
        owner.totp_secret = secret
    return secret


@pytest.fixture
def device(desk: Desk) -> Authenticator:
    """A device with a passkey of the owner."""
    device = Authenticator("http://localhost:8000", "localhost")
    owner = desk.enter(Role.OWNER)
    options = owner.get("/desk/account/passkeys/options").text
    answer = owner.send("/desk/account/passkeys", name="Phone", answer=device.make(options))
    assert answer.headers["Location"] == "/desk/account?done=passkey"
    return device


def by_passkey(browser: Browser, device: Authenticator, path: str = "/desk/sign-in/passkey") -> str:
    """Use the passkey; return where that leads."""
    options = browser.get("/desk/sign-in/passkey").text
    answer = browser.send(path, answer=device.use(options))
    return answer.headers.get("Location", "")


def hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="')[1].split('"')[0]


def test_an_editor_signs_in_and_out(desk: Desk) -> None:
    browser = desk.browser()
    assert not browser.is_in()
    answer = browser.sign_in("Owner@Example.org ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")
    assert browser.is_in()
    old = browser.cookie
    answer = browser.send("/desk/sign-out")
    assert answer.headers["Location"] == "/desk/sign-in?done=signed-out"
    assert not browser.is_in()
    browser.client.set_cookie("desk", old)
    assert not browser.is_in(), "the token is void, not only forgotten"
    assert desk.told() == [Action.SIGNED_IN, Action.SIGNED_OUT]


def test_one_is_led_to_where_one_wanted_to_go(desk: Desk) -> None:
    browser = desk.browser()
    answer = browser.get("/desk/trail?before=7")
    assert answer.headers["Location"] == "/desk/sign-in?next=%2Fdesk%2Ftrail%3Fbefore%3D7"
    page = browser.get(answer.headers["Location"]).text
    answer = browser.sign_in(OWNER, next=hidden(page, "next"))
    assert answer.headers["Location"] == "/desk/trail?before=7"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example.net/",
        "//evil.example.net/desk",
        "/desk//evil.example.net",
        "/desk/../russia-monitor",
        "/desk\\evil",
        "/desk@evil.example.net",
        "/deskevil.example.net",
        "javascript:alert(1)",
        "/desk/x\r\nSet-Cookie: desk=1",
        "/desk/%0d%0aSet-Cookie:x",
        "/desk?next=https://evil.example.net",
        "\thttps://evil.example.net",
        "/mailbox",
        "/desk/" + "x" * 100 + "é",
    ],
)
def test_nobody_is_led_elsewhere(desk: Desk, elsewhere: str) -> None:
    browser = desk.browser()
    answer = browser.sign_in(OWNER, next=elsewhere)
    assert answer.headers["Location"] == "/desk/"
    assert len(answer.headers.getlist("Set-Cookie")) == 1
    answer = browser.client.get("/desk/sign-in", query_string={"next": elsewhere})
    assert answer.headers["Location"] == "/desk/"


def test_the_answer_is_the_same_whether_there_is_such_an_editor_or_not(desk: Desk) -> None:
    known = desk.browser().sign_in(OWNER, "wrong password")
    unknown = desk.browser().sign_in("nobody@example.org", "wrong password")
    assert known.status_code == unknown.status_code == 403
    assert "The address or the password is not right" in known.text
    assert known.text.replace(OWNER, "") == unknown.text.replace("nobody@example.org", "")


def test_an_unknown_address_asks_the_database_the_same(desk: Desk) -> None:
    def asked(who: str) -> list[str]:
        statements: list[str] = []

        def keep(_: object, __: object, statement: str, *___: object) -> None:
            statements.append(statement)

        event.listen(desk.database.engine, "before_cursor_execute", keep)
        desk.browser().sign_in(who, "wrong password")
        event.remove(desk.database.engine, "before_cursor_execute", keep)
        return statements

    asked("warm@example.org")  # makes the network's row
    known, unknown = asked(OWNER), asked("nobody@example.org")
    assert known == unknown
    assert len(known) > 5


def test_an_unknown_address_costs_the_same_time(desk: Desk) -> None:
    def seconds(who: str) -> float:
        # What the processor does for it: nobody else on this machine can add to that.
        browser, begun = desk.browser(), time.process_time()
        browser.sign_in(who, "wrong password")
        return time.process_time() - begun

    seconds("warm@example.org")
    pairs = [(seconds(address(role)), seconds(f"no-{role}@example.org")) for role in list(Role) * 3]
    known, unknown = (min(side) for side in zip(*pairs, strict=True))
    assert 0.6 < known / unknown < 1.6


def test_who_guesses_is_made_to_wait_right_or_not(desk: Desk) -> None:
    for who in (OWNER, "nobody@example.org"):
        for _ in range(5):
            assert desk.browser().sign_in(who, "wrong password").status_code == 403
        for password in ("wrong password", PASSWORD):
            answer = desk.browser().sign_in(who, password)
            assert answer.status_code == 429
            assert "Too many attempts" in answer.text
    assert desk.browser().sign_in(address(Role.WRITER)).status_code == 303


def test_the_wait_outlives_a_restart(desk: Desk, settings: Settings) -> None:
    for _ in range(5):
        desk.browser().sign_in(OWNER, "wrong password")
    again = Browser(create_app(settings, desk.database).test_client())
    assert again.sign_in(OWNER).status_code == 429


def test_guessing_locks_nobody_out_who_has_a_passkey(desk: Desk, device: Authenticator) -> None:
    for _ in range(6):
        desk.browser().sign_in(OWNER, "wrong password")
    assert by_passkey(desk.browser(), device) == "/desk/"


def test_an_older_hash_is_made_anew(desk: Desk) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with desk.database.transaction() as session:
        session.get_one(model.Editor, desk.editors[Role.OWNER]).password_hash = old
    assert desk.browser().sign_in(OWNER).status_code == 303
    with desk.database.reading() as session:
        kept = session.get_one(model.Editor, desk.editors[Role.OWNER]).password_hash or ""
    assert kept != old
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert desk.browser().sign_in(OWNER).status_code == 303


def test_a_cookie_that_was_planted_never_becomes_a_sign_in(desk: Desk) -> None:
    browser = desk.browser()
    browser.client.set_cookie("desk", "planted")
    browser.sign_in(OWNER)
    assert browser.cookie != "planted"
    other = desk.browser()
    other.client.set_cookie("desk", "planted")
    assert not other.is_in()


def test_signing_in_again_ends_the_earlier_one_in_that_browser(desk: Desk) -> None:
    browser = desk.enter(Role.WRITER)
    writers = browser.cookie
    browser.sign_in(OWNER)
    assert browser.cookie != writers
    browser.client.set_cookie("desk", writers)
    assert not browser.is_in()


def test_the_cookie_is_the_browsers_alone(desk: Desk, settings: Settings) -> None:
    plain = desk.browser().sign_in(OWNER).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Path=/" in plain
    assert "Secure" not in plain
    public = replace(
        settings, base_url="https://monitor.example.org", relay_url="smtp://relay.example.org"
    )
    client = create_app(public, desk.database).test_client()
    form = {"address": OWNER, "password": PASSWORD}
    answer = client.post("/desk/sign-in", data=form, headers=OURS)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-desk=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_a_sign_in_ends_unused_and_its_use_is_noted(desk: Desk) -> None:
    assert not desk.enter(Role.OWNER, ago=IDLE).is_in()
    browser = desk.enter(Role.OWNER, ago=IDLE - timedelta(minutes=1))
    assert browser.is_in()
    with desk.database.reading() as session:
        newest = session.scalars(select(model.SignIn.seen_at).order_by(model.SignIn.seen_at)).all()
    assert datetime.now(UTC) - newest[-1] < timedelta(minutes=1)


def test_with_codes_the_password_alone_lets_nobody_in(desk: Desk, secret: str) -> None:
    browser = desk.browser()
    page = browser.sign_in(OWNER, next="/desk/team")
    assert "Enter the code" in page.text
    assert not browser.is_in()
    form = {name: hidden(page.text, name) for name in ("tag", "next")}
    answer = browser.send("/desk/sign-in/code", code="000000", **form)
    assert answer.status_code == 403
    assert not browser.is_in()
    code = pyotp.TOTP(secret).now()
    answer = browser.send("/desk/sign-in/code", code=code, **form)
    assert answer.headers["Location"] == "/desk/team"
    assert browser.is_in()
    again = desk.browser().send("/desk/sign-in/code", code=code, **form)
    assert again.status_code == 403, "no code is taken twice"


def test_codes_cannot_be_guessed_by_who_has_the_password(desk: Desk, secret: str) -> None:
    statuses = []
    for number in range(8):
        browser = desk.browser()
        page = browser.sign_in(OWNER)
        if page.status_code == 429:
            statuses.append(429)
            continue
        tag = hidden(page.text, "tag")
        statuses.append(
            browser.send("/desk/sign-in/code", tag=tag, code=f"{number:06}").status_code
        )
    assert statuses == [403] * 5 + [429] * 3


@pytest.mark.parametrize("tag", ["", "x", "1-2.abc", "1-99999999999." + "0" * 32])
def test_a_made_up_tag_asks_for_no_code(desk: Desk, secret: str, tag: str) -> None:
    code = pyotp.TOTP(secret).now()
    answer = desk.browser().send("/desk/sign-in/code", tag=tag, code=code)
    assert answer.headers["Location"] == "/desk/sign-in?done=slow"


def test_a_tag_lives_for_minutes_and_is_no_other_link(
    desk: Desk, secret: str, settings: Settings
) -> None:
    links, now = Links(settings.base_url, settings.secret_key), datetime.now(UTC)
    owner = desk.editors[Role.OWNER]
    late = links.code_tag(owner, now - timedelta(minutes=6))
    other = links.confirm(owner, now).rpartition("/")[2]
    for tag in (late, other):
        code = pyotp.TOTP(secret).now()
        answer = desk.browser().send("/desk/sign-in/code", tag=tag, code=code)
        assert answer.headers["Location"] == "/desk/sign-in?done=slow"


def test_a_passkey_signs_in(desk: Desk, device: Authenticator) -> None:
    browser = desk.browser()
    assert by_passkey(browser, device, "/desk/sign-in/passkey?next=/desk/team") == "/desk/team"
    assert browser.is_in()
    assert desk.told() == [Action.PASSKEY_ADDED, Action.SIGNED_IN]


def test_a_passkeys_answer_signs_in_once(desk: Desk, device: Authenticator) -> None:
    browser = desk.browser()
    answer = device.use(browser.get("/desk/sign-in/passkey").text)
    assert browser.send("/desk/sign-in/passkey", answer=answer).status_code == 303
    again = desk.browser().send("/desk/sign-in/passkey", answer=answer)
    assert again.status_code == 403
    assert "The passkey could not be used" in again.text


@pytest.mark.parametrize("answer", ["", "{}", "[" * 5000, json.dumps({"id": "x", "rawId": "x"})])
def test_a_made_up_passkey_is_refused(desk: Desk, answer: str) -> None:
    browser = desk.browser()
    assert browser.send("/desk/sign-in/passkey", answer=answer).status_code == 403
    assert not browser.is_in()


def stale(desk: Desk) -> Iterator[Browser]:
    while True:
        yield desk.enter(Role.OWNER, ago=FRESH + timedelta(minutes=1))


def test_who_proves_to_be_there_goes_on_under_a_new_token(
    desk: Desk, secret: str, device: Authenticator
) -> None:
    browsers = stale(desk)
    for proof in ({"password": PASSWORD, "code": pyotp.TOTP(secret).now()}, None):
        browser = next(browsers)
        old = browser.cookie
        if proof:
            answer = browser.send("/desk/prove", next="/desk/team/invite", **proof)
            assert answer.headers["Location"] == "/desk/team/invite"
        else:
            assert by_passkey(browser, device, "/desk/prove?next=/desk/team/invite")
        assert browser.cookie != old
        assert browser.get("/desk/team/invite").status_code == 200
        browser.client.set_cookie("desk", old)
        assert not browser.is_in()


def test_a_wrong_proof_proves_nothing(desk: Desk, secret: str, device: Authenticator) -> None:
    browser = next(stale(desk))
    code = pyotp.TOTP(secret).now()
    proofs: list[dict[str, str]] = [{}, {"password": PASSWORD}, {"password": "x", "code": code}]
    for proof in proofs:
        assert browser.send("/desk/prove", **proof).status_code == 403
    writer = desk.enter(Role.WRITER, ago=FRESH + timedelta(minutes=1))
    assert by_passkey(writer, device, "/desk/prove") == "", "the passkey is the owner's"
    assert browser.get("/desk/team/invite").status_code == 303


def test_before_there_is_an_owner_the_door_says_how_to_get_one(
    settings: Settings, database: Database
) -> None:
    page = create_app(settings, database).test_client().get("/desk/sign-in", headers=OURS).text
    assert "newsletter editor setup-link" in page
    assert "<form" not in page


def test_below_a_folder_every_link_leads_there(desk: Desk, settings: Settings) -> None:
    below = replace(settings, base_url="http://localhost:8000/news")
    browser = Browser(create_app(below, desk.database).test_client())
    answer = browser.get("/desk/team")
    assert answer.headers["Location"] == "/news/desk/sign-in?next=%2Fdesk%2Fteam"
    answer = browser.sign_in(OWNER, next="/desk/team")
    assert answer.headers["Location"] == "/news/desk/team"
    page = browser.get("/desk/team").text
    assert '"/news/desk/trail"' in page
    assert '="/desk' not in page


def test_a_header_cannot_be_made_up_by_an_address(desk: Desk) -> None:
    answer = desk.browser().sign_in("x@example.org\r\nSet-Cookie: desk=1\r\n\r\n<script>", "x")
    assert "Set-Cookie" not in answer.headers
    assert "<script>" not in answer.text


def test_nothing_that_is_typed_at_the_door_is_too_long(desk: Desk) -> None:
    answer = desk.browser().sign_in("x" * 20_000 + "@example.org", "y" * 20_000)
    assert answer.status_code == 403
    assert len(answer.text) < 10_000
    answer = desk.browser().sign_in("x@example.org", "y" * 100_000)
    assert answer.status_code == 413
