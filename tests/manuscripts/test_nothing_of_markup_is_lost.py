"""Every sentence of a Word document, a page or Markdown comes out once and in order."""

import re
from html import escape, unescape

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from documents import LINK, small
from newsletter.manuscripts import APPEAL_SLOT, Article, assemble, commonmark, read, recognise

HOSTILE = ["*", "**", "_a_", "`b`", "#", "-", "1.", "+", ">", "|", "<b>", "&amp;", "[x](y)", "\\"]
HOSTILE += ["Source:", "Top", "Support", "!", "[^1]", "~~c~~", "łódź", "---", "***", "==="]
Blocks = list[tuple[str, list[list[tuple[str, str]]]]]
MARKS = ["", "b", "i", "a", "code", "b i", "i a", "b a"]


@st.composite
def sentences(draw: st.DrawFn, number: int) -> list[tuple[str, str]]:
    """Draw a sentence as runs of words, each with its marks; it says its number."""
    count = draw(st.integers(1, 4))
    runs = []
    for at in range(count):
        words = draw(st.lists(st.sampled_from(HOSTILE), max_size=3))
        tail = draw(st.sampled_from(["", " ", ", ", "“", "."])) if at + 1 < count else "."
        runs.append(
            (" ".join(["lock", *words, f"n{number}x{at}"]) + tail, draw(st.sampled_from(MARKS)))
        )
    return runs


@st.composite
def documents(draw: st.DrawFn) -> Blocks:
    """Draw the blocks of a document: a kind and its paragraphs, items or cells."""
    blocks = []
    number = 0
    kinds = draw(st.lists(st.sampled_from(["p", "p", "h", "ul", "ol", "q", "t"]), max_size=6))
    for kind in [*kinds, "p"]:
        count = {"ul": 3, "ol": 2, "t": 4, "q": 1}.get(kind, 1)
        parts = []
        for _ in range(count):
            parts.append(draw(sentences(number)))
            number += 1
        blocks.append((kind, parts))
    return blocks


def _run(text: str, marks: str) -> str:
    html = escape(text)
    for mark in marks.split():
        html = f'<a href="{LINK}">{html}</a>' if mark == "a" else f"<{mark}>{html}</{mark}>"
    return html


def _html(blocks: Blocks) -> str:
    written = ["<h1>The Headline of It</h1>"]
    for kind, parts in blocks:
        said = ["".join(_run(*run) for run in part) for part in parts]
        match kind:
            case "h":
                written.append(f"<h2>{said[0]}</h2>")
            case "q":
                written.append(f"<blockquote><p>{said[0]}</p></blockquote>")
            case "ul" | "ol":
                written.append(f"<{kind}>{''.join(f'<li>{one}</li>' for one in said)}</{kind}>")
            case "t":
                one, two, three, four = (f"<td>{cell}</td>" for cell in said)
                written.append(f"<table><tr>{one}{two}</tr><tr>{three}{four}</tr></table>")
            case _:
                written.append(f"<p>{said[0]}</p>")
    return "<html>" + "\n".join(written)


def _word(blocks: Blocks) -> bytes:
    written = [_paragraph("Title", "<w:r><w:t>The Headline of It</w:t></w:r>")]
    for kind, parts in blocks:
        said = ["".join(_word_run(*run) for run in part) for part in parts]
        if kind == "t":
            cells = [f"<w:tc>{_paragraph('', one)}</w:tc>" for one in said]
            rows = ("".join(cells[:2]), "".join(cells[2:]))
            written.append(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>")
        else:
            style = {"q": "Quote", "h": "Heading1"}.get(kind, "")
            number = {"ul": 1, "ol": 2}.get(kind, 0)
            written += [_paragraph(style, one, number) for one in said]
    return small("".join(written))


def _markdown(blocks: Blocks) -> str:
    written = ["# The Headline of It"]
    for kind, parts in blocks:
        plain = [" ".join("".join(text for text, _ in part).split()) for part in parts]
        said = [commonmark.words(each) for each in plain]
        match kind:
            case "h":
                written.append(commonmark.heading(plain[0]))
            case "q":
                written.append(f"> {said[0]}")
            case "ul" | "ol":
                sign = "- " if kind == "ul" else "1. "
                written.append("\n".join(sign + one for one in said))
            case "t":
                one, two, three, four = (each.replace("|", "\\|") for each in said)
                written.append(f"| {one} | {two} |\n| --- | --- |\n| {three} | {four} |")
            case _:
                written.append(commonmark.paragraph(plain[0]))
    return "\n\n".join(written)


def _paragraph(style: str, runs: str, number: int = 0) -> str:
    called = f'<w:pStyle w:val="{style}"/>' if style else ""
    listed = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>' if number else ""
    return f"<w:p><w:pPr>{called}{listed}</w:pPr>{runs}</w:p>"


def _word_run(text: str, marks: str) -> str:
    looks = "".join(f"<w:{mark}/>" for mark in marks.split() if mark in {"b", "i"})
    run = f'<w:r><w:rPr>{looks}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return f'<w:hyperlink r:id="rIdL">{run}</w:hyperlink>' if "a" in marks.split() else run


def shown(article: Article) -> str:
    """Return the words that a reader of ``article`` sees, without the spaces."""
    body = article.body.replace(APPEAL_SLOT, "")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").use(footnote_plugin)
    html = unescape(re.sub("<[^>]*>", "", markdown.render(body)))
    return "".join(f"{article.lead}{html}".split())


def written(blocks: Blocks) -> str:
    return "".join("".join(t for _, parts in blocks for part in parts for t, _ in part).split())


@settings(deadline=None)
@given(documents())
def test_every_sentence_of_a_page_comes_out_once_and_in_order(
    blocks: Blocks,
) -> None:
    recognised = recognise(_html(blocks).encode(), "a.html", url="https://x.example/")
    article = assemble(recognised.findings, recognised.given)
    assert shown(article) == written(blocks)
    assert article.headline == "The Headline of It"


@settings(max_examples=50, deadline=None)
@given(documents())
def test_every_sentence_of_markdown_comes_out_once_and_in_order(blocks: Blocks) -> None:
    recognised = recognise(_markdown(blocks).encode())
    article = assemble(recognised.findings, recognised.given)
    assert shown(article) == written(blocks)
    assert article.headline == "The Headline of It"


@settings(max_examples=50, deadline=None)
@given(documents())
def test_every_sentence_of_a_word_document_comes_out_once_and_in_order(
    blocks: Blocks,
) -> None:
    article = read(_word(blocks), "a.docx").article
    assert shown(article) == written(blocks)
    assert article.headline == "The Headline of It"
