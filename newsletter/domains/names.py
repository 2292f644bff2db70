"""Asking name servers: the texts of records, by name and kind; nothing is remembered."""

from collections.abc import Callable

import dns.exception
import dns.resolver
from dns.rdatatype import RdataType

PATIENCE = 5.0
"""Seconds that name servers are given for one question."""

Ask = Callable[[str, str], tuple[str, ...]]
"""Returns the records of a name and a kind, such as TXT or MX; raises Unanswered."""


class Unanswered(Exception):
    """No name server gave an answer, good or bad."""


def name_servers(resolver: dns.resolver.Resolver | None = None) -> Ask:
    """Return how to ask the name servers of this machine, or those of ``resolver``."""

    def ask(name: str, kind: str) -> tuple[str, ...]:
        try:
            asked = resolver or dns.resolver.Resolver()
            answer = asked.resolve(name, kind, search=False, lifetime=PATIENCE)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError) as error:
            raise Unanswered(type(error).__name__) from error
        if answer.rdtype == RdataType.TXT:
            return tuple(b"".join(each.strings).decode("utf-8", "replace") for each in answer)
        return tuple(each.to_text() for each in answer)

    return ask
