"""A feed (RSS, Atom) -> its entries, to choose one from and bring it in."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import feedparser

from newsletter.errors import InvalidManuscript
from newsletter.language import marked as _
from newsletter.manuscripts import characters
from newsletter.manuscripts.hypertext import parse

MOST_ENTRIES = 50
_MOST_TAGS = 100_000
_SHORTEST_TEXT = 1200
"""Letters of an entry above which it is the whole text, and not its beginning."""
_LONGEST_SUMMARY = 220
_FEED = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,100}(?:<\?xml[^>]{0,200}\?>)?(?:\s|<!--[^>]{0,2000}-->|<\?[^>]{0,500}>)"
    rb"{0,50}<(?:rss|feed|rdf:RDF)[\s>]",
    re.IGNORECASE,
)
_KINDS = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml"})
_NO_ENTRIES = _("That feed has no entries; give the address of a page")
_TOO_MANY_TAGS = _(
    "That feed has more than 100,000 tags, too many to read; give the address of the page itself"
)
_NO_FEED = _("That feed cannot be read; give the address of the page itself")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a feed; ``html`` is its text where the feed has all of it."""

    key: str
    title: str
    url: str
    dated: date | None
    authors: tuple[str, ...]
    summary: str
    html: str

    @property
    def page(self) -> bytes:
        """The entry as a page of its own, for a reader of pages."""
        day = f'<time datetime="{self.dated}">{self.dated}</time>' if self.dated else ""
        byline = "".join(f'<p class="byline">{escape(name)}</p>' for name in self.authors[:1])
        return (
            f'<!doctype html><html><meta charset="utf-8"><title>{escape(self.title)}</title>'
            f"<article><h1>{escape(self.title)}</h1>{day}{byline}<div>{self.html}</div></article>"
        ).encode()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with its newest entries."""

    title: str
    entries: tuple[Entry, ...]


def is_feed(content: bytes, kind: str = "") -> bool:
    """Tell whether ``content``, which came as ``kind``, is a feed."""
    return kind in _KINDS or bool(_FEED.match(content))


def read(content: bytes, url: str) -> Feed:
    """Return the entries of a feed that came from ``url``; raise InvalidManuscript for none."""
    if b"<!ENTITY" in content:
        raise InvalidManuscript(_NO_FEED)
    if content.count(b"<") > _MOST_TAGS:
        raise InvalidManuscript(_TOO_MANY_TAGS)
    try:
        # As a stream: a name of a file or an address would be opened. Its HTML is read by our own
        # reader, which takes nothing from it that could act; to clean it first takes minutes.
        found: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(content),
            response_headers={"content-location": url},
            resolve_relative_uris=False,
            sanitize_html=False,
        )
    except Exception as error:
        raise InvalidManuscript(_NO_FEED) from error
    entries = tuple(_entry(each) for each in found["entries"][:MOST_ENTRIES])
    shown = tuple(entry for entry in entries if entry.title and (entry.url or entry.html))
    if not shown:
        raise InvalidManuscript(_NO_FEED if found.get("bozo") else _NO_ENTRIES)
    return Feed(_plain(found["feed"].get("title", "")), shown)


def _entry(found: Mapping[str, Any]) -> Entry:
    texts = [part.get("value", "") for part in found.get("content", ())]
    summary = found.get("summary", "")
    longest = max([*texts, summary], key=len, default="")
    words = _plain(longest)
    link = str(found.get("link", ""))
    moment = found.get("published_parsed") or found.get("updated_parsed")
    return Entry(
        key=str(found.get("id") or link or found.get("title", ""))[:500],
        title=_plain(found.get("title", "")),
        url=link if link.startswith(("http://", "https://")) else "",
        dated=date(*moment[:3]) if moment else None,
        authors=tuple(filter(None, (_plain(a.get("name", "")) for a in found.get("authors", ())))),
        summary=_beginning(_plain(summary) or words),
        html=longest if len(words) >= _SHORTEST_TEXT else "",
    )


def _plain(html: str) -> str:
    """Return the words of ``html``; nothing where it holds more than an article does."""
    try:
        return characters.line(parse(str(html)).text())
    except InvalidManuscript:
        return ""


def _beginning(words: str) -> str:
    if len(words) <= _LONGEST_SUMMARY:
        return words
    return words[:_LONGEST_SUMMARY].rsplit(" ", 1)[0] + "…"
