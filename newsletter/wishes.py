"""What people may ask for, and what we may learn of an address: words of tables, files and pages.

They stand at the bottom of the house, since what reads files of subscribers knows no database.
"""

import enum


class SubscriptionState(enum.StrEnum):
    """What the person asked for."""

    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


class Frequency(enum.StrEnum):
    """How often the person wants mail."""

    EACH = "each"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class SuppressionReason(enum.StrEnum):
    """What the mail system, or a person, taught us about an address."""

    HARD_BOUNCE = "hard_bounce"
    COMPLAINT = "complaint"
    MANUAL = "manual"
    ERASED = "erased"


MOST_NAME = 200
"""Characters of a person's name that are kept."""
