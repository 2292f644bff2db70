"""The place of the appeal, and that nothing around it is lost or doubled."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from newsletter.manuscripts import APPEAL_SLOT, Article
from newsletter.rendering import Goal, article_html, mail, press_check
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


GOAL = Goal(
    Decimal(5_000), "EUR", Decimal(1_200), 7, until=date(2026, 12, 31), told_on=date(2026, 11, 28)
)


@pytest.mark.parametrize(
    ("goal", "language", "says", "percent"),
    [
        (
            GOAL,
            "en",
            "€1,200 of €5,000 given by 28 November 2026. We hope to reach it by 31 December 2026.",
            24,
        ),
        (GOAL, "pl", "Do 28 listopada 2026 zebrano 1 200 € z 5 000 €. Mamy", 24),
        (replace(GOAL, given=Decimal(0), gifts=0), "en", "No gift has been recorded yet.", 0),
        (replace(GOAL, given=Decimal(1)), "en", "€1 of €5,000", 1),
        (replace(GOAL, given=Decimal("4999.99")), "en", "€4,999.99 of €5,000", 99),
        (
            replace(GOAL, given=Decimal(5_000)),
            "en",
            "€5,000 given: the goal of €5,000 is reached. Thank you.",
            100,
        ),
        (replace(GOAL, given=Decimal(6_000)), "en", "€6,000 given: the goal", 100),
    ],
)
def test_a_goal_is_a_bar_without_pictures_and_words(
    goal: Goal, language: str, says: str, percent: int
) -> None:
    made = edition(goal=goal, appeal_language=language)
    words, page = mail(made), parse(article_html(made))
    tree = parse(words.html)
    assert tree.classed("panel")[0].attributes["lang"] == language
    flowing = " ".join(words.text.split()).replace("\xa0", " ")
    for said in (flowing, *(t.classed("goal-words")[0].text for t in (tree, page))):
        assert says in said.replace("\xa0", " ")
    widths = {
        name: int(cell.attributes["width"].removesuffix("%"))
        for name in ("goal-given", "goal-left")
        for cell in tree.classed(name)
    }
    assert widths.get("goal-given", 0) == percent
    assert sum(widths.values()) == 100
    assert page.classed("goal")[0].attributes["value"] == str(percent)
    assert "<img" not in str(tree.classed("appeal")[0])


def test_an_appeal_in_another_language_is_told_of() -> None:
    for language, slugs in (("pl", ["appeal-language"]), ("en-GB", []), ("", [])):
        made = edition(appeal_language=language)
        found = [each for each in press_check(made, mail(made)) if "appeal" in each.slug]
        assert [each.slug for each in found] == slugs
        assert [each.message for each in found] == [
            "The appeal has no words in English; it is shown in Polish" for _ in slugs
        ]
