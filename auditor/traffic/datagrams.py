"""Protocols over UDP, tried in order on the first datagrams of each side."""

from __future__ import annotations

from collections.abc import Callable, Container
from struct import unpack_from

from auditor.traffic.dtls import recognise_dtls
from auditor.traffic.finding import Finding, Side
from auditor.traffic.gquic import recognise_gquic
from auditor.traffic.quic import recognise_quic

_STUN_COOKIE = b"\x21\x12\xa4\x42"
_STUN_HEADER = 20
_STUN_CLASS = 0x0110
_WIREGUARD_LENGTHS = {1: 148, 2: 92, 3: 64}
_WIREGUARD_DATA, _WIREGUARD_LEAST = 4, 32
_DISCO = b"TS\xf0\x9f\x92\xac"
_OPENVPN_RESETS = {0x38: Side.CLIENT, 0x50: Side.CLIENT, 0x40: Side.SERVER}
_OPENVPN_PLAIN, _OPENVPN_SIGNED = 14, (38, 42, 54, 58, 66, 86, 98)
_OPENVPN_THIRD, _OPENVPN_WRAPPED, _OPENVPN_LEAST_KEY = 0x50, 54, 290
"""First byte of a reset that brings its key along (``tls-crypt-v2``), its length without the key, and the least of the key."""
_NTP_LENGTH = 48
_NTP_CLIENT, _NTP_SERVER = 3, 4


def recognise_stun(data: bytes) -> Finding | None:
    """Return STUN or TURN by the magic cookie (RFC 8489, section 5)."""
    if len(data) < _STUN_HEADER or data[0] & 0xC0 or data[4:8] != _STUN_COOKIE:
        return None
    kind, length = unpack_from("!HH", data)
    if length % 4 or _STUN_HEADER + length > len(data):
        return None
    return Finding("stun", Side.SERVER if kind & 0x0100 else Side.CLIENT if not kind & _STUN_CLASS else Side.EITHER)


def recognise_wireguard(data: bytes) -> Finding | None:
    """Return WireGuard by message type, reserved zeros and exact length (wireguard.com/protocol)."""
    if data[1:4] != b"\0\0\0":
        return None
    if data[0] == _WIREGUARD_DATA and len(data) >= _WIREGUARD_LEAST and len(data) % 16 == 0:  # the payload is padded to 16
        return Finding("wireguard", Side.EITHER)
    if _WIREGUARD_LENGTHS.get(data[0]) != len(data):
        return None
    return Finding("wireguard", Side.CLIENT if data[0] == 1 else Side.SERVER)


def recognise_tailscale(data: bytes) -> Finding | None:
    """Return Tailscale by the magic of its discovery messages (tailscale/tailscale, disco/disco.go)."""
    return Finding("tailscale", Side.EITHER) if data.startswith(_DISCO) else None


def recognise_openvpn(data: bytes) -> Finding | None:
    """Return OpenVPN by its hard reset: opcode and key 0, a session, no acknowledgement, packet 0 (openvpn protocol, ssl_pkt.h).

    With ``tls-auth`` or ``tls-crypt`` a digest stands between, so that only opcode and length are left to tell; with
    ``tls-crypt-v2`` a wrapped key stands at the end, which says how long it is.
    """
    side = _OPENVPN_RESETS.get(data[0]) if data else None
    plain = len(data) == _OPENVPN_PLAIN and data[9:14] == bytes(5)
    key = len(data) - _OPENVPN_WRAPPED
    wrapped = key >= _OPENVPN_LEAST_KEY and data[0] == _OPENVPN_THIRD and int.from_bytes(data[-2:]) == key
    return Finding("openvpn", side) if side is not None and (plain or wrapped or len(data) in _OPENVPN_SIGNED) else None


def recognise_ntp(data: bytes) -> Finding | None:
    """Return NTP by length, version and mode (RFC 5905)."""
    if len(data) != _NTP_LENGTH or (data[0] >> 3) & 7 not in (2, 3, 4):
        return None
    side = {_NTP_CLIENT: Side.CLIENT, _NTP_SERVER: Side.SERVER}.get(data[0] & 7)
    return Finding("ntp", side) if side else None


DATAGRAM_RECOGNISERS: tuple[Callable[[bytes], Finding | None], ...] = (
    recognise_stun,
    recognise_quic,
    recognise_gquic,
    recognise_dtls,
    recognise_wireguard,
    recognise_tailscale,
    recognise_openvpn,
    recognise_ntp,
)
"""In order: the more certain the signature, the earlier."""


_EVERY = range(256)
_FIRST_BYTES: dict[Callable[[bytes], Finding | None], Container[int]] = {
    recognise_stun: range(0x40),
    recognise_quic: range(0xC0, 0x100),
    recognise_gquic: {byte for byte in _EVERY if byte & 0x80 or byte & 0x09 == 0x09},  # noqa: PLR2004 -- see there
    recognise_dtls: {20, 21, 22, 23},
    recognise_wireguard: {*_WIREGUARD_LENGTHS, _WIREGUARD_DATA},
    recognise_tailscale: {*_DISCO[:1]},
    recognise_openvpn: _OPENVPN_RESETS,
    recognise_ntp: {byte for byte in _EVERY if byte & 7 in (_NTP_CLIENT, _NTP_SERVER)},
}
"""With which bytes the datagrams of a protocol may begin."""
_POSSIBLE = tuple(tuple(recognise for recognise in DATAGRAM_RECOGNISERS if byte in _FIRST_BYTES[recognise]) for byte in _EVERY)
"""By first byte the recognisers that may know a datagram."""


def recognise_datagram(data: bytes) -> Finding | None:
    """Return what the first recogniser that knows ``data`` tells."""
    for recognise in _POSSIBLE[data[0]] if data else ():
        found = recognise(data)
        if found is not None:
            return found
    return None
