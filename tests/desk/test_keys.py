"""API keys: known by their hash alone, bounded, revoked for good."""

from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model
from newsletter.desk import OPERATOR, Actor, keys
from newsletter.errors import Invalid, LimitReached, NotFound


def test_a_key_is_known_again_and_kept_as_a_hash(session: Session) -> None:
    actor = Actor(None, "Olga")
    token = keys.make(session, "  Form on\tour site ", ["figures", "x"], NOW, actor=actor)
    key = session.scalars(select(model.ApiKey)).one()
    assert (key.name, key.scopes, key.who) == ("Form on our site", ["figures"], "Olga")
    assert key.digest == sha256(token.encode()).digest()
    assert len(token) > 45
    assert token.startswith(key.hint)
    assert len(key.hint) == 10
    assert keys.recognise(session, token) is key
    for other in ("", token[:-1], token.upper(), key.hint, key.digest.hex()):
        assert keys.recognise(session, other) is None
    about = session.scalars(select(model.AuditEntry.about)).one()
    assert about == "Form on our site: figures"


@pytest.mark.parametrize(
    ("name", "scopes", "field"),
    [("", ["figures"], "name"), ("x" * 81, ["figures"], "name"), ("x", ["all"], "scopes")],
)
def test_a_key_has_a_name_and_something_to_do(
    session: Session, name: str, scopes: list[str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        keys.make(session, name, scopes, NOW, actor=OPERATOR)
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert keys.listed(session) == []


def test_a_revoked_key_opens_nothing_any_more(session: Session) -> None:
    token = keys.make(session, "Form", ["figures"], NOW, actor=OPERATOR)
    other = make.api_key(session)
    key = keys.recognise(session, token)
    assert key is not None
    keys.revoke(session, key.id, NOW, actor=OPERATOR)
    assert keys.recognise(session, token) is None
    assert keys.listed(session) == [other, key]
    for number in (key.id, 99):
        with pytest.raises(NotFound):
            keys.revoke(session, number, NOW, actor=OPERATOR)


def test_the_day_of_its_last_use_is_noted_and_no_more(session: Session) -> None:
    key = make.api_key(session)
    for hours, day in ((0, 23), (20, 24), (1, 23)):
        keys.admit(session, key, NOW + timedelta(hours=hours))
        assert key.used_on is not None
        assert key.used_on.day == day


def test_a_key_asks_so_often_and_no_key_for_another(session: Session) -> None:
    key, other = make.api_key(session), make.api_key(session)
    for _ in range(600):
        keys.admit(session, key, NOW)
    with pytest.raises(LimitReached):
        keys.admit(session, key, NOW)
    keys.admit(session, other, NOW)
    keys.admit(session, key, NOW + timedelta(minutes=1))
