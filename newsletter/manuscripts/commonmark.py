"""Plain text -> CommonMark that shows exactly that text, and CommonMark -> the text it shows.

Only what Markdown would take for a mark is escaped, so that the stored form stays pleasant to read.
"""

import re
from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.token import Token

_ALWAYS = str.maketrans({mark: "\\" + mark for mark in "\\`*[]"})
_SOMETIMES = re.compile(
    r"(?<![^\W_])_+|_+(?![^\W_])"  # inside a word, _ is a letter
    r"|<(?=[\w/!?])"
    r"|&(?=#?\w{1,32};)"
    r"|~{2,}"
)
_START = re.compile(r"#{1,6}(?=\s|$)|[-+>=|:]|[0-9]{1,9}(?=[.)](?:\s|$))")
_END = re.compile(r"(?<!#)#+$")
_HEADING = re.compile(r"#{1,6} (?=[^\n]*\Z)")
_NOTE = re.compile(r"\[\^[^\]\s]+\]")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


def paragraph(text: str) -> str:
    """Return one line of plain text as a paragraph."""
    match = _START.match(text)
    if not match:
        return words(text)
    end = match.end() if match[0].isdecimal() else 0
    return f"{text[:end]}\\{words(text[end:])}"


def heading(text: str) -> str:
    """Return one line of plain text as a heading of the second level."""
    return "## " + _END.sub(lambda match: "\\" + match[0], words(text))


def words(text: str) -> str:
    """Return plain text that does not begin a line."""
    marks = text.translate(_ALWAYS)
    return _SOMETIMES.sub(lambda match: "".join("\\" + mark for mark in match[0]), marks)


def as_heading(markdown: str, text: str) -> str:
    """Return a passage as a heading; ``text`` is its words, for what cannot be one as it stands."""
    if _HEADING.match(markdown):
        return markdown
    if not markdown or "\n" in markdown or shown(markdown) != text:
        return heading(text)
    return "## " + _END.sub(lambda match: "\\" + match[0], markdown)


def as_prose(markdown: str, text: str) -> str:
    """Return a passage as it stands in prose; a heading or a footnote becomes its words."""
    if not markdown or _HEADING.match(markdown) or _NOTE.match(markdown):
        return paragraph(text)
    return markdown


def calls_note(markdown: str, note: str) -> bool:
    """Tell whether a footnote, written as it is defined, is called for."""
    sign = _NOTE.match(note)
    return sign is not None and bool(re.search(rf"(?<!\\){re.escape(sign[0])}", markdown))


def shown(markdown: str) -> str:
    """Return the words that a reader of ``markdown`` sees, with single spaces."""
    return words_in(_MARKDOWN.parse(markdown))


def words_in(tokens: Iterable[Token]) -> str:
    """Return the words that ``tokens`` show, with single spaces."""
    words: list[str] = []
    for token in tokens:
        if token.type in {"fence", "code_block"}:
            words.append(token.content)
        for child in token.children or ():
            if child.type in {"softbreak", "hardbreak"}:
                words.append(" ")
            elif child.type in {"text", "code_inline", "image"}:
                words.append(child.content)
        words.append(" ")
    return " ".join("".join(words).split())


def code(content: str) -> str:
    """Return ``content`` as a span of code."""
    fence = "`" * (1 + longest_run(content, "`"))
    ends = content[:1] + content[-1:]
    pad = " " if "`" in ends or (ends == "  " and content.strip()) else ""
    return f"{fence}{pad}{content}{pad}{fence}"


def fenced(content: str, info: str = "") -> str:
    """Return ``content`` as a block of code."""
    sign = "~" if "`" in info else "`"
    fence = sign * max(3, 1 + longest_run(content, sign))
    ending = "" if content.endswith("\n") or not content else "\n"
    return f"{fence}{info}\n{content}{ending}{fence}"


def longest_run(content: str, sign: str) -> int:
    """Return how often ``sign`` follows itself at most."""
    return max((len(run) for run in re.findall(f"{re.escape(sign)}+", content)), default=0)
