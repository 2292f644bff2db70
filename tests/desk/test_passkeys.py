import json
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from authenticator import Authenticator
from make import NOW, SECRET_KEY
from newsletter import model
from newsletter.desk import passkeys
from newsletter.desk.audit import Actor
from newsletter.desk.passkeys import House
from newsletter.errors import Invalid
from newsletter.links import LIVES, Links

HOUSE = House("Institute", Links("https://monitor.example.org", SECRET_KEY))
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def editor(session: Session) -> model.Editor:
    return make.editor(session, name="Anna Nowak")


@pytest.fixture
def device() -> Authenticator:
    return Authenticator("https://monitor.example.org", "monitor.example.org")


def options(session: Session, editor: model.Editor) -> str:
    actor = Actor.of(editor)
    return passkeys.registration_options(session, HOUSE, actor, editor.address, NOW)


def register(session: Session, editor: model.Editor, device: Authenticator) -> model.Passkey:
    answer = device.make(options(session, editor))
    return passkeys.register(session, HOUSE, editor.id, answer, " my \n phone ", LATER)


def test_a_device_signs_in_by_the_passkey_it_made(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    made = register(session, editor, device)
    assert made.name == "my phone"
    answer = device.use(passkeys.sign_in_options(HOUSE, NOW))
    passkeys.check_known(session, answer)
    assert passkeys.recognise(session, HOUSE, answer, LATER) is editor
    assert (made.used_at, made.sign_count) == (LATER, 1)


def test_the_device_is_asked_to_verify_its_holder_and_to_know_the_passkey_by_itself(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    made = register(session, editor, device)
    asked = json.loads(options(session, editor))
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert [each["id"] for each in asked["excludeCredentials"]]
    assert asked["rp"] == {"id": "monitor.example.org", "name": "Institute"}
    asked = json.loads(passkeys.sign_in_options(HOUSE, NOW))
    assert (asked["userVerification"], asked.get("allowCredentials", [])) == ("required", [])
    assert made.editor_id == editor.id


def test_an_answer_is_taken_once(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    register(session, editor, device)
    answer = device.use(passkeys.sign_in_options(HOUSE, NOW))
    passkeys.recognise(session, HOUSE, answer, LATER)
    session.scalars(select(model.Passkey)).one().sign_count = 0
    with pytest.raises(Invalid):
        passkeys.recognise(session, HOUSE, answer, LATER)


def test_a_device_that_counts_backwards_was_copied(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    register(session, editor, device)
    device.count = 5
    answer = device.use(passkeys.sign_in_options(HOUSE, NOW))
    passkeys.recognise(session, HOUSE, answer, LATER)
    device.count = 5
    with pytest.raises(Invalid):
        passkeys.recognise(session, HOUSE, device.use(passkeys.sign_in_options(HOUSE, NOW)), LATER)


def test_an_answer_that_comes_late_is_refused(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    register(session, editor, device)
    answer = device.use(passkeys.sign_in_options(HOUSE, NOW))
    with pytest.raises(Invalid):
        passkeys.recognise(session, HOUSE, answer, NOW + LIVES["passkey"])


@pytest.mark.parametrize(
    "wrong",
    [
        Authenticator("https://evil.example.net", "monitor.example.org"),
        Authenticator("https://monitor.example.org", "evil.example.net"),
        Authenticator("http://monitor.example.org", "monitor.example.org"),
        Authenticator("https://monitor.example.org", "monitor.example.org", verifies=False),
    ],
    ids=["origin", "host", "scheme", "unverified"],
)
def test_a_device_that_answers_someone_else_is_refused(
    session: Session, editor: model.Editor, device: Authenticator, wrong: Authenticator
) -> None:
    with pytest.raises(Invalid):
        register(session, editor, wrong)
    register(session, editor, device)
    wrong.key, wrong.credential, wrong.handle = device.key, device.credential, device.handle
    with pytest.raises(Invalid):
        passkeys.recognise(session, HOUSE, wrong.use(passkeys.sign_in_options(HOUSE, NOW)), LATER)


def test_another_key_or_another_editors_handle_is_refused(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    register(session, editor, device)
    other = Authenticator(device.origin, device.host)
    other.credential, other.handle = device.credential, device.handle
    with pytest.raises(Invalid):
        passkeys.recognise(session, HOUSE, other.use(passkeys.sign_in_options(HOUSE, NOW)), LATER)
    device.handle = b"editor-99"
    with pytest.raises(Invalid):
        passkeys.recognise(session, HOUSE, device.use(passkeys.sign_in_options(HOUSE, NOW)), LATER)


def test_a_challenge_for_one_editor_makes_no_passkey_for_another(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    answer = device.make(options(session, make.editor(session)))
    with pytest.raises(Invalid):
        passkeys.register(session, HOUSE, editor.id, answer, "phone", LATER)
    with pytest.raises(Invalid):
        passkeys.register(session, HOUSE, editor.id, answer.replace("create", "get"), "p", LATER)


def test_a_passkey_that_is_known_is_not_kept_again(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    register(session, editor, device)
    with pytest.raises(Invalid):
        register(session, make.editor(session), device)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "[]",
        "{}",
        "{" * 1000,
        '{"id": 1}',
        '{"id":"AA","rawId":"AA","type":"public-key","response":{}}',
        '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30",'
        '"authenticatorData":"AA","signature":"AA","attestationObject":"oA"}}',
        '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":1,'
        '"authenticatorData":[],"signature":{},"attestationObject":null,"userHandle":7}}',
    ],
)
def test_a_made_up_answer_is_refused(session: Session, editor: model.Editor, answer: str) -> None:
    with pytest.raises(Invalid):
        passkeys.check_known(session, answer)
    with pytest.raises(Invalid):
        passkeys.recognise(session, HOUSE, answer, NOW)
    with pytest.raises(Invalid):
        passkeys.register(session, HOUSE, editor.id, answer, "phone", NOW)


def test_a_mangled_answer_is_refused(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    register(session, editor, device)
    for made in (device.make(options(session, editor)), device.use(_sign_in())):
        answer = json.loads(made)
        for name, value in answer["response"].items():
            for broken in ("", "A", value[:-8], value[8:], "____" + value, "é", "AAAA" * 20):
                mangled = json.dumps(answer | {"response": {**answer["response"], name: broken}})
                with pytest.raises(Invalid):
                    passkeys.recognise(session, HOUSE, mangled, LATER)
                with pytest.raises(Invalid):
                    passkeys.register(session, HOUSE, editor.id, mangled, "phone", LATER)


def test_an_editor_removes_only_their_own(
    session: Session, editor: model.Editor, device: Authenticator
) -> None:
    made = register(session, editor, device)
    assert passkeys.remove(session, make.editor(session).id, made.id) is None
    assert passkeys.remove(session, editor.id, made.id) == "my phone"
    assert passkeys.listed(session, editor.id) == []
    with pytest.raises(Invalid):
        passkeys.recognise(session, HOUSE, device.use(_sign_in()), LATER)


def test_the_origin_is_written_as_browsers_write_it() -> None:
    for base, origin, host in (
        (
            "https://Monitor.example.org:443/news",
            "https://monitor.example.org",
            "monitor.example.org",
        ),
        ("http://localhost:8000", "http://localhost:8000", "localhost"),
        ("http://localhost:80", "http://localhost", "localhost"),
    ):
        house = House("Institute", Links(base, SECRET_KEY))
        assert (house.origin, house.host) == (origin, host)


def _sign_in() -> str:
    return passkeys.sign_in_options(HOUSE, NOW)
