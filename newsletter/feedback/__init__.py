"""What comes back from issues: clicks, goodbyes, reuse of their texts. Never by reader.

No function commits; each takes the session first and the time as ``now``.
"""

from newsletter.feedback.clicks import (
    DONATE,
    Followed,
    Hour,
    clicks_by_hour,
    clicks_by_link,
    clicks_by_variant,
    clicks_of,
    count_click,
)
from newsletter.feedback.goodbyes import count_goodbye, goodbyes_by_day, goodbyes_of
from newsletter.feedback.reuses import count_reuse, reuses_of
from newsletter.feedback.targets import Target, find_target, freeze_targets, has_left

__all__ = [
    "DONATE",
    "Followed",
    "Hour",
    "Target",
    "clicks_by_hour",
    "clicks_by_link",
    "clicks_by_variant",
    "clicks_of",
    "count_click",
    "count_goodbye",
    "count_reuse",
    "find_target",
    "freeze_targets",
    "goodbyes_by_day",
    "goodbyes_of",
    "has_left",
    "reuses_of",
]
