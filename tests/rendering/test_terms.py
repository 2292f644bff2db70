"""The licence that a text has of its own, wherever an issue of several texts is read."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

from newsletter.manuscripts import Licence
from newsletter.rendering import (
    Feed,
    Terms,
    article_html,
    atom,
    bibtex,
    cite,
    json_feed,
    linked_data,
    mail,
    paper,
    press_check,
    republish,
)
from rendering.editions import ARTICLE, LICENCE, SECOND, edition
from rendering.markup import Element, parse

TODAY = date(2026, 11, 25)
RESERVED = Licence(
    "This text may not be republished.", "Nor may its images.", "https://example.org/reserved", "©"
)
OPEN = Licence("Share this text.", "", "https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0")
OWN = {"reserved": Terms(RESERVED, reuse=False), "open": Terms(OPEN, reuse=True)}
THIRD = replace(SECOND, headline="Trzeci tekst", terms="open")
TWO = (ARTICLE, replace(SECOND, terms="reserved"))
FEED = Feed("Ports", "https://a.example/feed", "https://a.example/", "en", "", datetime.now(UTC))


def links(html: str, licence: Licence) -> list[Element]:
    return [each for each in parse(html).all("a") if each.attributes["href"] == licence.url]


def test_a_text_says_its_own_licence_at_its_end_and_the_issue_its_own_at_the_foot() -> None:
    both = edition(*TWO, own=OWN, reuse=True)
    words = mail(both)
    forms = {
        "mail": words.html,
        "text": " ".join(words.text.split()),
        "page": article_html(both),
        "feed": json.loads(json_feed(FEED, [both]))["items"][0]["content_html"],
        "paper": paper(both, TODAY).html,
    }
    for name, form in forms.items():
        label, own, issue = (
            form.index(said)
            for said in ("Licence of this text:", RESERVED.text_terms, LICENCE.text_terms)
        )
        assert form.index("Pierwszy akapit.") < label < own < issue, name
        assert form.index("Drugi akapit.") < label, name
        assert form.count(RESERVED.text_terms) == form.count("Licence of this text:") == 1, name
        assert RESERVED.url in form, name
    for name in ("mail", "page", "feed", "paper"):
        (link,) = links(forms[name], RESERVED)
        assert link.attributes["rel"] == "license", name
    assert "Licencja tego tekstu:" in article_html(
        replace(both, masthead=replace(both.masthead, language="pl"))
    )
    rights = f"“Tory i porty”: {RESERVED.text_terms} {RESERVED.image_terms}"
    assert rights in atom(FEED, [both])
    assert not [remark for remark in press_check(both, words, "en", TODAY) if remark.blocks]


def test_a_text_under_the_licence_of_its_issue_says_nothing() -> None:
    named = replace(SECOND, terms="same")
    plain = edition(ARTICLE, SECOND)
    made = edition(ARTICLE, named, own={"same": Terms(LICENCE, reuse=True)})
    assert mail(made) == mail(plain)
    assert linked_data(made) == linked_data(plain)


def test_machines_read_the_licence_of_each_text_that_has_its_own() -> None:
    both = edition(*TWO, own=OWN)
    told = json.loads(linked_data(both, "https://a.example/ask"))
    assert told["license"] == LICENCE.url
    first, second = told["hasPart"]
    assert "license" not in first
    assert second["license"] == RESERVED.url
    assert second["copyrightNotice"] == "© 2026 Baltic Monitor"
    assert second["acquireLicensePage"] == "https://a.example/ask"
    urls = [cite(both, number).licence_url for number in (None, 1, 2)]
    assert urls == [LICENCE.url, LICENCE.url, RESERVED.url]
    assert RESERVED.url in bibtex(cite(both, 2))


def test_a_licence_that_is_not_in_the_list_blocks() -> None:
    lost = edition(ARTICLE, replace(SECOND, terms="gone"), own=OWN, reuse=True)
    (found,) = (r for r in press_check(lost, mail(lost), "pl") if r.slug == "unknown-licence")
    assert (found.blocks, found.article, found.field, found.place) == (
        *(True, 1, "terms", SECOND.headline),
    )
    assert "„gone”" in found.message
    assert lost.reusable == (ARTICLE,), "nobody knows what it allows"


def test_a_copy_leaves_out_what_may_not_be_republished_and_says_so() -> None:
    three = edition(*TWO, THIRD, own=OWN, reuse=True)
    copy = republish(three, TODAY, texts=three.reusable)
    assert copy.withheld == (SECOND.headline,)
    assert copy.licence == LICENCE
    assert copy.own == ((THIRD.headline, OPEN),)
    assert "1 text of the original is left out, for it may not be republished." in copy.note
    (link,) = links(copy.html, OPEN)
    assert (link.attributes["rel"], link.text) == ("license", "CC BY 4.0")
    assert f"[CC BY 4.0](<{OPEN.url}>)" in copy.markdown
    for form in (copy.html, copy.markdown, copy.text):
        flat = " ".join(form.split())
        assert all(said in flat for said in ("Licence of this text:", OPEN.text_terms, OPEN.url))
        assert flat.index(OPEN.text_terms) < flat.index(LICENCE.text_terms)
        assert SECOND.headline not in flat
        assert RESERVED.text_terms not in flat
        assert " ".join(copy.note.split()) in flat


def test_a_copy_of_one_text_is_under_the_licence_of_that_text() -> None:
    closed = edition(ARTICLE, THIRD, own=OWN, reuse=False)
    copy = republish(closed, TODAY, texts=closed.reusable)
    assert (copy.title, copy.licence, copy.own) == (THIRD.headline, OPEN, ())
    assert copy.withheld == (ARTICLE.headline,)
    for form in (copy.html, copy.markdown, copy.text):
        assert LICENCE.text_terms not in " ".join(form.split())
        assert OPEN.url in form
        assert "Licence of this text:" not in form, "it is that of the whole copy"
    mixed = edition(
        THIRD, replace(SECOND, terms="other"), own=OWN | {"other": Terms(RESERVED, reuse=True)}
    )
    assert mixed.with_only(mixed.articles).licence is None
    assert LICENCE.text_terms not in republish(mixed, TODAY).text
