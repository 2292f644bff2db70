"""Slots: cutting a text at them and filling them."""

from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering import Slot, fill
from newsletter.rendering.slots import CLOSE, OPEN, split

WORDS = st.text(st.characters(exclude_characters=OPEN + CLOSE))
PIECES = st.lists(WORDS | st.sampled_from(Slot))


@given(PIECES)
def test_a_text_is_its_pieces(pieces: list[str | Slot]) -> None:
    text = "".join(pieces)
    cut = split(text)
    assert "".join(cut) == text
    assert [type(piece) for piece in cut[1::2]] == [Slot] * text.count(OPEN)
    assert all(OPEN not in piece for piece in cut[::2])
    assert len(cut) % 2 == 1


@given(PIECES, WORDS)
def test_filling_is_putting_the_value_in_every_slot(pieces: list[str | Slot], value: str) -> None:
    expected = "".join(value if isinstance(piece, Slot) else piece for piece in pieces)
    assert fill("".join(pieces), dict.fromkeys(Slot, value)) == expected


def test_a_value_that_looks_like_a_slot_is_not_filled_again() -> None:
    assert fill(Slot.UNSUBSCRIBE_URL, dict.fromkeys(Slot, Slot.UNSUBSCRIBE_URL.value)) == (
        Slot.UNSUBSCRIBE_URL
    )
