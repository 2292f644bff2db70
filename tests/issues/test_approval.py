"""Approval: who may, what exactly is approved, what ends it, and the history that it leaves."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import make
from make import NOW, SECRET_KEY
from newsletter import issues, model
from newsletter.database import Database
from newsletter.errors import Conflict, Forbidden, Invalid, InvalidIssue
from newsletter.issues.drafts import hash_of
from newsletter.links import Links
from newsletter.manuscripts import Article, Picture
from newsletter.model import Frequency, IssueState, StepKind

LINKS = Links("https://news.example.org", SECRET_KEY)
ARTICLE = Article("Ice on the canal", "The locks close.", dated=date(2026, 11, 20))
THAW = Article("Thaw", "The locks open.", dated=date(2026, 11, 20))


@pytest.fixture
def anna(session: Session) -> model.Editor:
    return make.editor(session, name="Anna")


@pytest.fixture
def bela(session: Session) -> model.Editor:
    return make.editor(session, name="Béla")


def draft(
    session: Session, writer: model.Editor | None = None, *, four_eyes: bool = False
) -> model.Issue:
    licence = make.licence(session)
    monitor = make.publication(session, licence_id=licence.id, four_eyes=four_eyes)
    return issues.draft(session, monitor, [ARTICLE], NOW, writer)


def seen(session: Session, issue: model.Issue) -> str:
    """Return what the approver's page would carry."""
    return issues.proof(session, issue, LINKS, NOW).content_hash


def approve(session: Session, issue: model.Issue, editor: model.Editor) -> None:
    issues.approve(session, issue, LINKS, NOW, editor=editor, seen=seen(session, issue))


def told(session: Session, issue: model.Issue) -> list[tuple[StepKind, str, str]]:
    return [(step.kind, step.who, step.words) for step in issues.steps(session, issue)]


def test_an_issue_goes_to_and_fro_until_it_is_approved(
    session: Session, anna: model.Editor, bela: model.Editor
) -> None:
    issue = draft(session, anna)
    issues.submit(session, issue, NOW, anna, words="Before noon, please. ")
    assert (issue.state, issue.submitted_at) == (IssueState.DRAFT, NOW)
    issues.send_back(session, issue, "Who says so?", NOW, bela)
    assert issue.submitted_at is None
    issues.comment(session, issue, "The port's\r\nyearbook.", NOW, anna)
    issues.submit(session, issue, NOW, anna)
    issues.withdraw(session, issue, NOW, anna)
    assert issue.submitted_at is None
    issues.submit(session, issue, NOW, anna)
    approve(session, issue, bela)
    assert (issue.state, issue.submitted_at) == (IssueState.APPROVED, None)
    assert told(session, issue) == [
        (StepKind.SUBMITTED, "Anna", "Before noon, please."),
        (StepKind.SENT_BACK, "Béla", "Who says so?"),
        (StepKind.COMMENTED, "Anna", "The port's\nyearbook."),
        (StepKind.SUBMITTED, "Anna", ""),
        (StepKind.WITHDRAWN, "Anna", ""),
        (StepKind.SUBMITTED, "Anna", ""),
        (StepKind.APPROVED, "Béla", ""),
    ]
    assert issues.steps(session, issue)[-1].content_hash == issue.content_hash


def test_what_was_seen_is_what_is_approved_frozen_and_sent(
    session: Session, anna: model.Editor
) -> None:
    issue = draft(session)
    proof = issues.proof(session, issue, LINKS, NOW)
    issues.approve(session, issue, LINKS, NOW, editor=anna, seen=proof.content_hash)
    frozen = session.scalars(select(model.Content).where(model.Content.issue_id == issue.id)).one()
    assert (frozen.subject, frozen.html, frozen.text) == (
        proof.content.subject,
        proof.content.html,
        proof.content.text,
    )
    assert issue.content_hash == proof.content_hash == hash_of([frozen])
    wall_time = NOW.replace(tzinfo=None) + timedelta(hours=1)
    issues.schedule(session, issue, wall_time, "UTC", NOW)
    make.subscription(session, publication_id=issue.publication_id)
    assert issues.publish(session, issue.id, NOW + timedelta(hours=1), batch_size=500)
    delivered = session.scalars(select(model.Delivery.content_id)).one()
    assert delivered == frozen.id


CHANGES: tuple[Callable[[Session, model.Issue], object], ...] = (
    lambda session, issue: issues.revise(session, issue, [THAW], NOW),
    lambda session, issue: setattr(issue, "subject", "Another subject"),
    lambda session, issue: setattr(
        issues.publication_of(session, issue), "postal_address", "Elsewhere"
    ),
)


def test_nothing_is_approved_that_changed_since_it_was_seen(
    session: Session, anna: model.Editor
) -> None:
    for change in CHANGES:
        issue = draft(session)
        issues.submit(session, issue, NOW, make.editor(session))
        before = seen(session, issue)
        change(session, issue)
        session.flush()
        for said in (before, "", "0" * 64):
            with pytest.raises(Conflict, match="has changed since"):
                issues.approve(session, issue, LINKS, NOW, editor=anna, seen=said)
        state = (issue.state, issue.content_hash, issue.submitted_at)
        assert state == (IssueState.DRAFT, None, NOW)
        assert StepKind.APPROVED not in {step.kind for step in issues.steps(session, issue)}
        approve(session, issue, anna)
        assert issue.content_hash not in (None, before)


def test_an_edit_revokes_the_approval_and_says_who_it_was(
    session: Session, anna: model.Editor, bela: model.Editor
) -> None:
    for scheduled in (False, True):
        issue = draft(session, anna)
        approve(session, issue, bela)
        if scheduled:
            wall_time = NOW.replace(tzinfo=None) + timedelta(hours=1)
            issues.schedule(session, issue, wall_time, "UTC", NOW)
        issues.revise(session, issue, [THAW], NOW, anna)
        assert (issue.state, issue.content_hash, issue.due_at) == (IssueState.DRAFT, None, None)
        assert told(session, issue)[-1] == (StepKind.REVOKED, "Anna", "")
        issues.revise(session, issue, [ARTICLE], NOW, bela)
        assert len(told(session, issue)) == 2, "a draft has no approval to revoke"
        approve(session, issue, bela)
        issues.reopen(session, issue, NOW, anna)
        assert told(session, issue)[-1] == (StepKind.REVOKED, "Anna", "")


def test_an_edit_leaves_what_awaits_approval_where_it_is(
    session: Session, anna: model.Editor
) -> None:
    issue = draft(session, anna)
    issues.submit(session, issue, NOW, anna)
    issues.revise(session, issue, [THAW], NOW, anna)
    assert issue.submitted_at == NOW


def test_where_four_eyes_are_needed_nobody_approves_what_they_had_a_hand_in(
    session: Session, anna: model.Editor, bela: model.Editor
) -> None:
    carol, dora = make.editor(session, name="Carol"), make.editor(session, name="Dora")
    issue = draft(session, anna, four_eyes=True)
    issues.save(session, issue.id, [THAW], NOW, bela, base=issue.version, automatic=True)
    issues.revise(session, issue, [ARTICLE], NOW)
    issues.submit(session, issue, NOW, carol)
    for editor in (anna, bela, carol):
        assert issues.is_barred(session, issue, editor.id)
        with pytest.raises(Forbidden, match="somebody else"):
            approve(session, issue, editor)
    issues.comment(session, issue, "Well done.", NOW, dora)
    assert not issues.is_barred(session, issue, dora.id)
    approve(session, issue, dora)
    assert issue.state is IssueState.APPROVED


def test_four_eyes_bind_owners_too_and_outlast_a_revoked_approval(
    session: Session, anna: model.Editor
) -> None:
    owner = make.editor(session, role=model.Role.OWNER)
    issue = draft(session, anna, four_eyes=True)
    approve(session, issue, owner)
    issues.revise(session, issue, [THAW], NOW, owner)
    for editor in (owner, anna):
        with pytest.raises(Forbidden):
            approve(session, issue, editor)


def test_without_four_eyes_an_editor_approves_their_own_and_the_operator_anything(
    session: Session, anna: model.Editor
) -> None:
    issue = draft(session, anna)
    issues.submit(session, issue, NOW, anna)
    approve(session, issue, anna)
    assert issue.state is IssueState.APPROVED
    issue = draft(session, anna, four_eyes=True)
    issues.approve(session, issue, LINKS, NOW)
    assert told(session, issue)[-1] == (StepKind.APPROVED, "", "")


def test_what_blocks_is_approved_by_nobody(session: Session, anna: model.Editor) -> None:
    issue = draft(session)
    picture = Picture("", make.image(session).name, "")
    issues.revise(session, issue, [Article("Ice", "Text.", picture=picture)], NOW)
    proof = issues.proof(session, issue, LINKS, NOW, language="pl")
    assert [remark.slug for remark in proof.blocking] == ["no-credit", "no-alt"]
    assert "podpis" in proof.blocking[0].message or "źródł" in proof.blocking[0].message
    with pytest.raises(InvalidIssue):
        approve(session, issue, anna)
    assert issue.state is IssueState.DRAFT
    issue = make.issue(session)
    with pytest.raises(InvalidIssue, match="no text"):
        issues.approve(session, issue, LINKS, NOW, editor=anna, seen="")


def test_an_approval_can_be_taken_back_with_a_word(
    session: Session, anna: model.Editor, bela: model.Editor
) -> None:
    issue = draft(session, anna)
    assert not issues.may_be_sent_back(issue)
    approve(session, issue, bela)
    assert issues.may_be_sent_back(issue)
    assert issues.send_back(session, issue, "The minister resigned.", NOW, bela)
    assert (issue.state, issue.content_hash) == (IssueState.DRAFT, None)
    contents = select(model.Content).where(model.Content.issue_id == issue.id)
    assert session.scalars(contents).all() == []
    with pytest.raises(Conflict):
        issues.send_back(session, issue, "Once more.", NOW, bela)


def test_what_left_or_was_cancelled_is_nobodys_to_submit_or_send_back(
    session: Session, anna: model.Editor
) -> None:
    known: dict[str, Any] = {"content_hash": "0" * 64}
    digest = {"state": IssueState.SCHEDULED, "frequency": Frequency.WEEKLY}
    late = ({"state": state} for state in [*IssueState][3:])
    for columns in (digest, *late):
        issue = make.issue(session, **known, **columns)
        acts: list[Callable[[], object]] = [
            partial(issues.submit, session, issue, NOW, anna),
            partial(issues.withdraw, session, issue, NOW, anna),
            partial(issues.send_back, session, issue, "No.", NOW, anna),
        ]
        for act in acts:
            with pytest.raises(Conflict):
                act()
        assert issues.steps(session, issue) == []
        issues.comment(session, issue, "Well sent.", NOW, anna)


def test_nobody_submits_twice_or_takes_back_what_was_not_submitted_or_says_nothing(
    session: Session, anna: model.Editor
) -> None:
    issue = draft(session, anna)
    with pytest.raises(Conflict):
        issues.withdraw(session, issue, NOW, anna)
    issues.submit(session, issue, NOW, anna)
    with pytest.raises(Conflict):
        issues.submit(session, issue, NOW, anna)
    for words in ("", "  \r\n ", "x" * 5_001):
        with pytest.raises(Invalid):
            issues.comment(session, issue, words, NOW, anna)
        with pytest.raises(Invalid):
            issues.send_back(session, issue, words, NOW, anna)
    assert issue.submitted_at == NOW
    assert len(issues.steps(session, issue)) == 1


def test_the_history_outlives_its_editors(session: Session, anna: model.Editor) -> None:
    issue = draft(session)
    issues.submit(session, issue, NOW, anna)
    session.delete(anna)
    session.flush()
    assert told(session, issue) == [(StepKind.SUBMITTED, "Anna", "")]


def test_an_edit_and_an_approval_at_once_take_turns(database: Database) -> None:
    """Whoever comes second sees what the first has left: no text is approved that was replaced."""
    with database.transaction() as session:
        issue = draft(session)
        number, hash_ = issue.id, seen(session, issue)
    refused, under_way = [], Event()

    def approve_meanwhile() -> None:
        under_way.set()
        try:
            with database.transaction() as session:
                issue = issues.fetch(session, number)
                issues.approve(session, issue, LINKS, NOW, seen=hash_)
        except Conflict as error:
            refused.append(error)

    with database.transaction() as session:
        issues.revise(session, issues.fetch(session, number), [THAW], NOW)
        thread = Thread(target=approve_meanwhile)
        thread.start()
        under_way.wait()
    thread.join()
    assert len(refused) == 1
    with database.reading() as session:
        assert issues.fetch(session, number).state is IssueState.DRAFT
