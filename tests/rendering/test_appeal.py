"""The place of the appeal, and that nothing around it is lost or doubled."""

import pytest

from newsletter.manuscripts import APPEAL_SLOT, Article
from newsletter.rendering import article_html, mail
from rendering.bodies import IMAGES, PICTURE
from rendering.editions import APPEAL, SECOND, edition
from rendering.markup import Element, parse


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
        ("One.\n\n> Said.\n\n> Heard.\n\nTwo.", "Heard.", "Two."),
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
        (f"## Head\n\n{APPEAL_SLOT}\n\nOne.", "One.", ""),
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
