from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

import make
from newsletter import issues, links
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.model import IssueState
from newsletter.web import create_app
from newsletter.web.public import PER_PAGE
from web.conftest import DOT, Site, publish


def test_home_lists_the_publications_with_their_latest_headline(
    client: FlaskClient, site: Site
) -> None:
    page = client.get(site.home).text
    assert "Russia Monitor" in page
    assert "Russia Seeks Good Ties with Taliban" in page
    assert "31 March 2020" in page


def test_an_empty_home_teaches_the_first_step(client: FlaskClient) -> None:
    assert "newsletter publication add" in client.get("/").text


def test_home_speaks_the_language_of_the_browser(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept-Language": "pl-PL,pl;q=0.9,en;q=0.5"})
    assert '<html lang="pl">' in answer.text
    assert "Publikacje" in answer.text
    assert "Accept-Language" in answer.vary


def test_pages_of_a_publication_speak_its_language(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make.publication(session, slug="monitor-baltycki", name="Monitor Bałtycki", language="pl")
    page = client.get("/monitor-baltycki/", headers={"Accept-Language": "en"}).text
    assert "Pierwszy numer dopiero się ukaże." in page


def test_an_archive_is_reached_without_its_slash(client: FlaskClient, site: Site) -> None:
    answer = client.get("/russia-monitor", headers={"Host": "evil.example"})
    assert answer.status_code == 301
    assert answer.location == "http://localhost:8000/russia-monitor/"


def test_an_archive_pages_through_every_issue_once(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        monitor = make.publication(session, slug="weekly")
        for week in range(PER_PAGE * 2 + 1):
            day = date(2026, 1, 1) + timedelta(weeks=week // 2)
            publish(session, monitor, f"number-{week}", dated=day, headline=f"Number {week}.")
    page, seen = client.get("/weekly/").text, []
    while True:
        seen += [n for n in range(PER_PAGE * 2, -1, -1) if f"Number {n}." in page]
        if 'rel="next"' not in page:
            break
        older = page.split('rel="next"')[0].rpartition('href="http://localhost:8000')[2]
        page = client.get(older.partition('"')[0]).text
    assert seen == list(range(PER_PAGE * 2, -1, -1))


def test_a_cursor_that_nobody_gave_finds_nothing(client: FlaskClient, site: Site) -> None:
    assert client.get("/russia-monitor/?before=yesterday").status_code == 404


def test_an_issue_can_be_cited_and_shared(client: FlaskClient, site: Site) -> None:
    page = client.get(site.issue).text
    canonical = "http://localhost:8000/russia-monitor/ties"
    assert f'<link rel="canonical" href="{canonical}">' in page
    assert "<title>Russia Seeks Good Ties with Taliban – Russia Monitor</title>" in page
    assert '<meta name="description" content="Moscow plays a double role once more.">' in page
    assert f'<meta property="og:url" content="{canonical}">' in page
    assert f'<meta property="og:image" content="http://localhost:8000{site.image}">' in page
    assert "The first paragraph of the analysis" in page
    subscribe = "http://localhost:8000/subscribe/russia-monitor"
    assert f'<a href="{subscribe}">Get Russia Monitor by mail</a>' in page
    unnamed = site.links.donate("russia-monitor", site.issue_number, 1)
    assert unnamed in page, "who comes by the page is counted with no variant"


@pytest.mark.parametrize(
    "state", [IssueState.DRAFT, IssueState.APPROVED, IssueState.SCHEDULED, IssueState.CANCELLED]
)
def test_an_issue_that_has_not_left_is_nowhere(
    client: FlaskClient, database: Database, state: IssueState
) -> None:
    with database.transaction() as session:
        monitor = make.publication(session, slug="weekly")
        publish(session, monitor, "secret", headline="Not yet for your eyes", state=state)
    assert client.get("/weekly/secret").status_code == 404
    assert "Not yet" not in client.get("/weekly/").text + client.get("/").text


def test_what_people_write_is_escaped(client: FlaskClient, database: Database) -> None:
    hostile = "<script>alert(1)</script>\"'>&"
    with database.transaction() as session:
        monitor = make.publication(
            session, slug="weekly", name=hostile, kicker=hostile, description=hostile
        )
        publish(session, monitor, "hostile", headline=hostile, lead=hostile)
        reader = make.subscription(session, publication_id=monitor.id)
        address = links.Links("", make.SECRET_KEY).unsubscribe(reader.id, monitor.id)
    for path in ("/", "/weekly/", "/weekly/hostile", address):
        assert "<script>alert" not in client.get(path).text, path
        assert "&lt;script&gt;alert" in client.get(path).text, path


def test_an_image_is_kept_for_ever(client: FlaskClient, site: Site) -> None:
    answer = client.get(site.image)
    assert answer.data == DOT
    assert answer.mimetype == "image/png"
    assert "immutable" in answer.headers["Cache-Control"]
    again = client.get(site.image, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_stylesheet_may_be_kept_because_its_address_changes(
    client: FlaskClient, site: Site, database: Database
) -> None:
    def addresses() -> list[str]:
        sheets = client.get(site.archive).text.split('rel="stylesheet" href="')[1:]
        return [sheet.partition('"')[0] for sheet in sheets]

    house, theme = addresses()
    assert client.get(house).mimetype == client.get(theme).mimetype == "text/css"
    assert "immutable" in client.get(house).headers["Cache-Control"]
    assert "immutable" in client.get(theme).headers["Cache-Control"]
    with database.transaction() as session:
        issues.fetch_publication(session, "russia-monitor").accent = "#123456"
    assert addresses()[0] == house
    assert addresses()[1] != theme


def test_a_page_that_has_not_changed_is_not_sent_twice(client: FlaskClient, site: Site) -> None:
    tag = client.get(site.issue).headers["ETag"]
    assert client.get(site.issue, headers={"If-None-Match": tag}).status_code == 304


def test_a_gift_goes_where_the_appeal_says(client: FlaskClient, site: Site) -> None:
    answer = client.get(site.donate + "?destination=https://evil.example")
    assert (answer.status_code, answer.location) == (302, "https://example.org/donate")


@pytest.mark.parametrize("change", [lambda tag: tag[:-1], lambda tag: "9" + tag, lambda _: "x"])
def test_a_wrong_donate_tag_is_refused(
    client: FlaskClient, site: Site, change: Callable[[str], str]
) -> None:
    place, _, tag = site.donate.rpartition("/")
    assert client.get(f"{place}/{change(tag)}").status_code == 400


def test_no_gift_is_sent_where_it_could_be_read_on_the_way(
    client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        appeal = make.appeal(session, destination="http://example.org/donate")
        make.publication(session, slug="weekly", appeal_id=appeal.id)
        tag = links.Links("", make.SECRET_KEY).donate("weekly", 1, appeal.id)
    assert client.get(tag).status_code == 404


def test_no_publication_can_shadow_a_page(settings: Settings, database: Database) -> None:
    rules = create_app(settings, database).url_map.iter_rules()
    first_words = {rule.rule.split("/")[1] for rule in rules} - {"", "<slug>"}
    # What has a dot is no publication's name.
    assert {word for word in first_words if "." not in word} <= links.RESERVED


def test_health_is_tiny(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"
