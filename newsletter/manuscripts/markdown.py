"""Markdown with YAML front matter <-> Article: the form in which articles are kept and exported.

The body is taken as it stands, but for blank lines at its ends; HTML in it stays text, which
rendering escapes. What ``write`` writes, ``read`` reads back as the same Article, if its values are
legible and have no space at their ends, as every reader's are.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt

from newsletter.language import marked as _
from newsletter.manuscripts import blocks, characters, dates, frontmatter, language
from newsletter.manuscripts.article import (
    Appeal,
    Article,
    Finding,
    Licence,
    Part,
    Picture,
    Reading,
    Recognised,
)
from newsletter.manuscripts.frontmatter import Field, Value
from newsletter.manuscripts.refusals import (
    HEADLINE_TOO_LONG,
    LONGEST_HEADLINE,
    NO_TEXT,
    refusal,
)

_PARTS = {
    "headline": Part.HEADLINE,
    "lead": Part.LEAD,
    "authors": Part.FURNITURE,
    "kicker": Part.KICKER,
    "date": Part.DATE,
    "language": Part.FURNITURE,
    "picture": Part.PICTURE,
    "tags": Part.TAGS,
    "appeal": Part.APPEAL,
    "licence": Part.LICENCE,
    "terms": Part.LICENCE,
    "related": Part.RELATED,
}
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#(?=[ \t])")
_MARKDOWN = MarkdownIt("commonmark")


def read(text: str, *, unfinished: bool = False) -> Reading:
    """Read Markdown; raise InvalidManuscript, naming the line, for what cannot be read.

    Without a headline in the front matter, the first heading of the first level is the headline.
    What is ``unfinished`` may have no text yet.
    """
    sheet = _sheet(characters.legible(text))
    return Reading(_article(sheet, unfinished=unfinished), _all_findings(sheet))


def _all_findings(sheet: "_Sheet") -> tuple[Finding, ...]:
    findings = [*sheet.head, *_findings(sheet.lines, sheet.first)]
    return tuple(sorted(findings, key=lambda finding: finding.line))


def read_article(text: str, *, unfinished: bool = False) -> Article:
    """Read Markdown for its article alone, without looking into its blocks; raise as ``read``."""
    return _article(_sheet(characters.legible(text)), unfinished=unfinished)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Markdown with its headline taken out: the lines of its body begin at ``first``."""

    fields: Mapping[str, Field]
    headline: str
    lines: list[str]
    first: int
    head: list[Finding]


def _sheet(text: str, *, unfinished: bool = False) -> _Sheet:
    front, body, first = frontmatter.cut(text)
    fields = frontmatter.read(front, tuple(_PARTS))
    lines = characters.composed(body).split("\n")
    head = _fixed(fields, text.split("\n"))
    headline = _word(fields, "headline")
    if not headline:
        at, headline = _take_heading(lines, first)
        if headline:
            head.append(Finding(first + at, Part.HEADLINE, headline))
        elif not unfinished:
            words = _("there is no headline; begin with one on a line of its own: # Headline")
            raise refusal(first, words)
    return _Sheet(fields, headline, lines, first, head)


def recognise(text: str) -> Recognised:
    """Say what the blocks of Markdown are; what its front matter says is given.

    Without front matter all is recognised, as in what has no fields at all.
    """
    written = characters.legible(text)
    if not frontmatter.has_front_matter(written):
        return blocks.recognise(written)
    sheet = _sheet(written, unfinished=True)
    findings = _all_findings(sheet)
    has_heading = any(f.part is Part.HEADLINE and not f.fixed for f in findings)
    article = _article(sheet, unfinished=True)
    headline = "" if has_heading else article.headline
    return Recognised(findings, replace(article, body="", headline=headline))


def write(article: Article) -> str:
    """Return ``article`` as Markdown with front matter, the headline first."""
    picture, appeal, licence = article.picture, article.appeal, article.licence
    fields: dict[str, Value | None] = {
        "headline": article.headline,
        "lead": article.lead or None,
        "authors": list(article.authors) or None,
        "kicker": article.kicker or None,
        "date": article.dated,
        "language": article.language,
        "picture": _filled(file=picture.file, alt=picture.alt, credit=picture.credit)
        if picture
        else None,
        "tags": list(article.tags) or None,
        "appeal": _filled(title=appeal.title, text=appeal.text, button=appeal.button)
        if appeal
        else None,
        "licence": _filled(
            name=licence.name,
            text=licence.text_terms,
            images=licence.image_terms,
            url=licence.url,
        )
        if licence
        else None,
        "terms": article.terms or None,
        "related": list(article.related) or None,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return f"{frontmatter.write(given)}\n{characters.legible(article.body)}\n"


def _filled(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _article(sheet: _Sheet, *, unfinished: bool) -> Article:
    fields, headline, body = sheet.fields, sheet.headline, _without_blank_ends(sheet.lines)
    if not body and not unfinished:
        raise refusal(sheet.first, NO_TEXT)
    dated = fields.get("date")
    day = dated.word() if dated else ""
    spoken = fields.get("language")
    return Article(
        headline=headline,
        body=body,
        kicker=_word(fields, "kicker"),
        dated=dates.fetch(day, dated.line) if dated and day else None,
        language=language.detect(f"{headline}\n{body}")
        if spoken is None or spoken.is_empty()
        else spoken.word(),
        lead=_words(fields, "lead"),
        picture=_picture(fields.get("picture")),
        tags=_items(fields, "tags"),
        appeal=_appeal(fields.get("appeal")),
        licence=_licence(fields.get("licence")),
        related=_items(fields, "related"),
        authors=_items(fields, "authors"),
        terms=_word(fields, "terms"),
    )


def _picture(field: Field | None) -> Picture | None:
    if field is None or field.is_empty():
        return None
    of = field.fields(("file", "alt", "credit"))
    return Picture(credit=_word(of, "credit"), file=_word(of, "file"), alt=_word(of, "alt"))


def _appeal(field: Field | None) -> Appeal | None:
    if field is None or field.is_empty():
        return None
    of = field.fields(("title", "text", "button"))
    return Appeal(_word(of, "title"), _words(of, "text"), _word(of, "button"))


def _licence(field: Field | None) -> Licence | None:
    if field is None or field.is_empty():
        return None
    of = field.fields(("name", "text", "images", "url"))
    terms = (_words(of, "text"), _words(of, "images"))
    return Licence(*terms, _word(of, "url"), _word(of, "name"))


def _word(fields: Mapping[str, Field], name: str) -> str:
    return fields[name].word() if name in fields else ""


def _words(fields: Mapping[str, Field], name: str) -> str:
    return fields[name].words() if name in fields else ""


def _items(fields: Mapping[str, Field], name: str) -> tuple[str, ...]:
    return fields[name].items() if name in fields else ()


def _take_heading(lines: list[str], first: int) -> tuple[int, str]:
    """Blank the first heading of the first level; return its place and its words, if any."""
    for at, line in _outside_code(lines):
        if mark := _HEADING.match(line):
            headline = _plain(line[mark.end() :].strip(), first + at)
            if headline:
                lines[at] = ""
                return at, headline
    return 0, ""


def _plain(heading: str, line: int) -> str:
    """Return the words of a heading, without the marks of Markdown."""
    if len(heading) > LONGEST_HEADLINE:
        raise refusal(line, HEADLINE_TOO_LONG)
    bare = heading.rstrip("#")
    text = bare.rstrip() if bare != bare.rstrip() else heading
    children = _MARKDOWN.parseInline(text)[0].children or []
    return characters.line("".join(token.content for token in children))


def _outside_code(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the lines that stand in no fenced code, with their places."""
    fence = ""
    for at, line in enumerate(lines):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            yield at, line


def _fixed(fields: Mapping[str, Field], written: list[str]) -> list[Finding]:
    return [
        Finding(field.line, _PARTS[name], written[field.line - 1].strip(), fixed=True)
        for name, field in fields.items()
    ]


def _findings(lines: list[str], first: int) -> Iterator[Finding]:
    """Say what each block of the body is: a heading, a picture, a footnote or text."""
    for piece in blocks.pieces_of(lines, first, parted=False):
        piece.part = piece.part or (Part.SUBHEADING if piece.level else Part.BODY)
        yield piece.finding()


def _without_blank_ends(lines: list[str]) -> str:
    start = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    return "\n".join(lines[start:]).rstrip()
