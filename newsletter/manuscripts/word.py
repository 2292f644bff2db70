"""A Word document (.docx) -> what was recognised in it, with its pictures.

Before anything opens the package it is weighed: how many parts it has, how large they become, how
much they are packed. What carries macros, is locked by a password or declares entities is refused.
The document is converted by mammoth, which reads styles and not looks.
"""

import io
import re
import zipfile
import zlib
from contextlib import suppress
from dataclasses import replace
from xml.parsers import expat

import mammoth

from newsletter.errors import InvalidManuscript
from newsletter.language import marked as _
from newsletter.manuscripts import bounds, flow, language, markup
from newsletter.manuscripts.article import Article, Part, Recognised
from newsletter.manuscripts.hypertext import parse

MOST_OCTETS = 30 * 1024 * 1024
"""A larger document is refused before anything looks into it."""

_MOST_PARTS = 1000
_MOST_UNPACKED = 120 * 1024 * 1024
_MOST_TEXT = 16 * 1024 * 1024
"""Octets of the XML in a document, unpacked; a book of 500 pages has five million."""
_STEEPEST = 200
"""How many times its size a large part may become when it is unpacked."""
_LARGE = 1024 * 1024
_MOST_PICTURES = 200
_MOST_XML_ELEMENTS = 60_000
"""Elements in all the XML of a document; a text of a hundred pages has 30,000."""
_MOST_FIELDS = 2000
"""Fields, such as links, notes of a reference manager and lines of contents, in one document."""
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
"""How files of an old Office begin, and the envelope of those that a password locks."""
_DOCUMENT = "word/document.xml"
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)|<\0!\0(?:D\0O\0C\0T|E\0N\0T)|\0<\0!\0[DE]\0[ON]")
_STYLES = """
p[style-name='Title'] => h1.headline:fresh
p[style-name='Tytuł'] => h1.headline:fresh
p[style-name='Subtitle'] => p.lead:fresh
p[style-name='Podtytuł'] => p.lead:fresh
p[style-name='Lead'] => p.lead:fresh
p[style-name='Caption'] => p.caption:fresh
p[style-name='Legenda'] => p.caption:fresh
p[style-name='Figure'] => p.caption:fresh
p[style-name='Illustration'] => p.caption:fresh
p[style-name='Author'] => p.author:fresh
p[style-name='Autor'] => p.author:fresh
p[style-name='Kicker'] => p.kicker:fresh
p[style-name='Date'] => p.date:fresh
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='Quotations'] => blockquote > p:fresh
p[style-name='Cytat'] => blockquote > p:fresh
p[style-name='Cytat intensywny'] => blockquote > p:fresh
p[style-name='Block Text'] => blockquote > p:fresh
p[style-name='Preformatted Text'] => pre:separator('\\n')
u => span
strike => span
all-caps => span
small-caps => span
"""
_HINTS = {
    "headline": Part.HEADLINE,
    "lead": Part.LEAD,
    "caption": Part.FIGURE,
    "author": Part.AUTHOR,
    "kicker": Part.KICKER,
    "date": Part.DATE,
}
_SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}

_MADE_BY_MACHINE = re.compile(r"automatically generated|AI-generated|wygenerowany automatycznie")
"""How Office signs a description that nobody has looked at."""

_TOO_LARGE = _(
    "The Word document is larger than 30 MB; make its pictures smaller, or bring in the text alone"
)
_NO_DOCUMENT = _("This is no Word document, whatever its name says; save it in Word as .docx")
_DAMAGED = _(
    "The Word document is damaged; open it in Word, save it once more and bring it in again"
)
_LOCKED = _(
    "The Word document is locked by a password, or older than its name says; save it as .docx,"
    " without a password"
)
_BOMB = _(
    "The Word document unpacks to more than any text needs, and so it is not opened;"
    " copy its text into a new document"
)
_TOO_MANY_ELEMENTS = _(
    "The Word document has more than 60,000 elements (paragraphs, runs, cells and so on);"
    " bring it in in parts, or copy its text into a new document"
)
_TOO_MANY_FIELDS = _(
    "The Word document has more than 2,000 fields (links, contents, references); turn them"
    " into text in Word with Ctrl+A and Ctrl+Shift+F9, or bring it in in parts"
)
_MACROS = _("The Word document carries macros; save it as .docx, which has none")
_ENTITIES = _(
    "The Word document holds declarations that no Word writes, and so it is not opened;"
    " copy its text into a new document"
)


def is_word(content: bytes, name: str = "") -> bool:
    """Tell whether ``content`` is, or by its name says it is, a Word document."""
    if content.startswith(b"PK\x03\x04"):
        return b"word/" in content or name.lower().endswith((".docx", ".docm", ".dotx"))
    return name.lower().endswith((".docx", ".docm"))


def recognise(content: bytes) -> Recognised:
    """Say what the passages of a Word document are; raise InvalidManuscript for what is none."""
    _weigh(content)
    pictures: dict[str, bytes] = {}
    root = parse(_converted(content, pictures))
    bounds.check_marks(root.text())
    pieces = flow.passages(
        root,
        address=lambda address: address,
        picture=lambda image: image.get("src"),
        hint=lambda element: _HINTS.get(element.get("class")),
    )
    for piece in pieces:
        if piece.picture and _MADE_BY_MACHINE.search(piece.picture.alt):
            piece.picture = replace(piece.picture, alt="")
    markup.recognise(pieces)
    given = Article(headline="", body="", language=language.detect(root.text()))
    return Recognised(tuple(piece.finding() for piece in pieces), given, pictures)


def _weigh(content: bytes) -> None:
    """Refuse a package that may do harm, by what its directory says and how its XML begins."""
    if len(content) > MOST_OCTETS:
        raise InvalidManuscript(_TOO_LARGE)
    if content.startswith(_OLD_OFFICE):
        raise InvalidManuscript(_LOCKED)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > _MOST_PARTS or sum(p.file_size for p in parts) > _MOST_UNPACKED:
                raise InvalidManuscript(_BOMB)
            if any(_is_steep(part) for part in parts):
                raise InvalidManuscript(_BOMB)
            names = {part.filename.lower() for part in parts}
            if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
                raise InvalidManuscript(_MACROS)
            if _DOCUMENT not in names:
                raise InvalidManuscript(_NO_DOCUMENT)
            texts = [part for part in parts if _is_xml(package, part)]
            if sum(part.file_size for part in texts) > _MOST_TEXT:
                raise InvalidManuscript(_BOMB)
            count = _Count()
            for part in texts:
                xml = package.read(part)
                if _DECLARATION.search(xml):
                    raise InvalidManuscript(_ENTITIES)
                count.add(xml)
    except zipfile.BadZipFile:
        raise InvalidManuscript(_NO_DOCUMENT) from None
    except (OSError, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError):
        # What zipfile says of parts that are cut short, locked or packed in ways of their own.
        raise InvalidManuscript(_DAMAGED) from None


class _Count:
    """Counts what converting a document takes time for, and refuses too much of it."""

    def __init__(self) -> None:
        self._elements = 0
        self._fields = 0

    def add(self, xml: bytes) -> None:
        """Count the elements of one part, and the fields that begin in it."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._begin
        with suppress(expat.ExpatError):  # where it breaks, converting it ends as well
            parser.Parse(xml, True)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MOST_XML_ELEMENTS:
            raise InvalidManuscript(_TOO_MANY_ELEMENTS)
        self._fields += name.endswith("fldChar") and "begin" in attributes.values()
        if self._fields > _MOST_FIELDS:
            raise InvalidManuscript(_TOO_MANY_FIELDS)


def _is_xml(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Tell whether a part is XML, by its name or by how it begins, whatever it is called."""
    if part.filename.lower().endswith((".xml", ".rels")):
        return True
    with package.open(part) as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"<")


def _octets(image: mammoth.documents.Image) -> bytes:
    """Return the file of a picture; nothing of one that stands outside the document."""
    try:
        with image.open() as file:
            return bytes(file.read())
    except (ValueError, KeyError, OSError, zipfile.BadZipFile):
        return b""


def _is_steep(part: zipfile.ZipInfo) -> bool:
    return part.file_size > _LARGE and part.file_size > _STEEPEST * max(part.compress_size, 1)


def _converted(content: bytes, pictures: dict[str, bytes]) -> str:
    """Return the document as HTML, and put its pictures into ``pictures``."""

    def keep(image: mammoth.documents.Image) -> dict[str, str]:
        suffix = _SUFFIXES.get(image.content_type)
        octets = _octets(image) if suffix and len(pictures) < _MOST_PICTURES else b""
        if not octets:
            return {"src": ""}
        known = next((name for name, kept in pictures.items() if kept == octets), None)
        name = known or f"picture-{len(pictures) + 1}.{suffix}"
        pictures[name] = octets
        return {"src": name}

    try:
        converted = mammoth.convert_to_html(
            io.BytesIO(content),
            style_map=_STYLES,
            include_embedded_style_map=False,
            external_file_access=False,
            convert_image=mammoth.images.img_element(keep),
        )
    except InvalidManuscript:
        raise
    except Exception as error:
        raise InvalidManuscript(_DAMAGED) from error
    return str(converted.value)
