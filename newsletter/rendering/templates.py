"""The templates: one Jinja environment for each language, compiled once.

Names ending in .html and .xml are escaped. An unknown variable is an error, never a gap. ``_`` and
``ngettext`` translate; ``date``, ``day``, ``weekday``, ``period``, ``moment``, ``money``,
``number`` and ``tongue`` write as the language does, ``instant`` as machines do (RFC 3339).
"""

from functools import cache, lru_cache
from typing import Any, TypeVar

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    StrictUndefined,
    select_autoescape,
)

from newsletter.config import folder
from newsletter.language import (
    say_date,
    say_day,
    say_kept,
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
from newsletter.rendering.overrides import SHIPPED, Overrides
from newsletter.rendering.sandbox import Sandbox, metered

_COMPILED = 64
"""So many sets of templates of the desk are kept as they were compiled."""


def page(template: str, language: str, **facts: object) -> str:
    """Render ``templates/pages/<template>`` in ``language`` (a BCP 47 tag) with ``facts``."""
    return render(f"pages/{template}", language, SHIPPED, **facts)


def render(name: str, language: str, overrides: Overrides = SHIPPED, /, **facts: object) -> str:
    """Render the template ``name`` in ``language``; it finds its ``language`` among the facts.

    With ``overrides`` all is rendered in their sandbox.
    """
    if not overrides:
        return _environment(spoken(language)).get_template(name).render(facts, language=language)
    template = sandbox(spoken(language), overrides).get_template(name)
    with metered():
        return template.render(facts, language=language)


_ESCAPED = ("html", "xml")
_MANNERS: dict[str, Any] = {
    "trim_blocks": True,
    "lstrip_blocks": True,
    "extensions": ["jinja2.ext.i18n"],
}


@cache
def _environment(language: str) -> Environment:
    loader = FileSystemLoader(folder("templates"))
    environment = Environment(
        loader=loader, undefined=StrictUndefined, autoescape=select_autoescape(_ESCAPED), **_MANNERS
    )
    return _furnish(environment, language)


@lru_cache(_COMPILED)
def sandbox(language: str, overrides: Overrides) -> Sandbox:
    """Return the room in which ``overrides`` stand among the templates of the house."""

    def own(name: str) -> tuple[str, str, None] | None:
        source = overrides.get(name)
        return None if source is None else (source, name, None)

    loader = ChoiceLoader([FunctionLoader(own), FileSystemLoader(folder("templates"))])
    environment = Sandbox(loader=loader, autoescape=select_autoescape(_ESCAPED), **_MANNERS)
    _furnish(environment, language)
    environment.enclose()
    return environment


_Room = TypeVar("_Room", bound=Environment)


def _furnish(environment: _Room, language: str) -> _Room:
    environment.install_gettext_translations(  # type: ignore[attr-defined]
        translations(language), newstyle=True
    )
    environment.filters |= {
        "date": lambda day: say_date(day, language),
        "day": lambda day: say_day(day, language),
        "instant": lambda moment: moment.isoformat(timespec="seconds"),
        "kept": lambda kept: say_kept(kept, language),
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
