"""A web page, or an HTML file -> what was recognised in it.

What the page says of itself (linked data, meta) helps to find the headline, and gives the date and
the authors where no passage does. Menus, share bars, related posts, comments and whatever else
stands around the article is furniture: a passage each, so that an editor can bring it back.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from newsletter.errors import InvalidManuscript
from newsletter.language import marked as _
from newsletter.manuscripts import (
    bounds,
    characters,
    flow,
    furniture,
    language,
    markup,
    office,
    spans,
)
from newsletter.manuscripts.article import Article, Part, Recognised
from newsletter.manuscripts.hypertext import BLOCKS, Element, parse
from newsletter.manuscripts.recognition import Piece

_AROUND = frozenset({"nav", "aside", "footer", "form", "dialog", "menu", "search"})
_ROLES = frozenset({
    *("navigation", "complementary", "contentinfo", "search", "banner", "dialog", "toolbar"),
    *("menu", "alert", "alertdialog"),
})  # fmt: skip
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|shar(?:e|ing)|social(?:s|-links)?"
    r"|sharedaddy|addtoany|related|jp-relatedposts|recommend(?:ed|ations)?|read-?more-posts"
    r"|comments?|respond|sidebar|widgets?|cookies?|consent|gdpr|newsletter|subscribe|signup"
    r"|sign-up|promo|banner|popup|modal|skip-link|screen-reader-text|sr-only|visually-hidden|pager"
    r"|pagination|post-navigation|prev-next|site-header|site-footer|footer|masthead|author-bio"
    r"|about-author|tag-cloud|toc|table-of-contents|ads?|advert(?:isement)?)(?:$|[\s_-])",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|standfirst|perex|deck|dek|subtitle|subheadline|article-intro"
    r"|entry-summary|post-excerpt|zajawka)(?:$|[\s_])",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"(?:^|[\s_-])(?:byline|authors?|entry-author|post-author)(?:$|[\s_-])", re.IGNORECASE
)
_CAPTION = re.compile(
    r"(?:^|[\s_-])(?:caption|wp-caption-text|photo-?credit|image-?credit|picture-?credit)(?:$|[\s_-])",
    re.IGNORECASE,
)
_KICKER = re.compile(
    r"(?:^|[\s_-])(?:kicker|eyebrow|overline|rubric|post-category|entry-category|cat-links"
    r"|series)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HINTS = (
    (_CAPTION, Part.FIGURE),
    (_LEAD, Part.LEAD),
    (_AUTHOR, Part.AUTHOR),
    (_KICKER, Part.KICKER),
)
_ARTICLES = frozenset({
    *("Article", "NewsArticle", "BlogPosting", "Report", "ScholarlyArticle", "AnalysisNewsArticle"),
    *("OpinionNewsArticle", "ReportageNewsArticle", "TechArticle", "WebPage"),
})  # fmt: skip
_TITLE_ENDS = re.compile(r"\s+[|–—»·-]\s+")
_SHORTEST_PROSE = 25
_LEAST_SHARE = 0.8
"""How much of the prose of a page the element has in it that is taken for the article."""
_LONGEST_HINT = 1200
_LONGEST_PROSE_IN_FURNITURE = 1500
_MOST_NESTED = 5
_MOST_FILES = 50
_DATA = re.compile(r"data:image/(png|jpe?g|gif|webp)(;base64)?,(.*)", re.IGNORECASE | re.DOTALL)
_SMALLEST = 3
_NO_PROSE = _("There is no text on that page that could be an article; copy it and paste it here")


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says of itself."""

    title: str
    site: str
    dated: date | None
    authors: tuple[str, ...]
    feeds: tuple[str, ...]


def recognise(html: str, url: str = "") -> Recognised:
    """Say what the passages of a page are; links and pictures are as seen from ``url``."""
    root = parse(characters.legible(html))
    bounds.check_marks(root.text())
    named = next((e.get("href") for e in root.walk() if e.tag == "base"), "")
    base = urljoin(url, named if len(named) <= spans.LONGEST_ADDRESS else "")
    said = _said(root, base)
    office.make_lists(root)
    _drop_hidden(root)
    _set_aside(root, said)
    pictures: dict[str, bytes] = {}
    pieces = flow.passages(
        root,
        address=lambda written: _led_to(base, written),
        picture=lambda image: _file(image, base, pictures),
        hint=_hint,
    )
    _hint_headline(pieces, said)
    markup.recognise(pieces)
    if not any(piece.part in {Part.BODY, Part.LEAD} for piece in pieces):
        raise InvalidManuscript(_NO_PROSE)
    given = Article(
        headline="",
        body="",
        dated=said.dated,
        authors=said.authors,
        language=_language(root),
    )
    return Recognised(tuple(piece.finding() for piece in pieces), given, pictures)


def _led_to(base: str, written: str) -> str:
    if written.startswith("#") or len(written) > spans.LONGEST_ADDRESS:
        return ""
    return urljoin(base, written)


def feeds_of(html: str, url: str) -> tuple[str, ...]:
    """Return the addresses of the feeds that a page names."""
    return _said(parse(html), url).feeds


def _language(root: Element) -> str:
    spoken = root.get("lang").strip()
    if re.fullmatch(r"[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8})*", spoken):
        return spoken.split("-")[0].lower()
    return language.detect(root.text())


def _said(root: Element, url: str) -> Said:
    metas: dict[str, str] = {}
    feeds: list[str] = []
    data: list[dict[str, Any]] = []
    title = ""
    for element in root.walk():
        if element.tag == "meta":
            name = (
                element.get("property") or element.get("name") or element.get("itemprop")
            ).lower()
            metas.setdefault(name, characters.line(element.get("content")))
        elif element.tag == "title" and not title:
            title = characters.line(" ".join(_texts(element)))
        elif element.tag == "link" and "alternate" in element.get("rel").lower().split():
            if element.get("type").lower() in {"application/rss+xml", "application/atom+xml"}:
                feeds.append(urljoin(url, element.get("href")))
        elif element.tag == "script":
            data.extend(_linked_data("".join(_texts(element))))
    linked = next((each for each in data if _is_article(each)), {})
    named = _word(linked.get("headline")) or metas.get("og:title", "") or title
    site = metas.get("og:site_name", "")
    times = (e.get("datetime") for e in root.walk() if e.tag == "time" and e.get("datetime"))
    when = _word(linked.get("datePublished")) or metas.get("article:published_time", "")
    authors = tuple(_names(linked.get("author"))) or tuple(filter(None, [metas.get("author", "")]))
    return Said(
        title=_without_site(named, site),
        site=site,
        dated=_day(when or metas.get("date", "") or next(times, "")),
        authors=tuple(a for a in authors if not a.startswith(("http:", "https:")) and a != site),
        feeds=tuple(dict.fromkeys(feeds)),
    )


def _texts(element: Element) -> Iterator[str]:
    return (child for child in element.children if isinstance(child, str))


def _linked_data(script: str) -> Iterator[dict[str, Any]]:
    try:
        found = json.loads(script)
    except (ValueError, RecursionError):
        return
    todo = [(found, 0)]
    while todo:
        value, depth = todo.pop(0)
        if isinstance(value, list) and depth < _MOST_NESTED:
            todo.extend((each, depth + 1) for each in value[:100])
        elif isinstance(value, dict):
            yield value
            if depth < _MOST_NESTED:
                todo.append((value.get("@graph"), depth + 1))


def _is_article(data: dict[str, Any]) -> bool:
    kinds = data.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return any(kind in _ARTICLES for kind in named if isinstance(kind, str)) and bool(
        data.get("headline")
    )


def _word(value: object) -> str:
    return characters.line(value) if isinstance(value, str) else ""


def _names(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        name = _word(each.get("name") if isinstance(each, dict) else each)
        if name:
            yield name


def _day(moment: str) -> date | None:
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None


def _without_site(title: str, site: str) -> str:
    parts = _TITLE_ENDS.split(title)
    if len(parts) > 1 and (site in {parts[-1], ""} or parts[-1] in site) and len(parts[0]) > 10:
        return title[: title.rindex(parts[-1])].rstrip(" |–—»·-")
    return title


def _drop_hidden(element: Element) -> None:
    kept: list[Element | str] = []
    for child in element.children:
        if isinstance(child, Element):
            style = child.get("style").replace(" ", "").lower()
            is_hidden = "hidden" in child.attributes or "display:none" in style
            if is_hidden or (child.get("aria-hidden") == "true" and child.tag in {"i", "span"}):
                continue
            _drop_hidden(child)
        kept.append(child)
    element.children = kept


def _set_aside(root: Element, said: Said) -> None:
    """Make of each thing that stands around the article one passage."""
    headings = [each for each in root.walk() if each.tag in {"h1", "h2"}]
    title = next((each for each in headings if _is_alike(each.text(), said.title)), None)
    firsts = [each for each in headings if each.tag == "h1" and each.text() != said.site]
    _mark_furniture(root, title or (firsts[0] if len(firsts) == 1 else None))
    article = _article(root)
    if article is None:
        return
    inner = [each for each in firsts if _holds(article, each)]
    title = title or next(iter(inner or firsts), None)
    if title is not None:
        article = _shared(article, title)
    inside: Element | None = article
    while inside is not None and inside.parent is not None:
        outer = inside.parent
        outer.children = [
            child if child is inside or _may_stay(child) else _aside(child, outer)
            for child in outer.children
        ]
        inside = outer


def _may_stay(node: Element | str) -> bool:
    if isinstance(node, str):
        return not node.strip()
    return node.tag == flow.ASIDE or not node.text()


def _aside(node: Element | str, parent: Element) -> Element:
    aside = Element(flow.ASIDE, parent=parent)
    aside.children = [node]
    return aside


def _mark_furniture(element: Element, title: Element | None) -> None:
    for at, child in enumerate(element.children):
        if not isinstance(child, Element) or child.tag == flow.ASIDE:
            continue
        if _is_furniture(child) and not _holds(child, title):
            element.children[at] = _aside(child, element)
        else:
            _mark_furniture(child, title)


def _holds(element: Element, other: Element | None) -> bool:
    while other is not None and other is not element:
        other = other.parent
    return other is element


def _is_furniture(element: Element) -> bool:
    """Tell whether an element is furniture: by kind, role or name, and without much prose."""
    if element.tag not in BLOCKS and element.tag != "span":
        return False
    named = f"{element.get('class')} {element.get('id')}"
    by_name = bool(_FURNITURE.search(named)) and element.tag not in {
        "html",
        "body",
        "article",
        "main",
    }
    if not (element.tag in _AROUND or element.get("role") in _ROLES or by_name):
        return False
    if any(furniture.key(each) in furniture.APPEALS for each in _first_words(element)):
        return False  # an appeal has a place in the text
    return element.tag in {"nav", "footer"} or not _holds_much_prose(element)


def _holds_much_prose(element: Element) -> bool:
    prose = 0
    for each in element.walk():
        prose += len(each.text()) if each.tag == "p" else 0
        if prose >= _LONGEST_PROSE_IN_FURNITURE:
            return True
    return False


def _first_words(element: Element) -> Iterator[str]:
    for each in element.walk():
        if each.tag in {"h2", "h3", "h4", "h5", "p", "strong"}:
            yield each.text()
            return


def _article(root: Element) -> Element | None:
    """Return the smallest element that holds nearly all the prose of the page."""
    weights: dict[int, int] = {}
    _weigh(root, weights)
    whole = weights.get(id(root), 0)
    if not whole:
        return None
    best = root
    while True:
        heavy = [
            child
            for child in best.children
            if isinstance(child, Element) and weights.get(id(child), 0) >= whole * _LEAST_SHARE
        ]
        if not heavy or heavy[0].tag in {"p", "li", "blockquote", "td", "tr", "table"}:
            return best
        best = heavy[0]


def _weigh(element: Element, weights: dict[int, int]) -> int:
    """Count the letters of prose in each element: of paragraphs, and of what stands bare."""
    if element.tag == flow.ASIDE:
        return 0
    weight = 0
    for child in element.children:
        if isinstance(child, Element):
            weight += _weigh(child, weights)
        elif element.tag not in {"title", "script", "a"}:
            length = len(child.strip())
            weight += length if length >= _SHORTEST_PROSE else 0
    weights[id(element)] = weight
    return weight


def _is_alike(heading: str, title: str) -> bool:
    one, other = (re.sub(r"\W+", "", words).casefold() for words in (heading, title))
    return len(one) > 3 and (one == other or (len(one) > 15 and other.startswith(one)))


def _shared(one: Element, other: Element) -> Element:
    """Return the nearest element that holds both."""
    place: Element | None = one
    while place is not None and not _holds(place, other):
        place = place.parent
    return place or one


def _hint(element: Element) -> Part | None:
    named = f"{element.get('class')} {element.get('itemprop')} {element.get('rel')}".strip()
    if element.tag in {"html", "body", "main", "article"}:
        return None
    if named:
        for pattern, part in _HINTS:
            if pattern.search(named) and not element.is_longer_than(_LONGEST_HINT):
                return part
    return Part.DATE if element.tag == "time" else None


def _hint_headline(pieces: list[Piece], said: Said) -> None:
    titles = [p for p in pieces if p.level and not p.part and _is_alike(p.text, said.title)]
    firsts = [p for p in pieces if p.level == 1 and not p.part]
    for piece in (titles or firsts)[:1]:
        piece.hint = Part.HEADLINE


def _file(image: Element, base: str, pictures: dict[str, bytes]) -> str | None:
    """Return the address of an image, or the name of one that came in the page; None of a dot."""
    sizes = [image.get(name) for name in ("width", "height")]
    if any(size.isdecimal() and int(size[:6]) < _SMALLEST for size in sizes):
        return None
    lazy = image.get("data-src") or image.get("data-lazy-src")
    source = lazy or image.get("src")
    if not source or source.startswith("data:image/svg"):
        source = image.get("srcset").strip().split(" ")[0] or ""
    if source.startswith("data:"):
        return _came_along(source, pictures)
    address = _led_to(base, source.strip())
    return address if urlsplit(address).scheme in {"http", "https"} else ""


def _came_along(source: str, pictures: dict[str, bytes]) -> str:
    match = _DATA.match(source)
    if not match or len(pictures) >= _MOST_FILES:
        return ""
    kind, packed, written = match.groups()
    content = unquote_to_bytes(written)
    try:
        octets = base64.b64decode(content, validate=False) if packed else content
    except (binascii.Error, ValueError):
        return ""
    name = f"picture-{len(pictures) + 1}.{kind.lower().replace('jpeg', 'jpg')}"
    pictures[name] = octets
    return name
