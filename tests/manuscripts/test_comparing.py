"""What changed: nothing is lost of either text, words are told apart, order and articles too."""

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.manuscripts import Article, changes, compare
from newsletter.manuscripts.comparing import Kind, Passage

ICE, GRAIN = Article("Ice", "The locks close."), Article("Grain", "Prices rise.")


def side(passages: tuple[Passage, ...], without: Kind) -> str:
    """Return one of the two texts, as the passages show it."""
    return "".join(
        stretch.words
        for passage in passages
        for stretch in passage.stretches
        if stretch.kind != without
    )


def marked(old: str, new: str) -> str:
    """Write a comparison in one line: [what is gone], {what is new}, (n) unchanged paragraphs."""
    signs = {Kind.SAME: "%s", Kind.GONE: "[%s]", Kind.NEW: "{%s}"}
    return "|".join(
        "".join(signs[each.kind] % each.words for each in passage.stretches)
        or f"({passage.skipped})"
        for passage in compare(old, new)
    )


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("", "New.", "{New.}"),
        ("Old.", "", "[Old.]"),
        ("The locks close today.", "The locks open today.", "The locks [close]{open} today."),
        (
            "The locks close.",
            "Nobody knows why at all.",
            "[The locks close.]{Nobody knows why at all.}",
        ),
        ("A.\n\nB.\n\nC.", "A.\n\nC.", "A.|[B.]|C."),
        ("A.\n\nC.", "A.\n\nB.\n\nC.", "A.|{B.}|C."),
        ("1\n\n2\n\n3\n\n4", "1\n\n2\n\n3\n\n4\n\n5", "(3)|4|{5}"),
        ("0\n\n1\n\n2\n\n3\n\n4", "x 0\n\n1\n\n2\n\n3\n\n4", "{x }0|1|(3)"),
    ],
)
def test_what_changed_is_shown_word_by_word(old: str, new: str, shown: str) -> None:
    assert marked(old, new) == shown


@given(
    st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=12).map("\n\n".join),
    st.data(),
)
def test_nothing_of_either_text_is_lost(old: str, data: st.DataObject) -> None:
    new = data.draw(
        st.lists(st.sampled_from(["a", "b", "c", "x"]), min_size=1, max_size=12).map("\n\n".join)
    )
    passages = compare(old, new)
    whole = sum(passage.skipped for passage in passages)
    for text, without in ((old, Kind.NEW), (new, Kind.GONE)):
        shown = side(passages, without)
        assert len(shown.replace("\n\n", "")) + whole == len(text.replace("\n\n", ""))


def test_the_same_text_did_not_change() -> None:
    assert changes([ICE, GRAIN], [ICE, GRAIN]) == ()


def test_articles_are_known_again_by_what_they_say() -> None:
    richer = replace(GRAIN, lead="Bread too.")
    (change,) = changes([ICE, GRAIN], [Article("First", "Words."), ICE, richer])[1:]
    assert (change.old, change.new, change.moved) == (GRAIN, richer, False)
    assert [field.name for field in change.fields] == ["lead"]
    (renamed,) = changes([ICE, GRAIN], [replace(ICE, headline="Thaw"), GRAIN])
    assert (renamed.old, renamed.headline) == (ICE, "Thaw")


def test_what_was_moved_added_and_removed_is_said() -> None:
    assert [each.moved for each in changes([ICE, GRAIN], [GRAIN, ICE])] == [True, True]
    (added,) = changes([ICE], [ICE, GRAIN])
    assert (added.old, added.new) == (None, GRAIN)
    (removed,) = changes([ICE, GRAIN], [GRAIN])
    assert (removed.old, removed.new, removed.headline) == (ICE, None, "Ice")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n\n" * 60_000, "a\n\n" * 59_000 + "b"),
        ("a " * 90_000, "b a " * 45_000),
        ("a " * 200, "b a " * 195),
        ("x" * 200_000, "y" * 200_000),
        ("\n".join(map(str, range(30_000))), "\n".join(map(str, range(30_000, 0, -1)))),
    ],
)
def test_no_text_keeps_one_waiting(old: str, new: str) -> None:
    began = time.process_time()
    compare(old, new)
    assert time.process_time() - began < 5, "a second where nothing else runs"
