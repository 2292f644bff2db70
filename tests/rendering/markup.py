"""HTML as a tree that tests can ask: elements by tag or class, their words in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "meta", "link", "input"}
_BLOCKS = {"p", "div", "td", "th", "li", "h1", "h2", "h3", "h4", "pre", "table", "blockquote"}


@dataclass
class Element:
    """One element; ``children`` are elements and runs of text."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())

    @property
    def text(self) -> str:
        """Its words, with single spaces; blocks are apart."""
        return " ".join("".join(self._words()).split())

    def all(self, *tags: str) -> list[Element]:
        return [one for one in self.walk() if one.tag in tags]

    def classed(self, name: str) -> list[Element]:
        return [one for one in self.walk() if name in one.classes]

    def within(self, *tags: str) -> bool:
        """Tell whether it stands in an element of one of ``tags``."""
        above = self.parent
        while above:
            if above.tag in tags:
                return True
            above = above.parent
        return False

    def walk(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def _words(self) -> Iterator[str]:
        if self.tag in {"style", "title"}:
            return
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag in _VOID:
                yield " "
            else:
                gap = " " if child.tag in _BLOCKS else ""
                yield from (gap, *child._words(), gap)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self._open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self._open)
        self._open.children.append(element)
        if tag not in _VOID:
            self._open = element

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        assert self._open.tag == tag, f"</{tag}> closes <{self._open.tag}>"
        assert self._open.parent
        self._open = self._open.parent

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)


def parse(html: str) -> Element:
    """Read ``html``; it fails on an element that is closed by another's end or not at all."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder._open is builder.root
    return builder.root
