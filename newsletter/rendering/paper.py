"""An issue on paper: the same text in the same order, set for A4 and for a PDF that is kept.

It holds every word of the text, its pictures with their credits, what was corrected, and on what
terms it may be used. It holds no appeal, no picture that may not be printed, and no address that is
a reader's own or tracks. Addresses of links are noted after the text, each once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from hashlib import sha256
from textwrap import shorten

from markupsafe import Markup

from newsletter.language import say_period, translations
from newsletter.manuscripts.article import Article, Licence, Picture
from newsletter.rendering import body
from newsletter.rendering.body import Figure, Prose
from newsletter.rendering.cite import Author
from newsletter.rendering.colour import light
from newsletter.rendering.edition import Correction, Edition, Logo, Masthead
from newsletter.rendering.endnotes import Endnotes
from newsletter.rendering.issue import frame, licence_of, title_of, without_unseen
from newsletter.rendering.letter import Letter
from newsletter.rendering.licence import copyright_notice, credit_line
from newsletter.rendering.permission import Place, may_appear
from newsletter.rendering.republish import rewritten
from newsletter.rendering.templates import render
from newsletter.typesetting import PICTURE

_RUNNING = 72
"""Characters of a headline that stand over every page."""


@dataclass(frozen=True, slots=True)
class Collection:
    """What a monthly collects: whole issues of the days from ``first`` to ``last``.

    ``preface`` is plain text. So many issues are ``withdrawn``: they are not public any more.
    """

    first: date
    last: date
    preface: str
    editions: tuple[Edition, ...]
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """A page of HTML that is ready to be typeset, and the names of the pictures in it.

    ``universal`` says that all of it is in one language, and may be declared to be accessible;
    ``changed_at`` when any of its texts was published, or corrected last.
    """

    html: str
    pictures: tuple[str, ...]
    universal: bool
    changed_at: datetime | None

    @property
    def digest(self) -> str:
        """Return a digest of all that it shows; images are named by their own."""
        return sha256(self.html.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PaperArticle:
    """One text on paper.

    ``running`` stands over its pages; ``url`` and ``licence`` are said where they are not those of
    the whole; ``left_out`` counts the pictures that may not be printed.
    """

    anchor: str
    kicker: str
    dated: date | None
    language: str
    headline: str
    running: str
    signed: str
    lead: str
    blocks: tuple[Prose | Figure, ...]
    notes: tuple[Markup, ...]
    corrections: tuple[Correction, ...]
    url: str
    licence: Licence | None
    left_out: int


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """All that stands on paper. ``said`` is what it collects, as October 2026."""

    masthead: Masthead
    logo: Logo | None
    title: str
    said: str
    author: str
    description: str
    keywords: tuple[str, ...]
    published_at: datetime | None
    changed_at: datetime | None
    dated: date | None
    url: str
    preface: tuple[str, ...]
    articles: tuple[PaperArticle, ...]
    corrections: tuple[Correction, ...]
    licence: Licence | None
    credit: str
    notice: str
    giving: str
    withdrawn: int


def paper(
    edition: Edition, today: date, *, giving: str = "", collection: Collection | None = None
) -> Paper:
    """Set ``edition`` for paper, or a monthly with all that it collects.

    Which permissions hold is asked of ``today``; ``giving`` is where gifts are taken, if they are.
    """
    edition, collection = without_unseen(edition), without_unseen(collection)
    sheet = _sheet(edition, today, giving, collection)
    language = edition.masthead.language
    html = render(
        "prints/issue.html",
        language,
        sheet=sheet,
        shades=light(edition.masthead.accent),
        numbering=_numbering(language),
        is_whole=collection is not None or len(sheet.articles) > 1,
    )
    spoken = {
        tag.split("-")[0].lower() for tag in (language, *(a.language for a in sheet.articles))
    }
    pictures = tuple(dict.fromkeys(_pictures(sheet)))
    return Paper(html, pictures, universal=len(spoken) == 1, changed_at=sheet.changed_at)


def _sheet(edition: Edition, today: date, giving: str, collection: Collection | None) -> PaperSheet:
    masthead, licence = edition.masthead, licence_of(edition)
    parts = collection.editions if collection else (edition,)
    is_whole = collection is not None or len(edition.articles) > 1
    texts = [(part, article) for part in parts for article in part.articles]
    articles = tuple(
        _article(part, article, number, today, 3 if is_whole else 2, edition)
        for number, (part, article) in enumerate(texts, 1)
    )
    names = dict.fromkeys(name for _, article in texts for name in _names(article))
    logo = masthead.logo
    return PaperSheet(
        masthead=masthead,
        logo=replace(logo, url=PICTURE + logo.url.rsplit("/", 1)[-1]) if logo else None,
        title=title_of(edition),
        said=say_period(collection.first, collection.last, masthead.language) if collection else "",
        author=", ".join(names) or masthead.author or masthead.name,
        description=edition.articles[0].lead,
        keywords=tuple(dict.fromkeys(tag for _, article in texts for tag in article.tags)),
        published_at=edition.published_at,
        changed_at=max(filter(None, (each.changed_at for each in (edition, *parts))), default=None),
        dated=max((each.dated for each in edition.articles if each.dated), default=None),
        url=edition.url,
        preface=_passages(collection.preface) if collection else (),
        articles=articles,
        corrections=edition.corrections,
        licence=licence,
        credit=credit_line(edition, masthead.language),
        notice=copyright_notice(edition),
        giving=giving,
        withdrawn=collection.withdrawn if collection else 0,
    )


def _article(
    edition: Edition, article: Article, number: int, today: date, level: int, whole: Edition
) -> PaperArticle:
    rewrite = partial(rewritten, edition=edition)
    notes, left_out = Endnotes(f"note-{number}"), 0

    def printed(picture: Picture) -> Figure:
        nonlocal left_out
        shown = edition.images.get(picture.file)
        if shown is None or not may_appear(shown, Place.PRINT, today):
            left_out += bool(picture.file)  # else it has not come
            return Figure(None, "", "")
        made = frame(edition, picture)
        return Figure(replace(shown, url=PICTURE + picture.file), made.alt, rewrite(made.credit))

    lead = [printed(article.picture)] if article.picture else []
    read = body.read(
        article.body, Letter(), printed, level=level, name=str(number), rewrite=rewrite
    )
    notes.know(read.footnotes)
    masthead, licence = edition.masthead, licence_of(edition)
    blocks = tuple(
        replace(each, html=notes.number(each.html)) if isinstance(each, Prose) else each
        for each in (*lead, *read.blocks)
        if isinstance(each, Prose) or each.shown
    )
    is_own = edition is whole
    return PaperArticle(
        anchor=f"article-{number}",
        kicker=article.kicker or masthead.kicker or masthead.name,
        dated=article.dated,
        language=article.language,
        headline=rewrite(article.headline),
        running=shorten(article.headline, _RUNNING, placeholder="…"),
        signed=", ".join(_names(article)),
        lead=rewrite(article.lead),
        blocks=blocks,
        notes=tuple(notes.notes()),
        corrections=() if is_own else edition.corrections,
        url="" if is_own else edition.url,
        licence=None if licence == licence_of(whole) else licence,
        left_out=left_out,
    )


def _names(article: Article) -> tuple[str, ...]:
    return tuple(Author.parse(name).spoken_name for name in article.authors if name.strip())


def _passages(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (" ".join(each.split()) for each in text.split("\n\n"))))


def _numbering(language: str) -> str:
    """Write “3 of 7” as the content of a margin box."""
    said = translations(language).gettext("%(page)s of %(pages)s")
    words = said % {"page": '" counter(page) "', "pages": '" counter(pages) "'}
    return f'"{words}"'


def _pictures(sheet: PaperSheet) -> Iterator[str]:
    """Name the pictures in their order."""
    urls: Iterable[str] = (
        *([sheet.logo.url] if sheet.logo else []),
        *(
            block.shown.url
            for article in sheet.articles
            for block in article.blocks
            if isinstance(block, Figure) and block.shown
        ),
    )
    return (url.removeprefix(PICTURE) for url in urls)
