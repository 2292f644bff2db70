"""Greeting, encryption and sign-in, and what is said of them when they fail."""

import asyncio
import socket
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from newsletter.errors import RelayUnavailable
from newsletter.mail.relays import Encryption
from newsletter.mail.values import Verdict
from newsletter.smtp import Relay, RelayAddress
from relay import (
    HANG_UP,
    PATIENT,
    Act,
    Certificate,
    RecordingRelay,
    Script,
    ScriptedRelay,
    at,
    hand_over,
    letter,
    letters,
    stay_silent,
    talk_garbage,
)


def encrypted(relay: RecordingRelay, options: str = "", scheme: str = "smtp") -> str:
    return f"{scheme}://localhost:{relay.port}{options}"


def signed_in(relay: RecordingRelay, options: str = "") -> str:
    return f"smtp://{relay.user}:{relay.password}@localhost:{relay.port}{options}"


@pytest.mark.usefixtures("trusted")
def test_mail_travels_encrypted_when_the_certificate_is_trusted(certificate: Certificate) -> None:
    with RecordingRelay(certificate=certificate) as relay:
        outcomes = hand_over(encrypted(relay, "?starttls=verified"), letters(3))
    assert [outcome.verdict for outcome in outcomes] == [Verdict.SENT] * 3
    assert len(relay.accepted) == 3


@pytest.mark.usefixtures("trusted")
def test_smtps_is_encrypted_from_the_first_byte(certificate: Certificate) -> None:
    with RecordingRelay(certificate=certificate, implicit=True) as relay:
        (outcome,) = hand_over(encrypted(relay, scheme="smtps"), [letter(1)])
    assert outcome.verdict is Verdict.SENT


@pytest.mark.usefixtures("trusted")
def test_a_large_mail_travels_encrypted_too(certificate: Certificate) -> None:
    content = letter(1).content + b"A line of many.\r\n" * 300_000
    with RecordingRelay(certificate=certificate, implicit=True) as relay:
        (outcome,) = hand_over(encrypted(relay, scheme="smtps"), [letter(1, content)])
    assert outcome.verdict is Verdict.SENT
    assert relay.mails[0].content == content


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_certificate_that_signed_itself_is_refused(certificate: Certificate, scheme: str) -> None:
    with RecordingRelay(certificate=certificate, implicit=scheme == "smtps") as relay:
        options = "?starttls=verified" if scheme == "smtp" else ""
        with pytest.raises(RelayUnavailable, match="not trusted: self-signed certificate"):
            hand_over(encrypted(relay, options, scheme), letters(3), connections=3)
    assert relay.mails == []


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name_is_refused(certificate: Certificate) -> None:
    with (
        RecordingRelay(certificate=certificate) as relay,
        pytest.raises(RelayUnavailable, match=r"not trusted: .*mismatch"),
    ):
        hand_over(f"smtp://127.0.0.1:{relay.port}?starttls=verified", [letter(1)])


def test_encryption_without_proof_takes_any_certificate(certificate: Certificate) -> None:
    with RecordingRelay(certificate=certificate) as relay:
        (outcome,) = hand_over(encrypted(relay, "?starttls=required"), [letter(1)])
    assert outcome.verdict is Verdict.SENT


@pytest.mark.parametrize("starttls", ["verified", "required"])
def test_a_relay_that_offers_no_encryption_gets_neither_password_nor_mail(starttls: str) -> None:
    with ScriptedRelay(extensions=("AUTH PLAIN LOGIN",)) as relay:
        url = f"smtp://user:secret@localhost:{relay.port}?starttls={starttls}"
        with pytest.raises(RelayUnavailable, match="offers no encryption"):
            hand_over(url, [letter(1)])
    assert {command.split()[0] for command in relay.commands} == {"EHLO"}


def test_words_slipped_in_before_the_handshake_are_not_believed() -> None:
    script = at("STARTTLS", Act("220 Go on\r\n250 AUTH PLAIN"))
    with (
        ScriptedRelay(script, extensions=("STARTTLS",)) as relay,
        pytest.raises(RelayUnavailable, match="more than its consent to STARTTLS"),
    ):
        hand_over(f"{relay.url}?starttls=required", [letter(1)])


def test_a_password_never_leaves_this_machine_unencrypted() -> None:
    with ScriptedRelay(extensions=("AUTH PLAIN LOGIN",)) as relay:
        # By this spelling the name is not known to be this machine, though it is.
        address = RelayAddress("LOCALHOST", relay.port, Encryption.OFF, "user", "secret")
        with pytest.raises(RelayUnavailable, match="password in the clear"):
            hand_over(address, [letter(1)])
    assert {command.split()[0] for command in relay.commands} == {"EHLO"}


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("options", "without", "mechanism"),
    [
        ("", (), "PLAIN"),
        ("", ("PLAIN",), "LOGIN"),
        ("&auth=plain", (), "PLAIN"),
        ("&auth=login", (), "LOGIN"),
        ("&auth=xoauth2", (), "XOAUTH2"),
    ],
)
def test_we_sign_in_the_way_the_relay_offers_or_the_url_demands(
    certificate: Certificate, options: str, without: tuple[str, ...], mechanism: str
) -> None:
    with RecordingRelay(
        certificate=certificate, user="user", password="secret", without=without
    ) as relay:
        (outcome,) = hand_over(signed_in(relay, f"?starttls=verified{options}"), [letter(1)])
    assert outcome.verdict is Verdict.SENT
    assert relay.sign_ins == [mechanism]


def test_we_sign_in_unencrypted_on_this_machine_only() -> None:
    with RecordingRelay(user="user", password="secret") as relay:
        (outcome,) = hand_over(signed_in(relay), [letter(1)])
    assert outcome.verdict is Verdict.SENT
    assert relay.sign_ins == ["PLAIN"]


@pytest.mark.parametrize("auth", ["plain", "login", "xoauth2"])
def test_a_wrong_password_is_said_to_be_one_and_not_shown(auth: str) -> None:
    with RecordingRelay(user="user", password="secret") as relay:
        url = f"smtp://user:wrong-one@localhost:{relay.port}?auth={auth}"
        with pytest.raises(RelayUnavailable, match=r"535 .*Check the user and the password") as no:
            hand_over(url, [letter(1)])
    assert "wrong-one" not in str(no.value)
    assert relay.mails == []


def test_a_relay_without_sign_in_is_said_to_be_one() -> None:
    with (
        ScriptedRelay(extensions=("AUTH GSSAPI",)) as relay,
        pytest.raises(
            RelayUnavailable, match="offers no PLAIN / LOGIN to sign in with, but this: GSSA"
        ),
    ):
        hand_over(f"smtp://user:secret@localhost:{relay.port}", [letter(1)])


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (at("GREETING", Act("554 5.7.1 Go away")), "does not take mail now: 554 5.7.1 Go away"),
        (at("GREETING", Act("421 Busy", hang_up=True)), "does not take mail now: 421 Busy"),
        (at("GREETING", HANG_UP), "broke the connection off: the relay hung up"),
        (talk_garbage("GREETING"), "not an SMTP reply: b'what do you want"),
        (at("GREETING", Act("250-" + "x" * 5000)), "not an SMTP reply: b'250-xxx"),
        (at("EHLO", Act("450 Who are you?")), "refuses our name .*: 450 Who are you?"),
        (at("EHLO", HANG_UP), "broke the connection off: the relay hung up"),
    ],
)
def test_a_relay_that_does_not_want_us_is_quoted(script: Script, words: str) -> None:
    settled: list[object] = []
    with ScriptedRelay(script) as relay, pytest.raises(RelayUnavailable, match=words):
        settled += hand_over(relay.url, letters(5), connections=3)
    assert settled == []
    assert relay.mails == []


@pytest.mark.parametrize("step", ["GREETING", "EHLO"])
def test_a_relay_that_says_nothing_is_not_waited_for_for_ever(step: str) -> None:
    impatient = replace(PATIENT, greeting=0.2, command=0.2)
    with (
        ScriptedRelay(stay_silent(step)) as relay,
        pytest.raises(RelayUnavailable, match="no answer in time"),
    ):
        hand_over(relay.url, [letter(1)], timeouts=impatient)


def test_a_relay_that_is_not_there_is_said_to_be_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(RelayUnavailable, match=rf"127\.0\.0\.1:{port} cannot be reached: "):
        hand_over(f"smtp://127.0.0.1:{port}", letters(3), connections=3)


def test_a_relay_that_does_not_speak_tls_is_said_not_to(trusted: Path) -> None:
    with (
        ScriptedRelay() as relay,
        pytest.raises(RelayUnavailable, match="does not speak TLS with us"),
    ):
        hand_over(f"smtps://localhost:{relay.port}", [letter(1)])


def test_a_relay_too_old_for_extensions_is_greeted_with_helo() -> None:
    with ScriptedRelay(at("EHLO", Act("502 5.5.1 What?"))) as relay:
        (outcome,) = hand_over(relay.url, [letter(1)])
    assert outcome.verdict is Verdict.SENT
    assert [command.split()[0] for command in relay.commands] == [
        "EHLO", "HELO", "MAIL", "RCPT", "DATA", "QUIT",
    ]  # fmt: skip


def test_a_connection_reset_in_the_handshake_is_a_relay_that_cannot_be_used() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        await reader.readline()
        writer.write(b"250-relay\r\n250 STARTTLS\r\n")
        await reader.readline()
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.write(b"220 2.0.0 Go on\r\n")
        writer.close()

    async def send() -> None:
        async with await asyncio.start_server(reset, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            address = RelayAddress.parse(f"smtp://127.0.0.1:{port}?starttls=required")
            async with asyncio.timeout(30), Relay(address, timeouts=PATIENT) as relay:
                await relay.send(letters(1), lambda letter, outcome: None)

    with pytest.raises(RelayUnavailable):
        asyncio.run(send())
