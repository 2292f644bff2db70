"""What is made to take long is read in a moment or refused by the bound that it breaks."""

import random
import time
from collections.abc import Callable
from html import escape

import pytest

import documents
from newsletter import manuscripts
from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import bounds, feed

LONGEST = 4.0
"""Seconds for which a reader may work: some times what the slowest takes here."""
_PAGE = "<!doctype html><h1>Ice leaves the locks</h1><p>It went out in one night.</p>"
_MARKDOWN = "# Ice\n\nIt went out.\n\n"
_TEXT = "RIVER MONITOR\n\nIce leaves the locks\n\nIt went out in one night, says the log.\n\n"

FLOODS = {
    "elements in one another": ("page", "<div>", "elements"),
    "elements beside one another": ("page", "<p>A word", "elements"),
    "lists in one another": ("page", "<ul><li>", "elements"),
    "items of one list": ("page", "<li>a", "elements"),
    "tables in one another": ("page", "<table><tr><td>a<td>", "elements"),
    "rows of one table": ("page", "<tr><td>a<td>b", "elements"),
    "emphasis that never ends": ("page", "<b>a", "elements"),
    "blocks in running text": ("page", "<span><div>a</div>", "elements"),
    "headings": ("page", "<h2>abc</h2>", "elements"),
    "line ends": ("page", "a<br>", "elements"),
    "what nobody sees": ("page", "<svg>", ""),
    "scripts": ("page", "<script></script>", ""),
    "comments": ("page", "<!-- a -->", ""),
    "ends without beginnings": ("page", "</p></div></b>", ""),
    "references to characters": ("page", "&eacute;", ""),
    "brackets": ("page", "[", "characters"),
    "words": ("page", "word ", "characters"),
    "lines of Markdown": ("markdown", "ab\n", "characters"),
    "brackets of Markdown": ("markdown", "[", "characters"),
    "lines of text": ("text", "ab\n\n", "characters"),
    "marks that pile up": ("text", "\u0301", ""),
}
"""What comes again and again, up to 600,000 octets: in what, which, and the bound."""

WITHIN = {
    "paragraphs deep inside": ("page", "<div>" * 75 + "<p>word" * 3_000),
    "words deep inside": ("page", "<span>" * 75 + "<i>a</i>b" * 9_000),
    "furniture in furniture": ("page", "<nav>" * 75 + "<p>word" * 3_000),
    "paragraphs of five lists": ("page", "<ul><li>" * 5 + "<p>word" * 3_000),
    "paragraphs of four quotations": ("page", "<blockquote>" * 4 + "<p>word" * 3_000),
    "cells over many rows": ("page", "<table>" + "<tr><td colspan=30 rowspan=999>a" * 2_000),
    "marks in five lists": ("page", "<ul><li>" * 5 + "*" * 13_000),
    "links to one note": (
        "page",
        "<a href=#n>1</a>" * 9_000 + "<div id=n>" + "<a href=#z>2</a>" * 9_000 + "<p id=z>a",
    ),
    "addresses from a long base": (
        "page",
        f"<base href='http://a.example/{'b/' * 200_000}'>" + "<a href='../c'>d</a>" * 6_000,
    ),
    "an attribute": ("page", f"<p class='{'nav ' * 400_000}'>"),
    "attributes": ("page", f"<p {'a=b ' * 400_000}>"),
    "the digits of one character": ("page", f"&#{'1' * 400_000};"),
    "paragraphs of Markdown": ("markdown", "ab\n\n" * 9_000),
    "items of Markdown": ("markdown", "- a\n" * 9_000),
    "emphasis of Markdown": ("markdown", "*a **b " * 8_000 + "c** d*" * 8_000),
    "quotations of Markdown": ("markdown", ">" * 400_000),
    "lines of one paragraph of Markdown": ("markdown", "*ab* cd\n" * 19_000),
    "spaces before a break of Markdown": ("markdown", f"a{' ' * 400_000}\nb"),
    "lines at the bound": ("text", "ab\n\n" * 20_000),
}


def _read(kind: str, flood: str) -> None:
    head, name = {"page": (_PAGE, "a.html"), "markdown": (_MARKDOWN, "a.md")}.get(
        kind, (_TEXT, "a.txt")
    )
    recognised = manuscripts.recognise((head + flood).encode(), name)
    manuscripts.assemble(recognised.findings, recognised.given)


def _seconds(read: Callable[[], object]) -> float:
    start = time.process_time()
    read()
    return time.process_time() - start


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_anything_is_read_or_refused_by_its_bound(name: str) -> None:
    kind, unit, bound = FLOODS[name]
    flood = unit * (600_000 // len(unit.encode()))

    def read() -> None:
        if bound:
            with pytest.raises(InvalidManuscript, match=rf"more than [0-9,]+ {bound}"):
                _read(kind, flood)
        else:
            _read(kind, flood)

    assert _seconds(read) < LONGEST


@pytest.mark.parametrize("name", WITHIN)
def test_what_keeps_within_the_bounds_takes_a_moment_too(name: str) -> None:
    kind, flood = WITHIN[name]
    assert _seconds(lambda: _read(kind, flood)) < LONGEST


@pytest.mark.parametrize(
    ("kind", "flood", "bound"),
    [
        ("markdown", "a\n" * 20_001, "20,000 lines of Markdown"),
        ("markdown", "*" * 50_001, "50,000 marks"),
        ("page", "[" * 50_001, "50,000 marks"),
    ],
)
def test_a_bound_is_named(kind: str, flood: str, bound: str) -> None:
    with pytest.raises(InvalidManuscript, match=bound):
        _read(kind, flood)


def test_the_elements_of_a_page_are_counted_up_to_the_bound() -> None:
    _read("page", "<hr>" * (bounds.MOST_ELEMENTS - 2))
    with pytest.raises(InvalidManuscript, match="20,000 elements"):
        _read("page", "<hr>" * (bounds.MOST_ELEMENTS - 1))


def _word(unit: Callable[[str], str], count: int) -> bytes:
    """Return a document of ``count`` units, each with a word of its own, so that none is a bomb."""
    chance = random.Random(1)
    words = ("".join(chance.choices("abcdefghij", k=8)) for _ in range(count))
    return documents.small("<w:p><w:r><w:t>Ice</w:t></w:r></w:p>" + "".join(map(unit, words)))


def _run(word: str) -> str:
    return f"<w:r><w:t>{word}</w:t></w:r>"


def _field(word: str) -> str:
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
    return f"<w:p>{begin}<w:r><w:instrText>{word}</w:instrText></w:r></w:p>"


@pytest.mark.parametrize(
    ("unit", "count", "bound"),
    [
        (lambda word: f"<w:p>{_run(word)}</w:p>", 3_000, ""),
        (lambda word: f"<w:p>{_run(word)}</w:p>", 100_000, "60,000 elements"),
        (_field, 2_001, "2,000 fields"),
        (lambda word: f"<w:p>{_run(word * 1_000)}</w:p>", 100, "500,000 characters"),
    ],
    ids=("paragraphs", "too many", "fields", "words"),
)
def test_a_word_document_is_read_or_refused_by_its_bound(
    unit: Callable[[str], str], count: int, bound: str
) -> None:
    content = _word(unit, count)

    def read() -> None:
        if bound:
            with pytest.raises(InvalidManuscript, match=rf"more than {bound}"):
                manuscripts.recognise(content, "a.docx")
        else:
            manuscripts.recognise(content, "a.docx")

    assert _seconds(read) < LONGEST


def test_a_part_with_declarations_is_refused_whatever_it_is_called() -> None:
    hidden = b'\xef\xbb\xbf <!DOCTYPE w [<!ENTITY a "ha">]><w/>'
    with pytest.raises(InvalidManuscript, match="declarations"):
        manuscripts.recognise(
            documents.repacked(documents.plain(), more={"word/media/image9.png": hidden}), "a.docx"
        )


@pytest.mark.parametrize(
    ("items", "bound"),
    [
        ("<item><title>a</title></item>" * 50_000, "100,000 tags"),
        (f"<item><title>a</title><link>http://a.example</link>{'<a>' * 30_000}</item>", ""),
        (
            "<item><title>a</title><link>http://a.example</link><description>"
            f"{escape('<!--') * 60_000}</description></item>",
            "",
        ),
        (
            "<item><title>a</title><link>http://a.example</link><description>"
            f"{escape('<table><tr><td>') * 40_000}</description></item>",
            "",
        ),
    ],
    ids=("entries", "tags", "comments", "tables"),
)
def test_a_feed_is_read_or_refused_by_its_bound(items: str, bound: str) -> None:
    content = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'.encode()

    def read() -> None:
        if bound:
            with pytest.raises(InvalidManuscript, match=bound):
                feed.read(content, "http://a.example/")
        else:
            assert [entry.title for entry in feed.read(content, "http://a.example/").entries] == [
                "a"
            ]

    assert _seconds(read) < LONGEST


def test_a_feed_that_its_reader_chokes_on_is_refused_in_words() -> None:
    digits = "1" * 5000
    content = f"<rss><channel><item><title>&amp;#{digits};</title></item></channel></rss>"
    with pytest.raises(InvalidManuscript, match="cannot be read"):
        feed.read(content.encode(), "http://a.example/")


def test_an_entry_beyond_the_bounds_is_offered_by_its_page_alone() -> None:
    text = escape("<p>A paragraph." * 30_000)
    content = (
        "<rss><channel><item><title>Ice</title><link>http://a.example/ice</link>"
        f"<description>{text}</description></item></channel></rss>"
    )
    (entry,) = feed.read(content.encode(), "http://a.example/").entries
    assert (entry.title, entry.url, entry.html) == ("Ice", "http://a.example/ice", "")
