"""The text part: a typeset letter of 72 columns.

Links become numbers, and the numbers a list of notes at the foot; a reader of plain text reads the
same words in the same order as everyone else.
"""

import textwrap

WIDTH = 72


def fold(text: str, indent: int = 0, first: str | None = None) -> str:
    """Break ``text`` into lines of at most 72 columns, ``indent`` deep, ``first`` before all."""
    margin = " " * indent
    return textwrap.fill(
        " ".join(text.split(" ")),
        WIDTH,
        initial_indent=margin if first is None else first,
        subsequent_indent=margin,
        break_long_words=False,
        break_on_hyphens=False,
    )


def spread(left: str, right: str) -> str:
    """Put ``left`` and ``right`` at the two ends of one line, or on two lines if they are long."""
    room = WIDTH - len(left) - len(right)
    if not left or not right or room < 2:
        return "\n".join(filter(None, (left, right)))
    return f"{left}{' ' * room}{right}"
