"""What may be wrong with an address that is well written: a slip, a task, a day's domain."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from email_validator import EmailUndeliverableError, caching_resolver, validate_email

from newsletter.addresses.syntax import domain

if TYPE_CHECKING:
    import dns.resolver

PATIENCE = 3
"""Seconds that name servers are given."""

_DISPOSABLE_FILE = Path(__file__).parent / "disposable-domains.txt"
_LEAST_TO_GUESS = 5
"""Letters of a name below which another name is more likely than a slip: wp.pl is not op.pl."""
_FREQUENT = (
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com"),
    *("icloud.com", "protonmail.com", "proton.me", "aol.com", "gmx.de", "gmx.net", "web.de"),
    *("wp.pl", "o2.pl", "onet.pl", "interia.pl", "gazeta.pl", "poczta.onet.pl", "tlen.pl"),
    *("yahoo.co.uk", "hotmail.co.uk", "btinternet.com", "orange.fr", "laposte.net", "libero.it"),
    *("seznam.cz", "centrum.cz", "azet.sk", "freemail.hu", "ukr.net", "yandex.ru", "mail.ru"),
)
"""Domains at which many people have their mail, the most frequent first."""
_NEIGHBOURS = frozenset({
    *("mail.com", "email.com", "ymail.com", "rocketmail.com", "gmx.com", "gmx.at", "gmx.ch"),
    *("interia.eu", "interia.com", "yahoo.fr", "yahoo.de", "yahoo.it", "hotmail.fr", "hotmail.de"),
    *("hotmail.it", "outlook.de", "outlook.fr", "live.de", "live.fr", "protonmail.ch", "azet.cz"),
})  # fmt: skip
"""Domains that look like a slip of one of those, and are not."""
_ENDINGS = {
    **dict.fromkeys(("con", "cmo", "ocm", "comm", "cm", "om", "vom", "xom", "cim", "cpm"), "com"),
    **dict.fromkeys(("lp", "pll", "ppl", "pk"), "pl"),
    **dict.fromkeys(("nte", "ent", "bet"), "net"),
}
_ROLES = frozenset({
    *("abuse", "accounts", "admin", "billing", "biuro", "contact", "editor", "finance", "help"),
    *("helpdesk", "hostmaster", "hr", "info", "jobs", "kontakt", "kancelaria", "legal", "mail"),
    *("marketing", "media", "newsletter", "no-reply", "noreply", "office", "postmaster", "press"),
    *("privacy", "redakcja", "root", "sales", "security", "sekretariat", "service", "support"),
    *("team", "webmaster"),
})  # fmt: skip
"""Local parts that name a task (RFC 2142, and what offices use)."""


def suggestion(address: str) -> str | None:
    """Return what was probably meant where the domain of ``address`` looks like a slip.

    Only domains at which many people have their mail are suggested, one slip away: a letter too
    many, too few or wrong, two exchanged, an ending like .con. Nothing is changed by it.
    """
    local, _, written = address.rpartition("@")
    domain = written.lower()
    if domain in _FREQUENT or domain in _NEIGHBOURS:
        return None
    name, _, ending = domain.rpartition(".")
    mended = f"{name}.{_ENDINGS.get(ending, ending)}"
    for frequent in _FREQUENT:
        short = len(frequent.partition(".")[0]) < _LEAST_TO_GUESS
        if frequent == mended or (not short and _is_one_slip_apart(mended, frequent)):
            return f"{local}@{frequent}"
    return None


def is_role(address: str) -> bool:
    """Tell whether ``address`` is that of a task, such as office@, and not of one person."""
    return address.partition("@")[0].partition("+")[0].lower() in _ROLES


def is_disposable(address: str) -> bool:
    """Tell whether ``address`` is at a domain, or below one, that gives addresses for minutes."""
    labels = domain(address.rpartition("@")[2]).split(".")
    return any(".".join(labels[start:]) in _disposable() for start in range(len(labels) - 1))


def takes_mail(address: str, resolver: "dns.resolver.Resolver | None" = None) -> bool:
    """Ask name servers whether the domain of ``address`` takes mail (RFC 5321, 5.1; RFC 7505).

    Only a clear no counts. Name servers that do not answer within seconds, or not well, refuse
    nobody.
    """
    # Whoever checks addresses only should not wait until this is loaded.
    import dns.exception
    import dns.resolver

    try:
        validate_email(address, dns_resolver=resolver or _resolver())
    except EmailUndeliverableError as refusal:
        clear = (type(None), dns.resolver.NXDOMAIN, dns.resolver.NoAnswer)
        return not isinstance(refusal.__cause__, clear)
    except (dns.exception.DNSException, OSError):
        return True
    return True


def _is_one_slip_apart(one: str, other: str) -> bool:
    """Tell whether one letter more, less, other, or two exchanged turn ``one`` into ``other``."""
    if len(one) > len(other):
        one, other = other, one
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    ours, theirs = one[start:], other[start:]
    if len(ours) < len(theirs):
        return ours == theirs[1:]
    return ours[1:] == theirs[1:] or (ours[1::-1] == theirs[:2] and ours[2:] == theirs[2:])


@cache
def _disposable() -> frozenset[str]:
    lines = _DISPOSABLE_FILE.read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _resolver() -> "dns.resolver.Resolver":
    return caching_resolver(timeout=PATIENCE)
