"""The keys of a process that signs and does nothing else: digests come in, signatures go out."""

from collections.abc import Sequence

from newsletter.mail.dkim import Signer

_keys: list[Signer] = []


def learn(keys: Sequence[tuple[str, str, bytes]]) -> None:
    """Load what is to sign: domain, selector and private key as PEM of each."""
    _keys[:] = [Signer.from_pem(*key) for key in keys]


def sign(wanted: Sequence[tuple[int, bytes]]) -> list[bytes]:
    """Sign each digest with its key, which is known by its place among those that were learnt."""
    return [_keys[number].sign(digest) for number, digest in wanted]
