"""The text part: a typeset letter of 72 columns.

Links and footnotes become numbers, and the numbers a list of notes at the foot, so that whoever
reads plain text reads the same words in the same order as everyone else.
"""

import re
import textwrap
from collections.abc import Iterable

from markdown_it.tree import SyntaxTreeNode

WIDTH = 72

_STEP = 4
_NO_BREAK = "\u00a0"
_EMPHASIS = {"em": "_", "strong": "*"}


def fold(text: str, indent: int = 0, mark: str = "") -> str:
    """Break ``text`` into lines of at most 72 columns, ``indent`` deep, with ``mark`` before it."""
    margin = " " * indent
    folded = "\n".join(
        textwrap.fill(
            line,
            WIDTH,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.splitlines()
    )
    return mark.ljust(indent) + folded[indent:]


def spread(left: str, right: str) -> str:
    """Put ``left`` and ``right`` at the two ends of a line, or on two lines if they are long."""
    room = WIDTH - len(left) - len(right)
    if not left or not right or room < 2:
        return "\n".join(map(fold, filter(None, (left, right))))
    return f"{left}{' ' * room}{right}"


def underline(text: str, stroke: str = "-") -> str:
    """Fold ``text`` and draw a line of ``stroke`` under it, as long as its longest line."""
    folded = fold(text)
    longest = max(map(len, folded.splitlines()), default=0)
    return f"{folded}\n{stroke * min(longest, WIDTH)}"


def tidy(text: str) -> str:
    """Leave no space at the end of a line, no blank lines in a row, one line end at the end."""
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


class Letter:
    """Sets blocks of Markdown as text and collects their notes, numbered through the letter."""

    def __init__(self) -> None:
        self._notes: dict[str | SyntaxTreeNode, str] = {}
        self._footnotes: dict[int, SyntaxTreeNode] = {}

    @property
    def notes(self) -> list[str]:
        """Return the notes in the order of their numbers, counted from 1."""
        return list(self._notes.values())

    def know(self, footnotes: Iterable[SyntaxTreeNode]) -> None:
        """Take in the ``footnotes`` of the article whose blocks come next."""
        self._footnotes = {
            node.meta["id"]: node
            for root in footnotes
            for node in root.walk()
            if node.type == "footnote"
        }

    def set(self, node: SyntaxTreeNode, indent: int = 0) -> str:
        """Set one block as text, ``indent`` deep."""
        match node.type:
            case "heading":
                words = self._words(node)
                return underline(words) if node.tag == "h2" and not indent else fold(words, indent)
            case "bullet_list" | "ordered_list":
                return self._list(node, indent)
            case "blockquote":
                return self._stack(node, indent + _STEP)
            case "fence" | "code_block":
                return textwrap.indent(node.content.rstrip("\n"), " " * (indent + _STEP))
            case "hr":
                return "* * *".center(WIDTH)
            case "table":
                return self._table(node, indent)
            case _:
                return fold(self._words(node), indent)

    def _stack(self, node: SyntaxTreeNode, indent: int) -> str:
        return "\n\n".join(self.set(child, indent) for child in node.children)

    def _list(self, node: SyntaxTreeNode, indent: int) -> str:
        depth = indent + _STEP
        first = int(node.attrs.get("start", 1))
        items = []
        for number, item in enumerate(node.children, first):
            mark = f"{number}. " if node.type == "ordered_list" else "- "
            items.append(mark.rjust(depth) + self._stack(item, depth)[depth:])
        loose = any(len(item.children) > 1 for item in node.children)
        return ("\n\n" if loose else "\n").join(items)

    def _table(self, node: SyntaxTreeNode, indent: int) -> str:
        """Set a table in columns, or row by row with the names of its columns if it is wide."""
        rows = [row.children for row in node.walk() if row.type == "tr"]
        words = [[self._words(cell) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*words, strict=True)]
        if indent + sum(widths) + 2 * (len(widths) - 1) > WIDTH:
            named = ([f"{n}: {w}" for n, w in zip(words[0], row, strict=True)] for row in words[1:])
            return "\n".join(
                fold("; ".join(row), indent + _STEP, " " * indent + "  -") for row in named
            )
        flush_right = [cell.attrs.get("class") == "right" for cell in rows[0]]
        lines = [
            "  ".join(
                word.rjust(width) if right else word.ljust(width)
                for word, width, right in zip(row, widths, flush_right, strict=True)
            )
            for row in [words[0], ["-" * width for width in widths], *words[1:]]
        ]
        return textwrap.indent("\n".join(lines), " " * indent)

    def _words(self, node: SyntaxTreeNode) -> str:
        """Return the running text below ``node``, with numbers for its links and footnotes."""
        match node.type:
            case "text" | "code_inline":
                return node.content
            case "softbreak":
                return " "
            case "hardbreak":
                return "\n"
            case "footnote_ref":
                return f"{_NO_BREAK}[{self._number(self._footnotes[node.meta['id']])}]"
        words = "".join(map(self._words, node.children))
        if (
            node.type == "link"
            and (url := str(node.attrs["href"])).removeprefix("mailto:") != words
        ):
            return f"{words}{_NO_BREAK}[{self._number(url)}]"
        mark = _EMPHASIS.get(node.type, "")
        return f"{mark}{words}{mark}"

    def _number(self, noted: str | SyntaxTreeNode) -> int:
        """Return the number of an address or a footnote, the one it has if noted before."""
        if noted not in self._notes:
            self._notes[noted] = ""  # takes its number before what it mentions itself
            self._notes[noted] = (
                noted
                if isinstance(noted, str)
                else " ".join(self._words(node) for node in noted.walk() if node.type == "inline")
            )
        return list(self._notes).index(noted) + 1
