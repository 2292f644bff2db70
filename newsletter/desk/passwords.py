"""Passwords: what is good enough, and argon2id hashes of them."""

import unicodedata
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from newsletter.errors import Invalid
from newsletter.language import marked as _

SHORTEST, LONGEST = 12, 200
"""Characters; the upper bound keeps what is hashed for a stranger small."""
FEWEST = 6
"""Different characters that a password has at least."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""The OWASP's choice for small machines; whoever signs in with an older hash gets a new one."""


def check(password: str, about: Iterable[str] = ()) -> None:
    """Raise Invalid unless ``password`` is good enough; ``about`` are words it must not hold."""
    plain = _plain(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise Invalid(_("A password has 12 to 200 characters. Several words in a row do well."))
    if len(set(plain.lower())) < FEWEST:
        raise Invalid(_("This password repeats too few characters; take more different ones."))
    if any(len(word) > 3 and word.lower() in plain.lower() for word in about):
        raise Invalid(_("This password holds your name or address; take one that does not."))


def hashed(password: str) -> str:
    """Return what is kept of a password: tens of milliseconds, and not inside a transaction."""
    return _HASHER.hash(_plain(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether ``password`` is the one; it takes as long where there is none to compare with.

    Takes tens of milliseconds: call it outside a transaction.
    """
    try:
        _HASHER.verify(password_hash or _nobodys(), _plain(password[: LONGEST * 4]))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(password_hash)


def _plain(password: str) -> str:
    """Write the same characters the same way, whatever keyboard they come from (NIST 800-63B)."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys() -> str:
    return _HASHER.hash("of nobody")
