"""The form of the composer: an issue's articles as fields, and what was typed as articles.

Whatever takes this form (saving, saving automatically, the live preview) reads it by ``typed``. The
form says ``version``, the version that it began from, ``subject``, ``licence`` (a number, or
nothing for the publication's), and for each article a field ``article`` with the article's key, in
the order of the articles. The fields of the article ``0`` are ``headline-0`` and so on, for each
name in ``FIELDS``. What an article has beside these (words of an appeal, of a licence and related
titles that a manuscript brought) comes from the article ``0`` of the version before, if ``typed``
is given it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from newsletter import manuscripts
from newsletter.language import marked as _
from newsletter.manuscripts import Article, Picture, characters

FIELDS = (
    "kicker",
    "date",
    "headline",
    "lead",
    "picture",
    "alt",
    "credit",
    "body",
    "authors",
    "tags",
    "language",
    "terms",
)
"""What is asked of each article. ``picture`` is the name of its file; ``terms`` that of a licence
of its own, which is asked where there are several articles.
"""

FIELD_NAMES = {
    "kicker": _("Kicker"),
    "date": _("Date"),
    "headline": _("Headline"),
    "lead": _("Lead"),
    "picture": _("Picture"),
    "alt": _("Description of the picture"),
    "credit": _("Credit"),
    "body": _("Text"),
    "authors": _("Authors"),
    "tags": _("Tags"),
    "language": _("Language"),
    "terms": _("Licence of this text"),
}
"""What the fields are called where their changes are shown."""

MOST_ARTICLES = 50
MOST_OCTETS = 2 * 1024 * 1024
"""Bytes of the form that are taken."""

_MOST = {"headline": 300, "lead": 2000, "kicker": 100, "body": 200_000}
_MOST_OTHER = 1000
_KEY = re.compile(r"[0-9]{1,4}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")

_TOO_LONG = {
    "headline": _("The headline is too long: %(count)s characters, and %(most)s at most."),
    "lead": _(
        "The lead is too long: %(count)s characters, and %(most)s at most. Move some of it into the"
        " text."
    ),
    "body": _("The text is too long: %(count)s characters, and %(most)s at most. Make two of it."),
}
_TOO_LONG_OTHER = _("This is too long: %(count)s characters, and %(most)s at most.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with a field, in marked words with ``facts`` to put in."""

    words: str
    facts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed. There are ``articles`` only if there are no ``troubles``, by field."""

    articles: tuple[Article, ...]
    subject: str
    licence_id: int | None
    version: int
    sheets: Mapping[str, Mapping[str, str]]
    troubles: Mapping[str, Trouble]


def typed(form: Mapping[str, str], keys: Sequence[str], before: Sequence[Article] = ()) -> Typed:
    """Read the form, whose values of ``article`` are ``keys``.

    ``before`` are the articles of the version that the form began from.
    """
    known = list(dict.fromkeys(key for key in keys if _KEY.fullmatch(key)))[:MOST_ARTICLES]
    sheets = {key: {name: form.get(f"{name}-{key}", "") for name in FIELDS} for key in known}
    subject = characters.line(form.get("subject", ""))
    troubles: dict[str, Trouble] = {}
    if len(subject) > _MOST["headline"]:
        troubles["subject"] = _too_long("subject", subject)
    for key, sheet in sheets.items():
        troubles |= {f"{name}-{key}": wrong for name, wrong in _wrong(sheet).items()}
    articles: tuple[Article, ...] = ()
    if not troubles:
        articles = tuple(
            _article(sheet, _former(before, int(key))) for key, sheet in sheets.items()
        )
    return Typed(
        articles=articles,
        subject=subject,
        licence_id=_number(form.get("licence", "")) or None,
        version=_number(form.get("version", "")),
        sheets=sheets,
        troubles=troubles,
    )


def sheet_of(article: Article) -> dict[str, str]:
    """Return the fields of the form for ``article``."""
    picture = article.picture or Picture()
    return {
        "kicker": article.kicker,
        "date": article.dated.isoformat() if article.dated else "",
        "headline": article.headline,
        "lead": article.lead,
        "picture": picture.file,
        "alt": picture.alt,
        "credit": picture.credit,
        "body": article.body,
        "authors": "\n".join(article.authors),
        "tags": ", ".join(article.tags),
        "language": article.language,
        "terms": article.terms,
    }


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


def _wrong(sheet: Mapping[str, str]) -> dict[str, Trouble]:
    wrong = {
        name: _too_long(name, value)
        for name, value in sheet.items()
        if len(value) > _MOST.get(name, _MOST_OTHER)
    }
    if not characters.line(sheet["headline"]):
        wrong["headline"] = Trouble(_("Write a headline; a few words are enough to begin."), {})
    if sheet["date"].strip() and _day(sheet["date"]) is None:
        wrong["date"] = Trouble(_("Write the date as year-month-day, such as 2026-11-23."), {})
    if not _LANGUAGE.fullmatch(sheet["language"].strip() or "en"):
        wrong["language"] = Trouble(_("Write the language as a short code, such as en or pl."), {})
    return {name: wrong[name] for name in FIELDS if name in wrong}


def _too_long(name: str, value: str) -> Trouble:
    words = _TOO_LONG.get(name, _TOO_LONG_OTHER)
    return Trouble(words, {"count": len(value), "most": _MOST.get(name, _MOST_OTHER)})


def _article(sheet: Mapping[str, str], before: Article | None) -> Article:
    line, passage = characters.line, characters.passage
    picture = Picture(line(sheet["credit"]), line(sheet["picture"]), line(sheet["alt"]))
    article = before or Article("", "")
    return _settled(
        replace(
            article,
            headline=line(sheet["headline"]),
            body=_body(sheet["body"]),
            kicker=line(sheet["kicker"]),
            dated=_day(sheet["date"]),
            language=sheet["language"].strip() or article.language,
            lead=passage(sheet["lead"]),
            picture=picture if picture != Picture() else None,
            tags=_items(sheet["tags"].replace(",", "\n")),
            authors=_items(sheet["authors"]),
            terms=line(sheet["terms"]),
        )
    )


def _settled(article: Article) -> Article:
    """Return ``article`` as it reads back once it was written."""
    source = manuscripts.write(article)
    return manuscripts.read_article(source, unfinished=True)


def _body(text: str) -> str:
    """Return a text as it is kept: without blank lines at its ends, letters composed."""
    return characters.composed(characters.legible(text)).strip("\n").rstrip()


def _items(text: str) -> tuple[str, ...]:
    lines = (characters.line(each) for each in characters.legible(text).split("\n"))
    return tuple(dict.fromkeys(filter(None, lines)))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _former(before: Sequence[Article], key: int) -> Article | None:
    return before[key] if key < len(before) else None
