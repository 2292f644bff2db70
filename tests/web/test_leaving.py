import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from newsletter.database import Database
from newsletter.model import Base, Consent, Content, Subscription, SubscriptionState
from newsletter.web.leaving import RECENT
from web.conftest import Site
from web.forms import counted

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
    again = client.post(site.unsubscribe, data=data)
    assert timeless(again.text) == timeless(answer.text)


def timeless(page: str) -> str:
    """Return a page without the moment of leaving, which the link to take it back has."""
    return re.sub(r"/undo/[\w.-]+", "/undo/", page)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "change",
    [
        lambda tag: tag[:-1],
        lambda tag: tag + "a",
        lambda tag: "2" + tag[1:],
        lambda tag: tag.partition(".")[0],
        lambda tag: "ż" + tag,
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


def say_goodbye(client: FlaskClient, site: Site) -> str:
    """Leave by the button; return the path that takes it back."""
    answer = client.post(site.unsubscribe)
    found = re.search(r'action="(/undo/[^"]+)"', answer.text)
    assert found
    return found[1]


def notices(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Content.variant).where(Content.issue_id.is_(None))))


def test_a_goodbye_is_taken_back_by_a_button(
    client: FlaskClient, site: Site, database: Database
) -> None:
    undo = say_goodbye(client, site)
    before = everything(database)
    assert "as if you had not left" in client.get(undo).text
    assert everything(database) == before
    assert "You are subscribed again" in client.post(undo).text
    assert state(database, site) is SubscriptionState.ACTIVE
    assert "There is nothing to take back" in client.post(undo).text
    assert state(database, site) is SubscriptionState.ACTIVE


def test_a_goodbye_at_the_page_is_told_by_mail_and_one_click_is_not(
    client: FlaskClient, site: Site, database: Database
) -> None:
    undo = say_goodbye(client, site)
    assert notices(database) == ["goodbye"]
    client.post(undo)
    client.post(site.unsubscribe, data=ONE_CLICK)
    assert notices(database) == ["goodbye"]


@pytest.mark.parametrize(("instead", "frequency"), [("weekly", "weekly"), ("monthly", "monthly")])
def test_instead_of_leaving_one_gets_less(
    client: FlaskClient, site: Site, database: Database, instead: str, frequency: str
) -> None:
    answer = client.post(say_goodbye(client, site), data={"instead": instead})
    assert "As you wish" in answer.text
    with database.reading() as session:
        wish = session.get_one(Subscription, site.subscription)
        assert (wish.state, wish.frequency) == (SubscriptionState.ACTIVE, frequency)


def test_instead_of_leaving_one_takes_a_pause(
    client: FlaskClient, site: Site, database: Database
) -> None:
    undo = say_goodbye(client, site)
    refused = client.post(undo, data={"instead": "pause", "until": "2020-01-01"})
    assert refused.status_code == 422
    assert 'value="2020-01-01"' in refused.text
    assert state(database, site) is SubscriptionState.UNSUBSCRIBED
    day = datetime.now(UTC).date() + timedelta(days=14)
    client.post(undo, data={"instead": "pause", "until": day.isoformat()})
    with database.reading() as session:
        wish = session.get_one(Subscription, site.subscription)
        assert wish.state is SubscriptionState.PAUSED
        assert wish.paused_until == datetime.combine(day, time(), ZoneInfo("Europe/Warsaw"))


def test_why_is_one_press_and_counts_no_person(
    client: FlaskClient, site: Site, database: Database
) -> None:
    undo = say_goodbye(client, site)
    answer = client.post(undo, data={"why": "too-often"})
    assert "We count the answers" in answer.text
    assert "Would you say why?" not in answer.text
    client.post(undo, data={"why": "because"})
    assert counted(database) == {"why-too-often-russia-monitor": 1}
    assert state(database, site) is SubscriptionState.UNSUBSCRIBED


def test_an_older_goodbye_is_not_taken_back_by_leaving_again(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        wish = session.get_one(Subscription, site.subscription)
        wish.state, wish.changed_at = SubscriptionState.UNSUBSCRIBED, datetime.now(UTC) - 2 * RECENT
    undo = say_goodbye(client, site)
    assert "There is nothing to take back" in client.post(undo).text
    assert state(database, site) is SubscriptionState.UNSUBSCRIBED
