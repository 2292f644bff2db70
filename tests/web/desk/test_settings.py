"""The settings: publications and licences, by their forms."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

import make
from newsletter import clock, model, support
from newsletter.deliveries import trials
from newsletter.domains import Examiner, keys
from newsletter.model import Role
from newsletter.web.desk.publications import WRONG
from web.desk.conftest import Desk

PUBLICATION = {
    "name": "Russia Monitor",
    "slug": "russia-monitor",
    "kicker": "",
    "description": "What Moscow does.",
    "language": "en",
    "zone": "Europe/Warsaw",
    "author_name": "",
    "author_address": "monitor@example.org",
    "reply_to": "",
    "accent": "#8A1C2B",
    "postal_address": "The Institute\r\nWarsaw",
    "licence": "",
    "donate_url": "",
    "opens": "",
    "closes": "",
    "latest_start": "120",
    "retry_hours": "48",
    "unknown": "again",
}
LICENCE = {"name": "Free", "text_terms": "Copy it.", "image_terms": "", "url": ""}


def only(desk: Desk, kind: type[Any]) -> Any:
    with desk.database.reading() as session:
        return session.scalars(select(kind)).one()


def test_a_publication_is_added_and_its_form_shows_it(desk: Desk) -> None:
    owner = desk.enter(Role.OWNER)
    answer = owner.send("/desk/settings/publications/new", **PUBLICATION)
    added = only(desk, model.Publication)
    assert answer.status_code == 303
    assert answer.location == f"/desk/settings/publications/{added.id}?done=publication-added"
    assert (added.kicker, added.author_name) == ("Russia Monitor", "Russia Monitor")
    assert (added.accent, added.postal_address) == ("#8a1c2b", "The Institute\nWarsaw")
    assert (added.licence_id, added.window) == (None, "")
    assert not added.link_gifts
    assert desk.told() == ["publication-added"]
    page = owner.get(answer.location).text
    assert "The publication is added." in page
    assert "7.9 to 1" not in page
    assert "Words in this colour can be read on white" in page


def test_a_change_is_kept_and_told_by_the_names_of_its_fields(desk: Desk) -> None:
    owner = desk.enter(Role.OWNER)
    with desk.database.transaction() as session:
        licence = make.licence(session).id
        number = make.publication(session, name="Russia Monitor", reply_to="a@example.org").id
    path = f"/desk/settings/publications/{number}"
    choices = {"licence": str(licence), "unknown": "hold", "givers": "linked"}
    hours = {"opens": "22:00", "closes": "06:00"}
    answer = owner.send(path, **PUBLICATION | choices | hours | {"slug": "other"})
    assert answer.location == f"{path}?done=publication-changed"
    kept = only(desk, model.Publication)
    assert (kept.licence_id, kept.hold_unknown) == (licence, True)
    assert (kept.window, kept.reply_to, kept.link_gifts) == ("22:00-06:00", "", True)
    assert kept.slug != "other"
    about = only(desk, model.AuditEntry).about
    assert about.startswith("Russia Monitor: ")
    assert "reply to" in about
    assert "licence id" in about
    assert "22:00" not in about
    again = owner.send(path, **PUBLICATION | choices | hours)
    assert again.location == f"{path}?done=unchanged"
    assert desk.told() == ["publication-changed"]


def test_the_form_of_a_publication_says_it_as_it_is(desk: Desk) -> None:
    with desk.database.transaction() as session:
        odd = make.publication(
            session, language="tlh", zone="Etc/GMT+3", window="07:00-24:00", hold_unknown=True
        )
        number, before = odd.id, {c: getattr(odd, c) for c in ("language", "zone", "window")}
    owner = desk.enter(Role.OWNER)
    page = owner.get(f"/desk/settings/publications/{number}").text
    assert '<option value="tlh" selected>' in page
    assert '<option value="Etc/GMT+3" selected>' in page
    assert 'name="opens" type="time" value="07:00"' in page
    assert 'name="closes" type="time" value="00:00"' in page
    assert before["window"] == "07:00-24:00"


def test_the_form_names_the_appeal_that_the_publication_has_now(desk: Desk) -> None:
    owner, path = desk.enter(Role.OWNER), "/desk/settings/publications"
    with desk.database.transaction() as session:
        number = make.publication(session).id
    assert "None now: its issues ask for nothing." in owner.get(f"{path}/{number}").text
    with desk.database.transaction() as session:
        terms = support.Terms("Autumn appeal", "en", publications=(number,))
        words = support.Wording("Help us", "Every issue is free.", "Give")
        appeal = support.add_appeal(session, terms, words).id
    page = owner.get(f"{path}/{number}").text
    assert f'<a href="/desk/appeals/{appeal}">Autumn appeal</a>' in page


def test_all_that_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(desk: Desk) -> None:
    wrong = {
        "name": " ",
        "slug": "Russia Monitor",
        "kicker": "k" * 121,
        "description": "d" * 601,
        "language": "",
        "zone": "Mars",
        "author_name": "a" * 121,
        "author_address": "nobody",
        "reply_to": "nobody at all",
        "accent": "red & blue",
        "postal_address": "p" * 601,
        "licence": "99",
        "donate_url": "http://example.org",
        "opens": "07:00",
        "closes": "",
        "latest_start": "soon",
        "retry_hours": "0",
    }
    answer = desk.enter(Role.OWNER).send("/desk/settings/publications/new", **wrong)
    assert answer.status_code == 422
    told = {name for name in WRONG if f'id="{name}-wrong"' in answer.text}
    assert told == set(WRONG) - {"kicker", "author_name"}
    for kept in ("Russia Monitor", "nobody at all", "red &amp; blue", "soon", "d" * 601):
        assert kept in answer.text
    assert '<a href="#zone">Choose a time zone from the list.</a>' in answer.text
    assert desk.told() == []


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("taken", "There is a publication at this address already."),
        ("desk", "a few words are taken"),
    ],
)
def test_an_address_is_given_once(desk: Desk, slug: str, words: str) -> None:
    with desk.database.transaction() as session:
        make.publication(session, slug="taken")
    form = PUBLICATION | {"slug": slug}
    answer = desk.enter(Role.OWNER).send("/desk/settings/publications/new", **form)
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize(
    ("accent", "words"),
    [
        ("%238a1c2b", "can be read on white"),
        ("%23FFD400", "hard to read on white: 1.4 to 1"),
        ("red", "Once the colour is written"),
        ("%23<svg>", "Once the colour is written"),
        ("", "Once the colour is written"),
    ],
)
def test_a_colour_is_checked_while_it_is_typed(desk: Desk, accent: str, words: str) -> None:
    path = f"/desk/settings/publications/colour?accent={accent}"
    answer = desk.enter(Role.OWNER).get(path)
    assert words in answer.text
    assert "<html" not in answer.text


def test_the_settings_say_what_is_lacking(desk: Desk) -> None:
    owner = desk.enter(Role.OWNER)
    assert "Add the first one" in owner.get("/desk/settings").text
    with desk.database.transaction() as session:
        make.publication(session, postal_address="")
    assert "Add the first one" not in owner.get("/desk/settings").text
    assert "postal address, licence" in owner.get("/desk/settings/publications").text


@pytest.mark.parametrize(
    ("kind", "table", "form", "wrong"),
    [
        ("licences", model.Licence, LICENCE, {"name": "", "text_terms": "", "url": "http://a"}),
    ],
)
def test_a_licence_is_added_and_changed(
    desk: Desk, kind: str, table: type[Any], form: dict[str, str], wrong: dict[str, str]
) -> None:
    owner, path = desk.enter(Role.OWNER), f"/desk/settings/{kind}"
    one = kind[:-1]
    refused = owner.send(f"{path}/new", **form | wrong)
    assert refused.status_code == 422
    assert [name for name in wrong if f'id="{name}-wrong"' not in refused.text] == []
    assert owner.send(f"{path}/new", **form).location == f"{path}?done={one}"
    kept = only(desk, table)
    assert {name: getattr(kept, name) for name in form} == form
    assert "no publication yet" in owner.get(path).text
    first = next(iter(form))
    changed = form | {first: "Something <else>"}
    assert owner.send(f"{path}/{kept.id}", **changed).location == f"{path}?done={one}"
    assert "Something &lt;else&gt;" in owner.get(f"{path}/{kept.id}").text
    assert owner.send(f"{path}/{kept.id}", **changed).location == f"{path}?done=unchanged"
    assert owner.send(f"{path}/{kept.id}", **changed | wrong).status_code == 422
    assert owner.send(f"{path}/99", **form).status_code == 404
    assert desk.told() == [f"{one}-added", f"{one}-changed"]


def test_a_licence_begins_with_words_that_come_with_the_house(desk: Desk) -> None:
    owner = desk.enter(Role.OWNER)
    with desk.database.transaction() as session:
        make.publication(session, author_name="Instytut Bałtycki")
    page = owner.get("/desk/settings/licences/new?from=cc-by-4.0&language=pl").text
    assert "Teksty, których wydawcą jest Instytut Bałtycki, są dostępne na licencji" in page
    assert "https://creativecommons.org/licenses/by/4.0/" in page
    assert "The texts of Instytut Bałtycki are available under" in page
    assert owner.get("/desk/settings/licences/new?from=nothing").status_code == 200


def test_a_licence_has_words_in_several_languages(desk: Desk) -> None:
    owner, path = desk.enter(Role.OWNER), "/desk/settings/licences"
    polish = {"text_terms_pl": "Można przedrukować.", "url_pl": "https://example.org/pl"}
    refused = owner.send(f"{path}/new", **LICENCE | polish | {"url_pl": "http://a"})
    assert refused.status_code == 422
    assert 'id="url_pl-wrong"' in refused.text
    assert "Można przedrukować." in refused.text
    owner.send(f"{path}/new", **LICENCE | polish)
    kept = only(desk, model.Licence)
    said = {"text_terms": "Można przedrukować.", "url": "https://example.org/pl"}
    assert kept.translations == {"pl": said}
    assert "Można przedrukować." in owner.get(f"{path}/{kept.id}").text
    again = owner.send(f"{path}/{kept.id}", **LICENCE | polish)
    assert again.location == f"{path}?done=unchanged"
    owner.send(f"{path}/{kept.id}", **LICENCE)
    assert only(desk, model.Licence).translations == {}


def test_a_domain_shows_what_is_missing_with_the_record_to_paste(desk: Desk) -> None:
    owner = desk.enter(Role.OWNER)
    assert "Nobody sends yet." in owner.get("/desk/settings/domains").text
    with desk.database.transaction() as session:
        make.publication(session, author_address="a@example.org")
    assert "Not looked at yet." in owner.get("/desk/settings/domains").text
    answer = owner.send("/desk/settings/domains/look", domain="example.org")
    assert answer.location == "/desk/settings/domains?done=look"
    assert "data-waiting" in owner.get(answer.location).text
    assert owner.send("/desk/settings/domains/look", domain="other.example").status_code == 404
    clock.look(desk.database, datetime.now(UTC), Examiner(desk.home, ask=lambda *_: ()))
    page = owner.get("/desk/settings/domains").text
    assert "data-waiting" not in page
    assert "v=DMARC1; p=none; rua=mailto:postmaster@example.org" in page
    assert "We sign nothing for this domain." in page
    assert "Needs someone" in owner.get("/desk/settings").text


def test_a_key_is_made_and_used_and_the_one_before_retires(desk: Desk) -> None:
    owner = desk.enter(Role.OWNER)
    with desk.database.transaction() as session:
        make.publication(session, author_address="a@example.org")
    form = {"domain": "example.org", "kind": "ed25519"}
    for wrong in ({"kind": "dsa"}, {"domain": "other.example"}):
        assert owner.send("/desk/settings/domains/keys", **form | wrong).status_code == 404
    for _ in range(2):
        answer = owner.send("/desk/settings/domains/keys", **form)
        assert answer.location == "/desk/settings/domains?done=key"
    first, second = keys.keys(desk.home)
    path = "/desk/settings/domains/keys/use"
    for key, other in ((first, ""), (second, first.selector)):
        query = f"?domain=example.org&selector={key.selector}"
        page = owner.get(path + query).text
        assert "Its record was not found when we last looked." in page
        assert (f"The key {other} retires then." in page) == bool(other)
        answer = owner.send(path, domain="example.org", selector=key.selector)
        assert answer.location == "/desk/settings/domains?done=key-used"
    assert [key.state for key in keys.keys(desk.home)] == ["retired", "signs"]
    assert owner.get(f"{path}?domain=example.org&selector=none").status_code == 404
    assert owner.send(path, domain="example.org", selector="none").status_code == 404
    assert desk.told() == ["dkim-key-made"] * 2 + ["dkim-key-used"] * 2
    assert "PRIVATE" not in owner.get("/desk/settings/domains").text


def test_a_relay_is_tried_and_the_page_tells_how_far_it_came(desk: Desk) -> None:
    owner, path, relay = desk.enter(Role.OWNER), "/desk/settings/relays", "127.0.0.1:25"
    page = owner.get(path).text
    assert "No relay is named" in page
    assert "A mail needs a sender" in page
    with desk.database.transaction() as session:
        number = make.publication(session).id
    form = {"relay": relay, "publication": str(number)}
    assert owner.send(path, **form | {"relay": "other"}).status_code == 404
    refused = owner.send(path, **form | {"publication": "99"})
    assert (refused.status_code, desk.told()) == (409, [])
    assert "Choose the publication in whose name" in refused.text
    assert owner.send(path, **form).location == path
    page = owner.get(path).text
    assert "data-waiting" in page
    assert "with a mail to owner@example.org" in page
    assert owner.send(path, **form).status_code == 409
    with desk.database.transaction() as session:
        trials.take(session, [relay], datetime.now(UTC))
        trials.tell(session, relay, {"connect": "220 hello", "encrypt": "", "sign-in": ""})
        trials.end(session, relay, datetime.now(UTC), "It does not take <this>.")
    page = owner.get(path).text
    assert "data-waiting" not in page
    assert "220 hello" in page
    assert "Not encrypted, as the relay’s URL has it." in page
    assert "It does not take &lt;this&gt;." in page
    assert desk.told() == ["relay-tried"]


def test_a_trial_that_nobody_takes_says_so(desk: Desk) -> None:
    for ago, words in ((30, "Nobody has taken the trial yet."), (200, "The trial was cut short")):
        with desk.database.transaction() as session:
            session.execute(delete(model.Trial))
            asked_at = datetime.now(UTC) - timedelta(seconds=ago)
            make.trial(session, relay="127.0.0.1:25", asked_at=asked_at)
        assert words in desk.enter(Role.OWNER).get("/desk/settings/relays").text
