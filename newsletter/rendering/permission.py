"""By what right a picture is shown, and where that right lets it appear.

It is kept as short text, which people write. What is not understood permits nothing beyond what
someone has decided by hand: that the picture stands where it stands, on the page and in the mail.
"""

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

Basis = Literal["own", "licence", "licensed", "permission", "unknown"]


class Place(enum.StrEnum):
    """Where a picture may appear.

    WEB are our pages and feeds, PRINT files that are kept and printed (PDF), REPUBLICATION the
    copies that others take.
    """

    WEB = "web"
    MAIL = "mail"
    PRINT = "print"
    REPUBLICATION = "republication"


EVERYWHERE = frozenset(Place)
_OUR_OWN = EVERYWHERE - {Place.REPUBLICATION}
USUAL: dict[Basis, frozenset[Place]] = {
    "own": EVERYWHERE,
    "licence": EVERYWHERE,
    "licensed": _OUR_OWN,
    "permission": _OUR_OWN,
    "unknown": frozenset({Place.WEB, Place.MAIL}),
}
"""How far each kind of right reaches where nobody has said otherwise."""

_PLACE = "|".join(Place)
_WRITTEN = re.compile(
    r"(?:(?P<own>own)"
    r"|(?P<unknown>unknown)"
    r"|(?:licence )?(?P<open>cc0(?: 1\.0)?|cc[ -]by(?:[ -](?:sa|nd|nc)){0,2}(?: [1-4]\.\d)?"
    r"|public domain)"
    r"|(?P<licensed>licensed)(?: by (?P<by>.+?))?"
    r"|permission of (?P<of>.+?))"
    rf"(?: for (?P<places>(?:{_PLACE})(?:(?:,| and) (?:{_PLACE}))*))?"
    r"(?: until (?P<until>\d{4}-\d\d-\d\d))?",
    re.IGNORECASE | re.ASCII,
)


class Permitted(Protocol):
    """Anything that is shown by a right: an image as it is kept, or as it is shown."""

    @property
    def permission(self) -> str:
        """The right as it is written."""
        ...


@dataclass(frozen=True, slots=True)
class Permission:
    """A right to show a picture.

    ``basis`` is own (the institute's picture), licence (open to everyone; ``whose`` is its name),
    licensed (bought, of ``whose``), permission (of ``whose``) or unknown. ``until`` is its last
    day. It reaches the usual ``places`` of its basis, or ``only`` those that are named.
    """

    basis: Basis
    whose: str = ""
    until: date | None = None
    only: frozenset[Place] = frozenset()

    @property
    def places(self) -> frozenset[Place]:
        """Where the picture may appear while the right lasts."""
        return self.only or USUAL[self.basis]

    @classmethod
    def parse(cls, text: str) -> "Permission":
        """Read one of the forms; whatever else it says is unknown.

        ``own``, ``licence CC BY 4.0`` (or the licence's name alone, also CC0 and public domain),
        ``licensed by Agency until 2027-01-31``, ``permission of Anna Nowak``, ``unknown``. Places
        follow ``for``, as in ``own for web and print``; ``for republication`` alone is everywhere.
        """
        found = _WRITTEN.fullmatch(" ".join(text.split()))
        if not found:
            return UNKNOWN
        try:
            until = date.fromisoformat(found["until"]) if found["until"] else None
        except ValueError:
            return UNKNOWN
        basis, whose = _basis(found)
        named = _places(found["places"] or "")
        return cls(basis, whose, until, frozenset() if named == USUAL[basis] else named)

    @property
    def written(self) -> str:
        """The right as it is kept; nothing where nothing is known."""
        if self == UNKNOWN:
            return ""
        whose = {"licence": "licence {}", "licensed": "licensed by {}"}.get(self.basis, "{}")
        whose = "permission of {}" if self.basis == "permission" else whose
        words = whose.format(self.whose) if self.whose else self.basis
        if self.places != USUAL[self.basis]:
            words += f" for {_listed(self.places)}"
        return f"{words} until {self.until}" if self.until else words

    def has_run_out(self, today: date) -> bool:
        """Tell whether its last day is over."""
        return self.until is not None and self.until < today

    def reaches(self, place: Place, today: date) -> bool:
        """Tell whether the picture may appear at ``place``, with its credit."""
        return place in self.places and not self.has_run_out(today)


def may_appear(image: Permitted, place: Place, on_day: date) -> bool:
    """Tell whether ``image`` may appear at ``place`` on that day."""
    return Permission.parse(image.permission).reaches(place, on_day)


def _basis(found: re.Match[str]) -> tuple[Basis, str]:
    if name := found["open"]:
        return "licence", name
    if found["licensed"]:
        return "licensed", found["by"] or ""
    if name := found["of"]:
        return "permission", name
    return ("own" if found["own"] else "unknown"), ""


def _places(words: str) -> frozenset[Place]:
    named = frozenset(Place(word) for word in re.findall(_PLACE, words.lower()))
    return EVERYWHERE if named == {Place.REPUBLICATION} else named


def _listed(places: Iterable[Place]) -> str:
    *others, last = [place.value for place in Place if place in set(places)]
    return f"{', '.join(others)} and {last}" if others else last


UNKNOWN = Permission("unknown")
