"""QUIC packets for the tests: Initial packets as a client protects them (RFC 9001, section 5)."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from auditor.traffic.quic_keys import VERSIONS, Keys, client_keys

V1, V2 = 0x00000001, 0x6B3343CF
RFC_ID = bytes.fromhex("8394c8f03e515708")


def integer(value: int, size: int = 0) -> bytes:
    """Return a variable-length integer, in its shortest form or in ``size`` bytes."""
    size = size or next(s for s in (1, 2, 4, 8) if value < 1 << (8 * s - 2))
    return (value | ({1: 0, 2: 1, 4: 2, 8: 3}[size] << (8 * size - 2))).to_bytes(size, "big")


def crypto(offset: int, data: bytes) -> bytes:
    """Return a CRYPTO frame."""
    return b"\x06" + integer(offset) + integer(len(data)) + data


def initial(
    frames: bytes,
    *,
    version: int = V1,
    destination: bytes = RFC_ID,
    number: int = 2,
    number_size: int = 4,
    token: bytes = b"",
    keys: Keys | None = None,
    pad: int = 1162,
) -> bytes:
    """Return a protected Initial packet; ``keys`` default to those of ``destination``."""
    keys = keys or client_keys(VERSIONS[version], destination)
    frames += bytes(max(0, pad - len(frames)))
    first = 0xC0 | VERSIONS[version].initial << 4 | number_size - 1
    header = bytes([first]) + version.to_bytes(4, "big") + bytes([len(destination)]) + destination + b"\0"
    header += integer(len(token)) + token + integer(number_size + len(frames) + 16, 2)
    at = len(header)
    header += number.to_bytes(number_size, "big")
    nonce = bytes(a ^ b for a, b in zip(keys.iv, number.to_bytes(12, "big"), strict=True))
    sealed = AESGCM(keys.key).encrypt(nonce, frames, header)
    sample = (header + sealed)[at + 4 : at + 20]
    mask = Cipher(AES(keys.hp), ECB()).encryptor().update(sample)  # noqa: S305 -- RFC 9001 section 5.4.3
    hidden = bytes(a ^ b for a, b in zip(header[at:], mask[1:], strict=False))
    return bytes([first ^ mask[0] & 0x0F]) + header[1:at] + hidden + sealed


def long_header(kind: int, payload: bytes, version: int = V1, destination: bytes = RFC_ID) -> bytes:
    """Return an unprotected long-header packet of another type than Initial, as it looks from outside."""
    head = bytes([0xC0 | kind << 4]) + version.to_bytes(4, "big") + bytes([len(destination)]) + destination + b"\0"
    return head + integer(len(payload), 2) + payload
