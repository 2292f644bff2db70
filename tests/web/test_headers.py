from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from newsletter.config import Settings
from newsletter.database import Database
from newsletter.mailbox import Mailbox
from newsletter.web import create_app
from web.conftest import Site

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


@pytest.fixture
def addresses(site: Site, mailbox: Mailbox) -> list[str]:
    """One address of every kind that the application answers, and of some that it refuses."""
    mailbox.add(b"Subject: A mail\r\n\r\n", "a@example.org", ["b@example.org"])
    images = [site.image, f"{site.image}/small"]
    pages = [site.home, site.archive, site.issue, *images, site.theme, site.unsubscribe]
    others = ["/healthz", "/static/house.css", "/static/mailbox.js", "/static/mark.svg"]
    mails = ["/mailbox", "/mailbox/rows", "/mailbox/1", "/mailbox/1/text", "/mailbox/1/headers"]
    more = ["/mailbox/1/source", "/mailbox/1.eml", "/mailbox/1/html", site.donate]
    site_wide = ["/search?q=ties", "/feed.xml", "/feed.json", "/sitemap.xml", "/sitemap-1.xml"]
    machines = [*site_wide, "/russia-monitor/feed.xml", "/robots.txt", "/favicon.ico"]
    refused = [
        "/nothing",
        "/nothing/at-all",
        "/unsubscribe/x",
        "/c/x",
        "/mailbox/99",
        "/static/none.css",
    ]
    machines.append("/api/publications")
    forms = ["/subscribe", "/subscribe/russia-monitor", "/embed", "/challenge", "/preferences"]
    reuse = [f"{site.issue}/{last}" for last in ("republish", "copy.txt", "cite", "cite.bib", "v1")]
    reuse.append(f"/oembed?url={site.links.issue('russia-monitor', 'ties')}")
    reuse.append("/donate/russia-monitor")
    reuse.append("/russia-monitor/none.pdf")
    here = [*reuse, *pages, *others, *machines, *mails, *more, *forms, *site.tagged]
    return [*here, "/russia-monitor", *refused]


def test_the_addresses_are_of_every_route(client: FlaskClient, addresses: list[str]) -> None:
    adapter = client.application.url_map.bind("localhost")
    paths = [address.partition("?")[0] for address in addresses if address != "/nothing/at-all"]
    visited = {adapter.match(path)[0] for path in paths}
    routes = {rule.endpoint for rule in client.application.url_map.iter_rules()}
    public = {each for each in routes if not each.startswith("desk.")}  # which has tests of its own
    assert public - visited == {
        rule.endpoint
        for rule in client.application.url_map.iter_rules()
        if "GET" not in (rule.methods or ()) and not rule.endpoint.startswith("desk.")
    }


def test_every_answer_is_guarded(client: FlaskClient, addresses: list[str]) -> None:
    for address in addresses:
        answer = client.get(address)
        policy = set(answer.headers["Content-Security-Policy"].split("; "))
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert "Referrer-Policy" in answer.headers, address
        assert "Cache-Control" in answer.headers, address
        assert "Set-Cookie" not in answer.headers, address
        assert "Strict-Transport-Security" not in answer.headers, address
        assert policy >= POLICY or address == "/mailbox/1/html", address
        assert answer.status_code < 500, address


def test_head_answers_what_get_does_without_the_body(
    client: FlaskClient, addresses: list[str]
) -> None:
    for address in addresses:
        head, get = client.head(address), client.get(address)
        assert head.status_code == get.status_code, address
        assert head.headers["Content-Length"] == get.headers["Content-Length"], address
        assert head.data == b"", address


def test_pages_hold_nothing_inline(client: FlaskClient, addresses: list[str]) -> None:
    for address in addresses:
        answer = client.get(address, headers={"Accept": "text/html"})
        if answer.mimetype == "text/html" and address != "/mailbox/1/html":
            assert "<style" not in answer.text, address
            assert " style=" not in answer.text, address
            assert "<script>" not in answer.text, address


def test_over_https_browsers_are_told_to_stay_there(settings: Settings, database: Database) -> None:
    public = replace(
        settings, base_url="https://monitor.example.org", relay_url="smtp://relay.example.org"
    )
    answer = create_app(public, database).test_client().get("/")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_images_of_issues_are_allowed_wherever_the_reader_came_in(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "127.0.0.1:8000"})
    assert "img-src 'self' http://localhost:8000;" in answer.headers["Content-Security-Policy"]
