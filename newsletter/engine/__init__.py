"""Works the outbox: claim -> compose -> send -> settle, until it is told to stop.

An engine has one lane for notices and one or two for issues; see ``lane`` for the walk of a batch,
``fleet`` for relays and rates, ``workshop`` for composing, ``book`` and ``journal`` for what the
relay said, ``pulse`` for when to slow down and to pause.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from newsletter import deliveries
from newsletter.database import Database
from newsletter.engine.book import Book
from newsletter.engine.fleet import Fleet
from newsletter.engine.journal import Journal
from newsletter.engine.lane import Lane
from newsletter.engine.pulse import Strikes
from newsletter.engine.trial import Trials
from newsletter.engine.workshop import Workshop
from newsletter.links import Links
from newsletter.mail import Limit, Signer
from newsletter.smtp import RelayAddress, Timeouts

__all__ = ["Engine", "Journal"]

IDLE = 0.25
"""Seconds to wait when there is nothing to do."""
TRY = 1
"""Seconds between two looks at whether a relay is to be tried."""
PATIENCE = 12
"""Seconds that what is on the wire has to end by itself, once the engine is to stop."""

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Engine:
    """One sending process, an async context manager; ``worker`` is a name that no other has."""

    def __init__(
        self,
        database: Database,
        addresses: Sequence[RelayAddress],
        journal: Journal,
        links: Links,
        *,
        connections: int = 10,
        limits: Mapping[str, Limit] | None = None,
        signers: Mapping[str, Sequence[Signer]] | None = None,
        return_domain: str = "",
        worker: str = "",
        timeouts: Timeouts | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._database = database
        self._journal = journal
        self._worker = worker
        self._clock = clock
        self._fleet = Fleet(addresses, connections=connections, limits=limits, timeouts=timeouts)
        self._trials = Trials(database, {each.name: each for each in addresses}, clock)
        self._book = Book(database, journal, clock)
        self._workshop = Workshop(links, return_domain, signers or {})
        strikes = Strikes()
        self._lanes = [
            Lane(
                number,
                database,
                self._fleet,
                self._book,
                self._workshop,
                strikes,
                clock,
                worker,
            )
            for number in range(self._fleet.lanes + 1)
        ]
        self._keeping: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._recover)
        self._keeping = asyncio.create_task(self._book.keep())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._keeping:
            self._keeping.cancel()
        try:
            await self._book.settle()
        finally:
            self._workshop.close()
            await self._fleet.close()

    def _recover(self) -> None:
        """Settle what this worker left in the journal when it was killed, and free its batches."""
        found = self._journal.recorded()
        with self._database.transaction() as session:
            deliveries.settle(session, found, self._clock())
            freed = deliveries.release_all(session, self._clock(), self._worker)
        self._journal.clear()
        if found or freed:
            log.info("event=recovered outcomes=%d batches=%d", len(found), freed)

    def stop(self) -> None:
        """Take nothing new; what is on the wire is finished and settled."""
        for lane in self._lanes:
            lane.stop()
        self._stopping.set()

    async def run(self) -> None:
        """Work until ``stop`` is called, and end within half a minute after it."""
        working = [asyncio.create_task(self._work(lane)) for lane in self._lanes]
        working.append(asyncio.create_task(self._try_relays()))
        try:
            await self._stopping.wait()
            await asyncio.wait(working, timeout=PATIENCE)
        finally:
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def _work(self, lane: Lane) -> None:
        while not self._stopping.is_set():
            try:
                worked = await lane.deliver_batch()
            except Exception:
                # Nothing is lost by it: the journal has what was sent, the lease what was not.
                log.exception("event=engine-trouble")
                worked = False
            if not worked:
                await asyncio.sleep(IDLE)

    async def _try_relays(self) -> None:
        """Try the relays when somebody at the desk asks for it."""
        while not self._stopping.is_set():
            try:
                await self._trials.take()
            except Exception:
                log.exception("event=trial-trouble")
            await asyncio.sleep(TRY)

    async def deliver_batch(self) -> bool:
        """Deliver one batch, a notice before an issue's; return False when none was due."""
        return await self._lanes[0].deliver_batch() or await self._lanes[1].deliver_batch()
