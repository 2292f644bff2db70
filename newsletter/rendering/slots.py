"""The places in a rendered mail where a reader's own value goes.

A slot is a name between two private-use characters, which no author text can hold (every reader of
manuscripts drops them), so that a slot can neither be written by hand nor mistaken.
"""

import enum
import re
from collections.abc import Mapping

OPEN, CLOSE = "\ue000", "\ue001"


class Slot(enum.StrEnum):
    """The values that differ from reader to reader; as text, each is its own mark."""

    UNSUBSCRIBE_URL = f"{OPEN}unsubscribe{CLOSE}"
    PREFERENCES_URL = f"{OPEN}preferences{CLOSE}"


_MARK = re.compile(f"({OPEN}[a-z]+{CLOSE})")


def split(text: str) -> list[str | Slot]:
    """Cut ``text`` at its slots: words and slots by turns, beginning and ending with words."""
    pieces: list[str | Slot] = list(_MARK.split(text))
    pieces[1::2] = [Slot(mark) for mark in pieces[1::2]]
    return pieces


def fill(text: str, values: Mapping[Slot, str]) -> str:
    """Put ``values`` into the slots of ``text``; for previews and pages."""
    return _MARK.sub(lambda match: values[Slot(match[1])], text)
