"""The frozen values that cross from the database to the relay and back, and rates of sending."""

import enum
import re
from dataclasses import dataclass
from typing import Self

_UNITS = {"s": 1, "min": 60, "h": 3600, "day": 86400}


@dataclass(frozen=True, slots=True)
class Parcel:
    """One reader's delivery as it comes out of the database, and the content it takes."""

    delivery: int
    content: int
    subscription: int
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One mail ready for the wire (RFC 5321 section 2.3.1).

    ``sender`` and ``recipient`` are bare addresses without angle brackets. ``content`` has CRLF
    line ends, lines of at most 998 octets and no dot-stuffing; it ends with CRLF. ``clean`` vouches
    that it has no CR or LF but in CRLF and no line that begins with a dot: whoever made it knows,
    and to look at every octet of every mail would take longer than to send it.
    """

    delivery: int
    sender: str
    recipient: str
    content: bytes
    clean: bool = False


class Verdict(enum.StrEnum):
    """What an attempt came to."""

    SENT = "sent"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A relay's answer to one envelope: the reply code (RFC 5321 section 4.2) and its own words.

    TEMPORARY covers 4xx and a connection lost before the content was whole; UNKNOWN a connection
    lost after it, when the relay may or may not have taken the mail. Without a reply ``code`` is 0.
    """

    verdict: Verdict
    code: int
    words: str


@dataclass(frozen=True, slots=True)
class Rate:
    """So many mails in so many seconds: those of a second, a minute, an hour or a day."""

    count: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a rate like 10/s, 300/min, 2000/h or 5000/day; raises ValueError for others."""
        match = re.fullmatch(r"([0-9]{1,9})/([a-z]+)", text)
        if not match or match[2] not in _UNITS or not int(match[1]):
            raise ValueError(f"{text!r} is not a rate; write one like 10/s, 300/min or 5000/day")
        return cls(int(match[1]), _UNITS[match[2]])

    @property
    def unit(self) -> str:
        """What the count is for: s, min, h or day."""
        return next(unit for unit, seconds in _UNITS.items() if seconds == self.seconds)

    @property
    def daily(self) -> bool:
        """Tell whether this is a quota of a day."""
        return self.seconds == _UNITS["day"]

    def __str__(self) -> str:
        return f"{self.count}/{self.unit}"
