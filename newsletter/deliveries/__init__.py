"""The outbox: freeze an audience, claim a batch, settle outcomes, retry, suppress, tally.

The rows are the truth: whatever is called twice does nothing the second time. Everything works on
sets; nothing here costs a query for each reader. No function commits.
"""

from newsletter.deliveries.claim import (
    Claim,
    claim,
    fetch_content,
    heading_of,
    release,
    release_all,
    renew,
)
from newsletter.deliveries.freeze import freeze
from newsletter.deliveries.ledger import Entry, Tally, ledger, of_reader, progress, tally
from newsletter.deliveries.notices import TEST, forget, notify, notify_address
from newsletter.deliveries.settle import UNKNOWN_ATTEMPTS, backoff, settle
from newsletter.deliveries.turn import drop, requeue

__all__ = [
    "TEST",
    "UNKNOWN_ATTEMPTS",
    "Claim",
    "Entry",
    "Tally",
    "backoff",
    "claim",
    "drop",
    "fetch_content",
    "forget",
    "freeze",
    "heading_of",
    "ledger",
    "notify",
    "notify_address",
    "of_reader",
    "progress",
    "release",
    "release_all",
    "renew",
    "requeue",
    "settle",
    "tally",
]
