"""Links by way of us: they lead where the issue said, count, and lead nowhere else."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from make import NOW
from newsletter import feedback, issues, manuscripts, model
from newsletter.database import Database
from newsletter.model import Tracking
from web.conftest import Site

OUT = "https://example.org/a?b=1&c=2"
BODY = f"Read [the paper]({OUT}) first, and [the paper]({OUT}) again.\n\nThen write.\n"


def draft(session: Session, site: Site, **columns: object) -> model.Issue:
    monitor = session.get_one(model.Publication, site.publication)
    for name, value in columns.items():
        setattr(monitor, name, value)
    text = manuscripts.Article(headline="A new one", body=BODY, kicker="RUSSIA MONITOR")
    return issues.draft(session, monitor, [text], NOW)


def clicks(database: Database, issue: int) -> tuple[int, int]:
    with database.reading() as session:
        return feedback.clicks_of(session, [issue]).get(issue, (0, 0))


@pytest.fixture
def leaving(database: Database, site: Site) -> model.Issue:
    """An issue whose mail has begun to leave."""
    with database.transaction() as session:
        issue = draft(session, site)
        issues.approve(session, issue, site.links, NOW)
        issue.published_at = NOW
        session.flush()
        session.expunge(issue)
        return issue


def path(site: Site, issue: model.Issue, url: str = OUT) -> str:
    return site.links.click(issue.id, url).removeprefix(site.links.base_url)


def test_a_link_of_a_mail_leads_on_and_counts(
    client: FlaskClient, database: Database, site: Site, leaving: model.Issue
) -> None:
    with database.reading() as session:
        html = session.scalars(select(model.Content.html).where(model.Content.variant == "")).one()
        links = set(re.findall(r'href="(http://localhost:8000/c/[^"]+)"', html))
    assert site.links.click(leaving.id, OUT) in links
    assert OUT not in html
    answer = client.get(path(site, leaving))
    assert (answer.status_code, answer.headers["Location"]) == (302, OUT)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers
    assert clicks(database, leaving.id) == (1, 0)


def test_who_only_looks_ahead_does_not_count(
    client: FlaskClient, database: Database, site: Site, leaving: model.Issue
) -> None:
    assert client.head(path(site, leaving)).headers["Location"] == OUT
    for header in ("Sec-Purpose", "Purpose"):
        client.get(path(site, leaving), headers={header: "prefetch;prerender"})
    assert clicks(database, leaving.id) == (0, 0)


def test_it_leads_nowhere_that_is_not_frozen_with_the_issue(
    client: FlaskClient, site: Site, leaving: model.Issue
) -> None:
    assert client.get(path(site, leaving, "https://evil.example/")).status_code == 404
    right = path(site, leaving)
    for wrong in (right[:-1], right.replace("/c/", "/c/9"), "/c/1-1", "/c/x", f"{right}.0"):
        answer = client.get(f"{wrong}?url=https://evil.example/")
        assert answer.status_code in {400, 404}
        assert "Location" not in answer.headers


def test_in_a_draft_links_lead_on_and_count_nothing(
    client: FlaskClient, database: Database, site: Site
) -> None:
    with database.transaction() as session:
        issue = draft(session, site)
        shown = issues.words(session, issue, site.links, NOW)
        assert site.links.click(issue.id, OUT) in shown.html
        number = issue.id
    here = site.links.click(number, OUT).removeprefix(site.links.base_url)
    assert client.get(here).headers["Location"] == OUT
    assert client.get(here.replace("/c/", "/c/0")).status_code == 400
    assert clicks(database, number) == (0, 0)


def test_the_mail_that_was_shown_is_the_one_that_is_frozen(
    database: Database, site: Site, session: Session
) -> None:
    issue = draft(session, site)
    shown = issues.words(session, issue, site.links, NOW)
    issues.approve(session, issue, site.links, NOW)
    frozen = session.scalars(select(model.Content).where(model.Content.variant == "")).one()
    assert (shown.html, shown.text) == (frozen.html, frozen.text)
    assert OUT in frozen.text
    kept = session.scalars(select(model.Link.url).order_by(model.Link.number)).all()
    assert tuple(kept) == shown.targets
    assert not [url for url in kept if "/donate/" in url]


def test_a_publication_that_counts_nothing_has_links_as_they_are(
    client: FlaskClient, database: Database, site: Site
) -> None:
    with database.transaction() as session:
        issue = draft(session, site, tracking=Tracking.NONE)
        issues.approve(session, issue, site.links, NOW)
        html = session.scalars(select(model.Content.html).where(model.Content.variant == "")).one()
        assert "/c/" not in html
        assert session.scalars(select(model.Link)).all() == []
    client.get(site.donate)
    assert clicks(database, site.issue_number) == (0, 0)


def test_the_way_to_the_gifts_counts_by_itself(
    client: FlaskClient, database: Database, site: Site
) -> None:
    assert client.get(site.donate).status_code == 302
    client.head(site.donate)
    assert clicks(database, site.issue_number) == (0, 1)


@pytest.mark.parametrize("times", [1, 2])
def test_who_leaves_by_the_link_of_an_issue_is_counted_for_it_once(
    client: FlaskClient, database: Database, site: Site, times: int
) -> None:
    leave = site.links.unsubscribe(site.subscription, site.publication, site.issue_number)
    for _ in range(times):
        client.get(leave.removeprefix(site.links.base_url))
        client.post(leave.removeprefix(site.links.base_url))
    with database.reading() as session:
        assert feedback.goodbyes_of(session, [site.issue_number]) == {site.issue_number: 1}


def test_who_leaves_by_another_link_is_counted_for_no_issue(
    client: FlaskClient, database: Database, site: Site
) -> None:
    client.post(site.unsubscribe)
    with database.reading() as session:
        assert session.scalars(select(model.Goodbye)).all() == []
