"""The load: the envelopes of one call to ``send``, shared by the connections that carry them."""

from collections import Counter, deque
from collections.abc import Callable, Iterable

from newsletter.mail.values import Envelope, Outcome, Verdict

LOSSES = 2
"""How many connections an envelope may lose before it has to wait for another day."""


class Load:
    """What is still to be handed over, and whom to tell of what was."""

    def __init__(
        self, envelopes: Iterable[Envelope], settled: Callable[[Envelope, Outcome], None]
    ) -> None:
        """Pull from ``envelopes`` one by one, never further than the connections reach."""
        self.settle = settled
        self._envelopes = iter(envelopes)
        self._waiting: deque[Envelope] = deque()
        self._losses: Counter[int] = Counter()
        self._ended = False
        self._stopped = False

    def is_done(self) -> bool:
        """Tell whether nothing is left to take, and nothing waits to be taken again."""
        return self._ended and not self._waiting

    def reaches(self, count: int) -> bool:
        """Tell whether there is something to take for ``count`` connections."""
        while len(self._waiting) < count and (envelope := self._pull()) is not None:
            self._waiting.append(envelope)
        return len(self._waiting) >= count and not self._stopped

    def take(self) -> Envelope | None:
        """Return the next envelope, first of all one that came back; None when there is none."""
        if self._stopped:
            return None
        return self._waiting.popleft() if self._waiting else self._pull()

    def put_back(self, envelope: Envelope, words: str) -> None:
        """Give an envelope whose content was not begun to whoever takes next.

        ``words`` tell what became of its connection. An envelope that loses connection after
        connection may be what breaks them: it is settled as TEMPORARY instead.
        """
        self._losses[envelope.delivery] += 1
        if self._losses[envelope.delivery] < LOSSES:
            self._waiting.appendleft(envelope)
        else:
            self.settle(envelope, Outcome(Verdict.TEMPORARY, 0, f"not handed over: {words}"))

    def stop(self) -> None:
        """Give out nothing more."""
        self._stopped = True

    def _pull(self) -> Envelope | None:
        envelope = None if self._ended or self._stopped else next(self._envelopes, None)
        self._ended = self._ended or (envelope is None and not self._stopped)
        return envelope
