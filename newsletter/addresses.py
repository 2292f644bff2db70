"""Addresses: check them, and make them comparable."""

import hmac
from hashlib import sha256

from email_validator import EmailNotValidError, validate_email

from newsletter.errors import Invalid, InvalidAddress


def parse(text: str) -> str:
    """Return the address in ``text`` as it is to be kept; raise InvalidAddress with the reason.

    Only the syntax is checked (RFC 5321, RFC 6531); no name server is asked. The domain comes back
    in lower case, the local part as it was written.
    """
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise InvalidAddress(f"{text.strip()!r} is not an e-mail address: {error}") from error


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
    return hmac.digest(
        b"newsletter.address:" + secret_key.encode(), address.lower().encode(), sha256
    )
