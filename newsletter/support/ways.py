"""Payment links: the address of a form elsewhere, with slots for what is to be filled in there.

Nothing is asked of that place. An address is https, names its host plainly, and comes from the
settings of the organisation, never from a request.
"""

import re
from decimal import Decimal
from urllib.parse import quote, urlsplit

from newsletter.errors import Invalid

SLOTS = ("amount", "currency", "reference")
"""What a link may have filled in, each as ``{amount}``."""

_SLOT = re.compile(r"\{([^{}]*)\}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_EXAMPLE = "https://pay.example.org/give?amount={amount}&ref={reference}"


def check_link(template: str) -> str:
    """Return ``template`` without spaces at its ends; raise Invalid naming what is wrong."""
    template = template.strip()
    if any(not letter.isprintable() or letter.isspace() for letter in template):
        raise Invalid(f"A payment link has no spaces; write one like {_EXAMPLE}")
    for name in _SLOT.findall(template):
        if name not in SLOTS:
            known = ", ".join(f"{{{each}}}" for each in SLOTS)
            raise Invalid(f"A payment link has no slot {{{name}}}; it knows {known}")
    if set("{}") & set(_SLOT.sub("", template)):
        raise Invalid(f"A brace of the payment link has no partner; write one like {_EXAMPLE}")
    try:
        parts = urlsplit(template)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid(f"A payment link is an address like {_EXAMPLE}: {error}") from error
    if parts.scheme != "https":
        raise Invalid(f"A payment link begins with https://, like {_EXAMPLE}")
    if _SLOT.search(parts.netloc):
        raise Invalid("A slot stands behind the host of a payment link, never in it")
    if parts.username is not None or port not in {None, 443} or "\\" in template:
        raise Invalid("A payment link names its host alone: no password, no other port")
    if not _HOST.fullmatch(host):
        raise Invalid(f"“{host}” is no host on the web; write one like {_EXAMPLE}")
    return template


def fill_link(template: str, *, amount: Decimal | None, currency: str, reference: str) -> str:
    """Return the address with its slots filled; what a slot is given cannot change its host.

    Without an ``amount`` its slot is left empty, and the form elsewhere asks for it.
    """
    if not _CURRENCY.fullmatch(currency):
        raise Invalid(f"“{currency}” is no currency; write its three letters, such as EUR")
    values = {
        "amount": "" if amount is None else f"{amount:.2f}",
        "currency": currency,
        "reference": reference,
    }
    return _SLOT.sub(lambda slot: quote(values[slot[1]], safe=""), check_link(template))
