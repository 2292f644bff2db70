"""How a text is cited: as data for programs that keep references, and as the lines of two manuals.

One value, ``Citation``, in five forms. BibTeX is written in ASCII, as every version of it reads.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import quote

from newsletter.rendering.edition import Edition
from newsletter.rendering.latex import latex

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_PARTICLES = {"da", "de", "del", "der", "di", "dos", "du", "la", "le", "van", "von", "zu"}
_ENDS_ITSELF = re.compile(r"[.?!…][”’»)]*\Z")
_CHICAGO_NAMES, _CHICAGO_SHOWN = 10, 7
_APA_NAMES, _APA_SHOWN = 20, 19


@dataclass(frozen=True, slots=True)
class Author:
    """A person by ``family`` and ``given`` name; an institution has its name in ``family``."""

    family: str
    given: str = ""

    @classmethod
    def parse(cls, name: str) -> "Author":
        """Read “Anna Nowak”, “Nowak, Anna” or, in braces, “{Institute of Examples}”."""
        name = " ".join(name.split())
        if name.startswith("{") and name.endswith("}"):
            return cls(name[1:-1].strip())
        if "," in name:
            family, given = name.split(",", 1)
            return cls(family.strip(), given.strip())
        words = name.split(" ")
        first = next(
            (at for at, word in enumerate(words[1:-1], 1) if word in _PARTICLES), len(words) - 1
        )
        return cls(" ".join(words[first:]), " ".join(words[:first]))

    @property
    def sorted_name(self) -> str:
        """The name as indexes have it."""
        return ", ".join(filter(None, (self.family, self.given)))

    @property
    def spoken_name(self) -> str:
        """The name as one says it."""
        return " ".join(filter(None, (self.given, self.family)))


@dataclass(frozen=True, slots=True)
class Citation:
    """All that is known of a text that someone cites.

    ``container`` is the publication, ``url`` permanent, ``licence`` a name and ``licence_url`` its
    terms on the web. ``as_of`` is the date of the version that is meant, where it is an old one.
    """

    title: str
    authors: tuple[Author, ...]
    container: str
    publisher: str
    url: str
    dated: date | None = None
    language: str = "en"
    licence: str = ""
    licence_url: str = ""
    abstract: str = ""
    as_of: date | None = None

    @property
    def key(self) -> str:
        """A name for it that says something: nowak2020russia."""
        by, words = _plain(self.authors[0].family), _plain(self.title).split()
        said = next((word for word in words if len(word) > 3), "".join(words[:1]))
        return f"{by.replace(' ', '')}{self.dated.year if self.dated else ''}{said}" or "text"


def cite(edition: Edition, number: int | None = None) -> Citation:
    """Gather the citation of an issue, or of its article ``number``, counted from 1.

    The newest version is cited by the address where the newest always is. Who writes without a name
    writes for the institute.
    """
    masthead, licence = edition.masthead, edition.licence
    only = number or (1 if len(edition.articles) == 1 else None)
    article = edition.articles[only - 1] if only else None
    institute = masthead.author or masthead.name
    dates = [each.dated for each in ((article,) if article else edition.articles) if each.dated]
    anchor = f"#article-{number}" if number and len(edition.articles) > 1 else ""
    names = article.authors if article else ()
    return Citation(
        title=_line(article.headline if article else edition.subject),
        authors=tuple(map(Author.parse, filter(str.strip, names))) or (Author(institute),),
        container=_line(masthead.name),
        publisher=_line(institute),
        url=_ascii(edition.url if edition.is_newest else edition.version.url) + anchor,
        dated=max(dates, default=None),
        language=article.language if article else masthead.language,
        licence=_line(licence.name or licence.text_terms) if licence else "",
        licence_url=_ascii(licence.url) if licence else "",
        abstract=_line(article.lead) if article else "",
        as_of=edition.version.at.date() if not edition.is_newest and edition.version.at else None,
    )


def bibtex(citation: Citation) -> str:
    """Write an entry for BibTeX and its heirs; capitals of the title are kept."""
    dated = citation.dated
    names = (
        latex(each.sorted_name) if each.given else f"{{{latex(each.family)}}}"
        for each in citation.authors
    )
    rights = " ".join(filter(None, (citation.licence, citation.licence_url)))
    fields = {
        "author": " and ".join(names),
        "title": f"{{{latex(citation.title)}}}",
        "journal": latex(citation.container),
        "publisher": latex(citation.publisher),
        "year": str(dated.year) if dated else "",
        "month": str(dated.month) if dated else "",
        "day": str(dated.day) if dated else "",
        "url": citation.url,
        "note": _version(citation),
        "langid": {"en": "english", "pl": "polish"}.get(citation.language[:2], ""),
        "copyright": latex(rights),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@article{{{citation.key},", *lines, "}", ""])


def ris(citation: Citation) -> str:
    """Write a record of RIS, whose lines end with CR and LF."""
    dated = citation.dated
    fields = [
        ("TY", "MGZN"),
        *(("AU", each.sorted_name) for each in citation.authors),
        ("TI", citation.title),
        ("T2", citation.container),
        ("PB", citation.publisher),
        ("PY", str(dated.year) if dated else ""),
        ("DA", f"{dated:%Y/%m/%d}/" if dated else ""),
        ("UR", citation.url),
        ("LA", citation.language),
        ("AB", citation.abstract),
        ("N1", _version(citation)),
        ("N1", " ".join(filter(None, (citation.licence, citation.licence_url)))),
    ]
    lines = [f"{tag}  - {_line(value)}" for tag, value in fields if value]
    return "\r\n".join([*lines, "ER  - ", ""])


def csl(citation: Citation) -> dict[str, object]:
    """Return the item of CSL-JSON, which Zotero and Pandoc read."""
    dated = citation.dated
    rights = {"license": citation.licence, "license-url": citation.licence_url}
    item: dict[str, object] = {
        "id": citation.key,
        "type": "article-magazine",
        "title": citation.title,
        "author": [
            {"family": each.family, "given": each.given} if each.given else {"literal": each.family}
            for each in citation.authors
        ],
        "container-title": citation.container,
        "publisher": citation.publisher,
        "issued": {"date-parts": [[dated.year, dated.month, dated.day]]} if dated else None,
        "URL": citation.url,
        "language": citation.language,
        "abstract": citation.abstract,
        "version": citation.as_of.isoformat() if citation.as_of else "",
        "custom": {name: value for name, value in rights.items() if value},
    }
    return {name: value for name, value in item.items() if value}


def csl_json(citation: Citation) -> str:
    """Write a file of CSL-JSON with this one item."""
    return json.dumps([csl(citation)], ensure_ascii=False, indent=2) + "\n"


def chicago(citation: Citation) -> str:
    """Write a line of a bibliography by the Chicago Manual of Style, 17th edition (14.189)."""
    first, *others = citation.authors
    names = [first.sorted_name, *(each.spoken_name for each in others)]
    if len(names) > _CHICAGO_NAMES:
        by = ", ".join([*names[:_CHICAGO_SHOWN], "et al."])
    else:
        by = _listed(names, "and")
    dated = citation.dated
    day = ", ".join(filter(None, (_day(dated), _version(citation).replace("V", "v", 1))))
    title = f"“{_stop(_inner_quotes(citation.title))}”"
    return f"{_stop(by)} {title} {citation.container}, {_stop(day)} {citation.url}."


def apa(citation: Citation) -> str:
    """Write a line of references by the manual of the APA, 7th edition.

    The manual wants titles without capitals; which words keep theirs is left to who cites.
    """
    names = [_with_initials(each) for each in citation.authors]
    if len(names) > _APA_NAMES:
        by = f"{', '.join(names[:_APA_SHOWN])}, . . . {names[-1]}"
    else:
        by = _listed(names, "&")
    dated = citation.dated
    day = f"{dated.year}, {_MONTHS[dated.month - 1]} {dated.day}" if dated else "n.d."
    version = f" [{_version(citation)}]." if citation.as_of else ""
    title = citation.title if version else _stop(citation.title)
    return f"{_stop(by)} ({day}). {title}{version} {citation.container}. {citation.url}"


def meta_tags(citation: Citation, pdf: str = "") -> tuple[tuple[str, str], ...]:
    """Return names and contents of the meta elements by which scholars' search engines know it.

    Those that begin with ``citation_`` are Highwire's, which Google Scholar reads; the others are
    of Dublin Core. ``pdf`` is the address of the text as a PDF, if there is one.
    """
    dated, rights = citation.dated, citation.licence_url or citation.licence
    names = [each.spoken_name for each in citation.authors]
    tags = [
        ("citation_title", citation.title),
        *(("citation_author", name) for name in names),
        ("citation_publication_date", f"{dated:%Y/%m/%d}" if dated else ""),
        ("citation_journal_title", citation.container),
        ("citation_publisher", citation.publisher),
        ("citation_language", citation.language),
        ("citation_fulltext_html_url", citation.url),
        ("citation_pdf_url", pdf),
        ("DC.title", citation.title),
        *(("DC.creator", name) for name in names),
        ("DC.date", dated.isoformat() if dated else ""),
        ("DC.publisher", citation.publisher),
        ("DC.source", citation.container),
        ("DC.language", citation.language),
        ("DC.identifier", citation.url),
        ("DC.type", "Text"),
        ("DC.rights", rights),
    ]
    return tuple((name, content) for name, content in tags if content)


def _day(day: date | None) -> str:
    return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}" if day else "n.d."


def _version(citation: Citation) -> str:
    return f"Version of {_day(citation.as_of)}" if citation.as_of else ""


def _listed(names: Sequence[str], conjunction: str) -> str:
    *others, last = names
    return ", ".join([*others, f"{conjunction} {last}"]) if others else last


def _with_initials(author: Author) -> str:
    """Write “Nowak, A. M.”; of Jean-Paul it is J.-P."""
    words = (
        "-".join(f"{part[0]}." for part in word.split("-") if part)
        for word in author.given.replace(".", ". ").split()
    )
    return ", ".join(filter(None, (author.family, " ".join(words))))


def _inner_quotes(title: str) -> str:
    """Turn double quotation marks into single ones, for the title gets double ones around it."""
    marked = title.translate(str.maketrans("“”„«»", "‘’‘‘’"))
    return "".join(_paired(marked))


def _paired(text: str) -> Iterator[str]:
    opened = False
    for is_mark, letters in groupby(text, lambda letter: letter == '"'):
        if not is_mark:
            yield from letters
            continue
        for _ in letters:
            opened = not opened
            yield "‘" if opened else "’"


def _stop(text: str) -> str:
    return text if _ENDS_ITSELF.search(text) else f"{text}."


def _line(text: str) -> str:
    return " ".join(text.split())


def _ascii(url: str) -> str:
    """Return ``url`` with nothing in it that could end a field: a link stays the same link."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%-._~")


def _plain(text: str) -> str:
    """Return the words of ``text`` in small letters of ASCII."""
    bare = unicodedata.normalize("NFKD", text.lower().replace("ł", "l").replace("ß", "ss"))
    kept = "".join(letter for letter in bare if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[a-z0-9]+", kept))
