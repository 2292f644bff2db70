from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from documents import read_markdown
from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import (
    Appeal,
    Article,
    Licence,
    Picture,
    characters,
    read_text,
    write,
)

HOSTILE = st.one_of(
    st.text(),
    st.text(st.sampled_from("ab -#:'\"|>&*!%@`[]{},?\\\n\t~.=<0ż\u0301\u0338\u2028…😀")),
    st.sampled_from(
        [
            "---",
            "\n---\n",
            "null",
            "yes",
            "2020-02-31",
            "# x",
            "<<",
            "...",
            "{{ x }}",
            "%TAG",
            "\\n",
        ]
    ),
)
LINES = HOSTILE.map(characters.line)
PASSAGES = HOSTILE.map(characters.passage)
LISTS = st.lists(LINES.filter(bool), max_size=3).map(tuple)


def _articles(
    lines: st.SearchStrategy[str], many: st.SearchStrategy[str]
) -> st.SearchStrategy[Article]:
    return st.builds(
        Article,
        headline=lines.filter(lambda text: bool(characters.line(text))),
        body=many.filter(lambda text: bool(characters.passage(text))),
        kicker=lines,
        dated=st.none() | st.dates(),
        language=lines,
        lead=many,
        picture=st.none() | st.builds(Picture, lines, lines, lines),
        tags=LISTS,
        appeal=st.none() | st.builds(Appeal, lines, many, lines),
        licence=st.none() | st.builds(Licence, many, many, lines, lines),
        related=LISTS,
        authors=LISTS,
    )


@given(_articles(LINES, PASSAGES))
@example(Article("a", "---\n\n# b\n---", dated=date(1, 1, 1), lead="n\n\u0303x", picture=Picture()))
@example(Article(": #", "> \u0338", tags=("null", "- x", "[a]"), appeal=Appeal("", "", "")))
@settings(deadline=None)
def test_what_is_written_reads_back_as_the_same_article(article: Article) -> None:
    assert read_markdown(write(article)).article == article


@given(_articles(HOSTILE, HOSTILE))
@example(Article("0", "0", appeal=Appeal("", "", "-\ue000")))
@settings(deadline=None)
def test_whatever_was_written_has_settled_once_it_was_read(article: Article) -> None:
    once = read_markdown(write(article)).article
    assert read_markdown(write(once)).article == once


@given(st.lists(HOSTILE, min_size=2).map("\n\n".join))
@settings(deadline=None)
def test_what_a_text_was_read_as_is_kept_exactly(text: str) -> None:
    try:
        article = read_text(text).article
    except InvalidManuscript:
        return
    assert read_markdown(write(article)).article == article


@pytest.mark.parametrize(
    "letter", ["\ue000", "\uf8ff", "\x00", "\x1b", "\u00ad", "\ufeff", "\ud800"]
)
def test_characters_that_no_reader_should_meet_come_back_from_nowhere(letter: str) -> None:
    article = read_markdown(
        write(Article(f"a{letter}b", f"c{letter}d", lead=f"e{letter}f"))
    ).article
    assert (article.headline, article.body, article.lead) == ("ab", "cd", "ef")
