"""A lane: one batch after the other, from the claim to its being given back.

Lanes run side by side, so that one sends while another visits the database. Everything that asks
the database does so in a thread.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime

from newsletter import deliveries, issues
from newsletter.database import Database
from newsletter.deliveries import rates, relays
from newsletter.engine.book import Book
from newsletter.engine.fleet import Fleet, Plan, Share
from newsletter.engine.pulse import Pulse, Strikes
from newsletter.engine.workshop import Workshop
from newsletter.errors import RelayUnavailable
from newsletter.language import keep_words
from newsletter.mail import Envelope, Outcome, Parcel

WATCH_EVERY = 0.5
"""Seconds between two looks at whether an issue was paused, cancelled or taken over."""

log = logging.getLogger(__name__)


class Errand:
    """A batch on its way: who was answered, and whether it is to go on."""

    def __init__(self, held: deliveries.Claim, begun: datetime) -> None:
        self.held = held
        self.begun = begun
        self.answered: set[int] = set()
        self.pulse = Pulse()
        self.halted = False


class Lane:
    """Takes notices only (lane 0), or batches of issues only."""

    def __init__(
        self,
        number: int,
        database: Database,
        fleet: Fleet,
        book: Book,
        workshop: Workshop,
        strikes: Strikes,
        clock: Callable[[], datetime],
        worker: str,
    ) -> None:
        self._number = number
        self._database = database
        self._fleet = fleet
        self._book = book
        self._workshop = workshop
        self._strikes = strikes
        self._clock = clock
        self._worker = worker
        self._stopping = False

    def stop(self) -> None:
        """Take nothing new; what is on the wire is finished."""
        self._stopping = True

    async def deliver_batch(self) -> bool:
        """Claim a batch and see it through; return False when none was due."""
        claimed = await asyncio.to_thread(self._claim)
        if claimed is None:
            return False
        held, plan = claimed
        errand = Errand(held, self._clock())
        put_off = dict(plan.put_off)
        watching = asyncio.create_task(self._watch(errand))
        try:
            failed: set[str] = set()
            while plan.shares:
                left, broken = await self._carry_all(errand, plan)
                failed |= broken
                if not left or errand.halted or self._stopping:
                    break
                plan = await asyncio.to_thread(self._plan, held, left, failed)
                put_off |= plan.put_off
        finally:
            watching.cancel()
            await asyncio.shield(self._close(errand, put_off))
        return True

    def _claim(self) -> tuple[deliveries.Claim, Plan] | None:
        now = self._clock()
        with self._database.transaction() as session:
            held = deliveries.claim(session, now, self._worker, notices=self._number == 0)
            if held is None:
                return None
            plan = self._fleet.plan(
                session, held.publication, held.parcels, now, urgent=held.issue is None
            )
        with self._database.reading() as session:
            self._workshop.prepare(session, held, now)
        return held, plan

    def _plan(self, held: deliveries.Claim, left: Sequence[Parcel], failed: set[str]) -> Plan:
        with self._database.transaction() as session:
            return self._fleet.plan(
                session,
                held.publication,
                left,
                self._clock(),
                without=failed,
                urgent=held.issue is None,
            )

    async def _carry_all(self, errand: Errand, plan: Plan) -> tuple[Sequence[Parcel], set[str]]:
        """Carry all shares at once; return what is left of relays that failed, and their names."""
        left: list[Parcel] = []
        failed: set[str] = set()
        unused: list[tuple[str, Sequence[Parcel]]] = []
        async with asyncio.TaskGroup() as tasks:
            carrying = [
                (share, tasks.create_task(self._carry(errand, share))) for share in plan.shares
            ]
        for share, task in carrying:
            rest = [one for one in share.parcels if one.delivery not in errand.answered]
            if rest:
                unused.append((share.relay, rest))
            if not task.result():
                failed.add(share.relay)
                left += rest
        if unused:
            await asyncio.to_thread(self._give_back, unused, plan.made_at)
        return left, failed

    async def _carry(self, errand: Errand, share: Share) -> bool:
        """Hand one share to its relay; return False when the relay cannot be used."""

        def settled(envelope: Envelope, outcome: Outcome) -> None:
            errand.answered.add(envelope.delivery)
            self._book.note(envelope.delivery, outcome)
            if errand.pulse.note(envelope.recipient, outcome):
                errand.halted = True

        relay = self._fleet.relay(self._number, share.relay, share.domain)
        envelopes = self._envelopes(errand, share.parcels)
        try:
            await relay.send(envelopes, settled)
        except RelayUnavailable as trouble:
            log.warning(
                "event=relay-unavailable relay=%s batch=%d words=%s",
                share.relay,
                errand.held.batch,
                trouble.message,
            )
            errand.pulse.unusable(trouble)
            said = keep_words(trouble.words, trouble.facts)
            await asyncio.to_thread(self._note_trouble, share.relay, said)
            return False
        finally:
            envelopes.close()
        if share.probe:
            await asyncio.to_thread(self._note_recovery, share.relay)
        return True

    def _envelopes(
        self, errand: Errand, parcels: Sequence[Parcel]
    ) -> Generator[Envelope, None, None]:
        """Compose the mails of ``parcels`` as connections ask for them."""
        hold = errand.held.hold_unknown
        for envelope in self._workshop.envelopes(parcels, errand.held.dated):
            if self._stopping or errand.halted:
                return
            if hold:
                self._book.begin(envelope.delivery)
            yield envelope

    async def _watch(self, errand: Errand) -> None:
        """Keep the lease, and halt when it is lost or the issue is to go no further."""
        while not errand.halted:
            await asyncio.sleep(WATCH_EVERY)
            with contextlib.suppress(Exception):  # the next look may be luckier
                if not await asyncio.to_thread(self._renew, errand.held):
                    errand.halted = True

    def _renew(self, held: deliveries.Claim) -> bool:
        with self._database.transaction() as session:
            return deliveries.renew(session, held, self._clock())

    def _give_back(
        self, unused: Sequence[tuple[str, Sequence[Parcel]]], taken_at: datetime
    ) -> None:
        with self._database.transaction() as session:
            self._fleet.give_back(session, unused, taken_at, self._clock())

    def _note_trouble(self, relay: str, words: str) -> None:
        with self._database.transaction() as session:
            relays.trouble(session, relay, words, self._clock())

    def _note_recovery(self, relay: str) -> None:
        with self._database.transaction() as session:
            relays.well(session, relay)

    async def _close(self, errand: Errand, put_off: Mapping[datetime, Sequence[int]]) -> None:
        """Settle what was said, give the batch back, and draw the consequences.

        Where settling fails the batch is kept: until its lease runs out the book tries again, and
        nobody else may send what was sent already.
        """
        await self._book.settle()
        await asyncio.to_thread(self._release, errand, put_off)
        await asyncio.to_thread(self._draw_consequences, errand)

    def _release(self, errand: Errand, put_off: Mapping[datetime, Sequence[int]]) -> None:
        with self._database.transaction() as session:
            deliveries.release(session, errand.held, self._clock(), put_off=put_off)

    def _draw_consequences(self, errand: Errand) -> None:
        """Slow down or pause, where the answers ask for it.

        After the batch is given back: what fails here must not keep it.
        """
        now, held, pulse = self._clock(), errand.held, errand.pulse
        with self._database.transaction() as session:
            seconds = max((now - errand.begun).total_seconds(), 0.1)
            for domain, count in pulse.storms():
                pace = rates.throttle(session, f"domain:{domain}", count / seconds, now)
                log.warning("event=domain-slowed domain=%s per_second=%.2f", domain, pace)
            if held.issue is None:
                return
            reason = self._strikes.reason(held.issue, pulse)
            if reason:
                said = issues.say_obstacle(reason, "en")
                log.warning("event=issue-paused issue=%d words=%s", held.issue, said)
                issues.pause(session, held.issue, now, reason=reason)
            elif pulse.is_unwelcome and pulse.count:
                for relay in self._fleet.names:
                    rates.throttle(session, f"relay:{relay}", pulse.count / seconds, now)
