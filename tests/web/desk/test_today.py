"""The first page of the desk: everything leads somewhere, and to where the role may go."""

from datetime import UTC, date, datetime, timedelta

import make
from newsletter import issues, model
from newsletter.manuscripts import Article, Picture
from newsletter.model import IssueState, Role
from web.desk.conftest import Desk


def test_what_blocks_is_counted_until_it_is_mended(desk: Desk) -> None:
    now = datetime.now(UTC)
    with desk.database.transaction() as session:
        licence = make.licence(session)
        monitor = make.publication(session, licence_id=licence.id)
        writer = session.get_one(model.Editor, desk.editors[Role.WRITER])
        picture = Picture("", make.image(session, credit="").name, "")
        text = Article("Ice", "The locks close.", dated=date(2026, 11, 20), picture=picture)
        number = issues.draft(session, monitor, [text], now, writer).id
        issues.submit(session, issues.fetch(session, number), now, writer)
    editor = desk.enter(Role.EDITOR)
    for _ in range(2):
        page = editor.get("/desk").text
        assert "The press check found 2 things that block it." in page
        assert f'href="/desk/issues/{number}/approval"' in page
    with desk.database.transaction() as session:
        mended = Article("Ice", "The locks close.", dated=date(2026, 11, 20))
        issues.revise(session, issues.fetch(session, number), [mended], now)
    page = editor.get("/desk").text
    assert "The press check found" not in page
    assert "Submitted on" in page


def test_pictures_in_doubt_are_told_whichever_doubt_there_is(desk: Desk) -> None:
    with desk.database.transaction() as session:
        monitor = make.publication(session)
        picture = Picture("", make.image(session).name, "")
        text = Article("Ice", "The locks close.", picture=picture)
        issue = issues.draft(session, monitor, [text], make.NOW)
        issue.state, issue.content_hash = IssueState.SENT, "0" * 64
    page = desk.enter(Role.WRITER).get("/desk")
    assert page.status_code == 200
    assert "1 published picture without a known right" in page.text
    assert "has run out" not in page.text


def test_lines_lead_where_the_role_may_go(desk: Desk) -> None:
    with desk.database.transaction() as session:
        known = {"content_hash": "0" * 64, "due_at": make.NOW + timedelta(days=1)}
        number = make.issue(session, state=IssueState.SCHEDULED, **known).id
    assert f'href="/desk/issues/{number}/schedule"' in desk.enter(Role.EDITOR).get("/desk").text
    page = desk.enter(Role.WRITER).get("/desk").text
    assert f'href="/desk/issues/{number}"' in page
    assert "/schedule" not in page
    assert "/desk/subscribers" not in page
