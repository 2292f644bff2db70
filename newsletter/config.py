"""The settings: read once from the environment, frozen, explained in the README's table.

The only module that looks at ``os.environ``. Every error names the variable and shows a value that
would do.
"""

import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import urlsplit

from newsletter.errors import ConfigurationError

PREFIX = "NEWSLETTER_"
ORIGINS = ("none", "network", "full")
"""How much is kept of where a form came from."""
POLICIES = ("allow", "refuse")
ANSWERS = ("yes", "no")
WEB_THREADS = 4
"""How many requests are answered at a time."""


@dataclass(frozen=True, slots=True)
class Listen:
    """A host and port to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can decide.

    ``relay_url`` empty means that mail goes to the local mailbox, which only an installation whose
    ``base_url`` is on this machine may do.
    """

    home: Path
    database_url: str
    base_url: str
    listen: Listen
    secret_key: str = field(repr=False)
    relay_url: str = field(default="", repr=False)
    return_domain: str = ""
    mailbox: Listen = Listen("127.0.0.1", 2525)
    connections: int = 10
    batch_size: int = 500
    domain_rates: str = ""
    keep_origin: str = "network"
    proxies: int = 0
    role_addresses: str = "allow"
    disposable: str = "refuse"
    check_domains: bool = False

    def environ(self) -> dict[str, str]:
        """Return the environment in which another process of this installation reads the same."""
        return {
            **os.environ,
            PREFIX + "HOME": str(self.home),
            PREFIX + "DATABASE_URL": self.database_url,
            PREFIX + "BASE_URL": self.base_url,
            PREFIX + "LISTEN": str(self.listen),
            PREFIX + "SECRET_KEY": self.secret_key,
            PREFIX + "RELAY_URL": self.relay_url,
            PREFIX + "RETURN_DOMAIN": self.return_domain,
            PREFIX + "MAILBOX": str(self.mailbox),
            PREFIX + "CONNECTIONS": str(self.connections),
            PREFIX + "BATCH_SIZE": str(self.batch_size),
            PREFIX + "DOMAIN_RATES": self.domain_rates,
            PREFIX + "KEEP_ORIGIN": self.keep_origin,
            PREFIX + "PROXIES": str(self.proxies),
            PREFIX + "ROLE_ADDRESSES": self.role_addresses,
            PREFIX + "DISPOSABLE": self.disposable,
            PREFIX + "CHECK_DOMAINS": "yes" if self.check_domains else "no",
        }

    @property
    def carriers(self) -> str:
        """Return the URLs of the relays: those that were named, or the local mailbox."""
        return self.relay_url or f"smtp://{self.mailbox}"

    @property
    def has_mailbox(self) -> bool:
        """Tell whether mail stays on this machine, in the local mailbox."""
        return not self.relay_url


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environ``, by default the process's own.

    Raises ConfigurationError, which names the variable.
    """
    values = os.environ if environ is None else environ

    def value(name: str, default: str = "") -> str:
        return values.get(PREFIX + name, "").strip() or default

    home = Path(value("HOME", "newsletter-data")).expanduser().absolute()
    settings = Settings(
        home=home,
        database_url=value("DATABASE_URL", f"sqlite:///{home / 'newsletter.sqlite3'}"),
        base_url=_web_address("BASE_URL", value("BASE_URL", "http://localhost:8000")),
        listen=_listen("LISTEN", value("LISTEN", "127.0.0.1:8000")),
        secret_key=value("SECRET_KEY") or _kept_secret(home / "secret.key"),
        relay_url=value("RELAY_URL"),
        return_domain=_domain("RETURN_DOMAIN", value("RETURN_DOMAIN")),
        mailbox=_listen("MAILBOX", value("MAILBOX", "127.0.0.1:2525")),
        connections=_count("CONNECTIONS", value("CONNECTIONS", "10"), 1, 200),
        batch_size=_count("BATCH_SIZE", value("BATCH_SIZE", "500"), 1, 10_000),
        domain_rates=value("DOMAIN_RATES"),
        keep_origin=_choice("KEEP_ORIGIN", value("KEEP_ORIGIN", "network"), ORIGINS),
        proxies=_count("PROXIES", value("PROXIES", "0"), 0, 10),
        role_addresses=_choice("ROLE_ADDRESSES", value("ROLE_ADDRESSES", "allow"), POLICIES),
        disposable=_choice("DISPOSABLE", value("DISPOSABLE", "refuse"), POLICIES),
        check_domains=_choice("CHECK_DOMAINS", value("CHECK_DOMAINS", "no"), ANSWERS) == "yes",
    )
    if len(settings.secret_key) < 32:
        raise ConfigurationError(
            f"{PREFIX}SECRET_KEY is shorter than 32 characters; try {secrets.token_urlsafe(32)}"
        )
    if settings.has_mailbox and not is_loopback(urlsplit(settings.base_url).hostname or ""):
        raise ConfigurationError(
            f"{PREFIX}RELAY_URL is not set, but {PREFIX}BASE_URL is a public address. Without a"
            " relay, mail stays in a local mailbox that anyone could read; set for example"
            f" {PREFIX}RELAY_URL=smtp://user:password@relay.example.org:587"
        )
    return settings


def _kept_secret(path: Path) -> str:
    """Return the secret kept in ``path``; make one, readable by its owner only, the first time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Linked into place when it is whole: who starts at the same moment reads all of it.
            with NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48) + "\n")
                file.flush()
                with suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigurationError(
            f"{PREFIX}HOME: cannot keep a secret in {path}: {error.strerror}. Name a folder that"
            f" this account may write, for example {PREFIX}HOME=/var/lib/newsletter"
        ) from error


def _web_address(name: str, text: str) -> str:
    if not _is_web_address(text):
        raise ConfigurationError(
            f"{PREFIX}{name} is {text!r}, not a web address; try https://monitor.example.org"
        )
    return text.rstrip("/")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:  # brackets that do not match, a port that cannot be
        return False
    plain = not (parts.query or parts.fragment or parts.username or re.search(r"\s", text))
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def _domain(name: str, text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        raise ConfigurationError(
            f"{PREFIX}{name} is {text!r}, not a domain; write one like mail.example.org, and one"
            " with letters beyond ASCII as xn--…"
        )
    return text.lower()


def _listen(name: str, text: str) -> Listen:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigurationError(
            f"{PREFIX}{name} is {text!r}; write host:port, like 127.0.0.1:8000"
        )
    return Listen(host.strip("[]"), int(port))


def _count(name: str, text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ConfigurationError(
            f"{PREFIX}{name} is {text!r}; write a whole number from {least} to {most}"
        )
    return int(text)


def _choice(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text.lower() not in choices:
        raise ConfigurationError(f"{PREFIX}{name} is {text!r}; write {' or '.join(choices)}")
    return text.lower()


def is_loopback(host: str) -> bool:
    """Tell whether a host, by name or by number, is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def folder(name: str) -> Path:
    """Find ``templates`` or ``migrations``: inside an installed package, or beside a checkout's."""
    package = Path(__file__).parent
    for place in (package / name, package.parent / name):
        if place.is_dir():
            return place
    raise ConfigurationError(f"The folder {name!r} is missing from this installation; reinstall it")
