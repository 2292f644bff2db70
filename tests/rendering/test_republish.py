"""Copies for whoever republishes: all of the text, its origin and terms, and nothing else."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from playwright.sync_api import Browser

from documents import read_markdown
from newsletter.manuscripts import Appeal, Article, Picture, read_text, write
from newsletter.rendering import Edition, Masthead, Shown, republish
from newsletter.rendering.republish import rewritten
from rendering.bodies import SENTENCE, Made, bodies, sentence
from rendering.editions import ARTICLE, SECOND, edition
from rendering.markup import parse

TODAY = date(2026, 11, 25)
BASE = "https://monitor.example.org/canals/"
URL = f"{BASE}ice-on-the-canal"
MASTHEAD = Masthead("Canal Monitor", "CANAL MONITOR", "en", BASE, author="Canal Institute")
PARAGRAPHS = (
    "The locks of the Middle Canal close on Friday, four weeks earlier than last year. “Nobody"
    " breaks ice for a dozen barges,” said the harbour master, who has counted them.",
    "Grain waits in the upper basin. Its owners have asked the province for a road permit, which"
    " costs more than the barge, and for a thaw, which costs nothing.",
    "What will stay is the quarrel about water. The upper locks hold it back for the mills; the"
    " lower ones have asked for it since August, and will ask again in spring.",
)
# A manuscript as they come, furniture and all.
SAMPLE = f"""\
CANAL MONITOR

Date: 24 November 2026

Ice on the Canal

A frozen autumn closes eleven locks, and opens an old quarrel about water.

SOURCE: CANAL OFFICE ARCHIVE

{PARAGRAPHS[0]}

Support Us

If this diary is useful for you, please support it. Gifts of readers keep it alive.

Support

{PARAGRAPHS[1]}

{PARAGRAPHS[2]}

All texts published by the Canal Institute may be disseminated on the condition that their origin
is credited. Images may not be used without permission.

Related posts
Top
"""


def sample(**changes: Any) -> Edition:
    article = read_text(SAMPLE).article
    assert (article.picture, article.appeal, article.licence) != (None, None, None)
    picture = replace(article.picture or Picture(), file="lock.jpg", alt="A lock gate under snow")
    facts: dict[str, Any] = {
        "masthead": MASTHEAD,
        "subject": article.headline,
        "articles": (replace(article, picture=picture),),
        "url": URL,
        "donate_url": "https://monitor.example.org/donate/canals/1-1.abc",
        "appeal": article.appeal,
        "licence": article.licence,
        "images": {"lock.jpg": Shown("https://monitor.example.org/image/lock.jpg", 1200, 800)},
    }
    return Edition(**facts | changes)


def test_the_copy_of_a_sample_holds_its_text_its_origin_and_its_terms() -> None:
    copy = republish(sample(), TODAY)
    credit = "First published by: Canal Institute, Canal Monitor, 24 November 2026"
    for form in (parse(copy.html).text, copy.markdown, copy.text):
        flowing = " ".join(form.split())
        for paragraph in PARAGRAPHS:
            assert flowing.count(paragraph) == 1
        assert "A frozen autumn closes eleven locks" in flowing
        assert "may be disseminated on the condition that their origin is credited" in flowing
        assert "Images may not be used without permission" in flowing
        assert "Canal Institute · 24 November 2026" in flowing
        assert credit in flowing
        assert flowing.count(URL) == 1
    assert [link.attributes["href"] for link in parse(copy.html).all("a")] == [URL]
    assert (copy.canonical, copy.credit, copy.title) == (URL, credit, "Ice on the Canal")


def test_the_copy_of_a_sample_holds_nothing_else() -> None:
    copy = republish(sample(), TODAY)
    assert [picture.file for picture in copy.left_out] == ["lock.jpg"]
    for form in (copy.html, copy.markdown, copy.text):
        for gone in ("Support", "Gifts of readers", "donate", "lock.jpg", "ARCHIVE", "Related"):
            assert gone not in form
        assert "1 picture of the original is left out" in " ".join(form.split())
    tree = parse(copy.html)
    assert tree.all("script", "style", "img", "figure", "iframe", "form") == []
    assert {name for one in tree.walk() for name in one.attributes} <= {"lang", "href", "rel"}


@pytest.mark.parametrize(
    ("permission", "passes_on"),
    [
        ("own", True),
        ("CC BY 4.0", True),
        ("permission of Anna Nowak for republication", True),
        ("permission of Anna Nowak", False),
        ("licensed until 2027-01-31", False),
        ("own until 2026-11-24", False),
        ("", False),
    ],
)
def test_a_picture_goes_along_where_its_permission_reaches(
    permission: str, passes_on: bool
) -> None:
    shown = Shown("https://monitor.example.org/image/lock.jpg", 1200, 800, permission)
    copy = republish(sample(images={"lock.jpg": shown}), TODAY)
    images = parse(copy.html).all("img")
    assert len(images) == passes_on
    assert bool(copy.left_out) is bool(copy.note) is not passes_on
    for form in (copy.html, copy.markdown, copy.text):
        assert ("image/lock.jpg" in form) is passes_on
        assert ("A lock gate under snow" in " ".join(form.split())) is passes_on
        assert ("CANAL OFFICE ARCHIVE" in form) is passes_on
        assert ("each with its credit" in " ".join(form.split())) is passes_on
    for image in images:
        assert image.attributes["src"] == shown.url
        assert image.attributes["alt"] == "A lock gate under snow"


def test_a_picture_whose_file_has_not_come_stays_behind_with_its_credit() -> None:
    body = 'One.\n\n![Later](gone.jpg "Press office")\n\nTwo.'
    copy = republish(edition(Article("Ports", body)), TODAY)
    assert [picture.file for picture in copy.left_out] == ["gone.jpg"]
    assert "Press office" not in copy.html + copy.markdown + copy.text


def test_footnotes_lead_there_and_back_and_tables_keep_their_columns() -> None:
    copy = republish(edition(), TODAY)
    tree = parse(copy.html)
    ids = {one.attributes["id"] for one in tree.walk() if "id" in one.attributes}
    inner = [a.attributes["href"] for a in tree.all("a") if a.attributes["href"].startswith("#")]
    assert {link.removeprefix("#") for link in inner} == ids
    assert len(ids) == len(inner) == 2
    assert [cell.attributes.get("align") for cell in tree.all("th")] == ["left", "right"]
    assert [one for one in tree.walk() if {"class", "style"} & one.attributes.keys()] == []
    assert "| Port | Calls |\n| --- | --: |\n| North | 1,204 |" in copy.markdown
    assert "[^1]: Dues are set each [year](https://example.org/dues)." in copy.markdown


def test_the_markdown_is_a_text_that_this_house_reads() -> None:
    copy = republish(edition(ARTICLE, SECOND, subject="Ports in November"), TODAY)
    article = read_markdown(copy.markdown).article
    assert article.headline == "Ports in November"
    assert "## Three Ports, One Pilot Watch" in article.body
    assert "[^1-1]" in article.body
    assert "[^2-1]: Przypis." in article.body
    assert read_markdown(write(article)).article == article


def test_who_wrote_it_is_said_of_each_text() -> None:
    first = replace(ARTICLE, authors=("Nowak, Anna", "Jan van der Berg"))
    alone, both = republish(edition(first), TODAY), republish(edition(first, SECOND), TODAY)
    by = "Anna Nowak, Jan van der Berg · 19 November 2026"
    for copy in (alone, both):
        for form in (copy.html, copy.markdown, copy.text):
            assert form.count(by) == 1
    assert "Baltic Monitor · 12 November 2026" in both.text


@pytest.mark.parametrize(
    ("address", "becomes"),
    [
        ("https://monitor.example.org/unsubscribe/1-2.abc", BASE),
        ("https://monitor.example.org/preferences/1-2.abc?x=1", BASE),
        ("https://monitor.example.org/manage/1-2.abc", BASE),
        ("HTTPS://Monitor.Example.Org/%75nsubscribe/1-2.abc", BASE),
        ("https://monitor.example.org/donate/canals/1-1.abc", BASE),
        ("https://monitor.example.org/canals/donate", None),
        ("https://other.example.org/unsubscribe/1", None),
        ("https://example.org/?utm_source=letter&utm_medium=mail", "https://example.org/"),
        ("https://example.org/?a=1&utm_source=x&b=%202#top", "https://example.org/?a=1&b=%202#top"),
        (
            "https://example.org/?fbclid=1&MC_EID=2&gclid=3&q=utm_source",
            "https://example.org/?q=utm_source",
        ),
        ("https://example.org/?a=1&b=2", None),
        ("https://[broken/?utm_source=x", None),
    ],
)
def test_an_address_goes_along_as_anyone_may_have_it(address: str, becomes: str | None) -> None:
    becomes = becomes or address
    assert rewritten(f"See {address}, or not.", sample()) == f"See {becomes}, or not."
    body = f"A [link]({address}), <{address}> and {address}.\n\n[^1]: [Note]({address}).\n\nX.[^1]"
    copy = republish(sample(articles=(Article("Ports", body),)), TODAY)
    if becomes != address and "[" not in address:
        for form in (copy.html, copy.markdown, copy.text):
            assert "1-2.abc" not in form
            assert "utm_medium" not in form
            assert "=x" not in form
        links = [a.attributes["href"].replace("&amp;", "&") for a in parse(copy.html).all("a")]
        assert links.count(becomes) == 3
        assert becomes in copy.markdown.replace("\\", "")


def test_a_subfolder_of_the_house_is_known_too() -> None:
    below = replace(MASTHEAD, url="https://example.org/monitors/canals/")
    made = sample(masthead=below, url="https://example.org/monitors/canals/ice")
    private = "https://example.org/monitors/unsubscribe/1-2.abc"
    assert rewritten(private, made) == below.url


HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> </article>'


def test_what_an_author_wrote_is_words_in_every_form() -> None:
    article = Article(
        headline=HOSTILE,
        body=f"{HOSTILE}\n\n[go](javascript:alert(1))\n\n![{HOSTILE}](a.jpg)",
        lead=HOSTILE,
        authors=(HOSTILE,),
        picture=Picture(HOSTILE, "a.jpg", HOSTILE),
    )
    shown = {"a.jpg": Shown("https://example.org/a.jpg", 4, 3, "own")}
    made = edition(article, images=shown, appeal=Appeal(HOSTILE, HOSTILE, HOSTILE))
    tree = parse(republish(made, TODAY).html)
    assert tree.all("script", "b") == []
    assert {one.attributes["src"] for one in tree.all("img")} == {"https://example.org/a.jpg"}
    assert not [one for one in tree.walk() if "onerror" in one.attributes]
    assert "javascript" not in str([a.attributes for a in tree.all("a")])


@given(bodies())
@settings(max_examples=200, deadline=None)
def test_no_sentence_is_lost_or_doubled_and_no_appeal_is_there(made: Made) -> None:
    copy = republish(sample(articles=(Article("Ports", made.markdown),)), TODAY)
    for form in (parse(copy.html).text, copy.markdown, copy.text):
        flowing = " ".join(form.replace("> ", "").replace("*", "").split())
        assert sorted(SENTENCE.findall(flowing)) == sorted(map(sentence, range(made.sentences)))
        assert "appeal" not in flowing
        assert "Gifts of readers" not in flowing


@pytest.mark.parametrize("width", [360, 1280])
def test_pasted_into_a_blank_page_it_stands_within_it(browser: Browser, width: int) -> None:
    wide = replace(edition().images["harbour.jpg"], permission="own")
    copy = republish(edition(images={"harbour.jpg": wide}), TODAY)
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_content(f"<!doctype html><title>Blank</title>{copy.html}")
    assert page.get_by_role("img").is_visible()
    inside = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()
    assert inside
