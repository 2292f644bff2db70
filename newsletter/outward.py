"""The one way out to the web: fetch what stands at an address that someone gave us.

Such an address, or one that it redirects to, may point into our own network. So only http and https
are spoken; every address that a name resolves to must be public, and the connection goes to one
that was checked, whatever a name server says a moment later; redirects are followed by hand with
the same checks. One time limit holds for all of it, one size limit for what comes, also unpacked.
No proxy, no cookie and no credential is ever used.
"""

import enum
import http.client
import io
import re
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urljoin, urlsplit

import idna

from newsletter import __version__
from newsletter.errors import Unreachable
from newsletter.language import marked as _

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MOST_OCTETS = 5 * 1024 * 1024
"""A larger answer is refused while it comes."""
PATIENCE = 20.0
"""Seconds that a whole errand may take, with all its redirects."""
MOST_REDIRECTS = 5

_MOST_CHARACTERS = 2000
_MOST_TRIED = 4
"""How many addresses of one name are tried."""
_CHUNK = 64 * 1024
_REDIRECTS = {301, 302, 303, 307, 308}
_GONE = {404, 410}
_USUAL = {"http": 80, "https": 443}
_FIRST_FREE_PORT = 1024
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)*[a-z0-9_][a-z0-9_-]{0,62}")
_IN_A_PATH = "/%:@!$&'()*+,;=~-._?"

_CLOSED_V4 = tuple(
    ip_network(written)
    for written in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",
    )
)
"""The IPv4 of no public site (IANA's special-purpose registry), and what Azure calls its hosts."""
_OPEN_V6 = ip_network("2000::/3")
_CLOSED_V6 = tuple(
    ip_network(written)
    for written in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)
_CARRIES_V4 = (ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96"))
"""IPv6 forms of an IPv4 address: mapped ones, and what NAT64 makes of a name."""

Address = IPv4Address | IPv6Address


class Trouble(enum.StrEnum):
    """Why nothing was fetched."""

    ADDRESS = "address"
    CREDENTIALS = "credentials"
    PORT = "port"
    NAME = "name"
    PRIVATE = "private"
    SLOW = "slow"
    CERTIFICATE = "certificate"
    BROKEN = "broken"
    REDIRECTS = "redirects"
    TOO_LARGE = "too-large"
    GONE = "gone"
    REFUSED = "refused"
    DOWN = "down"


SAID = {
    Trouble.ADDRESS: _(
        "That is not a web address. Write one like https://institute.example/analysis."
    ),
    Trouble.CREDENTIALS: _("The web address holds a name or a password. Leave them out."),
    Trouble.PORT: _("The web address names a port on which there are no pages. Leave it out."),
    Trouble.NAME: _("There is no site of that name. Check how it is spelled."),
    Trouble.PRIVATE: _(
        "That address leads into a private network. Only pages that everybody can open are fetched."
    ),
    Trouble.SLOW: _("The site takes too long to answer. Try again later."),
    Trouble.CERTIFICATE: _(
        "The site cannot prove who it is: its certificate is not valid. Tell whoever runs it."
    ),
    Trouble.BROKEN: _("The site broke off, or its answer made no sense. Try again later."),
    Trouble.REDIRECTS: _(
        "That address leads on and on. Open it in a browser and copy the address you end at."
    ),
    Trouble.TOO_LARGE: _("What stands at that address is too large to be fetched."),
    Trouble.GONE: _("The site says that there is nothing at that address."),
    Trouble.REFUSED: _("The site does not give that page to us. It may be for its members only."),
    Trouble.DOWN: _("The site has trouble of its own. Try again later."),
}
"""Each trouble as a sentence; it is the message of the error, and is translated where shown."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came, and from where in the end; ``kind`` as text/html, nothing if none was named."""

    url: str
    status: int
    kind: str
    charset: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Network:
    """How names become addresses, which of them may be visited, and whose certificates hold."""

    resolve: Callable[[str], Sequence[str]]
    allows: Callable[[Address], bool]
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context


def is_public(address: Address) -> bool:
    """Tell whether ``address`` is one at which public sites are."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    if any(address in network for network in _CARRIES_V4):
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)


def _ask_the_system(host: str) -> Sequence[str]:
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


THE_WEB = Network(_ask_the_system, is_public)


def fetch(
    url: str,
    *,
    most: int = MOST_OCTETS,
    patience: float = PATIENCE,
    accept: str = "*/*",
    network: Network = THE_WEB,
) -> Fetched:
    """Return what stands at ``url``, at ``most`` that many octets.

    Raises Unreachable, and nothing else; its ``trouble`` says why, its ``status`` what the site
    answered, if it did.
    """
    fetched = _Errand("GET", accept, most, _Patience(patience), network).run(url)
    if not 200 <= fetched.status < 300:
        raise _unreachable(meaning(fetched.status) or Trouble.BROKEN, fetched.status)
    return fetched


def look(url: str, *, patience: float = PATIENCE, network: Network = THE_WEB) -> int:
    """Return the status that ``url`` is answered with in the end; its content is not read.

    Raises Unreachable if no answer comes.
    """
    time = _Patience(patience)
    status = _Errand("HEAD", "*/*", 0, time, network).run(url).status
    if status >= 400 and status not in _GONE:  # there are sites that know no HEAD
        status = _Errand("GET", "*/*", 0, time, network).run(url).status
    return status


def meaning(status: int) -> Trouble | None:
    """Say which trouble a site has that answers with ``status``; None if it has none."""
    if status < 400:
        return None
    if status in _GONE:
        return Trouble.GONE
    return Trouble.DOWN if status >= 500 or status == 429 else Trouble.REFUSED


def _unreachable(trouble: Trouble, status: int | None = None) -> Unreachable:
    return Unreachable(SAID[trouble], trouble=trouble, status=status)


@dataclass(frozen=True, slots=True)
class _Target:
    """A web address, checked and spelled as HTTP has it: ``path`` with the query, all ASCII."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> "_Target":
        """Read ``url``, without its fragment."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError:  # brackets that do not match, a port that cannot be
            raise _unreachable(Trouble.ADDRESS) from None
        if parts.scheme not in _USUAL or not parts.hostname or len(url) > _MOST_CHARACTERS:
            raise _unreachable(Trouble.ADDRESS)
        if "@" in parts.netloc:
            raise _unreachable(Trouble.CREDENTIALS)
        usual = _USUAL[parts.scheme]
        port = usual if port is None else port
        if port < _FIRST_FREE_PORT and port not in _USUAL.values():
            raise _unreachable(Trouble.PORT)
        path = quote(parts.path or "/", safe=_IN_A_PATH)
        if parts.query:
            path += "?" + quote(parts.query, safe=_IN_A_PATH)
        return cls(parts.scheme, _host(parts.hostname), port, path)

    @property
    def site(self) -> str:
        """The host, with its port where that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _USUAL[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address."""
        return f"{self.scheme}://{self.site}{self.path}"


def _host(written: str) -> str:
    """Return a host as name servers know it; an IP address stays what it is."""
    if ":" in written:
        try:
            return str(IPv6Address(written))
        except ValueError:
            raise _unreachable(Trouble.ADDRESS) from None
    host = written.rstrip(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise _unreachable(Trouble.ADDRESS) from None
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise _unreachable(Trouble.ADDRESS)
    return host


class _Patience:
    """The time that is left of an errand."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; raise TimeoutError if there are none."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Wire(io.RawIOBase):
    """A socket, read and written within the time that is left.

    A timeout of the socket alone begins anew with each octet, and so would not end what drips.
    """

    def __init__(self, sock: socket.socket, time: _Patience) -> None:
        self._sock, self._time = sock, time

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return this as a file, which is all that http.client asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._sock.settimeout(self._time.left())
        return self._sock.recv_into(buffer)

    def send(self, content: bytes) -> None:
        """Write all of ``content``."""
        self._sock.settimeout(self._time.left())
        self._sock.sendall(content)


@dataclass(frozen=True, slots=True)
class _Errand:
    """One way to the web and back; ``most`` is 0 where only the status counts."""

    method: str
    accept: str
    most: int
    time: _Patience
    network: Network

    def run(self, url: str) -> Fetched:
        """Go to ``url`` and on to where it leads."""
        try:
            for _hop in range(MOST_REDIRECTS + 1):
                target = _Target.of(url)
                answer = self._visit(target)
                if isinstance(answer, Fetched):
                    return answer
                url = urljoin(target.url, answer)
        except TimeoutError:
            raise _unreachable(Trouble.SLOW) from None
        except ssl.SSLCertVerificationError:
            raise _unreachable(Trouble.CERTIFICATE) from None
        except (OSError, http.client.HTTPException, zlib.error, ValueError):
            raise _unreachable(Trouble.BROKEN) from None
        raise _unreachable(Trouble.REDIRECTS)

    def _visit(self, target: _Target) -> Fetched | str:
        """Return what ``target`` answers, or the address that it leads to."""
        with self._connected(target) as sock:
            wire = _Wire(sock, self.time)
            wire.send(self._request(target))
            response = http.client.HTTPResponse(cast("socket.socket", wire), method=self.method)
            response.begin()
            location = response.headers.get("Location")
            if response.status in _REDIRECTS and location:
                return location
            return Fetched(
                url=target.url,
                status=response.status,
                kind=response.headers.get_content_type()
                if response.headers["Content-Type"]
                else "",
                charset=response.headers.get_content_charset() or "",
                content=self._read(response) if self.most and response.status < 400 else b"",
            )

    def _request(self, target: _Target) -> bytes:
        return (
            f"{self.method} {target.path} HTTP/1.1\r\n"
            f"Host: {target.site}\r\n"
            f"User-Agent: Newsletter/{__version__}\r\n"
            f"Accept: {self.accept}\r\n"
            "Accept-Encoding: gzip\r\n"
            "Connection: close\r\n\r\n"
        ).encode("ascii")

    @contextmanager
    def _connected(self, target: _Target) -> Iterator[socket.socket]:
        """Connect to one of the addresses of ``target``, of which each was checked."""
        sock = self._connect(self._addresses(target.host), target.port)
        with sock:
            if target.scheme == "http":
                yield sock
            else:
                sock.settimeout(self.time.left())
                with self.network.trust().wrap_socket(sock, server_hostname=target.host) as secure:
                    yield secure

    def _connect(self, addresses: Sequence[str], port: int) -> socket.socket:
        for address in addresses[:-1]:
            try:
                share = self.time.left() / len(addresses)
                return socket.create_connection((address, port), timeout=share)
            except OSError:
                continue
        return socket.create_connection((addresses[-1], port), timeout=self.time.left())

    def _addresses(self, host: str) -> Sequence[str]:
        """Return the addresses of ``host``, all of them allowed."""
        found = self._resolved(host)
        if not found:
            raise _unreachable(Trouble.NAME)
        if not all(self.network.allows(ip_address(address)) for address in found):
            raise _unreachable(Trouble.PRIVATE)
        return found[:_MOST_TRIED]

    def _resolved(self, host: str) -> Sequence[str]:
        """Ask for the addresses of ``host`` in a thread, for the system's answer has no limit."""
        answers: SimpleQueue[Sequence[str]] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self.network.resolve(host))
            except (OSError, UnicodeError):
                answers.put(())

        Thread(target=ask, daemon=True).start()
        try:
            return answers.get(timeout=self.time.left())
        except Empty:
            raise TimeoutError from None

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        """Read all that comes, unpacked, and stop where it is too much."""
        unpack = _unpacker(response.headers.get("Content-Encoding", ""))
        parts: list[bytes] = []
        room = packed_room = self.most
        while packed := response.read(_CHUNK):
            packed_room -= len(packed)
            part = unpack(packed, room + 1)
            room -= len(part)
            if room < 0 or packed_room < 0:
                raise _unreachable(Trouble.TOO_LARGE)
            parts.append(part)
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        if parts:
            unpack(b"", 1)
        return b"".join(parts)


def _unpacker(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return what unpacks a part of the content, to at most that many octets; b"" is the end."""
    if encoding.strip().lower() in {"", "identity"}:
        return lambda content, _most: content
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        raise ValueError(encoding)
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(content: bytes, most: int) -> bytes:
        if not content and not stream.eof:
            raise zlib.error("broken off")
        return stream.decompress(content, most)

    return unpack
