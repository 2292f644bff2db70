"""Approval on the desk: what each role is offered, what is refused, and what the trail keeps."""

import re
from datetime import UTC, date, datetime
from typing import Any

import make
from newsletter import issues, model
from newsletter.links import Links
from newsletter.manuscripts import Article, Picture
from newsletter.model import IssueState, Role
from web.desk.conftest import Desk

ARTICLE = Article("Ice on the canal", "The locks close.", dated=date(2026, 11, 20))
SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')


def draft(desk: Desk, article: Article = ARTICLE, **columns: Any) -> int:
    """Make a draft that the writer wrote; return its number."""
    with desk.database.transaction() as session:
        licence = make.licence(session)
        monitor = make.publication(session, licence_id=licence.id, **columns)
        writer = session.get_one(model.Editor, desk.editors[Role.WRITER])
        return issues.draft(session, monitor, [article], datetime.now(UTC), writer).id


def state(desk: Desk, number: int) -> tuple[IssueState, bool]:
    with desk.database.reading() as session:
        issue = issues.fetch(session, number)
        return issue.state, issue.submitted_at is not None


def test_a_writer_submits_and_an_editor_approves_what_they_see(desk: Desk) -> None:
    number = draft(desk)
    path = f"/desk/issues/{number}/approval"
    writer, editor = desk.enter(Role.WRITER), desk.enter(Role.EDITOR)
    page = writer.get(path).text
    assert "Submit for approval" in page
    assert "Approve this version" not in page
    assert "The locks close." in page
    answer = writer.send(f"{path}/submit", note="By noon,\r\nplease.")
    assert answer.headers["Location"] == f"{path}?done=submitted"
    assert "Take it back" in writer.get(path).text
    page = editor.get(path).text
    assert "By noon,\nplease." in page
    (seen,) = SEEN.findall(page)
    answer = editor.send(f"{path}/approve", seen=seen)
    assert answer.headers["Location"] == f"{path}?done=approved"
    assert state(desk, number) == (IssueState.APPROVED, False)
    assert "What you read is what will be sent." in editor.get(f"{path}?done=approved").text
    with desk.database.reading() as session:
        assert issues.fetch(session, number).content_hash == seen
    editor.send(f"{path}/send-back", reason="Not yet.")
    assert state(desk, number) == (IssueState.DRAFT, False)
    assert desk.told() == ["submitted", "approved", "sent-back", "reopened"]


def test_what_changed_since_it_was_read_is_not_approved_and_the_page_says_so(desk: Desk) -> None:
    number = draft(desk)
    path = f"/desk/issues/{number}/approval"
    editor = desk.enter(Role.EDITOR)
    (seen,) = SEEN.findall(editor.get(path).text)
    with desk.database.transaction() as session:
        thaw = Article("Thaw", "The locks open.", dated=date(2026, 11, 20))
        issues.revise(session, issues.fetch(session, number), [thaw], datetime.now(UTC))
    answer = editor.send(f"{path}/approve", seen=seen)
    assert answer.status_code == 409
    assert "has changed since you opened it, so nothing was approved" in answer.text
    assert "The locks open." in answer.text
    assert SEEN.findall(answer.text) != [seen]
    assert editor.send(f"{path}/approve").status_code == 409
    assert state(desk, number) == (IssueState.DRAFT, False)
    assert desk.told() == []


def test_four_eyes_hold_for_the_owner_too(desk: Desk) -> None:
    number = draft(desk, four_eyes=True)
    path = f"/desk/issues/{number}/approval"
    owner, editor = desk.enter(Role.OWNER), desk.enter(Role.EDITOR)
    (seen,) = SEEN.findall(owner.get(path).text)
    owner.send(f"{path}/submit")
    page = owner.get(path).text
    assert "In this publication somebody else approves it." in page
    assert "Approve this version" not in page
    answer = owner.send(f"{path}/approve", seen=seen)
    assert answer.status_code == 409
    assert "somebody else has to approve it" in answer.text
    assert state(desk, number) == (IssueState.DRAFT, True)
    assert editor.send(f"{path}/approve", seen=seen).status_code == 303


def test_what_blocks_is_listed_where_one_would_approve(desk: Desk) -> None:
    number = draft(desk, Article("Ice", "TK", picture=Picture("", "none.png", "")))
    with desk.database.transaction() as session:
        make.image(session, name="none.png", credit="")
    path = f"/desk/issues/{number}/approval"
    editor = desk.enter(Role.EDITOR)
    page = editor.get(path).text
    assert "2 things block approval:" in page
    assert "A picture has no credit" in page
    assert "The press check has" in page
    assert "Approve this version" not in page
    with desk.database.reading() as session:
        links = Links("http://localhost:8000", make.SECRET_KEY)
        seen = issues.proof(
            session, issues.fetch(session, number), links, datetime.now(UTC)
        ).content_hash
    answer = editor.send(f"{path}/approve", seen=seen)
    assert answer.status_code == 409
    assert "The press check found what blocks, so nothing was approved." in answer.text
    assert state(desk, number) == (IssueState.DRAFT, False)


def test_what_was_typed_is_not_lost_and_the_field_is_named(desk: Desk) -> None:
    number = draft(desk)
    path = f"/desk/issues/{number}/approval"
    editor = desk.enter(Role.EDITOR)
    answer = editor.send(f"{path}/comment", comment="x" * 5_001)
    assert answer.status_code == 422
    assert (
        '<a href="#comment">A comment has at most 5,000 characters; shorten it.</a>' in answer.text
    )
    assert "x" * 5_001 in answer.text
    assert 'aria-describedby="comment-wrong"' in answer.text
    editor.send(f"{path}/submit")
    answer = editor.send(f"{path}/send-back", reason="  ")
    assert answer.status_code == 422
    assert '<a href="#reason">' in answer.text
    assert editor.send(f"{path}/comment", comment="<b>Ice</b>\x00").status_code == 303
    assert "&lt;b&gt;Ice&lt;/b&gt;" in editor.get(path).text


def test_an_issue_without_a_text_and_one_that_is_not_there_have_their_pages(desk: Desk) -> None:
    with desk.database.transaction() as session:
        number = make.issue(session).id
    editor = desk.enter(Role.EDITOR)
    page = editor.get(f"/desk/issues/{number}/approval").text
    assert "There is no text yet." in page
    assert "Submit for approval" not in page
    assert editor.get("/desk/issues/999/approval").status_code == 404
