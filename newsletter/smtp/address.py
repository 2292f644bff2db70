"""The relay's address: one URL says where the relay is, how to trust it and how much it bears.

    smtp://user:password@relay.example.org:587       STARTTLS, certificate verified
    smtps://user:password@relay.example.org          TLS from the first byte (RFC 8314), port 465
    smtp://relay.example.org:25?starttls=required    encrypted, certificate not verified
    smtp://localhost:25                              on this machine in the clear

No error and no repr ever shows the password.
"""

import enum
import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import NoReturn, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from newsletter.errors import ConfigurationError

EXAMPLE = "NEWSLETTER_RELAY_URL=smtp://user:password@relay.example.org:587"

_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")


class Encryption(enum.StrEnum):
    """How the connection is protected; the values are those of ``?starttls=``, save TLS."""

    TLS = "tls"
    VERIFIED = "verified"
    REQUIRED = "required"
    OFF = "off"


class Mechanism(enum.StrEnum):
    """A way to sign in (RFC 4954); ANY picks PLAIN or LOGIN, whichever the relay offers."""

    ANY = "any"
    PLAIN = "plain"
    LOGIN = "login"
    XOAUTH2 = "xoauth2"


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """Where the relay is and on what terms we speak with it.

    ``connections`` bounds the connections at one time, 0 leaves that to the caller; ``messages``
    bounds the messages on one connection. With XOAUTH2 the password is the access token.
    """

    host: str
    port: int
    encryption: Encryption = Encryption.VERIFIED
    user: str = ""
    password: str = field(default="", repr=False)
    mechanism: Mechanism = Mechanism.ANY
    connections: int = 0
    messages: int = 500

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a relay URL; raises ConfigurationError, which names the variable and an example."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            # The error quotes a piece of the URL: with a stray "/" in it, that is the password.
            _refuse("is not a URL with a host and a port")
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.scheme not in {"smtp", "smtps"}:
            _refuse("must begin with smtp:// or smtps://")
        if not _HOST.fullmatch(host) or parts.path.strip("/") or parts.fragment:
            _refuse("must name one host and nothing after it but options")
        if unknown := options.keys() - {"starttls", "auth", "connections", "messages"}:
            _refuse(
                f"has {len(unknown)} unknown option(s); there are starttls, auth, connections,"
                " messages"
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password) or "\0" in user + password:
            _refuse("must have both a user and a password, or neither")
        address = cls(
            host,
            port or (465 if parts.scheme == "smtps" else 587 if user else 25),
            _encryption(parts.scheme, host, options.get("starttls")),
            user,
            password,
            _mechanism(options.get("auth", "any")),
            _count("connections", options.get("connections", "0"), 0),
            _count("messages", options.get("messages", "500"), 1),
        )
        if user and not address.may_show_credentials:
            _refuse("would send the password unencrypted; leave starttls=off out")
        return address

    @property
    def loopback(self) -> bool:
        """Tell whether the relay is on this machine by its very name."""
        return _is_loopback(self.host)

    @property
    def may_show_credentials(self) -> bool:
        """Tell whether signing in is safe: encrypted, or never leaving this machine."""
        return self.encryption is not Encryption.OFF or self.loopback

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def _encryption(scheme: str, host: str, starttls: str | None) -> Encryption:
    if scheme == "smtps":
        if starttls is not None:
            _refuse("asks for starttls on smtps://, which is encrypted from the first byte")
        return Encryption.TLS
    if starttls is None:
        return Encryption.OFF if _is_loopback(host) else Encryption.VERIFIED
    if starttls not in {"verified", "required", "off"}:
        _refuse("has an unknown starttls; write starttls=verified, required or off")
    return Encryption(starttls)


def _mechanism(text: str) -> Mechanism:
    if text not in set(Mechanism):
        _refuse("has an unknown auth; write auth=plain, login or xoauth2")
    return Mechanism(text)


def _count(name: str, text: str, least: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= 1_000_000:
        _refuse(f"has a wrong {name}; write a whole number, like {name}=10")
    return int(text)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse(why: str) -> NoReturn:
    raise ConfigurationError(
        f"NEWSLETTER_RELAY_URL {why}. Write it like {EXAMPLE}, with special characters of the user"
        " and the password percent-encoded"
    ) from None
