"""Mail leaves, whatever is wrong with the templates of the desk."""

from collections.abc import Callable
from dataclasses import replace

from newsletter.rendering.edition import Words
from newsletter.rendering.overrides import SHIPPED, Overrides


def whole(overrides: Overrides, make: Callable[[Overrides], Words]) -> Words:
    """Return the mail that ``make`` makes with ``overrides``, or with as many as will do.

    Those that fail, or leave out what the mail must have, are named in ``left_out``. What the
    templates of the house alone cannot make is an error as ever.
    """
    if not overrides:
        return make(SHIPPED)
    for fewer in (overrides, *(overrides.without(name) for name in overrides)):
        try:
            words = make(fewer)
        except Exception:  # noqa: BLE001, S112 - a template can fail in any way
            continue
        return replace(words, left_out=tuple(name for name in overrides if name not in fewer))
    return replace(make(SHIPPED), left_out=tuple(overrides))
