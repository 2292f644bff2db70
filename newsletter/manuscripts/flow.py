"""The elements of a page or of a Word document -> the passages of a manuscript, in their order.

Paragraphs, headings, lists, tables, quotations, code, pictures with their captions and footnotes
come out as Markdown. Every word that is shown stands in exactly one passage. A table that only
arranges, and whatever else Markdown cannot say, comes out as the paragraphs in it.
"""

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from newsletter.manuscripts import characters, commonmark, dates, furniture, spans, tables
from newsletter.manuscripts.article import Part, Picture
from newsletter.manuscripts.hypertext import BLOCKS, Element
from newsletter.manuscripts.notes import Notes
from newsletter.manuscripts.recognition import Piece
from newsletter.manuscripts.spans import Span

ASIDE = "x-aside"
"""The tag of what somebody took out of the text; it is one passage, and furniture."""

_STRONG = frozenset({"b", "strong"})
_EMPHASIS = frozenset({"i", "em", "cite", "dfn", "var"})
_CODE = frozenset({"code", "kbd", "samp", "tt"})
_SILENT = frozenset({"title", "meta", "link", "base", "script", "head", "col", "wbr"})
_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BACK = re.compile(r"[\s↑↩︎⤴^\[\]]*(?:back|powrót|wróć)?[\s↑↩︎⤴^\[\]]*|[\[(]?[0-9*]{1,3}[\])]?\.?")
_SMALLEST_PICTURE = 3
_NAMED = frozenset({Part.DATE, Part.AUTHOR, Part.KICKER})
_LONGEST_LINE = 200
_LONGEST_REST = 25
_LONGEST_CELL = 600
_DEEPEST = 5
"""Lists, tables and quotations that stand in one another."""
_CALL = re.compile(r"\[\^[0-9]+\]")


def passages(
    root: Element,
    *,
    address: Callable[[str], str],
    picture: Callable[[Element], str | None],
    hint: Callable[[Element], Part | None],
) -> list[Piece]:
    """Return the passages below ``root``, in their order.

    ``address`` makes of what a link says where it leads, ``picture`` of an image the name of its
    file, or None if it shows nothing; ``hint`` says what a style or a role calls an element.
    """
    flow = _Flow(_Source(Notes.of(root), frozenset(_holding_blocks(root)), address, picture), hint)
    flow.all_of(root.children)
    return flow.pieces


@dataclass(frozen=True, slots=True)
class _Source:
    """What is known of a document as a whole; ``blocks`` are the elements that hold a block."""

    notes: Notes
    blocks: frozenset[int]
    address: Callable[[str], str]
    file: Callable[[Element], str | None]

    def holds_blocks(self, node: Element | str) -> bool:
        return id(node) in self.blocks


class _Flow:
    """Goes through elements and writes down the passages."""

    def __init__(
        self, source: _Source, hint: Callable[[Element], Part | None], depth: int = 0
    ) -> None:
        self.pieces: list[Piece] = []
        self._source, self._notes, self._called = source, source.notes, hint
        self._hint: Part | None = None
        self._marks = ""
        self._depth = depth

    def all_of(self, nodes: Sequence[Element | str]) -> None:
        """Write down what ``nodes`` show; what runs on between blocks is a paragraph."""
        running: list[Element | str] = []
        parts = self._parts(nodes)
        for node in nodes:
            if id(node) in parts or self._source.holds_blocks(node):
                self._paragraph(running, rest=bool(parts))
                running = []
                self._block(cast("Element", node))
            else:
                running.append(node)
        self._paragraph(running, rest=bool(parts))

    def _parts(self, nodes: Sequence[Element | str]) -> set[int]:
        """Find in a short line what has a name of its own: the date, an author, the kicker."""
        named = [n for n in nodes if isinstance(n, Element) and self._called(n) in _NAMED]
        if (
            not named
            or sum(len(n if isinstance(n, str) else n.text()) for n in nodes) > _LONGEST_LINE
        ):
            return set()
        return {id(node) for node in named if not self._source.holds_blocks(node)}

    def _block(self, element: Element) -> None:
        outer = self._hint
        self._hint = self._called(element) or outer
        if id(element) in self._notes.places:
            self._note(element)
        elif element.tag == ASIDE:
            self._add(_piece(element.text(), part=Part.FURNITURE))
        elif element.tag in _HEADINGS:
            self._heading(element)
        elif element.tag in _LISTS and self._depth < _DEEPEST:
            self._list(element)
        elif element.tag == "table" and self._depth < _DEEPEST:
            self._table(element)
        elif element.tag == "blockquote" and self._depth < _DEEPEST:
            self._quotation(element)
        elif element.tag == "pre":
            self._code(element)
        elif element.tag == "figcaption":
            self._caption(element)
        elif element.tag not in _SILENT:
            self.all_of(element.children)
        self._hint = outer

    def _add(self, piece: Piece) -> None:
        if piece.text or piece.picture:
            if self._hint and piece.part is None and not piece.solid:
                piece.hint = self._hint
            self.pieces.append(piece)
            self._marks = ""

    def _paragraph(self, nodes: Sequence[Element | str], *, rest: bool = False) -> None:
        """Write down a paragraph; the ``rest`` of a line is mostly "by", a sign or nothing."""
        if any(isinstance(node, Element) or not node.isspace() for node in nodes):
            found, pictures = self._running(nodes)
            for part in _parted(spans.tidied(found)):
                piece = _prose(part)
                if rest and len(piece.text) <= _LONGEST_REST:
                    piece.part = Part.FURNITURE
                self._add(piece)
            self._show(pictures)

    def _show(self, pictures: Sequence[Element]) -> None:
        for image in pictures:
            file = self._source.file(image)
            if file is not None:
                alt = characters.line(image.get("alt"))
                self._add(_piece("", part=Part.FIGURE, picture=Picture(file=file, alt=alt)))

    def _heading(self, element: Element) -> None:
        found, pictures = self._running(element.children)
        words = [Span(" ") if span.is_break else span for span in found]
        plain = [Span(span.text, address=span.address, note=span.note) for span in words]
        tidy = spans.tidied(plain)
        piece = _prose(tidy)
        piece.level = _HEADINGS[element.tag]
        piece.markdown = commonmark.as_heading(spans.write(tidy), piece.text)
        self._add(piece)
        self._show(pictures)

    def _caption(self, element: Element) -> None:
        outer, self._hint = self._hint, Part.FIGURE
        self.all_of(element.children)
        self._hint = outer

    def _quotation(self, element: Element) -> None:
        inner = self._inside(element.children)
        words = _words_of(inner)
        quoted = "\n".join(f"> {line}".rstrip() for line in _markdown_of(inner).split("\n"))
        self._solid(quoted, words)
        self._after(inner)

    def _code(self, element: Element) -> None:
        content = characters.legible("".join(_strings(element))).strip("\n")
        words = " ".join(content.split())
        self._solid(commonmark.fenced(content), (words,))

    def _list(self, element: Element) -> None:
        is_numbered = element.tag == "ol"
        items: list[list[Piece]] = []
        for child in element.children:
            if isinstance(child, Element) and child.tag == "li":
                if id(child) in self._notes.places:
                    self._note(child)
                else:
                    items.append(self._inside(child.children))
            elif isinstance(child, str) and not child.strip():
                continue
            elif items:
                items[-1].extend(self._inside([child]))
            else:
                items.append(self._inside([child]))
        filled = [item for item in items if _words_of(item)]
        if filled:
            texts = tuple(" ".join(_words_of(item)) for item in filled)
            mark = _other(self._marks, ".)" if is_numbered else "-*")
            start = element.get("start")
            first = int(start) if start.isdecimal() and len(start) < 9 else 1
            markdown = _list_markdown(filled, mark, first if is_numbered else None)
            self._solid(markdown, texts)
            self._marks = mark
        for item in items:
            self._after(item)

    def _table(self, element: Element) -> None:
        rows = [list(tables.cells(row)) for row in tables.rows(element)]
        grid = tables.grid(rows)
        if not grid or len(grid[0]) < 2 or any(map(_is_frame, _all(rows))):
            self.all_of(element.children)
            return
        for caption in (c for c in element.children if isinstance(c, Element)):
            if caption.tag == "caption":
                self.all_of(caption.children)
        said = [[self._cell(cell) for cell in line] for line in grid]
        texts = tuple(" ".join(filter(None, (text for text, _ in line))) for line in said)
        head, *rest = ([cell for _, cell in line] for line in said)
        rule = [tables.rule([line[at][0] for line in said[1:]]) for at in range(len(head))]
        lines = [f"| {' | '.join(line)} |" for line in (head, rule, *rest)]
        shown = tuple(filter(None, texts))
        self._solid("\n".join(lines), shown)
        for cell in _all(rows):
            self._show(self._running(cell.children)[1])

    def _cell(self, cell: Element | None) -> tuple[str, str]:
        found = self._running(cell.children)[0] if cell else []
        tidy = spans.tidied(Span(" ") if span.is_break else span for span in found)
        markdown = spans.write(tidy) if tidy else ""
        return spans.text(tidy), markdown.replace("|", "\\|")

    def _note(self, element: Element) -> None:
        number = self._notes.places[id(element)]
        inner = self._inside(element.children)
        text = " ".join(_words_of(inner))
        body = textwrap.indent(_markdown_of(inner), " " * 4)[4:]
        self._add(_piece(text, part=Part.NOTE, markdown=f"[^{number}]: {body}"))
        self._after(inner)

    def _solid(self, markdown: str, lines: tuple[str, ...]) -> None:
        """Write down a block that reads as ``lines``, or else its lines as paragraphs."""
        if not any(lines):
            return
        if _reads_as(markdown, lines):
            piece = _piece(" ".join(lines), markdown=markdown)
            piece.lines, piece.solid = lines, True
            self._add(piece)
        else:
            for line in lines:
                self._add(_piece(line))

    def _inside(self, nodes: Sequence[Element | str]) -> list[Piece]:
        """Return the passages of ``nodes``, which become part of another."""
        inner = _Flow(self._source, lambda _element: None, self._depth + 1)
        inner.all_of(nodes)
        return inner.pieces

    def _after(self, inner: Sequence[Piece]) -> None:
        """Write down what cannot stand in a block, behind it."""
        for piece in inner:
            if not _is_words(piece):
                self._add(piece)

    def _running(self, nodes: Sequence[Element | str]) -> tuple[list[Span], list[Element]]:
        """Return running text and the pictures in it."""
        found: list[Span] = []
        pictures: list[Element] = []
        self._run(nodes, Span(""), found, pictures)
        return found, pictures

    def _run(
        self,
        nodes: Sequence[Element | str],
        kind: Span,
        found: list[Span],
        pictures: list[Element],
    ) -> None:
        for node in nodes:
            if isinstance(node, str):
                found.append(_like(kind, node))
            elif node.tag == "br":
                found.append(Span("\n"))
            elif node.tag == "img":
                pictures.append(node)
            elif id(node) in self._notes.calls:
                found.append(Span("", note=self._notes.calls[id(node)]))
            elif id(node) in self._notes.backs and _BACK.fullmatch(node.text()):
                continue
            elif node.tag not in _SILENT:
                apart = node.tag in BLOCKS
                if apart:
                    found.append(Span(" "))
                self._run(node.children, self._kind(node, kind), found, pictures)
                if apart:
                    found.append(Span(" "))

    def _kind(self, element: Element, kind: Span) -> Span:
        address = kind.address
        if element.tag == "a" and element.get("href"):
            address = spans.harmless_address(self._source.address(element.get("href")))
        return Span(
            "",
            strong=kind.strong or element.tag in _STRONG,
            emphasis=kind.emphasis or element.tag in _EMPHASIS,
            code=kind.code or element.tag in _CODE,
            address=address,
        )


def _like(kind: Span, text: str) -> Span:
    clean = characters.legible(text).replace("\n", " ").replace("\f", " ")
    return Span(clean, kind.strong, kind.emphasis, kind.code, kind.address)


def _strings(element: Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif child.tag == "br":
            yield "\n"
        else:
            yield from _strings(child)


def _holding_blocks(root: Element) -> set[int]:
    """Return the identities of the elements that are a block, or hold one."""
    found: set[int] = set()
    for each in root.walk():
        place: Element | None = each if each.tag in BLOCKS or each.tag == ASIDE else None
        while place is not None and id(place) not in found:
            found.add(id(place))
            place = place.parent
    return found


def _piece(
    text: str, *, part: Part | None = None, markdown: str = "", picture: Picture | None = None
) -> Piece:
    return Piece(0, (text,), text, part, markdown, picture)


def _prose(found: Sequence[Span]) -> Piece:
    """Return a paragraph of tidied spans."""
    piece = _piece(spans.text(found), markdown=spans.write(found) if found else "")
    piece.lines = spans.lines(found) or ("",)
    piece.strong = spans.is_whole(found)
    return piece


def _parted(found: Sequence[Span]) -> Iterator[list[Span]]:
    """Part running text where someone left a line empty, and lines that are furniture or a day."""
    is_head = any(
        furniture.is_furniture(line) or dates.is_like_a_day(line) for line in spans.lines(found)
    )
    part: list[Span] = []
    for at, span in enumerate(found):
        after = found[at + 1] if at + 1 < len(found) else span
        if span.is_break and (is_head or after.is_break or not part):
            if part:
                yield part
            part = []
        else:
            part.append(span)
    if part:
        yield part


def _is_words(piece: Piece) -> bool:
    return piece.picture is None and piece.part is None


def _words_of(pieces: Sequence[Piece]) -> tuple[str, ...]:
    return tuple(piece.text for piece in pieces if _is_words(piece))


def _markdown_of(pieces: Sequence[Piece], gap: str = "\n\n") -> str:
    return gap.join(
        commonmark.as_prose(piece.markdown, piece.text) for piece in pieces if _is_words(piece)
    )


def _list_markdown(items: Sequence[Sequence[Piece]], mark: str, first: int | None) -> str:
    tight = all(
        len(words) == 1 or (len(words) == 2 and words[1].markdown.startswith(("- ", "* ")))
        for words in ([piece for piece in item if _is_words(piece)] for item in items)
    )
    gap = "\n" if tight else "\n\n"
    written = []
    for number, item in enumerate(items, first or 0):
        sign = f"{mark} " if first is None else f"{number}{mark} "
        written.append(
            sign + textwrap.indent(_markdown_of(item, gap), " " * len(sign))[len(sign) :]
        )
    return gap.join(written)


def _other(mark: str, marks: str) -> str:
    """Return the one of ``marks`` that keeps a list apart from the one before it."""
    return marks[1] if mark == marks[0] else marks[0]


def _reads_as(markdown: str, lines: Sequence[str]) -> bool:
    shown = _CALL.sub("", commonmark.shown(markdown))
    return "".join(shown.split()) == "".join("".join(lines).split())


def _all(rows: Sequence[Sequence[Element]]) -> Iterator[Element]:
    return (cell for row in rows for cell in row)


def _is_frame(cell: Element) -> bool:
    """Tell whether a cell holds more than a table of data does."""
    inner = {each.tag for each in cell.walk()}
    return bool(inner & {"table", "blockquote", "pre", ASIDE, *_HEADINGS}) or (
        len(cell.text()) > _LONGEST_CELL
    )
