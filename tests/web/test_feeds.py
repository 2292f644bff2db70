"""Feeds, sitemap and robots.txt, as the machines that read them judge them."""

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime, timedelta
from typing import Any

import feedparser
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import make
from newsletter import manuscripts, model
from newsletter.database import Database
from newsletter.model import Frequency, IssueState
from newsletter.web import feeds
from web.conftest import Site, publish

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
FEEDS = ["/feed.xml", "/russia-monitor/feed.xml"]
JSON_FEEDS = ["/feed.json", "/russia-monitor/feed.json"]

BODY = """A <script>alert(1)</script> paragraph with a [link](https://example.org/a?b=c&d=e),
a [trap](javascript:alert(1)) and a note.[^n]

<!-- appeal -->

> Quoted & said.

| Port | Calls |
|:-----|------:|
| North | 1,204 |

`code with href="#top" in it`

[^n]: What is noted.
"""


def rich(session: Session, publication: model.Publication, slug: str = "rich") -> model.Issue:
    written = manuscripts.Article(
        headline="Ports & “Tides” <b>",
        body=BODY,
        dated=date(2026, 11, 20),
        lead="The lead.",
        tags=("ports", "tides & <times>"),
    )
    article = make.article(
        session,
        publication_id=publication.id,
        headline=written.headline,
        source=manuscripts.write(written),
    )
    return make.issue(
        session,
        article,
        slug=slug,
        subject=written.headline,
        state=IssueState.SENT,
        content_hash="0" * 64,
        published_at=make.NOW + timedelta(days=1),
    )


@pytest.fixture
def _rich(site: Site, database: Database) -> None:
    with database.transaction() as session:
        rich(session, session.get_one(model.Publication, site.publication))


@pytest.mark.usefixtures("_rich")
@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_read_without_complaint(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.mimetype == "application/atom+xml"
    read = feedparser.parse(answer.data, response_headers={"content-type": answer.content_type})
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    assert read.feed.links[0].href == f"http://localhost:8000{path}"
    rich, ties = read.entries
    assert ties.title == "Russia Seeks Good Ties with Taliban"
    assert ties.link == ties.id == "http://localhost:8000/russia-monitor/ties"
    assert ties.author == "The Institute"
    assert ties.rights == (
        "This text may be republished with credit to the institute and a link."
        " Images are not included."
    )
    assert "The first paragraph of the analysis" in ties.content[0].value
    assert "The second paragraph of the analysis" in ties.content[0].value
    assert [tag.term for tag in rich.tags] == ["Russia Monitor", "ports", "tides & <times>"]
    assert (rich.title, rich.summary) == ("Ports & “Tides” <b>", "The lead.")


@pytest.mark.usefixtures("_rich")
@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_has_what_the_standard_requires(client: FlaskClient, path: str) -> None:
    feed = ET.fromstring(client.get(path).text)
    assert feed.tag == f"{ATOM}feed"
    assert_rfc_4287(feed)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 2
    for entry in entries:
        assert_rfc_4287(entry, feed)
    ids = [entry.findtext(f"{ATOM}id") for entry in [feed, *entries]]
    assert len(set(ids)) == len(ids)
    (related,) = (link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self")
    assert related.get("href") == f"http://localhost:8000{path}"


def assert_rfc_4287(element: ET.Element, within: ET.Element | None = None) -> None:
    """Check sections 4.1.1 and 4.1.2: what must be there, once, and what must not be twice."""
    for name in ("id", "title", "updated"):
        assert len(element.findall(ATOM + name)) == 1, name
    for name in ("rights", "subtitle", "summary", "content", "published", "icon", "generator"):
        assert len(element.findall(ATOM + name)) <= 1, name
    identifier = element.findtext(f"{ATOM}id") or ""
    assert re.match(r"https?://|tag:", identifier)
    for name in ("updated", "published"):
        for moment in element.findall(ATOM + name):
            assert RFC_3339.fullmatch(moment.text or ""), name
    authors = element.findall(f"{ATOM}author/{ATOM}name")
    if within is not None:
        authors += within.findall(f"{ATOM}author/{ATOM}name")
        assert element.find(f"{ATOM}content") is not None
    assert authors
    assert all(author.text for author in authors)
    alternates = [
        (link.get("type"), link.get("hreflang"))
        for link in element.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    ]
    assert len(alternates) == len(set(alternates)) == 1
    for content in element.findall(f"{ATOM}content"):
        # Type html has no child elements (4.1.3.3).
        assert content.get("type") == "html"
        assert len(content) == 0


@pytest.mark.usefixtures("_rich")
def test_the_text_in_a_feed_stands_by_itself(client: FlaskClient) -> None:
    entry = ET.fromstring(client.get("/russia-monitor/feed.xml").text).find(f"{ATOM}entry")
    html = entry.findtext(f"{ATOM}content") if entry is not None else None
    assert html
    assert "<script" not in html
    assert "javascript:" not in html
    assert 'class="' not in html
    assert " id=" not in html
    assert '<a href="https://example.org/a?b=c&amp;d=e">link</a>' in html
    assert 'code with href="#top" in it' in html.replace("&quot;", '"')
    assert "What is noted." in html
    addresses = re.findall(r'<[^>]* (?:href|src)="([^"]*)"', html)
    assert [address for address in addresses if not address.startswith("http")] == []
    assert "http://localhost:8000/russia-monitor/rich#fn" in html


@pytest.mark.usefixtures("_rich")
@pytest.mark.parametrize("path", JSON_FEEDS)
def test_a_json_feed_keeps_its_rules(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.mimetype == "application/feed+json"
    feed = json.loads(answer.data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"]
    assert feed["feed_url"] == f"http://localhost:8000{path}"
    assert feed["home_page_url"].startswith("http://localhost:8000/")
    assert "author" not in feed
    assert all(author["name"] for author in feed["authors"])
    rich, ties = feed["items"]
    for item in (rich, ties):
        assert item["id"] == item["url"]
        assert item["url"].startswith("http://localhost:8000/russia-monitor/")
        assert item["content_html"]
        assert RFC_3339.fullmatch(item["date_published"])
        assert all(isinstance(tag, str) for tag in item["tags"])
        assert_extensions(item)
    assert ties["image"].startswith("http://localhost:8000/image/")
    assert ties["_licence"]["url"] == "https://example.org/licence"
    assert rich["language"] == "en"
    assert rich["tags"] == ["Russia Monitor", "ports", "tides & <times>"]


def assert_extensions(item: dict[str, Any]) -> None:
    """What is not in the standard begins with an underscore and is an object."""
    known = {"id", "url", "title", "summary", "content_html", "image", "date_published"}
    known |= {"date_modified", "authors", "tags", "language"}
    for name in set(item) - known:
        assert name.startswith("_")
        assert isinstance(item[name], dict)


@pytest.mark.parametrize("path", [*FEEDS, *JSON_FEEDS, "/sitemap.xml", "/feed.xml?x=1"])
def test_a_feed_that_has_not_changed_is_not_sent_twice(
    client: FlaskClient, site: Site, database: Database, path: str
) -> None:
    first = client.get(path)
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    assert "max-age=60" in first.headers["Cache-Control"]
    for known in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", {tag}'},
        {"If-Modified-Since": changed},
    ):
        again = client.get(path, headers=known)
        assert (again.status_code, again.data) == (304, b""), known
        assert again.headers["ETag"] == tag
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    with database.transaction() as session:
        rich(session, session.get_one(model.Publication, site.publication))
    for known in ({"If-None-Match": tag}, {"If-Modified-Since": changed}):
        assert client.get(path, headers=known).status_code == 200, known


def test_a_feed_changes_with_what_its_publication_says(
    client: FlaskClient, site: Site, database: Database
) -> None:
    tag = client.get(FEEDS[1]).headers["ETag"]
    with database.transaction() as session:
        session.get_one(model.Publication, site.publication).name = "Moscow Monitor"
    assert client.get(FEEDS[1], headers={"If-None-Match": tag}).status_code == 200


def test_names_in_a_feed_outlive_everything_but_the_address(
    client: FlaskClient, site: Site, database: Database
) -> None:
    before = feedparser.parse(client.get("/feed.xml").data).entries[0]
    with database.transaction() as session:
        session.get_one(model.Publication, site.publication).name = "Moscow Monitor"
        session.get_one(model.Issue, site.issue_number).finished_at = make.NOW
    after = feedparser.parse(client.get("/feed.xml").data).entries[0]
    assert (before.id, before.updated) == (after.id, after.updated)


@pytest.mark.parametrize("path", ["/feed.xml", "/weekly/feed.xml"])
def test_a_feed_without_issues_is_a_feed(
    client: FlaskClient, database: Database, path: str
) -> None:
    assert feedparser.parse(client.get("/feed.xml").data).bozo is False
    with database.transaction() as session:
        make.publication(session, slug="weekly", name="A & B <c>", language="pl")
    read = feedparser.parse(client.get(path).data)
    assert not read.bozo
    assert read.entries == []
    assert_rfc_4287(ET.fromstring(client.get(path).text))
    assert json.loads(client.get(path.replace("xml", "json")).data)["items"] == []


def test_pages_say_where_their_feeds_are(client: FlaskClient, site: Site) -> None:
    for path, count in ((site.home, 2), (site.archive, 4), (site.issue, 4)):
        found = re.findall(
            r'<link rel="alternate" type="(application/\w+\+\w+)"[^>]* href="http://localhost:8000'
            r'([^"]*)">',
            client.get(path).text,
        )
        assert len(found) == count, path
        for kind, address in found:
            assert client.get(address).mimetype == kind


def test_neither_digests_nor_drafts_are_in_feeds_and_sitemaps(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        monitor = session.get_one(model.Publication, site.publication)
        publish(session, monitor, "digest", headline="Weekly").frequency = Frequency.WEEKLY
        publish(session, monitor, "draft", headline="Draft", state=IssueState.DRAFT)
        publish(session, monitor, "gone", headline="Gone", state=IssueState.CANCELLED)
    for path in [*FEEDS, *JSON_FEEDS, "/sitemap.xml", site.home, site.archive, site.issue]:
        text = client.get(path).text
        for name in ("digest", "draft", "gone"):
            assert f"/russia-monitor/{name}" not in text, path
    for name in ("digest", "draft", "gone"):
        assert client.get(f"/russia-monitor/{name}").status_code == 404


def test_characters_that_xml_forbids_do_not_break_a_feed(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        monitor = session.get_one(model.Publication, site.publication)
        monitor.description = "What\ufffe is\uffff \x08 said"
        publish(session, monitor, "odd", headline="Odd \ufffe\x0b", lead="Lead \uffff")
    for path in [*FEEDS, "/sitemap.xml"]:
        ET.fromstring(client.get(path).text)


def test_the_sitemap_lists_every_public_page(client: FlaskClient, site: Site) -> None:
    root = ET.fromstring(client.get("/sitemap.xml").text)
    assert root.tag == f"{SITEMAP}urlset"
    base = "http://localhost:8000"
    assert [place.text for place in root.iter(f"{SITEMAP}loc")] == [
        f"{base}/",
        f"{base}{site.archive}",
        f"{base}{site.issue}",
    ]
    (changed,) = (place.text for place in root.iter(f"{SITEMAP}lastmod"))
    assert changed == "2026-11-23T09:00:00+00:00"


def test_a_large_sitemap_is_an_index_of_parts(
    client: FlaskClient, site: Site, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "PART", 3)
    with database.transaction() as session:
        monitor = session.get_one(model.Publication, site.publication)
        made = [publish(session, monitor, f"number-{number}") for number in range(8)]
        made[-1].published_at = datetime(2026, 12, 1, tzinfo=UTC)
    index = ET.fromstring(client.get("/sitemap.xml").text)
    assert index.tag == f"{SITEMAP}sitemapindex"
    parts = [place.text or "" for place in index.iter(f"{SITEMAP}loc")]
    assert len(parts) == 3
    assert [place.text for place in index.iter(f"{SITEMAP}lastmod")][-1] == (
        "2026-12-01T00:00:00+00:00"
    )
    found = [
        place.text
        for part in parts
        for place in ET.fromstring(client.get(part).text).iter(f"{SITEMAP}loc")
    ]
    assert len(found) == len(set(found)) == 2 + 9
    assert client.get("/sitemap-9.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_robots_are_told_where_the_sitemap_is(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert text.startswith("User-agent: *\n")
    assert "Sitemap: http://localhost:8000/sitemap.xml\n" in text
    assert "Disallow: /search\n" in text


def test_whoever_asks_for_an_icon_gets_it(client: FlaskClient) -> None:
    answer = client.get("/favicon.ico", follow_redirects=True)
    assert answer.mimetype == "image/svg+xml"
