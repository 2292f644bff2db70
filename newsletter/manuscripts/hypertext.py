"""HTML -> a tree of elements with their words; nothing in it can act.

Written for what must be read and never shown: it follows the standard's tokens exactly and its tree
as far as prose needs. It takes time in proportion to the text, whatever the text is: attributes
that nobody asks for are dropped, what is nested beyond reason is flattened, and scripts, styles,
frames and drawings leave no trace. Only a script of linked data (JSON-LD) keeps its words.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape

from newsletter.manuscripts import bounds

_DEEPEST = 80
"""Elements that stand in one another; what is below them is taken for theirs."""
_ATTRIBUTES = frozenset({
    *("alt", "aria-hidden", "class", "colspan", "content", "data-lazy-src", "data-src"),
    *("datetime", "height", "hidden", "href", "id", "itemprop", "lang", "name", "property", "rel"),
    *("role", "rowspan", "src", "srcset", "start", "style", "type", "width"),
})  # fmt: skip
_VOID = frozenset({
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
    *("source", "track", "wbr"),
})  # fmt: skip
_RAW = frozenset({
    *("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript"),
})  # fmt: skip
_UNSEEN = frozenset({
    *("audio", "canvas", "datalist", "embed", "iframe", "input", "map", "noembed", "noframes"),
    *("noscript", "object", "optgroup", "option", "param", "progress", "select", "source", "style"),
    *("svg", "template", "textarea", "track", "video"),
})  # fmt: skip
"""What leaves no trace, with all that stands in it."""
BLOCKS = frozenset({
    *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog"),
    *("dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2"),
    *("h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu"),
    *("nav", "ol", "p", "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot"),
    *("th", "thead", "tr", "ul", "caption"),
})  # fmt: skip
"""Elements that begin on a line of their own."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_P = frozenset({"p"})
_TABLE = frozenset({"table"})
_CELLS = frozenset({"td", "th", "caption"})
_ROWS = frozenset({"tr"})
_TABLE_PARTS = frozenset({"thead", "tbody", "tfoot", "tr"})
_CLOSES_P = BLOCKS - _CELLS - _TABLE_PARTS - {"body", "html", "li", "dd", "dt"}
_LISTS = frozenset({"ul", "ol", "menu", "td", "th"})
_TERMS = frozenset({"dt", "dd"})
_CLOSES = {
    "li": ((frozenset({"li"}), _LISTS),),
    **dict.fromkeys(("dt", "dd"), ((_TERMS, frozenset({"dl", "td", "th"})),)),
    **dict.fromkeys(("td", "th"), ((_CELLS, _ROWS | _TABLE),)),
    "tr": ((_ROWS, _TABLE),),
    **dict.fromkeys(
        ("thead", "tbody", "tfoot"),
        ((_ROWS, _TABLE), (_TABLE_PARTS - _ROWS, _TABLE)),
    ),
}
"""What the beginning of an element ends, and the elements out of which that does not reach."""

_MARKUP = re.compile(r"<(?:(?P<end>/)?(?P<name>[a-zA-Z][^\s/>]*)|!--|[!?/])")
_COMMENT_END = re.compile(r"--!?>|\Z")
_BOGUS_END = re.compile(r">|\Z")
_ATTRIBUTE = re.compile(
    r"[\s/]*(?:(?P<close>>|\Z)|(?P<name>=?[^\s/>=]*)"
    r"(?:\s*=\s*(?:\"(?P<double>[^\"]*)(?:\"|\Z)|'(?P<single>[^']*)(?:'|\Z)|(?P<bare>[^\s>]*)))?)"
)
_LONG_REFERENCE = re.compile(r"&#(?=[0-9]{9})0*(?=[0-9])([0-9]*)")
_LINKED_DATA = "application/ld+json"


class Element:
    """An element, the words and elements in it, and the one that it stands in."""

    __slots__ = ("attributes", "children", "parent", "tag")

    def __init__(
        self, tag: str, attributes: dict[str, str] | None = None, parent: "Element | None" = None
    ) -> None:
        """Make an element that nothing stands in yet."""
        self.tag = tag
        self.attributes = attributes or {}
        self.parent = parent
        self.children: list[Element | str] = []

    def get(self, name: str) -> str:
        """Return the value of an attribute, nothing if it is not there."""
        return self.attributes.get(name, "")

    def walk(self) -> "Iterator[Element]":
        """Yield this element and all in it, in the order of the text."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [each for each in reversed(element.children) if isinstance(each, Element)]

    def text(self) -> str:
        """Return the words in it, with single spaces; blocks stand apart."""
        words: list[str] = []
        self._say(words)
        return " ".join("".join(words).split())

    def _say(self, words: list[str]) -> None:
        apart = self.tag in BLOCKS or self.tag == "br"
        if apart:
            words.append(" ")
        for child in self.children:
            if isinstance(child, str):
                words.append(child)
            elif child.tag not in {"script", "title"}:
                child._say(words)
        if apart:
            words.append(" ")


def parse(html: str) -> Element:
    """Return the root of ``html``; every text is a document.

    Raises InvalidManuscript for one of more elements than any article has.
    """
    return _Builder(html).build()


def _unescaped(text: str) -> str:
    """Return ``text`` with what its character references stand for.

    A reference of many digits is of no character, and no number that Python would read.
    """
    return unescape(_LONG_REFERENCE.sub(lambda found: f"&#{found[1][:9]}", text))


class _Builder:
    """Reads the tokens in turn and hangs each where it belongs."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._open = [Element("html")]
        self._standing: Counter[str] = Counter()
        self._flattened: Counter[str] = Counter()
        self._unseen = ""
        self._unseen_depth = 0
        self._count = 0

    def build(self) -> Element:
        """Return the root."""
        at, html = 0, self._html
        while markup := _MARKUP.search(html, at):
            self._text(html[at : markup.start()])
            at = markup.end()
            name = (markup["name"] or "").lower()
            if not name:
                at = self._skip(markup[0], at)
            elif markup["end"]:
                end = _BOGUS_END.search(html, at)
                at = end.end() if end else len(html)
                self._end(name)
            else:
                attributes, at = _attributes(html, at)
                at = self._begin(name, attributes, at)
        self._text(html[at:])
        return self._open[0]

    def _skip(self, sign: str, at: int) -> int:
        """Return where a comment or a declaration ends."""
        if sign == "<!--" and self._html.startswith((">", "->"), at):
            return self._html.index(">", at) + 1
        end = (_COMMENT_END if sign == "<!--" else _BOGUS_END).search(self._html, at)
        return end.end() if end else len(self._html)

    def _text(self, text: str) -> None:
        if text and not self._unseen:
            self._open[-1].children.append(_unescaped(text))

    def _begin(self, name: str, attributes: dict[str, str], at: int) -> int:
        """Open an element; return where to read on, which is behind the words of raw ones."""
        raw = ""
        if name in _RAW:
            end = re.compile(rf"</{name}(?=[\s/>])|\Z", re.IGNORECASE).search(self._html, at)
            raw, at = (self._html[at : end.start()], end.start()) if end else ("", at)
        if self._unseen:
            self._unseen_depth += name == self._unseen
            return at
        is_data = name == "script" and attributes.get("type", "").lower() == _LINKED_DATA
        if name in _UNSEEN or (name == "script" and not is_data):
            if name not in _VOID:
                self._unseen, self._unseen_depth = name, 1
            return at
        self._count += 1
        bounds.check_elements(self._count)
        self._close_what_it_ends(name)
        if name == "html" or name == "body":
            self._open[0].attributes = attributes | self._open[0].attributes
        elif name in _VOID or len(self._open) < _DEEPEST:
            element = Element(name, attributes, self._open[-1])
            self._open[-1].children.append(element)
            if raw:
                element.children.append(raw if is_data else _unescaped(raw))
            if name not in _VOID:
                self._open.append(element)
                self._standing[name] += 1
        else:
            self._flattened[name] += 1
        return at

    def _close_what_it_ends(self, name: str) -> None:
        if name in _CLOSES_P:
            self._close(_P, _CELLS)
        if name in _HEADINGS and self._open[-1].tag in _HEADINGS:
            self._close(_HEADINGS, frozenset())
        if name in _TABLE_PARTS:
            self._close(_CELLS, _TABLE)
        for ends, borders in _CLOSES.get(name, ()):
            self._close(ends, borders)

    def _end(self, name: str) -> None:
        if self._unseen:
            self._unseen_depth -= name == self._unseen
            if not self._unseen_depth:
                self._unseen = ""
        elif name == "br":
            self._count += 1
            bounds.check_elements(self._count)
            self._open[-1].children.append(Element("br", parent=self._open[-1]))
        elif self._flattened[name]:
            self._flattened[name] -= 1
        elif name == "table":
            self._close(_TABLE, frozenset())
        else:
            alike = _HEADINGS if name in _HEADINGS else frozenset({name})
            self._close(alike, _TABLE if name in _TABLE_PARTS or name in _CELLS else _CELLS)

    def _close(self, names: frozenset[str], borders: frozenset[str]) -> None:
        """Close the nearest open element of ``names``, unless a border stands before it."""
        if not any(self._standing[name] for name in names):
            return
        for at in range(len(self._open) - 1, 0, -1):
            tag = self._open[at].tag
            if tag in names:
                self._standing.subtract(element.tag for element in self._open[at:])
                del self._open[at:]
                return
            if tag in borders:
                return


def _attributes(html: str, at: int) -> tuple[dict[str, str], int]:
    """Return the attributes of a tag that we have a use for, and where the tag ends."""
    found: dict[str, str] = {}
    while match := _ATTRIBUTE.match(html, at):
        at = match.end()
        if match["close"] is not None:
            break
        name = match["name"].lower()
        if name in _ATTRIBUTES and name not in found:
            value = match["double"] or match["single"] or match["bare"] or ""
            found[name] = _unescaped(value)
    return found, at
