"""Readers are spoken to in their language."""

from datetime import UTC, date, datetime
from gettext import c2py
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog

from newsletter import language


@pytest.fixture(scope="module")
def polish() -> Catalog:
    return language.catalogue("pl")


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("en", "en"),
        ("pl", "pl"),
        ("pl-PL", "pl"),
        ("pl_PL", "pl"),
        ("PL", "pl"),
        ("en-US", "en"),
        ("sv", "en"),
        ("plt", "en"),
        ("", "en"),
        ("../../etc/passwd", "en"),
    ],
)
def test_the_nearest_language_is_spoken(asked: str, spoken: str) -> None:
    assert language.spoken(asked) == spoken


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("en", "31 March 2020"),
        ("pl", "31 marca 2020"),
        ("pl-PL", "31 marca 2020"),
        ("sv", "31 March 2020"),
    ],
)
def test_a_date_is_written_out(tag: str, words: str) -> None:
    assert language.say_date(date(2020, 3, 31), tag) == words


def test_a_moment_carries_the_name_of_its_zone() -> None:
    moment = datetime(2026, 7, 1, 8, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Warsaw"))
    assert language.say_moment(moment, "en") == "1 July 2026, 10:30 CEST"
    assert language.say_moment(moment, "pl") == "1 lipca 2026, 10:30 CEST"


def test_numbers_are_grouped_as_readers_expect() -> None:
    assert language.say_number(1234567, "en") == "1,234,567"
    assert language.say_number(1234567, "pl") == "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"


def test_polish_tells_three_plurals_apart(polish: Catalog) -> None:
    form = c2py(polish.plural_expr)
    assert {number: form(number) for number in (1, 2, 4, 5, 11, 12, 22, 25, 102, 112)} == {
        1: 0,
        **dict.fromkeys((2, 4, 22, 102), 1),
        **dict.fromkeys((5, 11, 12, 25, 112), 2),
    }


def test_what_has_no_translation_is_said_in_english() -> None:
    assert language.translations("pl").gettext("Never said") == "Never said"
    assert language.translations("sv").gettext("Publications") == "Publications"


def test_what_has_a_translation_is_said_in_it() -> None:
    assert language.translations("pl-PL").gettext("Publications") == "Publikacje"


def test_what_is_kept_is_said_later_and_what_was_kept_before_as_it_stands() -> None:
    kept = language.keep_words("Relay %(name)s", {"name": "100%"})
    assert language.say_kept(kept, "en") == "Relay 100%"
    assert language.say_kept(kept, "pl") == "Serwer pocztowy 100%"
    for plain in ("", "535 Not you", "[1]", '{"words": "Relay %(name)s", "facts": {}}'):
        assert language.say_kept(plain, "pl") == plain


def test_every_string_is_translated_and_keeps_its_placeholders(polish: Catalog) -> None:
    assert [each.id for each in polish if each.id and (not each.string or each.fuzzy)] == []
    assert [error for message in polish for error in message.check(polish)] == []
