"""DKIM signatures, RSA (RFC 6376) and Ed25519 (RFC 8463): the fast half of signing a mail.

What all readers share is put into canonical form and hashed once; for each reader three headers,
the body from its first slot on and one private key operation remain. Keys come as PEM and leave as
a record for the name server; where they are kept is not known here.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from newsletter.errors import Invalid

KINDS = ("rsa", "ed25519")

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LEAST_BITS = 2048
_PADDING, _DIGEST = PKCS1v15(), Prehashed(SHA256())

# Whoever adds one of these breaks the signature even where the mail had none: mail programs may
# show the one that was added (RFC 6376 section 8.15).
_NEVER_ADDED = (b"from", b"reply-to", b"subject", b"to", b"cc")


@dataclass(frozen=True, slots=True)
class Signer:
    """One private key that signs for ``domain``; its public half stands under ``selector``.

    Both names are in lower case, letters beyond ASCII as xn--.
    """

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_pem(cls, domain: str, selector: str, pem: bytes) -> Self:
        """Load a key; raise Invalid, which says nothing of its content."""
        check_names(domain, selector)
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            # The cause is left out: it may quote what it could not read.
            raise Invalid("There is no private key in PEM form, without a password") from None
        if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
            raise Invalid("The key is neither RSA nor Ed25519")
        if isinstance(key, RSAPrivateKey) and key.key_size < _LEAST_BITS:
            raise Invalid(f"The RSA key has {key.key_size} bits; {_LEAST_BITS} are the least")
        return cls(domain, selector, key)

    @property
    def pem(self) -> bytes:
        """Return the private key as ``new_key`` makes it, for a process that signs."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def kind(self) -> str:
        """Tell which of ``KINDS`` the key is."""
        return "rsa" if isinstance(self.key, RSAPrivateKey) else "ed25519"

    @property
    def record_name(self) -> str:
        """Return the name under which the public key stands (RFC 6376 section 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """Return the public key as the text of a TXT record (RFC 6376 section 3.6.1)."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            data = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            # Without the ASN.1 around it (RFC 8463 section 4.2).
            data = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={self.kind}; p={b64encode(data).decode('ascii')}"

    def sign(self, digest: bytes) -> bytes:
        """Sign a SHA-256 digest; RFC 8463 section 3 signs the digest like any other text."""
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(digest, _PADDING, _DIGEST)
        return self.key.sign(digest)


def new_key(kind: str) -> bytes:
    """Make a private key, as PEM (PKCS #8)."""
    key = (
        generate_private_key(public_exponent=65537, key_size=_LEAST_BITS)
        if kind == "rsa"
        else Ed25519PrivateKey.generate()
    )
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def check_names(domain: str, selector: str) -> None:
    """Raise Invalid if no record can stand under these names (RFC 6376 section 3.1)."""
    if not _DOMAIN.fullmatch(domain):
        raise Invalid(
            f"{domain!r} is not a domain; write one like institute.example, and one with letters"
            " beyond ASCII as xn--…"
        )
    if not _SELECTOR.fullmatch(selector):
        raise Invalid(
            f"{selector!r} is not a selector; use small letters, digits and hyphens, like n20260131"
        )
    if len(f"{selector}._domainkey.{domain}") > 253:
        raise Invalid("The selector and the domain are too long together: 241 octets are the most")


@dataclass(frozen=True, slots=True)
class Unsigned:
    """What one mail's signatures are to say: the hash of its body, and who signs which digest."""

    body_hash: bytes
    wanted: tuple[tuple[Signer, bytes], ...]


class Seal:
    """Signs every mail of one content; may be used from several threads at once.

    ``shared`` are the headers that all mails have alike, each name once; ``personal`` the names of
    those that differ, in the order in which each mail has them; ``beginning`` is the body up to
    where it differs. The body must need no canonical form but its own: CRLF line ends, exactly one
    of them last (the simple form, RFC 6376 section 3.4.3).
    """

    def __init__(
        self, signers: Sequence[Signer], shared: bytes, personal: Sequence[bytes], beginning: bytes
    ) -> None:
        """Hash what all readers share."""
        self._body = sha256(beginning)
        self._headers = sha256(shared_form := canonical(shared))
        names = [line.partition(b":")[0] for line in shared_form.splitlines()]
        names += [name.lower() for name in personal]
        self._openings = [(one, *_opening(one, names)) for one in signers]

    def digest(self, personal: bytes, rest: Sequence[bytes]) -> Unsigned:
        """Hash one mail: its own headers, and its body after the beginning."""
        body = self._body.copy()
        for piece in rest:
            body.update(piece)
        body_hash = b64encode(body.digest())
        headers = self._headers.copy()
        headers.update(canonical(personal))
        wanted = []
        for signer, _, opening in self._openings:
            signed = headers.copy()
            # The signature's own header comes last, with an empty b= and without a line end.
            signed.update(b"%b%b; b=" % (opening, body_hash))
            wanted.append((signer, signed.digest()))
        return Unsigned(body_hash, tuple(wanted))

    def write(self, unsigned: Unsigned, signatures: Sequence[bytes]) -> bytes:
        """Return one DKIM-Signature for each signer, to stand before the other headers."""
        headers: list[bytes] = []
        for (_, opening, _), signature in zip(self._openings, signatures, strict=True):
            written = _folded(b64encode(signature))
            headers += (opening, unsigned.body_hash, b";\r\n b=", written, b"\r\n")
        return b"".join(headers)


def canonical(headers: bytes) -> bytes:
    """Put headers into the relaxed form of RFC 6376 section 3.4.2."""
    text = headers.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    lines = []
    for line in text.split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        lines.append(b"%b:%b\r\n" % (name.rstrip(b" ").lower(), value.strip(b" ")))
    return b"".join(lines)


def _opening(signer: Signer, names: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Write a DKIM-Signature up to its bh=, as it is sent and in canonical form.

    There is no t=: every attempt makes the same mail, whose Date is signed, and a receiver whose
    clock is behind ours must not take the signature for one from the future.
    """
    # A name listed once more than it occurs says that there is no further one (RFC 6376, 5.4.2).
    once_more = [*_NEVER_ADDED, *(name for name in names if name not in _NEVER_ADDED)]
    tags = (
        f"DKIM-Signature: v=1; a={signer.kind}-sha256; c=relaxed/simple;\r\n"
        f" d={signer.domain}; s={signer.selector};\r\n"
    ).encode("ascii")
    opening = b"%b h=%b;\r\n bh=" % (tags, b":\r\n ".join(_rows([*names, *once_more])))
    return opening, canonical(opening + b"\r\n").removesuffix(b"\r\n")


def _rows(names: Sequence[bytes]) -> list[bytes]:
    """Join names by colons in rows that fit in a line."""
    rows: list[bytes] = []
    for name in names:
        if rows and len(rows[-1]) + len(name) < 70:
            rows[-1] += b":" + name
        else:
            rows.append(name)
    return rows


def _folded(signature: bytes) -> bytes:
    """Cut base64 into lines; white space in b= counts for nothing (RFC 6376 section 3.5)."""
    return b"\r\n ".join(signature[at : at + 72] for at in range(0, len(signature), 72))
