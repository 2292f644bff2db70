"""The book: outcomes on their way from the wire to the database.

Each goes to the journal at once, and to the database four times a second or five hundred at a time,
for all lanes together.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from newsletter import deliveries
from newsletter.database import Database
from newsletter.engine.journal import Journal
from newsletter.mail import Outcome

SETTLE_EVERY = 0.25
"""Seconds between two visits to the database."""
SETTLE_AT = 500
"""Outcomes that are not left to wait for longer."""

log = logging.getLogger(__name__)


class Book:
    """What was said and is not settled yet."""

    def __init__(self, database: Database, journal: Journal, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._unsettled: list[tuple[int, Outcome]] = []
        self._turn = asyncio.Lock()
        self._full = asyncio.Event()

    def note(self, delivery: int, outcome: Outcome) -> None:
        """Write down an outcome; it outlives the process from here on."""
        self._journal.record(delivery, outcome)
        self._unsettled.append((delivery, outcome))
        if len(self._unsettled) >= SETTLE_AT:
            self._full.set()

    def begin(self, delivery: int) -> None:
        """Write down that a mail, which is to be held when in doubt, goes on the wire."""
        self._journal.begin(delivery)

    async def settle(self) -> None:
        """Bring everything noted so far to the database; what fails stays noted."""
        async with self._turn:
            outcomes = self._unsettled
            if not outcomes:
                return
            self._unsettled = []
            self._full.clear()
            self._journal.turn()
            try:
                await asyncio.to_thread(self._write, outcomes)
            except BaseException:
                self._unsettled = outcomes + self._unsettled
                raise
            self._journal.forget()

    async def keep(self) -> None:
        """Settle again and again, until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), SETTLE_EVERY)
            try:
                await self.settle()
            except Exception:
                # The journal has it all, and so has the book: the next visit brings it.
                log.exception("event=settling-failed outcomes=%d", len(self._unsettled))
                await asyncio.sleep(1)

    def _write(self, outcomes: list[tuple[int, Outcome]]) -> None:
        with self._database.transaction() as session:
            deliveries.settle(session, outcomes, self._clock())
