"""A web site on loopback for tests, which answers by a script and misbehaves as it says.

    with Site({"/": page("<p>Here.</p>")}) as site:
        fetched = outward.fetch(site.url("/"), network=site.network)

A script is the octets of an answer, or a function that is given the connection. ``network`` knows
every name as this site, and takes loopback for a public address.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import IPv4Address
from types import TracebackType
from typing import Self

from newsletter.outward import Network
from relay import Certificate

Script = bytes | Callable[[socket.socket], None]


def answer(content: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """Return an answer with its length; a header is written as Content_Type="text/html"."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def page(html: str) -> bytes:
    """Return an answer that is a web page."""
    return answer(html.encode(), Content_Type="text/html; charset=utf-8")


def leads_to(url: str, status: str = "302 Found") -> bytes:
    """Return a redirect."""
    return answer(b"", status, Location=url)


class Site:
    """A site that runs as long as its ``with`` block; ``requests`` is what it was asked."""

    def __init__(self, paths: Mapping[str, Script], certificate: Certificate | None = None) -> None:
        self.paths = dict(paths)
        self.requests: list[str] = []
        self.over = threading.Event()
        self._certificate = certificate
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def url(self, path: str, host: str = "institute.example") -> str:
        """Return the address of ``path`` at this site, by any name."""
        return f"{'https' if self._certificate else 'http'}://{host}:{self.port}{path}"

    @property
    def address(self) -> IPv4Address:
        """The IP address that it answers at."""
        return IPv4Address("127.0.0.1")

    @property
    def network(self) -> Network:
        """A network in which this site is all there is."""
        return Network(lambda _host: ["127.0.0.1"], lambda _address: True, self._trust)

    def _trust(self) -> ssl.SSLContext:
        file = self._certificate.file if self._certificate else None
        return ssl.create_default_context(cafile=file)

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._certificate:
                connection = self._certificate.context().wrap_socket(connection, server_side=True)
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    request += connection.recv(4096) or b"\r\n\r\n"
                self.requests.append(request.decode())
                path = request.split(b" ")[1].decode()
                script = self.paths.get(path, answer(b"", "404 Not Found"))
                if isinstance(script, bytes):
                    connection.sendall(script)
                else:
                    script(connection)
