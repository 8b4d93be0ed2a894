"""Keys and envelopes: which keys are taken, that others are told why, and that OpenSSL agrees with every signature."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from auditor.errors import InvalidInputError
from auditor.report.envelope import holds, load_signing_key, load_verifying_key, opened, pre_authentication, sealed

PAYLOAD = '{"ä": 1}'.encode()
KEYS: dict[str, Any] = {
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
}


def private_pem(key: Any, passphrase: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    pem: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return pem


def public_pem(key: Any) -> bytes:
    pem: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem


@pytest.mark.parametrize("kind", KEYS)
def test_a_signature_holds_for_its_key_and_content_only(kind: str) -> None:
    key, other = KEYS[kind](), KEYS[kind]()
    data = sealed(PAYLOAD, load_signing_key(private_pem(key), "key.pem"))
    assert sealed(PAYLOAD, load_signing_key(private_pem(key), "key.pem")) == data
    envelope = opened(json.loads(data), "s.json")
    assert envelope.payload == PAYLOAD
    assert holds(envelope, load_verifying_key(public_pem(key), "key.pub"))
    assert not holds(envelope, load_verifying_key(public_pem(other), "key.pub"))
    assert not holds(
        type(envelope)("text/plain", envelope.payload, envelope.signatures), load_verifying_key(public_pem(key), "k")
    )


@pytest.mark.parametrize("kind", KEYS)
def test_openssl_agrees(kind: str, tmp_path: Path) -> None:
    """Another implementation verifies the signature over the encoding that the DSSE protocol spells out."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key = KEYS[kind]()
    envelope = opened(json.loads(sealed(PAYLOAD, load_signing_key(private_pem(key), "key.pem"))), "s.json")
    (tmp_path / "message").write_bytes(b"DSSEv1 28 application/vnd.in-toto+json 9 " + PAYLOAD)
    assert pre_authentication(envelope.payload_type, PAYLOAD) == (tmp_path / "message").read_bytes()
    (tmp_path / "signature").write_bytes(envelope.signatures[0][1])
    (tmp_path / "key.pub").write_bytes(public_pem(key))
    digest = {"p256": ["-digest", "sha256"], "p384": ["-digest", "sha384"]}.get(kind, [])
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pub", "-rawin", *digest]
    done = subprocess.run(
        [*command, "-in", "message", "-sigfile", "signature"], cwd=tmp_path, capture_output=True, check=False, timeout=60
    )
    assert b"Verified Successfully" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "this is no private key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "this is no private key in PEM"),
        (private_pem(rsa.generate_private_key(65537, 2048)), "this kind of key does not sign statements"),
        (private_pem(ec.generate_private_key(ec.SECP521R1())), "this kind of key verifies no statement"),
        (private_pem(ed25519.Ed25519PrivateKey.generate(), b"secret"), "the private key has a passphrase"),
    ],
    ids=["empty", "broken", "rsa", "p521", "passphrase"],
)
def test_other_keys_are_refused(data: bytes, what: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_signing_key(data, "key.pem")
    assert caught.value.diagnostics()[0].what == what
    assert caught.value.diagnostics()[0].next_step


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"ssh-ed25519 AAAA", "this is no public key in PEM"),
        (private_pem(ed25519.Ed25519PrivateKey.generate()), "this is a private key"),
        (public_pem(rsa.generate_private_key(65537, 2048)), "this kind of key verifies no statement"),
    ],
    ids=["ssh", "private", "rsa"],
)
def test_other_public_keys_are_refused(data: bytes, what: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_verifying_key(data, "key.pub")
    assert caught.value.diagnostics()[0].what == what


@pytest.mark.parametrize(
    "envelope",
    [
        {"payload": "AA=="},
        {"payloadType": "t", "payload": "AA==", "signatures": {}},
        {"payloadType": "t", "payload": "no base64", "signatures": []},
        {"payloadType": "t", "payload": "AB==", "signatures": []},
        {"payloadType": "t", "payload": "AA==", "signatures": [{"keyid": "k"}]},
        {"payloadType": "t", "payload": "AA==", "signatures": [{"sig": 7}]},
    ],
)
def test_a_malformed_envelope_is_refused(envelope: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="malformed"):
        opened(envelope, "s.json")
