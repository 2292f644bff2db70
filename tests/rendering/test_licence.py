"""Licences as data: the managed list, and what machines read."""

from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from newsletter.language import LANGUAGES
from newsletter.manuscripts import Article, Licence
from newsletter.rendering import (
    MANAGED,
    ManagedLicence,
    Shown,
    article_html,
    copyright_notice,
    credit_line,
    licence_data,
    licence_link,
    mail,
    picture_data,
)
from rendering.editions import ARTICLE, LICENCE, MASTHEAD, SECOND, edition
from rendering.markup import parse

INSTITUTE = replace(MASTHEAD, author="Institute of Examples")
ASK = "https://monitor.example.org/rights"


@pytest.mark.parametrize("managed", MANAGED, ids=lambda managed: managed.slug)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_licence_speaks_every_language(managed: ManagedLicence, language: str) -> None:
    licence = managed.in_language(language, "Institute of Examples")
    assert licence.name
    assert "Institute of Examples" in licence.text_terms
    assert "{" not in licence.text_terms + licence.image_terms
    other = managed.in_language("en" if language == "pl" else "pl", "Institute of Examples")
    assert licence.text_terms != other.text_terms
    assert not licence.url or urlsplit(licence.url).hostname == "creativecommons.org"


def test_the_list_has_the_five_that_institutes_choose_from() -> None:
    assert {each.slug: each.reuse for each in MANAGED} == {
        "credited": True,
        "cc-by-4.0": True,
        "cc-by-nd-4.0": True,
        "cc-by-nc-nd-4.0": True,
        "all-rights-reserved": False,
    }
    open_ones = {each.slug: each.url for each in MANAGED if each.url}
    assert open_ones == {
        f"cc-{code}-4.0": f"https://creativecommons.org/licenses/{code}/4.0/"
        for code in ("by", "by-nd", "by-nc-nd")
    }


def test_a_language_that_the_house_does_not_speak_gets_english() -> None:
    licence = MANAGED[0].in_language("sv", "Institute")
    assert licence == MANAGED[0].in_language("en", "Institute")


def test_what_search_engines_read_of_a_text() -> None:
    assert licence_data(edition(masthead=INSTITUTE), ASK) == {
        "license": "https://monitor.example.org/terms",
        "copyrightHolder": {"@type": "Organization", "name": "Institute of Examples"},
        "copyrightYear": 2026,
        "copyrightNotice": "© 2026 Institute of Examples",
        "creditText": "Institute of Examples, Baltic Monitor",
        "acquireLicensePage": ASK,
    }


def test_a_licence_without_an_address_is_a_work_with_words() -> None:
    own = Licence("Free with credit.", url="javascript:alert(1)", name="With credit")
    data = licence_data(edition(licence=own))
    assert data["license"] == {
        "@type": "CreativeWork",
        "name": "With credit",
        "text": "Free with credit.",
    }
    assert "acquireLicensePage" not in data
    assert "license" not in licence_data(edition(licence=None))


def test_the_year_is_that_of_the_latest_text() -> None:
    undated = Article("Ports", "Text.")
    assert copyright_notice(edition(ARTICLE, SECOND, masthead=INSTITUTE)).startswith("© 2026 ")
    assert copyright_notice(edition(undated)) == "© Baltic Monitor"


@pytest.mark.parametrize(
    ("permission", "facts"),
    [
        ("own", {"copyrightNotice": "© Institute of Examples", "acquireLicensePage": ASK}),
        ("CC BY-SA 3.0", {"license": "https://creativecommons.org/licenses/by-sa/3.0/"}),
        ("cc by", {"license": "https://creativecommons.org/licenses/by/4.0/"}),
        ("CC0", {"license": "https://creativecommons.org/publicdomain/zero/1.0/"}),
        ("public domain", {"license": "https://creativecommons.org/publicdomain/mark/1.0/"}),
        ("permission of Anna Nowak", {"copyrightNotice": "© Anna Nowak"}),
        ("licensed by Agency until 2027-01-31", {"copyrightNotice": "© Agency"}),
        ("", {}),
    ],
)
def test_a_picture_has_a_licence_of_its_own(permission: str, facts: dict[str, str]) -> None:
    shown = Shown("https://example.org/a.jpg", 400, 300, permission)
    data = picture_data(edition(masthead=INSTITUTE), shown, "Press office", ASK)
    assert data == facts | {
        "@type": "ImageObject",
        "contentUrl": "https://example.org/a.jpg",
        "width": 400,
        "height": 300,
        "creditText": "Press office",
        "usageInfo": {"@type": "CreativeWork", "text": LICENCE.image_terms},
    }


@pytest.mark.parametrize(
    ("url", "value"),
    [
        ("https://example.org/l", '<https://example.org/l>; rel="license"'),
        ("https://example.org/ż>; x", '<https://example.org/%C5%BC%3E;%20x>; rel="license"'),
        ("https://example.org/\r\nX: y", '<https://example.org/%0D%0AX:%20y>; rel="license"'),
        ("mailto:a@example.org", ""),
        ("", ""),
    ],
)
def test_the_header_that_names_the_licence(url: str, value: str) -> None:
    assert licence_link(Licence("Terms.", url=url)) == value
    assert licence_link(None) == ""


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "First published by: Institute of Examples, Baltic Monitor, 19 November 2026"),
        ("pl", "Pierwsza publikacja: Institute of Examples, Baltic Monitor, 19 listopada 2026"),
    ],
)
def test_the_line_that_names_the_origin(language: str, line: str) -> None:
    assert credit_line(edition(masthead=INSTITUTE), language) == line
    same = edition(Article("Ports", "Text."), masthead=replace(MASTHEAD, author=MASTHEAD.name))
    assert credit_line(same, "en") == "First published by: Baltic Monitor"


def test_the_licence_is_marked_as_such_in_mail_and_page() -> None:
    for html in (mail(edition()).html, article_html(edition())):
        (terms,) = parse(html).classed("licence")
        (link,) = terms.all("a")
        assert (link.attributes["rel"], link.attributes["href"]) == ("license", LICENCE.url)
