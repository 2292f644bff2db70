"""The outbox: freeze an audience, claim a batch, settle outcomes, retry, suppress, tally.

The rows are the truth: whatever is called twice does nothing the second time. Everything works on
sets; nothing here costs a query for each reader. No function commits.
"""

from newsletter.deliveries.audience import EVERYONE, Rule
from newsletter.deliveries.claim import Claim, claim, fetch_content, release, release_all, renew
from newsletter.deliveries.freeze import freeze
from newsletter.deliveries.ledger import Entry, Tally, ledger, of_reader, progress, tally
from newsletter.deliveries.notices import forget, notify
from newsletter.deliveries.reach import Reach, reach
from newsletter.deliveries.segments import LONGEST as LONGEST_NAME
from newsletter.deliveries.segments import (
    add_segment,
    awaited_by,
    change_segment,
    delete_segment,
    fetch_segment,
    rule_of,
    segments,
)
from newsletter.deliveries.settle import UNKNOWN_ATTEMPTS, backoff, settle
from newsletter.deliveries.turn import drop, requeue

__all__ = [
    "EVERYONE",
    "LONGEST_NAME",
    "UNKNOWN_ATTEMPTS",
    "Claim",
    "Entry",
    "Reach",
    "Rule",
    "Tally",
    "add_segment",
    "awaited_by",
    "backoff",
    "change_segment",
    "claim",
    "delete_segment",
    "drop",
    "fetch_content",
    "fetch_segment",
    "forget",
    "freeze",
    "ledger",
    "notify",
    "of_reader",
    "progress",
    "reach",
    "release",
    "release_all",
    "renew",
    "requeue",
    "rule_of",
    "segments",
    "settle",
    "tally",
]
