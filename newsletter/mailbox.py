"""The local mailbox: mail that stays on this machine, to be read in the browser.

An SMTP listener on loopback puts every mail into a folder, one file each, where any process of the
installation reads it. Nothing here sends anything on, and only the newest mails are kept.
"""

import email
import logging
import os
import socket
import tempfile
from asyncio import AbstractServer
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from newsletter.config import PREFIX, Listen
from newsletter.errors import ConfigurationError, NotFound

_HEAD = 64 * 1024
"""How much of a file is read for its heading; no header section in use is longer."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A mail in the list. ``sender`` and ``recipients`` are the envelope's, not the headers'."""

    number: int
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One whole mail: ``content`` is what came over the wire, byte for byte.

    ``headers`` are decoded for people. ``html`` and ``text`` are empty where the mail has none.
    Whatever is broken in a mail is shown as well as it can be; nothing here raises.
    """

    heading: Heading
    content: bytes
    headers: tuple[tuple[str, str], ...]
    html: str
    text: str


class Mailbox:
    """The mails in ``folder``, of which the newest ``keep`` stay."""

    def __init__(self, folder: Path, keep: int = 300) -> None:
        self.folder = folder
        self.keep = keep

    def add(self, content: bytes, sender: str, recipients: Sequence[str]) -> int:
        """Keep a mail and return its number; forget the oldest where there are too many."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = self._store(_stamp(sender, recipients) + content)
        for forgotten in self._numbers()[self.keep :]:
            self._file(forgotten).unlink(missing_ok=True)
        return number

    def list(self) -> Sequence[Heading]:
        """Return the headings of all mails, newest first."""
        return [heading for number in self._numbers() if (heading := self._heading(number))]

    def get(self, number: int) -> Mail:
        """Return a mail; raise NotFound when it never came or has been forgotten."""
        try:
            stored = self._file(number).read_bytes()
        except FileNotFoundError as error:
            raise NotFound from error
        return _read(number, stored)

    def version(self) -> str:
        """Return a short text that changes with every mail that comes or goes."""
        numbers = self._numbers()
        return f"{numbers[0]}-{len(numbers)}" if numbers else "empty"

    def _store(self, stored: bytes) -> int:
        """Write beside, then link under the next free number: no reader meets half a mail."""
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part") as part:
            part.write(stored)
            part.flush()
            number = (self._numbers() or [0])[0] + 1
            while True:
                try:
                    os.link(part.name, self._file(number))
                except FileExistsError:
                    number += 1
                else:
                    return number

    def _heading(self, number: int) -> Heading | None:
        try:
            with self._file(number).open("rb") as file:
                return _read(number, file.read(_HEAD)).heading
        except FileNotFoundError:
            return None

    def _numbers(self) -> Sequence[int]:
        stems = (file.stem for file in self.folder.glob("*.eml"))
        return sorted((int(stem) for stem in stems if stem.isdecimal()), reverse=True)

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:08}.eml"


@contextmanager
def serve(mailbox: Mailbox, listen: Listen) -> Iterator[Listen]:
    """Take mail by SMTP into ``mailbox`` while the block runs; give the place listened on.

    Port 0 takes any that is free. Raises ConfigurationError when the port is taken or the host is
    not this machine alone.
    """
    with _bind(listen) as listener:
        # The server logs every address at level INFO; addresses stay out of logs.
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        controller = _Controller(_Keeper(mailbox), listener)
        controller.start()
        try:
            yield Listen(controller.hostname, controller.port)
        finally:
            controller.stop()


class _Keeper:
    """Puts what the SMTP server received into a mailbox."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer the end of the data once the mail is kept."""
        content = envelope.original_content or b""
        sender = (envelope.mail_from or "").removeprefix("<>")
        number = self.mailbox.add(content, sender, envelope.rcpt_tos)
        return f"250 2.0.0 Kept in the local mailbox as {number}"


class _Controller(Controller):
    """Runs the SMTP server in a thread, on a socket that is bound already."""

    def __init__(self, handler: _Keeper, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(handler, host, port, server_hostname="localhost", ident="Local mailbox")
        self.listener = listener

    def _create_server(self) -> Awaitable[AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.listener)


def _bind(listen: Listen) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM
        )[0]
        if not ip_address(address[0]).is_loopback:
            raise ConfigurationError(
                f"{PREFIX}MAILBOX is {listen}, which others can reach; the local mailbox listens on"
                f" this machine alone, for example {PREFIX}MAILBOX=127.0.0.1:2525"
            )
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise ConfigurationError(
            f"{PREFIX}MAILBOX: cannot listen on {listen}: {_reason(error)}. Stop what listens there"
            f" or choose another port, for example {PREFIX}MAILBOX=127.0.0.1:2526"
        ) from error


def _reason(error: OSError) -> str:
    """Return the system's own words, without the address that Python adds to them."""
    return str(error.strerror).partition(" (")[0]


def _stamp(sender: str, recipients: Sequence[str]) -> bytes:
    """Write the envelope as three trace lines before the mail, as Exim does at final delivery."""
    facts = (sender, ", ".join(recipients), datetime.now(UTC).isoformat())
    lines = (" ".join(fact.split()) for fact in facts)
    return "Return-path: {}\r\nEnvelope-to: {}\r\nDelivery-date: {}\r\n".format(*lines).encode()


def _read(number: int, stored: bytes) -> Mail:
    """Take a stored file apart; one that was cut after its headers still gives its heading."""
    *stamp, content = stored.split(b"\r\n", 3)
    sender, recipients, at = (line.decode().partition(": ")[2] for line in stamp)
    message = _parse(content)
    headers = tuple((name, _decode(str(raw))) for name, raw in message.raw_items())
    first = {name.lower(): value for name, value in reversed(headers)}
    heading = Heading(
        number=number,
        at=datetime.fromisoformat(at),
        sender=sender,
        recipients=tuple(recipients.split(", ")),
        author=first.get("from", ""),
        subject=first.get("subject", ""),
    )
    return Mail(heading, content, headers, _part(message, "html"), _part(message, "plain"))


def _parse(content: bytes) -> Message:
    """Parse by the policy that forgives everything: the modern one raises on broken headers."""
    try:
        return email.message_from_bytes(content)
    except RecursionError:  # a thousand parts, each within the other
        return BytesHeaderParser().parsebytes(content)


def _decode(raw: str) -> str:
    """Decode encoded words (RFC 2047) and bare UTF-8 (RFC 6532), unfolding lines."""
    unfolded = "".join(
        raw.encode("ascii", "surrogateescape").decode("utf-8", "replace").splitlines()
    )
    try:
        return str(make_header(decode_header(unfolded)))
    except (HeaderParseError, LookupError, ValueError):
        return unfolded


def _part(message: Message, subtype: str) -> str:
    """Return the first part of type text/``subtype`` that is not an attachment, as text."""
    for part in message.walk():
        wanted = part.get_content_type() == f"text/{subtype}"
        if wanted and part.get_content_disposition() != "attachment":
            content = part.get_payload(decode=True)
            charset = part.get_content_charset("utf-8")
            return _text(content, charset) if isinstance(content, bytes) else ""
    return ""


def _text(content: bytes, charset: str) -> str:
    try:
        return content.decode(charset, "replace")
    except LookupError:
        return content.decode("utf-8", "replace")
