"""By what right a picture is shown, as people write it, and whether it may be passed on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering import (
    NEVER,
    USUAL,
    Feed,
    Permission,
    Place,
    Shown,
    article_html,
    atom,
    json_feed,
    linked_data,
    mail,
    may_appear,
)
from newsletter.rendering.permission import Basis
from rendering.editions import IMAGES, edition

TODAY = date(2026, 11, 25)
LAST = date(2027, 1, 31)
EVERYWHERE = frozenset(Place)
OURS = EVERYWHERE - {Place.REPUBLICATION}
FEED = Feed("Feed", "https://example.org/f", "https://example.org/", "en", "/i.svg", NEVER)
WEB = frozenset({Place.WEB})


@pytest.mark.parametrize(
    ("text", "permission", "passes_on"),
    [
        ("own", Permission("own"), True),
        (" Own ", Permission("own"), True),
        ("CC BY 4.0", Permission("licence", "CC BY 4.0"), True),
        ("licence CC BY-SA 3.0", Permission("licence", "CC BY-SA 3.0"), True),
        ("cc-by-nc-nd 4.0", Permission("licence", "cc-by-nc-nd 4.0"), True),
        ("CC0", Permission("licence", "CC0"), True),
        ("Public Domain", Permission("licence", "Public Domain"), True),
        ("licensed", Permission("licensed"), False),
        ("licensed until 2027-01-31", Permission("licensed", until=LAST), False),
        (
            "licensed by Agency until 2027-01-31",
            Permission("licensed", "Agency", LAST),
            False,
        ),
        (
            "licensed by Agency for republication until 2027-01-31",
            Permission("licensed", "Agency", LAST, EVERYWHERE),
            True,
        ),
        (
            "licensed by Agency for republication until 2026-11-24",
            Permission("licensed", "Agency", date(2026, 11, 24), EVERYWHERE),
            False,
        ),
        ("permission of Anna Nowak", Permission("permission", "Anna Nowak"), False),
        (
            "permission of Anna Nowak for republication",
            Permission("permission", "Anna Nowak", only=EVERYWHERE),
            True,
        ),
        ("own for web, mail and print", Permission("own", only=OURS), False),
        ("CC0 for print", Permission("licence", "CC0", only=frozenset({Place.PRINT})), False),
        (
            "permission of Anna Nowak for Web and republication until 2027-01-31",
            Permission("permission", "Anna Nowak", LAST, WEB | {Place.REPUBLICATION}),
            True,
        ),
        ("unknown for web", Permission("unknown", only=WEB), False),
        ("own for web mail", Permission("unknown"), False),
        ("own for radio", Permission("unknown"), False),
        ("", Permission("unknown"), False),
        ("unknown", Permission("unknown"), False),
        ("ownership unclear", Permission("unknown"), False),
        ("not own", Permission("unknown"), False),
        ("for republication", Permission("unknown"), False),
        ("CC BY 4.0 pending", Permission("unknown"), False),
        ("own until 2027-02-30", Permission("unknown"), False),
        ("licensed until soon for republication", Permission("unknown"), False),
    ],
)
def test_a_right_as_it_is_written(text: str, permission: Permission, passes_on: bool) -> None:
    assert Permission.parse(text) == permission
    assert permission.reaches(Place.REPUBLICATION, TODAY) is passes_on


def test_it_holds_to_the_end_of_its_last_day() -> None:
    permission = Permission.parse("own until 2027-01-31")
    assert permission.reaches(Place.REPUBLICATION, LAST)
    assert not permission.has_run_out(LAST)
    assert permission.has_run_out(LAST + timedelta(1))
    assert not permission.reaches(Place.REPUBLICATION, LAST + timedelta(1))


@given(st.text())
def test_whatever_else_is_written_passes_nothing_on(text: str) -> None:
    if not text.split()[:1] or text.split()[0].lower() not in {"own", "cc0", "licence", "public"}:
        assert not Permission.parse(text).reaches(Place.REPUBLICATION, TODAY)


@given(
    st.sampled_from([*USUAL]),
    st.none() | st.dates(min_value=date(1000, 1, 1)),
    st.frozensets(st.sampled_from(Place)).filter(lambda them: them != {Place.REPUBLICATION}),
)
def test_what_is_written_is_read_again(
    basis: Basis, until: date | None, places: frozenset[Place]
) -> None:
    whose = {"licence": "CC BY 4.0", "licensed": "An Agency", "permission": "Anna Nowak"}
    only = frozenset() if places == USUAL[basis] else places
    permission = Permission(basis, whose.get(basis, ""), until, only)
    assert Permission.parse(permission.written) == permission


def test_where_a_picture_may_appear() -> None:
    table = {
        "own": "web mail print republication",
        "CC BY 4.0": "web mail print republication",
        "licensed by Agency": "web mail print",
        "permission of Anna": "web mail print",
        "": "web mail",
        "own for print": "print",
        "own until 2026-11-24": "",
    }
    for written, places in table.items():
        shown = Shown("https://example.org/a.png", 10, 10, written)
        found = [place.value for place in Place if may_appear(shown, place, TODAY)]
        assert " ".join(found) == places, written


def test_an_edition_shows_at_each_place_what_may_appear_there() -> None:
    whole = edition(
        images={
            name: replace(IMAGES[name], permission=right)
            for name, right in (
                ("harbour.jpg", "own for web"),
                ("cranes.jpg", "own until 2026-11-24"),
            )
        }
    )
    words = mail(whole)
    assert ("harbour.jpg" in words.html, "cranes.jpg" in words.html) == (False, True)
    assert "Own drawing" not in words.html + words.text
    assert "A harbour at dusk" not in words.html + words.text
    today = whole.at(Place.WEB, TODAY)
    for html in (article_html(today), atom(FEED, [today]), json_feed(FEED, [today])):
        assert ("harbour.jpg" in html, "cranes.jpg" in html) == (True, False)
        assert ("Own drawing" in html, "Press office" in html) == (True, False)
    assert "cranes.jpg" in article_html(whole.at(Place.WEB, LAST.replace(year=2026)))
    assert "harbour.jpg" in linked_data(today)
    assert "harbour.jpg" not in linked_data(whole.at(Place.PRINT, TODAY))
    assert whole.at(Place.WEB, date(2026, 1, 1)) is whole
