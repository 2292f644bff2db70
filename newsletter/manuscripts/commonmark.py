"""Plain text -> CommonMark that shows exactly that text.

Only what Markdown would take for a mark is escaped, so that the stored form stays pleasant to read.
"""

import re

_ALWAYS = str.maketrans({mark: "\\" + mark for mark in "\\`*[]"})
_SOMETIMES = re.compile(
    r"(?<![^\W_])_+|_+(?![^\W_])"  # inside a word, _ is a letter
    r"|<(?=[\w/!?])"
    r"|&(?=#?\w{1,32};)"
    r"|~{2,}"
)
_START = re.compile(r"#{1,6}(?=\s|$)|[-+>=|:]|[0-9]{1,9}(?=[.)](?:\s|$))")
_END = re.compile(r"(?<!#)#+$")


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
