"""Notes after a text on paper, where nobody can follow a link: its footnotes and its addresses.

Both are numbered in one row, in the order in which the text comes to them, each once.
"""

import re
from collections.abc import Iterator

from markupsafe import Markup, escape

_FOOTNOTE = re.compile(r'<sup class="footnote-ref"><a href="#(fn[^"]*)"[^>]*>.*?</a></sup>')
_LINK = re.compile(r'<a href="((?!#)[^"]*)">(.*?)</a>', re.DOTALL)
_BACK = re.compile(r'\s*<a href="#fnref[^"]*" class="footnote-backref">.*?</a>')
_ITEM = re.compile(r'(?=<li id="fn)')
_ENDS = ("</div>", "</ol>", "</li>")
_EITHER = re.compile(f"{_FOOTNOTE.pattern}|{_LINK.pattern}", re.DOTALL)


class Endnotes:
    """The notes of one text; ``name`` keeps those of several texts apart.

    What it is given is HTML that ``body.read`` has cleaned.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._footnotes: dict[str, Markup] = {}
        self._order: list[str] = []

    def know(self, footnotes: Markup) -> None:
        """Take in the footnotes of the text as they would stand below it."""
        for item in _ITEM.split(str(footnotes))[1:]:
            head, _, words = item.partition(">")
            for end in _ENDS:
                words = words.rstrip().removesuffix(end)
            key = head.removeprefix('<li id="').removesuffix('"')
            self._footnotes[key] = Markup(_BACK.sub("", words.strip()))  # noqa: S704 - cleaned

    def number(self, html: Markup) -> Markup:
        """Return ``html`` with numbers for its footnotes, and beside its links."""
        return Markup(_EITHER.sub(self._numbered, str(html)))  # noqa: S704 - was cleaned

    def notes(self) -> Iterator[Markup]:
        """Yield the notes in their order; what they themselves point to is noted too."""
        for key in self._order:  # grows meanwhile
            if key in self._footnotes:
                yield self.number(self._footnotes[key])
            else:
                yield Markup('<p><a href="{0}">{0}</a></p>').format(Markup(key))  # noqa: S704

    def _numbered(self, found: re.Match[str]) -> str:
        footnote, url, words = found.groups()
        if footnote:
            return self._mark(footnote)
        said = Markup(words).striptags()  # noqa: S704 - compared, not shown
        if said in {Markup(url).unescape(), Markup(url).unescape().removeprefix("mailto:")}:  # noqa: S704
            return found[0]
        return f"{found[0]}{self._mark(url)}"

    def _mark(self, key: str) -> str:
        if key not in self._order:
            self._order.append(key)
        number = self._order.index(key) + 1
        return f'<sup class="note"><a href="#{escape(self._name)}-{number}">{number}</a></sup>'
