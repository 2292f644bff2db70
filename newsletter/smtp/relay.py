"""The relay: a few kept connections that share one stream of envelopes."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from newsletter.errors import RelayUnavailable
from newsletter.errors import marked as _
from newsletter.mail.relays import RelayAddress
from newsletter.mail.values import Envelope, Outcome
from newsletter.smtp.connection import Connection
from newsletter.smtp.load import Load
from newsletter.smtp.opening import open_connection, own_name, unavailable
from newsletter.smtp.wire import Lost, Timeouts

log = logging.getLogger(__name__)

FRUITLESS = 3
"""After how many connections in a row that came to nothing one stops opening more."""
_FRUITLESS = _(
    "The relay %(relay)s takes connections, but nothing comes of them: %(said)s. Its log may"
    " say why"
)


class Relay:
    """An SMTP server that we hand mail to over kept connections.

    An async context manager; it opens connections when there is something to send, keeps them
    between calls of ``send`` and says QUIT in ``close``.
    """

    def __init__(
        self,
        address: RelayAddress,
        *,
        connections: int = 10,
        hello: str = "",
        timeouts: Timeouts | None = None,
    ) -> None:
        """Prepare; nothing is opened yet. ``hello`` is our own name, by default the host's."""
        self._address = address
        self.connections = min(connections, address.connections or connections)
        self._hello = hello or own_name()
        self._timeouts = timeouts or Timeouts()
        self._kept: list[Connection] = []
        self._turn = asyncio.Lock()

    async def send(
        self, envelopes: Iterable[Envelope], settled: Callable[[Envelope, Outcome], None]
    ) -> None:
        """Hand over ``envelopes`` and call ``settled`` once for each as soon as its fate is known.

        Returns when every envelope is settled. Raises RelayUnavailable when no connection can be
        had. However it ends, by that, by cancellation or by an error of the caller's own: an
        envelope that was not settled was not handed over, and may be sent again.

        One call at a time: a second waits for the first. Where the relay allows fewer connections,
        those it allows carry on, and the others are tried again by the next call.

        To stop gracefully, end the iterator. A cancelled call takes nothing more and waits for the
        replies still due, but not longer than the grace of its Timeouts.
        """
        async with self._turn:
            load = Load(envelopes, settled)
            while not load.is_done():
                troubles = await self._share(load)
                # What one connection put back may wait while others are still open.
                if not load.is_done() and not self._kept:
                    raise troubles[-1]
                if troubles:
                    log.info("connections_missing=%d words=%s", len(troubles), troubles[-1])

    async def close(self) -> None:
        """Say QUIT (RFC 5321 section 4.1.1.10) on every kept connection and close it."""
        async with self._turn:
            kept, self._kept = self._kept, []
            await asyncio.gather(*(connection.quit() for connection in kept))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _share(self, load: Load) -> list[RelayUnavailable]:
        """Let all connections carry ``load``; return why some of them could not."""
        opening: set[int] = set()
        tasks = [
            asyncio.create_task(self._carry(load, number, opening))
            for number in range(self.connections)
        ]
        pending = set(tasks)
        try:
            while pending:
                ended, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                if any(not task.cancelled() and task.exception() for task in ended):
                    break
                if load.is_done() and pending <= {tasks[number] for number in opening}:
                    _cancel(pending)
        finally:
            if pending:
                load.stop()
                _cancel(tasks[number] for number in opening)
                await _finish(tasks, self._timeouts.grace)
        carried = [task for task in tasks if not task.cancelled()]
        if errors := [error for task in carried if (error := task.exception())]:
            raise errors[0]
        return [trouble for task in carried if (trouble := task.result())]

    async def _carry(self, load: Load, number: int, opening: set[int]) -> RelayUnavailable | None:
        """Carry what one connection after the other can of ``load``; return what prevents it.

        While it has no connection its ``number`` is among those ``opening``, and there must be
        an envelope for each of them: one envelope is no reason to open ten connections.
        """
        fruitless = 0
        while load.reaches(len(opening) + 1):
            opening.add(number)
            try:
                connection = await self._connection()
            except RelayUnavailable as trouble:
                return trouble
            finally:
                opening.discard(number)
            try:
                await connection.carry(load)
            except Lost as lost:
                await connection.close()
                fruitless = 0 if connection.useful else fruitless + 1
                if fruitless == FRUITLESS:
                    return unavailable(_FRUITLESS, self._address, lost)
            else:
                if connection.spent:
                    await connection.quit()
                else:
                    self._kept.append(connection)
        return None

    async def _connection(self) -> Connection:
        while self._kept:
            connection = self._kept.pop()
            if await connection.ready():
                return connection
        return await open_connection(self._address, self._hello, self._timeouts)


async def _finish(tasks: list[asyncio.Task[RelayUnavailable | None]], grace: float) -> None:
    """Let ``tasks`` end by themselves within ``grace`` seconds, then end them.

    A second cancellation ends the grace, but never the wait: only a task that has ended has
    settled what it carried.
    """
    patience: float | None = grace
    while not all(task.done() for task in tasks):
        with suppress(asyncio.CancelledError):
            await asyncio.wait(tasks, timeout=patience)
        _cancel(tasks)
        patience = None


def _cancel(tasks: Iterable[asyncio.Task[RelayUnavailable | None]]) -> None:
    for task in tasks:
        task.cancel()
