import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

import make
from newsletter import subscriptions
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.model import (
    Consent,
    Content,
    Frequency,
    Subscriber,
    Subscription,
    SubscriptionState,
    Suppression,
)
from web.conftest import Site

BROWSER = {"Accept": "text/html"}
TOMORROW = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


def wishes(database: Database, site: Site) -> dict[int, tuple[str, str, bool]]:
    with database.reading() as session:
        rows = session.scalars(
            select(Subscription).where(Subscription.subscriber_id == site.reader)
        )
        return {
            row.publication_id: (row.state, row.frequency, row.paused_until is not None)
            for row in rows
        }


def notices(database: Database) -> list[str]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(Content.variant).where(Content.issue_id.is_(None)).order_by(Content.id)
            )
        )


def other(database: Database) -> int:
    with database.transaction() as session:
        return make.publication(session, slug="baltic-monitor", name="Baltic Monitor").id


def test_a_link_in_a_mail_has_a_fresh_one_mailed_and_shows_nothing_by_itself(
    client: FlaskClient, site: Site, database: Database
) -> None:
    page = client.get(site.preferences)
    assert "Mail me a link" in page.text
    assert "reader-" not in page.text
    assert notices(database) == []
    answer = client.post(site.preferences)
    assert "Look in your mailbox" in answer.text
    assert notices(database) == ["manage"]
    for _ in range(4):
        assert client.post(site.preferences).data == answer.data
    assert len(notices(database)) == 3


def test_everything_is_saved_at_once(client: FlaskClient, site: Site, database: Database) -> None:
    added = other(database)
    page = client.get(site.manage)
    assert "Russia Monitor" in page.text
    assert "Baltic Monitor" in page.text
    saved = client.post(
        site.manage,
        data={
            "name": "Anna Nowak",
            "language": "pl",
            "often-russia-monitor": "weekly",
            "until-russia-monitor": TOMORROW,
            "often-baltic-monitor": "each",
        },
    )
    assert saved.status_code == 200
    assert "Zapisano." in saved.text
    assert f'value="{TOMORROW}"' in saved.text
    assert wishes(database, site) == {
        site.publication: (SubscriptionState.PAUSED, Frequency.WEEKLY, True),
        added: (SubscriptionState.ACTIVE, Frequency.EACH, False),
    }
    with database.reading() as session:
        person = session.get_one(Subscriber, site.reader)
        assert (person.name, person.language) == ("Anna Nowak", "pl")


def test_what_is_wrong_is_said_and_nothing_is_saved(
    client: FlaskClient, site: Site, database: Database
) -> None:
    before = wishes(database, site)
    for day in ("yesterday", "2020-01-01", "2999-01-01", datetime.now(UTC).date().isoformat()):
        answer = client.post(
            site.manage,
            data={
                "name": "Anna Nowak",
                "often-russia-monitor": "monthly",
                "until-russia-monitor": day,
            },
        )
        assert answer.status_code == 422
        assert answer.text.count("Choose a day from tomorrow on") == 2
        assert 'href="#until-russia-monitor"' in answer.text
        kind = "text" if day == "yesterday" else "date"
        assert re.search(
            rf'type="{kind}" id="until-russia-monitor"[^>]* value="{day}"', answer.text
        )
        assert 'value="Anna Nowak"' in answer.text
        assert '<option value="monthly" selected>' in answer.text
    assert wishes(database, site) == before


def test_nothing_at_all_is_a_goodbye(client: FlaskClient, site: Site, database: Database) -> None:
    client.post(site.manage, data={"often-russia-monitor": "none"})
    assert wishes(database, site)[site.publication][0] is SubscriptionState.UNSUBSCRIBED
    assert '<option value="none" selected>' in client.get(site.manage).text


def test_a_form_that_says_nothing_changes_no_wish(
    client: FlaskClient, site: Site, database: Database
) -> None:
    before = wishes(database, site)
    assert client.post(site.manage, data={"often-russia-monitor": "hourly"}).status_code == 200
    assert before == {site.publication: (SubscriptionState.ACTIVE, Frequency.EACH, False)}
    client.post(site.manage)
    assert wishes(database, site)[site.publication][0] is not SubscriptionState.PENDING


def test_an_address_moves_when_both_have_agreed(
    client: FlaskClient, site: Site, database: Database
) -> None:
    answer = client.post(f"{site.manage}/address", data={"email": "anna@new.example"})
    assert "Look in both mailboxes" in answer.text
    assert notices(database) == ["address-change", "address-change"]
    assert client.get(agree(site, 1, new=True)).status_code == 200
    assert "Now look in the mailbox of the old" in client.post(agree(site, 1, new=True)).text
    assert client.get(agree(site, 1, new=False)).status_code == 200
    assert address(database, site) != "anna@new.example"
    for _ in range(2):
        assert "have moved" in client.post(agree(site, 1, new=False)).text
    assert address(database, site) == "anna@new.example"
    assert "There is nothing to agree to" in client.post(agree(site, 2, new=True)).text


def agree(site: Site, change: int, *, new: bool) -> str:
    link = site.links.agree(change, new=new, at=datetime.now(UTC))
    return link.removeprefix(site.links.base_url)


def address(database: Database, site: Site) -> str:
    with database.reading() as session:
        return session.get_one(Subscriber, site.reader).address


@pytest.mark.parametrize("typed", ["", "anna", "the same"])
def test_a_new_address_that_cannot_be_is_named(
    client: FlaskClient, site: Site, database: Database, typed: str
) -> None:
    email = address(database, site) if typed == "the same" else typed
    answer = client.post(f"{site.manage}/address", data={"email": email})
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert f'value="{email}"' in answer.text
    assert notices(database) == []


def test_changes_of_address_are_asked_for_three_times_a_day(
    client: FlaskClient, site: Site
) -> None:
    answers = [
        client.post(f"{site.manage}/address", data={"email": f"a{n}@new.example"}).status_code
        for n in range(4)
    ]
    assert answers == [200, 200, 200, 429]


def test_everything_held_is_taken_along(
    client: FlaskClient, site: Site, database: Database
) -> None:
    answer = client.get(f"{site.manage}/everything.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="everything.json"'
    held = answer.get_json()
    assert address(database, site) in answer.text
    assert {"subscriber", "subscriptions", "consents", "deliveries"} <= set(held)


def test_erasing_takes_a_button_and_leaves_a_hash(
    client: FlaskClient, site: Site, database: Database
) -> None:
    place = f"{site.manage}/erase"
    assert "Erase everything about me" in client.get(place).text
    assert address(database, site)
    assert "Everything is erased" in client.post(place).text
    with database.reading() as session:
        assert session.get(Subscriber, site.reader) is None
        assert session.scalar(select(func.count()).select_from(Suppression)) == 1
        assert set(session.scalars(select(Consent.subscriber_id))) <= {None}
    for again in (client.post(place, headers=BROWSER), client.get(site.manage, headers=BROWSER)):
        assert_says_nothing(again)


def test_confirming_takes_a_button_and_twice_is_once(
    client: FlaskClient, site: Site, database: Database, settings: Settings
) -> None:
    subscriber = ask(database, site, settings)
    place = site.links.confirm(subscriber, datetime.now(UTC)).removeprefix(site.links.base_url)
    page = client.get(place)
    assert "Confirm your subscription" in page.text
    assert "Russia Monitor" in page.text
    assert notices(database) == ["confirm"]
    first, second = client.post(place), client.post(place)
    assert "You are subscribed" in first.text
    assert first.data == second.data
    assert notices(database) == ["confirm", "welcome"]
    assert "Nothing waits to be confirmed" in client.get(place).text


def ask(database: Database, site: Site, settings: Settings) -> int:
    """Have somebody ask for the monitor; return their number."""
    form = subscriptions.Form("zofia@example.com", (site.publication,), "en", wording="Yes")
    now = datetime.now(UTC)
    with database.transaction() as session:
        subscriptions.ask(
            session, form, now, secret_key=settings.secret_key, network="192.0.2.0/24"
        )
        subscriptions.work_off(session, now, site.links, secret_key=settings.secret_key)
        person = subscriptions.find(session, form.address, secret_key=settings.secret_key)
        assert person
        return person.id


PURPOSES = ("confirm", "manage", "undo", "agree", "unsubscribe", "preferences")


def tags(site: Site, at: datetime) -> dict[str, str]:
    """Return a good tag of each purpose, made at a moment."""
    made = {
        "confirm": site.links.confirm(site.reader, at),
        "manage": site.links.manage(site.reader, at),
        "undo": site.links.undo(site.subscription, site.publication, at),
        "agree": site.links.agree(1, new=True, at=at),
        "unsubscribe": site.unsubscribe,
        "preferences": site.preferences,
    }
    return {purpose: link.rpartition("/")[2] for purpose, link in made.items()}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("purpose", PURPOSES)
def test_wrong_cut_foreign_and_old_links_say_nothing(
    client: FlaskClient, site: Site, purpose: str, method: str
) -> None:
    now = datetime.now(UTC)
    good = tags(site, now)
    same = {"unsubscribe", "preferences"}
    foreign = [tag for each, tag in good.items() if each != purpose and {each, purpose} != same]
    cut = [good[purpose][:-1], good[purpose].partition(".")[0], "x"]
    old = [] if purpose in same else [tags(site, now - timedelta(days=31))[purpose]]
    for tag in [*foreign, *cut, "9" + good[purpose], *old]:
        answer = client.open(f"/{purpose}/{tag}", method=method, headers=BROWSER)
        assert_says_nothing(answer)


def assert_says_nothing(answer: TestResponse) -> None:
    assert answer.status_code == 400
    assert "This link is not valid" in answer.text
    assert "Monitor" not in answer.text
    assert "/preferences" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_pages_with_a_tag_stay_out_of_caches_referrers_and_indexes(
    client: FlaskClient, site: Site
) -> None:
    for place in site.tagged:
        answer = client.get(place)
        assert answer.status_code == 200, place
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"
