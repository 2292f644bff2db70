"""A ready copy of an issue for whoever republishes it: HTML, Markdown and plain text.

It holds every word of the text, who wrote it, where it comes from and on what terms. It holds no
picture that may not be passed on, no appeal, and no address that is a reader's own or tracks.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from urllib.parse import unquote, urlsplit, urlunsplit

from markupsafe import Markup

from newsletter.language import say_date, translations
from newsletter.manuscripts import commonmark
from newsletter.manuscripts.article import Article, Picture
from newsletter.rendering import body, letter
from newsletter.rendering.body import Body, Figure, Prose
from newsletter.rendering.cite import Author
from newsletter.rendering.edition import Edition
from newsletter.rendering.issue import frame, without_unseen
from newsletter.rendering.letter import Letter
from newsletter.rendering.licence import credit_line
from newsletter.rendering.markdown import Writer
from newsletter.rendering.permission import Place, may_appear
from newsletter.rendering.templates import render

_PERSONAL = frozenset(
    {"agree", "confirm", "donate", "manage", "preferences", "undo", "unsubscribe"}
)
"""First words of our own paths below which every address is one reader's, or counts for one."""

_TRACKING = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|mc_[ce]id|fbclid|gclid|dclid|msclkid|yclid|igshid|_hs\w+|mkt_tok)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?'’)]}*_"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in three forms, and what the page that offers it has to say.

    ``left_out`` are the pictures that stay behind; ``note`` says so in a sentence that also stands
    in each form, empty where nothing was left out. ``canonical`` is the address of the original.
    """

    title: str
    html: Markup
    markdown: str
    text: str
    canonical: str
    credit: str
    note: str
    left_out: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class CopyArticle:
    """One text of a copy; ``headline`` is empty where it is the copy's title."""

    headline: str
    signed: str
    lead: str
    blocks: tuple[Prose | Figure, ...]
    footnotes: Markup
    read: Body


@dataclass(frozen=True, slots=True)
class CopySheet:
    """All that the three forms show."""

    title: str
    signed: str
    articles: tuple[CopyArticle, ...]
    notes: tuple[str, ...]
    credit: str
    url: str
    terms: str
    terms_name: str
    terms_url: str
    note: str


def republish(edition: Edition, today: date) -> Copy:
    """Make the copy of ``edition``; which permissions hold is asked of ``today``."""
    edition = without_unseen(edition)
    language = edition.masthead.language
    sheet, left_out = _sheet(edition, today)
    return Copy(
        title=sheet.title,
        html=Markup(render("copies/copy.html", language, sheet=sheet)),  # noqa: S704 - escaped
        markdown=_markdown(sheet),
        text=letter.tidy(render("copies/copy.txt", language, sheet=sheet)),
        canonical=edition.url,
        credit=sheet.credit,
        note=sheet.note,
        left_out=left_out,
    )


def _sheet(edition: Edition, today: date) -> tuple[CopySheet, tuple[Picture, ...]]:
    language, licence = edition.masthead.language, edition.licence
    rewrite, text = partial(rewritten, edition=edition), Letter()
    left_out: list[Picture] = []
    articles = tuple(
        _article(edition, number, article, text, today, left_out)
        for number, article in enumerate(edition.articles, 1)
    )
    only = edition.articles[0] if len(articles) == 1 else None
    _ = translations(language).gettext
    sheet = CopySheet(
        title=rewrite(only.headline if only else edition.subject),
        signed=articles[0].signed if only else "",
        articles=(replace(articles[0], headline="", signed=""),) if only else articles,
        notes=tuple(text.notes),
        credit=credit_line(edition, language),
        url=edition.url,
        terms=_terms(edition, articles),
        terms_name=(licence.name if licence else "") or _("Terms of republication"),
        terms_url=licence.url if licence and body.is_web_or_mail(licence.url) else "",
        note=_note(len(left_out), language),
    )
    return sheet, tuple(left_out)


def _article(
    edition: Edition,
    number: int,
    article: Article,
    text: Letter,
    today: date,
    left_out: list[Picture],
) -> CopyArticle:
    """Read one article, and add the pictures that stay behind to ``left_out``."""
    rewrite = partial(rewritten, edition=edition)

    def passed_on(picture: Picture) -> Figure:
        shown = edition.images.get(picture.file)
        if shown and may_appear(shown, Place.REPUBLICATION, today):
            made = frame(edition, picture)
            return replace(made, alt=rewrite(made.alt), credit=rewrite(made.credit))
        left_out.append(picture)
        return Figure(None, "", "")

    lead = [passed_on(article.picture)] if article.picture else []
    read = body.read(
        article.body,
        text,
        passed_on,
        level=2 if len(edition.articles) == 1 else 3,
        name=f"{re.sub('[^A-Za-z0-9]', '', edition.url.rsplit('/', 1)[-1])}-{number}",
        rewrite=rewrite,
    )
    return CopyArticle(
        headline=rewrite(article.headline),
        signed=_signed(edition, article),
        lead=rewrite(article.lead),
        blocks=tuple(
            each for each in (*lead, *read.blocks) if isinstance(each, Prose) or each.shown
        ),
        footnotes=read.footnotes,
        read=read,
    )


def _signed(edition: Edition, article: Article) -> str:
    """Return who wrote a text and when."""
    masthead = edition.masthead
    names = [Author.parse(name).spoken_name for name in article.authors if name.strip()]
    by = ", ".join(names) or masthead.author or masthead.name
    return " · ".join(
        filter(None, (by, say_date(article.dated, masthead.language) if article.dated else ""))
    )


def _terms(edition: Edition, articles: Sequence[CopyArticle]) -> str:
    """Return the words of the licence; pictures that are here are told from those that are not."""
    licence = edition.licence
    terms = [licence.text_terms, licence.image_terms] if licence else []
    if any(isinstance(block, Figure) for article in articles for block in article.blocks):
        _ = translations(edition.masthead.language).gettext
        terms.append(_("The pictures in this copy may be shown with it, each with its credit."))
    return " ".join(filter(None, terms))


def _note(count: int, language: str) -> str:
    if not count:
        return ""
    return translations(language).ngettext(
        "%(count)s picture of the original is left out, for it may not be passed on.",
        "%(count)s pictures of the original are left out, for they may not be passed on.",
        count,
    ) % {"count": count}


def _markdown(sheet: CopySheet) -> str:
    count = len(sheet.articles)
    writers = [Writer(f"{number}-" if count > 1 else "") for number in range(1, count + 1)]
    parts = [f"# {_words(sheet.title)}", _words(sheet.signed)]
    for article, writer in zip(sheet.articles, writers, strict=True):
        if article.headline:
            parts += [f"## {_words(article.headline)}", _words(article.signed)]
        parts += [f"**{_words(article.lead)}**"] if article.lead else []
        parts += _markdown_blocks(article, writer)
    terms = _words(sheet.terms)
    if sheet.terms_url:
        terms = f"{terms} [{_words(sheet.terms_name)}](<{sheet.terms_url}>)".strip()
    parts += ["* * *", f"{_words(sheet.credit)}\\\n<{sheet.url}>", terms, _words(sheet.note)]
    parts += [
        writer.footnotes(article.read.notes)
        for article, writer in zip(sheet.articles, writers, strict=True)
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _markdown_blocks(article: CopyArticle, writer: Writer) -> Iterator[str]:
    run: list[Prose] = []
    for block in article.blocks:
        if isinstance(block, Prose):
            run.append(block)
        elif block.shown:
            yield writer.stack(each.node for each in run)
            run.clear()
            yield f"![{_words(block.alt)}](<{block.shown.url}>)"
            yield f"*{_words(block.credit)}*" if block.credit else ""
    yield writer.stack(each.node for each in run)


def _words(text: str) -> str:
    return commonmark.paragraph(" ".join(text.split()))


def rewritten(text: str, edition: Edition) -> str:
    """Return ``text`` with the addresses in it as anyone may have them.

    Those that are a reader's own become the publication's; from all others goes what tracks.
    """
    return _ADDRESS.sub(lambda match: _rewritten(match[0], edition.masthead.url), text)


def _rewritten(found: str, archive: str) -> str:
    address = found.rstrip(_AFTER_ADDRESS)
    try:
        parts = urlsplit(address)
        own = urlsplit(archive)
    except ValueError:
        return found
    after = found[len(address) :]
    base = own.path.rstrip("/").rpartition("/")[0]
    path = unquote(parts.path)
    first = path.removeprefix(base).strip("/").split("/")[0].lower()
    if parts.netloc.lower() == own.netloc.lower() and first in _PERSONAL:
        return archive + after
    pairs = parts.query.split("&")
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(unquote(pair).split("=")[0])]
    if len(kept) == len(pairs):
        return found
    return urlunsplit(parts._replace(query="&".join(kept))) + after
