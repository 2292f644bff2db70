"""One edition as its mail and its page show it: the same words in the same order.

``_set`` decides what stands where; the templates only say how it looks. The mail holds slots where
a reader's own values go; the page holds none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime
from functools import partial
from textwrap import shorten
from typing import Any, TypeVar

from css_inline import CSSInliner
from markupsafe import Markup

from newsletter.language import say_day, translations
from newsletter.manuscripts.article import Article, Licence, Picture
from newsletter.rendering import body, letter, needs
from newsletter.rendering.body import Block, Body, Call, Figure, Prose
from newsletter.rendering.colour import dark, light
from newsletter.rendering.counting import count_links
from newsletter.rendering.edition import Correction, Edition, Masthead, Related, Words
from newsletter.rendering.goals import bar
from newsletter.rendering.letter import Letter
from newsletter.rendering.needs import Need
from newsletter.rendering.overrides import Overrides
from newsletter.rendering.permission import Place
from newsletter.rendering.placement import SLOT, Spot, gap
from newsletter.rendering.slots import Slot
from newsletter.rendering.templates import render
from newsletter.rendering.whole import whole

INLINER = CSSInliner(load_remote_stylesheets=False)

PARTS = ("subject.txt", "body.html", "body.txt")
"""The templates of every mail."""
_PREVIEW = 140


_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a mail or a page shows, in order; ``notes`` belong to the text part."""

    masthead: Masthead
    language: str
    title: str
    preview: str
    url: str
    articles: tuple["SheetArticle", ...]
    related: tuple[Related, ...]
    licence: Licence | None
    notes: tuple[str, ...]
    corrections: tuple[Correction, ...] = ()
    embargo: datetime | None = None

    @property
    def dated(self) -> date | None:
        """Return the date of the latest article."""
        return max((article.dated for article in self.articles if article.dated), default=None)


@dataclass(frozen=True, slots=True)
class SheetArticle:
    """An article with its body in blocks, the appeal among them where it is due.

    It has a ``licence`` only where that is another than the issue's.
    """

    anchor: str
    kicker: str
    dated: date | None
    language: str
    headline: str
    lead: str
    picture: Figure | None
    blocks: tuple[Block, ...]
    footnotes: Markup
    licence: Licence | None = None


def mail(edition: Edition) -> Words:
    """Render the mail of ``edition``, with slots where a reader's own values go.

    Pictures that may never be mailed stay out; whether a permission has run out is a matter of the
    press check, for the same issue is the same mail on every day.
    """
    edition = edition.at(Place.MAIL)
    return whole(edition.overrides, lambda overrides: mail_with(edition, overrides))


def mail_with(edition: Edition, overrides: Overrides) -> Words:
    """Render the mail of ``edition`` with just these ``overrides``; raise what is wrong with them.

    Raises Lacking where they leave out what every issue must have.
    """
    sheet = _set(edition)
    given = {
        "sheet": sheet,
        "masthead": sheet.masthead,
        "form": "mail",
        "light": light(sheet.masthead.accent),
        "dark": dark(sheet.masthead.accent),
        "unsubscribe_url": Slot.UNSUBSCRIBE_URL.value,
        "preferences_url": Slot.PREFERENCES_URL.value,
    }
    subject, html, text = (
        render(f"emails/issue/{part}", sheet.language, overrides, **given) for part in PARTS
    )
    subject, text = " ".join(subject.split()), letter.tidy(text)
    if overrides:
        needs.check(_needs(sheet), subject, html, text)
    html, targets = count_links(INLINER.inline(html), edition.counted, but=edition.donate_url)
    return Words(subject=subject, html=html, text=text, targets=targets)


def _needs(sheet: Sheet) -> Iterator[Need]:
    """Say what the mail of an issue must have, whoever wrote its template."""
    yield needs.linked(needs.UNSUBSCRIBE, Slot.UNSUBSCRIBE_URL.value)
    yield from needs.said(needs.ADDRESS, sheet.masthead.postal_address)
    for licence in filter(None, (sheet.licence, *(each.licence for each in sheet.articles))):
        yield from needs.said(needs.LICENCE, f"{licence.text_terms}\n{licence.image_terms}")
    if until := sheet.embargo:
        yield from needs.said(needs.EMBARGO, f"{until:%H:%M}\n{say_day(until, sheet.language)}")
    for article in sheet.articles:
        yield from needs.said(needs.HEADLINE, article.headline)
        figures = [article.picture] if article.picture else []
        for block in article.blocks:
            if isinstance(block, Prose):
                yield Need(needs.TEXT, str(block.html), block.text)
            elif isinstance(block, Call):
                yield needs.linked(needs.APPEAL, block.url)
            else:
                figures.append(block)
        for figure in figures:
            yield from needs.said(needs.CREDIT, figure.credit)


def has_place_for_appeal(edition: Edition) -> bool:
    """Tell whether any text of ``edition`` has a gap in which its appeal may stand."""
    return any(block.kind == "appeal" for each in _set(edition).articles for block in each.blocks)


def article_html(edition: Edition) -> Markup:
    """Render what the page of an issue shows: the words of its mail, without inline style or slots.

    The outermost element is ``<div class="issue">``. In it, in this order: ``corrections`` where
    there are some, ``dateline`` (holding
    ``kicker`` and a ``<time>``), for several articles ``title`` and ``contents``; then for each
    ``<div class="article" role="article">``: ``headline``, ``lead``, ``figure`` (holding an
    ``<img>`` and ``credit``; ``figure missing`` while the file has not come), ``body`` (running
    text, ``figure``, ``appeal`` holding ``appeal-title``, ``appeal-text`` and ``button``),
    ``footnotes``, and ``licence own`` where it has one; at last ``related`` and ``licence``. Cells
    of tables that are not flush left are ``right`` or ``center``.
    The language of every part is declared.
    """
    sheet = _set(edition)
    return Markup(render("emails/_parts/page.html", sheet.language, sheet=sheet, form="page"))  # noqa: S704


def entry_html(edition: Edition) -> Markup:
    """Render what a feed shows of an issue: the words of its page below its headline."""
    sheet = _set(edition)
    return Markup(render("emails/_parts/feed.html", sheet.language, sheet=sheet, form="page"))  # noqa: S704


def title_of(edition: Edition) -> str:
    """Return what an issue is called where only one line is shown."""
    return without_unseen(edition.subject or edition.articles[0].headline)


def licence_of(edition: Edition) -> Licence | None:
    """Return the licence of an issue, with an address that may be a link or none."""
    return without_unseen(linkable(edition.licence))


def own_licence_of(edition: Edition, article: Article) -> Licence | None:
    """Return the licence that a text has of its own, with an address that may be a link or none."""
    return without_unseen(linkable(edition.own_licence(article)))


def _set(edition: Edition) -> Sheet:
    edition = without_unseen(edition)
    masthead, text = edition.masthead, Letter()
    framed = partial(frame, edition)
    level = 2 if len(edition.articles) == 1 else 3
    bodies = [
        body.read(article.body, text, framed, level=level, name=str(number))
        for number, article in enumerate(edition.articles, 1)
    ]
    call = _call(edition)
    calling, at = (_place(edition, bodies) if call else None) or (None, 0)
    return Sheet(
        masthead=masthead,
        language=masthead.language,
        title=edition.subject or edition.articles[0].headline,
        preview=shorten(edition.articles[0].lead, _PREVIEW, placeholder="…"),
        url=edition.url,
        articles=tuple(
            SheetArticle(
                anchor=f"article-{number}",
                kicker=article.kicker or masthead.kicker or masthead.name,
                dated=article.dated,
                language=article.language,
                headline=article.headline,
                lead=article.lead,
                picture=framed(article.picture) if article.picture else None,
                blocks=(*read.blocks[:at], call, *read.blocks[at:])
                if call and read is calling
                else read.blocks,
                footnotes=read.footnotes,
                licence=linkable(edition.own_licence(article)),
            )
            for number, (article, read) in enumerate(zip(edition.articles, bodies, strict=True), 1)
        ),
        related=edition.related,
        licence=linkable(edition.licence),
        notes=tuple(text.notes),
        corrections=edition.corrections,
        embargo=edition.embargo,
    )


def _call(edition: Edition) -> Call | None:
    appeal = edition.appeal
    if not appeal or not body.is_web_or_mail(edition.donate_url):
        return None
    language = edition.appeal_language or edition.masthead.language
    button = appeal.button or translations(language).gettext("Support our work")
    goal = bar(edition.goal, language) if edition.goal else None
    return Call(appeal.title, appeal.text, button, edition.donate_url, language, goal)


def linkable(licence: Licence | None) -> Licence | None:
    """Return a licence without an address that no link may have."""
    if licence and not body.is_web_or_mail(licence.url):
        return replace(licence, url="")
    return licence


def _place(edition: Edition, bodies: Sequence[Body]) -> tuple[Body, int] | None:
    """Find the body that holds the appeal, and the gap in it.

    It is the first that the manuscripts marked, where that is what the placement asks for; else the
    first with a place for it.
    """
    by_mark = edition.placement == SLOT and any(each.slot is not None for each in bodies)
    for article, each in zip(edition.articles, bodies, strict=True):
        if by_mark and each.slot is None:
            continue
        spots = [
            Spot(block.role, block.text) if isinstance(block, Prose) else Spot(block.kind, "")
            for block in each.blocks
        ]
        under_picture = article.picture is not None
        found = gap(spots, edition.placement, each.slot, under_picture=under_picture)
        if found is not None:
            return each, found
    return None


def frame(edition: Edition, picture: Picture) -> Figure:
    """Set a picture with its credit; one without its file is not shown, one withheld not at all."""
    if picture.file in edition.withheld:
        return Figure(None, "", "")
    _ = translations(edition.masthead.language).gettext
    credit = picture.credit
    if credit and ":" not in credit:
        credit = _("Source: %(credit)s") % {"credit": credit}
    return Figure(edition.images.get(picture.file), picture.alt, credit)


def without_unseen(value: _Value) -> _Value:
    """Return ``value`` and all that it holds without the characters that no author needs."""
    clean: Any = value
    if isinstance(value, str):
        clean = value.translate(body.UNSEEN)
    elif isinstance(value, tuple):
        clean = tuple(map(without_unseen, value))
    elif isinstance(value, Mapping):
        clean = {without_unseen(key): without_unseen(held) for key, held in value.items()}
    elif is_dataclass(value) and not isinstance(value, type):
        held = {field.name: without_unseen(getattr(value, field.name)) for field in fields(value)}
        clean = replace(value, **held)
    return clean  # type: ignore[no-any-return]
