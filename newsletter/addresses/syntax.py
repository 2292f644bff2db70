"""Addresses: check them, one or a million, and make them comparable."""

import hmac
import re
from collections.abc import Callable
from hashlib import sha256

from email_validator import EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

from newsletter.addresses.faults import LONGEST, fault
from newsletter.errors import Invalid, InvalidAddress

_ATOM = r"[a-zA-Z0-9_!#$%&'*+\-/=?^`{|}~]+"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@([a-zA-Z0-9.\-]+)")
"""A dot-atom at an ASCII domain (RFC 5322, section 3.2.3): what nearly all addresses are."""
_ONE_CASE = frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)
"""Local parts that email-validator writes in lower case (RFC 2142)."""
_MOST_DOMAINS = 100_000
"""Domains whose verdicts are remembered at one time."""
_KEY = b"newsletter.address:"


def parse(text: str) -> str:
    """Return the address in ``text`` as it is to be kept; raise InvalidAddress with the reason.

    Only the syntax is checked (RFC 5321, RFC 6531); no name server is asked. The domain comes back
    in lower case, the local part as it was written.
    """
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        message = f"{text.strip()!r} is not an e-mail address: {error}"
        words, facts = fault(text)
        raise InvalidAddress(message, words=words, facts=facts) from error


def domain(text: str) -> str:
    """Return the domain ``text`` as name servers know it; raise Invalid.

    It comes back in lower case, with letters beyond ASCII as xn-- (RFC 5890).
    """
    try:
        checked = validate_email(f"x@{text.strip()}", check_deliverability=False)
    except EmailNotValidError as error:
        raise Invalid(f"{text!r} is not a domain; write one like institute.example") from error
    return checked.ascii_domain.lower()


def digest(address: str, secret_key: str) -> bytes:
    """Return the keyed hash by which an address is known: 32 bytes, blind to upper and lower case.

    RFC 5321 lets a local part tell cases apart, but no mail store in use gives two people two
    mailboxes that differ in case only. Case is not folded further: faß.de is not fass.de.
    """
    return hmac.digest(_KEY + secret_key.encode(), address.lower().encode(), sha256)


def digester(secret_key: str) -> Callable[[str], bytes]:
    """Return a function that does what ``digest`` does with this key, in less than half the time.

    What HMAC does with the key alone is done once (RFC 2104, section 4).
    """
    key = _KEY + secret_key.encode()
    padded = (key if len(key) <= 64 else sha256(key).digest()).ljust(64, b"\0")
    inner = sha256(bytes(octet ^ 0x36 for octet in padded))
    outer = sha256(bytes(octet ^ 0x5C for octet in padded))

    def digest(address: str) -> bytes:
        within = inner.copy()
        within.update(address.lower().encode())
        around = outer.copy()
        around.update(within.digest())
        return around.digest()

    return digest


class Checker:
    """Checks many addresses, with the verdicts and the kept forms of ``parse``, much faster.

    A plain address is what its local part and its domain are: the one is known by a regular
    expression, the other by what email-validator said of that domain before. All else is left to
    email-validator.
    """

    def __init__(self) -> None:
        self._domains: dict[str, tuple[str, int] | None] = {}

    def parse(self, text: str) -> str:
        """Return the address in ``text`` as it is to be kept; raise InvalidAddress."""
        plain = _PLAIN.fullmatch(text) or _PLAIN.fullmatch(text.strip())
        if plain is None:
            return parse(text)
        local, written = plain.groups()
        try:
            known = self._domains[written]
        except KeyError:
            known = self._ask(written)
        if known is None:
            return parse(text)
        kept, length = known
        if len(local) + length > LONGEST or (len(local) < 11 and local.lower() in _ONE_CASE):
            return parse(text)
        return local + kept

    def _ask(self, written: str) -> tuple[str, int] | None:
        """Return "@" and the domain as it is kept, and the octets of its longest form."""
        if len(self._domains) >= _MOST_DOMAINS:
            self._domains.clear()
        try:
            checked = validate_email(f"x@{written}", check_deliverability=False)
        except EmailNotValidError:
            self._domains[written] = None
        else:
            kept = "@" + checked.domain
            forms = (f"@{written}", kept, f"@{checked.ascii_domain}")
            self._domains[written] = kept, max(len(form.encode()) for form in forms)
        return self._domains[written]
