"""The furniture of a plain text: the lines that are not its prose, in English and Polish.

Only whole lines are looked at. Whether such a line stands where furniture stands is for the reader
to say.
"""

import enum
import re

from newsletter.manuscripts.article import Licence


class Label(enum.Enum):
    """What the word before a colon announces."""

    DATE = "date; data; dated; published; data publikacji; opublikowano"
    CREDIT = (
        "source; photo; photos; photo credit; photo source; picture; picture credit; image;"
        " image credit; image source; credit; źródło; źródło zdjęcia; zrodlo; fot; fot.; foto;"
        " zdjęcie; grafika; ilustracja; rys; rys."
    )
    ALT = "alt; alt text; alternative text; tekst alternatywny; opis alternatywny; opis zdjęcia"
    TAGS = "tags; keywords; tagi; słowa kluczowe"


_LABELS = {word: label for label in Label for word in label.value.split("; ")}
_LABELLED = re.compile(r"(?P<label>[^\W\d_][^\W\d_ ]*(?: [^\W\d_]+)?\.?) ?: ?(?P<value>.*)")
_PHOTOGRAPHER = re.compile(r"(?P<label>fot\.|rys\.) (?P<value>.+)", re.IGNORECASE)
_LONGEST_LABELLED = 300
_LONGEST_DAY = 40


def _phrases(text: str) -> frozenset[str]:
    return frozenset(text.split("; "))


APPEALS = _phrases(
    "support us; support our work; support our mission; wesprzyj nas; wspieraj nas;"
    " wesprzyj naszą pracę; wesprzyj nasze działania"
)
BUTTONS = _phrases(
    "support; support us; support our work; donate; donate now; give; wesprzyj; wesprzyj nas;"
    " wspieram; wspieraj; wpłać; wpłacam; przekaż darowiznę"
)
RELATED = _phrases(
    "related; related posts; related articles; related texts; see also; read also; powiązane;"
    " powiązane wpisy; powiązane artykuły; powiązane teksty; zobacz także; zobacz też;"
    " czytaj także; czytaj też; przeczytaj także"
)
TOPS = _phrases("top; back to top; do góry; na górę; powrót do góry; wróć do góry")
_ALONE = APPEALS | BUTTONS | RELATED | TOPS
_LONGEST_ALONE = 40
_WORD = "|".join(re.escape(phrase) for phrase in sorted(_ALONE, key=len, reverse=True))
_ROW = re.compile(rf"(?:{_WORD})(?: (?:{_WORD}))+")

_PUBLICATION = re.compile(
    r"\b(?:monitor|brief|briefing|bulletin|report|review|weekly|monthly|digest|watch|outlook"
    r"|biuletyn|raport|przegląd|komentarz|analizy?|tygodnik|miesięcznik)\b",
    re.IGNORECASE,
)
_STRAY = re.compile(
    r"(?:by|author|share|print|tweet|follow|subscribe|download|read more|comments?|newsletter"
    r"|autor(?:zy|ka)?|udostępnij|drukuj|pobierz|zapisz się|subskrybuj|komentarze)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?]) (?=[^\W\d_a-ząćęłńóśźż])")
_SENTENCE_INSIDE = re.compile(r"[a-ząćęłńóśźż]{3}[.!?][\"”’)]? \S")
_FINAL = re.compile(r"[.!?…][\"”’'»)\]]*$")

_TEXT_TERMS = (
    re.compile(
        r"(?:(?:all|any|our|the|wszystkie|nasze) ){0,2}(?:te(?:x|ks)t|arti|arty|mater)", re.I
    ),
    re.compile(r"\b(?:may|can|mogą|można|wolno)\b", re.I),
    re.compile(
        r"disseminat|publish|produc|distribut|reprint|shared|copied|reused"
        r"|rozpowszechni|publikow|przedruk|wykorzyst|kopiow|udostępni",
        re.I,
    ),
    re.compile(r"condition|credit|provided|source|origin|licen[cs]e|warunk|źródł|licencj", re.I),
)
_IMAGE_TERMS = (
    re.compile(
        r"(?:(?:all|our|the|wszystki\w+|nasz\w+) ){0,2}"
        r"(?:image|photo|picture|illustration|graphic|zdję|fotogra|ilustrac|grafi|obraz)",
        re.I,
    ),
    re.compile(r"\bnot\b|cannot|without|exclud|permission|nie wolno|nie mogą|\bbez\b|zgod", re.I),
)
_LONGEST_LICENCE = 1000
_MOST_TERMS = 5


def labelled(line: str) -> tuple[Label, str] | None:
    """Return what a line such as ``Date: 31 March 2020`` announces, and its value."""
    short = len(line) <= _LONGEST_LABELLED
    match = (_PHOTOGRAPHER.match(line) or _LABELLED.match(line)) if short else None
    label = _LABELS.get(match["label"].casefold()) if match else None
    if not match or not label:
        return None
    value = match["value"].strip()
    may_be_day = len(value) <= _LONGEST_DAY and any(map(str.isdecimal, value))
    if label is Label.DATE and not may_be_day:
        return None  # “Data: the new oil” is a headline
    if label is Label.CREDIT and not match["label"].isupper() and _is_prose(value):
        return None
    return label, value


def key(line: str) -> str:
    """Return ``line`` as the sets of this module spell it, or nothing if it is too long."""
    return line.strip(" ↑⇧▲^:»›→>[]#").casefold() if len(line) <= _LONGEST_ALONE else ""


def is_furniture(line: str) -> bool:
    """Tell whether ``line`` is a piece of furniture wherever it stands alone."""
    return key(line) in _ALONE or labelled(line) is not None


def is_row(line: str) -> bool:
    """Tell whether ``line`` is nothing but pieces of furniture side by side."""
    return bool(_ROW.fullmatch(key(line)))


def is_stray(line: str) -> bool:
    """Tell whether ``line`` looks like furniture that nothing here knows."""
    return key(line) in _ALONE or bool(_STRAY.match(line)) or bool(_LABELLED.match(line))


def names_publication(line: str) -> bool:
    """Tell whether ``line`` reads like the name of a monitor."""
    return len(line.split()) <= 4 and not ends_sentence(line) and bool(_PUBLICATION.search(line))


def ends_sentence(line: str) -> bool:
    """Tell whether ``line`` ends as sentences do."""
    return bool(_FINAL.search(line[-8:]))


def holds_sentences(text: str) -> bool:
    """Tell whether a sentence ends within ``text``."""
    return bool(_SENTENCE_INSIDE.search(text))


def licence(text: str) -> Licence | None:
    """Return the terms in a paragraph that holds nothing else."""
    sentences = _SENTENCE.split(text) if len(text) <= _LONGEST_LICENCE else []
    if not sentences or len(sentences) > _MOST_TERMS or not _says(sentences[0], _TEXT_TERMS):
        return None
    images = [index for index, said in enumerate(sentences) if _says(said, _IMAGE_TERMS)]
    cut = images[0] if images and images[0] else len(sentences)
    return Licence(" ".join(sentences[:cut]), " ".join(sentences[cut:]))


def is_image_terms(text: str) -> bool:
    """Tell whether a paragraph says what holds for images and nothing else."""
    return len(text) <= _LONGEST_LICENCE and all(
        _says(sentence, _IMAGE_TERMS) for sentence in _SENTENCE.split(text)
    )


def _says(sentence: str, terms: tuple[re.Pattern[str], ...]) -> bool:
    subject, *rest = terms
    return bool(subject.match(sentence)) and all(term.search(sentence) for term in rest)


def _is_prose(value: str) -> bool:
    return holds_sentences(value) or (len(value.split()) > 6 and value[-1:] in {".", "!", "?", "”"})
