"""Frozen content + reader -> Envelope; this module is the door."""

from newsletter.mail.compose import Composer, Heading, quoted_printable
from newsletter.mail.dkim import Signer
from newsletter.mail.values import Envelope, Outcome, Parcel, Verdict

__all__ = [
    "Composer",
    "Envelope",
    "Heading",
    "Outcome",
    "Parcel",
    "Signer",
    "Verdict",
    "quoted_printable",
]
