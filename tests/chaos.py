"""A sink: an SMTP server in a process of its own, fast enough for tens of thousands, kind or not.

Without a seed it takes everything. With one it misbehaves: what goes wrong for a recipient, or with
a connection, follows from the seed and its name or number alone, so that ``fault_of`` tells
beforehand who will be refused. It encrypts if it is given a certificate. What it has accepted, and
what it did to its clients, stands in a log as soon as it has happened and before they are told.

    with Sink(tmp_path, seed=7) as sink:
        ...
    assert [mail.recipient for mail in sink.accepted()] == ["reader1@example.org"]
"""

import asyncio
import os
import re
import ssl
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

ALWAYS = 1_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong for one recipient in ``among`` 10,000, at one step, so many ``times``.

    ``reply`` None is the usual one, "" is none. The steps are those of relay.Moment. After DOT the
    mail counts as accepted where ``accept`` says so, whatever the client was told.
    """

    among: int
    step: str
    reply: str | None
    hang_up: bool = False
    accept: bool = False
    times: int = 1
    wait: float = 0


FAULTS = {
    "refused": Fault(200, "RCPT", "550 5.1.1 No such reader here", times=ALWAYS),
    "greylisted": Fault(300, "RCPT", "451 4.7.1 Greylisted, try again later"),
    "greylisted-twice": Fault(100, "RCPT", "451 4.7.1 Greylisted, try again later", times=2),
    "disk-full": Fault(50, "DOT", "452 4.3.1 Insufficient system storage"),
    "closing-early": Fault(15, "RCPT", "421 4.3.2 Closing for maintenance", hang_up=True),
    "closing-late": Fault(15, "DOT", "421 4.3.2 Closing for maintenance", hang_up=True),
    "cut-in-content": Fault(15, "CONTENT", "", hang_up=True),
    "lost": Fault(15, "DOT", "", hang_up=True),
    "taken-in-silence": Fault(15, "DOT", "", hang_up=True, accept=True),
    "taken-and-gone": Fault(15, "DOT", None, hang_up=True, accept=True),
    "taken-with-garbage": Fault(10, "DOT", "what do you want from me?", accept=True),
    "slow-to-know": Fault(15, "RCPT", None, wait=0.2),
    "slow-to-take": Fault(15, "DOT", None, accept=True, wait=0.2),
}
"""What may go wrong with a recipient; for most nothing does."""

TROUBLES = ("busy", "tls-refused", "tls-broken", "tls-gone")
"""What may go wrong with a connection before it is one; those of TLS only with a certificate."""


def fault_of(seed: int, recipient: str) -> str | None:
    """Name what goes wrong for ``recipient``."""
    place = _number(seed, recipient) % 10_000
    for name, fault in FAULTS.items():
        place -= fault.among
        if place < 0:
            return name
    return None


def _trouble_of(seed: int, connection: int) -> str | None:
    """Name what goes wrong with one connection in eight."""
    place = _number(seed, str(connection)) % 32
    return TROUBLES[place] if place < len(TROUBLES) else None


def _number(seed: int, name: str) -> int:
    return int.from_bytes(blake2b(f"{seed} {name}".encode(), digest_size=8).digest(), "big")


class Accepted(NamedTuple):
    """A mail that the sink has taken; ``told`` if it said so and stayed to be heard."""

    message_id: str
    recipient: str
    told: bool


class Sink:
    """The process, as long as its ``with`` block."""

    def __init__(
        self, folder: Path, *, seed: int | None = None, certificate: tuple[Path, Path] | None = None
    ) -> None:
        self._log = folder / "sink.log"
        self._log.touch()
        words = [str(self._log), "" if seed is None else str(seed), *map(str, certificate or ())]
        self._command = [sys.executable, "-B", __file__, *words]
        self._port = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout
        self._port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()
        assert self._process.returncode == 0, "the sink broke down; its words are above"

    def accepted(self) -> list[Accepted]:
        """Return all mails accepted so far, in their order."""
        lines = self._lines()
        return [Accepted(a, b, kind == "told") for kind, a, b in lines if kind.endswith("told")]

    def count(self) -> int:
        """Count the mails accepted so far."""
        return self._log.read_bytes().count(b"told ")

    def faults(self) -> Counter[str]:
        """Count what has gone wrong so far, by its name."""
        return Counter(a for kind, a, _ in self._lines() if kind == "fault")

    def _lines(self) -> list[list[str]]:
        whole, _, _ = self._log.read_text().rpartition("\n")
        return [line.split(" ") for line in whole.splitlines()]


_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_QUIET = Fault(0, "", None)


class _Server:
    """What all sessions share."""

    def __init__(self, log: int, seed: int | None, tls: ssl.SSLContext | None) -> None:
        self.seed = seed
        self.tls = tls
        self.connections = 0
        self.upgrades: set[asyncio.Task[None]] = set()
        self._log = log
        self._times: Counter[str] = Counter()

    def write(self, lines: list[str]) -> None:
        os.write(self._log, "".join(f"{line}\n" for line in lines).encode())

    def trouble(self, connection: int) -> str | None:
        return None if self.seed is None else _trouble_of(self.seed, connection)

    def fault(self, recipient: str) -> tuple[str, Fault]:
        """Return what goes wrong for a recipient this time."""
        name = None if self.seed is None else fault_of(self.seed, recipient)
        if name is None or self._times[recipient] == FAULTS[name].times:
            return "", _QUIET
        self._times[recipient] += 1
        return name, FAULTS[name]


class _Session(asyncio.Protocol):
    """One connection: bytes in, replies out, in as few writes as can be."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        server.connections += 1
        self._number = server.connections
        self._trouble = server.trouble(self._number)
        self._encrypted = False
        self._buffer = bytearray()
        self._searched = 0
        self._replies: list[str] = []
        self._lines: list[str] = []
        self._in_content = self._held = self._closed = False
        self._begin("")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._trouble == "busy":
            self._note("busy", str(self._number))
            self._say("421 4.7.0 Too busy", hang_up=True)
        else:
            self._say("220 sink.test")
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._go_on()

    def _go_on(self) -> None:
        while not (self._held or self._closed):
            if not (self._take_content() if self._in_content else self._take_command()):
                break
        self._flush()

    def _take_command(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            return False
        command = self._buffer[:end].decode()
        verb = command[:4].upper()
        if verb == "DATA":
            # The line's end stays: a dot that follows it at once ends an empty content.
            del self._buffer[:end]
            self._data()
        else:
            del self._buffer[: end + 2]
            self._obey(verb, command)
        return True

    def _obey(self, verb: str, command: str) -> None:
        if verb == "MAIL":
            self._say("250 2.1.0 Ok")
        elif verb == "RCPT":
            self._begin(command.partition("<")[2].partition(">")[0])
            reply = self._act("RCPT", "250 2.1.5 Ok")
            self._known = reply.startswith("250")
        elif verb == "EHLO":
            offer = self._server.tls and not self._encrypted
            words = ["sink.test", "PIPELINING", "8BITMIME", "SMTPUTF8"]
            words += ["STARTTLS"] if offer else []
            self._say("".join(f"250-{word}\r\n" for word in words) + "250 ENHANCEDSTATUSCODES")
        elif verb == "STAR":
            self._start_tls()
        elif verb == "QUIT":
            self._say("221 2.0.0 Bye", hang_up=True)
        else:
            self._say("250 2.0.0 Ok")

    def _begin(self, recipient: str) -> None:
        self._recipient = recipient
        self._fault_name, self._fault = self._server.fault(recipient) if recipient else ("", _QUIET)
        self._known = False

    def _data(self) -> None:
        if not self._known:
            del self._buffer[:2]
            self._say("554 5.5.1 No valid recipients")
            return
        self._in_content = True
        self._searched = 0
        self._say("354 Go on")

    def _take_content(self) -> bool:
        if self._fault.step == "CONTENT" and len(self._buffer) > 2:
            self._act("CONTENT", "")
            return False
        end = self._buffer.find(b"\r\n.\r\n", max(0, self._searched - 4))
        if end < 0:
            self._searched = len(self._buffer)
            return False
        found = _MESSAGE_ID.search(self._buffer, 0, end)
        message_id = found[1].decode() if found else "-"
        del self._buffer[: end + 5]
        self._in_content = False
        fault = self._fault
        usual = fault.step != "DOT"
        if usual or fault.accept:
            told = usual or (fault.reply is None and not fault.hang_up)
            self._lines.append(f"{'told' if told else 'untold'} {message_id} {self._recipient}")
        self._act("DOT", "250 2.0.0 Taken")
        return True

    def _act(self, step: str, usual: str) -> str:
        """Say the usual, unless something is to go wrong at this step."""
        fault = self._fault
        if fault.step != step:
            self._say(usual)
            return usual
        self._note(self._fault_name, self._recipient)
        reply = usual if fault.reply is None else fault.reply
        if fault.wait:
            self._flush()
            self._held = True
            asyncio.get_running_loop().call_later(fault.wait, self._say_at_last, reply)
        else:
            self._say(reply, hang_up=fault.hang_up)
        return reply

    def _say_at_last(self, reply: str) -> None:
        self._held = False
        self._say(reply)
        self._go_on()

    def _start_tls(self) -> None:
        trouble = self._trouble or ""
        if trouble.startswith("tls"):
            self._note(trouble, str(self._number))
        if self._server.tls is None or trouble == "tls-refused":
            self._say("454 4.7.0 TLS is not available")
            return
        # Nothing that follows may be taken for words in the clear.
        self._transport.pause_reading()
        self._say("220 2.0.0 Go on")
        if trouble == "tls-broken":
            self._say("this is no handshake")
        if trouble in {"tls-broken", "tls-gone"}:
            self._flush()
            self._close()
            return
        self._flush()
        self._held = True
        upgrade = asyncio.create_task(self._encrypt(self._server.tls))
        self._server.upgrades.add(upgrade)
        upgrade.add_done_callback(self._server.upgrades.discard)

    async def _encrypt(self, tls: ssl.SSLContext) -> None:
        with suppress(OSError):
            loop = asyncio.get_running_loop()
            upgraded = await loop.start_tls(self._transport, self, tls, server_side=True)
            assert upgraded
            self._transport = upgraded
            self._encrypted = True
            self._held = False
            self._go_on()

    def _note(self, fault: str, whom: str) -> None:
        self._lines.append(f"fault {fault} {whom}")

    def _say(self, reply: str, *, hang_up: bool = False) -> None:
        if reply:
            self._replies.append(f"{reply}\r\n")
        if hang_up:
            self._flush()
            self._close()

    def _flush(self) -> None:
        """Write the log, then the replies."""
        if self._lines:
            self._server.write(self._lines)
            self._lines.clear()
        if self._replies:
            if not self._closed:
                self._transport.write("".join(self._replies).encode())
            self._replies.clear()

    def _close(self) -> None:
        self._closed = True
        self._transport.close()


async def _serve(log: Path, seed: str, *certificate: str) -> None:
    """Serve until standard input ends, which it does when whoever started us is gone."""
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate)
    loop = asyncio.get_running_loop()
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    server = _Server(file, int(seed) if seed else None, tls)
    listening = await loop.create_server(lambda: _Session(server), "127.0.0.1", 0)
    sys.stdout.write(f"{listening.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    listening.close()


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), *sys.argv[2:]))
