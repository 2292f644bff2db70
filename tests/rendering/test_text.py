"""The text part: a letter of 72 columns that says what the HTML part says."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.manuscripts import Appeal, Article
from newsletter.rendering import Slot, fill, mail
from rendering.editions import APPEAL, ARTICLE, LICENCE, MASTHEAD, SECOND, edition


def letter(body: str, **changes: object) -> str:
    """Return the text part of an article of ``body``."""
    return mail(edition(replace(ARTICLE, body=body), **changes)).text


def flowing(text: str) -> str:
    return " ".join(text.split())


LONG = "a word and another and " * 12


@pytest.mark.parametrize(
    "text",
    [
        mail(edition()).text,
        mail(edition(ARTICLE, SECOND)).text,
        letter(f"{LONG}\n\n## {LONG}\n\n> {LONG}\n\n- {LONG}\n  1. {LONG}\n\n> - {LONG}"),
        letter(f"| One | Two |\n|---|---|\n| {LONG} | {LONG} |"),
        letter("Short.", appeal=Appeal(LONG, LONG, LONG)),
        letter("Short.", masthead=replace(MASTHEAD, postal_address=LONG, name=LONG)),
        mail(edition(replace(ARTICLE, headline=LONG, kicker=LONG, lead=LONG))).text,
    ],
)
def test_no_line_is_longer_than_72_columns_but_for_addresses(text: str) -> None:
    assert [line for line in text.splitlines() if len(line) > 72 and "://" not in line] == []


@given(st.lists(st.text(alphabet="abcżó -.", min_size=1, max_size=40), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_folding_keeps_every_word_in_its_order(lines: list[str]) -> None:
    body = "Begin " + " ".join(lines).replace("-", "") + " end."
    assert flowing(body) in flowing(letter(body, appeal=None))


def test_no_line_ends_with_a_space_and_no_gap_is_doubled() -> None:
    text = mail(edition(ARTICLE, SECOND)).text
    assert not re.search(r"[ \t]\n", text)
    assert "\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_links_and_footnotes_are_numbered_and_noted_at_the_foot() -> None:
    text = letter(ARTICLE.body)
    assert "[breakwater]" not in text
    assert "breakwater\u00a0[1]" in text
    assert "leave\nagain.\u00a0[2]" in text or "again.\u00a0[2]" in text
    notes = text[text.index("Notes\n-----") :]
    assert re.findall(r"^\[(\d+)\] +(.*)$", notes, re.MULTILINE) == [
        ("1", "https://example.org/breakwater"),
        ("2", "Dues are set each year\u00a0[3]."),
        ("3", "https://example.org/dues"),
    ]


def test_an_address_that_is_linked_twice_has_one_number() -> None:
    text = letter("[One](https://example.org/a) and [two](https://example.org/a).")
    assert text.count("[1]") == 3
    assert "[2]" not in text


def test_an_address_that_is_its_own_words_needs_no_note() -> None:
    text = letter("<https://example.org/a> and <desk@example.org>.")
    assert "https://example.org/a and desk@example.org." in text
    assert "Notes" not in text


def test_notes_are_numbered_through_all_articles() -> None:
    text = mail(edition(ARTICLE, SECOND)).text
    assert "Drugi akapit.\u00a0[4]" in text
    assert re.search(r"^\[4\] +Przypis\.$", text, re.MULTILINE)


def test_several_articles_are_listed_first() -> None:
    text = mail(edition(ARTICLE, SECOND)).text
    assert f"1.  {ARTICLE.headline}\n2.  {SECOND.headline}\n" in text
    assert text.index("2.  ") < text.index(ARTICLE.lead)


def test_the_furniture_is_there() -> None:
    text = mail(edition()).text
    filled = flowing(fill(text, dict.fromkeys(Slot, "https://monitor.example.org/leave/1")))
    for part in (
        "BALTIC MONITOR 19 November 2026",
        APPEAL.title,
        APPEAL.text,
        f"{APPEAL.button}: https://monitor.example.org/give",
        f"{LICENCE.text_terms} {LICENCE.image_terms} {LICENCE.url}",
        "Locks and Tides 1 October 2026 https://monitor.example.org/locks",
        "1 Quay Street 00-001 Port",
        "You receive this because you subscribed to Baltic Monitor.",
        "Unsubscribe: https://monitor.example.org/leave/1",
        "View on the web: https://monitor.example.org/baltic-monitor/7",
    ):
        assert part in filled


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("## Head", "Head\n----"),
        ("> Said.\n>\n> Again.", "    Said.\n\n    Again."),
        ("- one\n- two\n  - three", "  - one\n\n  - two\n\n      - three"),
        ("- one\n- two", "  - one\n  - two"),
        ("9. nine\n10. ten", " 9. nine\n10. ten"),
        ("*soft* and **strong**", "_soft_ and *strong*"),
        ("one\\\ntwo", "one\ntwo"),
        ("```\na  b\n```", "    a  b"),
        ("| A | B |\n|---|--:|\n| long | 1 |", "A     B\n----  -\nlong  1"),
        ("***", " " * 33 + "* * *"),
        ("![Cranes](cranes.jpg \"Press\")", "    [Cranes · Source: Press]"),
    ],
)  # fmt: skip
def test_each_kind_of_block_has_its_form(body: str, text: str) -> None:
    assert f"\n\n{text}\n\n" in letter(f"First.\n\n{body}\n\nLast.", appeal=None)


def test_an_article_of_a_headline_and_one_word_is_enough() -> None:
    bare = edition(Article("A headline", "Word."), appeal=None, licence=None, related=())
    assert mail(bare).text.startswith("BALTIC MONITOR\n\nA headline\n==========\n\nWord.\n")
