"""Frozen content + reader -> Envelope, by splicing bytes.

Everything that all readers share is encoded once (RFC 2045 quoted-printable, RFC 2047 headers) and
cut at the slots; one reader's mail is those pieces joined with a few short values between them.
"""

import re
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from newsletter.links import Links
from newsletter.mail.dkim import Seal, Signer, Unsigned
from newsletter.mail.values import Envelope, Parcel
from newsletter.rendering.edition import Words
from newsletter.rendering.slots import Slot, split

_POLICY = SMTP.clone(max_line_length=76)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 ]{1,40}", re.ASCII)
_SOFT_BREAK = b"=\r\n"
_PERSONAL = (b"to", b"message-id")
_LEAVING = b"list-unsubscribe"


@dataclass(frozen=True, slots=True)
class Heading:
    """What the headers of every mail of a publication say.

    ``publication`` is its number, ``issue`` that of the issue, if it is one; ``list_id`` is the
    identifier of RFC 2919 without angle brackets; ``return_domain`` takes bounces and mailed
    unsubscriptions; ``date`` is the moment of publication, which retries keep. ``listed`` is
    whether it is list mail, with the headers of RFC 2369, 2919 and 8058: an issue is, a question
    whether somebody wants to subscribe is not.
    """

    publication: int
    author_name: str
    author_address: str
    list_name: str
    list_id: str
    archive_url: str
    return_domain: str
    language: str
    date: datetime
    reply_to: str = ""
    listed: bool = True
    issue: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """One reader's mail, whole but for its signatures."""

    delivery: int
    sender: str
    recipient: str
    pieces: tuple[bytes, ...]
    clean: bool
    unsigned: Unsigned | None

    @property
    def wanted(self) -> tuple[tuple[Signer, bytes], ...]:
        """Tell who has to sign which digest."""
        return self.unsigned.wanted if self.unsigned else ()


class Composer:
    """Makes the envelopes of one frozen content, from any number of threads.

    Each of ``signers``, which are the author's domain's own (RFC 7489 section 3.1.1), adds a
    DKIM signature.
    """

    def __init__(
        self, words: Words, heading: Heading, links: Links, signers: Sequence[Signer] = ()
    ) -> None:
        """Encode what all readers share."""
        self._links = links
        self._author_domain = _domain(heading.author_address)
        self._publication = heading.publication
        self._issue = heading.issue
        self._return_domain = heading.return_domain
        self._listed = heading.listed
        boundary = "=_" + sha256(words.html.encode() + words.text.encode()).hexdigest()[:24]
        self._headers = _shared_headers(words.subject, heading, boundary)
        body = _Spliced()
        for subtype, text in (("plain", words.text), ("html", words.html)):
            # The line break before a boundary is the boundary's own (RFC 2046 section 5.1.1).
            body.add_fixed(
                f"\r\n--{boundary}\r\n"
                f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
                "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
            )
            body.add_text(text)
        body.add_fixed(f"\r\n--{boundary}--\r\n")
        self._pieces, self._slots = body.pieces, body.slots
        # The blank line that ends the headers belongs to no signed part.
        beginning = body.pieces[0].removeprefix(b"\r\n")
        names = (*_PERSONAL, _LEAVING) if heading.listed else _PERSONAL
        self._seal = Seal(signers, self._headers, names, beginning) if signers else None

    def envelope(self, parcel: Parcel) -> Envelope:
        """Return one reader's mail, signed here."""
        draft = self.draft(parcel)
        return self.signed(draft, [signer.sign(digest) for signer, digest in draft.wanted])

    def signed(self, draft: Draft, signatures: Sequence[bytes]) -> Envelope:
        """Return the mail of ``draft``, with the signatures that it wanted before its headers."""
        pieces = draft.pieces
        if self._seal and draft.unsigned:
            pieces = (self._seal.write(draft.unsigned, signatures), *pieces)
        return Envelope(
            delivery=draft.delivery,
            sender=draft.sender,
            recipient=draft.recipient,
            content=b"".join(pieces),
            clean=draft.clean,
        )

    def draft(self, parcel: Parcel) -> Draft:
        """Compose one reader's mail, and hash it for those who sign."""
        here = (parcel.subscription, self._publication)
        leave = self._links.unsubscribe(*here, self._issue)
        values: dict[Slot, bytes] = {}
        if self._slots:
            prefer = self._links.preferences(*here)
            values[Slot.UNSUBSCRIBE_URL] = _with_room(quoted_printable(leave))
            values[Slot.PREFERENCES_URL] = _with_room(quoted_printable(prefer))
        personal = self._personal_headers(parcel, leave)
        rest: list[bytes] = []
        for slot, piece in zip(self._slots, self._pieces[1:], strict=True):
            rest += (_SOFT_BREAK, values[slot], _SOFT_BREAK, piece)
        return Draft(
            delivery=parcel.delivery,
            sender=f"bounce+{self._links.bounce_tag(parcel.delivery)}@{self._return_domain}",
            recipient=parcel.address,
            pieces=(personal, self._headers, self._pieces[0], *rest),
            clean=_is_clean(personal),
            unsigned=self._seal.digest(personal, rest) if self._seal else None,
        )

    def _personal_headers(self, parcel: Parcel, leave: str) -> bytes:
        """Write the headers that name the reader: To, Message-ID and RFC 2369's and 8058's way out.

        ``_PERSONAL`` has their names in the same order. Lines are folded where the grammar has a
        comma, never inside an address.
        """
        message_id = self._links.message_id(parcel.delivery, self._author_domain)
        headers = f"{_to(parcel)}\r\nMessage-ID: {message_id}\r\n"
        if self._listed:
            mailbox = f"unsubscribe+{leave.rpartition('/')[2]}@{self._return_domain}"
            headers += (
                f"List-Unsubscribe: <{leave}>,\r\n <mailto:{mailbox}?subject=unsubscribe>\r\n"
            )
        return headers.encode()


def quoted_printable(text: str) -> bytes:
    """Encode ``text`` with CRLF line ends and lines of at most 76 octets (RFC 2045 section 6.7).

    No line begins with a dot, so that none has to be doubled on the wire; behind the dot that is
    written in hexadecimal goes a soft break, which keeps the line short enough.
    """
    encoded = b"\r\n" + b2a_qp(text.replace("\r\n", "\n").encode()).replace(b"\n", b"\r\n")
    while b"\r\n." in encoded:
        encoded = encoded.replace(b"\r\n.", b"\r\n=2E=\r\n")
    return encoded.removeprefix(b"\r\n")


def _with_room(piece: bytes) -> bytes:
    """Leave room in the last line of a piece for the "=" of a soft break."""
    lines, end, last = piece.rpartition(b"\r\n")
    if len(last) < 76:
        return piece
    cut = 70
    # Neither inside an octet written as =XX, nor before a dot.
    while b"=" in last[cut - 2 : cut] or last[cut : cut + 1] == b".":
        cut -= 1
    return lines + end + last[:cut] + _SOFT_BREAK + last[cut:]


def _is_clean(headers: bytes) -> bool:
    """Tell whether headers that name a reader keep to CRLF; the rest of a mail does by its making.

    A header's line cannot begin with a dot: it begins with its name or with a blank.
    """
    return headers.count(b"\r\n") == headers.count(b"\n") == headers.count(b"\r")


class _Spliced:
    """A body under construction: always one more piece than slots."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = [b""]
        self.slots: list[Slot] = []

    def add_fixed(self, ascii_text: str) -> None:
        self.pieces[-1] += ascii_text.encode("ascii")

    def add_text(self, text: str) -> None:
        """Encode each stretch between slots by itself; the slots go between the pieces."""
        for piece in split(text):
            if isinstance(piece, Slot):
                self.pieces[-1] = _with_room(self.pieces[-1])
                self.slots.append(piece)
                self.pieces.append(b"")
            else:
                self.pieces[-1] += quoted_printable(piece)


def _shared_headers(subject: str, heading: Heading, boundary: str) -> bytes:
    """Write the headers that all readers share."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(heading.author_name, heading.author_address)
    if heading.reply_to:
        message["Reply-To"] = _address("", heading.reply_to)
    message["Subject"] = subject
    message["Date"] = format_datetime(heading.date)
    message["Content-Language"] = heading.language
    headers = message.as_bytes().rstrip(b"\r\n") + b"\r\n"
    listing = (
        f"List-Id: {_phrase(heading.list_name)}\r\n <{heading.list_id}>\r\n"
        f"List-Archive: <{heading.archive_url}>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )
    # Unstructured folding may cut an identifier in two, so these are laid out by hand.
    return headers + (
        f"{listing if heading.listed else ''}"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
    ).encode("ascii")


def _to(parcel: Parcel) -> str:
    """Write the To header, folded."""
    if not parcel.name:
        return f"To: {parcel.address}"
    if _PLAIN_NAME.fullmatch(parcel.name):
        return f"To: {parcel.name.strip()}\r\n <{parcel.address}>"
    return f"To: {_phrase(parcel.name)}\r\n <{parcel.address}>"


def _phrase(name: str) -> str:
    """Write ``name`` as a display name: plain, quoted, or as folded words of RFC 2047."""
    message = EmailMessage(policy=_POLICY)
    message["To"] = Address(" ".join(name.split()), "x", "y")
    folded = message.as_string().partition(":")[2].strip()
    return folded.removesuffix("<x@y>").rstrip()


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(" ".join(name.split()), local, domain)


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
