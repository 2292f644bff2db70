"""Bodies in Markdown, made up of every kind of block; each sentence stands in one of them once."""

import re
from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

from newsletter.manuscripts import APPEAL_SLOT
from newsletter.rendering import Shown

SENTENCE = re.compile(r"Sentence \d+ of it\.")
PICTURE = '![Alt](a.jpg "Credit")'
IMAGES = {"a.jpg": Shown("https://example.org/a.jpg", 400, 300)}
KINDS = (
    *("paragraph", "paragraph", "paragraph", "heading", "setext", "quotation", "speaker", "list"),
    *("numbers", "nested", "table", "picture", "pictures", "code", "fence", "rule", "footnote"),
    *("colon", "slot", "slot in a quotation", "slot in a list", "wrapped"),
)


@dataclass(frozen=True)
class Made:
    """A body, the number of its sentences, and the kinds of its blocks."""

    markdown: str
    sentences: int
    kinds: tuple[str, ...]


def sentence(number: int) -> str:
    return f"Sentence {number} of it."


def bodies() -> st.SearchStrategy[Made]:
    """Draw bodies of up to ten blocks; each has a paragraph somewhere.

    A seed is drawn and the rest follows from it: thousands are made in the time of a few.
    """
    return st.integers(0, 2**32 - 1).map(_made)


def _made(seed: int) -> Made:
    chance = Random(seed)
    kinds = [chance.choice(KINDS) for _ in range(chance.randint(0, 9))]
    kinds.insert(chance.randint(0, len(kinds)), "paragraph")
    written: list[str] = []
    notes: list[str] = []
    number = 0
    for kind in kinds:
        given = [sentence(number + n) for n in range(chance.randint(1, 3))]
        block, note, used = _block(kind, given, number)
        written.append(block)
        notes += [note] if note else []
        number += used
    return Made("\n\n".join([*written, *notes]), number, tuple(kinds))


def _block(kind: str, given: list[str], number: int) -> tuple[str, str, int]:
    """Return a block, the footnote that goes with it, and how many sentences it has used."""
    first, used, note = given[0], len(given), ""
    match kind:
        case "heading":
            block, used = f"## {first}", 1
        case "setext":
            block, used = f"{first}\n---", 1
        case "quotation":
            block = "\n>\n".join(f"> {each}" for each in given)
        case "speaker":
            block = f"> {first}\n\n— {' '.join(given[1:]) or 'A harbour master'}"
        case "list":
            block = "\n".join(f"- {each}" for each in given)
        case "numbers":
            block = "\n".join(f"{n}. {each}" for n, each in enumerate(given, 3))
        case "nested":
            block = "* outer\n" + "\n".join(f"  - {each}\n\n    > inner" for each in given)
        case "table":
            block = "\n".join(["| a | b |", "|---|--:|", *(f"| {s} | 1 |" for s in given)])
        case "picture":
            block, used = PICTURE, 0
        case "pictures":
            block, used = f"{PICTURE}\n{PICTURE}", 0
        case "code":
            block = "\n".join(f"    {each}" for each in given)
        case "fence":
            block = "\n".join(["```", *given, "```"])
        case "rule":
            block, used = "* * *", 0
        case "footnote":
            block = f"{' '.join(given[1:]) or 'Noted.'}[^n{number}]"
            note = f"[^n{number}]: {first}\n\n    {APPEAL_SLOT}\n\n    More of it."
        case "colon":
            block = f"{' '.join(given)} It is:"
        case "slot":
            block, used = APPEAL_SLOT, 0
        case "slot in a quotation":
            block, used = f"> {first}\n>\n> {APPEAL_SLOT}\n>\n> Yes.", 1
        case "slot in a list":
            block, used = f"- {first}\n- {APPEAL_SLOT}\n- Yes.", 1
        case "wrapped":
            block = "\n".join(f"*{each}*" for each in given)
        case _:
            block = " ".join(given)
    return block, note, used
