"""Frozen content + reader -> Envelope; this module is the door."""

from newsletter.mail.compose import Composer, Heading, quoted_printable
from newsletter.mail.values import Envelope, Outcome, Parcel, Verdict

__all__ = [
    "Composer",
    "Envelope",
    "Heading",
    "Outcome",
    "Parcel",
    "Verdict",
    "quoted_printable",
]
