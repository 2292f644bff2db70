"""The wire: commands out, replies in, time running; it knows sockets and TLS, but no mail.

Whatever ends a connection, a reset, silence, garbage or a farewell with code 421, ends here as
Lost, and every later use says the same again.
"""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Self

from newsletter.smtp.replies import Garbage, Replies, Reply

CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How many seconds we wait, by default as long as RFC 5321 section 4.5.3.2 has it.

    ``command`` serves MAIL, RCPT and all that has no time of its own; ``content`` is for the
    content to leave us, ``final`` for the reply to it. ``grace`` is what a cancelled ``send``
    grants to replies that are still due; a connection that rested for less than ``fresh`` is used
    again without asking whether it is still there.
    """

    connect: float = 30
    greeting: float = 300
    command: float = 300
    data: float = 120
    content: float = 180
    final: float = 600
    quit: float = 5
    grace: float = 10
    fresh: float = 1


class Lost(Exception):
    """The connection is gone, or what it says makes no sense any more."""


class Wire:
    """One open connection, seen as commands and replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take over both ends of a stream."""
        self.lost: Lost | None = None
        self.flushed = True
        self._reader = reader
        self._writer = writer
        self._replies = Replies()
        self._alarm = Alarm(self._give_up)
        self._unsent = 0
        self._shaking_hands = False

    @classmethod
    async def dial(cls, host: str, port: int, tls: ssl.SSLContext | None) -> Self:
        """Connect, with TLS from the first byte where a context is given; raises OSError."""
        return cls(*await asyncio.open_connection(host, port, ssl=tls))

    @property
    def protection(self) -> str:
        """Name the protocol and the cipher that protect what is said; nothing in the clear."""
        cipher = self._writer.get_extra_info("cipher")
        return f"{cipher[1]}, {cipher[0]}" if cipher else ""

    def write(self, *pieces: bytes) -> None:
        """Send all pieces in one write; raises Lost."""
        if self.lost:
            raise self.lost
        self._writer.writelines(pieces)
        if self._writer.transport.is_closing():
            raise self.lose("the relay hung up")

    async def write_content(self, content: bytes, ahead: bytes, seconds: float) -> None:
        """Send ``content`` with its final dot, and the next commands ``ahead``, in one write.

        Returns once the dot has left this process, and ``flushed`` then says so. Raises Lost while
        ``flushed`` is false when the content cannot have reached the relay whole.
        """
        self.flushed = False
        self.write(content, b".\r\n", ahead)
        transport = self._writer.transport
        if transport.get_write_buffer_size() > len(ahead):
            self._alarm.within(seconds)
            # With these limits drain() ends exactly when nothing but ``ahead`` is left behind.
            transport.set_write_buffer_limits(high=len(ahead), low=len(ahead))
            try:
                await self._writer.drain()
            except OSError as error:
                raise self.lose(str(error)) from error
            except asyncio.CancelledError:
                self.flushed = transport.is_closing() or transport.get_write_buffer_size() <= len(
                    ahead
                )
                raise
            if self.lost and self._unsent > len(ahead):
                raise self.lost
        self.flushed = True

    async def reply(self, seconds: float) -> Reply:
        """Wait for the next reply; raises Lost."""
        if self.lost:
            raise self.lost
        try:
            while (reply := self._replies.next()) is None:
                self._alarm.within(seconds)
                data = await self._reader.read(CHUNK)
                if not data:
                    raise self.lost or self.lose("the relay hung up")
                self._replies.feed(data)
        except (Garbage, OSError) as error:
            raise self.lose(str(error)) from error
        if reply.code == 421:
            self.lose(str(reply))
        return reply

    async def ask(self, command: str, seconds: float) -> Reply:
        """Send one command and wait for its reply; raises Lost."""
        self.write(command.encode(), b"\r\n")
        return await self.reply(seconds)

    async def encrypt(self, host: str, tls: ssl.SSLContext, seconds: float) -> None:
        """Go on in TLS; raises OSError, or Lost if someone spoke before the handshake.

        What was said in the clear must not be taken for words from inside (CVE-2011-0411).
        """
        if self._replies.pending():
            raise self.lose("the relay said more than its consent to STARTTLS")
        self._shaking_hands = True
        await self._writer.start_tls(tls, server_hostname=host, ssl_handshake_timeout=seconds)
        self._shaking_hands = False

    def lose(self, words: str) -> Lost:
        """Declare the connection lost because of ``words``; the first loss stays."""
        if self.lost is None:
            self.lost = Lost(words or "the connection broke")
        return self.lost

    def rest(self) -> None:
        """Expect nothing until further notice."""
        self._alarm.off()

    def abort(self) -> None:
        """Drop the connection at once."""
        self._alarm.off()
        self.lose("we hung up")
        self._writer.transport.abort()

    async def close(self) -> None:
        """Drop the connection and wait until its socket is closed."""
        self.abort()
        if self._shaking_hands:
            # A stream whose TLS handshake was cut off never hears that it is closed (CPython 3.11),
            # so wait_closed() would wait for ever; the socket is closed in the loop's next round.
            await asyncio.sleep(0)
            return
        with suppress(OSError):
            await self._writer.wait_closed()

    def _give_up(self) -> None:
        self.lose("no answer in time")
        self._unsent = self._writer.transport.get_write_buffer_size()
        self._writer.transport.abort()


class Alarm:
    """Rings when it was not put off in time. Putting it off sets a number, seldom a timer."""

    __slots__ = ("_due", "_loop", "_ring", "_timer")

    def __init__(self, ring: Callable[[], None]) -> None:
        """Stay silent until told ``within`` what time to ring."""
        self._loop = asyncio.get_running_loop()
        self._ring = ring
        self._due = inf
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> None:
        """Ring in ``seconds`` from now, unless told otherwise by then."""
        self._due = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._due:
            self._set()

    def off(self) -> None:
        """Do not ring."""
        self._due = inf
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _set(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._due, self._wake)

    def _wake(self) -> None:
        self._timer = None
        if self._loop.time() < self._due:
            self._set()
        else:
            self._ring()
