"""Addresses of the kernel: two numbers and the family, which stands in the last byte of ``PORTS``."""

from __future__ import annotations

_WORD = (1 << 64) - 1
_IPV4, _IPV4_LENGTH = 4, 4


def address_of(high: int, low: int, family: int) -> bytes:
    """Return the bytes of an address."""
    if family == _IPV4:
        return low.to_bytes(_IPV4_LENGTH, "big")
    return (high & _WORD).to_bytes(8, "big") + (low & _WORD).to_bytes(8, "big")


def words_of(address: bytes) -> tuple[int, int]:
    """Return the two numbers of an address."""
    if len(address) == _IPV4_LENGTH:
        return 0, int.from_bytes(address, "big")
    return int.from_bytes(address[:8], "big", signed=True), int.from_bytes(address[8:], "big", signed=True)


def family_of(address: bytes) -> int:
    """Return the family as the kernel writes it: the IP version."""
    return _IPV4 if len(address) == _IPV4_LENGTH else 6
