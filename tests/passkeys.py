"""An authenticator without a device: makes passkeys and answers challenges as a browser would."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Passkey:
    """``origin`` is the site that the browser shows; it goes under the signature."""

    origin: str
    user_handle: str = ""
    identifier: bytes = b"passkey-of-a-test"
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: dict[str, Any]) -> str:
        """The answer to a page that adds a passkey, as its field ``credential`` sends it."""
        wanted = options["publicKey"]
        self.user_handle = wanted["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AuthenticatorData.create(
            sha256(wanted["rp"]["id"].encode()),
            PRESENT | VERIFIED | ATTESTED,
            0,
            AttestedCredentialData.create(bytes(16), self.identifier, public),
        )
        return self._answer(
            {
                "clientDataJSON": websafe_encode(self._client("webauthn.create", wanted)),
                "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
            },
            {"credProps": {"rk": True}},
        )

    def get(self, options: dict[str, Any]) -> str:
        """The answer to a page that asks who is there."""
        wanted = options["publicKey"]
        data = AuthenticatorData.create(sha256(wanted["rpId"].encode()), PRESENT | VERIFIED, 0)
        client = self._client("webauthn.get", wanted)
        signature = self.key.sign(data + sha256(client), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": self.user_handle,
            },
            {},
        )

    def _client(self, kind: str, wanted: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": wanted["challenge"], "origin": self.origin}
        return json.dumps(told).encode()

    def _answer(self, response: dict[str, Any], extensions: dict[str, Any]) -> str:
        identifier = websafe_encode(self.identifier)
        return json.dumps(
            {
                "type": "public-key",
                "id": identifier,
                "rawId": identifier,
                "response": response,
                "clientExtensionResults": extensions,
            }
        )
