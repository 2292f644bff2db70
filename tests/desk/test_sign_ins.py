from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model
from newsletter.desk import sign_ins
from newsletter.desk.sign_ins import FRESH, IDLE, LIFE, Presence

SECOND = timedelta(seconds=1)


def recognised(session: Session, token: str, after: timedelta = SECOND) -> Presence:
    found = sign_ins.recognise(session, token, NOW + after)
    assert found is not None
    return found


def test_an_editor_is_known_by_the_token(session: Session) -> None:
    editor = make.editor(session, name="Anna Nowak")
    token = sign_ins.begin(session, editor, NOW, origin="192.0.2.0/24", program="Firefox")
    presence = recognised(session, token)
    assert (presence.editor_id, presence.name, presence.role) == (
        editor.id,
        "Anna Nowak",
        editor.role,
    )
    assert sign_ins.recognise(session, token + "x", NOW) is None
    assert sign_ins.recognise(session, "", NOW) is None


def test_only_a_hash_of_the_token_is_kept(session: Session) -> None:
    token = sign_ins.begin(session, make.editor(session), NOW)
    row = session.scalars(select(model.SignIn)).one()
    assert token.encode() not in row.digest
    assert len(row.digest) == 32


def test_a_sign_in_ends_unused(session: Session) -> None:
    token = sign_ins.begin(session, make.editor(session), NOW)
    assert sign_ins.recognise(session, token, NOW + IDLE - SECOND)
    assert sign_ins.recognise(session, token, NOW + IDLE) is None


def test_use_keeps_a_sign_in_but_not_for_ever(session: Session) -> None:
    token = sign_ins.begin(session, make.editor(session), NOW)
    at = timedelta()
    while at + IDLE / 2 < LIFE:
        at += IDLE / 2
        presence = recognised(session, token, at - SECOND)
        assert sign_ins.is_due(presence, NOW + at)
        sign_ins.touch(session, presence, NOW + at)
    assert sign_ins.recognise(session, token, NOW + LIFE) is None


def test_reading_on_writes_once_a_minute(session: Session) -> None:
    presence = recognised(session, sign_ins.begin(session, make.editor(session), NOW))
    assert not sign_ins.is_due(presence, NOW + timedelta(seconds=59))
    assert sign_ins.is_due(presence, NOW + timedelta(seconds=60))


def test_a_renewed_sign_in_is_fresh_and_its_old_token_is_void(session: Session) -> None:
    old = sign_ins.begin(session, make.editor(session), NOW)
    presence = recognised(session, old, FRESH)
    assert not presence.is_fresh(NOW + FRESH)
    new = sign_ins.renew(session, presence, NOW + FRESH)
    assert sign_ins.recognise(session, old, NOW + FRESH) is None
    again = recognised(session, new, FRESH + SECOND)
    assert again.sign_in == presence.sign_in
    assert again.is_fresh(NOW + FRESH + SECOND)


def test_an_editor_ends_only_their_own_sign_ins(session: Session) -> None:
    anna, jan = make.editor(session), make.editor(session)
    annas = recognised(session, sign_ins.begin(session, anna, NOW))
    assert not sign_ins.end(session, jan.id, annas.sign_in)
    assert len(sign_ins.listed(session, anna.id, NOW)) == 1
    assert sign_ins.end(session, anna.id, annas.sign_in)
    assert sign_ins.listed(session, anna.id, NOW) == []


def test_all_sign_ins_but_one_end(session: Session) -> None:
    anna, jan = make.editor(session), make.editor(session)
    tokens = [sign_ins.begin(session, anna, NOW) for _ in range(3)]
    sign_ins.begin(session, jan, NOW)
    here = recognised(session, tokens[1])
    assert sign_ins.end_all(session, anna.id, but=here.sign_in) == 2
    assert [row.id for row in sign_ins.listed(session, anna.id, NOW)] == [here.sign_in]
    assert len(sign_ins.listed(session, jan.id, NOW)) == 1


def test_what_has_ended_goes_when_somebody_signs_in(session: Session) -> None:
    editor = make.editor(session)
    sign_ins.begin(session, editor, NOW)
    sign_ins.begin(session, editor, NOW + IDLE)
    assert session.scalar(select(func.count(model.SignIn.id))) == 1


def test_with_the_editor_go_the_sign_ins_and_the_number_comes_never_again(
    session: Session,
) -> None:
    editor = make.editor(session)
    gone = editor.id
    token = sign_ins.begin(session, editor, NOW)
    session.delete(editor)
    session.flush()
    assert sign_ins.recognise(session, token, NOW) is None
    assert session.scalar(select(func.count(model.SignIn.id))) == 0
    assert make.editor(session).id > gone
