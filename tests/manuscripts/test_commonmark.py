import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from newsletter.manuscripts import characters, commonmark

SHOWN = (
    MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).use(footnote_plugin)
)
WORDS = st.text(st.sampled_from("ab1 *_`#<>[]()!&;:~|\\/-+=.^\"'{}ż"), min_size=1).map(
    lambda text: " ".join(text.split())
)


def _seen(markdown: str, tag: str) -> str | None:
    """Return what a reader sees of ``markdown``, which must be one plain ``tag``."""
    shown = re.fullmatch(rf"<{tag}>([^<]*)</{tag}>\n", SHOWN.render(markdown))
    return html.unescape(shown[1]) if shown else None


@pytest.mark.parametrize(
    ("plain", "written"),
    [
        ("Nothing to hide, here & there.", "Nothing to hide, here & there."),
        ("# 1 priority", "\\# 1 priority"),
        ("- said she", "\\- said she"),
        ("1. First of all", "1\\. First of all"),
        ("2020. That was the year.", "2020\\. That was the year."),
        ("snake_case and _marks_", "snake_case and \\_marks\\_"),
        ("5*3 [sic] `x`", "5\\*3 \\[sic\\] \\`x\\`"),
        ("<b>bold</b> but 3 < 4", "\\<b>bold\\</b> but 3 < 4"),
        ("&amp; &copy &c.", "\\&amp; &copy &c."),
        ("--- 8< ---", "\\--- 8< ---"),
        ("<!-- appeal -->", "\\<!-- appeal -->"),
    ],
)
def test_only_what_markdown_would_take_for_a_mark_is_escaped(plain: str, written: str) -> None:
    assert commonmark.paragraph(plain) == written
    assert _seen(written, "p") == plain


@given(WORDS.filter(bool))
@example("==")
@example("a  ~~b~~ \\")
@example("[^1]: note")
def test_a_paragraph_shows_exactly_its_text(text: str) -> None:
    assert _seen(commonmark.paragraph(text), "p") == text


@given(WORDS.filter(bool))
@example("C #")
@example("###")
def test_a_heading_shows_exactly_its_text(text: str) -> None:
    assert _seen(commonmark.heading(text), "h2") == text


@given(st.text().map(characters.line).filter(bool))
def test_any_text_survives(text: str) -> None:
    words = " ".join(text.split())
    assert _seen(commonmark.paragraph(words), "p") == words
