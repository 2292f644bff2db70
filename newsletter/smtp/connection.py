"""One SMTP connection that carries envelopes, with PIPELINING in one round trip each (RFC 2920).

Behind the content and the final dot of one envelope travel MAIL, RCPT and DATA of the next. So two
envelopes may be under way: one *written*, whose content went out, and one *announced*, of which
the relay has only addresses. A lost connection leaves the first in doubt and the second untouched.
"""

import asyncio
import re
from collections.abc import Mapping

from newsletter.mail.values import Envelope, Outcome, Verdict
from newsletter.smtp.load import Load
from newsletter.smtp.replies import Reply
from newsletter.smtp.wire import Lost, Timeouts, Wire

VERDICTS = {2: Verdict.SENT, 4: Verdict.TEMPORARY, 5: Verdict.PERMANENT}

# A path is written between angle brackets: nothing may end it, or the command, early. At most 254
# characters fit in it (RFC 5321 section 4.5.3.1.3).
_PATH = re.compile(r"[^\s<>\x00-\x20\x7f-\x9f\ud800-\udfff]{1,254}")

_NONE = (b"", b"", b"")


class Connection:
    """A greeted and, where wanted, encrypted and authenticated connection.

    ``messages`` bounds how many envelopes it carries; then it is ``spent``. ``useful`` tells
    whether the relay has answered for any envelope other than by closing the connection.
    """

    def __init__(
        self, wire: Wire, capabilities: Mapping[str, str], timeouts: Timeouts, messages: int
    ) -> None:
        """Carry on where the opening of the connection ended, with what EHLO has announced."""
        size = capabilities.get("SIZE", "")
        self.useful = False
        self._wire = wire
        self._timeouts = timeouts
        self._room = messages
        self._pipelining = "PIPELINING" in capabilities
        self._announces_size = "SIZE" in capabilities
        self._most = int(size) if size.isdecimal() else 0
        self._eight_bit = "8BITMIME" in capabilities
        self._international = "SMTPUTF8" in capabilities
        self._rested = asyncio.get_running_loop().time()
        # What MAIL, RCPT and DATA are answered with by a relay that agrees, and how soon.
        self._steps = ((2, timeouts.command), (2, timeouts.command), (3, timeouts.data))

    @property
    def spent(self) -> bool:
        """Tell whether the connection has carried as many envelopes as it may."""
        return self._room <= 0

    async def carry(self, load: Load) -> None:
        """Hand over envelopes until ``load`` gives no more or the connection is spent.

        Raises Lost. However it ends, each envelope taken is then either settled or put back.
        """
        wire = self._wire
        written: Envelope | None = None
        announced: Envelope | None = None
        try:
            announced = self._next(load)
            wire.write(self._ahead(announced))
            while announced is not None:
                refusal, waiting = await self._introduce(announced)
                if refusal is None:
                    following = self._next(load)
                    written, announced = announced, following
                    await wire.write_content(
                        written.content if written.clean else _stuffed(written.content),
                        self._ahead(following),
                        self._timeouts.content,
                    )
                    outcome = self._outcome(await wire.reply(self._timeouts.final))
                    answered, written = written, None
                    load.settle(answered, outcome)
                else:
                    refused, announced = announced, None
                    load.settle(refused, self._outcome(refusal))
                    if wire.lost:
                        raise wire.lost
                    announced = self._next(load)
                    await self._reset(waiting, announced)
        except BaseException as error:
            wire.abort()
            why = str(error) if isinstance(error, Lost) else "sending was stopped"
            if written is not None:
                load.settle(written, _in_doubt(wire.flushed, why))
            if announced is not None:
                load.put_back(announced, why)
            raise
        wire.rest()
        self._rested = asyncio.get_running_loop().time()

    async def ready(self) -> bool:
        """Tell whether a kept connection can still be used; if not, it is closed."""
        wire = self._wire
        try:
            if asyncio.get_running_loop().time() - self._rested >= self._timeouts.fresh:
                await wire.ask("NOOP", self._timeouts.command)
            wire.rest()
        except Lost:
            pass
        except BaseException:
            wire.abort()
            raise
        if wire.lost:
            await wire.close()
        return wire.lost is None

    async def quit(self) -> None:
        """Say QUIT (RFC 5321 section 4.1.1.10), hear the farewell, close."""
        try:
            await self._wire.ask("QUIT", self._timeouts.quit)
        except Lost:
            pass
        finally:
            await self._wire.close()

    async def close(self) -> None:
        """Close without a word."""
        await self._wire.close()

    def _next(self, load: Load) -> Envelope | None:
        """Take the next envelope that this relay can be offered at all; settle those it cannot."""
        while self._room > 0 and (envelope := load.take()) is not None:
            objection = self._objection(envelope)
            if objection is None:
                self._room -= 1
                return envelope
            load.settle(envelope, objection)
        return None

    def _objection(self, envelope: Envelope) -> Outcome | None:
        """Say why an envelope cannot be offered, with the code a relay would have used."""
        sender, recipient, content = envelope.sender, envelope.recipient, envelope.content
        if not _PATH.fullmatch(recipient):
            return _refused(553, f"5.1.3 {recipient!r} cannot be written as a recipient")
        if sender and not _PATH.fullmatch(sender):
            return _refused(553, f"5.1.7 {sender!r} cannot be written as a sender")
        if not self._international and not (sender.isascii() and recipient.isascii()):
            return _refused(553, "5.6.7 the relay takes no address beyond ASCII (no SMTPUTF8)")
        if not self._eight_bit and not content.isascii():
            return _refused(554, "5.6.3 the relay takes no 8-bit content (no 8BITMIME)")
        if 0 < self._most < len(content):
            return _refused(
                552, f"5.3.4 the mail has {len(content)} octets, the relay takes {self._most}"
            )
        if not envelope.clean and not content.count(b"\r\n") == content.count(
            b"\n"
        ) == content.count(b"\r"):
            # Some relays read a bare CR or LF as a line end, and so a dot behind it as the end of
            # the mail and the rest as commands (RFC 5321 section 2.3.8 forbids both).
            return _refused(554, "5.6.0 the content has a CR or LF that is not part of CRLF")
        return None

    def _introduction(self, envelope: Envelope) -> bytes:
        """Write MAIL, RCPT and DATA with the parameters that RFC 1870, 6152 and 6531 add."""
        parameters = f" SIZE={len(envelope.content)}" if self._announces_size else ""
        if not envelope.content.isascii():
            parameters += " BODY=8BITMIME"
        if not (envelope.sender.isascii() and envelope.recipient.isascii()):
            parameters += " SMTPUTF8"
        return (
            f"MAIL FROM:<{envelope.sender}>{parameters}\r\n"
            f"RCPT TO:<{envelope.recipient}>\r\nDATA\r\n"
        ).encode()

    def _ahead(self, envelope: Envelope | None) -> bytes:
        """Return what may be said of the next envelope before the replies for this one are in."""
        return self._introduction(envelope) if envelope and self._pipelining else b""

    async def _introduce(self, envelope: Envelope) -> tuple[Reply | None, bool]:
        """Return the first refusal, if any, and whether the relay waits for content none the less.

        Once there is a refusal it stands, even if the connection is lost before the other replies.
        """
        commands = (
            _NONE if self._pipelining else self._introduction(envelope).splitlines(keepends=True)
        )
        refusal: Reply | None = None
        waiting = False
        try:
            for command, (consent, seconds) in zip(commands, self._steps, strict=True):
                if command:
                    self._wire.write(command)
                reply = await self._wire.reply(seconds)
                waiting = reply.kind == 3
                if reply.kind == consent:
                    continue
                if reply.kind < 4:
                    raise self._wire.lose(f"out of step: {reply}")
                refusal = refusal or reply
                if command:
                    break
        except Lost:
            if refusal is None:
                raise
        return refusal, waiting

    async def _reset(self, waiting: bool, announced: Envelope | None) -> None:
        """Clear the relay's mind after a refusal, and announce the next envelope behind that.

        A relay that asked for content though nobody was accepted gets a lone dot (RFC 2920
        section 3.1), and whatever it says to that is about no one.
        """
        self._wire.write(b".\r\n" if waiting else b"", b"RSET\r\n", self._ahead(announced))
        if waiting:
            await self._wire.reply(self._timeouts.final)
        reply = await self._wire.reply(self._timeouts.command)
        if reply.kind != 2:
            raise self._wire.lose(f"RSET: {reply}")

    def _outcome(self, reply: Reply) -> Outcome:
        if reply.kind == 3:
            raise self._wire.lose(f"out of step: {reply}")
        self.useful = self.useful or reply.code != 421
        return Outcome(VERDICTS[reply.kind], reply.code, reply.words)


def _stuffed(content: bytes) -> bytes:
    """Double each dot that begins a line and end the last line (RFC 5321 section 4.5.2)."""
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    content = content.replace(b"\r\n.", b"\r\n..")
    return b"." + content if content.startswith(b".") else content


def _refused(code: int, words: str) -> Outcome:
    return Outcome(Verdict.PERMANENT, code, words)


def _in_doubt(flushed: bool, why: str) -> Outcome:
    if flushed:
        return Outcome(Verdict.UNKNOWN, 0, f"no reply to the content: {why}")
    return Outcome(Verdict.TEMPORARY, 0, f"the content did not get through: {why}")
