"""Manuscripts in any form -> Article; this module is the door."""

from newsletter.manuscripts import characters, markdown, text
from newsletter.manuscripts.article import (
    APPEAL_SLOT,
    Appeal,
    Article,
    Finding,
    Licence,
    Part,
    Picture,
    Reading,
)
from newsletter.manuscripts.comparing import Change, changes, compare
from newsletter.manuscripts.decoding import MOST_OCTETS, decode
from newsletter.manuscripts.frontmatter import FENCE
from newsletter.manuscripts.markdown import read as read_markdown
from newsletter.manuscripts.markdown import write
from newsletter.manuscripts.pictures import (
    picture_files,
    picture_markdown,
    pictures_in,
    with_picture_files,
)
from newsletter.manuscripts.text import read as read_text

__all__ = [
    "APPEAL_SLOT",
    "MOST_OCTETS",
    "Appeal",
    "Article",
    "Change",
    "Finding",
    "Licence",
    "Part",
    "Picture",
    "Reading",
    "changes",
    "compare",
    "picture_files",
    "picture_markdown",
    "pictures_in",
    "read",
    "read_markdown",
    "read_text",
    "with_picture_files",
    "write",
]

_MARKDOWN_NAMES = (".md", ".markdown")


def read(content: bytes, name: str = "") -> Reading:
    """Read a manuscript file into an Article, and say line by line what was recognised.

    A ``name`` that ends in .md and a text that begins with --- are Markdown; all else is plain
    text. Raises InvalidManuscript, and nothing else, whatever ``content`` is.
    """
    written = decode(content)
    beginning = characters.legible(written).lstrip().split("\n", 1)[0]
    if name.lower().endswith(_MARKDOWN_NAMES) or beginning.rstrip() == FENCE:
        return markdown.read(written)
    return text.read(written)
