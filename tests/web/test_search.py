"""The search page, and what all public pages have in common: few statements, short caching."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

import make
from newsletter import issues, model
from newsletter.database import Database
from newsletter.model import Frequency
from web.conftest import Site, publish


@pytest.fixture
def _indexed(site: Site, database: Database) -> None:
    with database.transaction() as session:
        issues.index_missing(session)


@pytest.mark.usefixtures("_indexed")
def test_what_is_found_is_shown_with_its_words_marked(client: FlaskClient) -> None:
    page = client.get("/search?q=taliban+role").text
    assert 'href="http://localhost:8000/russia-monitor/ties"' in page
    assert "Russia Seeks Good Ties with <mark>Taliban</mark>" in page
    assert "Moscow plays a double <mark>role</mark> once more." in page
    assert '<meta name="robots" content="noindex">' in page
    assert 'value="taliban role"' in page


@pytest.mark.usefixtures("_indexed")
def test_a_search_within_a_publication_offers_the_others(client: FlaskClient) -> None:
    page = client.get("/search?q=taliban&in=russia-monitor").text
    assert "/russia-monitor/ties" in page
    assert 'href="/search?q=taliban"' in page
    assert client.get("/search?q=x&in=nowhere").status_code == 404


def test_nothing_found_says_what_to_try(client: FlaskClient, site: Site) -> None:
    page = client.get("/search?q=%3Cb%3Enowhere").text
    assert "Nothing was found for “&lt;b&gt;nowhere”." in page


@pytest.mark.parametrize(
    "query",
    [
        *("", "q=", "q=%00", "q=%ff%fe", "q=%22", "q=a*&start=-1", "q=a&start=x", "q=*"),
        *("q=a&start=99999999999999999999", "q='%3B--", "q=" + "a+" * 3000, "q=%ED%A0%80"),
        "q=NEAR(a%20b)&q=2",
    ],
)
def test_no_question_is_an_error(client: FlaskClient, site: Site, query: str) -> None:
    assert client.get(f"/search?{query}").status_code == 200


def test_what_was_found_goes_on_over_several_pages(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        monitor = session.get_one(model.Publication, site.publication)
        for number in range(25):
            publish(session, monitor, f"number-{number}", headline=f"Harbour {number:02}")
        issues.index_missing(session)
    path, seen = "/search?q=harbour&in=russia-monitor", set[str]()
    for count in (20, 25):
        page = client.get(path).text
        seen |= set(re.findall(r"/number-\d+", page))
        assert len(seen) == count
        path = (re.findall(r'href="([^"]*)" rel="next"', page) or [""])[0].replace("&amp;", "&")
    assert path == ""
    assert "Nothing more was found." in client.get("/search?q=harbour&start=180").text


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect the statements that are run meanwhile."""
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        run.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


PATHS = [
    *("/", "/russia-monitor/", "/russia-monitor/ties", "/search?q=ties", "/sitemap.xml"),
    *("/feed.xml", "/feed.json", "/russia-monitor/feed.xml", "/russia-monitor/feed.json"),
]


@pytest.mark.usefixtures("_indexed")
def test_a_page_takes_as_many_statements_for_many_issues_as_for_one(
    client: FlaskClient, site: Site, database: Database
) -> None:
    def statements(path: str) -> int:
        client.get(path)  # the first time, what is kept in memory is not there
        with counted(database) as run:
            assert client.get(path).status_code == 200
        return len(run)

    before = {path: statements(path) for path in PATHS}
    assert max(before.values()) <= 27, before
    with database.transaction() as session:
        for place in range(6):
            monitor = make.publication(session, slug=f"weekly-{place}")
            for week in range(8):
                publish(session, monitor, f"number-{week}", dated=date(2026, 1, 1 + week))
        monitor = session.get_one(model.Publication, site.publication)
        others = [publish(session, monitor, f"more-{n}", headline=f"Ties {n}") for n in range(25)]
        session.get_one(model.Issue, site.issue_number).related = [o.id for o in others[:3]]
        issues.index_missing(session, limit=1000)
    assert {path: statements(path) for path in PATHS} == before


def test_who_has_a_page_already_costs_eleven_statements_at_most(
    client: FlaskClient, site: Site, database: Database
) -> None:
    for path in PATHS:
        if not path.startswith("/search"):
            tag = client.get(path).headers["ETag"]
            with counted(database) as run:
                again = client.get(path, headers={"If-None-Match": tag})
            assert (again.status_code, again.data) == (304, b"")
            assert len([one for one in run if not one.startswith("BEGIN")]) <= 11, path


@pytest.mark.parametrize("path", ["/", "/russia-monitor/", "/russia-monitor/ties"])
def test_a_page_is_kept_for_a_minute_and_asked_for_again(
    client: FlaskClient, site: Site, path: str
) -> None:
    answer = client.get(path)
    assert answer.headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert client.get(path, headers={"If-None-Match": "x"}).status_code == 200
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]
    assert again.vary.to_header() == answer.vary.to_header()


def rename(session: Any, site: Site) -> None:
    session.get_one(model.Publication, site.publication).name = "Moscow Monitor"


def relicense(session: Any, site: Site) -> None:
    session.query(model.Licence).one().text_terms = "All rights are reserved."


def cancel(session: Any, site: Site) -> None:
    monitor = session.get_one(model.Publication, site.publication)
    publish(session, monitor, "other")


@pytest.mark.parametrize("change", [rename, relicense, cancel])
def test_a_page_that_changed_is_sent_again(
    client: FlaskClient, site: Site, database: Database, change: Callable[[Any, Site], None]
) -> None:
    tag = client.get(site.issue).headers["ETag"]
    with database.transaction() as session:
        change(session, site)
    assert client.get(site.issue, headers={"If-None-Match": tag}).status_code == 200


def test_home_is_kept_by_language(client: FlaskClient, site: Site) -> None:
    tag = client.get("/", headers={"Accept-Language": "en"}).headers["ETag"]
    polish = client.get("/", headers={"Accept-Language": "pl", "If-None-Match": tag})
    assert polish.status_code == 200
    assert 'lang="pl"' in polish.text


def linked_data(page: str) -> dict[str, Any]:
    (written,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    read: dict[str, Any] = json.loads(written)
    return read


def test_an_issue_tells_machines_what_it_is(client: FlaskClient, site: Site) -> None:
    page = client.get(site.issue).text
    about = linked_data(page)
    url = "http://localhost:8000/russia-monitor/ties"
    assert about["@type"] == "NewsArticle"
    assert about["headline"] == "Russia Seeks Good Ties with Taliban"
    assert about["datePublished"] == "2026-11-23T09:00:00+00:00"
    assert about["author"] == about["publisher"]
    assert about["publisher"] == {"@type": "Organization", "name": "The Institute"}
    assert about["license"] == "https://example.org/licence"
    assert about["isAccessibleForFree"] is True
    assert about["inLanguage"] == "en"
    assert about["mainEntityOfPage"] == about["url"] == url
    assert about["image"] == {
        "@type": "ImageObject",
        "url": f"http://localhost:8000{site.image}",
        "contentUrl": f"http://localhost:8000{site.image}",
        "width": 1,
        "height": 1,
        "caption": "A bridge over a river",
        "creditText": "Wikimedia Commons",
        "usageInfo": {"@type": "CreativeWork", "text": "Images are not included."},
    }
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert '<meta property="og:image:width" content="1">' in page
    assert '<meta property="og:image:alt" content="A bridge over a river">' in page


def test_nothing_written_ends_the_data_early(
    client: FlaskClient, site: Site, database: Database
) -> None:
    hostile = "</script><script>alert(1)</script><!-- <script> ]]> \u2028 & \\u003c"
    with database.transaction() as session:
        monitor = session.get_one(model.Publication, site.publication)
        publish(session, monitor, "hostile", headline=hostile, lead=hostile)
    page = client.get("/russia-monitor/hostile").text
    assert linked_data(page)["headline"] == hostile
    assert page.count("<script") == 1


def test_issues_lead_to_the_one_before_and_after(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        monitor = session.get_one(model.Publication, site.publication)
        for slug, day in (("earlier", 30), ("later", 31), ("latest", 31)):
            publish(session, monitor, slug, headline=slug.title(), dated=date(2020, 3, day))
        digest = publish(session, monitor, "digest", dated=date(2020, 3, 31) + timedelta(days=1))
        digest.frequency = Frequency.MONTHLY
        elsewhere = make.publication(session, slug="elsewhere")
        publish(session, elsewhere, "other", dated=date(2020, 4, 1))

    def beside(path: str) -> dict[str, str]:
        found = re.findall(r'<a href="[^"]*/([^"/]*)" rel="(prev|next)">', client.get(path).text)
        return {rel: slug for slug, rel in found}

    assert beside("/russia-monitor/earlier") == {"next": "ties"}
    assert beside("/russia-monitor/ties") == {"prev": "earlier", "next": "later"}
    assert beside("/russia-monitor/latest") == {"prev": "later"}
    assert beside("/elsewhere/other") == {}
