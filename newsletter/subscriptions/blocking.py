"""The block list: addresses, domains and networks from which an operator takes no sign-up."""

from collections.abc import Collection, Sequence
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from sqlalchemy import select
from sqlalchemy.orm import Session

from newsletter import addresses, model
from newsletter.errors import Conflict, Invalid, NotFound

KEPT_BITS = {4: 24, 6: 48}
"""How much of an IP address is ever looked at: the rest tells persons apart."""


def block(session: Session, pattern: str, now: datetime, words: str = "") -> model.Block:
    """Take no sign-up from ``pattern`` any more: an address, "@" and a domain, or a network.

    A domain goes with everything below it, and a network is widened to a /24, or a /48 of IPv6.
    Who gets mail already goes on getting it. Raises Invalid; Conflict for what is blocked.
    """
    kept = parse(pattern)
    if session.scalar(select(model.Block.id).where(model.Block.pattern == kept)) is not None:
        raise Conflict(f"{kept} is blocked already")
    made = model.Block(pattern=kept, at=now, words=words)
    session.add(made)
    session.flush()
    return made


def unblock(session: Session, pattern: str) -> str:
    """Take sign-ups from ``pattern`` again and return it as it was kept; raise NotFound."""
    kept = parse(pattern)
    found = session.scalar(select(model.Block).where(model.Block.pattern == kept))
    if found is None:
        raise NotFound(f"{kept} is not blocked")
    session.delete(found)
    session.flush()
    return kept


def blocks(session: Session) -> Sequence[model.Block]:
    """List what is blocked, by pattern."""
    return session.scalars(select(model.Block).order_by(model.Block.pattern)).all()


def patterns(session: Session) -> frozenset[str]:
    """Return the addresses that are blocked, and the domains, with "@" in front."""
    return frozenset(
        session.scalars(select(model.Block.pattern).where(model.Block.pattern.contains("@")))
    )


def parse(pattern: str) -> str:
    """Return ``pattern`` as it is kept; raise Invalid."""
    text = pattern.strip()
    if text.startswith("@"):
        return f"@{addresses.domain(text[1:])}"
    if "@" in text:
        return addresses.parse(text).lower()
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise Invalid(
            f"{text!r} cannot be blocked; write an address, a domain like @example.org or a"
            " network like 192.0.2.0/24"
        ) from error
    return str(_widened(network))


def blocks_network(session: Session, network: str) -> bool:
    """Tell whether forms from ``network``, as the web truncates it, are dropped."""
    patterns = session.scalars(
        select(model.Block.pattern).where(~model.Block.pattern.contains("@"))
    ).all()
    try:
        asking = ip_network(network, strict=False)
    except ValueError:
        return False
    return any(_covers(ip_network(pattern), asking) for pattern in patterns)


def blocked(session: Session, people: Collection[str]) -> frozenset[str]:
    """Return which of these addresses are blocked, themselves or by their domain."""
    names = {address: _patterns(address) for address in people}
    every = {pattern for patterns in names.values() for pattern in patterns}
    found = set(
        session.scalars(select(model.Block.pattern).where(model.Block.pattern.in_(sorted(every))))
    )
    return frozenset(address for address, patterns in names.items() if found & patterns)


def _patterns(address: str) -> set[str]:
    labels = addresses.domain(address.rpartition("@")[2]).split(".")
    above = {"@" + ".".join(labels[start:]) for start in range(len(labels))}
    return {address.lower(), *above}


def _widened(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    bits = min(network.prefixlen, KEPT_BITS[network.version])
    return network.supernet(new_prefix=bits)


def _covers(wide: IPv4Network | IPv6Network, asking: IPv4Network | IPv6Network) -> bool:
    if isinstance(wide, IPv4Network):
        return isinstance(asking, IPv4Network) and wide.overlaps(asking)
    return isinstance(asking, IPv6Network) and wide.overlaps(asking)
