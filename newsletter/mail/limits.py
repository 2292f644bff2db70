"""What the operator allows towards single domains: NEWSLETTER_DOMAIN_RATES.

gmail.com=20/s,connections=4 outlook.com=600/min,20000/day
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from newsletter.errors import ConfigurationError
from newsletter.mail.values import Rate

EXAMPLE = "NEWSLETTER_DOMAIN_RATES='gmail.com=20/s,connections=4 outlook.com=600/min'"

_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Limit:
    """How much may go to one domain: all of its rates hold; 0 connections are as many as like."""

    rates: tuple[Rate, ...] = ()
    connections: int = 0


def parse_limits(text: str) -> Mapping[str, Limit]:
    """Read the limits of each domain, in small letters; none at all from an empty text.

    Raises ConfigurationError, which names the variable and an example.
    """
    limits: dict[str, Limit] = {}
    for entry in text.split():
        name, _, terms = entry.partition("=")
        domain = name.lower()
        if not _DOMAIN.fullmatch(domain):
            _refuse(f"has {name!r} for a domain; one with letters beyond ASCII is written xn--…")
        if domain in limits:
            _refuse(f"names {domain} twice; join its limits with commas")
        limits[domain] = _limit(domain, terms)
    return limits


def _limit(domain: str, terms: str) -> Limit:
    rates: list[Rate] = []
    connections = 0
    for term in terms.split(","):
        name, is_named, count = term.partition("=")
        if is_named:
            if name != "connections" or not re.fullmatch("[0-9]{1,6}", count) or not int(count):
                _refuse(f"has {term!r} for {domain}; there are rates and connections=4")
            connections = int(count)
        else:
            try:
                rates.append(Rate.parse(term))
            except ValueError as error:
                _refuse(f"is wrong for {domain}: {error}")
    return Limit(tuple(rates), connections)


def _refuse(why: str) -> NoReturn:
    raise ConfigurationError(f"NEWSLETTER_DOMAIN_RATES {why}. Write it like {EXAMPLE}") from None
