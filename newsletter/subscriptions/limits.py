"""How much may be asked for: by a network, of a mailbox, of a domain.

Buckets are known by keyed hashes: nobody reads from them who asked, or for whom.
"""

import hmac
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from newsletter.deliveries import rates
from newsletter.deliveries.rates import Want
from newsletter.errors import LimitReached
from newsletter.mail import Rate

NETWORK = (Rate.parse("20/h"), Rate.parse("60/day"))
"""Forms that one network may send in: enough for a lecture room, not for a robot."""
UNSOLVED = (Rate.parse("5/h"), Rate.parse("20/day"))
"""Those of them that no browser has worked for: by a button, without scripts."""
MAILBOX = (Rate.parse("3/day"),)
"""Mails that go to one mailbox because somebody, perhaps somebody else, asked for them by form."""
DOMAIN = (Rate.parse("500/h"),)
"""The same mails to all mailboxes of one domain."""
CHANGES = (Rate.parse("3/day"),)
"""Changes of address that one person may ask for."""

_DOTLESS = ("gmail.com", "googlemail.com")


def admit(session: Session, network: str, now: datetime, *, secret_key: str) -> None:
    """Count a form against its network; raise LimitReached when there have been too many.

    Call it, as the other functions here, once in a transaction and before rows are locked.
    """
    key = _key("sign-up network", network, secret_key)
    if not rates.take(session, {key: Want(1, NETWORK)}, now)[key].granted:
        raise LimitReached


def admit_unsolved(session: Session, network: str, now: datetime, *, secret_key: str) -> None:
    """Count a form that comes without a solved challenge, besides what ``admit`` counts."""
    key = _key("unsolved network", network, secret_key)
    if not rates.take(session, {key: Want(1, UNSOLVED)}, now)[key].granted:
        raise LimitReached


def mails(
    session: Session, addresses: Sequence[str], now: datetime, *, secret_key: str
) -> Sequence[bool]:
    """Tell of each mail to one of ``addresses`` whether it may go, first come, first served.

    What a full mailbox cannot take costs its domain nothing: nobody who bombs one reader keeps
    the others of the same domain from signing up.
    """
    places = [
        (
            _key("mail mailbox", mailbox(address), secret_key),
            _key("mail domain", _domain(address), secret_key),
        )
        for address in addresses
    ]
    wants = {
        **_wants([box for box, _ in places], MAILBOX),
        **_wants([domain for _, domain in places], DOMAIN),
    }
    left = {key: grant.granted for key, grant in rates.take(session, wants, now).items()}
    answers = []
    for place in places:
        granted = all(left[key] for key in place)
        for key in place:
            left[key] -= granted
        answers.append(granted)
    unused = {key: Want(count, wants[key].rates) for key, count in left.items() if count}
    if unused:
        rates.give_back(session, unused, now, now)
    return answers


def change(session: Session, old: str, new: str, now: datetime, *, secret_key: str) -> bool:
    """Count a change of address; tell whether the ``new`` mailbox may be asked.

    Raises LimitReached when the person at the ``old`` one has asked too often.
    """
    person = _key("address change", mailbox(old), secret_key)
    newcomer = _key("mail mailbox", mailbox(new), secret_key)
    wants = {person: Want(1, CHANGES), newcomer: Want(1, MAILBOX)}
    grants = rates.take(session, wants, now)
    if not grants[person].granted:
        raise LimitReached
    return bool(grants[newcomer].granted)


def mailbox(address: str) -> str:
    """Return what tells mailboxes apart: many domains deliver a+b@… to a@…, Gmail skips dots."""
    local, _, domain = address.lower().rpartition("@")
    # A local part may be nothing but a tag, or be quoted; then it is left alone.
    plain = local.split("+")[0] or local
    if domain in _DOTLESS:
        plain = plain.replace(".", "")
    return f"{plain}@{domain}"


def _domain(address: str) -> str:
    return address.lower().rpartition("@")[2]


def _wants(keys: Sequence[str], allowed: tuple[Rate, ...]) -> Mapping[str, Want]:
    return {key: Want(count, allowed) for key, count in Counter(keys).items()}


def _key(purpose: str, value: str, secret_key: str) -> str:
    digest = hmac.digest(
        b"newsletter.limit:" + secret_key.encode(), f"{purpose}:{value}".encode(), sha256
    )
    return f"{purpose}:{digest.hex()[:32]}"
