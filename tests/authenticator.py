"""A device that makes and uses passkeys, as a browser would have it do (WebAuthn, level 2)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, WITH_KEY = 0x01, 0x04, 0x40


class Authenticator:
    """One device with one passkey, which answers for ``origin``."""

    def __init__(self, origin: str, host: str, *, verifies: bool = True) -> None:
        self.origin, self.host = origin, host
        self.flags = PRESENT | (VERIFIED if verifies else 0)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential = sha256(str(id(self)).encode()).digest()
        self.handle, self.count = b"", 0

    def make(self, options: str) -> str:
        """Make the passkey that ``options`` ask for; return what the browser answers."""
        asked = json.loads(options)
        self.handle = _decoded(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        data = self._data(WITH_KEY) + bytes(16) + len(self.credential).to_bytes(2)
        data += self.credential + cbor2.dumps(key)
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", asked),
            attestationObject=cbor2.dumps(attestation),
        )

    def use(self, options: str) -> str:
        """Sign the challenge of ``options``; return what the browser answers."""
        self.count += 1
        client, data = self._client("webauthn.get", json.loads(options)), self._data(0)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=signature,
            userHandle=self.handle,
        )

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _data(self, flags: int) -> bytes:
        hashed = sha256(self.host.encode()).digest()
        return hashed + bytes([self.flags | flags]) + self.count.to_bytes(4)

    def _answer(self, **response: bytes) -> str:
        return json.dumps(
            {
                "id": _encoded(self.credential),
                "rawId": _encoded(self.credential),
                "type": "public-key",
                "response": {name: _encoded(value) for name, value in response.items()},
                "clientExtensionResults": {},
            }
        )


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
