"""The press check: what keeps an issue from leaving, and what merely worries.

Looks at an edition and at its rendered mail; changes nothing. A remark that blocks has to be mended
before anyone may approve. Whatever can be pointed at is: by article, field and words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby, pairwise

from newsletter.errors import InvalidManuscript
from newsletter.language import say_date, say_language, say_number, spoken, translations
from newsletter.manuscripts import dates, pictures_in
from newsletter.manuscripts.article import Article, Picture
from newsletter.rendering.body import unused_notes
from newsletter.rendering.colour import light
from newsletter.rendering.edition import Edition, Words
from newsletter.rendering.issue import has_place_for_appeal
from newsletter.rendering.permission import Permission, Place
from newsletter.rendering.slots import Slot

MOST_OCTETS = 102_000
"""Octets of HTML that Gmail shows before it cuts a mail off."""
LONGEST_SUBJECT = 78

_LEFT = r"\blorem ipsum\b|\[\.\.\.\]|\bXXX\b"
_LEFTOVERS = {
    "en": re.compile(rf"\b(?:TK)+\b|{_LEFT}", re.IGNORECASE),
    # Alone, TK is a court in Poland.
    "pl": re.compile(rf"\b(?:TK){{2,}}\b|\[TK\]|{_LEFT}", re.IGNORECASE),
}
_HTTP_LINK = re.compile(r"\bhttp://[^\s)>\"]+")
_HEADING = re.compile(
    r"^(?P<fence>`{3,}|~{3,}).*?(?:^(?P=fence)|\Z)|^(?P<level>#{1,6}) [^\n]*",
    re.MULTILINE | re.DOTALL,
)
"""A heading, or a block of code, in which nothing is one."""
_VAGUE_LINK = re.compile(
    r"\[(?P<words>(?:click |read )?(?:here|more)|link|this|kliknij(?: tutaj)?|tutaj|tu|więcej)\]\(",
    re.IGNORECASE,
)
_SHOUTED = re.compile(r"[!?]{2,}|[$€£]{2,}")
_SPAM = re.compile(
    r"\b(?:act now|buy now|order now|click (?:here|now)|limited time|don.t miss out"
    r"|risk[- ]free|100 ?% free|free (?:gift|money)|no obligation|once in a lifetime"
    r"|(?:earn|make|extra|easy) (?:cash|money)|you(?: have|[’']ve) won"
    r"|kup teraz|zamów teraz|kliknij (?:tutaj|teraz)|nie przegap|tylko dziś"
    r"|bez ryzyka|100 ?% za darmo|za darmo|gratis|wygrał[ae]?ś|szybki zarobek)\b"
    r"|\A(?:re|fwd?|odp|pd):",
    re.IGNORECASE,
)
"""What filters, and readers, take for advertising when it stands in a subject."""
_SHOUTING = 3
"""So many words in capitals one after another are no abbreviations."""
_AROUND = 36
"""Characters that are quoted on each side of what is found."""
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

    ``message`` is in the language asked for. ``article`` counts the articles from 0; ``field`` says
    which part of it is meant: headline, lead, picture, alt, credit, permission, terms or body.
    ``quote`` are the words in question, with what stands around them; ``found`` is what the field
    says to the letter. ``picture`` is the file whose rights are in question.
    """

    blocks: bool
    slug: str
    message: str
    place: str = ""
    article: int | None = None
    field: str = ""
    quote: str = ""
    found: str = ""
    picture: str = ""


def press_check(
    edition: Edition, words: Words, language: str = "en", today: date | None = None
) -> tuple[Remark, ...]:
    """Check ``edition`` and its mail; what blocks comes first.

    Permissions have to last to the date of each text, and where it is told to ``today``.
    """
    _ = translations(language).gettext
    if not edition.articles:
        return (Remark(True, "no-article", _("The issue has no article")),)
    remarks = list(_about_mail(edition, words, language))
    remarks += _about_publication(edition, language)
    for number, article in enumerate(edition.articles):
        remarks += (
            replace(remark, place=article.headline, article=number)
            for remark in _about_article(edition, article, language, today)
        )
    return tuple(sorted(remarks, key=lambda remark: not remark.blocks))


def _about_mail(edition: Edition, words: Words, language: str) -> Iterator[Remark]:
    _ = translations(language).gettext
    if any(Slot.UNSUBSCRIBE_URL not in part for part in (words.html, words.text)):
        yield Remark(True, "no-unsubscribe", _("A part of the mail has no unsubscribe link"))
    if words.left_out:
        message = _("A template of the desk cannot be used for this issue; that of the house is")
        yield Remark(False, "template-left-out", message, quote=", ".join(words.left_out))
    octets = len(words.html.encode())
    if octets > MOST_OCTETS:
        sizes = {
            "octets": say_number(octets, language),
            "most": say_number(MOST_OCTETS, language),
        }
        message = _("The mail has %(octets)s bytes; mail programs cut it off after %(most)s")
        yield Remark(True, "too-large", message % sizes)
    if len(words.subject) > LONGEST_SUBJECT:
        most = {"most": LONGEST_SUBJECT}
        message = _("The subject is longer than %(most)s characters; inboxes cut it") % most
        yield Remark(False, "long-subject", message, quote=words.subject)
    language_of_mail = spoken(edition.masthead.language)
    leftover = _LEFTOVERS[language_of_mail].search(words.subject)
    if leftover and words.subject != edition.articles[0].headline:
        message = _("The subject still says “%(leftover)s”") % {"leftover": leftover[0]}
        yield Remark(False, "leftover", message, field="subject", quote=words.subject)
    for loud in dict.fromkeys(_loud(words.subject)):
        message = _("The subject sounds like advertising to spam filters: “%(words)s”")
        quote = words.subject
        yield Remark(False, "spam", message % {"words": loud}, quote=quote)
    if not edition.appeal:
        yield Remark(False, "no-appeal", _("There is no appeal"))
    elif _is_in_another(edition):
        told = {
            "shown": say_language(edition.appeal_language, language),
            "wanted": say_language(edition.masthead.language, language),
        }
        message = _("The appeal has no words in %(wanted)s; it is shown in %(shown)s")
        yield Remark(False, "appeal-language", message % told)
    if edition.appeal and not edition.donate_url:
        message = _("The appeal stays out: the publication has no address to donate at")
        yield Remark(False, "no-donate-url", message)
    elif edition.appeal and not has_place_for_appeal(edition):
        message = _("The appeal stays out: between pictures and headings there is no place for it")
        yield Remark(False, "no-place-for-appeal", message)


def _is_in_another(edition: Edition) -> bool:
    """Tell whether the appeal is in another language than its publication."""
    of = edition.appeal_language or edition.masthead.language
    wanted = edition.masthead.language
    return of.split("-")[0].lower() != wanted.split("-")[0].lower()


def _loud(subject: str) -> Iterator[str]:
    """Find in a subject what shouts or sells."""
    yield from (match[0] for match in _SPAM.finditer(subject))
    yield from (match[0] for match in _SHOUTED.finditer(subject))
    for capital, run in groupby(subject.split(), key=str.isupper):
        words = list(run)
        if capital and len(words) >= _SHOUTING:
            yield " ".join(words)


def _about_publication(edition: Edition, language: str) -> Iterator[Remark]:
    _ = translations(language).gettext
    if not edition.licence or not edition.licence.text_terms:
        yield Remark(True, "no-licence", _("The licence is missing: nobody may republish"))
    if not edition.masthead.postal_address:
        yield Remark(False, "no-postal-address", _("The publication has no postal address"))
    accent = edition.masthead.accent
    legible = light(accent).accent_text
    if legible.lower() != accent.lower():
        message = _(
            "The accent %(accent)s is too pale for words on paper; they are set in %(legible)s"
        )
        yield Remark(False, "contrast", message % {"accent": accent, "legible": legible})


def _about_article(
    edition: Edition, article: Article, language: str, today: date | None
) -> Iterator[Remark]:
    _ = translations(language).gettext
    if not article.body.strip():
        yield Remark(True, "no-text", _("There is no text yet"), field="body")
    if article.terms and article.terms not in edition.own:
        message = _("The licence of this text, “%(name)s”, is not among the licences; choose one")
        yield Remark(True, "unknown-licence", message % {"name": article.terms}, field="terms")
    if not article.lead:
        yield Remark(False, "no-lead", _("The lead is missing"), field="lead")
    for picture in pictures_in(article):
        leading = picture is article.picture
        for remark in _about_picture(edition, article, picture, language, today):
            yield replace(
                remark,
                field=remark.field if leading else "body",
                quote="" if leading else picture.alt or picture.credit or picture.file,
                found="" if leading else picture.alt or picture.credit or picture.file,
            )
    parts = {"headline": article.headline, "lead": article.lead, "body": article.body}
    picture = article.picture or Picture()
    leftovers: dict[str, tuple[str, str]] = {}
    for name, text in {**parts, "alt": picture.alt, "credit": picture.credit}.items():
        for match in _LEFTOVERS[spoken(article.language)].finditer(text):
            leftovers.setdefault(match[0], (name, around(text, match.start(), match.end())))
    for leftover, (name, quote) in leftovers.items():
        message = _("The text still says “%(leftover)s”") % {"leftover": leftover}
        yield Remark(False, "leftover", message, field=name, quote=quote, found=leftover)
    yield from _about_links(article.body, language)
    for note in unused_notes(article.body):
        message = _("Nothing refers to the footnote “%(name)s”; it will not be shown")
        found = article.body.find(f"[^{note}]:")
        quote = around(article.body, found, found + len(note) + 4) if found >= 0 else ""
        yield Remark(
            False,
            "unused-note",
            message % {"name": note},
            field="body",
            quote=quote,
            found=f"[^{note}]:",
        )
    headings = [match for match in _HEADING.finditer(article.body) if match["level"]]
    for before, after in pairwise(headings):
        if len(after["level"]) > len(before["level"]) + 1:
            message = _("A heading skips a level")
            heading = after[0]
            yield Remark(
                False, "heading-order", message, field="body", quote=heading, found=heading
            )
            break
    if article.dated:
        for name, text in parts.items():
            for wrong, quote in _wrong_weekdays(text, article.dated, article.language):
                message = _("The weekday does not fit the date: “%(words)s”") % {"words": wrong}
                yield Remark(False, "weekday", message, field=name, quote=quote, found=wrong)


def _about_picture(
    edition: Edition, article: Article, picture: Picture, language: str, today: date | None
) -> Iterator[Remark]:
    _ = translations(language).gettext
    shown = edition.images.get(picture.file)
    if shown is None:
        message = _("A picture has no file yet; only its credit will be shown")
        yield Remark(False, "no-file", message, field="picture")
        return
    if not picture.credit:
        yield Remark(True, "no-credit", _("A picture has no credit"), field="credit")
    if not picture.alt:
        message = _("A picture has no description for those who do not see it")
        yield Remark(True, "no-alt", message, field="alt")
    permission = Permission.parse(shown.permission)
    if Place.MAIL not in permission.places:
        message = _(
            "A picture may not be mailed: let its right reach the mail, in the library, or take"
            " another picture"
        )
        yield Remark(True, "not-mailable", message, field="permission", picture=picture.file)
    if permission.basis == "unknown":
        message = _("Nobody has said by what right a picture is shown")
        yield Remark(False, "no-permission", message, field="permission", picture=picture.file)
    day = max(filter(None, (article.dated, today)), default=date.min)
    if permission.until and permission.has_run_out(day):
        ended = {"day": say_date(permission.until, language)}
        message = _("The permission for a picture ended on %(day)s") % ended
        yield Remark(True, "permission-over", message, field="permission", picture=picture.file)


def _about_links(body: str, language: str) -> Iterator[Remark]:
    _ = translations(language).gettext
    plain: dict[str, str] = {}
    for match in _HTTP_LINK.finditer(body):
        plain.setdefault(match[0], around(body, match.start(), match.end()))
    for link, quote in plain.items():
        message = _("A link is not encrypted: %(link)s") % {"link": link}
        yield Remark(False, "http-link", message, field="body", quote=quote, found=link)
    vague: dict[str, str] = {}
    for match in _VAGUE_LINK.finditer(body):
        vague.setdefault(match["words"], around(body, match.start(), match.end("words") + 1))
    for words, quote in vague.items():
        message = _("A link does not say where it leads: “%(words)s”") % {"words": words}
        yield Remark(False, "vague-link", message, field="body", quote=quote, found=f"[{words}](")


def around(text: str, start: int, end: int) -> str:
    """Quote what stands from ``start`` to ``end`` with a few words of its paragraph around it."""
    first = text.rfind("\n\n", 0, start) + 2 if "\n\n" in text[:start] else 0
    last = text.find("\n\n", end)
    before, after = text[first:start], text[end : last if last >= 0 else len(text)]
    if len(before) > _AROUND:
        before = "…" + before[-_AROUND:].partition(" ")[2]
    if len(after) > _AROUND:
        after = after[:_AROUND].rpartition(" ")[0] + "…"
    return " ".join(f"{before}{text[start:end]}{after}".split())


def _wrong_weekdays(text: str, dated: date, language: str) -> Iterator[tuple[str, str]]:
    """Find days of the month that stand behind a weekday which is not theirs, and quote them."""
    names = [name.lower() for name in _WEEKDAYS[spoken(language)]]
    for match in _DATED_WEEKDAY[spoken(language)].finditer(text):
        weekday = names.index(match["weekday"].lower().replace("ę", "a"))
        named = _named_day(match, dated)
        if named and named.weekday() != weekday:
            yield match[0], around(text, match.start(), match.end())
        elif not named and (match["the"] or match["th"]):
            # No month, so that every one near the issue's own is tried.
            near = (dated + timedelta(days) for days in range(-45, 46))
            if not any((day.day, day.weekday()) == (int(match["day"]), weekday) for day in near):
                words = text[match.start() : match.end("day")] + (match["th"] or "")
                yield words, around(text, match.start(), match.start() + len(words))


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
