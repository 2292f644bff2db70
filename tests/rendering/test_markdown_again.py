"""What was read is written as Markdown again, and reads back as the same."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newsletter.manuscripts import Picture
from newsletter.rendering import body
from newsletter.rendering.body import Body, Figure, Prose
from newsletter.rendering.letter import Letter
from newsletter.rendering.markdown import Writer
from rendering.bodies import Made, bodies

# Marks of emphasis stand at words' ends; where they touch each other nobody knows what is meant.
MARKS = """
word a_b `code` ``a`b`` [link](https://example.org/a_(b)) <https://example.org/?a=b&c> \\* &amp; !
[^1] ^ 1. - + # > | \\ <b> ~~ = : https://example.org ż “ ` [ ] &lt; ( ) \\_ --- ``` 12) a|b
"""
SPACED = (" ", " *em* ", " **strong** ", " ***both*** ", " _em_ ", "\n", "  \n", "\u00a0")
INLINE = st.sampled_from([*MARKS.split(), *SPACED, " ![alt](x.png) ", " *`code`* "])
RUNNING = st.lists(INLINE, min_size=1, max_size=8).map("".join)
NO_NOTE = ("[^1]:", "^[]")
"""A second footnote of that name, and one without a word: nothing is read there."""


def read(markdown: str) -> Body:
    return body.read(markdown, Letter(), no_picture, level=2, name="x")


def no_picture(picture: Picture) -> Figure:
    return Figure(None, "", "")


def again(markdown: str) -> tuple[str, str]:
    """Return what ``markdown`` shows, and what it shows when it was written anew."""
    first = read(markdown)
    writer = Writer()
    written = writer.stack(block.node for block in first.blocks if isinstance(block, Prose))
    notes = writer.footnotes(first.notes)
    return shown(first), shown(read(f"{written}\n\n{notes}"))


def shown(one: Body) -> str:
    html = "\n".join(block.html for block in one.blocks if isinstance(block, Prose))
    at_ends = re.sub(r"\s+</code>", "</code>", html + str(one.footnotes))
    # A heading is written on one line.
    on_one = re.sub(r"(?s)<h[2-6]>.*?</h", lambda heading: heading[0].replace("<br>", ""), at_ends)
    return re.sub(r"\s+", " ", on_one)


@pytest.mark.parametrize(
    "markdown",
    [
        "One\\\ntwo  \nthree",
        "## A heading #\\#\n\nText",
        "Setext\nof two lines\n---\n\nText",
        "- a\n- b\n\n* c\n* d",
        "3. a\n4. b\n\n1) c",
        "- a\n\n  b\n\n      code\n\n- > c\n  >\n  > - d",
        "- - a\n  - b\n-\n- c",
        "> a\n\n> b",
        "````md\n```\ncode\n```\n````",
        "    indented\n\n    code",
        "| a | b | c |\n|:-:|--:|---|\n| `x\\|y` | p\\|q | \\\\ |\n| | 1 | *e* |",
        "A note.[^a] And more.[^b]\n\n[^a]: First.\n\n    Then `code`.\n[^b]: - a\n    - b",
        "Wow!\\[not a link\\](x) and !\\[x] then \\^[^1] and!<https://example.org>\n\n[^1]: Note.",
        "[^1]\\: not a footnote\n\n[^1]: A note.",
        "*a*b*c*, **a _b_ c**, `` ` ``, ` a `, `  `, *`code`*",
        "1\\. not a list\n\n\\- nor this\n\n\\+\n\n2020\\. Nor this.",
        "a | b\n\\--|--",
        '[a *b* \\] c](https://example.org/(x "title")',
        "<ann@example.org> <https://example.org/ą>",
        "An^[inline *note*](so), and^[another [link](x:y)].",
        "***",
    ],
)
def test_what_was_read_is_written_and_read_back(markdown: str) -> None:
    first, second = again(markdown)
    assert first == second


@given(bodies())
@settings(max_examples=150, deadline=None)
def test_a_body_of_any_blocks_reads_back_as_the_same(made: Made) -> None:
    first, second = again(made.markdown)
    assert first == second


@given(RUNNING)
@settings(max_examples=400, deadline=None)
def test_running_text_reads_back_as_the_same(text: str) -> None:
    assume(not any(each in text for each in NO_NOTE))
    first, second = again(f"{text}\n\n[^1]: A note.")
    assert first == second
