"""Signing in processes of its own: an RSA signature costs more than all the rest of a mail.

Only digests go there and only signatures come back; the processes know the keys and nothing else.
Threads would do, since signing lets go of the interpreter, but take it back ten thousand times a
second from the one that serves the connections.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

from newsletter.crew import CORES, crew
from newsletter.mail import Signer, keyholder

Wanted = Sequence[tuple[Signer, bytes]]
"""Who has to sign which digest."""


class Signing:
    """Has ``signers`` sign, which the processes know by their number."""

    def __init__(self, signers: Sequence[Signer]) -> None:
        """Start the processes, so that the first mail need not wait for them."""
        self._numbers = {signer: number for number, signer in enumerate(signers)}
        self._begin()

    def _begin(self) -> None:
        keys = [(one.domain, one.selector, one.pem) for one in self._numbers]
        self._crew = crew(keyholder.learn, keys)
        for _ in range(CORES):
            self._crew.submit(keyholder.sign, ())

    def close(self) -> None:
        """End the processes."""
        self._crew.shutdown(cancel_futures=True)

    def sign(self, wanted: Wanted) -> Callable[[], list[bytes]]:
        """Have digests signed; what is returned waits for the signatures.

        Where a process was killed meanwhile they are made here, and others are started.
        """
        if not wanted:
            return list
        numbered = [(self._numbers[signer], digest) for signer, digest in wanted]
        try:
            begun: Future[list[bytes]] = self._crew.submit(keyholder.sign, numbered)
        except BrokenProcessPool:
            self._begin()
            return lambda: _sign_here(wanted)
        crew_then = self._crew

        def signatures() -> list[bytes]:
            try:
                return begun.result()
            except BrokenProcessPool:
                if self._crew is crew_then:
                    self._begin()
                return _sign_here(wanted)

        return signatures


def _sign_here(wanted: Wanted) -> list[bytes]:
    return [signer.sign(digest) for signer, digest in wanted]
