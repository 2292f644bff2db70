"""An issue on paper: all of the text and its furniture, read in the PDF by other programs."""

import io
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from importlib.resources import files
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from pypdf.generic import Destination

from newsletter.manuscripts import Article, Picture, read_text
from newsletter.rendering import Collection, Correction, Edition, Logo, Shown, article_html, paper
from newsletter.typesetting import typeset
from rendering.bodies import SENTENCE, Made, bodies, sentence
from rendering.editions import ARTICLE, LICENCE, MASTHEAD, SECOND, edition
from rendering.markup import parse

TODAY = date(2026, 11, 29)
GIVING = "https://monitor.example.org/donate/baltic-monitor"
OWN = {
    name: Shown(f"https://monitor.example.org/image/{name}", 1200, 675, "own")
    for name in ("harbour.jpg", "cranes.jpg")
}
DEMO = files("newsletter") / "demo"
PICTURE = (DEMO / "baltic-monitor.jpg").read_bytes()
CYRILLIC = "Польша и Балтика. «Зажглись огни».\n\nZażółć gęślą jaźń, zażółć ją jutro."


@dataclass(frozen=True)
class Printed:
    """A PDF, and its words page by page as pdftotext reads them."""

    content: bytes
    pages: tuple[str, ...]
    texts: tuple[Article, ...]

    @property
    def words(self) -> str:
        return flat(" ".join(self.pages))

    def reader(self) -> pypdf.PdfReader:
        return pypdf.PdfReader(io.BytesIO(self.content))


def flat(text: str) -> str:
    """Return words without what lines, hyphens and the numbers of notes do to them."""
    return re.sub(r"[\s\u00ad\u2010-]+", "", text)


@pytest.mark.usefixtures("typesetter")
def test_the_pdf_of_a_monthly_as_others_read_it() -> None:
    made = monthly()
    every_sentence_of_every_text_is_in_it(made)
    the_contents_name_the_pages_on_which_the_texts_begin(made)
    over_the_pages_stands_the_text_that_is_on_them(made)
    it_knows_its_title_authors_language_and_pictures(made)
    it_says_whose_it_is_and_holds_no_appeal(made)


def monthly() -> Printed:
    """Typeset a monthly of four texts, one long with a long table, one in another script."""
    demo = read_text((DEMO / "baltic-monitor.txt").read_text(encoding="utf-8")).article
    demo = replace(demo, picture=replace(demo.picture or Picture(), file="harbour.jpg"))
    rows = "\n".join(f"| Port {number} | {number} |" for number in range(70))
    table = f"{ARTICLE.body}\n\n| Port | Calls |\n|---|--:|\n{rows}\n"
    texts = (
        replace(demo, authors=("Anna Nowak",), tags=("ports", "pilots")),
        replace(ARTICLE, headline="A Long Table", body=table),
        replace(SECOND, headline="Огни «Zażółć»", body=CYRILLIC, authors=("Иван Петров",)),
        replace(demo, headline="The Same Again, under Another Name"),
    )
    printed = paper(
        edition(ARTICLE, subject="Monthly of November 2026", published_at=_at(28), images={}),
        TODAY,
        giving=GIVING,
        collection=Collection(
            date(2026, 11, 1), date(2026, 11, 30), "We look back.\n\nAnd ahead.", parts(texts), 1
        ),
    )
    pictures = dict.fromkeys(printed.pictures, PICTURE)
    assert not printed.universal
    content = typeset(printed.html, pictures, universal=True)
    run = ["pdftotext", "-", "-"]
    text = subprocess.run(run, input=content, capture_output=True, check=True).stdout.decode()
    return Printed(content, tuple(text.split("\f")[:-1]), texts)


def parts(texts: tuple[Article, ...]) -> tuple[Edition, ...]:
    url = "https://monitor.example.org/baltic-monitor/"
    mended = Correction("It begins in May.", _at(29), TODAY)
    return tuple(
        edition(
            text,
            subject=text.headline,
            url=f"{url}{number}",
            images=OWN,
            corrections=(mended,) if number == 1 else (),
            licence=replace(LICENCE, text_terms="CC BY it is.") if number == 2 else LICENCE,
        )
        for number, text in enumerate(texts)
    )


def _at(day: int) -> datetime:
    return datetime(2026, 11, day, 8, tzinfo=UTC)


def every_sentence_of_every_text_is_in_it(made: Printed) -> None:
    said = [sentence for text in made.texts for sentence in sentences(text)]
    assert len(said) > 100
    flowing = bare(" ".join(map(without_furniture, made.pages)))
    assert [each for each in said if bare(each) not in flowing] == []


def sentences(text: Article) -> Iterator[str]:
    """Yield what the page of a text on the web says, sentence by sentence and cell by cell."""
    page = parse(article_html(edition(text, donate_url="", licence=None, related=())))
    for element in page.all("h1", "h2", "h3", "p", "li", "td", "th", "figcaption"):
        words = re.sub(r"\[\d+(:\d+)?\]|↩︎?", "", element.text)
        yield from filter(str.strip, re.split(r"(?<=[.?!])\s|\n", words))


def without_furniture(page: str) -> str:
    """Return the words of a page without what stands over and under every page."""
    lines = page.splitlines()
    kept = [line for line in lines if not re.fullmatch(r"\d+ of \d+", line.strip())]
    return "\n".join(kept[2:] if kept and kept[0] == "Baltic Monitor · November 2026" else kept)


def bare(text: str) -> str:
    """Return the letters of words alone: numbers of notes stand between them on paper."""
    return re.sub(r"[\W\d_]+", "", text).lower()


def the_contents_name_the_pages_on_which_the_texts_begin(made: Printed) -> None:
    contents = made.pages[1]
    numbers = [int(line) for line in re.findall(r"(?:\. )+\s*(\d+)$", contents, re.MULTILINE)]
    assert len(numbers) == len(made.texts)
    for number, text in zip(numbers, made.texts, strict=True):
        assert flat(text.headline) in flat(contents)
        assert flat(text.headline) in flat(made.pages[number - 1])
    reader = made.reader()
    places = {str(one.title): reader.get_destination_page_number(one) for one in marks(reader)}
    assert [places[text.headline] for text in made.texts] == [number - 1 for number in numbers]
    for number, page in enumerate(made.pages[1:], 2):
        assert f"{number} of {len(made.pages)}" in " ".join(page.split())


def marks(reader: pypdf.PdfReader) -> Iterator[Destination]:
    """Yield the bookmarks of a PDF, at whatever depth."""
    waiting: list[object] = [reader.outline]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, Destination):
            yield one


def over_the_pages_stands_the_text_that_is_on_them(made: Printed) -> None:
    table = [page for page in made.pages if "Port 40" in page or "Port 69" in page]
    assert len(table) >= 1
    for page in table:
        assert "A Long Table" in page
        assert "Baltic Monitor · November 2026" in page
        assert "Calls" in page  # the head of the table comes again


def it_knows_its_title_authors_language_and_pictures(made: Printed) -> None:
    reader = made.reader()
    about = reader.metadata
    root: Any = reader.root_object
    assert about is not None
    assert about.title == "Monthly of November 2026"
    assert about.author == "Anna Nowak, Иван Петров"
    assert about.creation_date == _at(28)
    assert about.modification_date == _at(29)
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    fonts = subprocess.run(["pdffonts", "-"], input=made.content, capture_output=True, check=True)
    lines = fonts.stdout.decode().splitlines()[2:]
    assert lines
    assert all(re.search(r"\s(yes)\s+(yes|no)\s+yes\s", line) for line in lines), lines
    urls = {
        str(note.get_object()["/A"]["/URI"])
        for page in reader.pages
        for note in page.get("/Annots", ())
        if "/URI" in note.get_object().get("/A", {})
    }
    assert GIVING in urls
    assert not [url for url in urls if "/give" in url or "unsubscribe" in url]


def it_says_whose_it_is_and_holds_no_appeal(made: Printed) -> None:
    for said in (
        "We look back.",
        "Anna Nowak",
        "Correction, 29 November 2026: It begins in May.",
        "CC BY it is.",
        "Texts may be republished if their origin is credited.",
        "https://monitor.example.org/baltic-monitor/2",
        "SOURCE: OWN DRAWING",
        "One text is not public any more and is left out.",
    ):
        assert flat(said).lower() in made.words.lower(), said
    assert "Help us to write" not in " ".join(made.pages)
    assert made.words.count(flat(GIVING)) == 1


@settings(max_examples=60)
@given(bodies())
def test_no_sentence_is_lost_or_doubled_and_no_appeal_comes(body: Made) -> None:
    html = paper(edition(Article("Ports", body.markdown)), TODAY).html
    said = SENTENCE.findall(parse(html).text)
    assert sorted(said) == sorted(sentence(number) for number in range(body.sentences))
    assert "Help us to write" not in html


def test_links_and_footnotes_are_noted_once_and_in_one_row() -> None:
    body = """\
One [here](https://example.org/a?x=1&utm_source=mail), a note.[^n] Again [there](https://example.org/a?x=1)
and again.[^n] Bare: <https://example.org/b>. Write to [us](mailto:a@example.org).

[^n]: See the [year](https://example.org/dues).

    - and a list
    - in a note
"""
    html = paper(edition(Article("Ports", body)), TODAY).html
    tree = parse(html)
    (notes,) = [each for each in tree.all("section") if each.attributes.get("class") == "notes"]
    items = [each for each in notes.all("li") if "id" in each.attributes]
    assert [" ".join(each.text.split()) for each in items] == [
        "https://example.org/a?x=1",
        "See the year4. and a list in a note",
        "mailto:a@example.org",
        "https://example.org/dues",
    ]
    assert [each.attributes["id"] for each in items] == [f"note-1-{n}" for n in range(1, 5)]
    marks = [each.text for each in tree.all("sup")]
    assert marks == ["1", "2", "1", "2", "3", "4"]
    assert html.count(">https://example.org/b<") == 1
    assert "utm_source" not in html


def test_pictures_are_printed_where_their_right_reaches() -> None:
    text = replace(ARTICLE, body='One.\n\n![To come](<> "Later")')
    for permission, printed in {
        "own": True,
        "CC BY 4.0": True,
        "permission of Anna Nowak": True,
        "licensed by Agency until 2026-11-29": True,
        "licensed by Agency until 2026-11-28": False,
        "own until 2026-11-28": False,
        "own for web and mail": False,
        "unknown for web, mail and print": True,
        "": False,
        "as agreed by telephone": False,
    }.items():
        shown = replace(OWN["harbour.jpg"], permission=permission)
        made = paper(edition(text, images={"harbour.jpg": shown}), TODAY)
        assert (made.pictures == ("harbour.jpg",)) is printed, permission
        assert ("Own drawing" in made.html) is printed, permission
        assert ("One picture of the text on the web is left out" in made.html) is not printed


def test_what_is_in_several_languages_is_not_declared_accessible() -> None:
    assert paper(edition(ARTICLE), TODAY).universal
    assert paper(edition(replace(ARTICLE, language="en-GB")), TODAY).universal
    assert not paper(edition(ARTICLE, SECOND), TODAY).universal


def test_one_text_has_a_head_and_several_a_cover() -> None:
    logo = Logo("https://monitor.example.org/image/logo.png", 120, 40, "Institute")
    one = parse(paper(edition(masthead=replace(MASTHEAD, logo=logo)), TODAY).html)
    assert [each.text for each in one.all("h1")] == [ARTICLE.headline]
    assert [each.attributes["src"] for each in one.all("img")] == ["picture:logo.png"]
    both = parse(paper(edition(ARTICLE, SECOND), TODAY).html)
    assert [each.text for each in both.all("h1")] == ["Ports in November"]
    assert {"#article-1", "#article-2"} <= {each.attributes["href"] for each in both.all("a")}


def test_what_it_shows_is_in_its_digest() -> None:
    first = paper(edition(), TODAY)
    assert first.digest == paper(edition(), date(2026, 11, 30)).digest
    others = (
        edition(replace(ARTICLE, lead="Another.")),
        edition(corrections=(Correction("No.", _at(29), TODAY),)),
        edition(images=OWN),
    )
    assert len({first.digest, *(paper(each, TODAY).digest for each in others)}) == 4


def test_polish_counts_its_pages_too() -> None:
    html = paper(edition(masthead=replace(MASTHEAD, language="pl")), TODAY).html
    assert 'content: "" counter(page) " z " counter(pages) ""' in html
    assert '<html lang="pl"' in html
