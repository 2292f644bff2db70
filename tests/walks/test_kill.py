"""A sender that is killed again and again: nobody is lost, few get a second copy."""

import random
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from chaos import Sink
from newsletter import deliveries, issues, model
from newsletter.database import Database
from newsletter.model import DeliveryState, Variant
from outbox import addresses_in, is_sent, ledger, publish, readers, repeats
from postgres import Server
from service import PATIENCE, Service, wait_for

CONNECTIONS = 10
SEED = 20
IN_START_UP = 0.3
"""The share of the kills that are to fall into a start."""


def wait_closely(happened: Callable[[], bool]) -> None:
    """Wait until ``happened()``, to within a few milliseconds."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "waited in vain: more mails are out"
        time.sleep(0.003)


def is_recovering(service: Service) -> bool:
    """Tell whether the process has opened its journal, which it does to settle what is in it."""
    assert service.process
    with suppress(OSError):
        opened = Path(f"/proc/{service.process.pid}/fd").iterdir()
        return any(str(file.readlink()).endswith(".journal") for file in opened)
    return False


def kill_and_count(
    service: Service, database: Database, sink: Sink, count: int, kills: int
) -> None:
    """Send an issue to ``count`` readers and kill the sender ``kills`` times meanwhile; check.

    A kill falls into the sending, after some number of mails that nobody foresees, or into a start,
    while what the last kill left behind is settled.
    """
    dice = random.Random(SEED)
    audience = readers(count)
    publish(database, audience)
    service.environ |= {
        "NEWSLETTER_RELAY_URL": sink.url,
        "NEWSLETTER_CONNECTIONS": str(CONNECTIONS),
    }
    fruitless = 0
    for moment in sorted(dice.sample(range(1, count * 8 // 10), kills)):
        before = sink.count()
        service.start("--only", "engine")
        if dice.random() < IN_START_UP:
            wait_closely(lambda before=before: is_recovering(service) or sink.count() > before)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.05))
        else:
            enough = max(moment, before + 1)
            wait_closely(lambda enough=enough: sink.count() >= enough)  # type: ignore[misc]
        service.kill()
        fruitless += sink.count() == before
    assert sink.count() < count, "the issue was over before the last kill"
    service.start("--only", "engine", "--only", "clock")
    wait_for(lambda: is_sent(database), "the issue is sent")
    assert service.stop() == 0

    mails = [(mail.message_id, mail.recipient) for mail in sink.accepted()]
    missing = set(audience) - {recipient for _, recipient in mails}
    seen = (
        f"{kills} kills ({fruitless} before a mail was out), {len(mails)} mails,"
        f" {len(missing)} missing, {repeats(mails)} second copies, {dict(ledger(database))}"
    )
    assert not missing, seen
    assert repeats(mails) <= kills * CONNECTIONS, seen
    assert ledger(database) == {DeliveryState.SENT: count}, seen


@pytest.mark.timeout(300)
def test_nobody_is_lost_and_second_copies_are_bounded_by_connections(
    service: Service, tmp_path: Path
) -> None:
    service.furnish("init")
    with closing(service.database()) as database, Sink(tmp_path) as sink:
        kill_and_count(service, database, sink, count=14_000, kills=14)


@pytest.mark.timeout(300)
def test_the_same_holds_on_postgresql(service: Service, server: Server, tmp_path: Path) -> None:
    with server.database() as url:
        service.environ["NEWSLETTER_DATABASE_URL"] = url
        service.furnish("init")
        with closing(service.database()) as database, Sink(tmp_path) as sink:
            kill_and_count(service, database, sink, count=5_000, kills=6)


@pytest.mark.timeout(300)
def test_nobody_gets_a_second_copy_where_mails_in_doubt_are_held(
    service: Service, tmp_path: Path
) -> None:
    """What was on the wire at a kill is held for a person, and is no more than the connections."""
    count, kills = 3_000, 6
    service.furnish("init")
    with closing(service.database()) as database, Sink(tmp_path) as sink:
        audience = readers(count)
        publish(database, audience)
        with database.transaction() as session:
            session.execute(update(model.Publication).values(hold_unknown=True))
        service.environ |= {
            "NEWSLETTER_RELAY_URL": sink.url,
            "NEWSLETTER_CONNECTIONS": str(CONNECTIONS),
        }
        for kill in range(1, kills + 1):
            service.start("--only", "engine")
            enough = max(sink.count() + 1, count * kill // (kills + 2))
            wait_closely(lambda enough=enough: sink.count() >= enough)  # type: ignore[misc]
            service.kill()
        service.start("--only", "engine", "--only", "clock")
        wait_for(lambda: not left(database), "nothing is left to send")
        assert service.stop() == 0
        mails = [(mail.message_id, mail.recipient) for mail in sink.accepted()]
        held = addresses_in(database, DeliveryState.UNKNOWN)
        seen = f"{len(mails)} mails, {len(held)} held, {dict(ledger(database))}"
        assert repeats(mails) == 0, seen
        # At each kill a connection may have one mail on the wire, and the next one announced.
        assert 0 < len(held) <= 2 * kills * CONNECTIONS, seen
        assert set(audience) - {recipient for _, recipient in mails} <= held, seen
        assert ledger(database) == {
            DeliveryState.SENT: count - len(held),
            DeliveryState.UNKNOWN: len(held),
        }, seen


@pytest.mark.timeout(300)
def test_a_kill_in_the_midst_of_a_wave_loses_nobody(service: Service, tmp_path: Path) -> None:
    """Killed while subjects are tried, and again while the rest gets the one that was chosen."""
    count = 1_500
    service.furnish("init")
    with closing(service.database()) as database, Sink(tmp_path) as sink:
        audience = readers(count)
        publish(database, audience, waves=True)
        with database.reading() as session:
            tried = deliveries.waves(session, 1)[:2]
            size = sum(wave.frozen for wave in tried)
        service.environ |= {
            "NEWSLETTER_RELAY_URL": sink.url,
            "NEWSLETTER_CONNECTIONS": str(CONNECTIONS),
        }
        service.start("--only", "engine")
        wait_closely(lambda: sink.count() >= size // 2)
        service.kill()
        service.start("--only", "engine", "--only", "clock")
        wait_for(lambda: ledger(database)[DeliveryState.SENT] == size, "both subjects are tried")
        with database.transaction() as session:
            assert issues.decide(session, 1, datetime.now(UTC), choice=Variant.B, by="Anna")
        wait_closely(lambda: sink.count() >= size + (count - size) // 2)
        service.kill()
        service.start("--only", "engine", "--only", "clock")
        wait_for(lambda: is_sent(database), "the issue is sent")
        assert service.stop() == 0
        mails = [(mail.message_id, mail.recipient) for mail in sink.accepted()]
        assert {recipient for _, recipient in mails} == set(audience)
        assert repeats(mails) <= 2 * CONNECTIONS
        assert ledger(database) == {DeliveryState.SENT: count}
        with database.reading() as session:
            assert [wave.open for wave in deliveries.waves(session, 1)] == [0, 0, 0]


def left(database: Database) -> int:
    """Count what is still to be sent."""
    found = ledger(database)
    return found[DeliveryState.QUEUED] + found[DeliveryState.SENDING]
