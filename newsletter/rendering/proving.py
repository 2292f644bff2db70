"""Proving a template of the desk: it is read, then every mail it stands in is made of specimens.

The specimens have everything, or next to nothing, or words that mean harm.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from html.parser import HTMLParser
from types import TracebackType
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from jinja2 import TemplateSyntaxError
from jinja2.exceptions import SecurityError

from newsletter.errors import NotFound
from newsletter.language import LANGUAGES, translations
from newsletter.manuscripts.article import Appeal, Article, Licence, Picture
from newsletter.rendering.edition import (
    Digest,
    Edition,
    Entry,
    Masthead,
    Related,
    Shown,
    Terms,
    Words,
)
from newsletter.rendering.grammar import Fault, faults, unknown
from newsletter.rendering.issue import mail_with
from newsletter.rendering.needs import Lacking
from newsletter.rendering.notice import digest_with, notice_with
from newsletter.rendering.overrides import Overrides
from newsletter.rendering.pieces import PIECES, SIDES, Piece, parts
from newsletter.rendering.press import MOST_OCTETS
from newsletter.rendering.sandbox import Unknown, UsedUp
from newsletter.rendering.templates import sandbox
from newsletter.rendering.whole import whole

_SITE = "https://example.org"
_HARM = "\"'><zz-harm zz-harm=1 onload=x>{{ 7 * 7 }}{% endblock %}--><b>&amp; ż "
_DAY = date(2026, 3, 31)
_EMBARGO = datetime(2026, 4, 1, 6, 30, tzinfo=ZoneInfo("Europe/Warsaw"))
_PICTURE = "../static/specimen.jpg"
"""A picture that every installation has, from the page of a publication."""
_BODY = """\
The ice came late this year, and the harbours were ready for it.

## What it means

> A quotation that says it in the words of others.

<!-- appeal -->

1. One thing
2. Another, with a [link](https://example.org/more)

| Port | Days |
|------|-----:|
| A    |   12 |

And the last paragraph[^1].

[^1]: A note.
"""


def specimens(mail: str, language: str, masthead: Masthead | None = None) -> Iterator["Specimen"]:
    """Yield specimens of ``mail``: first the one to look at, then the odd ones."""
    shown = masthead or Masthead(
        name="Baltic Monitor",
        kicker="BALTIC MONITOR",
        language=language,
        url=f"{_SITE}/baltic-monitor/",
        postal_address="Institute of Examples\n1 Quay Street\n00-001 Port",
        author="Institute of Examples",
    )
    harmful = replace(shown, name=_HARM, kicker=_HARM, postal_address=f"{_HARM}\n{_HARM}")
    bare = replace(shown, kicker="", postal_address="")
    for head, words in ((shown, ""), (harmful, _HARM), (bare, "-")):
        yield from (Specimen(mail, language, head, each) for each in _made_of(mail, head, words))


class Specimen:
    """A mail to be made of values that are at hand."""

    def __init__(
        self,
        mail: str,
        language: str,
        masthead: Masthead,
        values: Edition | Digest | Mapping[str, object],
    ) -> None:
        self._mail, self._language, self._masthead = mail, language, masthead
        self._values = values

    def words(self, overrides: Overrides) -> Words:
        """Make the mail with just these ``overrides``; raise what is wrong with them."""
        if isinstance(self._values, Edition):
            return mail_with(self._values, overrides)
        if isinstance(self._values, Digest):
            return digest_with(self._values, overrides)
        return notice_with(self._mail, self._masthead, self._language, overrides, self._values)


def specimen(mail: str, language: str, masthead: Masthead, overrides: Overrides) -> Words:
    """Make the specimen of ``mail`` that is looked at, as a real mail is made."""
    return whole(overrides, next(specimens(mail, language, masthead)).words)


def prove(
    piece: Piece, sources: Mapping[str, str], beside: Overrides, place: str, language: str
) -> tuple[Fault, ...]:
    """Say in ``language`` what is wrong with ``sources``, the templates of ``piece`` by side.

    ``beside`` are the other templates of the desk that are used with them. ``place`` is the
    language of the mails that they are for, empty for all.
    """
    return _prove(piece.name, tuple(sources.items()), beside, place, language)


@lru_cache(256)
def _prove(
    name: str, pairs: tuple[tuple[str, str], ...], beside: Overrides, place: str, language: str
) -> tuple[Fault, ...]:
    if name not in PIECES:
        raise NotFound
    piece, sources = PIECES[name], dict(pairs)
    overrides = beside.having(piece.named(sources))
    room = sandbox(LANGUAGES[0], overrides)
    found: list[Fault] = []
    for side, source in sources.items():
        others = parts() - {piece.files[side]}
        found += faults(source, side, room, piece.known, others, language)
    if found:
        return tuple(sorted(found, key=lambda fault: (SIDES.index(fault.side), fault.line)))
    for tongue in [place] if place else LANGUAGES:
        for mail in piece.mails:
            for each in specimens(mail, tongue):
                found += _try(each, piece, overrides, language)
                if found:
                    return tuple(dict.fromkeys(found))
    return ()


def _try(specimen: Specimen, piece: Piece, overrides: Overrides, language: str) -> Iterator[Fault]:
    _ = translations(language).gettext
    whole = "html" if "html" in piece.files else "text"
    try:
        words = specimen.words(overrides)
    except Lacking as error:
        for need, side in error.needs:
            here = side if side in piece.files else whole
            sentence = _("The mail lacks %(need)s.") % {"need": _(need)}
            yield Fault(here, 0, sentence)
    except Exception as error:  # noqa: BLE001 - a template can fail in any way
        side, line = _where(error, piece)
        yield Fault(side or whole, line, _why(error, language))
    else:
        if len(words.html.encode()) > MOST_OCTETS:
            yield Fault(whole, 0, _("The mail grows so large that mail programs cut it off."))
        if _Harm.is_in(words.html):
            sentence = _(
                "A value breaks out of its place: put it between tags, or between quotation marks."
            )
            yield Fault(whole, 0, sentence)


def _why(error: Exception, language: str) -> str:
    _ = translations(language).gettext
    match error:
        case Unknown():
            return unknown(error.name, error.offered, _)
        case UsedUp():
            return _("This takes more turns or words than a mail needs; say it more simply.")
        case RecursionError():
            return _("This goes round in a circle.")
        case SecurityError():
            return _("This asks for something that templates must not see.")
        case TemplateSyntaxError():
            words = str(error.message or "").rstrip(".")
            return _("This cannot be read as a template: %(words)s.") % {"words": words}
    return _("This cannot be made into a mail: %(words)s.") % {"words": str(error).rstrip(".")}


def _where(error: Exception, piece: Piece) -> tuple[str, int]:
    """Tell where in the templates of ``piece`` it went wrong: the side and the line."""
    sides = {file: side for side, file in piece.files.items()}
    found = ("", 0)
    if isinstance(error, TemplateSyntaxError) and error.name in sides:
        found = (sides[error.name], error.lineno)
    trace: TracebackType | None = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file in sides:
            found = (sides[file], trace.tb_lineno)
        trace = trace.tb_next
    return found


class _Harm(HTMLParser):
    """Finds what a harmful value would make of a mail, if it were no mere text there."""

    def __init__(self) -> None:
        super().__init__()
        self.found = False

    @classmethod
    def is_in(cls, html: str) -> bool:
        """Tell whether there is any in ``html``."""
        if "zz-harm" not in html:
            return False
        parser = cls()
        parser.feed(html)
        parser.close()
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at the name of an element and at those of its attributes."""
        names = (tag, *(name for name, _ in attrs))
        self.found = self.found or any("zz-harm" in name for name in names)


def _made_of(
    mail: str, masthead: Masthead, words: str
) -> Iterator[Edition | Digest | Mapping[str, object]]:
    """Yield the values of a mail: with ``words`` everywhere, or fitting ones where it is empty."""
    bare = words == "-"
    words = "" if bare else words
    related = (Related(words or "Locks and Tides", _DAY, f"{_SITE}/locks"),)
    lead = "" if bare else words or "Why a canal that nobody wanted is now the shortest way."
    headline = words or "Harbours Prepare for a Winter Without Ice"
    match mail:
        case "issue":
            picture = Picture(words or "Own drawing", "harbour.jpg", words or "A harbour at dusk")
            article = Article(
                headline,
                "A text." if bare else f"{_BODY}\n\n{words}",
                kicker=words,
                dated=None if bare else _DAY,
                language=masthead.language,
                lead=lead,
                picture=None if bare else picture,
            )
            own = Licence("This text is reserved.", "So are its images.", f"{_SITE}/reserved")
            second = replace(article, headline="Two", terms="" if bare else "reserved")
            for articles in ((article,), (article, second)):
                yield Edition(
                    masthead=masthead,
                    subject=headline,
                    articles=articles,
                    url=f"{_SITE}/baltic-monitor/ice",
                    donate_url="" if bare else f"{_SITE}/donate",
                    appeal=Appeal(words or "Support us", words or "It helps.", words or "Give"),
                    licence=None
                    if bare
                    else Licence(words or "Texts may be republished.", words, f"{_SITE}/terms"),
                    own={"reserved": Terms(own, reuse=False)},
                    related=() if bare else related,
                    embargo=_EMBARGO if words else None,
                    images={"harbour.jpg": Shown(urljoin(masthead.url, _PICTURE), 828, 466)},
                )
        case "digest":
            entry = Entry(words, None if bare else _DAY, headline, lead, f"{_SITE}/ice", "en")
            for is_monthly in (False, True):
                yield Digest(
                    masthead,
                    is_monthly,
                    _DAY,
                    date(2026, 4, 6),
                    (entry, replace(entry, url=f"{_SITE}/2")),
                )
        case "confirm" | "already-subscribed":
            link = {"confirm": "confirm_url", "already-subscribed": "manage_url"}[mail]
            name = words or masthead.name
            for names in ((name,), (name, "Energy Weekly")):
                yield {"publications": names, link: f"{_SITE}/{mail}/18.af", "days": 30}
        case "welcome":
            ways = {
                "archive_url": masthead.url,
                "unsubscribe_url": f"{_SITE}/unsubscribe/18.af",
                "preferences_url": f"{_SITE}/preferences/18.af",
            }
            yield {"latest": None if bare else related[0], "lead": lead, **ways}
        case "address-change":
            for new in (True, False):
                yield {"agree_url": f"{_SITE}/agree/18.af", "new": new, "hours": 24}
        case "invitation":
            yield {"join_url": f"{_SITE}/desk/join/af", "editor": words or "Anna Nowak", "days": 7}
        case _:
            links = {"undo_url": f"{_SITE}/undo/18.af", "manage_url": f"{_SITE}/manage/18.af"}
            link = {"goodbye": "undo_url", "manage": "manage_url"}[mail]
            kept = {"days": 30, "archive_url": masthead.url, "minutes": 60}
            yield {link: links[link], **kept}
