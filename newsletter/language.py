"""Words in the reader's language: translation, dates and numbers.

Strings for people are written in English where they stand and marked with ``_``; translations live
in ``newsletter/translations/<language>/``, a file for each part of the house. They are read as they
are, with nothing to compile.
"""

import gettext
import io
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from newsletter.errors import marked as marked

LANGUAGES = ("en", "pl")
"""The languages this house speaks; any other is spoken to in English."""

_FOLDER = Path(__file__).parent / "translations"


def translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of ``language`` (a BCP 47 tag); English where there is none."""
    return _compiled(spoken(language))


def keep_words(words: str, facts: Mapping[str, str]) -> str:
    """Write marked ``words`` with what fills them, so that they can be said to anybody later."""
    return json.dumps({"words": words, "facts": dict(facts)}, ensure_ascii=False)


def say_kept(kept: str, language: str) -> str:
    """Say what ``keep_words`` wrote, in ``language``; anything else is said as it stands."""
    try:
        found = json.loads(kept)
        words = found["words"]
        return str(translations(language).gettext(words) % found["facts"])
    except (ValueError, TypeError, KeyError):
        return kept


def spoken(language: str) -> str:
    """Return the language of ``LANGUAGES`` nearest to ``language``: pl for pl-PL, en for sv."""
    primary = language.replace("_", "-").split("-")[0].lower()
    return primary if primary in LANGUAGES else "en"


def say_date(day: date, language: str) -> str:
    """Write ``day`` as 31 March 2020, in ``language``."""
    locale = _locale(language)
    pattern = "d MMMM y" if locale.language in {"en", "pl"} else "long"
    return format_date(day, format=pattern, locale=locale)


def say_weekday(day: date, language: str, *, short: bool = False) -> str:
    """Name the day of the week of ``day``: Tuesday, or in short Tue."""
    return format_date(day, "EEE" if short else "EEEE", locale=_locale(language))


def say_day(day: date, language: str) -> str:
    """Write ``day`` with the day of the week: Tuesday, 31 March 2020."""
    return format_date(day, "EEEE, d MMMM y", locale=_locale(language))


def say_period(first: date, last: date, language: str) -> str:
    """Write the days from ``first`` to ``last``: a whole month by its name, 16–22 November 2026."""
    if first.day == 1 and (last + timedelta(days=1)).day == 1 and first.month == last.month:
        return format_date(first, "LLLL y", locale=_locale(language))
    if (first.month, first.year) == (last.month, last.year):
        return f"{first.day}–{say_date(last, language)}"
    if first.year == last.year:
        begin = format_date(first, "d MMMM", locale=_locale(language))
        return f"{begin} – {say_date(last, language)}"
    return f"{say_date(first, language)} – {say_date(last, language)}"


def say_moment(moment: datetime, language: str) -> str:
    """Write ``moment`` with its date, time and the name of its zone."""
    return format_datetime(moment, "d MMMM y, HH:mm zzz", locale=_locale(language))


def say_time(moment: datetime, language: str) -> str:
    """Write the time of day at ``moment`` with the name of its zone."""
    return format_datetime(moment, "HH:mm zzz", locale=_locale(language))


def say_language(tag: str, language: str) -> str:
    """Name the language of ``tag`` (BCP 47) in ``language``: Polish, polski; its tag if unknown."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(_locale(language)) or tag
    except (ValueError, UnknownLocaleError):
        return tag


def say_number(number: float, language: str) -> str:
    """Write ``number`` with the separators of ``language``."""
    return format_decimal(number, locale=_locale(language))


def say_money(amount: Decimal, currency: str, language: str) -> str:
    """Write an amount of money as the language does: €1,234.50, or PLN 20.00 with a code."""
    written = format_currency(amount, currency, locale=_locale(language))
    return re.sub(r"(?<=[A-Z])(?=[0-9])", "\u00a0", written)


def catalogue(language: str) -> Catalog:
    """Gather the translations into ``language``, one of ``LANGUAGES``, from all its files."""
    whole = Catalog(locale=language)
    for file in sorted((_FOLDER / language).glob("*.po")):
        with file.open("rb") as source:
            for message in read_po(source, locale=language):
                if message.id:
                    whole[message.id] = message
    return whole


@cache
def _compiled(language: str) -> gettext.NullTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _locale(language: str) -> Locale:
    return Locale.parse("en_GB" if spoken(language) == "en" else spoken(language))
