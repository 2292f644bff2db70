"""The HTML part: what it is made of, and the order in which it is read."""

from dataclasses import replace
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from newsletter.language import say_date
from newsletter.manuscripts import Article
from newsletter.rendering import Edition, Slot, Words, article_html, fill, mail
from rendering.editions import ARTICLE, IMAGES, MASTHEAD, SECOND, edition
from rendering.markup import Element, parse

EDITIONS = {
    "one article": edition(),
    "several articles": edition(ARTICLE, SECOND),
    "in Polish": edition(SECOND, masthead=replace(MASTHEAD, language="pl")),
    "without furniture": edition(
        Article("A headline", "One paragraph."), appeal=None, licence=None, related=(), images={}
    ),
}


@pytest.fixture(params=EDITIONS)
def each(request: pytest.FixtureRequest) -> Edition:
    return EDITIONS[request.param]


def read(words: Words) -> Element:
    return parse(fill(words.html, dict.fromkeys(Slot, "https://monitor.example.org/leave/1")))


def test_there_is_one_first_heading(each: Edition) -> None:
    assert len(read(mail(each)).all("h1")) == 1


def test_no_heading_skips_a_level(each: Edition) -> None:
    levels = [int(head.tag[1]) for head in read(mail(each)).all("h1", "h2", "h3", "h4")]
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_the_mail_and_each_article_say_their_language() -> None:
    tree = read(mail(edition(ARTICLE, SECOND)))
    assert [one.attributes["lang"] for one in tree.all("html")] == ["en"]
    assert [one.attributes["lang"] for one in tree.classed("article")] == ["en", "pl"]


def test_only_tables_of_the_author_are_announced_as_tables(each: Edition) -> None:
    for table in read(mail(each)).all("table"):
        assert ("data" in table.classes) != (table.attributes.get("role") == "presentation")


def test_every_picture_has_an_alternative_text(each: Edition) -> None:
    assert all(one.attributes["alt"] for one in read(mail(each)).all("img"))


def test_no_picture_is_wider_than_the_column() -> None:
    widths = [int(one.attributes["width"]) for one in read(mail(edition())).all("img")]
    assert widths == [552, 400]


def test_nothing_in_it_runs_or_is_fetched_but_pictures(each: Edition) -> None:
    forbidden = ("script", "link", "iframe", "object", "form", "input", "svg", "base")
    assert read(mail(each)).all(*forbidden) == []


def test_it_is_far_below_what_mail_programs_cut_off(each: Edition) -> None:
    assert len(mail(each).html.encode()) < 102_000


def test_a_long_analysis_stays_below_what_mail_programs_cut_off() -> None:
    paragraph = "Every harbour serves its own queue, and somebody must rank the ships. " * 8
    long = replace(ARTICLE, body=f"{paragraph}\n\n" * 60)
    assert len(mail(edition(long)).html.encode()) < 102_000


def test_both_parts_have_the_slot_of_the_unsubscribe_link(each: Edition) -> None:
    words = mail(each)
    assert words.html.count(Slot.UNSUBSCRIBE_URL) == words.text.count(Slot.UNSUBSCRIBE_URL) == 1


def test_all_addresses_are_absolute_or_in_the_mail_itself(each: Edition) -> None:
    tree = read(mail(each))
    ids = {one.attributes["id"] for one in tree.walk() if "id" in one.attributes}
    for one in tree.walk():
        for name in {"href", "src"} & one.attributes.keys():
            url = one.attributes[name]
            if url.startswith("#"):
                assert url[1:] in ids
            else:
                assert urlsplit(url).scheme == "https"
                assert urlsplit(url).netloc


def test_no_id_is_given_twice(each: Edition) -> None:
    ids = [one.attributes["id"] for one in read(mail(each)).walk() if "id" in one.attributes]
    assert len(ids) == len(set(ids))


def test_the_parts_stand_in_their_order() -> None:
    text = read(mail(edition())).all("table")[0].text
    parts = (
        "BALTIC MONITOR",
        "19 November 2026",
        "Three Ports, One Pilot Watch",
        "Three harbours weigh",
        "Own drawing",
        "Pilots board",
        "Help us to write",
        "A letter would do",
        "Dues are set",
        "Related",
        "Locks and Tides",
        "Texts may be republished",
        "Images may not",
        "1 Quay Street",
        "You receive this because you subscribed to Baltic Monitor.",
        "Unsubscribe",
        "View on the web",
        "Back to top",
    )
    order = [text.index(part) for part in parts]
    assert order == sorted(order)


def test_the_lead_is_what_inboxes_preview() -> None:
    hidden = read(mail(edition())).classed("preheader")
    assert hidden[0].text.startswith("Three harbours weigh a common roster.")
    assert "display: none" in hidden[0].attributes["style"]


def test_a_very_long_lead_is_shown_whole_and_previewed_short() -> None:
    lead = "They weigh a common roster. " * 200
    tree = read(mail(edition(replace(ARTICLE, lead=lead))))
    assert tree.classed("lead")[0].text == lead.strip()
    assert len(tree.classed("preheader")[0].text.rstrip("\u034f\u200c\xa0 ")) <= 140


def test_several_articles_have_a_list_of_contents_that_leads_to_them() -> None:
    tree = read(mail(edition(ARTICLE, SECOND)))
    links = [link for one in tree.classed("contents") for link in one.all("a")]
    anchors = [one.attributes["id"] for one in tree.classed("article")]
    assert [link.text for link in links] == [ARTICLE.headline, SECOND.headline]
    assert [link.attributes["href"] for link in links] == [f"#{anchor}" for anchor in anchors]
    assert [one.text for one in tree.all("h1")] == ["Ports in November"]


def test_one_article_has_no_list_of_contents() -> None:
    assert read(mail(edition())).classed("contents") == []


@pytest.mark.parametrize("language", ["en", "pl"])
def test_dates_are_written_in_the_language_of_the_publication(language: str) -> None:
    tree = read(mail(edition(masthead=replace(MASTHEAD, language=language))))
    assert ARTICLE.dated
    assert tree.classed("date")[0].text == say_date(ARTICLE.dated, language)


def test_a_picture_that_has_not_come_shows_its_credit_and_no_broken_image() -> None:
    words = mail(edition(images={"cranes.jpg": IMAGES["cranes.jpg"]}))
    tree = read(words)
    assert [one.attributes["alt"] for one in tree.all("img")] == ["Cranes on the quay"]
    assert [one.text for one in tree.classed("missing")] == ["Source: Own drawing"]
    assert "Source: Own drawing" in words.text
    assert parse(article_html(edition(images={}))).all("img") == []


def test_a_credit_that_names_its_kind_is_left_as_it_is() -> None:
    assert ARTICLE.picture
    article = replace(ARTICLE, picture=replace(ARTICLE.picture, credit="PHOTO: A. NOWAK"))
    assert read(mail(edition(article))).classed("credit")[0].text == "PHOTO: A. NOWAK"


def test_the_look_for_narrow_screens_and_dark_paper_reaches_the_reader() -> None:
    html = mail(edition()).html
    assert "@media (max-width: 480px)" in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "[data-ogsc]" in html


def test_text_from_the_right_is_set_from_the_right() -> None:
    arabic = Article("عنوان الخبر", "فقرة أولى.\n\nفقرة ثانية.", language="ar")
    article = read(mail(edition(arabic))).classed("article")[0]
    assert article.attributes["dir"] == "rtl"
    assert "text-align: right" in article.attributes["style"]
    assert article.classed("panel")[0].attributes["dir"] == "ltr"


def test_the_subject_is_one_line() -> None:
    assert mail(edition(subject="Ports\n in  November")).subject == "Ports in November"


def test_the_page_shows_the_words_of_the_mail_without_style_or_slot(each: Edition) -> None:
    html = article_html(each)
    tree = parse(html)
    in_mail = read(mail(each)).all("td")[0]
    assert [one for one in tree.walk() if "style" in one.attributes] == []
    assert all(slot not in html for slot in Slot)
    assert tree.all("table") == tree.classed("data")
    assert in_mail.text.startswith(tree.text)


def test_the_page_has_one_first_heading_and_says_its_languages() -> None:
    tree = parse(article_html(edition(ARTICLE, SECOND)))
    assert len(tree.all("h1")) == 1
    assert [one.attributes["lang"] for one in tree.classed("issue")] == ["en"]
    assert [one.attributes["lang"] for one in tree.classed("article")] == ["en", "pl"]
