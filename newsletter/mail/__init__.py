"""Frozen content + reader -> Envelope; this module is the door."""

from newsletter.mail.compose import Composer, Heading, quoted_printable
from newsletter.mail.dkim import Signer
from newsletter.mail.limits import Limit, parse_limits
from newsletter.mail.relays import RelayAddress
from newsletter.mail.values import Envelope, Outcome, Parcel, Rate, Verdict

__all__ = [
    "Composer",
    "Envelope",
    "Heading",
    "Limit",
    "Outcome",
    "Parcel",
    "Rate",
    "RelayAddress",
    "Signer",
    "Verdict",
    "parse_limits",
    "quoted_printable",
]
