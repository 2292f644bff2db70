"""The workshop: frozen contents become envelopes, signed where there are keys.

Signing with RSA takes longer than all the rest, so that it is done ahead and elsewhere while the
connections are served; see ``signing``.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock

from sqlalchemy.orm import Session

from newsletter import addresses, deliveries
from newsletter.engine.signing import Signing
from newsletter.links import Links
from newsletter.mail import Composer, Envelope, Parcel, Signer

HANDFUL = 16
"""Mails that are signed at a time: handing over one by one costs more than it is worth."""
AHEAD = 8
"""Handfuls that are signed before a connection asks for them."""
KEPT = 48
"""Contents that are kept encoded: more than all lanes can hold at once, in every variant."""

_Key = tuple[int, datetime | None]


class Workshop:
    """Makes envelopes; safe to prepare from several threads."""

    def __init__(
        self, links: Links, return_domain: str, signers: Mapping[str, Sequence[Signer]]
    ) -> None:
        self._links = links
        self._return_domain = return_domain
        self._signers = signers
        self._composers: OrderedDict[_Key, Composer] = OrderedDict()
        self._making = Lock()
        known = [signer for some in signers.values() for signer in some]
        self._signing = Signing(known) if known else None

    def close(self) -> None:
        """End the processes that sign."""
        if self._signing:
            self._signing.close()

    def prepare(self, session: Session, held: deliveries.Claim, now: datetime) -> None:
        """Encode what all readers of a batch share; a notice, which is dated now, each time."""
        with self._making:
            for key in {(parcel.content, held.dated) for parcel in held.parcels}:
                if key not in self._composers or held.issue is None:
                    self._composers[key] = self._composer(session, *key, now)
                self._composers.move_to_end(key)
            while len(self._composers) > KEPT:
                self._composers.popitem(last=False)

    def _composer(
        self, session: Session, content: int, dated: datetime | None, now: datetime
    ) -> Composer:
        words, heading = deliveries.fetch_content(
            session, content, self._links, self._return_domain, now, dated=dated
        )
        domain = addresses.domain(heading.author_address.rpartition("@")[2])
        return Composer(words, heading, self._links, self._signers.get(domain, ()))

    def envelopes(
        self, parcels: Sequence[Parcel], dated: datetime | None = None
    ) -> Iterator[Envelope]:
        """Compose the mails of ``parcels`` one by one, or where they are signed some ahead.

        ``dated`` is what their claim says.
        """
        composers = {one.content: self._composers[one.content, dated] for one in parcels}
        if self._signing is None:
            for parcel in parcels:
                yield composers[parcel.content].envelope(parcel)
            return
        ahead: deque[Callable[[], Iterator[Envelope]]] = deque()
        for start in range(0, len(parcels), HANDFUL):
            ahead.append(_begin(composers, parcels[start : start + HANDFUL], self._signing))
            if len(ahead) > AHEAD:
                yield from ahead.popleft()()
        for finish in ahead:
            yield from finish()


def _begin(
    composers: Mapping[int, Composer], parcels: Sequence[Parcel], signing: Signing
) -> Callable[[], Iterator[Envelope]]:
    """Compose a handful and have it signed; what is returned waits for the signatures."""
    drafts = [(composers[one.content], composers[one.content].draft(one)) for one in parcels]
    signed = signing.sign([pair for _, draft in drafts for pair in draft.wanted])

    def finish() -> Iterator[Envelope]:
        signatures = iter(signed())
        for composer, draft in drafts:
            yield composer.signed(draft, [next(signatures) for _ in draft.wanted])

    return finish
