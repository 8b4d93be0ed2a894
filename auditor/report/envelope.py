"""Signed envelopes (DSSE v1) with a local Ed25519 or ECDSA key; the door of ``cryptography`` in this package.

The signature covers the pre-authentication encoding of the payload (secure-systems-lab DSSE, "protocol.md" v1), so that
type and bytes are bound. Signatures are the same every time: Ed25519 by its nature, ECDSA by RFC 6979.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.errors import Diagnostic, InvalidInputError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_KINDS = "an Ed25519 key, or an ECDSA key on P-256 or P-384"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and the name of its public half; never printed."""

    private: Ed25519PrivateKey | EllipticCurvePrivateKey
    identity: str


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A public key and its name: SHA-256 (hex) of the DER form of its SubjectPublicKeyInfo."""

    public: Ed25519PublicKey | EllipticCurvePublicKey
    identity: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a DSSE envelope holds; nothing in it is verified yet."""

    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]
    """(key id as the envelope says it, signature)."""


def load_signing_key(data: bytes, path: str) -> SigningKey:
    """Return the private key in a PEM file.

    Raises:
        InvalidInputError: no private key, one with a passphrase, or one of another kind.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(data, password=None)
    except TypeError as error:
        step = "decrypt it into a file that only you can read, or write the statement unsigned and sign it elsewhere"
        raise _refused("the private key has a passphrase", "none can be asked for in a pipeline", path, step) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        step = "make one with: openssl genpkey -algorithm ed25519 -out key.pem"
        raise _refused("this is no private key in PEM", f"expected {_KINDS}", path, step) from error
    if not isinstance(private, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        step = "make one with: openssl genpkey -algorithm ed25519 -out key.pem"
        raise _refused("this kind of key does not sign statements", f"expected {_KINDS}", path, step)
    public = _checked(private.public_key(), path)
    return SigningKey(private, public.identity)


def load_verifying_key(data: bytes, path: str) -> VerifyingKey:
    """Return the public key in a PEM file.

    Raises:
        InvalidInputError: no public key, or one of another kind.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if b"PRIVATE KEY" in data:
        step = "write its public half: openssl pkey -in key.pem -pubout -out key.pub"
        raise _refused("this is a private key", "who verifies needs, and should hold, the public half only", path, step)
    try:
        public = load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        step = "write it with: openssl pkey -in key.pem -pubout -out key.pub"
        raise _refused("this is no public key in PEM", f"expected {_KINDS}", path, step) from error
    return _checked(public, path)


def sealed(payload: bytes, key: SigningKey) -> bytes:
    """Return the envelope around ``payload``, signed."""
    from cryptography.hazmat.primitives.asymmetric import ec

    message = pre_authentication(PAYLOAD_TYPE, payload)
    private = key.private
    signature = _ecdsa(private, message) if isinstance(private, ec.EllipticCurvePrivateKey) else private.sign(message)
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode("ascii"),
        "signatures": [{"keyid": key.identity, "sig": base64.b64encode(signature).decode("ascii")}],
    }
    return json.dumps(envelope, indent=2).encode()


def opened(envelope: dict[str, Any], path: str) -> Envelope:
    """Return what an envelope holds.

    Raises:
        InvalidInputError: a part is missing, of another type, or no base64.
    """
    payload_type, payload, signatures = envelope.get("payloadType"), envelope.get("payload"), envelope.get("signatures")
    if not isinstance(payload_type, str) or not isinstance(payload, str) or not isinstance(signatures, list):
        raise _malformed("payloadType and payload must be text, signatures a list", path)
    pairs = []
    for signature in signatures:
        if not isinstance(signature, dict) or not isinstance(signature.get("sig"), str):
            raise _malformed("each signature must be an object with sig", path)
        name = signature.get("keyid", "")
        pairs.append((name if isinstance(name, str) else "", _decoded(signature["sig"], "a signature", path)))
    return Envelope(payload_type, _decoded(payload, "the payload", path), tuple(pairs))


def holds(envelope: Envelope, key: VerifyingKey) -> bool:
    """Return whether one of the signatures is this key's over exactly this payload; key ids in the envelope are no proof."""
    message = pre_authentication(envelope.payload_type, envelope.payload)
    return any(_verified(key.public, signature, message) for _, signature in envelope.signatures)


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """Return what is signed: the type and the payload, each with its length in bytes."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _ecdsa(private: EllipticCurvePrivateKey, message: bytes) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        return private.sign(message, ec.ECDSA(_hash_of(private.curve.name), deterministic_signing=True))
    except UnsupportedAlgorithm as error:
        why = "the OpenSSL below cannot sign as RFC 6979 says, and the same input would give other bytes each time"
        raise UsageError(Diagnostic("cannot sign with an ECDSA key here", why, "use an Ed25519 key")) from error


def _verified(public: Ed25519PublicKey | EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, message, ec.ECDSA(_hash_of(public.curve.name)))
        else:
            public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _hash_of(curve: str) -> Any:
    """Return the hash that goes with a curve, ``None`` for curves that are not taken."""
    from cryptography.hazmat.primitives import hashes

    return {"secp256r1": hashes.SHA256(), "secp384r1": hashes.SHA384()}.get(curve)


def _checked(public: Any, path: str) -> VerifyingKey:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    known = isinstance(public, ed25519.Ed25519PublicKey)
    known = known or (isinstance(public, ec.EllipticCurvePublicKey) and _hash_of(public.curve.name) is not None)
    if not known:
        raise _refused("this kind of key verifies no statement", f"expected {_KINDS}", path, "use the signer's key")
    form = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return VerifyingKey(public, hashlib.sha256(form).hexdigest())


def _decoded(text: str, what: str, path: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _malformed(f"{what} is no base64", path) from None
    if base64.b64encode(data).decode("ascii") != text:
        raise _malformed(f"{what} is base64 with bits that mean nothing", path)
    return data


def _malformed(why: str, path: str) -> InvalidInputError:
    step = "write one with: auditor report ASSESSMENT.json --output in-toto:statement.json"
    return _refused("the envelope is malformed", why, path, step)


def _refused(what: str, why: str, path: str, step: str) -> InvalidInputError:
    return InvalidInputError(Diagnostic(what=what, why=why, path=path, next_step=step))
