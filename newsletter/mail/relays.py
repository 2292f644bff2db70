"""The relays' addresses: a URL says where a relay is, how to trust it and how much it bears.

    smtp://user:password@relay.example.org:587       STARTTLS, certificate verified
    smtps://user:password@relay.example.org          TLS from the first byte (RFC 8314), port 465
    smtp://relay.example.org:25?starttls=required    encrypted, certificate not verified
    smtp://localhost:25                              on this machine in the clear

Options after "?" give the relay its name, its share of the mail and its limits.
No error and no repr ever shows the password.
"""

import enum
import re
from dataclasses import dataclass, field
from typing import NoReturn, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from newsletter.config import is_loopback
from newsletter.errors import ConfigurationError
from newsletter.mail.values import Rate

EXAMPLE = "NEWSLETTER_RELAY_URL=smtp://user:password@relay.example.org:587"

_OPTIONS = (
    *("starttls", "auth", "connections", "messages"),
    *("name", "weight", "publications", "rate", "warmup"),
)
_NAME = re.compile(r"[A-Za-z0-9.:-]{1,100}")
_SLUGS = re.compile(r"[a-z0-9-]+(,[a-z0-9-]+)*")
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

    ``name`` is what the relay's limits and troubles are remembered under, by default host:port;
    ``weight`` its share of the mail beside other relays. It serves the ``publications`` with these
    slugs, or all if there are none. All ``rates`` hold; ``warmup`` is the most mails on each of the
    days that follow its first use.
    """

    host: str
    port: int
    encryption: Encryption = Encryption.VERIFIED
    user: str = ""
    password: str = field(default="", repr=False)
    mechanism: Mechanism = Mechanism.ANY
    connections: int = 0
    messages: int = 500
    name: str = ""
    weight: int = 1
    publications: tuple[str, ...] = ()
    rates: tuple[Rate, ...] = ()
    warmup: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", str(self))

    @classmethod
    def parse_all(cls, text: str) -> tuple[Self, ...]:
        """Read one relay URL or several with white space between them.

        Raises ConfigurationError as ``parse`` does, and where two relays have the same name.
        """
        relays = tuple(cls.parse(url) for url in text.split() or [""])
        if len({relay.name for relay in relays}) < len(relays):
            _refuse("names two relays alike; give each a name of its own, like ?name=primary")
        return relays

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
        if unknown := options.keys() - set(_OPTIONS):
            _refuse(f"has {len(unknown)} unknown option(s); there are {', '.join(_OPTIONS)}")
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
            _name(options.get("name")),
            _count("weight", options.get("weight", "1"), 1),
            _publications(options.get("publications")),
            _rates(options.get("rate")),
            _warmup(options.get("warmup")),
        )
        if user and not address.may_show_credentials:
            _refuse("would send the password unencrypted; leave starttls=off out")
        return address

    @property
    def loopback(self) -> bool:
        """Tell whether the relay is on this machine by its very name."""
        return is_loopback(self.host)

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
        return Encryption.OFF if is_loopback(host) else Encryption.VERIFIED
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


def _name(text: str | None) -> str:
    if text is not None and not _NAME.fullmatch(text):
        _refuse("has a wrong name; write it with letters, digits and . : -, like name=primary")
    return text or ""


def _publications(text: str | None) -> tuple[str, ...]:
    if text is None:
        return ()
    if not _SLUGS.fullmatch(text):
        _refuse("has wrong publications; write their slugs, like publications=baltic-monitor")
    return tuple(text.split(","))


def _rates(text: str | None) -> tuple[Rate, ...]:
    try:
        return () if text is None else tuple(Rate.parse(rate) for rate in text.split(","))
    except ValueError:
        # Its words quote the text, which a stray "?" makes a piece of the password.
        _refuse("has a wrong rate; write it like rate=10/s,5000/day, in s, min, h or day")


def _warmup(text: str | None) -> tuple[int, ...]:
    return () if text is None else tuple(_count("warmup", day, 1) for day in text.split(","))


def _refuse(why: str) -> NoReturn:
    raise ConfigurationError(
        f"NEWSLETTER_RELAY_URL {why}. Write it like {EXAMPLE}, with special characters of the user"
        " and the password percent-encoded"
    ) from None
