"""Every handle that leaves and comes back: addresses of pages, signed links and mail tags.

A signed token names a purpose (its salt) and numbers only, never an address, so that it may stand
in URLs and logs. What was signed for one purpose opens nothing else.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b, sha256
from hmac import compare_digest
from secrets import randbits
from urllib.parse import quote

from itsdangerous import BadSignature, Signer

from newsletter.errors import LinkInvalid

RESERVED = frozenset({
    "agree", "api", "c", "challenge", "confirm", "desk", "donate", "embed", "feed", "feeds",
    "healthz", "hooks", "image", "inbound", "mailbox", "manage", "metrics", "oembed", "preferences",
    "robots", "search", "sitemap", "static", "subscribe", "theme", "undo", "unsubscribe",
})  # fmt: skip
"""First words of paths that no publication may be called by: they lead, or will lead, elsewhere."""


NOBODY = 0
"""The number of no subscription: links made for it open their pages and change nothing."""
LIVES = {
    "confirm": timedelta(days=30),
    "manage": timedelta(hours=1),
    "undo": timedelta(days=30),
    "agree": timedelta(days=1),
    "press": timedelta(hours=2),
    "code": timedelta(minutes=5),
    "passkey": timedelta(minutes=5),
}
"""How long the links live that do more than end one subscription."""


@dataclass(frozen=True, slots=True)
class DonateTag:
    """Where a donate link stood; it names no person.

    ``appeal`` is 0 where there was none, ``variant`` where the appeal had none yet.
    """

    issue: int
    appeal: int
    variant: int = 0


@dataclass(frozen=True, slots=True)
class ClickTag:
    """Which link of which issue was followed, in which variant of its mail; it names no person."""

    issue: int
    key: int
    variant: int = 0


@dataclass(frozen=True, slots=True)
class LeaveTag:
    """Which subscription a link ends, and of which publication, to say so when it is gone.

    ``issue`` is the one in whose mail the link stood, 0 where it stood elsewhere.
    """

    subscription: int
    publication: int
    issue: int = 0


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

    def subscribe(self, publication: str = "") -> str:
        """Return the address of the sign-up form, for all publications or for one."""
        return f"{self.base_url}/subscribe/{publication}".rstrip("/")

    def issue(self, publication: str, issue: str) -> str:
        """Return the permanent address of an issue's page."""
        return f"{self.base_url}/{publication}/{issue}"

    def version(self, publication: str, issue: str, number: int) -> str:
        """Return the permanent address of one version of an issue's page."""
        return f"{self.issue(publication, issue)}/v{number}"

    def republish(self, publication: str, issue: str) -> str:
        """Return the address of the page that offers an issue's text to whoever republishes it."""
        return f"{self.issue(publication, issue)}/republish"

    def copy(self, publication: str, issue: str, kind: str) -> str:
        """Return the address of a copy to republish: html, md, txt or json."""
        return f"{self.issue(publication, issue)}/copy.{kind}"

    def cite(self, publication: str, issue: str, kind: str = "") -> str:
        """Return the address of the page that cites an issue, or of a file: bib, ris or json."""
        return f"{self.issue(publication, issue)}/cite{f'.{kind}' if kind else ''}"

    def pdf(self, publication: str, issue: str) -> str:
        """Return the address of an issue as a PDF."""
        return f"{self.issue(publication, issue)}.pdf"

    def embed(self, publication: str, issue: str) -> str:
        """Return where machines learn how to show a pointer to an issue (https://oembed.com)."""
        return f"{self.base_url}/oembed?url={quote(self.issue(publication, issue), safe='')}"

    def feed(self, publication: str = "", kind: str = "xml") -> str:
        """Return the address of a feed, xml (Atom) or json: of a publication or of all."""
        return f"{self.archive(publication) if publication else self.home()}feed.{kind}"

    def search(self) -> str:
        """Return the address of the search."""
        return f"{self.base_url}/search"

    def sitemap(self, part: int = 0) -> str:
        """Return the address of the sitemap, or of one of its parts, counted from 1."""
        return f"{self.base_url}/sitemap{f'-{part}' if part else ''}.xml"

    def image(self, name: str) -> str:
        """Return the address of a stored image."""
        return f"{self.base_url}/image/{name}"

    def unsubscribe(self, subscription: int, publication: int, issue: int = 0) -> str:
        """Return the link that ends one subscription (RFC 8058 asks that it need nothing else).

        In the mail of an issue it names that too, but for which all is the same to everybody.
        """
        tag = self.unsubscribe_tag(subscription, publication, issue)
        return f"{self.base_url}/unsubscribe/{tag}"

    def confirm(self, subscriber: int, at: datetime) -> str:
        """Return the link by which a person agrees to what was asked for at their address."""
        return f"{self.base_url}/confirm/{self._sign_at('confirm', at, subscriber)}"

    def read_confirm(self, tag: str, now: datetime) -> int:
        """Return whose confirmation it is; raise LinkInvalid, also when its life is over."""
        (subscriber,), _ = self._read_at("confirm", tag, 1, now)
        return subscriber

    def manage(self, subscriber: int, at: datetime) -> str:
        """Return the link to everything held about a person; it was just mailed to their address.

        It lives for an hour.
        """
        return f"{self.base_url}/manage/{self._sign_at('manage', at, subscriber)}"

    def read_manage(self, tag: str, now: datetime) -> int:
        """Return the subscriber whom a link lets manage everything; raise LinkInvalid."""
        (subscriber,), _ = self._read_at("manage", tag, 1, now)
        return subscriber

    def undo(self, subscription: int, publication: int, left_at: datetime) -> str:
        """Return the link that takes back a goodbye: the one said at ``left_at`` alone."""
        return f"{self.base_url}/undo/{self.undo_tag(subscription, publication, left_at)}"

    def undo_tag(self, subscription: int, publication: int, left_at: datetime) -> str:
        """Return the tag of the link that takes back a goodbye."""
        return self._sign_at("undo", left_at, subscription, publication)

    def read_undo(self, tag: str, now: datetime) -> tuple[LeaveTag, datetime]:
        """Return which goodbye is meant, and its moment to the second; raise LinkInvalid."""
        numbers, left_at = self._read_at("undo", tag, 2, now)
        return LeaveTag(*numbers), left_at

    def agree(self, change: int, *, new: bool, at: datetime) -> str:
        """Return the link by which the old or the ``new`` address agrees to a change."""
        return f"{self.base_url}/agree/{self._sign_at('agree', at, change, int(new))}"

    def read_agree(self, tag: str, now: datetime) -> tuple[int, bool]:
        """Return which change of address is meant, and whether the new one agrees."""
        (change, new), _ = self._read_at("agree", tag, 2, now)
        return change, bool(new)

    def press_tag(self, form: int, at: datetime) -> str:
        """Return the tag of a button, shown at a moment, that goes on with what a form said."""
        return self._sign_at("press", at, form)

    def read_press(self, tag: str, now: datetime) -> tuple[int, datetime]:
        """Return which form a button goes on with, and when it was shown; raise LinkInvalid."""
        (form,), at = self._read_at("press", tag, 1, now)
        return form, at

    def preferences(self, subscription: int, publication: int) -> str:
        """Return where a reader asks for a link to everything held about them.

        It has the unsubscribe link's tag, and by itself shows and changes nothing: a mail may have
        been forwarded.
        """
        return f"{self.base_url}/preferences/{self.unsubscribe_tag(subscription, publication)}"

    def unsubscribe_tag(self, subscription: int, publication: int, issue: int = 0) -> str:
        """Return the tag of the unsubscribe link, for a mail address too."""
        return self._sign("unsubscribe", subscription, publication, *([issue] if issue else []))

    def read_unsubscribe(self, tag: str) -> LeaveTag:
        """Return what an unsubscribe link was made for; raise LinkInvalid."""
        return LeaveTag(*self._read("unsubscribe", tag, 2, 3))

    def click(self, issue: int, url: str, variant: int = 0) -> str:
        """Return the link to ``url`` as an issue's mail has it where clicks are counted.

        It does not say where it leads: that is frozen with the issue. Variants of its mail, of
        which it is to be told which is followed more, have numbers from 1 on.
        """
        numbers = (issue, key_of(url), variant) if variant else (issue, key_of(url))
        return f"{self.base_url}/c/{self._sign('click', *numbers)}"

    def read_click(self, tag: str) -> ClickTag:
        """Return which link was followed; raise LinkInvalid."""
        return ClickTag(*self._read("click", tag, 2, 3))

    def giving(self, publication: str) -> str:
        """Return the address of the page that offers ways to give."""
        return f"{self.base_url}/donate/{publication}"

    def donate(self, publication: str, issue: int, appeal: int, variant: int = 0) -> str:
        """Return the donate link of an issue's appeal, in one of its variants."""
        numbers = (issue, appeal, variant) if variant else (issue, appeal)
        return f"{self.base_url}/donate/{publication}/{self._sign('donate', *numbers)}"

    def read_donate(self, tag: str) -> DonateTag:
        """Return what a donate link was made for; raise LinkInvalid."""
        return DonateTag(*self._read("donate", tag, 2, 3))

    def hook(self, kind: str, number: int) -> str:
        """Return the address to which a payment service posts: in Stripe's manner, or in ours."""
        return f"{self.base_url}/hooks/{'stripe' if kind == 'stripe' else 'gifts'}/{number}"

    def join(self, token: str) -> str:
        """Return the link of an invitation to the desk, which a random token opens once."""
        return f"{self.base_url}/desk/join/{token}"

    def code_tag(self, editor: int, at: datetime) -> str:
        """Return what a form carries of an editor whose password was right, until the code is."""
        return self._sign_at("code", at, editor)

    def read_code_tag(self, tag: str, now: datetime) -> int:
        """Return whose password was right just now; raise LinkInvalid."""
        (editor,), _ = self._read_at("code", tag, 1, now)
        return editor

    def passkey_challenge(self, editor: int, at: datetime) -> str:
        """Return a challenge for the passkeys of an editor, or of whoever signs in: then 0."""
        return self._sign_at("passkey", at, editor, randbits(64))

    def read_passkey_challenge(self, tag: str, now: datetime) -> tuple[int, datetime]:
        """Return for whom a challenge of ours was made, and when it ends; raise LinkInvalid."""
        (editor, _), at = self._read_at("passkey", tag, 2, now)
        return editor, at + LIVES["passkey"]

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

    def _sign_at(self, purpose: str, at: datetime, *numbers: int) -> str:
        return self._sign(purpose, *numbers, int(at.timestamp()))

    def _read_at(
        self, purpose: str, tag: str, count: int, now: datetime
    ) -> tuple[tuple[int, ...], datetime]:
        """Read a tag that was signed at a moment, if its life is not over ``now``."""
        *numbers, seconds = self._read(purpose, tag, count + 1)
        at = datetime.fromtimestamp(seconds, UTC)
        if now >= at + LIVES[purpose]:
            raise LinkInvalid
        return tuple(numbers), at

    def _sign(self, purpose: str, *numbers: int) -> str:
        return _signer(self.secret_key, purpose).sign("-".join(map(str, numbers))).decode("ascii")

    def _read(self, purpose: str, tag: str, *counts: int) -> tuple[int, ...]:
        """Read the numbers of a tag, of which there are as many as one of ``counts``."""
        try:
            signed = _signer(self.secret_key, purpose).unsign(tag.encode("ascii"))
        except (BadSignature, UnicodeError) as error:
            raise LinkInvalid from error
        numbers = tuple(map(int, signed.split(b"-")))
        if len(numbers) not in counts:
            raise LinkInvalid
        return numbers


def key_of(url: str) -> int:
    """Return the number by which an issue knows the address of a link; never 0."""
    return int.from_bytes(blake2b(url.encode("utf-8", "replace"), digest_size=6).digest()) + 1


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
