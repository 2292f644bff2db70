"""Which characters of a manuscript come in.

Line ends become newlines. Controls, soft hyphens, zero-width spaces and byte order marks go, and so
do the private-use characters U+E000-U+F8FF, with which rendering marks its slots. Letters are
composed (Unicode NFC). Typographic quotes, dashes and non-breaking spaces stay; only plain text has
its non-breaking spaces made ordinary, for there they are accidents of copying.
"""

import re
import unicodedata

_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\ufeff\ue000-\uf8ff\ud800-\udfff\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_FOLD = re.compile(r"[ \t]*\n\s*")
_MARK = "".join(chr(point) for point in range(0x300, 0x1F000) if unicodedata.combining(chr(point)))
_SUSPECT = re.compile("[^\x00-\u02ff]{31}")
_PILE = re.compile(f"([{_MARK}]{{30}})[{_MARK}]+")


def legible(text: str) -> str:
    """Drop what no reader should meet, and make every line end a newline."""
    return _LINE_END.sub("\n", _UNWANTED.sub("", text))


def composed(text: str) -> str:
    """Compose letters and marks (NFC); of a pile of marks on one letter, thirty stay.

    Thirty is the bound of UAX #15 for streams. Sorting a longer pile takes quadratic time.
    """
    if not _SUSPECT.search(text):  # no pile, and so no need of the slow search for one
        return unicodedata.normalize("NFC", text)
    return _PILE.sub(r"\1", unicodedata.normalize("NFC", _PILE.sub(r"\1", text)))


def passage(text: str) -> str:
    """Return ``text`` as a value of several lines: legible, composed, no space at its ends."""
    return composed(legible(text)).strip()


def line(text: str) -> str:
    """Return ``text`` as a value of one line."""
    return _FOLD.sub(" ", passage(text))


def excerpt(text: str) -> str:
    """Return the beginning of ``text``, short enough for a table or a message."""
    return text if len(text) <= 72 else text[:71].rstrip() + "…"
