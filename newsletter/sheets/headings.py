"""What columns are called, here and elsewhere, and what other services say of a person's wish.

The services are known by headings that only their exports have. No word of theirs that may mean
that somebody left, never agreed or cannot be reached makes anyone a reader here.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.wishes import SubscriptionState as State
from newsletter.wishes import SuppressionReason as Reason

FIELDS: dict[str, tuple[str, ...]] = {
    "address": (
        *("address", "email", "e mail", "email address", "e mail address", "subscriber", "mail"),
        *("subscriber email", "adres", "adres email", "adres e mail", "poczta", "adres poczty"),
    ),
    "name": (
        *("name", "full name", "display name", "subscriber name"),
        *("imię i nazwisko", "nazwisko i imię", "nazwa", "imie i nazwisko"),
    ),
    "first_name": ("first name", "firstname", "fname", "given name", "imię", "imie"),
    "last_name": ("last name", "lastname", "lname", "surname", "family name", "nazwisko"),
    "language": ("language", "lang", "locale", "język", "jezyk"),
    "publication": ("publication", "publikacja"),
    "state": (
        *("state", "status", "subscription status", "subscriber type", "type", "stan"),
        *("email status", "status subskrypcji"),
    ),
    "wanted": (
        *("subscribed to emails", "is subscribed", "opted in", "subscribed", "zgoda"),
        *("zapisany", "subskrybuje"),
    ),
    "unwanted": ("email disabled", "opted out"),
    "since": (
        *("changed at", "confirm time", "optin time", "opt in time", "opt in date", "optin date"),
        *("subscribe date", "subscription date", "date subscribed", "subscribed at", "signup date"),
        *("creation date", "created at", "created", "date added", "added", "start date"),
        *("data zapisu", "data zgody", "data dodania", "data utworzenia"),
    ),
    "created": ("known since",),
    "left": (
        *("unsub time", "unsubscribed at", "unsubscribe date", "date unsubscribed", "unsubscribed"),
        *("unsubscription date", "deleted at", "data wypisu", "data rezygnacji"),
    ),
    "bounced": ("clean time", "bounced at", "bounce date"),
    "frequency": ("frequency", "częstotliwość"),
    "paused_until": ("paused until", "wstrzymane do"),
    "suppression": ("suppression",),
    "groups": ("tags", "labels", "lists", "list", "groups", "segments", "tagi", "listy", "grupy"),
    "attributes": ("attributes", "metadata"),
    "origin": ("confirm ip", "optin ip", "opt in ip", "ip address", "ip"),
}
"""For each field the headings that mean it, the most telling first."""

FILES = (("unsubscribed", "unsubscribed"), ("cleaned", "cleaned"), ("nonsubscribed", "never"))
"""Beginnings of the names that Mailchimp gives to files whose rows are all of one kind."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word of another service comes to: a state here, an obstacle, or nothing at all.

    Of two words about one person, the more severe holds.
    """

    state: str | None
    suppression: str | None = None
    severity: int = 0


_ACTIVE, _LEFT = Meaning(State.ACTIVE.value), Meaning(State.UNSUBSCRIBED.value, severity=4)
NEVER = Meaning(None, severity=3)
"""The person did not ask for mail."""

_WORDS: dict[Meaning, tuple[str, ...]] = {
    _ACTIVE: (
        *("active", "subscribed", "enabled", "confirmed", "opted in", "true", "yes", "1"),
        *("regular", "premium", "gifted", "trialed", "unpaid", "churning", "churned", "past due"),
        *("paid", "free", "comped", "tak", "aktywny", "aktywna", "zapisany", "potwierdzony"),
    ),
    Meaning(State.PENDING.value, severity=2): (
        *("pending", "unconfirmed", "unactivated", "niepotwierdzony", "oczekujący"),
    ),
    Meaning(State.PAUSED.value, severity=1): ("paused", "wstrzymany"),
    _LEFT: (
        *("unsubscribed", "disabled", "inactive", "opted out", "removed", "deleted", "archived"),
        *("false", "no", "0", "nie", "wypisany", "nieaktywny", "upcoming"),
    ),
    Meaning(State.UNSUBSCRIBED.value, Reason.HARD_BOUNCE.value, severity=5): (
        *("cleaned", "bounced", "hard bounce", "hard bounced", "undeliverable", "invalid"),
    ),
    Meaning(State.UNSUBSCRIBED.value, Reason.COMPLAINT.value, severity=5): (
        *("complained", "complaint", "spam", "junk", "marked as spam", "abuse"),
    ),
    Meaning(State.UNSUBSCRIBED.value, Reason.MANUAL.value, severity=5): (
        *("blocklisted", "blacklisted", "blocked", "banned", "spammy", "suppressed"),
    ),
    NEVER: ("never", "nonsubscribed", "non subscribed", "transactional"),
}
MEANINGS = {word: meaning for meaning, words in _WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class Service:
    """A service that exports: its name, what gives it away, and words that it alone uses so."""

    name: str
    marks: frozenset[str]
    words: Mapping[str, Meaning] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()


HERE = Service(
    "newsletter", frozenset({"address", "publication", "state", "changed at", "suppression"})
)
"""Our own export."""

SERVICES = (
    HERE,
    Service("listmonk", frozenset({"uuid", "email", "attributes", "status"})),
    Service("Mailchimp", frozenset({"member rating", "leid", "euid"})),
    Service("Mailchimp", frozenset({"email address", "optin time"})),
    # What is active there is a paid plan; who reads for nothing is not.
    Service("Substack", frozenset({"email", "active subscription"})),
    Service("Ghost", frozenset({"email", "subscribed to emails"})),
    Service(
        "Buttondown",
        frozenset({"email address", "creation date", "metadata"}),
        {"paused": _ACTIVE},
    ),
    Service("Buttondown", frozenset({"email", "creation date", "metadata"}), {"paused": _ACTIVE}),
    Service("MailerLite", frozenset({"subscriber", "sent", "opened"})),
    Service("MailerLite", frozenset({"subscriber", "subscribed"})),
    Service("MailerLite", frozenset({"email", "opt in ip", "subscribed"})),
)


def plain(text: str) -> str:
    """Write a heading or a status as it is compared: small, with single spaces."""
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def recognise(headings: Sequence[str]) -> Service | None:
    """Return the service whose export has such ``headings``."""
    there = {plain(heading) for heading in headings}
    return next((one for one in SERVICES if one.marks <= there), None)


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Say for each field which column holds it, by the headings; the most telling heading wins."""
    there: dict[str, int] = {}
    for column, heading in enumerate(headings):
        there.setdefault(plain(heading), column)
    return {
        name: there[found]
        for name, known in FIELDS.items()
        if (found := next((heading for heading in known if heading in there), None))
    }
