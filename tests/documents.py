"""Manuscripts for tests: Word documents, real ones and such that mean harm; Markdown as files."""

import io
import zipfile
from collections.abc import Callable

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from PIL import Image

from newsletter.manuscripts import Reading, read

LICENCE = (
    "All texts published by the River Office may be reproduced on the condition that their source"
    " is credited. Images may not be used without permission."
)


def saved(document: Document) -> bytes:
    """Return a document as a file."""
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def picture(colour: str = "navy") -> bytes:
    """Return a small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(file, "PNG")
    return file.getvalue()


def link(paragraph: Paragraph, words: str, address: str) -> None:
    """Add a hyperlink at the end of a paragraph."""
    relation = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    hyperlink, run, text = (OxmlElement(name) for name in ("w:hyperlink", "w:r", "w:t"))
    hyperlink.set(qn("r:id"), relation)
    text.text = words
    run.append(text)
    hyperlink.append(run)
    paragraph._p.append(hyperlink)


def river_monitor() -> bytes:
    """Return an issue of the River Monitor as an editor writes it in Word."""
    document = docx.Document()
    document.add_paragraph("RIVER MONITOR")
    document.add_paragraph("31 March 2020")
    document.add_paragraph("Ice Leaves the Upper Locks", style="Title")
    document.add_paragraph("The ice went out in one night.", style="Subtitle")
    document.add_picture(io.BytesIO(picture()))
    document.add_paragraph("SOURCE: OWN WORK", style="Caption")
    first = document.add_paragraph("The first barge came ")
    first.add_run("at noon").bold = True
    first.add_run(", says ")
    link(first, "the log", "https://river.example/log?day=1&boat=2")
    first.add_run(".")
    document.add_heading("What it carried", level=1)
    for cargo in ("sand", "salt"):
        document.add_paragraph(cargo, style="List Bullet")
    table = document.add_table(rows=3, cols=2)
    words = [("Lock", "Barges"), ("Upper | lower", "12"), ("Middle", "1 200")]
    for row, (left, right) in zip(table.rows, words, strict=True):
        row.cells[0].text, row.cells[1].text = left, right
    document.add_paragraph("Nobody had feared for the gates.", style="Quote")
    for words_of_appeal in ("Support Us", "We live on gifts.", "Support"):
        document.add_paragraph(words_of_appeal)
    document.add_paragraph("The second came at dusk.")
    document.add_paragraph(LICENCE)
    document.add_paragraph("Related posts")
    document.add_paragraph("The Year Without Ice")
    document.add_paragraph("Top")
    return saved(document)


def with_footnote(document: bytes, after: str, note: str) -> bytes:
    """Return ``document`` with a footnote after the words ``after``."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    call = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    notes = (
        f'<w:footnotes {space}><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r>'
        f"<w:r><w:t>{note}</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"

    def change(name: str, text: str) -> str:
        if name == "word/document.xml":
            end = f"{after}</w:t></w:r>"
            return text.replace(end, end + call)
        if name == "[Content_Types].xml":
            part = f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/>'
            return text.replace("</Types>", f"{part}</Types>")
        if name == "word/_rels/document.xml.rels":
            part = f'<Relationship Id="rIdF" Type="{relation}" Target="footnotes.xml"/>'
            return text.replace("</Relationships>", f"{part}</Relationships>")
        return text

    return repacked(document, change, {"word/footnotes.xml": notes.encode()})


def repacked(
    document: bytes,
    change: Callable[[str, str], str] = lambda _name, text: text,
    more: dict[str, bytes] | None = None,
) -> bytes:
    """Return a package with its XML changed and ``more`` parts in it."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(document)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name.endswith((".xml", ".rels")):
                content = change(name, content.decode()).encode()
            new.writestr(name, content)
        for name, content in (more or {}).items():
            new.writestr(name, content)
    return file.getvalue()


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLE_NAMES = {"Title": "Title", "Heading1": "heading 1", "Quote": "Quote"}
LINK = "https://x.example/(a)"
"""Where the links of a small document lead, as rIdL."""


def small(body: str) -> bytes:
    """Return a document of ``body`` alone, in WordprocessingML as other programs write it.

    Its styles are Title, Heading1 and Quote; numbering 1 has bullets, 2 has numbers.
    """
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in _STYLE_NAMES.items()
    )
    lists = "".join(
        f'<w:abstractNum w:abstractNumId="{n}"><w:lvl w:ilvl="0"><w:numFmt w:val="{kind}"/></w:lvl>'
        f"</w:abstractNum>"
        for n, kind in ((1, "bullet"), (2, "decimal"))
    ) + "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in (1, 2))
    relations = "".join(
        f'<Relationship Id="rId{name}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
        for name in ("styles", "numbering")
    )
    external = f'<Relationship Id="rIdL" Type="{_OFFICE}/hyperlink" Target="{LINK}"'
    word = f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    texts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{word}</Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'{relations}{external} TargetMode="External"/></Relationships>',
        "word/styles.xml": f"<w:styles {_W}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {_W}>{lists}</w:numbering>",
        "word/document.xml": f"<w:document {_W} {_R}><w:body>{body}</w:body></w:document>",
    }
    return zip_of({name: text.encode() for name, text in texts.items()})


def plain() -> bytes:
    """Return a small document."""
    document = docx.Document()
    for words in ("Ice Leaves", "It went at night.", "A barge came."):
        document.add_paragraph(words)
    return saved(document)


def zip_of(parts: dict[str, bytes]) -> bytes:
    """Return a ZIP file with these ``parts``."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def _bomb(size: int) -> bytes:
    return repacked(plain(), more={"word/media/image1.png": b"\0" * size})


def _large_text() -> bytes:
    return repacked(plain(), more={"word/comments.xml": b"<a>" + b"word " * 4_000_000 + b"</a>"})


_LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)
_FILE = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def _declared(declaration: str, encoding: str = "utf-8") -> bytes:
    def change(name: str, text: str) -> str:
        head, _, rest = text.partition("?>")
        return f"{head}?>{declaration}{rest}" if name == "word/document.xml" else text

    document = repacked(plain(), change)
    if encoding == "utf-8":
        return document
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    text = parts["word/document.xml"].decode().replace("UTF-8", "UTF-16")
    return zip_of(parts | {"word/document.xml": text.encode("utf-16")})


def _locked() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    )


def _deep() -> bytes:
    nested = "<w:tbl><w:tr><w:tc>" * 3000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 3000
    return repacked(plain(), lambda _name, text: text.replace("<w:body>", f"<w:body>{nested}"))


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (lambda: _bomb(40_000_000), "unpacks to more"),
    "large bomb": (lambda: _bomb(130_000_000), "unpacks to more"),
    "bomb of text": (_large_text, "unpacks to more"),
    "many parts": (
        lambda: repacked(plain(), more={f"word/media/{n}.png": b"x" for n in range(1001)}),
        "unpacks to more",
    ),
    "no zip": (lambda: b"PK\x03\x04word/ and nothing else", "no Word document"),
    "text called .docx": (lambda: b"Ice Leaves\n\nIt went.", "no Word document"),
    "another zip": (lambda: zip_of({"word/notes.txt": b"text"}), "no Word document"),
    "cut short": (lambda: plain()[:-200], "no Word document"),
    "a broken part": (
        lambda: repacked(plain(), lambda _name, text: text.replace("</w:body>", "")),
        "is damaged",
    ),
    "macros": (lambda: repacked(plain(), more={"word/vbaProject.bin": b"x"}), "carries macros"),
    "entities": (lambda: _declared(_LAUGHS), "declarations"),
    "an outer entity": (lambda: _declared(_FILE), "declarations"),
    "entities in UTF-16": (lambda: _declared(_LAUGHS, "utf-16"), "declarations"),
    "nested": (_deep, "is damaged"),
    "locked": (_locked, "locked by a password"),
    "too large": (lambda: b"PK\x03\x04word/" + b"\0" * (30 * 1024 * 1024), "larger than 30 MB"),
}
"""Files that are, or say that they are, Word documents, and what is said of each."""


def read_markdown(words: str) -> Reading:
    """Read a manuscript in Markdown as it comes in: a file of octets with a name."""
    return read(words.encode(), "manuscript.md")
