from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import model
from newsletter.database import Database
from newsletter.desk import Action, codes, sign_ins, team, trail
from newsletter.desk.audit import OPERATOR, Actor
from newsletter.errors import Conflict, Invalid, InvalidAddress, LinkInvalid, NotFound
from newsletter.model import Role

HASH = "$argon2id$of-the-tests"


@pytest.fixture
def owner(session: Session) -> model.Editor:
    return make.editor(session, role=Role.OWNER, name="Olga", address="olga@example.org")


def accept(session: Session, token: str, **given: str) -> model.Editor:
    given = {"name": "Anna Nowak", "password_hash": HASH, **given}
    return team.accept(session, token, NOW, **given)


def told(session: Session) -> list[tuple[str, str, str]]:
    return [(each.who, each.action, each.about) for each in reversed(trail(session))]


def test_the_first_owner_sets_up_the_desk_once(session: Session) -> None:
    assert not team.has_owner(session)
    token = team.set_up(session, NOW, actor=OPERATOR)
    editor = accept(session, token, address=" Anna@Example.org")
    assert (editor.role, editor.address, editor.name) == (
        Role.OWNER,
        "anna@example.org",
        "Anna Nowak",
    )
    assert team.has_owner(session)
    with pytest.raises(LinkInvalid):
        accept(session, token, address="eve@example.org")
    with pytest.raises(Conflict):
        team.set_up(session, NOW, actor=OPERATOR)


def test_a_new_link_to_set_up_voids_the_old_one(session: Session) -> None:
    old = team.set_up(session, NOW, actor=OPERATOR)
    new = team.set_up(session, NOW, actor=OPERATOR)
    with pytest.raises(LinkInvalid):
        team.fetch_invitation(session, old, NOW)
    assert team.fetch_invitation(session, new, NOW).role is Role.OWNER


def test_a_link_to_set_up_is_void_once_there_is_an_owner(session: Session) -> None:
    token = team.set_up(session, NOW, actor=OPERATOR)
    make.editor(session, role=Role.OWNER)
    with pytest.raises(LinkInvalid):
        accept(session, token, address="eve@example.org")


def test_who_is_invited_joins_in_the_role_that_was_said(
    session: Session, owner: model.Editor
) -> None:
    actor = Actor.of(owner)
    token = team.invite(session, "Jan@Example.org", Role.WRITER, NOW, actor=actor, name="Jan")
    (invitation,) = team.invitations(session, NOW)
    assert (invitation.address, invitation.name) == ("jan@example.org", "Jan")
    editor = accept(session, token, address="eve@example.org")
    assert (editor.address, editor.role) == ("jan@example.org", Role.WRITER)
    assert team.invitations(session, NOW) == []
    assert told(session) == [
        ("Olga", Action.INVITED, "jan@example.org (writer)"),
        ("Anna Nowak", Action.JOINED, "jan@example.org (writer)"),
    ]


def test_an_invitation_ends(session: Session, owner: model.Editor) -> None:
    token = team.invite(session, "jan@example.org", Role.WRITER, NOW, actor=OPERATOR)
    team.fetch_invitation(session, token, NOW + team.INVITED - timedelta(seconds=1))
    with pytest.raises(LinkInvalid):
        team.fetch_invitation(session, token, NOW + team.INVITED)
    assert team.invitations(session, NOW + team.INVITED) == []


def test_an_invitation_can_be_withdrawn(session: Session, owner: model.Editor) -> None:
    token = team.invite(session, "jan@example.org", Role.WRITER, NOW, actor=OPERATOR)
    (invitation,) = team.invitations(session, NOW)
    for _ in range(2):
        team.withdraw(session, invitation.id, NOW, actor=OPERATOR)
    with pytest.raises(LinkInvalid):
        accept(session, token)
    assert told(session)[1:] == [("", Action.INVITATION_WITHDRAWN, "jan@example.org")]


def test_a_new_invitation_voids_the_old_one(session: Session, owner: model.Editor) -> None:
    old = team.invite(session, "jan@example.org", Role.OWNER, NOW, actor=OPERATOR)
    new = team.invite(session, "jan@example.org", Role.WRITER, NOW, actor=OPERATOR)
    with pytest.raises(LinkInvalid):
        accept(session, old)
    assert accept(session, new).role is Role.WRITER


def test_an_editor_is_not_invited_again(session: Session, owner: model.Editor) -> None:
    with pytest.raises(Conflict):
        team.invite(session, "Olga@example.org", Role.WRITER, NOW, actor=OPERATOR)
    with pytest.raises(InvalidAddress):
        team.invite(session, "olga@", Role.WRITER, NOW, actor=OPERATOR)


@pytest.mark.parametrize("name", ["", "  ", "\r\n"])
def test_an_editor_has_a_name(session: Session, owner: model.Editor, name: str) -> None:
    token = team.invite(session, "jan@example.org", Role.WRITER, NOW, actor=OPERATOR)
    with pytest.raises(Invalid):
        accept(session, token, name=name)


def test_a_name_is_one_line(session: Session, owner: model.Editor) -> None:
    token = team.invite(session, "jan@example.org", Role.WRITER, NOW, actor=OPERATOR)
    assert accept(session, token, name="Jan\r\nBcc: eve@example.org").name == (
        "Jan Bcc: eve@example.org"
    )


def test_a_reset_takes_every_way_in_and_gives_a_new_one(
    session: Session, owner: model.Editor
) -> None:
    secret = codes.new_secret()
    editor = make.editor(session, password_hash=HASH, totp_secret=secret)
    session.add(
        model.Passkey(
            editor_id=editor.id,
            credential=b"1",
            public_key=b"2",
            sign_count=0,
            name="phone",
            created_at=NOW,
        )
    )
    sign_in = sign_ins.begin(session, editor, NOW)
    token = team.reset(session, editor, NOW, actor=Actor.of(owner))
    assert sign_ins.recognise(session, sign_in, NOW) is None
    assert not team.candidate(session, editor.address).password_hash
    (mate,) = [each for each in team.teammates(session) if each.id == editor.id]
    assert (mate.has_password, mate.has_codes, mate.passkeys) == (False, False, 0)
    assert accept(session, token, name="Eve", password_hash="new") is editor
    assert (editor.password_hash, editor.name) == ("new", mate.name)
    with pytest.raises(LinkInvalid):
        accept(session, token)


def test_another_role_ends_the_sign_ins(session: Session, owner: model.Editor) -> None:
    editor = make.editor(session, role=Role.OWNER, name="Jan")
    token = sign_ins.begin(session, editor, NOW)
    team.change_role(session, editor, Role.OWNER, NOW, actor=Actor.of(owner))
    assert sign_ins.recognise(session, token, NOW)
    team.change_role(session, editor, Role.WRITER, NOW, actor=Actor.of(owner))
    assert sign_ins.recognise(session, token, NOW) is None
    assert told(session) == [("Olga", Action.ROLE_CHANGED, "Jan (owner → writer)")]


def test_there_is_always_an_owner(session: Session, owner: model.Editor) -> None:
    with pytest.raises(Conflict):
        team.change_role(session, owner, Role.EDITOR, NOW, actor=OPERATOR)
    with pytest.raises(Conflict):
        team.remove(session, owner, NOW, actor=OPERATOR)
    make.editor(session, role=Role.OWNER)
    team.remove(session, owner, NOW, actor=OPERATOR)
    with pytest.raises(NotFound):
        team.fetch_by_address(session, "olga@example.org")
    assert told(session) == [("", Action.REMOVED, "Olga (olga@example.org)")]


def test_an_editor_is_found_however_the_address_is_written(
    session: Session, owner: model.Editor
) -> None:
    assert team.fetch_by_address(session, " OLGA@example.org") is owner
    assert team.candidate(session, "Olga@Example.org ").editor_id == owner.id
    assert team.candidate(session, "nobody@example.org") == team.Candidate()
    with pytest.raises(NotFound):
        team.fetch(session, 2**63)


def test_the_trail_is_read_from_before_a_line(session: Session) -> None:
    for number in range(5):
        team.invite(session, f"e{number}@example.org", Role.WRITER, NOW, actor=OPERATOR)
    newest = trail(session, limit=2)
    older = trail(session, before=newest[-1].id, limit=2)
    assert [each.about[:2] for each in (*newest, *older)] == ["e4", "e3", "e2", "e1"]


@pytest.mark.parametrize(
    "change", ["update audit_entries set who = 'Eve'", "delete from audit_entries"]
)
def test_nobody_takes_back_what_the_trail_says(database: Database, change: str) -> None:
    with database.transaction() as session:
        team.set_up(session, NOW, actor=OPERATOR)
    with pytest.raises(DatabaseError, match="only added to"), database.transaction() as session:
        session.execute(text(change))
    with database.reading() as session:
        assert session.scalars(select(model.AuditEntry.who)).all() == [""]
