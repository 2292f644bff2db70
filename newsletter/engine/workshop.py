"""The workshop: frozen contents become envelopes, where there are keys signed in threads.

Signing with RSA takes longer than all the rest and lets go of the interpreter, so that all cores
sign while the connections are served.
"""

import os
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session

from newsletter import addresses, deliveries
from newsletter.links import Links
from newsletter.mail import Composer, Envelope, Parcel, Signer

HANDFUL = 8
"""Mails that a thread signs at a time: handing over one by one costs more than it is worth."""
AHEAD = 16
"""Handfuls that are signed before a connection asks for them."""
KEPT = 16
"""Contents that are kept encoded: every variant of what is being sent."""


class Workshop:
    """Makes envelopes; safe to prepare from several threads."""

    def __init__(
        self, links: Links, return_domain: str, signers: Mapping[str, Sequence[Signer]]
    ) -> None:
        self._links = links
        self._return_domain = return_domain
        self._signers = signers
        self._composers: OrderedDict[int, Composer] = OrderedDict()
        self._making = Lock()
        self._signing = ThreadPoolExecutor(os.cpu_count() or 1, "sign") if signers else None

    def close(self) -> None:
        """End the threads."""
        if self._signing:
            self._signing.shutdown(cancel_futures=True)

    def prepare(self, session: Session, held: deliveries.Claim, now: datetime) -> None:
        """Encode what all readers of a batch share; a notice, which is dated now, each time."""
        with self._making:
            for content in {parcel.content for parcel in held.parcels}:
                if content not in self._composers or held.issue is None:
                    self._composers[content] = self._composer(session, content, now)
                self._composers.move_to_end(content)
            while len(self._composers) > KEPT:
                self._composers.popitem(last=False)

    def _composer(self, session: Session, content: int, now: datetime) -> Composer:
        words, heading = deliveries.fetch_content(
            session, content, self._links, self._return_domain, now
        )
        domain = addresses.domain(heading.author_address.rpartition("@")[2])
        return Composer(words, heading, self._links, self._signers.get(domain, ()))

    def envelopes(self, parcels: Sequence[Parcel]) -> Iterator[Envelope]:
        """Compose the mails of ``parcels`` one by one, or where they are signed some ahead."""
        composers = {one.content: self._composers[one.content] for one in parcels}
        if self._signing is None:
            for parcel in parcels:
                yield composers[parcel.content].envelope(parcel)
            return
        ahead: deque[Future[list[Envelope]]] = deque()
        for start in range(0, len(parcels), HANDFUL):
            handful = parcels[start : start + HANDFUL]
            ahead.append(self._signing.submit(_compose, composers, handful))
            if len(ahead) > AHEAD:
                yield from ahead.popleft().result()
        for future in ahead:
            yield from future.result()


def _compose(composers: Mapping[int, Composer], parcels: Sequence[Parcel]) -> list[Envelope]:
    return [composers[parcel.content].envelope(parcel) for parcel in parcels]
