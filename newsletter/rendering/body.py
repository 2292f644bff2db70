"""The body of an article: Markdown -> blocks that are safe to show.

What an author wrote is data. HTML in it is shown as it was typed, links lead to the web or to a
mailbox or else are words, a picture alone in its paragraph is a figure and elsewhere its alt text.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from markupsafe import Markup
from mdit_py_plugins.footnote import footnote_plugin

from newsletter.manuscripts.article import APPEAL_SLOT, Picture
from newsletter.manuscripts.pictures import alt_of, pictures_of
from newsletter.rendering.edition import Shown
from newsletter.rendering.goals import Bar
from newsletter.rendering.letter import Letter
from newsletter.rendering.slots import CLOSE, OPEN

UNSEEN = dict.fromkeys(
    {ord(OPEN), ord(CLOSE), *range(0x20), 0x7F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
    - {ord("\t"), ord("\n")}
    | set(range(0xD800, 0xE000))
)
"""What no author needs: marks of slots, control characters, overrides of direction."""


@dataclass(frozen=True, slots=True)
class Prose:
    """One block of text, a paragraph or a list or another, in both forms.

    ``role`` is its Markdown name, such as paragraph or heading; ``node`` what was read.
    """

    kind: ClassVar[str] = "prose"
    role: str
    html: Markup
    text: str
    node: SyntaxTreeNode = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its ``credit``; not ``shown`` while its file has not come."""

    kind: ClassVar[str] = "figure"
    shown: Shown | None
    alt: str
    credit: str


@dataclass(frozen=True, slots=True)
class Call:
    """The appeal in its place; ``url`` is where its button leads, ``goal`` how far it is."""

    kind: ClassVar[str] = "appeal"
    title: str
    text: str
    button: str
    url: str
    language: str
    goal: Bar | None = None


Block = Prose | Figure | Call


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of a body without its appeal; ``slot`` is the gap that the author left for it."""

    blocks: tuple[Prose | Figure, ...]
    slot: int | None
    footnotes: Markup
    notes: tuple[SyntaxTreeNode, ...] = field(repr=False, compare=False)


def read(
    body: str,
    letter: Letter,
    frame: Callable[[Picture], Figure],
    *,
    level: int,
    name: str,
    rewrite: Callable[[str], str] = str,
) -> Body:
    """Read Markdown into blocks.

    Headings start at ``level``. ``letter`` sets the text, ``frame`` makes figures; ``name`` keeps
    the footnotes of several articles apart; ``rewrite`` changes addresses, in links and in words.
    """
    env = {"docId": name}
    tokens = _markdown().parse(body, env)
    _drop_unseen(tokens)
    _rewrite(tokens, rewrite)
    _shift_headings(tokens, level)
    nodes = SyntaxTreeNode(tokens).children
    footnotes = [_harmless(node) for node in nodes if node.type == "footnote_block"]
    letter.know(footnotes)
    blocks: list[Prose | Figure] = []
    slot = None
    for node in nodes:
        if _is_slot(node):
            slot = len(blocks) if slot is None else slot
        elif pictures := _pictures(node):
            blocks.extend(map(frame, pictures))
        elif node.type != "footnote_block" and (safe := _harmless(node)).children:
            only = safe.children[0]
            blocks.append(Prose(node.type, _html(safe, env), letter.set(only), only))
    notes = Markup("").join(_html(node, env) for node in footnotes)
    return Body(tuple(blocks), slot, notes, tuple(footnotes))


def unused_notes(body: str) -> tuple[str, ...]:
    """Return the names of the footnotes that nothing refers to; they are shown nowhere."""
    if "[^" not in body:
        return ()
    env: dict[str, Any] = {}
    _markdown().parse(body, env)
    refs = env.get("footnotes", {}).get("refs", {})
    return tuple(name.removeprefix(":") for name, number in refs.items() if number < 0)


def web_links(body: str) -> tuple[str, ...]:
    """Return the addresses on the web that a body leads to, each once, in their order."""
    found = (
        str(token.attrs["href"])
        for block in _markdown().parse(body)
        for token in block.children or ()
        if token.type == "link_open"
    )
    return tuple(dict.fromkeys(url for url in found if url.startswith(("http://", "https://"))))


class _Markdown(MarkdownIt):
    """CommonMark that lets every address through; ``_inline`` decides which may be links."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        return True


@cache
def _markdown() -> MarkdownIt:
    markdown = _Markdown("commonmark", {"html": False}).enable("table").use(footnote_plugin)
    markdown.add_render_rule("footnote_block_open", lambda *_: '<div class="footnotes">\n<ol>\n')
    markdown.add_render_rule("footnote_block_close", lambda *_: "</ol>\n</div>\n")
    return markdown


_CLEANER = nh3.Cleaner(
    tags={"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol"}
    | {"p", "pre", "div", "strong", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"},
    attributes={"a": {"href", "id"}, "li": {"id"}, "ol": {"start"}},
    allowed_classes={
        "table": {"data"},
        "div": {"footnotes"},
        "sup": {"footnote-ref"},
        "a": {"footnote-backref"},
        "td": {"center", "right"},
        "th": {"center", "right"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative=lambda url: url if url.startswith("#fn") else None,
    link_rel=None,
)


def _html(safe: SyntaxTreeNode, env: dict[str, str]) -> Markup:
    html = _markdown().renderer.render(safe.to_tokens(), _markdown().options, env)
    return Markup(_CLEANER.clean(html).strip())  # noqa: S704 - cleaned


def bare(html: Markup) -> Markup:
    """Return blocks without a class; tables are ruled and aligned by attributes instead."""
    ruled = str(html).replace('<table class="data">', _RULED)
    headed = _HEAD.sub('<th align="left">', ruled)
    aligned = _ALIGNED.sub(r'<\1 align="\2">', headed)
    return Markup(_CLASSED.sub(r"\1", aligned))  # noqa: S704 - was cleaned, and loses only


_RULED = '<table border="1" cellpadding="6" cellspacing="0">'
_HEAD = re.compile(r'<th(?: class="")?>')
_ALIGNED = re.compile(r'<(t[dh]) class="(right|center)">')
_CLASSED = re.compile(r'(<[a-z0-9]+(?: (?!class)[a-z]+="[^"]*")*) class="[^"]*"')


def _harmless(node: SyntaxTreeNode) -> SyntaxTreeNode:
    """Return a root that holds ``node`` with clean running text, without paragraphs left empty."""
    kept: list[Token] = []
    for token in node.to_tokens():
        if token.type == "inline":
            token.children = list(_inline(token.children or []))
        if style := token.attrs.pop("style", None):  # how the table rule says an alignment
            token.attrs["class"] = str(style).removeprefix("text-align:")
        if token.type == "table_open":
            token.attrs["class"] = "data"
        kept.append(token)
        if token.type == "paragraph_close" and kept[-2].type == "inline" and not kept[-2].children:
            del kept[-3:]
    return SyntaxTreeNode(kept)


def _inline(children: Iterable[Token]) -> Iterable[Token]:
    """Keep the words of running text, and of its links those that may lead somewhere."""
    linked = True
    for token in children:
        match token.type:
            case "image":
                if alt := alt_of(token):
                    yield Token("text", "", 0, content=alt)
            case "text" if token.content.strip() == APPEAL_SLOT:
                continue
            case "link_open":
                token.attrs.pop("title", None)
                linked = is_web_or_mail(str(token.attrs["href"]))
                if linked:
                    yield token
            case "link_close" if not linked:
                continue
            case _:
                yield token


def is_web_or_mail(url: str) -> bool:
    """Tell whether ``url`` may be a link: whole, and on the web or to a mailbox."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.netloc) if parts.scheme in {"http", "https"} else parts.scheme == "mailto"


def _drop_unseen(tokens: Iterable[Token]) -> None:
    """Drop what no author needs again, for Markdown lets it be written as ``&#xE000;``."""
    for token in tokens:
        token.content = token.content.translate(UNSEEN)
        token.attrs = {
            name: value.translate(UNSEEN) if isinstance(value, str) else value
            for name, value in token.attrs.items()
        }
        _drop_unseen(token.children or ())


def _rewrite(tokens: Iterable[Token], rewrite: Callable[[str], str]) -> None:
    for token in tokens:
        if token.type == "link_open":
            token.attrs["href"] = rewrite(str(token.attrs["href"]))
        if token.type != "inline":
            token.content = rewrite(token.content)
        _rewrite(token.children or (), rewrite)


def _shift_headings(tokens: list[Token], level: int) -> None:
    """Move all headings together so that the highest stands at ``level``."""
    headings = [token for token in tokens if token.type in {"heading_open", "heading_close"}]
    shift = level - min((int(token.tag[1]) for token in headings), default=level)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) + shift)}"


def _is_slot(node: SyntaxTreeNode) -> bool:
    return node.type == "paragraph" and node.children[0].content.strip() == APPEAL_SLOT


def _pictures(node: SyntaxTreeNode) -> tuple[Picture, ...]:
    return pictures_of(node.to_tokens()[1]) if node.type == "paragraph" else ()
