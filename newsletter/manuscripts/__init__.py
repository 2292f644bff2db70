"""Manuscripts in any form -> Article; this module is the door."""

from newsletter.manuscripts import (
    assembly,
    blocks,
    bounds,
    characters,
    feed,
    markdown,
    text,
    webpage,
    word,
)
from newsletter.manuscripts.article import (
    APPEAL_SLOT,
    Appeal,
    Article,
    Finding,
    Licence,
    Part,
    Picture,
    Reading,
    Recognised,
)
from newsletter.manuscripts.assembly import assemble
from newsletter.manuscripts.comparing import Change, changes, compare
from newsletter.manuscripts.decoding import MOST_OCTETS, decode, decode_page, is_page
from newsletter.manuscripts.frontmatter import has_front_matter
from newsletter.manuscripts.markdown import read_article, write
from newsletter.manuscripts.pictures import (
    picture_files,
    picture_markdown,
    pictures_in,
    with_picture_files,
)
from newsletter.manuscripts.text import read as read_text

__all__ = [
    "APPEAL_SLOT",
    "LARGEST_FILE",
    "MOST_OCTETS",
    "Appeal",
    "Article",
    "Change",
    "Finding",
    "Licence",
    "Part",
    "Picture",
    "Reading",
    "Recognised",
    "assemble",
    "changes",
    "compare",
    "feed",
    "picture_files",
    "picture_markdown",
    "pictures_in",
    "read",
    "read_article",
    "read_text",
    "recognise",
    "with_picture_files",
    "write",
]

LARGEST_FILE = word.MOST_OCTETS
"""Octets of the largest file that is read at all: a Word document with its pictures."""

_MARKDOWN_NAMES = (".md", ".markdown")


def read(content: bytes, name: str = "") -> Reading:
    """Read a manuscript file into an Article, and say line by line what was recognised.

    Word documents and web pages are known by how they begin or by ``name``. A ``name`` that ends in
    .md and a text that begins with --- are Markdown; all else is plain text. What front matter does
    not name is recognised. Raises InvalidManuscript, and nothing else, whatever ``content`` is.
    """
    if not (word.is_word(content, name) or is_page(content, name)):
        written, is_markdown = _written(content, name)
        if not is_markdown:
            return text.read(written)
        if has_front_matter(written):
            return markdown.read(written)
        return assembly.whole(markdown.recognise(written))
    return assembly.whole(recognise(content, name))


def recognise(content: bytes, name: str = "", *, url: str = "", charset: str = "") -> Recognised:
    """Say what the passages of a manuscript are, in any form, for an editor to correct.

    A web page came from ``url``, encoded as ``charset``. Raises InvalidManuscript for what cannot
    be read; that there is no headline or no text yet shows when it is put together.
    """
    if word.is_word(content, name):
        return word.recognise(content)
    if is_page(content, name):
        return webpage.recognise(decode_page(content, charset), url)
    written, is_markdown = _written(content, name)
    if not is_markdown and not name and blocks.is_markdown(written):
        bounds.check_markdown(written)  # was pasted, and has its marks
        is_markdown = True
    return markdown.recognise(written) if is_markdown else text.recognise(written)


def _written(content: bytes, name: str) -> tuple[str, bool]:
    """Return the text of a manuscript, and whether it is Markdown."""
    written = characters.legible(decode(content))
    is_markdown = name.lower().endswith(_MARKDOWN_NAMES) or has_front_matter(written)
    if is_markdown:
        bounds.check_markdown(written)
    else:
        bounds.check_text(written)
    return written, is_markdown
