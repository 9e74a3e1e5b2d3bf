"""A device that keeps one passkey, as a phone does: what a browser makes of its answers, as JSON."""

import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "http://localhost"
_FLAG = AuthenticatorData.FLAG


class Device:
    """``verifies`` says whether it looks who holds it, by a finger or a PIN."""

    def __init__(self, *, origin: str = ORIGIN, verifies: bool = True) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = secrets.token_bytes(32)
        self._origin = origin
        self._flags = _FLAG.UP | (_FLAG.UV if verifies else 0)

    def make(self, options: str) -> str:
        """The passkey that a page asks for."""
        asked = json.loads(options)
        public = ES256.from_cryptography_key(self._key.public_key())  # type: ignore[no-untyped-call]
        held = AttestedCredentialData.create(Aaguid.NONE, self._id, public)
        told = AuthenticatorData.create(_rp(asked["rp"]["id"]), self._flags | _FLAG.AT, 0, held)
        attested = AttestationObject.create("none", told, {})
        made = {"attestationObject": websafe_encode(attested)}
        return self._answer(self._client("webauthn.create", asked), **made)

    def show(self, options: str) -> str:
        """What proves that it is held here."""
        asked = json.loads(options)
        client = self._client("webauthn.get", asked)
        told = AuthenticatorData.create(_rp(asked["rpId"]), self._flags, 1)
        signature = self._key.sign(bytes(told) + client.hash, ec.ECDSA(SHA256()))
        shown = {"authenticatorData": websafe_encode(told), "signature": websafe_encode(signature)}
        return self._answer(client, **shown)

    def _client(self, kind: str, asked: dict[str, Any]) -> CollectedClientData:
        return CollectedClientData.create(kind, asked["challenge"], self._origin)

    def _answer(self, client: CollectedClientData, **response: str) -> str:
        name = websafe_encode(self._id)
        held = {"clientDataJSON": websafe_encode(client), **response}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": held})


def _rp(name: str) -> bytes:
    return sha256(name.encode())
