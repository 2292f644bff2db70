"""Feeds in full text, Atom (RFC 4287) and JSON Feed 1.1, and what machines read of a page.

A feed holds the words of the page with absolute links and without classes or ids, since whoever
shows it has neither our stylesheet nor our address.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import nh3
from markupsafe import Markup

from newsletter.manuscripts.article import Article, Licence
from newsletter.rendering.cite import Author
from newsletter.rendering.edition import Edition, Shown
from newsletter.rendering.issue import entry_html, licence_of, title_of
from newsletter.rendering.licence import licence_data, picture_data
from newsletter.rendering.templates import page

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed changed that never held anything."""

# What XML 1.0, section 2.2, lets nobody write in any way.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_TAGS = frozenset(
    {"a", "blockquote", "br", "code", "div", "em", "figcaption", "figure", "h2", "h3", "h4", "h5"}
    | {"h6", "hr", "img", "li", "ol", "p", "pre", "strong", "sup", "table", "tbody", "td", "th"}
    | {"thead", "tr", "ul"}
)
_ATTRIBUTES = {
    "a": {"href"},
    "div": {"lang", "dir"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
}


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed says of itself: ``url`` is its own address, ``home`` that of the pages."""

    title: str
    url: str
    home: str
    language: str
    icon: str
    changed_at: datetime
    author: str = ""
    description: str = ""
    logo: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An issue in a feed; its address is its name, which stays."""

    url: str
    title: str
    summary: str
    html: Markup
    language: str
    published_at: datetime
    changed_at: datetime
    author: str
    section: str
    tags: tuple[str, ...]
    picture: Shown | None
    licence: Licence | None

    @property
    def rights(self) -> str:
        """Return the terms for texts and images in one passage."""
        return _terms(self.licence)


def atom(feed: Feed, editions: Sequence[Edition]) -> str:
    """Write a feed as Atom."""
    entries = [_entry(edition) for edition in editions]
    rights = {entry.rights for entry in entries}
    return legible_xml(
        page(
            "public/feed.xml",
            feed.language,
            feed=feed,
            entries=entries,
            rights=rights.pop() if len(rights) == 1 else "",
        )
    )


def json_feed(feed: Feed, editions: Sequence[Edition]) -> str:
    """Write a feed as JSON Feed 1.1; what it has no place for goes into ``_licence``."""
    written = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "description": feed.description,
        "favicon": feed.icon,
        "language": feed.language,
        "authors": [{"name": feed.author}] if feed.author else [],
        "items": [_item(_entry(edition)) for edition in editions],
    }
    return json.dumps(_without_gaps(written), ensure_ascii=False, indent=1) + "\n"


def linked_data(edition: Edition, acquire_url: str = "") -> Markup:
    """Say in JSON-LD (schema.org) what the page of an issue is, safe in a ``<script>``.

    ``acquire_url`` is where one asks for more than the licence allows.
    It is data: browsers run no script of type application/ld+json, whatever the policy.
    """
    first = edition.articles[0]
    head = edition.masthead
    house: dict[str, Any] = {"@type": "Organization", "name": head.author or head.name}
    if logo := head.logo:
        size = {"width": logo.width, "height": logo.height}
        house["logo"] = {"@type": "ImageObject", "url": logo.url, "caption": logo.alt, **size}
    about: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title_of(edition),
        "description": first.lead,
        "url": edition.url if edition.is_newest else edition.version.url,
        "mainEntityOfPage": edition.url,
        "datePublished": _moment(edition.published_at),
        "dateModified": _moment(edition.changed_at),
        "version": str(edition.version.number),
        "inLanguage": first.language,
        "isAccessibleForFree": True,
        "author": _authors(edition) or house,
        "publisher": house,
        "isPartOf": {
            "@type": "Periodical",
            "name": edition.masthead.name,
            "url": edition.masthead.url,
        },
        "articleSection": edition.masthead.name,
        "keywords": list(dict.fromkeys(tag for each in edition.articles for tag in each.tags)),
        "image": _image(edition, acquire_url),
        **licence_data(edition, acquire_url),
        "correction": [
            {"@type": "CorrectionComment", "text": one.text, "datePublished": _moment(one.at)}
            for one in edition.corrections
        ],
    }
    if len(edition.articles) > 1:
        about["hasPart"] = [
            {
                "@type": "NewsArticle",
                "headline": article.headline,
                "url": f"{edition.url}#article-{number}",
                "inLanguage": article.language,
                "author": _people(article) or house,
            }
            for number, article in enumerate(edition.articles, 1)
        ]
    written = json.dumps(_without_gaps(about), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(written)  # noqa: S704 - nothing is left that could end the element


def legible_xml(text: str) -> str:
    """Drop what no XML document may hold."""
    return _NOT_XML.sub("", text)


def _entry(edition: Edition) -> Entry:
    first = edition.articles[0]
    picture = first.picture
    return Entry(
        url=edition.url,
        title=title_of(edition),
        summary=first.lead,
        html=_portable(entry_html(edition), edition.url),
        language=first.language,
        published_at=edition.published_at or NEVER,
        changed_at=edition.changed_at or NEVER,
        author=edition.masthead.author or edition.masthead.name,
        section=edition.masthead.name,
        tags=tuple(dict.fromkeys(tag for each in edition.articles for tag in each.tags)),
        picture=edition.images.get(picture.file) if picture else None,
        licence=licence_of(edition),
    )


def _portable(html: str, url: str) -> Markup:
    """Leave of ``html`` what means the same anywhere; links within the page lead to the page."""

    def placed(tag: str, name: str, value: str) -> str | None:
        return url + value if (tag, name) == ("a", "href") and value.startswith("#") else value

    cleaned = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=placed,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return Markup(re.sub(r"\n\s*\n+", "\n", cleaned).strip())  # noqa: S704 - cleaned


def _item(entry: Entry) -> dict[str, Any]:
    licence = entry.licence
    return {
        "id": entry.url,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": str(entry.html),
        "image": entry.picture.url if entry.picture else "",
        "date_published": _moment(entry.published_at),
        "date_modified": _moment(entry.changed_at),
        "authors": [{"name": entry.author}],
        "tags": [entry.section, *(tag for tag in entry.tags if tag != entry.section)],
        "language": entry.language,
        "_licence": {"rights": entry.rights, "url": licence.url} if licence else {},
    }


def _image(edition: Edition, acquire_url: str) -> dict[str, Any]:
    picture = edition.articles[0].picture
    shown = edition.images.get(picture.file) if picture else None
    if not picture or not shown:
        return {}
    data = picture_data(edition, shown, picture.credit, acquire_url)
    return {**data, "url": shown.url, "caption": picture.alt}


def _authors(edition: Edition) -> list[dict[str, Any]]:
    """Return everyone who wrote a text of it under a name, once."""
    people = [person for article in edition.articles for person in _people(article)]
    return [person for number, person in enumerate(people) if person not in people[:number]]


def _people(article: Article) -> list[dict[str, Any]]:
    """Return who wrote a text; an institution has one name, which a person may have too."""
    authors = [Author.parse(name) for name in article.authors if name.strip()]
    return [
        {
            "@type": "Person" if author.given else "Organization",
            "name": author.spoken_name,
            **({"givenName": author.given, "familyName": author.family} if author.given else {}),
        }
        for author in authors
    ]


def _terms(licence: Licence | None) -> str:
    return f"{licence.text_terms} {licence.image_terms}".strip() if licence else ""


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


def _without_gaps(facts: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is empty, at any depth."""
    kept = {
        name: _without_gaps(value) if isinstance(value, dict) else value
        for name, value in facts.items()
    }
    return {
        name: value
        for name, value in kept.items()
        if name == "items" or value or isinstance(value, bool)
    }
