"""Signed issues: every mail is verified, also where the processes that sign are killed."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import dkim as dkimpy
import pytest

from engine.test_engine import BRIEF, publish
from make import NOW
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.engine import Engine, Journal
from newsletter.links import Links
from newsletter.mail import Signer
from newsletter.mail.dkim import new_key
from newsletter.smtp import RelayAddress
from relay import RecordingRelay

RSA = Signer.from_pem("example.org", "r1", new_key("rsa"))
ED25519 = Signer.from_pem("example.org", "e1", new_key("ed25519"))


@pytest.fixture
def journal(settings: Settings) -> Iterator[Journal]:
    with Journal(settings.home / "sent.journal") as journal:
        yield journal


def signing_processes() -> list[int]:
    """Return the processes that this one has begun and that work for it."""
    children = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    numbers = [int(number) for each in children for number in each.read_text().split()]
    spawned = b"spawn_main"
    return [one for one in numbers if spawned in Path(f"/proc/{one}/cmdline").read_bytes()]


def send(
    database: Database,
    journal: Journal,
    settings: Settings,
    url: str,
    signers: tuple[Signer, ...],
    *,
    kill: bool = False,
) -> None:
    """Deliver every batch; with ``kill`` the processes that sign are killed before each."""

    async def deliver() -> None:
        async with Engine(
            database,
            RelayAddress.parse_all(url),
            journal,
            Links(settings.base_url, settings.secret_key),
            connections=3,
            timeouts=BRIEF,
            signers={"example.org": signers},
            return_domain="example.org",
            clock=lambda: NOW,
        ) as engine:
            more = True
            while more:
                if kill:
                    assert signing_processes()
                    for process in signing_processes():
                        os.kill(process, signal.SIGKILL)
                more = await engine.deliver_batch()

    asyncio.run(deliver())


def verified(content: bytes) -> list[bool]:
    records = {f"{one.record_name}.".encode(): one.record.encode() for one in (RSA, ED25519)}
    signatures = content.partition(b"\r\n\r\n")[0].count(b"DKIM-Signature:")
    return [
        dkimpy.DKIM(content).verify(idx=number, dnsfunc=lambda name, timeout: records[name])
        for number in range(signatures)
    ]


@pytest.mark.parametrize("signers", [(RSA,), (ED25519,), (RSA, ED25519)], ids=["rsa", "ed", "2"])
def test_every_mail_of_an_issue_is_signed_by_each_key(
    database: Database, journal: Journal, settings: Settings, signers: tuple[Signer, ...]
) -> None:
    publish(database, readers=40, batch_size=25)
    with RecordingRelay() as relay:
        send(database, journal, settings, relay.url, signers)
    assert len({recipient for _, recipient in relay.accepted}) == 40
    assert [verified(mail.content) for mail in relay.mails] == [[True] * len(signers)] * 40


def test_signing_goes_on_when_the_processes_that_sign_are_killed(
    database: Database, journal: Journal, settings: Settings
) -> None:
    publish(database, readers=60, batch_size=20)
    with RecordingRelay() as relay:
        send(database, journal, settings, relay.url, (RSA,), kill=True)
    assert sorted(recipient for _, recipient in relay.accepted) == sorted(
        f"reader{number}@example.org" for number in range(60)
    )
    assert all(verified(mail.content) == [True] for mail in relay.mails)
    assert signing_processes() == []
