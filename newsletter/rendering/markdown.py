"""Blocks -> Markdown again: what was read and cleaned, in a form that reads back as the same.

It is written from what the parser saw, not cut from the manuscript, so that nothing can be in it
that the page does not show.
"""

import re
import textwrap
from collections.abc import Iterable, Sequence

from markdown_it.tree import SyntaxTreeNode

from newsletter.manuscripts import commonmark

_LISTS = {"bullet_list": "-*", "ordered_list": ".)"}
_LAST_MARKS = re.compile(r"(?<!\\)#+\Z")
_OPENS_WITH_BRACKET = {"link", "footnote_ref"}


class Writer:
    """Writes blocks as Markdown; ``prefix`` keeps the footnotes of several articles apart."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix

    def stack(self, nodes: Iterable[SyntaxTreeNode]) -> str:
        """Write blocks one below the other."""
        return "\n\n".join(self._blocks(nodes))

    def footnotes(self, roots: Iterable[SyntaxTreeNode]) -> str:
        """Write the footnotes below ``roots``, each with its number."""
        notes = (node for root in roots for node in root.walk() if node.type == "footnote")
        return "\n\n".join(
            f"[^{self._number(note)}]: {textwrap.indent(self.stack(note.children), ' ' * 4)[4:]}"
            for note in notes
        )

    def _blocks(
        self, nodes: Iterable[SyntaxTreeNode], before: str = "", mark: str = ""
    ) -> list[str]:
        """Write blocks that follow a list of the type ``before`` with the sign ``mark``."""
        written = []
        for node in nodes:
            marks = _LISTS.get(node.type, "")
            # Two lists side by side stay two, and - - - no rule, only if their marks differ.
            mark = marks.replace(mark, "")[:1] if before == node.type and mark else marks[:1]
            before = node.type
            written.append(self._block(node, mark))
        return written

    def _block(self, node: SyntaxTreeNode, mark: str) -> str:
        match node.type:
            case "heading":
                words = " ".join(self._lines(node).replace("\\\n", "\n").split("\n"))
                return f"{'#' * int(node.tag[1])} {_LAST_MARKS.sub(_escaped, words)}"
            case "bullet_list" | "ordered_list":
                return self._list(node, mark)
            case "blockquote":
                return _prefixed(self.stack(node.children), "> ")
            case "fence" | "code_block":
                return commonmark.fenced(node.content, node.info.strip())
            case "hr":
                return "* * *"
            case "table":
                return self._table(node)
            case _:
                return self._lines(node)

    def _list(self, node: SyntaxTreeNode, mark: str) -> str:
        is_loose = any(
            child.type == "paragraph" and not child.hidden
            for item in node.children
            for child in item.children
        )
        gap = "\n\n" if is_loose else "\n"
        items = []
        for number, item in enumerate(node.children, int(node.attrs.get("start", 1))):
            sign = f"{number}{mark} " if node.type == "ordered_list" else f"{mark} "
            blocks = gap.join(self._blocks(item.children, node.type, mark))
            items.append(sign + textwrap.indent(blocks, " " * len(sign))[len(sign) :])
        return gap.join(items)

    def _table(self, node: SyntaxTreeNode) -> str:
        rows = [row.children for row in node.walk() if row.type == "tr"]
        lines = [[self._cell(cell) for cell in row] for row in rows]
        rules = {"right": "--:", "center": ":-:"}
        rule = [rules.get(str(cell.attrs.get("class")), "---") for cell in rows[0]]
        return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])

    def _cell(self, node: SyntaxTreeNode) -> str:
        words = "".join(self._inline(each.children, begins=False) for each in node.children)
        return words.replace("|", "\\|")

    def _lines(self, node: SyntaxTreeNode) -> str:
        inline = (each for each in node.children if each.type == "inline")
        return "".join(self._inline(each.children) for each in inline)

    def _inline(self, nodes: Sequence[SyntaxTreeNode], *, begins: bool = True) -> str:
        """Write running text; ``begins`` says that it stands at the beginning of a line."""
        written = []
        for at, node in enumerate(nodes):
            said = self._span(node, begins)
            following = nodes[at + 1].type if at + 1 < len(nodes) else ""
            if following in _OPENS_WITH_BRACKET and said.endswith(("!", "^")):
                said = f"{said[:-1]}\\{said[-1]}"  # else they would be a picture or a footnote
            if at and nodes[at - 1].type == "footnote_ref" and said.startswith((":", "(")):
                said = f"\\{said}"  # else a footnote would begin here, or it would be a link
            written.append(said)
            begins = node.type in {"softbreak", "hardbreak"} or (begins and not said)
        return "".join(written)

    def _span(self, node: SyntaxTreeNode, begins: bool) -> str:
        match node.type:
            case "text":
                return (commonmark.paragraph if begins else commonmark.words)(node.content)
            case "code_inline":
                return commonmark.code(node.content)
            case "softbreak":
                return "\n"
            case "hardbreak":
                return "\\\n"
            case "footnote_ref":
                return f"[^{self._number(node)}]"
            case "link":
                return self._link(node)
        mark = node.markup
        return f"{mark}{self._inline(node.children, begins=False)}{mark}"

    def _link(self, node: SyntaxTreeNode) -> str:
        url = str(node.attrs["href"])
        if [(each.type, each.content) for each in node.children] == [("text", url)]:
            return f"<{url}>"
        destination = f"<{url}>" if set("() ") & set(url) else url
        return f"[{self._inline(node.children, begins=False)}]({destination})"

    def _number(self, node: SyntaxTreeNode) -> str:
        return f"{self._prefix}{node.meta['id'] + 1}"


def _prefixed(text: str, prefix: str) -> str:
    return "\n".join(f"{prefix}{line}".rstrip() for line in text.split("\n"))


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"
