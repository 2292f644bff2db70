"""The outbox: freeze an audience, claim a batch, settle outcomes, retry, suppress, tally.

The rows are the truth: whatever is called twice does nothing the second time. Everything works on
sets; nothing here costs a query for each reader. No function commits.
"""

from newsletter.deliveries.asking import Asking, note_shown, recall_shown, shown
from newsletter.deliveries.audience import EVERYONE, Rule
from newsletter.deliveries.claim import (
    LEASE,
    Claim,
    claim,
    fetch_content,
    heading_of,
    release,
    release_all,
    renew,
)
from newsletter.deliveries.course import Point, course, note_course, pace, tallies
from newsletter.deliveries.freeze import freeze
from newsletter.deliveries.ledger import (
    Entry,
    Tally,
    ledger,
    of_reader,
    progress,
    progress_of,
    tally,
)
from newsletter.deliveries.notices import TEST, forget, notify, notify_address
from newsletter.deliveries.reach import Reach, reach, reach_by_content
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
from newsletter.deliveries.waves import LOTS, Part, Split, Standing, lot, lot_of, open_wave, waves

__all__ = [
    "EVERYONE",
    "LEASE",
    "LONGEST_NAME",
    "LOTS",
    "TEST",
    "UNKNOWN_ATTEMPTS",
    "Asking",
    "Claim",
    "Entry",
    "Part",
    "Point",
    "Reach",
    "Rule",
    "Split",
    "Standing",
    "Tally",
    "add_segment",
    "awaited_by",
    "backoff",
    "change_segment",
    "claim",
    "course",
    "delete_segment",
    "drop",
    "fetch_content",
    "fetch_segment",
    "forget",
    "freeze",
    "heading_of",
    "ledger",
    "lot",
    "lot_of",
    "note_course",
    "note_shown",
    "notify",
    "notify_address",
    "of_reader",
    "open_wave",
    "pace",
    "progress",
    "progress_of",
    "reach",
    "reach_by_content",
    "recall_shown",
    "release",
    "release_all",
    "renew",
    "requeue",
    "rule_of",
    "segments",
    "settle",
    "shown",
    "tallies",
    "tally",
    "waves",
]
