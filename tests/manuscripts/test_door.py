import codecs
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.errors import InvalidManuscript
from newsletter.manuscripts import MOST_OCTETS, Reading, Recognised, read, recognise

SAMPLES = Path(__file__).parent / "samples"
POLISH = (SAMPLES / "kanal.txt").read_text("utf-8")
ENGLISH = "Ice at Sèvres\n\n“Naïve”, said the lock-keeper – and coûte que coûte.\n\nOne.\n"


def _zip(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "text")
    return file.getvalue()


@pytest.mark.parametrize("text", [POLISH, ENGLISH, POLISH.replace("\n", "\r\n")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_known_with_and_without_its_mark(text: str, encoding: str) -> None:
    assert read(text.encode(encoding)) == read(text.encode())


def test_big_endian_utf_16_is_known_by_its_mark() -> None:
    content = codecs.BOM_UTF16_BE + POLISH.encode("utf-16-be")
    assert read(content) == read(POLISH.encode())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (POLISH, "cp1250"),
        (ENGLISH, "cp1252"),
        ("Gdańsk\n\nThe port of Gdańsk.\n\nOne – “two”.", "cp1250"),
        ("Wałęsa\n\nA year with Wałęsa.\n\nOne.", "cp1250"),
        ("Cargo\n\nIt costs £5 in Tromsø.\n\nOne.", "cp1252"),
        ("Coffee\n\nA café – “Zürich” – costs 5 €.\n\nOne.", "cp1252"),
    ],
)
def test_windows_texts_are_told_apart_by_their_letters(text: str, encoding: str) -> None:
    assert read(text.encode(encoding)) == read(text.encode())


@pytest.mark.parametrize("name", ["canal.md", "CANAL.MD", "canal.markdown", "canal.txt", ""])
def test_markdown_is_known_by_its_name_or_its_first_line(name: str) -> None:
    article = read((SAMPLES / "canal.md").read_bytes(), name).article
    assert article.headline == "Locks Reopen on the Middle Canal"


def test_all_else_is_plain_text() -> None:
    assert read(b"# Ice\n\nOne.", "ice.txt").article.headline == "# Ice"
    assert read(b"# Ice\n\nOne.", "ice.md").article.headline == "Ice"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (b"%PDF-1.7\n", "a PDF file"),
        (_zip("xl/workbook.xml"), "an Excel workbook"),
        (_zip("mimetype") + b"mimetypeapplication/vnd.oasis", "an OpenDocument file"),
        (_zip("notes.txt"), "a ZIP file"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"\xff\xd8\xff\xe0", "a JPEG picture"),
        (b"{\\rtf1 Ice}", "an RTF document"),
        (b"Ice\n\nOne\0two.", "NUL"),
    ],
)
def test_what_is_no_text_is_named_with_the_way_out(content: bytes, kind: str) -> None:
    with pytest.raises(InvalidManuscript) as refused:
        read(content)
    assert kind in refused.value.message
    assert "; " in refused.value.message


def test_a_large_file_is_refused_before_anyone_looks_into_it() -> None:
    with pytest.raises(InvalidManuscript, match="larger than 5 MB"):
        read(b"\0" * (MOST_OCTETS + 1))


@pytest.mark.parametrize(
    "content",
    [
        "Łódź\n\nŻółw – ".encode() + b"\xff.",
        codecs.BOM_UTF8 + b"One.\n\n\xb9",
        codecs.BOM_UTF16_LE + "One.\n\nTwo.".encode("utf-16-le") + b"\x00\xd8",
        b"Ice\n\n\x81 and \x90",
    ],
)
def test_a_damaged_text_is_refused_with_its_line(content: bytes) -> None:
    with pytest.raises(InvalidManuscript, match="line 3: the text is damaged") as refused:
        read(content)
    assert refused.value.line == 3


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.lists(st.sampled_from(POLISH.split("\n"))).map(lambda lines: "\n".join(lines).encode())
    | st.text(st.sampled_from("a:-[]{}&*!|>'\"%@\\\n #")).map(
        lambda s: f"---\n{s}\n---\n".encode()
    ),
    st.sampled_from(["", "a.md"]),
)
@example(b"---\nheadline: !!binary x\n---\nx", "")
@example(b"---\n? [a]\n: b\n---\nx", "")
@example(b"---\n&a [*a]\n---\nx", "")
def test_any_octets_are_read_or_refused_in_words(content: bytes, name: str) -> None:
    for said in (_said(read, content, name), _said(recognise, content, name)):
        assert not isinstance(said, InvalidManuscript) or said.message
        if isinstance(said, InvalidManuscript) and said.line is not None:
            assert f"line {said.line}" in said.message


def _said(
    reader: Callable[[bytes, str], Reading | Recognised], content: bytes, name: str
) -> Reading | Recognised | InvalidManuscript:
    try:
        return reader(content, name)
    except InvalidManuscript as refused:
        return refused


@pytest.mark.parametrize("text", ["<h1>Ice</h1>\n<p>It went.", "<p>It went.</p><p>It came."])
def test_the_source_of_a_page_is_known_by_how_it_begins(text: str) -> None:
    assert all("<" not in finding.text for finding in recognise(text.encode()).findings)
