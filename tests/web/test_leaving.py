from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from newsletter.database import Database
from newsletter.model import Base, Consent, Subscription, SubscriptionState
from web.conftest import Site

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def state(database: Database, site: Site) -> SubscriptionState:
    with database.reading() as session:
        return session.get_one(Subscription, site.subscription).state


def forms(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Consent.form)))


def test_a_visit_changes_nothing(client: FlaskClient, site: Site, database: Database) -> None:
    before = everything(database)
    for _ in range(2):
        answer = client.get(site.unsubscribe)
        assert answer.status_code == 200
        assert "Unsubscribe from Russia Monitor?" in answer.text
        assert client.head(site.unsubscribe).status_code == 200
    assert everything(database) == before


def test_the_button_ends_the_subscription_and_says_so(
    client: FlaskClient, site: Site, database: Database
) -> None:
    answer = client.post(site.unsubscribe)
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert "Russia Monitor" in answer.text
    assert state(database, site) is SubscriptionState.UNSUBSCRIBED
    assert forms(database) == ["page"]


@pytest.mark.parametrize("content_type", [None, "multipart/form-data"])
def test_one_click_needs_nothing_but_its_link(
    client: FlaskClient, site: Site, database: Database, content_type: str | None
) -> None:
    answer = client.post(site.unsubscribe, data=ONE_CLICK, content_type=content_type)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert len(answer.data) < 100
    assert state(database, site) is SubscriptionState.UNSUBSCRIBED
    assert forms(database) == ["one-click"]


def test_leaving_twice_is_leaving_once(client: FlaskClient, site: Site, database: Database) -> None:
    answers = [client.post(site.unsubscribe, data=ONE_CLICK) for _ in range(2)]
    assert answers[0].data == answers[1].data
    assert forms(database) == ["one-click"]


def test_the_page_is_the_same_before_and_after_leaving(client: FlaskClient, site: Site) -> None:
    before = client.get(site.unsubscribe).data
    first = client.post(site.unsubscribe).data
    assert client.get(site.unsubscribe).data == before
    assert client.post(site.unsubscribe).data == first


@pytest.mark.parametrize("data", [ONE_CLICK, {}])
def test_a_subscription_that_is_gone_is_left_like_any_other(
    client: FlaskClient, site: Site, database: Database, data: dict[str, str]
) -> None:
    page = client.get(site.unsubscribe).data
    answer = client.post(site.unsubscribe, data=data)
    assert answer.status_code == 200
    with database.transaction() as session:
        session.delete(session.get_one(Subscription, site.subscription))
    assert client.get(site.unsubscribe).data == page
    assert client.post(site.unsubscribe, data=data).data == answer.data


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "change",
    [
        lambda tag: tag[:-1],
        lambda tag: tag + "a",
        lambda tag: "2" + tag[1:],
        lambda tag: tag.partition(".")[0],
        lambda tag: "ż" + tag,
        lambda _: "%00",
    ],
)
def test_a_wrong_link_says_nothing_about_anyone(
    client: FlaskClient,
    site: Site,
    database: Database,
    method: str,
    change: Callable[[str], str],
) -> None:
    place, _, tag = site.unsubscribe.rpartition("/")
    answer = client.open(f"{place}/{change(tag)}", method=method, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "This link is not valid" in answer.text
    assert "Monitor" not in answer.text
    assert state(database, site) is SubscriptionState.ACTIVE


def test_a_tag_made_for_another_purpose_opens_nothing(client: FlaskClient, site: Site) -> None:
    assert client.post(f"/unsubscribe/{site.links.bounce_tag(1)}").status_code == 400


def test_the_link_stays_out_of_caches_referrers_and_indexes(
    client: FlaskClient, site: Site
) -> None:
    answers = [
        client.get(site.unsubscribe),
        client.post(site.unsubscribe),
        client.get("/unsubscribe/cut"),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"


def everything(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.reading() as session:
        return {
            table.name: sorted(map(str, session.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if session.scalar(select(func.count()).select_from(table))
        }
