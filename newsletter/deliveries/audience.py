"""Audiences: which of a publication's subscribers an issue is for, as a rule that people can read.

A rule asks for what people told us and for when. There is nothing in it about who opened or clicked
what: statistics are about issues. It is a value, kept as JSON that is checked whenever it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

from newsletter.errors import Invalid

MOST = 50
"""Values that one part of a rule may have."""
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Rule:
    """What must all hold of a reader; a part that is empty asks for nothing.

    ``languages`` are those that the person reads (BCP 47), ``tags`` the names of tags: one of them
    must be there. Of ``not_languages`` and ``not_tags`` none may. ``joined`` is when the person
    first came to us, ``changed`` when the subscription last became what it is: confirmed, or taken
    up again. A day counts from its midnight where the publication is at home. ``received`` is the
    number of an issue whose mail was sent to the reader.
    """

    languages: tuple[str, ...] = ()
    not_languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()
    joined_since: date | None = None
    joined_before: date | None = None
    changed_since: date | None = None
    changed_before: date | None = None
    received: int = 0

    @classmethod
    def parse(cls, data: object) -> Self:
        """Read a rule that was kept as JSON; nothing is everyone. Raises Invalid."""
        parts = {} if data is None else data
        if not isinstance(parts, Mapping) or not parts.keys() <= {one.name for one in fields(cls)}:
            raise Invalid(f"{data!r} is no rule for an audience")
        read: dict[str, Any] = {name: _part(name, value) for name, value in parts.items()}
        rule = cls(**read)
        for since, before in (
            (rule.joined_since, rule.joined_before),
            (rule.changed_since, rule.changed_before),
        ):
            if since and before and since >= before:
                raise Invalid(f"Nothing is since {since} and before {before}")
        return rule

    @property
    def data(self) -> dict[str, object]:
        """The rule as JSON has it, without what is empty."""
        return {
            one.name: _written(value) for one in fields(self) if (value := getattr(self, one.name))
        }

    @property
    def is_everyone(self) -> bool:
        """Whether the rule asks for nothing."""
        return self == type(self)()


EVERYONE = Rule()


def _written(value: date | int | tuple[str, ...]) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int) else list(value)


def _part(name: str, value: object) -> date | int | tuple[str, ...]:
    if name == "received":
        if not isinstance(value, int) or value < 0:
            raise Invalid(f"{value!r} is no number of an issue")
        return value
    if name.endswith(("since", "before")):
        try:
            return date.fromisoformat(str(value))
        except ValueError as error:
            raise Invalid(f"{value!r} is no day; write one like 2026-01-31") from error
    if not isinstance(value, list | tuple) or not all(
        isinstance(each, str) and 0 < len(each) <= _LONGEST for each in value
    ):
        raise Invalid(f"{value!r} is no list of {name.removeprefix('not_')}")
    if len(value) > MOST:
        raise Invalid(f"{len(value)} {name.removeprefix('not_')} are too many; take {MOST}")
    return tuple(value)
