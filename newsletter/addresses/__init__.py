"""Addresses: check them, one or a million, make them comparable, say what may be wrong with them.

This is the door; a ``Checker`` has the verdicts of ``parse``, and ``digester`` the hashes of
``digest``, for bulk.
"""

from newsletter.addresses.doubts import is_disposable, is_role, suggestion, takes_mail
from newsletter.addresses.faults import legible
from newsletter.addresses.syntax import Checker, digest, digester, domain, parse

__all__ = [
    "Checker",
    "digest",
    "digester",
    "domain",
    "is_disposable",
    "is_role",
    "legible",
    "parse",
    "suggestion",
    "takes_mail",
]
