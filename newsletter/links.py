"""Every handle that leaves and comes back: addresses of pages, signed links and mail tags.

A signed token names a purpose (its salt) and numbers only, never an address, so that it may stand
in URLs and logs. What was signed for one purpose opens nothing else.
"""

from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b, sha256
from hmac import compare_digest

from itsdangerous import BadSignature, Signer

from newsletter.errors import LinkInvalid

RESERVED = frozenset({
    "api", "confirm", "desk", "donate", "feed", "healthz", "image", "inbound", "mailbox",
    "metrics", "preferences", "search", "static", "subscribe", "theme", "unsubscribe",
})  # fmt: skip
"""First words of paths that no publication may be called by: they lead, or will lead, elsewhere."""


@dataclass(frozen=True, slots=True)
class DonateTag:
    """Where a donate link stood; it names no person. ``appeal`` is 0 where there was none."""

    issue: int
    appeal: int


@dataclass(frozen=True, slots=True)
class LeaveTag:
    """Which subscription a link ends, and of which publication, to say so when it is gone."""

    subscription: int
    publication: int


@dataclass(frozen=True, slots=True)
class Links:
    """Builds links below ``base_url`` and reads them back; ``secret_key`` signs their tags."""

    base_url: str
    secret_key: str = field(repr=False)

    def home(self) -> str:
        """Return the address of the list of publications."""
        return f"{self.base_url}/"

    def archive(self, publication: str) -> str:
        """Return the address of a publication's archive."""
        return f"{self.base_url}/{publication}/"

    def issue(self, publication: str, issue: str) -> str:
        """Return the permanent address of an issue's page."""
        return f"{self.base_url}/{publication}/{issue}"

    def image(self, name: str) -> str:
        """Return the address of a stored image."""
        return f"{self.base_url}/image/{name}"

    def unsubscribe(self, subscription: int, publication: int) -> str:
        """Return the link that ends one subscription (RFC 8058 asks that it need nothing else)."""
        return f"{self.base_url}/unsubscribe/{self.unsubscribe_tag(subscription, publication)}"

    def unsubscribe_tag(self, subscription: int, publication: int) -> str:
        """Return the tag of the unsubscribe link, for a mail address too."""
        return self._sign("unsubscribe", subscription, publication)

    def read_unsubscribe(self, tag: str) -> LeaveTag:
        """Return what an unsubscribe link was made for; raise LinkInvalid."""
        return LeaveTag(*self._read("unsubscribe", tag, 2))

    def donate(self, publication: str, issue: int, appeal: int) -> str:
        """Return the donate link of an issue's appeal."""
        return f"{self.base_url}/donate/{publication}/{self._sign('donate', issue, appeal)}"

    def read_donate(self, tag: str) -> DonateTag:
        """Return what a donate link was made for; raise LinkInvalid."""
        return DonateTag(*self._read("donate", tag, 2))

    def message_id(self, delivery: int, domain: str) -> str:
        """Return the Message-ID of a delivery, the same for every attempt (RFC 5322, 3.6.4)."""
        return f"<{self._sign('message', delivery)}@{domain}>"

    def bounce_tag(self, delivery: int) -> str:
        """Return the tag that the envelope sender carries (VERP), so that a DSN finds its row."""
        return self._sign("bounce", delivery)

    def read_bounce(self, tag: str) -> int:
        """Return the delivery that a bounce came back for; raise LinkInvalid."""
        (delivery,) = self._read("bounce", tag, 1)
        return delivery

    def _sign(self, purpose: str, *numbers: int) -> str:
        return _signer(self.secret_key, purpose).sign("-".join(map(str, numbers))).decode("ascii")

    def _read(self, purpose: str, tag: str, count: int) -> tuple[int, ...]:
        try:
            signed = _signer(self.secret_key, purpose).unsign(tag.encode("ascii"))
        except (BadSignature, UnicodeError) as error:
            raise LinkInvalid from error
        numbers = tuple(map(int, signed.split(b"-")))
        if len(numbers) != count:
            raise LinkInvalid
        return numbers


class _Signer(Signer):
    """Signs with 128 bits in hexadecimal, which stays whole where a mail system folds case.

    Several are made for each mail of an issue. BLAKE2 takes a key by itself (RFC 7693) and answers
    ten times as fast as HMAC through OpenSSL.
    """

    def get_signature(self, value: str | bytes) -> bytes:
        data = value.encode() if isinstance(value, str) else value
        return blake2b(data, key=self.secret_key, digest_size=16).hexdigest().encode()

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        given = sig.encode() if isinstance(sig, str) else sig
        return compare_digest(self.get_signature(value), given.lower())


@cache
def _signer(secret_key: str, purpose: str) -> _Signer:
    """Derive the purpose's own key once; deriving it anew would double the cost of a link."""
    plain = Signer(secret_key, salt=f"newsletter.{purpose}", digest_method=sha256)
    return _Signer(plain.derive_key(), sep=".", digest_method=sha256)
