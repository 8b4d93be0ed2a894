"""Opening QUIC Initial packets: keys that anybody on the path can derive (RFC 9001 section 5.2, RFC 9369 section 3.3).

The only module that knows ``cryptography``, imported when the first Initial packet is met.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherContext
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_V1_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_V2_SALT = bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9")
_V2_DRAFT_SALT = bytes.fromhex("a707c203a59b47184a1d62ca570406ea7ae3e5d3")
_DRAFT_22_SALT = bytes.fromhex("7fbcdb0e7c66bbe9193a96cd21519ebd7a02644a")
_DRAFT_23_SALT = bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")
_DRAFT_29_SALT = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
_Q050_SALT = bytes.fromhex("504574efd066fe2f9d945cfcdbd3a7f0d3b56b45")
_T050_SALT = bytes.fromhex("7ff579e5acd072915580304c43a2367c60488310")
_T051_SALT = bytes.fromhex("7a4edef4e7ccee5fa4506c19124fc8ccda6e033d")
_TAG = 16
_KEY, _IV = 16, 12
"""Bytes of a key and of an IV (AES-128-GCM)."""
_SAMPLE = 16


class Version(NamedTuple):
    """What differs between the versions of QUIC as far as Initial packets go."""

    salt: bytes
    label: str
    """Prefix of the HKDF labels."""
    initial: int
    """Long packet type of Initial."""
    retry: int
    """Long packet type of Retry, which has no length field."""
    protocol: str = "quic"
    """``gquic`` where another message stands in the place of a ClientHello."""


V1 = Version(_V1_SALT, "quic", 0, 3)
V2 = Version(_V2_SALT, "quicv2", 1, 0)
_DRAFT_22, _DRAFT_23, _DRAFT_29 = (Version(salt, "quic", 0, 3) for salt in (_DRAFT_22_SALT, _DRAFT_23_SALT, _DRAFT_29_SALT))
VERSIONS: dict[int, Version] = {
    0x00000001: V1,
    0x6B3343CF: V2,
    0x709A50C4: Version(_V2_DRAFT_SALT, "quicv2", 1, 0),
    **{0xFF000000 + draft: _DRAFT_22 for draft in (21, 22)},
    **{0xFF000000 + draft: _DRAFT_23 for draft in range(23, 29)},
    **{0xFF000000 + draft: _DRAFT_29 for draft in range(29, 33)},
    **{0xFF000000 + draft: V1 for draft in (33, 34)},
    0xFACEB001: _DRAFT_22,
    0xFACEB002: _DRAFT_23,
    0xFACEB00E: _DRAFT_23,
    0x51303530: Version(_Q050_SALT, "quic", 0, 3, "gquic"),
    0x54303530: Version(_T050_SALT, "quic", 0, 3),
    0x54303531: Version(_T051_SALT, "quic", 0, 3),
}
"""By version number: RFC 9000 and its drafts from 21 on, RFC 9369 and its draft, mvfst, Google's Q050, and the TLS variants
T050 and T051 that preceded the standard."""


class Keys(NamedTuple):
    """What protects the Initial packets of one direction: AES-128-GCM key and IV, header protection key."""

    key: bytes
    iv: bytes
    hp: bytes


@lru_cache(maxsize=1024)
def client_keys(version: Version, connection_id: bytes) -> Keys:
    """Return the keys of the client's Initial packets for the destination connection id of its first one."""
    secret = hmac.digest(version.salt, connection_id, hashlib.sha256)
    client = hmac.digest(secret, _info("client in", 32), hashlib.sha256)
    key, iv, hp = (hmac.digest(client, info, hashlib.sha256) for info in _infos(version.label))
    return Keys(key[:_KEY], iv[:_IV], hp[:_KEY])


def _info(label: str, length: int) -> bytes:
    """Return what HKDF-Expand-Label of RFC 8446 section 7.1 hashes with the secret, for at most one hash of output."""
    name = b"tls13 " + label.encode()
    return length.to_bytes(2, "big") + bytes([len(name)]) + name + b"\0\1"


@cache
def _infos(label: str) -> tuple[bytes, bytes, bytes]:
    """Return what key, IV and header protection key of a direction are expanded with."""
    return _info(f"{label} key", _KEY), _info(f"{label} iv", _IV), _info(f"{label} hp", _KEY)


class _Library(NamedTuple):
    """What is used of ``cryptography``."""

    Cipher: Any
    AES: Any
    ECB: Any
    AESGCM: Any
    InvalidTag: type[Exception]


@cache
def _library() -> _Library:
    """Import what is used, once: to look it up again costs more than to open a packet."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import ECB

    return _Library(Cipher, AES, ECB, AESGCM, InvalidTag)


@lru_cache(maxsize=256)
def _ciphers(keys: Keys) -> tuple[CipherContext, AESGCM]:
    """Return what hides the packet number, a block at a time, and what seals the packet; a client sends several with one key."""
    library = _library()
    masking = library.Cipher(library.AES(keys.hp), library.ECB())  # RFC 9001 section 5.4.3: a block as a mask
    return masking.encryptor(), library.AESGCM(keys.key)


def open_initial(keys: Keys, packet: bytes, number_at: int) -> bytes | None:
    """Return the frames of one Initial packet, ``None`` when the keys do not open it.

    Args:
        keys: of the direction.
        packet: the packet alone, from its first byte to the end that its length field gives.
        number_at: where the protected packet number begins.
    """
    sample = packet[number_at + 4 : number_at + 4 + _SAMPLE]
    if len(sample) < _SAMPLE or len(packet) < number_at + 4 + _TAG:
        return None
    masking, sealing = _ciphers(keys)
    mask = masking.update(sample)
    first = packet[0] ^ (mask[0] & 0x0F)
    size = (first & 3) + 1
    number = int.from_bytes(packet[number_at : number_at + size], "big") ^ int.from_bytes(mask[1 : 1 + size], "big")
    header = b"".join((bytes((first,)), packet[1:number_at], number.to_bytes(size, "big")))
    nonce = (int.from_bytes(keys.iv, "big") ^ number).to_bytes(len(keys.iv), "big")
    try:
        return sealing.decrypt(nonce, packet[number_at + size :], header)
    except _library().InvalidTag:
        return None
