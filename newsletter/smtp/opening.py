"""Opening a connection: greeting, EHLO, STARTTLS and AUTH, up to where envelopes can travel.

Everything that can go wrong here is the relay's or the operator's affair, nobody's mail's: it
raises RelayUnavailable with the relay's own words and with what to do about it.
"""

import asyncio
import enum
import re
import socket
import ssl
from base64 import b64encode
from collections.abc import Awaitable, Callable

from newsletter.errors import RelayUnavailable
from newsletter.errors import marked as _
from newsletter.mail.relays import Encryption, Mechanism, RelayAddress
from newsletter.smtp.connection import Connection
from newsletter.smtp.wire import Lost, Timeouts, Wire

_SILENT = _(
    "The relay %(relay)s does not answer. Is the port right, and does a firewall let it through?"
)
_UNTRUSTED = _(
    "The relay %(relay)s has a certificate that is not trusted: %(said)s. Use the name in the"
    " certificate; for a certificate of your own set SSL_CERT_FILE, or starttls=required to do"
    " without proof"
)
_NO_TLS = _(
    "The relay %(relay)s does not speak TLS with us: %(said)s. smtps:// is for port 465, smtp://"
    " for 587 and 25"
)
_UNREACHABLE = _(
    "The relay %(relay)s cannot be reached: %(said)s. Are the host and the port in"
    " NEWSLETTER_RELAY_URL right, and is the relay running?"
)
BROKEN_OFF = _(
    "The relay %(relay)s broke the connection off: %(said)s. Its log may say why; it may allow"
    " fewer connections"
)
_CLOSED = _("The relay %(relay)s does not take mail now: %(said)s. It may allow fewer connections")
_NO_STARTTLS = _(
    "The relay %(relay)s offers no encryption (STARTTLS). Use the submission port 587, or smtps://"
    " on 465; starttls=off does without"
)
_STARTTLS_REFUSED = _("The relay %(relay)s refuses STARTTLS: %(said)s. Try again later")
_NAME_REFUSED = _(
    "The relay %(relay)s refuses our name %(name)s: %(said)s. It may want a name that resolves"
)
_IN_THE_CLEAR = _(
    "The relay %(relay)s would get the password in the clear. Leave starttls=off out of the URL"
)
_NO_SIGN_IN = _(
    "The relay %(relay)s offers no %(wanted)s to sign in with, but this: %(said)s. Sign-in is"
    " mostly offered on port 587 only"
)
_SHUT_OUT = _("The relay %(relay)s does not let us in: %(said)s. Check the user and the password")
_HOST_NAME = re.compile(r"[A-Za-z0-9.-]+|\[[A-Za-z0-9.:]+\]")


def own_name() -> str:
    """Return the name to say hello with: the host's, or a literal (RFC 5321 section 4.1.3)."""
    name = socket.gethostname()
    return name if _HOST_NAME.fullmatch(name) else "[127.0.0.1]"


class Step(enum.StrEnum):
    """What is gone through until a mail is handed over; SEND comes after the opening."""

    CONNECT = "connect"
    ENCRYPT = "encrypt"
    SIGN_IN = "sign-in"
    SEND = "send"


Told = Callable[[Step, str], Awaitable[None]]
"""Is told of each step that went well, with a few technical words, or none where it is left out."""


async def _tell_nobody(step: Step, words: str) -> None:
    """Keep it to oneself."""


async def open_connection(
    address: RelayAddress, hello: str, timeouts: Timeouts, told: Told = _tell_nobody
) -> Connection:
    """Open a connection ready to carry envelopes; raises RelayUnavailable."""
    try:
        wire = await _dial(address, timeouts)
        try:
            capabilities = await _meet(wire, address, hello, timeouts, told)
            await _sign_in(wire, address, capabilities, timeouts, told)
        except BaseException:
            await wire.close()
            raise
    except TimeoutError as error:
        raise RelayUnavailable(_SILENT, relay=str(address)) from error
    except ssl.SSLCertVerificationError as error:
        raise unavailable(_UNTRUSTED, address, error.verify_message) from error
    except ssl.SSLError as error:
        raise unavailable(_NO_TLS, address, error.reason) from error
    except OSError as error:
        raise unavailable(_UNREACHABLE, address, error) from error
    except Lost as error:
        raise unavailable(BROKEN_OFF, address, error) from error
    return Connection(wire, capabilities, timeouts, address.messages)


async def _dial(address: RelayAddress, timeouts: Timeouts) -> Wire:
    tls = _context(address.encryption) if address.encryption is Encryption.TLS else None
    async with asyncio.timeout(timeouts.connect):
        return await Wire.dial(address.host, address.port, tls)


async def _meet(
    wire: Wire, address: RelayAddress, hello: str, timeouts: Timeouts, told: Told
) -> dict[str, str]:
    """Exchange greetings, encrypt as agreed, and return what the relay can do."""
    greeting = await wire.reply(timeouts.greeting)
    if greeting.kind != 2:
        raise unavailable(_CLOSED, address, greeting)
    capabilities = await _say_hello(wire, address, hello, timeouts)
    await told(Step.CONNECT, str(greeting))
    if address.encryption in {Encryption.TLS, Encryption.OFF}:
        await told(Step.ENCRYPT, wire.protection)
        return capabilities
    if "STARTTLS" not in capabilities:
        raise RelayUnavailable(_NO_STARTTLS, relay=str(address))
    consent = await wire.ask("STARTTLS", timeouts.command)
    if consent.kind != 2:
        raise unavailable(_STARTTLS_REFUSED, address, consent)
    await wire.encrypt(address.host, _context(address.encryption), timeouts.connect)
    # What was announced in the clear counts for nothing (RFC 3207 section 4.2).
    capabilities = await _say_hello(wire, address, hello, timeouts)
    await told(Step.ENCRYPT, wire.protection)
    return capabilities


async def _say_hello(
    wire: Wire, address: RelayAddress, hello: str, timeouts: Timeouts
) -> dict[str, str]:
    reply = await wire.ask(f"EHLO {hello}", timeouts.command)
    if reply.kind == 5:
        # A server too old for extensions (RFC 5321 section 3.2).
        reply = await wire.ask(f"HELO {hello}", timeouts.command)
    if reply.kind != 2:
        raise unavailable(_NAME_REFUSED, address, reply, name=hello)
    words = (line.partition(" ") for line in reply.lines[1:])
    return {keyword.upper(): parameters.upper() for keyword, _space, parameters in words}


async def _sign_in(
    wire: Wire,
    address: RelayAddress,
    capabilities: dict[str, str],
    timeouts: Timeouts,
    told: Told,
) -> None:
    """Authenticate (RFC 4954), if there are credentials and nobody can listen."""
    if not address.user:
        await told(Step.SIGN_IN, "")
        return
    if not address.may_show_credentials:
        raise RelayUnavailable(_IN_THE_CLEAR, relay=str(address))
    offered = capabilities.get("AUTH", "").split()
    wanted = (
        [Mechanism.PLAIN, Mechanism.LOGIN]
        if address.mechanism is Mechanism.ANY
        else [address.mechanism]
    )
    mechanism = next((one for one in wanted if one.upper() in offered), None)
    if mechanism is None:
        names, said = " / ".join(one.upper() for one in wanted), " ".join(offered) or "–"
        raise unavailable(_NO_SIGN_IN, address, said, wanted=names)
    command, *answers = _credentials(address, mechanism)
    reply = await wire.ask(command, timeouts.command)
    while reply.kind == 3 and answers:
        reply = await wire.ask(answers.pop(0), timeouts.command)
    if reply.kind != 2:
        raise unavailable(_SHUT_OUT, address, reply, refuses_us=reply.kind == 5)
    await told(Step.SIGN_IN, str(reply))


def _credentials(address: RelayAddress, mechanism: Mechanism) -> list[str]:
    """Return the command, and the answers to the challenges (334) that may follow it."""
    user, password = address.user, address.password
    if mechanism is Mechanism.LOGIN:
        return ["AUTH LOGIN", _base64(user), _base64(password)]
    if mechanism is Mechanism.XOAUTH2:
        token = f"user={user}\1auth=Bearer {password}\1\1"
        # A failure comes as a challenge, to be answered with nothing before the reply proper.
        return [f"AUTH XOAUTH2 {_base64(token)}", ""]
    return [f"AUTH PLAIN {_base64(f'{chr(0)}{user}{chr(0)}{password}')}"]


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _context(encryption: Encryption) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if encryption is Encryption.REQUIRED:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def unavailable(
    words: str, address: RelayAddress, said: object, *, refuses_us: bool = False, **facts: str
) -> RelayUnavailable:
    """Quote what the relay ``said``, or what this machine says of it."""
    return RelayUnavailable(
        words, refuses_us=refuses_us, relay=str(address), said=str(said), **facts
    )
