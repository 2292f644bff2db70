"""The press check: what keeps an issue from leaving, and what merely worries.

Looks at an edition and at its rendered mail; changes nothing. A remark that blocks has to be mended
before anyone may approve.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from newsletter.errors import InvalidManuscript
from newsletter.language import say_number, spoken, translations
from newsletter.manuscripts import dates, pictures_in
from newsletter.manuscripts.article import Article
from newsletter.rendering.body import unused_notes
from newsletter.rendering.edition import Edition, Words
from newsletter.rendering.issue import has_place_for_appeal
from newsletter.rendering.slots import Slot

MOST_OCTETS = 102_000
"""Octets of HTML that Gmail shows before it cuts a mail off."""
LONGEST_SUBJECT = 78

_LEFTOVERS = re.compile(r"\bTK\b|\blorem ipsum\b|\[\.\.\.\]|\bXXX\b", re.IGNORECASE)
_HTTP_LINK = re.compile(r"\bhttp://[^\s)>\"]+")
_HEADING = re.compile(r"^(#{1,6}) ", re.MULTILINE)
_WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "pl": ("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"),
}
_MONTH = r"(?P<{}>[^\W\d_]{{3,12}})"
_DATED_WEEKDAY = {
    # “Tuesday, 31 March”, “Tuesday the 31st”, “Tuesday, March 31, 2020”, “wtorek, 31 marca”; but
    # “Tuesday 9:30” is an hour. Polish says “w środę” of Wednesday, “środa”.
    language: re.compile(
        rf"\b(?P<weekday>{'|'.join(re.sub('a$', '[aę]', name) for name in names)}),?"
        rf" (?P<the>the )?(?:{_MONTH.format('before')} )?"
        r"(?P<day>[0-9]{1,2})(?P<th>st|nd|rd|th)?(?!\w|:[0-9])"
        rf"(?: (?:of )?{_MONTH.format('after')})?(?:,? (?P<year>[0-9]{{4}})\b)?",
        re.IGNORECASE,
    )
    for language, names in _WEEKDAYS.items()
}


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding; ``place`` is the headline of the article that it is about, empty for the issue.

    ``message`` is in the language asked for.
    """

    blocks: bool
    slug: str
    message: str
    place: str = ""


def press_check(edition: Edition, words: Words, language: str = "en") -> tuple[Remark, ...]:
    """Check ``edition`` and its mail; what blocks comes first."""
    _ = translations(language).gettext
    remarks = list(_about_mail(edition, words, language))
    for article in edition.articles:
        remarks += _about_article(edition, article, language)
    if not edition.articles:
        remarks.append(Remark(True, "no-article", _("The issue has no article")))
    return tuple(sorted(remarks, key=lambda remark: not remark.blocks))


def _about_mail(edition: Edition, words: Words, language: str) -> Iterator[Remark]:
    _ = translations(language).gettext
    if any(Slot.UNSUBSCRIBE_URL not in part for part in (words.html, words.text)):
        yield Remark(True, "no-unsubscribe", _("A part of the mail has no unsubscribe link"))
    octets = len(words.html.encode())
    if octets > MOST_OCTETS:
        sizes = {
            "octets": say_number(octets, language),
            "most": say_number(MOST_OCTETS, language),
        }
        message = _("The mail has %(octets)s bytes; mail programs cut it off after %(most)s")
        yield Remark(True, "too-large", message % sizes)
    if not edition.licence or not edition.licence.text_terms:
        yield Remark(True, "no-licence", _("The licence is missing: nobody may republish"))
    if len(words.subject) > LONGEST_SUBJECT:
        most = {"most": LONGEST_SUBJECT}
        message = _("The subject is longer than %(most)s characters; inboxes cut it") % most
        yield Remark(False, "long-subject", message)
    if not edition.appeal:
        yield Remark(False, "no-appeal", _("There is no appeal"))
    elif not edition.donate_url:
        message = _("The appeal stays out: the publication has no address to donate at")
        yield Remark(False, "no-donate-url", message)
    elif edition.articles and not has_place_for_appeal(edition):
        message = _("The appeal stays out: between pictures and headings there is no place for it")
        yield Remark(False, "no-place-for-appeal", message)
    if not edition.masthead.postal_address:
        yield Remark(False, "no-postal-address", _("The publication has no postal address"))


def _about_article(edition: Edition, article: Article, language: str) -> Iterator[Remark]:
    _ = translations(language).gettext
    place = article.headline
    if not article.body.strip():
        yield Remark(True, "no-text", _("There is no text yet"), place)
    if not article.lead:
        yield Remark(False, "no-lead", _("The lead is missing"), place)
    for picture in pictures_in(article):
        if picture.file not in edition.images:
            message = _("A picture has no file yet; only its credit will be shown")
            yield Remark(False, "no-file", message, place)
            continue
        if not picture.credit:
            yield Remark(True, "no-credit", _("A picture has no credit"), place)
        if not picture.alt:
            message = _("A picture has no description for those who do not see it")
            yield Remark(True, "no-alt", message, place)
    whole = "\n".join((article.headline, article.lead, article.body))
    for leftover in dict.fromkeys(match[0] for match in _LEFTOVERS.finditer(whole)):
        message = _("The text still says “%(leftover)s”") % {"leftover": leftover}
        yield Remark(False, "leftover", message, place)
    for link in dict.fromkeys(match[0] for match in _HTTP_LINK.finditer(article.body)):
        message = _("A link is not encrypted: %(link)s") % {"link": link}
        yield Remark(False, "http-link", message, place)
    for name in unused_notes(article.body):
        message = _("Nothing refers to the footnote “%(name)s”; it will not be shown")
        yield Remark(False, "unused-note", message % {"name": name}, place)
    levels = [len(match[1]) for match in _HEADING.finditer(article.body)]
    if any(after > before + 1 for before, after in pairwise(levels)):
        yield Remark(False, "heading-order", _("A heading skips a level"), place)
    if article.dated:
        for wrong in _wrong_weekdays(whole, article.dated, article.language):
            message = _("The weekday does not fit the date: “%(words)s”") % {"words": wrong}
            yield Remark(False, "weekday", message, place)


def _wrong_weekdays(text: str, dated: date, language: str) -> Iterator[str]:
    """Find days of the month that stand behind a weekday which is not theirs."""
    names = [name.lower() for name in _WEEKDAYS[spoken(language)]]
    for match in _DATED_WEEKDAY[spoken(language)].finditer(text):
        weekday = names.index(match["weekday"].lower().replace("ę", "a"))
        named = _named_day(match, dated)
        if named and named.weekday() != weekday:
            yield match[0]
        elif not named and (match["the"] or match["th"]):
            # No month, so that every one near the issue's own is tried.
            near = (dated + timedelta(days) for days in range(-45, 46))
            if not any((day.day, day.weekday()) == (int(match["day"]), weekday) for day in near):
                yield text[match.start() : match.end("day")] + (match["th"] or "")


def _named_day(match: re.Match[str], dated: date) -> date | None:
    """Return the day that is meant where the month is named; without a year the one nearest."""
    years = [match["year"]] if match["year"] else range(dated.year - 1, dated.year + 2)
    months = [month for month in (match["before"], match["after"]) if month]
    days = (_day(f"{match['day']} {month} {year}") for year in years for month in months)
    return min(filter(None, days), key=lambda day: abs(day - dated), default=None)


def _day(words: str) -> date | None:
    try:
        return dates.find(words, 0)
    except InvalidManuscript:  # 29 February in most years
        return None
