"""A trial over a real relay: how far it comes, and the mail that arrives."""

import asyncio
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

import make
from make import NOW
from newsletter.config import Settings
from newsletter.database import Database
from newsletter.deliveries import trials
from newsletter.deliveries.trials import Story, Trial
from newsletter.engine import Engine, Journal
from newsletter.engine.trial import Trials, write
from newsletter.language import say_kept
from newsletter.links import Links
from newsletter.mail import RelayAddress
from relay import (
    Act,
    Certificate,
    RecordingRelay,
    ScriptedRelay,
    at,
    hang_up_before_dot_reply,
    refuse,
)


def asked(database: Database, address: RelayAddress) -> None:
    with database.transaction() as session:
        monitor = make.publication(session, author_name="Żurnal", author_address="m@example.org")
        trials.ask(session, address.name, monitor.id, "olga@example.org", "pl", NOW)


def told(database: Database, address: RelayAddress) -> Story:
    with database.reading() as session:
        return trials.stories(session)[address.name]


def tried(database: Database, url: str) -> Story:
    """Ask for a trial of the relay at ``url`` and have it done."""
    address = RelayAddress.parse(url)
    asked(database, address)
    taker = Trials(database, {address.name: address}, lambda: NOW)
    asyncio.run(taker.take())
    asyncio.run(taker.take())
    return told(database, address)


def test_all_steps_go_well_and_the_mail_arrives(database: Database, tmp_path: Path) -> None:
    certificate = Certificate.issue(tmp_path)
    with RecordingRelay(certificate=certificate, user="us", password="sesame") as relay:
        url = f"smtp://us:sesame@localhost:{relay.port}?starttls=required"
        story = tried(database, url)
    assert (list(story.steps), story.trouble) == (["connect", "encrypt", "sign-in", "send"], "")
    assert story.steps["connect"].startswith("220 relay.test")
    assert story.steps["encrypt"].startswith("TLSv1.")
    assert story.steps["sign-in"].startswith("235 ")
    assert story.steps["send"] == "250 2.0.0 taken"
    assert story.ended_at == NOW
    (mail,) = relay.mails
    assert (mail.sender, mail.recipients) == ("m@example.org", ("olga@example.org",))
    assert "sesame" not in repr(story)


def test_what_goes_wrong_is_said_at_its_step(database: Database) -> None:
    with RecordingRelay(user="us", password="sesame") as relay:
        url = f"smtp://us:wrong@localhost:{relay.port}?starttls=off"
        story = tried(database, url)
    assert (list(story.steps), story.ended_at) == (["connect", "encrypt"], NOW)
    assert story.steps["encrypt"] == ""
    assert "does not let us in: 535" in say_kept(story.trouble, "en")
    assert "Sprawdź użytkownika i hasło" in say_kept(story.trouble, "pl")
    assert "wrong" not in story.trouble


@pytest.mark.parametrize(
    ("script", "steps", "words"),
    [
        (at("GREETING", Act("554 5.7.1 Go away")), [], "554 5.7.1 Go away"),
        (refuse(550, "5.7.1 Spam"), ["connect", "encrypt", "sign-in"], "550 5.7.1 Spam"),
        (hang_up_before_dot_reply, ["connect", "encrypt", "sign-in"], "hung up"),
    ],
)
def test_a_relay_that_does_not_want_the_mail_is_quoted(
    database: Database, script: object, steps: list[str], words: str
) -> None:
    with ScriptedRelay(script) as relay:  # type: ignore[arg-type]
        story = tried(database, relay.url)
    assert (list(story.steps), story.ended_at) == (steps, NOW)
    assert words in say_kept(story.trouble, "pl")


def test_a_relay_that_is_not_there_is_told(database: Database) -> None:
    story = tried(database, "smtp://127.0.0.1:1")
    assert (story.steps, story.ended_at) == ({}, NOW)
    assert "cannot be reached" in say_kept(story.trouble, "en")


def test_whoever_sends_takes_trials_too(database: Database, settings: Settings) -> None:
    async def work(address: RelayAddress) -> None:
        links = Links(settings.base_url, settings.secret_key)
        with Journal(settings.home / "sent.journal") as journal:
            async with Engine(database, [address], journal, links, clock=lambda: NOW) as engine:
                working = asyncio.create_task(engine.run())
                while told(database, address).ended_at is None:
                    await asyncio.sleep(0.05)
                engine.stop()
                await working

    with RecordingRelay() as relay:
        address = RelayAddress.parse(relay.url)
        asked(database, address)
        asyncio.run(asyncio.wait_for(work(address), 30))
    assert told(database, address).trouble == ""
    assert len(relay.mails) == 1


def test_the_mail_says_what_it_is_in_the_language_of_whoever_asked() -> None:
    trial = Trial("main", "Żurnal\r\nBcc: x@example.org", "m@example.org", "olga@example.org", "pl")
    envelope = write(trial, NOW)
    mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
    assert mail["Subject"] == "Próba serwera pocztowego main"
    assert mail["From"].addresses[0].addr_spec == "m@example.org"
    assert mail["Bcc"] is None
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Authentication-Results" in mail.get_content()


def test_an_address_beyond_ascii_can_be_written_to() -> None:
    trial = Trial("main", "The Institute", "m@example.org", "zażółć@example.org", "en")
    assert "zażółć@example.org".encode() in write(trial, NOW).content
