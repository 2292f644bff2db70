"""What is wrong with an address that is none, in words that can be said in any language.

Whether it is one, email-validator alone decides, whose reasons are English.
"""

import re

from newsletter.language import marked as _

_MOST_SHOWN = 60
LONGEST = 254
"""Octets of an address (RFC 5321, section 4.5.3.1.3, RFC 3696 with erratum 1690)."""
_ODD = re.compile(r"[^\w.!#$%&'*+\-/=?^`{|}~]")
_ODD_OF_DOMAINS = re.compile(r"[^\w.\-]")

_NOTHING = _("there is no address")
_WORDS = {
    "no at": _("“%(address)s” is not an e-mail address: it has no @"),
    "many at": _("“%(address)s” is not an e-mail address: it has more than one @"),
    "begin": _("“%(address)s” is not an e-mail address: there is nothing before the @"),
    "end": _("“%(address)s” is not an e-mail address: there is nothing after the @"),
    "space": _("“%(address)s” is not an e-mail address: there is a space in it"),
    "long": _("“%(address)s” is not an e-mail address: it is too long"),
    "dots": _("“%(address)s” is not an e-mail address: there is a dot where none can be"),
    "sign": _("“%(address)s” is not an e-mail address: “%(sign)s” cannot be in one"),
    "no dot": _("“%(address)s” is not an e-mail address: what follows the @ has no dot"),
    "domain": _("“%(address)s” is not an e-mail address: no mail goes to “%(domain)s”"),
}


def fault(text: str) -> tuple[str, dict[str, str]]:
    """Say what is wrong with ``text``: words, and the facts that they are filled with."""
    text = text.strip()
    if not text:
        return _NOTHING, {}
    local, at, domain = text.rpartition("@")
    facts = {"address": legible(text)}
    if not at:
        return _WORDS["no at"], facts
    if len(text.encode("utf-8", "replace")) > LONGEST:
        return _WORDS["long"], facts
    if "@" in local:
        return _WORDS["many at"], facts
    if not local or not domain:
        return _WORDS["end" if local else "begin"], facts
    if len(text.split()) > 1:
        return _WORDS["space"], facts
    if odd := _ODD.search(local) or _ODD_OF_DOMAINS.search(domain):
        return _WORDS["sign"], facts | {"sign": legible(odd[0])}
    if any("" in part.split(".") for part in (local, domain)):
        return _WORDS["dots"], facts
    if "." not in domain:
        return _WORDS["no dot"], facts
    return _WORDS["domain"], facts | {"domain": legible(domain)}


def legible(text: str) -> str:
    """Write ``text`` for people: its beginning, with escapes for what cannot be seen."""
    short = text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
    if short.isprintable():
        return short
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in short)
