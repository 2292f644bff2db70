"""The place of the appeal, and that nothing around it is lost or doubled."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.manuscripts import APPEAL_SLOT, Article
from newsletter.rendering import Shown, article_html, mail
from rendering.editions import APPEAL, SECOND, edition
from rendering.markup import Element, parse

PICTURE = '![Alt](a.jpg "Credit")'
IMAGES = {"a.jpg": Shown("https://example.org/a.jpg", 400, 300)}


def rendered(body: str) -> tuple[list[Element], str]:
    """Render ``body``: what stands in the body of the page block by block, and the text part."""
    made = edition(Article("A headline", body), images=IMAGES, related=())
    in_mail = parse(mail(made).html).classed("body")[0]
    on_page = parse(article_html(made)).classed("body")[0]
    blocks = [[c for c in one.children if isinstance(c, Element)] for one in (in_mail, on_page)]
    names = [["appeal" in c.classes or c.tag for c in each] for each in blocks]
    assert [n is True for n in names[0]] == [n is True for n in names[1]]
    return blocks[1], mail(made).text


def before_and_after(body: str) -> tuple[str, str]:
    """Return the words on either side of the appeal."""
    blocks, _ = rendered(body)
    texts = ["" if "appeal" in block.classes else block.text for block in blocks]
    place = [number for number, block in enumerate(blocks) if "appeal" in block.classes]
    assert len(place) == 1
    around = ["", *texts, ""]
    return around[place[0]], around[place[0] + 2]


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        ("One.\n\nTwo.", "One.", "Two."),
        ("One.\n\nTwo.\n\nSix.\n\nTen.", "Two.", "Six."),
        ("One, and much more is said here.\n\nTwo.\n\nSix.\n\nTen.", "One, and", "Two."),
        ("One.\n\n## Head\n\nTwo.", "One.", "Head"),
        ("Alone.", "Alone.", ""),
        ("One.\n\n> Said.\n\n> Heard.\n\nTwo.", "Said.", "Heard."),
        ("One.\n\n- a\n- b\n\nTwo.\n\nSix.", "Two.", "Six."),
        (f"One.\n\n{PICTURE}\n\nTwo.", "Two.", ""),
        (f"One.\n\n{PICTURE}\n\nTwo.\n\nSix.", "Two.", "Six."),
        ("## Head\n\nOne.\n\n### Lower\n\nTwo.", "One.", "Lower"),
        ("## Head\n\nOne.", "One.", ""),
        ("| a |\n|---|\n| b |\n\nOne.", "a b", "One."),
    ],
)
def test_the_place_chosen_by_rule(body: str, before: str, after: str) -> None:
    left, right = before_and_after(body)
    assert left.startswith(before)
    assert right == after


@pytest.mark.parametrize(
    ("body", "before", "after"),
    [
        (f"One.\n\n{APPEAL_SLOT}\n\nTwo.\n\nSix.\n\nTen.", "One.", "Two."),
        (f"{APPEAL_SLOT}\n\nOne.\n\nTwo.", "", "One."),
        (f"One.\n\nTwo.\n\n{APPEAL_SLOT}", "Two.", ""),
        (f"## Head\n\n{APPEAL_SLOT}\n\nOne.", "Head", "One."),
        (f"One.\n\n{APPEAL_SLOT}\n\nTwo.\n\n{APPEAL_SLOT}\n\nSix.", "One.", "Two."),
        (f"One.\n\n> Said.\n>\n> {APPEAL_SLOT}\n\nTwo.\n\nSix.", "Two.", "Six."),
        (f"One.\n\n- a\n- {APPEAL_SLOT}\n\nTwo.\n\nSix.", "Two.", "Six."),
    ],
)
def test_the_place_chosen_by_the_author(body: str, before: str, after: str) -> None:
    assert before_and_after(body) == (before, after)


def test_the_mark_of_the_place_is_never_shown() -> None:
    body = f"One.\n\n> {APPEAL_SLOT}\n\n- {APPEAL_SLOT}\n\n{APPEAL_SLOT}\n\nTwo."
    words = mail(edition(Article("A headline", body), appeal=None))
    assert "appeal --" not in parse(words.html).text + words.text


@pytest.mark.parametrize("missing", [{"appeal": None}, {"donate_url": ""}])
def test_no_appeal_is_shown_when_none_is_due(missing: dict[str, str | None]) -> None:
    words = mail(edition(**missing))
    assert parse(words.html).classed("appeal") == []
    assert APPEAL.text not in words.text


def test_of_several_articles_only_one_holds_the_appeal() -> None:
    marked = Article("A headline", f"One.\n\n{APPEAL_SLOT}\n\nTwo.")
    tree = parse(mail(edition(SECOND, marked)).html)
    assert [len(one.classed("appeal")) for one in tree.classed("article")] == [0, 1]


def test_an_appeal_without_a_button_gets_one_in_the_language_of_the_publication() -> None:
    appeal = type(APPEAL)("Support us", "Help us.", "")
    button = parse(mail(edition(appeal=appeal)).html).classed("button")[0]
    assert button.text == "Support our work"


SENTENCE = re.compile(r"Sentence \d+ of it\.")


def sentence(number: int) -> str:
    return f"Sentence {number} of it."


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, int]:
    """Draw a body in Markdown, ending with a paragraph, and how many sentences it has."""
    kinds = ["paragraph", "heading", "quotation", "list", "table", "picture", "code", "rule"]
    written, number = [], 0
    for kind in [*draw(st.lists(st.sampled_from(kinds), max_size=9)), "paragraph"]:
        sentences = [sentence(number + n) for n in range(draw(st.integers(1, 3)))]
        match kind:
            case "heading":
                sentences = sentences[:1]
                written.append(f"## {sentences[0]}")
            case "quotation":
                written.append("\n>\n".join(f"> {each}" for each in sentences))
            case "list":
                written.append("\n".join(f"- {each}" for each in sentences))
            case "table":
                written.append("\n".join(["| a |", "|---|", *(f"| {s} |" for s in sentences)]))
            case "code":
                written.append("\n".join(["```", *sentences, "```"]))
            case "picture" | "rule":
                sentences = []
                written.append(PICTURE if kind == "picture" else "* * *")
            case _:
                written.append(" ".join(sentences))
        number += len(sentences)
    return "\n\n".join(written), number


@given(bodies())
@settings(max_examples=50, deadline=None)
def test_one_appeal_stands_in_a_good_place_and_no_sentence_is_lost(body: tuple[str, int]) -> None:
    markdown, sentences = body
    blocks, text = rendered(markdown)
    place = [number for number, block in enumerate(blocks) if "appeal" in block.classes]
    assert len(place) == 1
    appeal = blocks[place[0]]
    assert not appeal.within("blockquote", "ul", "ol", "table")
    assert place[0] > 0
    assert not re.fullmatch("h[1-6]", blocks[place[0] - 1].tag)
    for near in blocks[place[0] - 1 : place[0] + 2]:
        assert "figure" not in near.classes
    html = " ".join(block.text for block in blocks)
    assert html.count(APPEAL.text) == text.count(APPEAL.text) == 1
    flowing = " ".join(text.split())
    for number in range(sentences):
        assert html.count(sentence(number)) == 1
        assert flowing.count(sentence(number)) == 1


@given(bodies(), st.data())
@settings(max_examples=50, deadline=None)
def test_the_author_may_put_it_between_any_two_blocks(
    body: tuple[str, int], data: st.DataObject
) -> None:
    written = body[0].split("\n\n")
    gap = data.draw(st.integers(0, len(written)))
    blocks, _ = rendered("\n\n".join([*written[:gap], APPEAL_SLOT, *written[gap:]]))
    place = ["appeal" in block.classes for block in blocks].index(True)
    for parts, shown in ((written[:gap], blocks[:place]), (written[gap:], blocks[place + 1 :])):
        words = " ".join(block.text for block in shown)
        assert SENTENCE.findall("\n".join(parts)) == SENTENCE.findall(words)
