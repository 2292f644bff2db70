"""The templates: one Jinja environment for each language, compiled once.

Names ending in .html and .xml are escaped. An unknown variable is an error, never a gap. ``_`` and
``ngettext`` translate; ``date``, ``day``, ``weekday``, ``period``, ``moment``, ``money``,
``number`` and ``tongue`` write as the language does, ``instant`` as machines do (RFC 3339).
"""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from newsletter.config import folder
from newsletter.language import (
    say_date,
    say_day,
    say_language,
    say_moment,
    say_money,
    say_number,
    say_period,
    say_weekday,
    spoken,
    translations,
)
from newsletter.rendering import body, letter


def page(template: str, language: str, **facts: object) -> str:
    """Render ``templates/pages/<template>`` in ``language`` (a BCP 47 tag) with ``facts``."""
    return render(f"pages/{template}", language, **facts)


def render(name: str, language: str, **facts: object) -> str:
    """Render the template ``name`` in ``language``; it finds its ``language`` among the facts."""
    return _environment(spoken(language)).get_template(name).render(facts, language=language)


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(("html", "xml")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        translations(language), newstyle=True
    )
    environment.filters |= {
        "date": lambda day: say_date(day, language),
        "day": lambda day: say_day(day, language),
        "instant": lambda moment: moment.isoformat(timespec="seconds"),
        "moment": lambda moment: say_moment(moment, language),
        "weekday": lambda day: say_weekday(day, language),
        "short_weekday": lambda day: say_weekday(day, language, short=True),
        "period": lambda days: say_period(days[0], days[1], language),
        "money": lambda amount, currency: say_money(amount, currency, language),
        "number": lambda number: say_number(number, language),
        "tongue": lambda tag: say_language(tag, language),
        "direction": _direction,
        "fold": letter.fold,
        "spread": letter.spread,
        "underline": letter.underline,
        "bare": body.bare,
    }
    return environment


def _direction(language: str) -> str:
    return "rtl" if language.split("-")[0].lower() in {"ar", "fa", "he", "ur", "yi"} else "ltr"
