from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

import make
from newsletter import subscriptions
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.model import Challenge, SubscriptionState, SuppressionReason
from newsletter.web import create_app
from newsletter.web.challenge import LEAST
from web.conftest import Site
from web.forms import counted, hidden, sign_ups, solved

ONE = "/subscribe/russia-monitor"
BROWSER = {"Accept": "text/html"}


def send(client: FlaskClient, place: str = ONE, **fields: Any) -> TestResponse:
    """Send a form in with a solved challenge."""
    said = {"email": "anna@example.org", "altcha": solved(client)} | fields
    return client.post(place, data=said, headers=BROWSER)


def test_a_form_comes_in_with_what_was_agreed_to(
    client: FlaskClient, site: Site, database: Database
) -> None:
    answer = send(client, email=" Anna@EXAMPLE.org ", name="Anna  Nowak", language="pl")
    assert answer.status_code == 200
    assert "Look in your mailbox" in answer.text
    (kept,) = sign_ups(database)
    assert (kept.address, kept.name, kept.language) == ("Anna@example.org", "Anna Nowak", "pl")
    assert (kept.publications, kept.form) == ([site.publication], "page")
    assert kept.origin == "127.0.0.0/24"
    assert kept.wording in client.get(ONE).text
    assert "Set-Cookie" not in answer.headers


def test_several_are_subscribed_to_at_once(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        other = make.publication(session, slug="baltic-monitor", name="Baltic Monitor").id
        make.publication(session, slug="third-monitor")
    chosen = ["baltic-monitor", "russia-monitor", "no-monitor"]
    assert send(client, "/subscribe", publication=chosen).status_code == 200
    assert sorted(sign_ups(database)[0].publications) == sorted([site.publication, other])


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Write your e-mail address."),
        ("anna", "This is not an e-mail address."),
        ("anna@mailinator.com", "This address lasts for minutes only."),
    ],
)
def test_what_is_wrong_is_said_above_and_beside_and_nothing_typed_is_lost(
    client: FlaskClient, site: Site, database: Database, typed: str, words: str
) -> None:
    answer = send(client, email=typed, name="Anna <Nowak>", language="pl")
    assert answer.status_code == 422
    assert answer.text.count(words) == 2
    assert f'value="{typed}"' in answer.text
    assert 'value="Anna &lt;Nowak&gt;"' in answer.text
    assert '<option value="pl" lang="pl" selected>' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'aria-describedby="email-wrong"' in answer.text
    assert sign_ups(database) == []


def test_without_a_publication_nothing_is_asked_for(
    client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        for slug in ("baltic-monitor", "russia-monitor"):
            make.publication(session, slug=slug)
    answer = send(client, "/subscribe", publication="third-monitor")
    assert answer.status_code == 422
    assert "Choose at least one publication." in answer.text


def test_a_form_for_a_publication_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/subscribe/no-monitor").status_code == 404
    assert client.post("/subscribe/no-monitor", data={"email": "a@example.org"}).status_code == 404


@pytest.mark.parametrize("field", ["email", "name", "language", "form", "publication", "press"])
@pytest.mark.parametrize("value", ["\x00", "a\x00b@example.org", "\ud800", "x" * 10_000, "\u202e"])
def test_no_field_breaks_the_form(
    client: FlaskClient, site: Site, database: Database, field: str, value: str
) -> None:
    data = {"email": "anna@example.org", "altcha": solved(client), field: value}
    encoded = urlencode(data, errors="surrogatepass").encode()
    answer = client.post(ONE, data=encoded, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {200, 422}


@pytest.mark.parametrize("policy", ["allow", "refuse"])
def test_offices_and_addresses_for_minutes_are_up_to_the_operator(
    settings: Settings, site: Site, database: Database, policy: str
) -> None:
    app = create_app(replace(settings, role_addresses=policy, disposable=policy), database)
    client = app.test_client()
    answers = [send(client, email=each) for each in ("info@example.org", "a@yopmail.com")]
    expected = {"allow": [200, 200], "refuse": [422, 422]}[policy]
    assert [answer.status_code for answer in answers] == expected
    refused = {"sign-up-role": 1, "sign-up-disposable": 1}
    assert counted(database) == (refused if policy == "refuse" else {})


@pytest.mark.parametrize("address", ["zażółć@przykład.pl", "анна@example.org", "a@faß.de"])
def test_addresses_beyond_ascii_are_taken_in(
    client: FlaskClient, site: Site, database: Database, address: str
) -> None:
    assert send(client, email=address).status_code == 200
    assert sign_ups(database)[0].address == address


def test_a_slip_is_asked_about_and_both_answers_go_on(
    client: FlaskClient, site: Site, database: Database
) -> None:
    asked = send(client, email="anna@gmial.com", name="Anna")
    assert "Did you mean" in asked.text
    assert sign_ups(database) == []
    for answer in ("anna@gmail.com", "anna@gmial.com"):
        assert f'name="email" value="{answer}"' in asked.text
        said = {name: values[0] for name, values in hidden(asked.text).items()}
        assert (
            send(client, **(said | {"email": answer, "altcha": solved(client)})).status_code == 200
        )
    kept = [(one.address, one.name) for one in sign_ups(database)]
    assert kept == [("anna@gmail.com", "Anna"), ("anna@gmial.com", "Anna")]


def test_who_fills_in_every_field_is_thanked_and_forgotten(
    client: FlaskClient, site: Site, database: Database
) -> None:
    answer = send(client, homepage="https://spam.example")
    assert answer.data == send(client).data
    assert len(sign_ups(database)) == 1
    assert counted(database) == {"sign-up-honeypot": 1}


def test_a_solved_challenge_counts_once(
    client: FlaskClient, site: Site, database: Database
) -> None:
    payload = solved(client)
    assert "Look in your mailbox" in send(client, altcha=payload).text
    assert "One more step" in send(client, altcha=payload).text
    assert len(sign_ups(database)) == 1
    with database.reading() as session:
        (spent,) = session.scalars(select(Challenge))
        assert spent.ends_at > datetime.now(UTC)


@pytest.mark.parametrize("payload", ["", "x", "e30=", "bnVsbA==", "W10="])
def test_a_challenge_that_is_none_leads_to_the_button(
    client: FlaskClient, site: Site, database: Database, payload: str
) -> None:
    answer = send(client, altcha=payload)
    assert (answer.status_code, "One more step" in answer.text) == (200, True)
    assert sign_ups(database) == []


def test_a_challenge_of_another_house_is_not_ours(
    settings: Settings, client: FlaskClient, site: Site, database: Database
) -> None:
    other = create_app(replace(settings, secret_key="another secret, as long as it must"), database)
    assert "One more step" in send(client, altcha=solved(other.test_client())).text


def press(client: FlaskClient, page: TestResponse, **fields: Any) -> TestResponse:
    """Press the button of the page that stands for a challenge."""
    return client.post(ONE, data=hidden(page.text) | fields, headers=BROWSER)


def test_without_scripts_a_button_goes_on_but_not_at_once(
    client: FlaskClient, site: Site, database: Database
) -> None:
    page = client.post(ONE, data={"email": "anna@example.org", "name": "Anna"}, headers=BROWSER)
    assert "One more step" in page.text
    assert "One more step" in press(client, page).text
    assert sign_ups(database) == []
    later = press(client, page, press=aged(site, page))
    assert "Look in your mailbox" in later.text
    (kept,) = sign_ups(database)
    assert (kept.address, kept.name) == ("anna@example.org", "Anna")
    assert counted(database) == {"sign-up-unsolved": 1}


def aged(site: Site, page: TestResponse) -> str:
    """Return the tag of a page's button as if it had been shown a while ago."""
    tag = hidden(page.text)["press"][0]
    number, shown_at = site.links.read_press(tag, datetime.now(UTC))
    return site.links.press_tag(number, shown_at - LEAST)


def test_a_button_goes_on_for_what_it_was_shown_with(
    client: FlaskClient, site: Site, database: Database
) -> None:
    page = client.post(ONE, data={"email": "anna@example.org"}, headers=BROWSER)
    other = press(client, page, press=aged(site, page), email="jan@example.org")
    assert "One more step" in other.text
    assert sign_ups(database) == []


def test_a_button_is_good_for_two_hours(
    client: FlaskClient, site: Site, database: Database
) -> None:
    page = client.post(ONE, data={"email": "anna@example.org"}, headers=BROWSER)
    number, shown_at = site.links.read_press(hidden(page.text)["press"][0], datetime.now(UTC))
    old = site.links.press_tag(number, shown_at - timedelta(hours=2))
    assert "One more step" in press(client, page, press=old).text
    assert sign_ups(database) == []


def test_without_scripts_a_network_has_less_room_and_nothing_typed_is_lost(
    client: FlaskClient, site: Site, database: Database
) -> None:
    answers = []
    for number in range(6):
        typed = {"email": f"reader-{number}@example.org"}
        page = client.post(ONE, data=typed, headers=BROWSER)
        answers.append(press(client, page, press=aged(site, page)))
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "Too many forms came from your network" in answers[-1].text
    assert counted(database)["sign-up-limited-network"] == 1
    assert 'value="reader-5@example.org"' in answers[-1].text
    assert len(sign_ups(database)) == 5


def test_a_form_on_another_site_needs_no_script(
    client: FlaskClient, site: Site, database: Database
) -> None:
    page = client.get("/embed")
    assert "&lt;form action=&#34;http://localhost:8000/subscribe/russia-monitor&#34;" in page.text
    fields = {"email": "anna@example.org", "language": "en", "form": "embed"}
    foreign = {**BROWSER, "Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
    landed = client.post(ONE, data=fields, headers=foreign)
    assert "One more step" in landed.text
    press(client, landed, press=aged(site, landed))
    assert sign_ups(database)[0].form == "embed"


@pytest.mark.parametrize(
    ("keep", "client_address", "kept"),
    [
        ("none", "192.0.2.17", ""),
        ("network", "192.0.2.17", "192.0.2.0/24"),
        ("network", "2001:db8:1:2::3", "2001:db8:1::/48"),
        ("network", "::ffff:192.0.2.17", "192.0.2.0/24"),
        ("full", "192.0.2.17", "192.0.2.17"),
    ],
)
def test_of_where_a_form_came_from_so_much_is_kept(
    settings: Settings, site: Site, database: Database, keep: str, client_address: str, kept: str
) -> None:
    client = create_app(replace(settings, keep_origin=keep), database).test_client()
    client.environ_base["REMOTE_ADDR"] = client_address
    send(client)
    assert sign_ups(database)[0].origin == kept


@pytest.mark.parametrize(
    ("proxies", "kept"), [(0, "127.0.0.1"), (1, "198.51.100.9"), (2, "192.0.2.17")]
)
def test_only_our_own_proxies_are_believed(
    settings: Settings, site: Site, database: Database, proxies: int, kept: str
) -> None:
    app = create_app(replace(settings, keep_origin="full", proxies=proxies), database)
    client = app.test_client()
    client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.5, 192.0.2.17, 198.51.100.9"
    send(client)
    assert sign_ups(database)[0].origin == kept


KNOWN = ("new", "pending", "active", "paused", "unsubscribed", *SuppressionReason)


@pytest.mark.parametrize("place", [ONE, "/preferences"])
def test_the_answer_and_its_cost_are_the_same_whatever_is_known(
    client: FlaskClient, site: Site, database: Database, place: str
) -> None:
    answers, costs = set(), []
    for number, known in enumerate(KNOWN):
        address = f"reader{number}@example.org"
        make_known(database, site, address, known)
        payload = solved(client)
        with statements(database) as executed:
            answer = send(client, place, email=address, altcha=payload)
        assert answer.status_code == 200
        headers = {name: value for name, value in answer.headers if name != "Date"}
        answers.add((answer.data.replace(address.encode(), b"*"), str(headers)))
        costs.append(list(executed))
    assert len(answers) == 1
    # The first of all also makes the bucket of the network.
    assert {tuple(each) for each in costs[1:]} == {tuple(costs[1])}
    assert len(sign_ups(database)) == len(KNOWN)


def make_known(database: Database, site: Site, address: str, known: str) -> None:
    with database.transaction() as session:
        if known in set(SuppressionReason):
            make.suppression(session, address, reason=SuppressionReason(known))
        elif known != "new":
            make.subscription(
                session,
                subscriber_id=make.subscriber(session, address).id,
                publication_id=site.publication,
                state=SubscriptionState(known),
            )


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Note the words of each statement that reaches the database."""
    executed: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        executed.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield executed
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_a_network_that_floods_gets_no_more_than_its_room(
    client: FlaskClient, site: Site, database: Database, settings: Settings
) -> None:
    answers = [send(client, email=f"victim-{n}@example.org").status_code for n in range(25)]
    assert answers == [200] * 20 + [429] * 5
    with database.transaction() as session:
        done = subscriptions.work_off(
            session, datetime.now(UTC), site.links, secret_key=settings.secret_key
        )
    assert done == 20


def test_the_form_speaks_the_language_of_its_publication_or_of_its_reader(
    client: FlaskClient, site: Site, database: Database
) -> None:
    with database.transaction() as session:
        make.publication(session, slug="przeglad", name="Przegląd", language="pl")
    assert "Twój adres e-mail" in client.get("/subscribe/przeglad").text
    assert "Your e-mail address" in client.get(ONE, headers={"Accept-Language": "pl"}).text
    answer = client.get("/subscribe", headers={"Accept-Language": "pl"})
    assert "Co chcesz otrzymywać?" in answer.text
    assert "Accept-Language" in answer.headers["Vary"]


@pytest.mark.parametrize(("place", "name"), [("/", "home"), ("/russia-monitor/", "archive")])
def test_other_pages_have_a_brief_form_that_is_the_same_for_everyone(
    client: FlaskClient, site: Site, database: Database, place: str, name: str
) -> None:
    page = client.get(place)
    assert client.get(place).data == page.data
    fields = {key: values[0] for key, values in hidden(page.text).items()}
    assert f'action="{ONE}"' in page.text
    assert send(client, **(fields | {"altcha": solved(client)})).status_code == 200
    (kept,) = sign_ups(database)
    assert kept.form == name
    assert kept.wording in page.text
