"""The language of a text, told by its commonest words: en or pl."""

import re
from collections import Counter

_WORD = re.compile(r"[^\W\d_]+")
_COMMON = {
    "en": "the of and in is that for with as are was were it has from support source date",
    "pl": "w z na się że nie jest oraz przez od dla jak są o za ze po roku który które która"
    " data fot źródło wesprzyj powiązane teksty stycznia lutego marca kwietnia maja czerwca lipca"
    " sierpnia września października listopada grudnia",
}
_LANGUAGES = {word: language for language, words in _COMMON.items() for word in words.split()}
_POLISH_LETTERS = frozenset("ąćęłńśźż")
_ENOUGH = 50_000


def detect(text: str) -> str:
    """Return pl if the beginning of ``text`` speaks more Polish than English, en otherwise."""
    votes: Counter[str | None] = Counter()
    for word in _WORD.findall(text[:_ENOUGH].casefold()):
        polish = "pl" if _POLISH_LETTERS.intersection(word) else None
        votes[_LANGUAGES.get(word, polish)] += 1
    return "pl" if votes["pl"] > votes["en"] else "en"
