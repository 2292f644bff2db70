"""Publications: what may be one, what it is called, which one a manuscript means."""

import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

import make
from make import NOW
from newsletter import issues, model
from newsletter.errors import Conflict, Invalid, InvalidAddress, NotFound


def add(session: Session, **values: Any) -> model.Publication:
    plain: dict[str, Any] = {
        "slug": "russia-monitor",
        "name": "Russia Monitor",
        "author_address": "monitor@example.org",
        "now": NOW,
    }
    return issues.add_publication(session, **(plain | values))


def test_what_is_left_out_is_filled_in(session: Session) -> None:
    added = add(session, author_address="Monitor@Example.ORG", accent="#AABBCC")
    assert (added.kicker, added.author_name) == ("Russia Monitor", "Russia Monitor")
    assert (added.language, added.zone) == ("en", "UTC")
    assert (added.author_address, added.accent) == ("Monitor@example.org", "#aabbcc")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"slug": "unsubscribe"}, "cannot be a publication's slug"),
        ({"slug": "static"}, "cannot be a publication's slug"),
        ({"slug": ""}, "cannot be a publication's slug"),
        ({"slug": "Russia"}, "cannot be a publication's slug"),
        ({"slug": "a--b"}, "cannot be a publication's slug"),
        ({"slug": "-a"}, "cannot be a publication's slug"),
        ({"slug": "a/b"}, "cannot be a publication's slug"),
        ({"slug": "łódź"}, "cannot be a publication's slug"),
        ({"slug": "a\n"}, "cannot be a publication's slug"),
        ({"zone": "Warsaw"}, "'Warsaw' is not a time zone; write one like Europe/Warsaw"),
        ({"zone": "Europe"}, "is not a time zone"),
        ({"zone": "../../etc/passwd"}, "is not a time zone"),
        ({"zone": ""}, "is not a time zone"),
        ({"zone": "a\0b"}, "is not a time zone"),
        ({"donate_url": "http://example.org"}, "must begin with https://"),
        ({"donate_url": "javascript:alert(1)"}, "must begin with https://"),
        ({"accent": "red"}, "is not a colour like #8a1c2b"),
        ({"accent": "#fff"}, "is not a colour like #8a1c2b"),
        ({"accent": "#8a1c2b;"}, "is not a colour like #8a1c2b"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    session: Session, values: dict[str, str], message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        add(session, **values)
    assert issues.publications(session) == []


@pytest.mark.parametrize("address", ["", "monitor", "a@b@example.org", "A <a@example.org>"])
def test_the_author_needs_an_address(session: Session, address: str) -> None:
    with pytest.raises(InvalidAddress, match="is not an e-mail address"):
        add(session, author_address=address)


def test_a_slug_is_taken_once(session: Session) -> None:
    add(session)
    with pytest.raises(Conflict, match="There is a publication 'russia-monitor' already"):
        add(session, name="Another")


def test_publications_are_listed_by_name_and_fetched_by_slug(session: Session) -> None:
    second = add(session, slug="a", name="Second")
    first = add(session, slug="b", name="First")
    assert issues.publications(session) == [first, second]
    assert issues.fetch_publication(session, "a") is second
    with pytest.raises(NotFound, match="There is no publication 'c'"):
        issues.fetch_publication(session, "c")


@pytest.mark.parametrize(
    "kicker",
    [
        *("RUSSIA MONITOR", "Russia Monitor", "russia-monitor", " russia  monitor: "),
        *("RUSSLAND", "Russland", "der-osten"),
    ],
)
def test_a_manuscript_finds_its_publication_in_any_case(session: Session, kicker: str) -> None:
    make.publication(session)
    wanted = add(session, slug="der-osten", kicker="Russland")
    assert issues.find_publication_for(session, kicker) is wanted


@pytest.mark.parametrize("kicker", ["", "Monitor", "Russia", "Russia Monitor 2"])
def test_another_kicker_finds_nothing(session: Session, kicker: str) -> None:
    add(session)
    assert issues.find_publication_for(session, kicker) is None


def test_kickers_of_other_letters_are_told_apart(session: Session) -> None:
    greek = add(session, name="Ειδήσεις")
    assert issues.find_publication_for(session, "ΕΙΔΉΣΕΙΣ") is greek
    assert issues.find_publication_for(session, "Новини") is None


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Ice on the Canal", "ice-on-the-canal"),
        ("Zażółć gęślą jaźń", "zazolc-gesla-jazn"),
        ("ŁÓDŹ", "lodz"),
        ("Łódź, czyli „miasto”", "lodz-czyli-miasto"),
        ("Straße nach Đakovo, Øst", "strasse-nach-dakovo-ost"),
        ("The port’s pilots don't", "the-ports-pilots-dont"),
        ("  5 % – more?  ", "5-more"),
        ("Ｗｉｄｅ ﬁsh №5", "wide-fish-no5"),
        ("Новини", ""),
        ("", ""),
        ("a" * 90, "a" * 80),
        ("a" * 79 + " b", "a" * 79),
    ],
)
def test_an_address_is_written_in_small_ascii(text: str, slug: str) -> None:
    assert issues.slugify(text) == slug


def test_a_publication_changes_in_what_is_named_and_nothing_else(session: Session) -> None:
    publication = make.publication(session, name="Monitor", zone="UTC", reply_to="a@example.org")
    donate = "https://institute.example/donate"
    details = {"donate_url": donate, "zone": "UTC", "reply_to": "", "accent": "#AABBCC"}
    changed = issues.change_publication(session, publication, **details)
    assert changed == ["donate_url", "reply_to", "accent"]
    assert (publication.name, publication.reply_to) == ("Monitor", "")
    assert (publication.donate_url, publication.accent) == (donate, "#aabbcc")


def test_all_that_is_wrong_is_said_at_once_by_column() -> None:
    details: dict[str, Any] = {
        "name": "",
        "kicker": "a\nb",
        "author_name": "x" * 121,
        "author_address": "nobody",
        "reply_to": "nobody",
        "language": "English, mostly",
        "zone": "Mars",
        "description": "x" * 601,
        "postal_address": "x" * 601,
        "donate_url": "https://a@b.example/",
        "accent": "red",
        "window": "7-9",
        "latest_start": 0,
        "retry_hours": 241,
        "hold_unknown": True,
    }
    assert list(issues.faults(details)) == [*details][:-1]
    assert issues.faults({"reply_to": "", "donate_url": "", "window": ""}) == {}


def test_zones_are_called_after_places() -> None:
    assert issues.zones()[0] == "UTC"
    assert "Europe/Warsaw" in issues.zones()
    assert [zone for zone in issues.zones() if issues.faults({"zone": zone})] == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("zone", "Europe/Atlantis"),
        ("donate_url", "http://institute.example"),
        ("accent", "red"),
        ("author_address", "monitor at institute"),
    ],
)
def test_a_change_is_checked_like_what_is_new(session: Session, column: str, value: str) -> None:
    with pytest.raises(Invalid, match=re.escape(value)):
        issues.change_publication(session, make.publication(session), **{column: value})
