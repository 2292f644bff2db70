"""What search engines read of a page: JSON-LD, read by a program that is not ours."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF
from rdflib.term import Node

from newsletter.manuscripts import Licence
from newsletter.rendering import Correction, Edition, linked_data
from rendering.editions import ARTICLE, IMAGES, MASTHEAD, SECOND, edition

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own

SCHEMA = Namespace("https://schema.org/")
URL = "https://monitor.example.org/baltic-monitor/7"
ASK = f"{URL}/republish"
AT = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)
ADDRESSES = ("url", "license", "mainEntityOfPage", "contentUrl", "acquireLicensePage")
CONTEXT = {"@vocab": str(SCHEMA)} | {name: {"@type": "@id"} for name in ADDRESSES}
"""Of the context of schema.org what matters here: names are its own, and these are addresses."""
NEEDED = ("headline", "image", "datePublished", "dateModified", "author", "publisher", "license")
"""What search engines ask of a news article, and the licence."""
HOUSE = replace(MASTHEAD, author="Institute of Examples")


def graph(shown: Edition) -> Graph:
    data = json.loads(linked_data(shown, ASK))
    assert data.pop("@context") == "https://schema.org"
    return Graph().parse(data=json.dumps({"@context": CONTEXT, **data}), format="json-ld")


def page(found: Graph) -> Node:
    (node,) = found.subjects(SCHEMA.mainEntityOfPage, URIRef(URL))
    return node


def said(found: Graph, node: Node, *path: str) -> list[str]:
    """Return what is said at the end of a path of properties, sorted."""
    nodes = [node]
    for name in path:
        nodes = [each for one in nodes for each in found.objects(one, SCHEMA[name])]
    return sorted(str(each) for each in nodes)


def made(*articles: Any, **changes: Any) -> Edition:
    own = {name: replace(shown, permission="own") for name, shown in IMAGES.items()}
    return edition(*articles, **{"masthead": HOUSE, "published_at": AT, "images": own, **changes})


def test_it_says_all_that_a_news_article_needs() -> None:
    found = graph(made(replace(ARTICLE, authors=("Anna Nowak", "{Port Office}"))))
    node = page(found)
    assert (node, RDF.type, SCHEMA.NewsArticle) in found
    assert [name for name in NEEDED if not said(found, node, name)] == []
    assert said(found, node, "headline") == ["Three Ports, One Pilot Watch"]
    assert said(found, node, "author", "name") == ["Anna Nowak", "Port Office"]
    assert said(found, node, "author", "familyName") == ["Nowak"]
    assert said(found, node, "publisher", "name") == ["Institute of Examples"]
    assert said(found, node, "isPartOf", "name") == ["Baltic Monitor"]
    assert said(found, node, "datePublished") == ["2026-11-19T09:00:00+00:00"]
    assert said(found, node, "license") == ["https://monitor.example.org/terms"]
    assert said(found, node, "acquireLicensePage") == [ASK]
    assert said(found, node, "copyrightNotice") == ["© 2026 Institute of Examples"]
    assert said(found, node, "creditText") == ["Institute of Examples, Baltic Monitor"]
    assert said(found, node, "image", "creditText") == ["Own drawing"]
    assert said(found, node, "image", "acquireLicensePage") == [ASK]
    assert (None, SCHEMA.version, Literal("1")) in found


def test_without_a_name_the_institute_has_written_it() -> None:
    found = graph(made())
    assert said(found, page(found), "author", "name") == ["Institute of Examples"]


def test_of_several_texts_each_has_its_own_author() -> None:
    found = graph(made(replace(ARTICLE, authors=("Anna Nowak",)), SECOND))
    parts = {
        str(found.value(part, SCHEMA.headline)): said(found, part, "author", "name")
        for part in found.objects(page(found), SCHEMA.hasPart)
    }
    assert parts == {
        "Three Ports, One Pilot Watch": ["Anna Nowak"],
        "Tory i porty": ["Institute of Examples"],
    }
    assert said(found, page(found), "author", "name") == ["Anna Nowak"]


def test_a_version_and_its_corrections_are_dated() -> None:
    moments = [AT + timedelta(days=days) for days in (2, 5)]
    told = tuple(Correction(f"Wrong on {at:%d}.", at, at.date()) for at in moments)
    newest = made(corrections=told)
    for number, changed in enumerate([AT, *moments], 1):
        found = graph(newest.in_version(number))
        node = page(found)
        assert said(found, node, "version") == [str(number)]
        assert said(found, node, "dateModified") == [changed.isoformat()]
        assert len(said(found, node, "correction", "text")) == number - 1
        assert said(found, node, "url") == [URL if number == 3 else f"{URL}/v{number}"]


def test_whatever_people_write_it_is_data() -> None:
    hostile = '</script><script>alert(1)</script> " \\ \u2028 {"@id": "x"}'
    licence = Licence(hostile, hostile, "javascript:alert(1)", hostile)
    text = replace(ARTICLE, headline=hostile, lead=hostile, authors=(hostile,), tags=(hostile,))
    shown = made(text, subject=hostile, licence=licence)
    assert "<" not in linked_data(shown)
    found = graph(shown)
    assert said(found, page(found), "headline") == [hostile]
    assert said(found, page(found), "license", "text") == [hostile]
