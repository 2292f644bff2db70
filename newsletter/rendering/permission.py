"""By what right a picture is shown, and what that right reaches.

It is kept as short text, which people write. What is not understood permits nothing beyond what
someone has decided by hand: that the picture stands where it stands.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

_WRITTEN = re.compile(
    r"(?:(?P<own>own)"
    r"|(?:licence )?(?P<open>cc0(?: 1\.0)?|cc[ -]by(?:[ -](?:sa|nd|nc)){0,2}(?: [1-4]\.\d)?"
    r"|public domain)"
    r"|(?P<licensed>licensed)(?: by (?P<by>.+?))?"
    r"|permission of (?P<of>.+?))"
    r"(?P<onward> for republication)?(?: until (?P<until>\d{4}-\d\d-\d\d))?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Permission:
    """A right to show a picture.

    ``basis`` is own (the institute's picture), licence (open to everyone; ``whose`` is its name),
    licensed (bought, of ``whose``), permission (of ``whose``) or unknown. ``until`` is its last
    day; ``onward`` says that it reaches whoever republishes the text.
    """

    basis: Literal["own", "licence", "licensed", "permission", "unknown"]
    whose: str = ""
    until: date | None = None
    onward: bool = False

    @classmethod
    def parse(cls, text: str) -> "Permission":
        """Read one of the forms; whatever else it says is unknown.

        ``own``, ``licence CC BY 4.0`` (or the licence's name alone, also CC0 and public domain),
        ``licensed by Agency until 2027-01-31``, ``permission of Anna Nowak``; of the last two only
        what has ``for republication`` in it reaches further.
        """
        found = _WRITTEN.fullmatch(" ".join(text.split()))
        if not found:
            return UNKNOWN
        try:
            until = date.fromisoformat(found["until"]) if found["until"] else None
        except ValueError:
            return UNKNOWN
        onward = bool(found["onward"])
        if found["own"]:
            return cls("own", until=until, onward=True)
        if name := found["open"]:
            return cls("licence", name, until, onward=True)
        if found["licensed"]:
            return cls("licensed", found["by"] or "", until, onward)
        return cls("permission", found["of"], until, onward)

    def has_run_out(self, today: date) -> bool:
        """Tell whether its last day is over."""
        return self.until is not None and self.until < today

    def reaches_republication(self, today: date) -> bool:
        """Tell whether whoever republishes the text may show the picture too, with its credit."""
        return self.onward and not self.has_run_out(today)


UNKNOWN = Permission("unknown")
