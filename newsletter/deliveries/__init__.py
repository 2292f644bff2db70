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
from newsletter.deliveries.course import note_course, pace
from newsletter.deliveries.freeze import freeze
from newsletter.deliveries.ledger import Entry, Tally, ledger, of_reader, progress, tally
from newsletter.deliveries.notices import forget, notify
from newsletter.deliveries.reach import Reach, reach
from newsletter.deliveries.settle import UNKNOWN_ATTEMPTS, backoff, settle
from newsletter.deliveries.turn import drop, requeue

__all__ = [
    "UNKNOWN_ATTEMPTS",
    "Claim",
    "Entry",
    "Reach",
    "Tally",
    "backoff",
    "claim",
    "drop",
    "fetch_content",
    "forget",
    "freeze",
    "heading_of",
    "ledger",
    "note_course",
    "notify",
    "of_reader",
    "pace",
    "progress",
    "reach",
    "release",
    "release_all",
    "renew",
    "requeue",
    "settle",
    "tally",
]
