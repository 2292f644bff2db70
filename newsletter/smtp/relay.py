"""The relay: a few kept connections that share one stream of envelopes."""

from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

from newsletter.mail.values import Envelope, Outcome
from newsletter.smtp.address import RelayAddress
from newsletter.smtp.connection import Timeouts


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

    async def send(
        self, envelopes: Iterable[Envelope], settled: Callable[[Envelope, Outcome], None]
    ) -> None:
        """Hand over ``envelopes`` and call ``settled`` once for each as soon as its fate is known.

        Returns when every envelope is settled. Raises RelayUnavailable when no connection can be
        had. However it ends, by that, by cancellation or by an error of the caller's own: an
        envelope that was not settled was not handed over, and may be sent again.

        One call at a time: a second waits for the first. To stop gracefully, end the iterator.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """Say QUIT (RFC 5321 section 4.1.1.10) on every kept connection and close it."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
