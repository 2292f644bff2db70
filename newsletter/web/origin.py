"""Where a request came from: no nearer than its network, unless the operator keeps more."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import request

from newsletter.web.context import settings

WIDTHS = {4: 24, 6: 48}
"""Bits of an address that name its network."""


def network() -> str:
    """Return the network of the request, like 192.0.2.0/24 or 2001:db8::/48, to count by."""
    address = _address()
    if address is None:
        return ""
    return str(ip_network((address, WIDTHS[address.version]), strict=False))


def kept() -> str:
    """Return as much of where the request came from as the settings keep."""
    if settings.keep_origin == "none":
        return ""
    return str(_address() or "") if settings.keep_origin == "full" else network()


def _address() -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:  # a socket of this machine has no address
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
