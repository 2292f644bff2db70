"""The octets of a manuscript file -> its text.

UTF-8 and UTF-16 are known by their marks, UTF-8 also by its form. All else is Windows-1250 or
Windows-1252, whichever makes more letters next to letters that the other would not make; where they
are even, 1250, for this house writes Gdańsk more often than España. What is no text is refused with
its name and the way out.
"""

import codecs
import re

from newsletter.language import marked as _
from newsletter.manuscripts.refusals import EMPTY, refusal

MOST_OCTETS = 5 * 1024 * 1024
"""A larger manuscript is refused before anything looks into it."""

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_SAVE_AS_TEXT = _("copy its text into a plain text file, or save it as plain text")
_MAGIC = (
    (b"%PDF-", _("a PDF file"), _SAVE_AS_TEXT),
    (b"PK\x03\x04", _("a ZIP file"), _("unpack it and bring in the text in it")),
    (b"\xd0\xcf\x11\xe0", _("a document of an old Microsoft Office"), _SAVE_AS_TEXT),
    (b"{\\rtf", _("an RTF document"), _SAVE_AS_TEXT),
    (b"\x89PNG", _("a PNG picture"), _("bring in the text, and the picture beside it")),
    (b"\xff\xd8\xff", _("a JPEG picture"), _("bring in the text, and the picture beside it")),
    (b"GIF8", _("a GIF picture"), _("bring in the text, and the picture beside it")),
    (b"\x1f\x8b", _("a gzip file"), _("unpack it and bring in the text in it")),
)
_OFFICE = {
    b"mimetypeapplication/vnd.oasis": _("an OpenDocument file"),
    b"xl/": _("an Excel workbook"),
    b"ppt/": _("a PowerPoint presentation"),
}
_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,100}(?:<\?xml[^>]{0,200}>\s{0,9})?(?:<!--[^>]{0,500}-->\s{0,9})?"
    rb"<(?:!doctype html|html|head|body|article|main|section|div|meta|h[1-6]|p|table|[ou]l)\b",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_WITHIN = 4096
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "utf-8"}
_PAGE_ENCODINGS = frozenset({
    *("utf-8", "ascii", "iso8859-1", "iso8859-2", "iso8859-15", "iso8859-16", "cp1250", "cp1251"),
    *("cp1252", "cp1254", "cp1257", "koi8-r", "koi8-u"),
})  # fmt: skip
"""The encodings in which this part of the world has its pages; no codec that does more is asked."""
_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_POLISH = "ąćęłńśźżĄĆĘŁŃŚŹŻ"
_WESTERN = "àâãåæèêëìïðñòõøùûýœÿÀÂÃÅÆÈÊËÌÏÐÑÒÕØÙÛÝŒŸ"


def decode(content: bytes) -> str:
    """Return the text of ``content``; raise InvalidManuscript if it is none."""
    if len(content) > MOST_OCTETS:
        raise refusal(
            None,
            _(
                "The manuscript is larger than %(most)s MB;"
                " bring in the text alone, and pictures beside it"
            ),
            most=str(MOST_OCTETS // 1024**2),
        )
    _refuse_what_is_no_text(content)
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return _decoded(content.removeprefix(mark), encoding)
    if b"\0" in content:
        raise refusal(
            None, _("The manuscript is not text (it holds NUL octets); save it as text in UTF-8")
        )
    try:
        return content.decode()
    except UnicodeDecodeError:
        if _is_damaged_utf_8(content):
            return _decoded(content, "utf-8")
        return _decoded(content, _windows(content))


def is_page(content: bytes, name: str = "") -> bool:
    """Tell whether ``content`` is a web page, by its name or by how it begins."""
    return name.lower().endswith((".html", ".htm", ".xhtml")) or bool(_HTML.match(content))


def decode_page(content: bytes, charset: str = "") -> str:
    """Return the text of a web page, which came as ``charset`` or names its own encoding.

    What is not whole in the encoding that was named is read as it can be: one wrong letter is no
    reason to lose a page.
    """
    named = _CHARSET.search(content[:_WITHIN])
    marked = any(content.startswith(mark) for mark in _MARKS)
    for encoding in (charset, named[1].decode("ascii") if named else ""):
        if marked or not encoding:
            continue
        try:
            codec = codecs.lookup(encoding).name
        except LookupError:
            continue
        if codec in _PAGE_ENCODINGS and len(content) <= MOST_OCTETS:
            _refuse_what_is_no_text(content)
            return content.decode(_SUPERSETS.get(codec, codec), "replace")
    return decode(content)


def _refuse_what_is_no_text(content: bytes) -> None:
    if not content.strip():
        raise refusal(None, EMPTY)
    for magic, kind, advice in _MAGIC:
        if content.startswith(magic):
            office = next((name for part, name in _OFFICE.items() if part in content), None)
            if magic == b"PK\x03\x04" and office:
                kind, advice = office, _SAVE_AS_TEXT
            raise refusal(
                None,
                _("The manuscript seems to be %(kind)s; %(advice)s"),
                kind=kind,
                advice=advice,
            )


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count("\n".encode(encoding), 0, error.start) + 1
        raise refusal(
            line,
            _(
                "the text is damaged (it is not whole %(encoding)s);"
                " save it once more as text in UTF-8"
            ),
            encoding=encoding.upper(),
        ) from None


def _is_damaged_utf_8(content: bytes) -> bool:
    """Tell whether most of what is not ASCII is UTF-8, so that nothing else was meant."""
    whole = sum(map(len, _UTF_8.findall(content)))
    return whole * 2 > len(_HIGH.findall(content))


def _windows(content: bytes) -> str:
    polish = _letters_in_words(content.decode("cp1250", "replace"), _POLISH)
    western = _letters_in_words(content.decode("cp1252", "replace"), _WESTERN)
    return "cp1250" if polish >= western else "cp1252"


def _letters_in_words(text: str, letters: str) -> int:
    return len(re.findall(rf"(?<=[^\W\d_])[{letters}]|[{letters}](?=[^\W\d_])", text))
