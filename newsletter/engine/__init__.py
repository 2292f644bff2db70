"""Works the outbox: claim -> compose -> send -> settle, until it is told to stop.

The database is asked in threads; outcomes go to the journal at once and to the database some times
a second. A batch is the unit: it is claimed whole, sent over all connections of the relay, settled
and given back.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from newsletter import deliveries
from newsletter.database import Database
from newsletter.engine.journal import Journal
from newsletter.errors import RelayUnavailable
from newsletter.links import Links
from newsletter.mail import Composer, Envelope, Outcome
from newsletter.smtp import Relay

__all__ = ["Engine", "Journal"]

SETTLE_EVERY = 0.25
"""Seconds between two visits to the database while a batch is being sent."""
IDLE = 0.5
"""Seconds to wait when there is nothing to do."""
RELAY_REST = timedelta(seconds=30)
"""How long a batch waits when the relay could not be used."""

log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Engine:
    """One sending process over one relay; ``worker`` is a name that no other process has."""

    def __init__(
        self,
        database: Database,
        relay: Relay,
        journal: Journal,
        links: Links,
        *,
        return_domain: str = "",
        worker: str = "",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._database = database
        self._relay = relay
        self._journal = journal
        self._links = links
        self._return_domain = return_domain
        self._worker = worker
        self._clock = clock
        self._composers: dict[int, Composer] = {}
        self._unsettled: list[tuple[int, Outcome]] = []
        self._stopping = False

    def stop(self) -> None:
        """Take nothing new; what is on the wire is finished and settled."""
        self._stopping = True

    def recover(self) -> int:
        """Settle what this worker left in the journal when it was killed, and free its batches.

        Returns how many outcomes were found.
        """
        found = self._journal.recorded()
        with self._database.transaction() as session:
            deliveries.settle(session, found, self._clock())
            freed = deliveries.release_all(session, self._worker)
        self._journal.clear()
        if found or freed:
            log.info("event=recovered outcomes=%d batches=%d", len(found), freed)
        return len(found)

    async def run(self) -> None:
        """Work until ``stop`` is called."""
        while not self._stopping:
            try:
                worked = await self.deliver_batch()
            except Exception:
                # Nothing is lost by it: the journal has what was sent, the lease what was not.
                log.exception("event=engine-trouble")
                worked = False
            if not worked:
                await asyncio.sleep(IDLE)

    async def deliver_batch(self) -> bool:
        """Claim a batch and see it through; return False when none was due."""
        held = await asyncio.to_thread(self._claim)
        if held is None:
            return False
        not_before = None
        done = asyncio.Event()
        settling = asyncio.create_task(self._settle_until(done, held))
        try:
            await self._relay.send(self._envelopes(held), self._settled)
        except RelayUnavailable as trouble:
            not_before = self._clock() + RELAY_REST
            log.warning("event=relay-unavailable batch=%d words=%s", held.batch, trouble.message)
        finally:
            done.set()
            await settling
            await asyncio.to_thread(self._release, held, not_before)
        return True

    def _claim(self) -> deliveries.Claim | None:
        with self._database.transaction() as session:
            held = deliveries.claim(session, self._clock(), self._worker)
        if held is None:
            return None
        with self._database.reading() as session:
            for content in {parcel.content for parcel in held.parcels} - self._composers.keys():
                words, heading = deliveries.fetch_content(
                    session, content, self._links, self._return_domain
                )
                self._composers[content] = Composer(words, heading, self._links)
        return held

    def _envelopes(self, held: deliveries.Claim) -> Iterator[Envelope]:
        for parcel in held.parcels:
            if self._stopping:
                return
            yield self._composers[parcel.content].envelope(parcel)

    def _settled(self, envelope: Envelope, outcome: Outcome) -> None:
        self._journal.record(envelope.delivery, outcome)
        self._unsettled.append((envelope.delivery, outcome))

    async def _settle_until(self, done: asyncio.Event, held: deliveries.Claim) -> None:
        while not done.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), SETTLE_EVERY)
            await asyncio.to_thread(self._settle, held)

    def _settle(self, held: deliveries.Claim) -> None:
        """Bring what the relay said to the database; what did not get there stays for next time."""
        outcomes = self._unsettled[:]
        now = self._clock()
        with self._database.transaction() as session:
            deliveries.settle(session, outcomes, now)
            if not deliveries.renew(session, held, now):
                log.warning("event=lease-lost batch=%d", held.batch)
        del self._unsettled[: len(outcomes)]

    def _release(self, held: deliveries.Claim, not_before: datetime | None) -> None:
        with self._database.transaction() as session:
            deliveries.release(session, held, self._clock(), not_before=not_before)
        self._journal.clear()
