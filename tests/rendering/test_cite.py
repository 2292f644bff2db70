"""Citations, as programs that are not ours read them, and as the two manuals print them."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from hypothesis import given, settings
from hypothesis import strategies as st
from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)

from newsletter.manuscripts import Article, Licence
from newsletter.rendering import (
    Author,
    Citation,
    Correction,
    apa,
    bibtex,
    chicago,
    cite,
    csl,
    csl_json,
    meta_tags,
    ris,
)
from rendering.editions import ARTICLE, MASTHEAD, SECOND, edition

INSTITUTE = replace(MASTHEAD, author="Institute of Examples")
URL = "https://monitor.example.org/baltic-monitor/7"
NOWAK, KOS = Author("Nowak", "Anna Maria"), Author("Kos", "Jean-Paul")


def citation(**changes: Any) -> Citation:
    facts: dict[str, Any] = {
        "title": "Three Ports, One Pilot Watch",
        "authors": (NOWAK,),
        "container": "Baltic Monitor",
        "publisher": "Institute of Examples",
        "url": URL,
        "dated": date(2026, 3, 9),
        "licence": "CC BY 4.0",
        "licence_url": "https://creativecommons.org/licenses/by/4.0/",
        "abstract": "Three harbours weigh a common roster.",
    }
    return Citation(**facts | changes)


def decoder() -> LatexNodes2Text:
    """Make a reader of LaTeX that knows five commands more, of LaTeX's own textcomp."""
    more = {"less": "<", "greater": ">", "bar": "|", "braceleft": "{", "braceright": "}"}
    known = get_default_latex_context_db()
    macros = [MacroTextSpec(f"text{name}", letter) for name, letter in more.items()]
    known.add_context_category("textcomp", macros=macros, prepend=True)
    return LatexNodes2Text(latex_context=known)


def read_bibtex(written: str, *, decoded: bool = True) -> dict[str, str]:
    """Read an entry with bibtexparser, its LaTeX decoded by pylatexenc or left."""
    decoding = [LatexDecodingMiddleware(decoder=decoder())] if decoded else []
    library = parse_string(written, append_middleware=decoding)
    assert library.failed_blocks == []
    (entry,) = library.entries
    fields = {name: str(field.value) for name, field in entry.fields_dict.items()}
    return fields | {"ENTRYTYPE": entry.entry_type, "ID": entry.key}


def read_ris(written: str) -> dict[str, Any]:
    (entry,) = rispy.loads(written)
    found: dict[str, Any] = entry
    return found


def test_an_issue_of_one_article_is_cited_as_that_article() -> None:
    article = replace(ARTICLE, authors=("Anna Nowak", "Kos, Jan"))
    licence = Licence("Terms.", "", "https://example.org/l", "CC BY 4.0")
    found = cite(edition(article, masthead=INSTITUTE, licence=licence))
    assert found == Citation(
        title="Three Ports, One Pilot Watch",
        authors=(Author("Nowak", "Anna"), Author("Kos", "Jan")),
        container="Baltic Monitor",
        publisher="Institute of Examples",
        url=URL,
        dated=date(2026, 11, 19),
        licence="CC BY 4.0",
        licence_url="https://example.org/l",
        abstract="Three harbours weigh a common roster.",
    )


def test_without_a_name_the_institute_has_written_it() -> None:
    assert cite(edition(masthead=INSTITUTE)).authors == (Author("Institute of Examples"),)
    assert cite(edition()).authors == (Author("Baltic Monitor"),)


def test_of_several_articles_the_whole_is_cited_or_one() -> None:
    both = edition(ARTICLE, SECOND)
    whole, second = cite(both), cite(both, 2)
    assert (whole.title, whole.url) == ("Ports in November", URL)
    assert whole.dated == date(2026, 11, 19)
    assert (second.title, second.url) == ("Tory i porty", f"{URL}#article-2")
    assert (second.dated, second.language) == (date(2026, 11, 12), "pl")


@pytest.mark.parametrize(
    ("name", "author"),
    [
        ("Anna Nowak", Author("Nowak", "Anna")),
        (" Anna  Maria Nowak ", Author("Nowak", "Anna Maria")),
        ("Nowak, Anna", Author("Nowak", "Anna")),
        ("Jan van der Berg", Author("van der Berg", "Jan")),
        ("Nowak", Author("Nowak")),
        ("{Institute of Examples, Port}", Author("Institute of Examples, Port")),
    ],
)
def test_a_name_is_read_with_its_parts(name: str, author: Author) -> None:
    assert Author.parse(name) == author


def test_bibtex_is_read_by_another_program() -> None:
    written = bibtex(citation(authors=(NOWAK, KOS, Author("Institute and Sons, Port"))))
    assert read_bibtex(written, decoded=False) == {
        "ENTRYTYPE": "article",
        "ID": "nowak2026three",
        "author": "Nowak, Anna Maria and Kos, Jean-Paul and {Institute and Sons, Port}",
        "title": "{Three Ports, One Pilot Watch}",
        "journal": "Baltic Monitor",
        "publisher": "Institute of Examples",
        "year": "2026",
        "month": "3",
        "day": "9",
        "url": URL,
        "langid": "english",
        "copyright": "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/",
    }


SPECIAL = "50% of $5 & #1_a {b} ~ ^ \\n <i> | “Zażółć gęślą jaźń” – „ŁÓDŹ” — it’s… Müller, Šimić"


def test_bibtex_escapes_what_is_special_and_writes_polish_in_ascii() -> None:
    written = bibtex(citation(title=SPECIAL, authors=(Author("Żak", "Łucja"),)))
    assert written.isascii()
    assert r"{\.{Z}}ak, {\L}ucja" in written
    assert r"50\% of \$5 \& \#1\_a {\textbraceleft}b{\textbraceright}" in written
    assert r"g{\k{e}}{\'{s}}l{\k{a}}" in written
    read = read_bibtex(written)
    assert read["author"] == "Żak, Łucja"
    assert as_letters(read["title"]) == as_letters(SPECIAL)


PRINTED = st.text("aZ ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüßéčřőåø{}\\$&#%_~^<>|“”„–—…@,=()[]", max_size=30)


@given(PRINTED, PRINTED)
@settings(deadline=None)
def test_whatever_a_title_holds_the_entry_is_whole(title: str, name: str) -> None:
    title, name = f"T {' '.join(title.split())} t", f"N{' '.join(name.split())}n"
    written = bibtex(citation(title=title, authors=(Author(name, "Anna"),)))
    assert written.isascii()
    assert written.count("{") == written.count("}")
    read = read_bibtex(written)
    assert read["url"] == URL
    assert as_letters(read["title"]) == as_letters(title)
    assert as_letters(read["author"]) == as_letters(f"{name}, Anna")


def as_letters(text: str) -> str:
    """Leave what says something: apart from spaces, marks that LaTeX draws alike are the same."""
    alike = str.maketrans("’ˆ˜", "'^~")
    return re.sub(r"\s", "", text).translate(alike).replace("...", "…")


def test_an_address_cannot_end_its_field() -> None:
    hostile = "https://example.org/a}b{c d\nż"
    found = cite(edition(url=hostile))
    assert found.url == "https://example.org/a%7Db%7Bc%20d%0A%C5%BC"
    assert read_bibtex(bibtex(found), decoded=False)["url"] == found.url


def test_ris_is_read_by_another_program() -> None:
    written = ris(citation(authors=(NOWAK, Author("Institute"))))
    assert written.startswith("TY  - MGZN\r\n")
    assert written.endswith("\r\nER  - \r\n")
    assert read_ris(written) == {
        "type_of_reference": "MGZN",
        "authors": ["Nowak, Anna Maria", "Institute"],
        "title": "Three Ports, One Pilot Watch",
        "secondary_title": "Baltic Monitor",
        "publisher": "Institute of Examples",
        "year": "2026",
        "date": "2026/03/09/",
        "urls": [URL],
        "language": "en",
        "abstract": "Three harbours weigh a common roster.",
        "notes": ["CC BY 4.0 https://creativecommons.org/licenses/by/4.0/"],
    }


@given(st.text(max_size=60))
def test_whatever_a_title_holds_the_record_is_whole(title: str) -> None:
    title = " ".join(f"T{title}t".split())
    read = read_ris(ris(citation(title=f"{title}\r\nER  - \nAU  - Nobody")))
    assert read["title"] == f"{title} ER - AU - Nobody"
    assert read["authors"] == ["Nowak, Anna Maria"]


def test_csl_json_has_the_parts_of_names_and_of_the_date() -> None:
    both = citation(authors=(NOWAK, Author("Institute")))
    (item,) = json.loads(csl_json(both))
    assert item == csl(both)
    assert item == {
        "id": "nowak2026three",
        "type": "article-magazine",
        "title": "Three Ports, One Pilot Watch",
        "author": [{"family": "Nowak", "given": "Anna Maria"}, {"literal": "Institute"}],
        "container-title": "Baltic Monitor",
        "publisher": "Institute of Examples",
        "issued": {"date-parts": [[2026, 3, 9]]},
        "URL": URL,
        "language": "en",
        "abstract": "Three harbours weigh a common roster.",
        "custom": {
            "license": "CC BY 4.0",
            "license-url": "https://creativecommons.org/licenses/by/4.0/",
        },
    }


def people(count: int) -> tuple[Author, ...]:
    return tuple(Author(f"F{number}", f"Given{number}") for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {},
            "Nowak, Anna Maria. “Three Ports, One Pilot Watch.” Baltic Monitor, March 9, 2026."
            f" {URL}.",
        ),
        (
            {"authors": (Author("Institute of Examples"),), "title": "Who Decides?"},
            f"Institute of Examples. “Who Decides?” Baltic Monitor, March 9, 2026. {URL}.",
        ),
        (
            {"authors": (NOWAK, KOS), "title": "The “Shadow” Fleet", "dated": None},
            "Nowak, Anna Maria, and Jean-Paul Kos. “The ‘Shadow’ Fleet.” Baltic Monitor, n.d."
            f" {URL}.",
        ),
        (
            {"authors": people(3), "title": 'He said "no"'},
            "F1, Given1, Given2 F2, and Given3 F3. “He said ‘no’.” Baltic Monitor, March 9, 2026."
            f" {URL}.",
        ),
        (
            {"authors": people(11)},
            "F1, Given1, Given2 F2, Given3 F3, Given4 F4, Given5 F5, Given6 F6, Given7 F7, et al."
            f" “Three Ports, One Pilot Watch.” Baltic Monitor, March 9, 2026. {URL}.",
        ),
    ],
)
def test_the_line_of_a_bibliography(changes: dict[str, Any], line: str) -> None:
    assert chicago(citation(**changes)) == line


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {},
            f"Nowak, A. M. (2026, March 9). Three Ports, One Pilot Watch. Baltic Monitor. {URL}",
        ),
        (
            {"authors": (NOWAK, KOS), "title": "Who Decides?"},
            f"Nowak, A. M., & Kos, J.-P. (2026, March 9). Who Decides? Baltic Monitor. {URL}",
        ),
        (
            {"authors": (Author("Institute of Examples"),), "dated": None, "title": "Ports"},
            f"Institute of Examples. (n.d.). Ports. Baltic Monitor. {URL}",
        ),
        (
            {"authors": people(21), "title": "Ports"},
            f"{', '.join(f'F{n}, G.' for n in range(1, 20))}, . . . F21, G. (2026, March 9). Ports."
            f" Baltic Monitor. {URL}",
        ),
    ],
)
def test_the_line_of_references(changes: dict[str, Any], line: str) -> None:
    assert apa(citation(**changes)) == line


def test_the_tags_by_which_search_engines_know_it() -> None:
    tags = meta_tags(citation(authors=(NOWAK, KOS)))
    assert [content for name, content in tags if name == "citation_author"] == [
        "Anna Maria Nowak",
        "Jean-Paul Kos",
    ]
    others = dict(tags)
    assert others["citation_publication_date"] == "2026/03/09"
    assert others["citation_journal_title"] == others["DC.source"] == "Baltic Monitor"
    assert others["DC.date"] == "2026-03-09"
    assert others["DC.identifier"] == others["citation_fulltext_html_url"] == URL
    assert others["DC.rights"] == "https://creativecommons.org/licenses/by/4.0/"
    assert all(content for _, content in tags)


def test_an_old_version_is_cited_with_its_date_and_its_own_address() -> None:
    moments = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (9, 11, 14)]
    told = tuple(Correction("Wrong.", at, at.date()) for at in moments[1:])
    newest = edition(published_at=moments[0], corrections=told, masthead=INSTITUTE)
    assert [version.url for version in newest.versions] == [f"{URL}/v{n}" for n in (1, 2, 3)]
    assert (cite(newest).url, cite(newest).as_of) == (URL, None)
    assert newest.in_version(3) == newest
    assert [newest.in_version(n).version.number for n in (1, 2, 3)] == [1, 2, 3]
    assert newest.in_version(1).in_version(3) == newest
    old = newest.in_version(2)
    assert (old.corrections, old.later, old.changed_at) == (told[:1], told[1:], moments[1])
    found = cite(old)
    assert (found.url, found.as_of) == (f"{URL}/v2", date(2026, 3, 11))
    said = "Version of March 11, 2026"
    assert read_bibtex(bibtex(found))["note"] == said
    assert said in read_ris(ris(found))["notes"]
    assert csl(found)["version"] == "2026-03-11"
    assert f"November 19, 2026, version of March 11, 2026. {URL}/v2." in chicago(found)
    assert f"Three Ports, One Pilot Watch [{said}]. Baltic Monitor. {URL}/v2" in apa(found)
    two = cite(edition(ARTICLE, SECOND, corrections=told, later=()).in_version(1), 2)
    assert two.url == f"{URL}/v1#article-2"


def test_what_is_not_known_is_left_out_everywhere() -> None:
    bare = cite(edition(Article("Ports", "Text."), licence=None))
    assert "dated" not in read_bibtex(bibtex(bare))
    assert {"year", "date", "notes"} & read_ris(ris(bare)).keys() == set()
    assert {"issued", "custom", "abstract"} & csl(bare).keys() == set()
    assert "DC.date" not in dict(meta_tags(bare))
