"""A sender between a relay that misbehaves and an operator who kills it: the ledger is right.

With NEWSLETTER_TEST_SOAK=20000 the issue has so many readers; by default it has fewer.
"""

import os
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from chaos import ALWAYS, FAULTS, TROUBLES, Sink, fault_of
from make import SECRET_KEY
from newsletter import addresses, model
from newsletter.database import Database
from newsletter.model import DeliveryState
from outbox import addresses_in, hurry, is_sent, ledger, publish, readers, repeats
from relay import Certificate
from service import PATIENCE, Service

READERS = int(os.environ.get("NEWSLETTER_TEST_SOAK", "4000"))
CONNECTIONS = 10
SEED = 11
INTERRUPTIONS = 5
POLITE = 3
"""Which of the interruptions is a SIGTERM; the others are kills."""


def wait_for_mails(database: Database, sink: Sink, count: int) -> None:
    """Wait until ``count`` mails are out; what waits for another attempt need not wait."""
    end = time.monotonic() + 3 * PATIENCE
    hurried = 0.0
    while sink.count() < count:
        assert time.monotonic() < end, f"waited in vain for {count} mails: {sink.count()} are out"
        if time.monotonic() > hurried + 0.5:
            hurry(database)
            hurried = time.monotonic()
        time.sleep(0.01)


def finish(database: Database, sink: Sink) -> None:
    """Let time fly until the issue is finished, as long as anything moves."""
    end, before = time.monotonic() + PATIENCE, sink.count()
    while not is_sent(database):
        assert time.monotonic() < end, f"nothing moves: {dict(ledger(database))}"
        hurry(database)
        time.sleep(0.25)
        if sink.count() > before:
            end, before = time.monotonic() + PATIENCE, sink.count()


@pytest.mark.timeout(600)
def test_everyone_whom_the_relay_would_take_gets_the_issue_and_the_rest_are_refused(
    service: Service, tmp_path: Path
) -> None:
    service.furnish("init")
    certificate = Certificate.issue(tmp_path)
    encrypting = (certificate.file, certificate.key)
    with (
        closing(service.database()) as database,
        Sink(tmp_path, seed=SEED, certificate=encrypting) as sink,
    ):
        audience = readers(READERS)
        publish(database, audience)
        service.environ |= {
            "NEWSLETTER_RELAY_URL": f"{sink.url}?starttls=required",
            "NEWSLETTER_CONNECTIONS": str(CONNECTIONS),
        }
        for number in range(1, INTERRUPTIONS + 1):
            service.start("--only", "engine", "--only", "clock")
            wait_for_mails(database, sink, READERS * number // (INTERRUPTIONS + 2))
            if number == POLITE:
                assert service.stop(within=30) == 0
                assert ledger(database)[DeliveryState.SENDING] == 0
                sent = addresses_in(database, DeliveryState.SENT)
                mails = sink.accepted()
                assert sent <= {mail.recipient for mail in mails}
                # Only a kill leaves a mail that the sink has told of and the ledger not.
                told = {mail.recipient for mail in mails if mail.told}
                assert len(told - sent) <= (POLITE - 1) * CONNECTIONS
            else:
                service.kill()
        service.start("--only", "engine", "--only", "clock")
        finish(database, sink)
        assert service.stop(within=30) == 0
        check(database, sink, set(audience))


def check(database: Database, sink: Sink, audience: set[str]) -> None:
    """Hold what the sink has seen against the ledger."""
    refused = {one for one in audience if is_refused(one)}
    mails = sink.accepted()
    copies = repeats((mail.message_id, mail.recipient) for mail in mails)
    # A copy may come of a mail that the sink took and did not tell of, and of a kill.
    in_the_dark = sum(not mail.told for mail in mails)
    seen = (
        f"{len(audience)} readers, {len(refused)} to be refused, {len(mails)} mails, {copies}"
        f" second copies, {in_the_dark} taken untold, {dict(ledger(database))}, {sink.faults()}"
    )
    assert {mail.recipient for mail in mails} == audience - refused, seen
    assert copies <= in_the_dark + (INTERRUPTIONS - 1) * CONNECTIONS, seen
    assert addresses_in(database, DeliveryState.SENT) == audience - refused, seen
    assert addresses_in(database, DeliveryState.REFUSED) == refused, seen
    assert ledger(database).total() == len(audience), seen
    assert sink.faults().keys() == {*FAULTS, *TROUBLES}, seen
    with database.reading() as session:
        is_one = model.Delivery.state == DeliveryState.REFUSED
        words = select(model.Delivery.code, model.Delivery.words).where(is_one).distinct()
        assert [tuple(row) for row in session.execute(words)] == [
            (550, "5.1.1 No such reader here")
        ]
        learnt = session.execute(select(model.Suppression.digest, model.Suppression.reason))
        assert {tuple(row) for row in learnt} == {
            (addresses.digest(one, SECRET_KEY), model.SuppressionReason.HARD_BOUNCE)
            for one in refused
        }


def is_refused(recipient: str) -> bool:
    name = fault_of(SEED, recipient)
    return name is not None and FAULTS[name].times == ALWAYS
