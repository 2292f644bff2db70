"""Days as people write them in English and Polish.

31 March 2020, Mar. 31st, 2020, 31 marca 2020 r., 31 III 2020, 2020-03-31 and 4.03.2021, with a
weekday or a place before it if need be. A day is never guessed: 4/3/21 and March 2020 are none.
"""

import re
from datetime import date

from newsletter.language import marked as _
from newsletter.manuscripts.refusals import refusal

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan stycznia styczeń sty i",
            "february feb lutego luty lut ii",
            "march mar marca marzec iii",
            "april apr kwietnia kwiecień kwi iv",
            "may maja maj v",
            "june jun czerwca czerwiec cze vi",
            "july jul lipca lipiec lip vii",
            "august aug sierpnia sierpień sie viii",
            "september sept sep września wrzesień wrz ix",
            "october oct października październik paź x",
            "november nov listopada listopad lis xi",
            "december dec grudnia grudzień gru xii",
        ),
        start=1,
    )
    for word in words.split()
}
_DAY = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th|\.)?"
_MONTH = r"(?P<month>[^\W\d_]{1,12})\.?"
_NUMBER = r"(?P<month>[0-9]{1,2})"
_YEAR = r"(?P<year>[0-9]{4})"
_BEFORE = r"(?:[^\W\d_][^\d,]{1,40}, |[^\W\d_]{3,9}day )?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_BEFORE}{_DAY} (?:of )?{_MONTH},? {_YEAR}(?: ?r\.?| roku)?",
        rf"{_BEFORE}{_MONTH} {_DAY},? {_YEAR}",
        rf"{_BEFORE}{_YEAR}-{_NUMBER}-{_DAY}(?:[T ][0-9]{{2}}:[0-9]{{2}}[0-9:.+Z-]*)?",
        rf"{_BEFORE}(?P<day>[0-9]{{1,2}})\. ?{_NUMBER}\. ?{_YEAR}(?: ?r\.?| roku)?",
    )
)
_LONGEST = 80


def is_like_a_day(text: str) -> bool:
    """Tell whether ``text`` has the form of a day, be it in the calendar or not."""
    return _numbers(text) is not None


def find(text: str, line: int) -> date | None:
    """Return the day that ``text`` is, or None if it is none.

    Raises InvalidManuscript, naming ``line``, for a day that no calendar has.
    """
    numbers = _numbers(text)
    try:
        return date(*numbers) if numbers else None
    except ValueError:
        raise refusal(
            line, _("there is no %(day)s in any calendar; correct the date"), day=text
        ) from None


def fetch(text: str, line: int) -> date:
    """Return the day that ``text`` is; raise InvalidManuscript, naming ``line``, if it is none."""
    if day := find(text, line):
        return day
    raise refusal(
        line, _("“%(day)s” is not a date; write it as 31 March 2020"), day=text[:_LONGEST]
    )


def _numbers(text: str) -> tuple[int, int, int] | None:
    for form in _FORMS if len(text) <= _LONGEST else ():
        if (match := form.fullmatch(text)) and (month := _month(match["month"])) is not None:
            return int(match["year"]), month, int(match["day"])
    return None


def _month(word: str) -> int | None:
    return int(word) if word.isdecimal() else _MONTHS.get(word.casefold())
