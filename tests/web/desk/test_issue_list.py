"""The list of issues: what it shows, how it is narrowed, how one goes on."""

from datetime import timedelta

import make
from newsletter.model import IssueState, Role
from newsletter.web.desk import issue_list
from web.desk.conftest import Desk


def test_the_list_teaches_the_first_step(desk: Desk) -> None:
    writer = desk.enter(Role.WRITER)
    assert "There is no publication yet." in writer.get("/desk/issues").text
    with desk.database.transaction() as session:
        make.publication(session)
    page = writer.get("/desk/issues").text
    assert "There is no issue yet." in page
    assert 'role="search"' not in page


def test_issues_are_narrowed_by_links_and_words(desk: Desk) -> None:
    with desk.database.transaction() as session:
        canals = make.publication(session, slug="canals", name="Canals")
        rivers = make.publication(session, slug="rivers", name="Rivers", zone="Asia/Tokyo")
        make.issue(session, publication_id=canals.id, subject="Ice & snow")
        make.issue(session, publication_id=canals.id, subject="Flood", submitted_at=make.NOW)
        make.issue(
            session,
            publication_id=rivers.id,
            subject="Thaw",
            state=IssueState.SCHEDULED,
            due_at=make.NOW + timedelta(days=1),
            content_hash="0" * 64,
        )
    writer = desk.enter(Role.WRITER)
    expected = {
        "": {"Ice &amp; snow", "Flood", "Thaw"},
        "?state=draft": {"Ice &amp; snow", "Flood"},
        "?state=awaiting": {"Flood"},
        "?state=scheduled": {"Thaw"},
        "?state=nonsense": {"Ice &amp; snow", "Flood", "Thaw"},
        "?publication=rivers": {"Thaw"},
        "?publication=none": {"Ice &amp; snow", "Flood", "Thaw"},
        "?words=SNOW&publication=canals": {"Ice &amp; snow"},
        "?state=sent": set(),
        "?before=0": set(),
        f"?before={10**30}": {"Ice &amp; snow", "Flood", "Thaw"},
    }
    for query, subjects in expected.items():
        page = writer.get(f"/desk/issues{query}").text
        shown = {each for each in expected[""] if f">{each}</a>" in page}
        assert shown == subjects, query
    page = writer.get("/desk/issues?words=glacier&state=draft").text
    assert "No issue here has “glacier” in its subject or headlines." in page
    assert 'href="/desk/issues?publication=&' not in page
    assert 'href="/desk/issues?state=sent&amp;words=glacier"' in page
    assert "24 November 2026, 18:00 +0900" in writer.get("/desk/issues").text


def test_a_long_list_has_pages(desk: Desk) -> None:
    with desk.database.transaction() as session:
        monitor = make.publication(session)
        for number in range(issue_list.PER_PAGE + 1):
            make.issue(session, publication_id=monitor.id, subject=f"No. {number}")
    writer = desk.enter(Role.WRITER)
    page = writer.get("/desk/issues?words=no").text
    assert ">No. 0</a>" not in page
    (older,) = [line for line in page.splitlines() if 'rel="next"' in line]
    path = older.split('href="')[1].split('"')[0].replace("&amp;", "&")
    page = writer.get(path).text
    assert ">No. 0</a>" in page
    assert 'rel="next"' not in page
    assert ">Newest</a>" in page
