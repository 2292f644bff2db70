"""The three frozen values that cross from the database to the relay and back."""

import enum
from dataclasses import dataclass


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
    line ends, lines of at most 998 octets and no dot-stuffing; it ends with CRLF.
    """

    delivery: int
    sender: str
    recipient: str
    content: bytes


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
