"""The pages about subscribers: looked up, without an address in any address; one person."""

import re
from html import unescape

import pytest
from sqlalchemy import select

import make
from newsletter import model
from newsletter.model import Role
from newsletter.web.desk import subscribers
from newsletter.web.subscribing import FORMS
from scenes import subscribers as scenes
from web.desk.conftest import Browser, Desk


@pytest.fixture
def editor(desk: Desk) -> Browser:
    return desk.enter(Role.EDITOR)


def set_scene(desk: Desk, name: str) -> str:
    with desk.database.transaction() as session:
        return str(scenes.SCENES[name](session))


def search(browser: Browser, words: str, **filters: str) -> str:
    """Search, and return the path that the form leads to."""
    answer = browser.send("/desk/subscribers", words=words, **filters)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def rows(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/desk/subscribers/\d+">([^<]+)</a>', page)


def test_people_are_listed_newest_first_page_by_page(desk: Desk, editor: Browser) -> None:
    first = editor.get(set_scene(desk, "full")).text
    assert len(rows(first)) == 50
    assert rows(first)[0] == "anna.55@institute-6.example.org"
    (further,) = re.findall(r'<a rel="next" href="([^"]+)">Next page', first)
    second = editor.get(unescape(further)).text
    assert len(rows(second)) == 6
    assert "To the beginning" in second
    assert "Next page" not in second


def test_a_search_leads_to_a_path_that_names_nobody(desk: Desk, editor: Browser) -> None:
    set_scene(desk, "full")
    path = search(editor, "  Anna.50@institute ", publication="", state="", language="")
    assert re.fullmatch(r"/desk/subscribers\?search=\d+", path)
    found = editor.get(path).text
    assert rows(found) == ["anna.50@institute-1.example.org"]
    assert 'value="Anna.50@institute"' in found, "what was typed stands in the form again"
    assert rows(editor.get(search(editor, "@institute-1.example.org", language="en")).text)
    many = editor.get(search(editor, "@institute-1.example.org", language="pl")).text
    assert all(address.endswith("@institute-1.example.org") for address in rows(many))
    assert not re.search(r'href="[^"]*(@|%40)', many), "no address stands in a link"
    assert '<option value="pl" selected>Polish</option>' in many


def test_segments_are_beside_the_people_they_are_made_of(editor: Browser) -> None:
    tab = '<a href="/desk/subscribers/segments"'
    assert f"{tab}>Segments</a>" in editor.get("/desk/subscribers").text
    page = editor.get("/desk/subscribers/segments").text
    assert f'{tab} aria-current="page">Segments</a>' in page
    assert '<a href="/desk/subscribers" aria-current="true">Subscribers</a>' in page


def test_every_form_that_a_reader_may_fill_in_has_a_name() -> None:
    assert set(FORMS) <= set(subscribers.FORMS)


def test_filters_stand_in_the_path_and_in_the_form(desk: Desk, editor: Browser) -> None:
    set_scene(desk, "full")
    path = search(editor, "", publication="2", state="pending", language="pl")
    assert path == "/desk/subscribers?publication=2&state=pending&language=pl"
    page = editor.get(path).text
    for chosen in ("2", "pending", "pl"):
        assert f'<option value="{chosen}" selected>' in page


@pytest.mark.parametrize(
    "query",
    [
        *("search=1", "search=x", "publication=99", "state=king", f"after={10**30}", "after=-1"),
        *("part=99", "language=%00", f"search={2**63 - 1}", "publication=x&after=5&part=1"),
    ],
)
def test_what_cannot_be_is_no_trouble(desk: Desk, editor: Browser, query: str) -> None:
    set_scene(desk, "full")
    assert editor.get(f"/desk/subscribers?{query}").status_code == 200


def test_a_search_of_another_editor_is_not_shown(desk: Desk, editor: Browser) -> None:
    set_scene(desk, "full")
    path = search(desk.enter(Role.OWNER), "anna.50")
    page = editor.get(path).text
    assert "Please search again" in page
    assert "anna.50" not in re.findall(r'name="words"[^>]+', page)[0]


def test_nobody_found_and_nobody_there_are_said_differently(desk: Desk, editor: Browser) -> None:
    assert "Nobody has subscribed yet." in editor.get("/desk/subscribers").text
    set_scene(desk, "full")
    assert "Nobody was found." in editor.get(search(editor, "@nowhere.example")).text
    assert "Nobody was found." in editor.get(search(editor, "zzzz")).text


def test_a_person_is_shown_with_all_that_is_known(desk: Desk, editor: Browser) -> None:
    page = editor.get(set_scene(desk, "person")).text
    for words in (
        *("Anna Kowalska", "anna.kowalska<wbr>@institute.example.org", "There is no such mailbox"),
        *("Baltic Monitor", "Subscribed", "Takes a pause, until 13 December 2026", "once a week"),
        *("Asked for it by a form", "Confirmed by the link in our mail", "192.0.2.0/24"),
        *("What the person was shown, version 5d1c2f7a90be", "By subscribing you agree"),
        *("Harbours Prepare", "550 5.1.1 The mailbox does not exist", "Welcome", "Arctic Notes"),
    ):
        assert words.lower() in page.lower(), words


def test_a_person_who_is_none_is_not_found(editor: Browser) -> None:
    assert editor.get("/desk/subscribers/99").status_code == 404


def test_what_is_hostile_in_a_name_is_only_text(desk: Desk, editor: Browser) -> None:
    hostile = '"><script>alert(1)</script>'
    with desk.database.transaction() as session:
        number = make.subscriber(session, name=hostile).id
    for path in ("/desk/subscribers", f"/desk/subscribers/{number}"):
        page = editor.get(path).text
        assert "<script>" not in page
        assert "&lt;script&gt;" in page
    assert "<script>" not in editor.get(search(editor, hostile)).text


def test_a_search_is_kept_without_its_words_in_the_trail(desk: Desk, editor: Browser) -> None:
    search(editor, "anna@one.example")
    with desk.database.reading() as session:
        assert session.scalars(select(model.Search.words)).all() == ["anna@one.example"]
    assert desk.told() == []


def test_an_owner_takes_out_everything_and_the_trail_tells_of_whom(desk: Desk) -> None:
    path = set_scene(desk, "person")
    owner = desk.enter(Role.OWNER)
    assert "Take out everything" in owner.get(path).text
    assert "Take out everything" not in desk.enter(Role.EDITOR).get(path).text
    answer = owner.send(f"{path}/everything")
    assert answer.get_json()["subscriber"]["address"] == "anna.kowalska@institute.example.org"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    trail = owner.get("/desk/trail").text
    assert "Took out all that is held about a subscriber" in trail
    assert "anna.kowalska" not in trail
    assert owner.send("/desk/subscribers/99/everything").status_code == 404
