"""The rules for the place of the appeal: as words, as gaps, and in what is read."""

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.errors import Invalid
from newsletter.manuscripts import APPEAL_SLOT, Article, Picture
from newsletter.rendering import Placement, article_html, mail, press_check
from newsletter.rendering.placement import END, SLOT, Spot, gap
from rendering.bodies import IMAGES, PICTURE, SENTENCE, Made, bodies, sentence
from rendering.editions import APPEAL, SECOND, edition
from rendering.markup import Element, parse

PLACEMENTS = st.one_of(
    st.sampled_from([SLOT, END]),
    st.integers(1, 12).map(lambda number: Placement("paragraph", number)),
    st.integers(1, 99).map(lambda percent: Placement("share", percent / 100)),
)


@given(PLACEMENTS)
def test_what_is_written_is_read_back(placement: Placement) -> None:
    assert Placement.parse(str(placement)) == placement


@pytest.mark.parametrize(
    ("text", "placement"),
    [
        ("paragraph 3", Placement("paragraph", 3)),
        ("  Paragraph   12 ", Placement("paragraph", 12)),
        ("share 0.5", Placement("share", 0.5)),
        ("share .25", Placement("share", 0.25)),
        ("slot", SLOT),
        ("END", END),
    ],
)
def test_how_a_place_is_written(text: str, placement: Placement) -> None:
    assert Placement.parse(text) == placement


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write paragraph 3, share 0.5, slot or end"),
        ("middle", "“middle” is no place for an appeal"),
        ("paragraph", "write paragraph 3"),
        ("paragraph three", "write paragraph 3"),
        ("paragraph -1", "write paragraph 3"),
        ("paragraph 0", "counted from 1"),
        ("paragraph 3.5", "write paragraph 3"),
        ("share 0.0", "between 0.01 and 0.99"),
        ("share 1.0", "after all of it is end"),
        ("share 50%", "share 0.5"),
        ("share 1e-3", "share 0.5"),
        ("slot 2", "slot or end"),
        ("paragraph ３", "write paragraph 3"),
    ],
)
def test_what_is_no_place_is_refused_with_a_way_to_say_it(text: str, says: str) -> None:
    with pytest.raises(Invalid, match=re.escape(says)):
        Placement.parse(text)


@pytest.mark.parametrize(
    ("place", "body", "before"),
    [
        ("paragraph 1", "One.\n\nTwo.\n\nSix.", "One."),
        ("paragraph 2", "One.\n\nTwo.\n\nSix.", "Two."),
        ("paragraph 9", "One.\n\nTwo.\n\nSix.", "Six."),
        ("paragraph 2", "One.\n\n- a\n- b\n\nTwo.\n\nSix.", "Two."),
        ("paragraph 1", "One.\n\n> Said.\n\nTwo.", "One."),
        ("paragraph 1", "One:\n\n> Said.\n\nTwo.", "Said."),
        ("paragraph 1", "One:[^1]\n\n> Said.\n\nTwo.\n\n[^1]: Note.", "Said."),
        ("paragraph 1", f"One.\n\n{PICTURE}\n\nTwo.\n\nSix.", "Two."),
        ("paragraph 1", "One.\n\n## Head\n\nTwo.", "One."),
        ("share 0.34", "One.\n\nTwo.\n\nSix.", "One."),
        ("share 0.99", "One.\n\nTwo.\n\nSix.", "Six."),
        ("share 0.01", "One.\n\nTwo.\n\nSix.", "One."),
        ("share 0.5", "> One.\n\n— Her\n\nTwo.", "— Her"),
        ("end", "One.\n\nTwo.", "Two."),
        ("end", f"One.\n\nTwo.\n\n{PICTURE}", "One."),
        ("end", "One.\n\nTwo.\n\n## Head", "Two."),
        ("slot", f"One.\n\n## Head\n\n{APPEAL_SLOT}\n\nTwo.\n\nSix.", "Two."),
        ("slot", f"One.\n\nTwo.\n\n1. a\n\n{APPEAL_SLOT}\n\n2. b\n\nSix.", "b"),
        ("slot", f"{APPEAL_SLOT}\n\nOne.\n\nTwo.", ""),
        ("paragraph 1", f"One.\n\nTwo.\n\n{APPEAL_SLOT}\n\nSix.", "One."),
    ],
)
def test_the_gap_that_a_rule_finds(place: str, body: str, before: str) -> None:
    assert before_the_appeal(body, place) == before


def test_under_the_picture_of_the_article_no_mark_puts_it() -> None:
    body = f"{APPEAL_SLOT}\n\nOne.\n\nTwo."
    picture = Picture("Credit", "a.jpg", "Alt")
    assert before_the_appeal(body, "slot", picture=picture) == "One."


@pytest.mark.parametrize("body", ["## Head", PICTURE, f"## Head\n\n{PICTURE}"])
def test_without_a_place_it_stays_out_and_the_press_check_says_so(body: str) -> None:
    article = Article("A headline", body, picture=Picture("Credit", "a.jpg", "Alt"))
    made = edition(article, images=IMAGES)
    words = mail(made)
    assert APPEAL.text not in words.text + words.html
    assert "no-place-for-appeal" in [remark.slug for remark in press_check(made, words)]
    with_place = edition(images=IMAGES)
    assert "no-place-for-appeal" not in [r.slug for r in press_check(with_place, mail(with_place))]


def test_an_article_without_a_place_leaves_it_to_the_next() -> None:
    only_a_picture = Article("A headline", PICTURE)
    tree = parse(mail(edition(only_a_picture, SECOND, images=IMAGES)).html)
    assert [len(one.classed("appeal")) for one in tree.classed("article")] == [0, 1]


def before_the_appeal(body: str, place: str, picture: Picture | None = None) -> str:
    article = Article("A headline", body, picture=picture)
    made = edition(article, images=IMAGES, placement=Placement.parse(place))
    blocks = blocks_of(parse(article_html(made)))
    at = [is_appeal(block) for block in blocks].index(True)
    return blocks[at - 1].text if at else ""


def blocks_of(page: Element) -> list[Element]:
    return [one for one in page.classed("body")[0].children if isinstance(one, Element)]


def is_appeal(block: Element) -> bool:
    return "appeal" in block.classes


ROLES = ("paragraph", "heading", "blockquote", "bullet_list", "table", "figure", "hr", "fence")
WORDS = ("Some words.", "It is:", "— Her", "x")


def test_the_gap_is_allowed_and_none_that_is_allowed_is_nearer() -> None:
    for seed in range(4000):
        chance = Random(seed)
        spots = [
            Spot(chance.choice(ROLES), chance.choice(WORDS)) for _ in range(chance.randint(0, 12))
        ]
        placement = chance.choice(
            [
                *(SLOT, END, Placement("paragraph", chance.randint(1, 12))),
                Placement("share", chance.randint(1, 99) / 100),
            ]
        )
        marked = chance.choice([None, chance.randint(0, len(spots))])
        gap_is_right(spots, placement, marked, under_picture=chance.random() < 0.5)


def gap_is_right(
    spots: list[Spot], placement: Placement, marked: int | None, *, under_picture: bool
) -> None:
    found = gap(spots, placement, marked, under_picture=under_picture)
    allowed = [at for at in range(len(spots) + 1) if not forbidden(spots, at, under_picture)]
    if found is None:
        assert allowed == []
        return
    assert found in allowed
    if placement.rule == "paragraph":
        paragraphs = [at for at, spot in enumerate(spots, 1) if spot.role == "paragraph"]
        wanted = ([*paragraphs, *[len(spots)] * 12])[int(placement.at) - 1]
    elif placement.rule == "end":
        wanted = len(spots)
    elif placement.rule == "slot" and marked is not None:
        wanted = marked
    else:
        return
    away = [words_between(spots, wanted, at) for at in allowed if at or wanted == 0]
    if away:
        assert words_between(spots, wanted, found) == min(away)


def words_between(spots: list[Spot], one: int, other: int) -> int:
    return sum(len(spot.text) for spot in spots[min(one, other) : max(one, other)])


def forbidden(spots: list[Spot], at: int, under_picture: bool) -> bool:
    before = spots[at - 1] if at else Spot("figure" if under_picture else "", "")
    after = spots[at] if at < len(spots) else Spot("", "")
    return (
        before.role in {"heading", "figure"}
        or after.role == "figure"
        or (before.role == after.role and before.role in {"blockquote", "bullet_list", "table"})
        or before.text.endswith(":")
        or (before.role == "blockquote" and after.text.startswith("— "))
    )


@given(bodies(), PLACEMENTS, st.booleans())
@settings(max_examples=800, deadline=None)
def test_one_appeal_stands_where_it_may_in_all_three_and_no_sentence_is_lost(
    made: Made, placement: Placement, has_picture: bool
) -> None:
    picture = Picture("Credit", "a.jpg", "Alt") if has_picture else None
    article = Article("A headline", made.markdown, picture=picture)
    shown = edition(article, images=IMAGES, related=(), placement=placement)
    words, on_page = mail(shown), parse(article_html(shown))
    in_mail = parse(words.html)
    text = " ".join(words.text.split())
    others = [block for block in blocks_of(on_page) if not is_appeal(block)]
    due = has_a_place(others, has_picture)
    for tree in (in_mail, on_page):
        assert len(tree.classed("appeal")) == due
        assert tree.text.count(APPEAL.text) == text.count(APPEAL.text) == due
        blocks = blocks_of(tree)
        assert sum(map(is_appeal, blocks)) == due  # among the blocks, within none of them
        for at, block in enumerate(blocks):
            if is_appeal(block):
                assert may_stand(blocks[:at], blocks[at + 1 :], has_picture)
    for said in (in_mail.text, on_page.text, text):
        assert sorted(SENTENCE.findall(said)) == sorted(map(sentence, range(made.sentences)))
        assert APPEAL_SLOT not in said


def has_a_place(blocks: list[Element], under_picture: bool) -> bool:
    return any(may_stand(blocks[:at], blocks[at:], under_picture) for at in range(len(blocks) + 1))


def may_stand(before: list[Element], after: list[Element], under_picture: bool) -> bool:
    """Tell from what is shown alone whether the appeal may stand between."""
    if not before and under_picture:
        return False
    last = before[-1] if before else None
    following = after[0] if after else None
    if any(near and "figure" in near.classes for near in (last, following)):
        return False
    if last and (re.fullmatch("h[1-6]", last.tag) or last.text.endswith(":")):
        return False
    if not last or not following:
        return True
    is_one = last.tag == following.tag and last.tag in {"ul", "ol", "table", "blockquote"}
    return not is_one and not (last.tag == "blockquote" and following.text.startswith("—"))
