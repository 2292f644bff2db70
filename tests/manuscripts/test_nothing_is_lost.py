"""Every sentence of a text comes out once and in order, whatever furniture stands around it."""

import re
import textwrap
from dataclasses import dataclass
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from newsletter.manuscripts import APPEAL_SLOT, read

OPENINGS = ["The", "Top", "Support", "Sources", "Related", "Date", "Tags", "A", "“See", "Images"]
HOSTILE = ["*", "_a_", "`b`", "#", "-", "1)", "<b>", "&amp;", "[x](y)", "Source:", "Top", "Support"]
HOSTILE += [
    "SOURCE",
    "\\",
    "~~c~~",
    "Support Us",
    "31 March 2020",
    "łódź",
    "|",
    ">",
    "Tags:",
    "ALT",
]


@dataclass(frozen=True)
class Manuscript:
    """A text and the sentences of its lead and body."""

    text: str
    sentences: list[str]


@st.composite
def manuscripts(draw: st.DrawFn) -> Manuscript:
    """Draw a head, paragraphs wrapped or not, and furniture between and after them."""
    count = draw(st.integers(2, 12))
    words = st.lists(st.sampled_from(HOSTILE), max_size=6)
    sentences = [
        " ".join([draw(st.sampled_from(OPENINGS)), "lock", *draw(words), f"opens at {number}."])
        for number in range(count)
    ]
    cuts = sorted(draw(st.sets(st.integers(1, count - 1), min_size=1)))
    paragraphs = [" ".join(sentences[a:b]) for a, b in zip([0, *cuts], [*cuts, count], strict=True)]
    if width := draw(st.sampled_from([0, 30, 72])):
        paragraphs = [textwrap.fill(paragraph, width) for paragraph in paragraphs]
    if draw(st.booleans()):
        paragraphs.insert(1, "SOURCE: A BOAT\nALT: A boat")
    for extra in ("Support Us\n\nWe live on gifts.\n\nSupport", "Fot. A. Boat"):
        if draw(st.booleans()):
            paragraphs.insert(draw(st.integers(2, len(paragraphs))), extra)
    head = draw(st.lists(st.sampled_from(["RIVER MONITOR", "Date: 31 March 2020"]), unique=True))
    foot = draw(
        st.lists(st.sampled_from(["Tags: a", "Related posts\nA Title", "Top"]), unique=True)
    )
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = "\n\n".join([*head, "The Headline of It", *paragraphs, *foot])
    return Manuscript(text.replace("\n", end), sentences)


def _shown(markdown: str) -> list[str]:
    """Return the words that a reader sees."""
    html = MarkdownIt("commonmark").render(markdown)
    return unescape(re.sub("<[^>]*>", "", html)).split()


@settings(deadline=None)
@given(manuscripts())
def test_every_sentence_comes_out_once_and_in_order(manuscript: Manuscript) -> None:
    article = read(manuscript.text.encode()).article
    blocks = [b for b in article.body.split("\n\n") if b != APPEAL_SLOT and not b.startswith("![")]
    words = article.lead.split() + [word for block in blocks for word in _shown(block)]
    assert words == " ".join(manuscript.sentences).split()
    assert article.headline == "The Headline of It"
