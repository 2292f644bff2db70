"""Two SMTP servers for tests, each on a free port of loopback in a thread of its own.

``RecordingRelay`` is aiosmtpd: another implementation's idea of the protocol, without PIPELINING.
``ScriptedRelay`` pipelines and misbehaves on request: a script is a function that sees each step
of a session and may answer instead of the server. Both record what they have accepted.

    with ScriptedRelay(refuse_recipient("reader2@example.org")) as relay:
        outcomes = hand_over(relay.url, letters(2))
    assert relay.accepted == [("<1@monitor.example>", "reader1@example.org")]
"""

import asyncio
import re
import ssl
import subprocess
import threading
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from newsletter.mail.values import Envelope, Outcome
from newsletter.smtp import Relay, RelayAddress, Timeouts

PATIENT = Timeouts(*[30.0] * 8)
"""Long enough for any machine, short enough to see a test fail."""


def letter(number: int, content: bytes | None = None) -> Envelope:
    """Return a mail to reader ``number``, with Message-ID <number@monitor.example>."""
    usual = f"Message-ID: <{number}@monitor.example>\r\nSubject: Issue\r\n\r\nNews.\r\n"
    return Envelope(
        delivery=number,
        sender=f"bounce+{number}@monitor.example",
        recipient=f"reader{number}@example.org",
        content=usual.encode() if content is None else content,
    )


def letters(count: int) -> list[Envelope]:
    """Return mails to readers 1 to ``count``."""
    return [letter(number) for number in range(1, count + 1)]


def hand_over(
    address: str | RelayAddress,
    envelopes: Iterable[Envelope],
    *,
    connections: int = 1,
    timeouts: Timeouts = PATIENT,
) -> list[Outcome]:
    """Send on a new Relay; return the outcomes in the order of the envelopes.

    Fails unless each envelope was settled exactly once.
    """
    if isinstance(address, str):
        address = RelayAddress.parse(address)
    given = list(envelopes)
    settled: list[tuple[int, Outcome]] = []

    async def send() -> None:
        async with Relay(address, connections=connections, timeouts=timeouts) as relay:
            await relay.send(
                given, lambda letter, outcome: settled.append((letter.delivery, outcome))
            )

    asyncio.run(send())
    assert sorted(delivery for delivery, _ in settled) == sorted(one.delivery for one in given)
    outcomes = dict(settled)
    return [outcomes[envelope.delivery] for envelope in given]


class Mail(NamedTuple):
    """A mail as a relay has accepted it."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message_id(self) -> str:
        found = re.search(rb"^Message-ID:\s*(\S+)", self.content, re.MULTILINE | re.IGNORECASE)
        return found[1].decode() if found else ""


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost that vouches for itself; ``file`` is what may be trusted."""

    file: Path
    key: Path

    @classmethod
    def issue(cls, folder: Path) -> Self:
        """Make one with the openssl command."""
        certificate = cls(folder / "certificate.pem", folder / "key.pem")
        command = (
            "openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 2"
            " -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        )
        files = ["-keyout", str(certificate.key), "-out", str(certificate.file)]
        subprocess.run([*command.split(), *files], check=True, capture_output=True)
        return certificate

    def context(self) -> ssl.SSLContext:
        """Return what a server needs to show this certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.file, self.key)
        return context


class Server:
    """A server that runs as long as its ``with`` block, in a thread with its own event loop."""

    host = "127.0.0.1"
    port = 0

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.connections = 0
        self._sessions: list[Any] = []
        self._failure: BaseException | None = None
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    @property
    def accepted(self) -> list[tuple[str, str]]:
        """The Message-ID and the recipient of each mail accepted, in their order."""
        return [(mail.message_id, rcpt) for mail in self.mails for rcpt in mail.recipients]

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.wait()
        if self._failure:
            raise self._failure
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
            raise
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await self._listen()
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for session in self._sessions:
            if session.transport is not None:
                # An encrypted one of Python 3.11 has nothing left to abort once it is closed twice.
                with suppress(AttributeError):
                    session.transport.abort()
        await asyncio.sleep(0)
        await server.wait_closed()

    async def _listen(self) -> asyncio.Server:
        raise NotImplementedError


class RecordingRelay(Server):
    """aiosmtpd that accepts whatever it is given.

    With a ``certificate`` it insists on STARTTLS, or with ``implicit`` speaks TLS from the first
    byte; with ``user`` and ``password`` it insists on AUTH. ``sign_ins`` are the mechanisms that
    succeeded.
    """

    def __init__(
        self,
        *,
        certificate: Certificate | None = None,
        implicit: bool = False,
        user: str = "",
        password: str = "",
        size: int = 2**25,
        smtputf8: bool = False,
        without: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.user, self.password = user, password
        self.sign_ins: list[str] = []
        self._certificate, self._implicit = certificate, implicit
        self._options: dict[str, Any] = {
            "hostname": "relay.test",
            "data_size_limit": size,
            "enable_SMTPUTF8": smtputf8,
            "authenticator": self._authenticate,
            # aiosmtpd warns of what is safe on loopback only, and our tests fail on warnings.
            "auth_required": bool(user and certificate) and not implicit,
            "auth_require_tls": bool(certificate) and not implicit,
            "auth_exclude_mechanism": without,
        }
        if certificate and not implicit:
            self._options |= {"tls_context": certificate.context(), "require_starttls": True}

    async def _listen(self) -> asyncio.Server:
        implicit = self._certificate.context() if self._certificate and self._implicit else None
        return await self._loop.create_server(self._session, self.host, 0, ssl=implicit)

    def _session(self) -> SMTP:
        session = SMTP(self, loop=self._loop, **self._options)
        self.connections += 1
        self._sessions.append(session)
        return session

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(
            Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), bytes(envelope.content))
        )
        return "250 2.0.0 taken"

    async def auth_XOAUTH2(self, server: Any, arguments: list[str]) -> AuthResult:  # noqa: N802
        said = b64decode(arguments[1])
        if said == f"user={self.user}\1auth=Bearer {self.password}\1\1".encode():
            self.sign_ins.append("XOAUTH2")
            return AuthResult(success=True)
        assert await server.challenge_auth('{"status":"401"}') == b""
        return AuthResult(success=False, handled=False)

    def _authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, credentials: LoginPassword
    ) -> AuthResult:
        known = credentials == LoginPassword(self.user.encode(), self.password.encode())
        if known:
            self.sign_ins.append(mechanism)
        return AuthResult(success=known, handled=False)


@dataclass(frozen=True)
class Moment:
    """What a script sees: a step of a session.

    ``step`` is GREETING, a command's verb, CONTENT (some of it has come) or DOT (all of it has).
    ``connection`` and ``time`` count from 1: the server's connections, and how often this step
    has come for this recipient.
    """

    step: str
    connection: int
    recipient: str
    time: int


@dataclass(frozen=True)
class Act:
    """What a script wants: ``reply`` instead of the usual one, then perhaps to ``hang_up``.

    ``reply`` None is the usual reply, "" is none at all. At DOT the mail counts as accepted if the
    reply is a usual one, or ``accept`` says so. ``wait`` seconds pass before anything happens.
    """

    reply: str | None = None
    hang_up: bool = False
    accept: bool = False
    wait: float = 0


Script = Callable[[Moment], Act | None]

HANG_UP = Act("", hang_up=True)


def behave(moment: Moment) -> Act | None:
    return None


def greylist_once(moment: Moment) -> Act | None:
    if moment.step == "RCPT" and moment.time == 1:
        return Act("451 4.7.1 Greylisted, try again later")
    return None


def refuse(code: int = 550, words: str = "5.7.1 We do not want this") -> Script:
    """Refuse all content once it is whole."""
    return at("DOT", Act(f"{code} {words}"))


def refuse_recipient(*recipients: str, reply: str = "550 5.1.1 No such user") -> Script:
    """Refuse the recipients named, or all."""

    def script(moment: Moment) -> Act | None:
        wanted = moment.step == "RCPT" and (not recipients or moment.recipient in recipients)
        return Act(reply) if wanted else None

    return script


def hang_up_before_dot_reply(moment: Moment) -> Act | None:
    """Take the mail, and never say so."""
    return Act("", hang_up=True, accept=True) if moment.step == "DOT" else None


def hang_up_after_dot_reply(moment: Moment) -> Act | None:
    return Act(hang_up=True) if moment.step == "DOT" else None


def hang_up_in_content(moment: Moment) -> Act | None:
    return HANG_UP if moment.step == "CONTENT" else None


def go_away(step: str) -> Script:
    """Say 421 at a step and close the connection (RFC 5321 section 3.8)."""
    return at(step, Act("421 4.3.2 Closing for maintenance", hang_up=True))


def talk_garbage(step: str) -> Script:
    return at(step, Act("what do you want from me?"))


def stay_silent(step: str) -> Script:
    """Say nothing any more, once it has come to this step."""
    return at(step, Act(wait=3600))


def answer_slowly(step: str, seconds: float) -> Script:
    return at(step, Act(wait=seconds))


def at(step: str, act: Act, *, connections: tuple[int, ...] = ()) -> Script:
    """Act at a step, on the connections named or on all."""

    def script(moment: Moment) -> Act | None:
        meant = moment.step == step and (not connections or moment.connection in connections)
        return act if meant else None

    return script


class ScriptedRelay(Server):
    """A relay that follows the protocol except where its ``script`` knows better.

    ``commands`` are all commands that came, ``reads`` the pieces in which everything came.
    ``drops`` counts the connections that the script hung up. ``eager`` asks for content after DATA
    even if every recipient was refused.
    """

    def __init__(
        self,
        script: Script = behave,
        *,
        pipelining: bool = True,
        size: int = 0,
        eight_bit: bool = False,
        smtputf8: bool = False,
        eager: bool = False,
        extensions: tuple[str, ...] = (),
        most: int = 1_000,
    ) -> None:
        super().__init__()
        self.script = script
        self.eager = eager
        self.most = most
        self.commands: list[str] = []
        self.reads: list[bytes] = []
        self.drops = 0
        self.open = 0
        self.times: Counter[tuple[str, str]] = Counter()
        offered = {
            "PIPELINING": pipelining,
            f"SIZE {size}": size,
            "8BITMIME": eight_bit,
            "SMTPUTF8": smtputf8,
        }
        self.extensions = [name for name, wanted in offered.items() if wanted] + [*extensions]

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._converse, self.host, 0)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        session = _Session(self, reader, writer, self.connections)
        self._sessions.append(session)
        try:
            await session.run()
        except (_HungUp, OSError):
            pass
        finally:
            self.open -= 1
            writer.close()


class _HungUp(Exception):
    """The session is over."""


class _Session:
    """One connection to a ScriptedRelay."""

    def __init__(
        self,
        relay: ScriptedRelay,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        number: int,
    ) -> None:
        self.relay = relay
        self.transport = writer.transport
        self._reader = reader
        self._writer = writer
        self._number = number
        self._received = b""
        self._sender: str | None = None
        self._recipient = ""
        self._accepted = False

    async def run(self) -> None:
        crowded = self.relay.open > self.relay.most
        await self._step("GREETING", "421 4.7.0 Too many connections" if crowded else "220 relay")
        while not crowded:
            line = await self._until(b"\r\n")
            command = line.decode()
            self.relay.commands.append(command)
            verb = command.partition(" ")[0].upper()
            await self._obey(verb, command)

    async def _obey(self, verb: str, command: str) -> None:
        if verb == "EHLO":
            lines = ["relay", *self.relay.extensions]
            marked = [f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"]
            await self._step(verb, "\r\n".join(marked))
        elif verb == "MAIL":
            free = self._sender is None
            if await self._step(verb, "250 2.1.0 Ok" if free else "503 5.5.1 Nested MAIL"):
                self._sender = _path(command)
        elif verb == "RCPT":
            self._recipient = _path(command)
            known = self._sender is not None
            self._accepted = await self._step(verb, "250 2.1.5 Ok" if known else "503 5.5.1 MAIL?")
        elif verb == "DATA":
            ready = self._accepted or self.relay.eager
            if await self._step(verb, "354 Go on" if ready else "554 5.5.1 No recipients"):
                await self._content()
        elif verb == "RSET":
            self._clear()
            await self._step(verb, "250 2.0.0 Ok")
        elif verb == "QUIT":
            await self._step(verb, "221 2.0.0 Bye")
            raise _HungUp
        elif verb in {"NOOP", "HELO"}:
            await self._step(verb, "250 2.0.0 Ok")
        else:
            await self._step(verb, "502 5.5.2 What?")

    async def _content(self) -> None:
        while not self._received:
            await self._read()
        await self._step("CONTENT", "")
        stuffed = b""
        if not self._received.startswith(b".\r\n"):
            stuffed = await self._until(b"\r\n.\r\n") + b"\r\n"
        else:
            await self._until(b".\r\n")
        content = re.sub(rb"(?m)^\.", b"", stuffed)
        mail = Mail(self._sender or "", (self._recipient,), content)
        usual = "250 2.0.0 Taken" if self._accepted else "554 5.5.1 No valid recipients"
        await self._step("DOT", usual, mail if self._accepted else None)
        self._clear()

    async def _step(self, step: str, usual: str, mail: Mail | None = None) -> bool:
        """Say what the script or else custom demands; tell whether the client may go on."""
        relay = self.relay
        relay.times[step, self._recipient] += 1
        time = relay.times[step, self._recipient]
        act = relay.script(Moment(step, self._number, self._recipient, time)) or Act()
        if act.wait:
            await asyncio.sleep(act.wait)
        if mail and (act.reply is None or act.accept):
            relay.mails.append(mail)
        reply = usual if act.reply is None else act.reply
        if reply:
            self._writer.write(reply.encode() + b"\r\n")
        if act.hang_up:
            relay.drops += 1
            await self._writer.drain()
            raise _HungUp
        return reply[:1] in {"2", "3"}

    def _clear(self) -> None:
        self._sender, self._recipient, self._accepted = None, "", False

    async def _until(self, end: bytes) -> bytes:
        while end not in self._received:
            await self._read()
        found, _, self._received = self._received.partition(end)
        return found

    async def _read(self) -> None:
        data = await self._reader.read(65_536)
        if not data:
            raise _HungUp
        self.relay.reads.append(data)
        self._received += data


def _path(command: str) -> str:
    return command.partition("<")[2].partition(">")[0]
