"""What each event makes of a subscription's state: the table that every change of state goes by.

A state that an event does not name is left as it is: what comes late or twice changes nothing.
"""

import enum
from collections.abc import Mapping

from newsletter.model import SubscriptionState

PENDING = SubscriptionState.PENDING
ACTIVE = SubscriptionState.ACTIVE
PAUSED = SubscriptionState.PAUSED
UNSUBSCRIBED = SubscriptionState.UNSUBSCRIBED


class Event(enum.StrEnum):
    """What happens to a subscription; the value is what the consent log calls it."""

    ASK = "asked"
    """Somebody, nobody knows who, sent a form in."""
    CONFIRM = "confirmed"
    """The person pressed the button behind a mailed link."""
    ADD = "added"
    """An operator vouches that the person asked."""
    IMPORT = "imported"
    """A file says that the person gets it."""
    WANT = "wanted"
    """The person chose it on the page behind a link that was just mailed."""
    LEAVE = "left"
    """The person, or a mail program for them, ends it."""
    DECLINE = "declined"
    """The person ends what was asked for and never confirmed."""
    UNDO = "returned"
    """The goodbye is taken back."""
    PAUSE = "paused"
    """The person wants nothing until a day."""
    RESUME = "resumed"
    """The person wants mail again before that day."""
    WAKE = "woken"
    """The day has come."""
    EXPIRE = "expired"
    """What was asked for, by whomever, was never confirmed."""
    LAPSE = "lapsed"
    """The same, of somebody who had left before and whose story is to be kept."""


Table = Mapping[Event, Mapping[SubscriptionState | None, SubscriptionState | None]]

TABLE: Table = {
    Event.ASK: {None: PENDING, PENDING: PENDING, UNSUBSCRIBED: PENDING},
    Event.CONFIRM: {PENDING: ACTIVE},
    Event.ADD: {None: ACTIVE, PENDING: ACTIVE, UNSUBSCRIBED: ACTIVE},
    Event.IMPORT: {None: ACTIVE, PENDING: ACTIVE},
    Event.WANT: {None: ACTIVE, PENDING: ACTIVE, UNSUBSCRIBED: ACTIVE},
    Event.LEAVE: {ACTIVE: UNSUBSCRIBED, PAUSED: UNSUBSCRIBED},
    Event.DECLINE: {PENDING: UNSUBSCRIBED},
    Event.UNDO: {UNSUBSCRIBED: ACTIVE},
    Event.PAUSE: {ACTIVE: PAUSED, PAUSED: PAUSED},
    Event.RESUME: {PAUSED: ACTIVE},
    Event.WAKE: {PAUSED: ACTIVE},
    Event.EXPIRE: {PENDING: None},
    Event.LAPSE: {PENDING: UNSUBSCRIBED},
}
"""From state to state; None is no row at all."""


def allows(event: Event, state: SubscriptionState | None) -> bool:
    """Tell whether ``event`` does anything to a subscription in ``state``."""
    return state in TABLE[event]


def after(event: Event, state: SubscriptionState | None) -> SubscriptionState | None:
    """Return what ``state`` has become after ``event``: itself where the table is silent."""
    return TABLE[event].get(state, state)
