"""Words as search and kinship compare them: small letters without marks, endings cut off.

One rule for every language and both databases: what is indexed and what is asked for go through
the same folding. Endings are those of English and Polish; a stem keeps at least four letters.
"""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

LONGEST = 64
"""Characters of a word that are compared; both databases have a limit of their own far above."""

_SHORTEST_STEM = 4
_MOST_TERMS = 40
_WORD = re.compile(r"[^\W_]+")
# Letters that Unicode takes for letters of their own and people type without the stroke.
_STROKES = str.maketrans({
    "ł": "l", "đ": "d", "ð": "d", "ø": "o", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe",
    "þ": "th",
})  # fmt: skip
_ENDINGS = sorted(
    (
        *("ami", "iami", "ach", "iach", "ego", "iego", "emu", "iemu", "ymi", "imi", "ych", "ich"),
        *("owie", "owi", "ow", "om", "iom", "em", "iem", "ym", "im", "ej", "iej", "ie", "ia", "iu"),
        *("io", "a", "e", "i", "o", "u", "y", "ing", "ed", "es", "ies", "s"),
    ),
    key=len,
    reverse=True,
)
_EMPTY = """
a about above after again against all also am an and any are as at be because been before being
below between both but by can could did does doing down during each few for from further had has
have having he her here hers him his how however i if in into is it its itself just many may me
might more most much must my new no nor not now of off on once only or other our out over own said
same say says she should since so some still such than that the their them then there these they
this those through to too two under until up very was well were what when where which while who
whom whose why will with within would year years yet you your

albo ale az bardzo bedzie bez bo byc byl byla bylo byly co czy czyli dla do dwa gdy gdyz gdzie go
i ich ile im inne innych ja jak jako je jednak jednym jego jej jesli jest jeszcze juz kiedy kilka
kto ktora ktore ktorego ktorej ktory ktorych ktorym ktorzy lub ma maja mi miedzy mimo moze mozna
na nad nam nas nich nie nim niz no o od on ona one oni oraz po pod podczas pomimo ponad poniewaz
przed przede przez przy raz rok roku rowniez sa sie sobie swoich swoje swojej ta tak taka takie
takze tam te tego tej ten to tu tych tylko tym u w we wiec wobec wraz wszystkich z za zas ze
zostal zostala zostalo zostaly
"""
STOP = frozenset(_EMPTY.split())
"""Folded words that say nothing about a text, of English and Polish."""


def fold(text: str) -> list[str]:
    """Return the words of ``text``: Żółć becomes zolc, Köln koln, Ελλάδα ελλαδα."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold().translate(_STROKES))
        text = "".join(sign for sign in text if unicodedata.category(sign)[0] != "M")
    return [word[:LONGEST] for word in _WORD.findall(text.casefold())]


def stem(word: str) -> str:
    """Return a folded ``word`` without its ending: sankcjami and sankcje become sankcj."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


def weigh(parts: Iterable[tuple[str, float]]) -> Mapping[str, float]:
    """Say what a text is about: its most frequent stems, their squared weights adding up to 1.

    ``parts`` are passages and how much a word in each counts.
    """
    counts: defaultdict[str, float] = defaultdict(float)
    for text, worth in parts:
        for word in fold(text):
            if len(word) > 2 and word not in STOP and not word.isdigit():
                counts[stem(word)] += worth
    # Of equals the first in the alphabet, so that the same text has the same terms everywhere.
    top = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_TERMS]
    weights = {term: 1 + math.log(count) for term, count in top}  # no worth is under 1
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {term: weight / length for term, weight in weights.items()}
