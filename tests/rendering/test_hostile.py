"""What an author writes is data: it is shown, and does nothing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.manuscripts import Appeal, Article, Licence, Picture
from newsletter.rendering import Shown, Slot, article_html, mail
from newsletter.rendering.slots import CLOSE, OPEN
from rendering.editions import ARTICLE, edition
from rendering.markup import Element, parse

SCRIPT = "<script>alert(1)</script>"
MARK = f"{OPEN}unsubscribe{CLOSE}"


def everywhere(words: str) -> Article:
    """An article that says ``words`` wherever an author may write."""
    return Article(
        headline=words,
        body=f"{words}\n\n## {words}\n\n> {words}\n\n- {words}\n\n[{words}](https://example.org)\n",
        kicker=words,
        lead=words,
        picture=Picture(credit=words, file="a.jpg", alt=words),
    )


def both(article: Article) -> list[Element]:
    appeal = Appeal(article.headline, article.lead, article.kicker)
    made = edition(article, appeal=appeal, images={"a.jpg": Shown("https://example.org/a", 9, 9)})
    return [parse(mail(made).html), parse(article_html(made))]


@pytest.mark.parametrize("words", [SCRIPT, "<img src=x onerror=alert(1)>", '"><b onclick="x">'])
def test_html_is_shown_as_it_was_typed(words: str) -> None:
    for tree in both(everywhere(words)):
        assert tree.all("script", "b") == []
        assert not [one for one in tree.walk() if {"onerror", "onclick"} & one.attributes.keys()]
        assert tree.classed("headline")[0].text == words
        assert {one.attributes["src"] for one in tree.all("img")} == {"https://example.org/a"}


@pytest.mark.parametrize("words", ["{{ 7*7 }}", "{% raw %}", "%(name)s", "{name}"])
def test_what_looks_like_a_template_is_text(words: str) -> None:
    for tree in both(everywhere(words)):
        assert tree.text.count(words) >= 8
        assert "49" not in tree.text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "//example.org/elsewhere",
        "/leave",
        "https:",
    ],
)
def test_a_link_that_leads_nowhere_on_the_web_is_words(url: str) -> None:
    for tree in both(replace(ARTICLE, body=f"Read [this page]({url}) now.\n\nThen that.")):
        body = tree.classed("body")[0]
        assert "this page" not in [link.text for link in body.all("a")]
        assert "Read this page now." in body.text


def test_a_donation_address_that_runs_something_shows_no_appeal() -> None:
    assert parse(mail(edition(donate_url="javascript:alert(1)")).html).classed("appeal") == []


def test_terms_that_run_something_are_not_linked() -> None:
    words = mail(edition(licence=Licence("Terms.", url="javascript:alert(1)")))
    assert "javascript" not in words.html + words.text


@pytest.mark.parametrize("mark", [MARK, "&#xE000;unsubscribe&#xE001;", "&#57344;unsubscribe\ue001"])
def test_nobody_writes_a_slot_by_hand(mark: str) -> None:
    article = everywhere(f"Look: {mark}!")
    article = replace(article, body=f'{article.body}\n![{mark}](a.jpg "{mark}")\n\n    {mark}\n')
    made = edition(article, appeal=Appeal(mark, mark, mark))
    words = mail(made)
    assert words.html.count(OPEN) == words.text.count(OPEN) == len(Slot)
    assert OPEN not in article_html(made)
    assert OPEN not in words.subject


def test_directions_cannot_be_overridden() -> None:
    made = edition(everywhere("gnp\u202egpj.exe&#x202E;"), appeal=None)
    assert "\u202e" not in mail(made).html.replace("&amp;#x202E;", "")
    assert "\u202e" not in mail(made).text


def test_a_subject_holds_no_line_end() -> None:
    assert "\n" not in mail(edition(replace(ARTICLE, headline="One\r\nBcc: two"))).subject


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
@settings(max_examples=50, deadline=None)
def test_any_text_gives_well_formed_parts_that_run_nothing(words: str) -> None:
    made = edition(replace(ARTICLE, headline=words or "x", lead=words, body=words or "x"))
    tree = parse(mail(made).html)
    assert tree.all("script", "iframe", "form", "object") == []
    assert mail(made).html.count(Slot.UNSUBSCRIBE_URL) == 1
    assert parse(article_html(made)).all("script") == []
