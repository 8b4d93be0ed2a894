"""The choice of recognisers by first byte tells what all of them tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.traffic.datagrams import DATAGRAM_RECOGNISERS, recognise_datagram
from auditor.traffic.finding import Finding

KNOWN = {
    "stun": b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12),
    "quic": b"\xc3\0\0\0\1\x08" + bytes(1200),
    "quic of an unread draft": b"\xc3\xff\0\0\1\x08" + bytes(1200),
    "gquic with a public header": b"\x09" + bytes(8) + b"Q043" + bytes(30),
    "gquic with a long header": b"\xc3Q046" + bytes(30),
    "dtls": b"\x16\xfe\xfd" + bytes(8) + b"\0\x20\1",
    **{
        f"wireguard of {length} bytes": bytes([kind]) + bytes(length - 1)
        for kind, length in ((1, 148), (2, 92), (3, 64), (4, 96))
    },
    "tailscale": b"TS\xf0\x9f\x92\xac" + bytes(60),
    **{f"openvpn of {length} bytes": b"\x38" + bytes(length - 1) for length in (14, 42, 54, 58, 66)},
    "ntp": b"\x23" + bytes(47),
    "nothing": b"\x7f" * 20,
}


def _of_all(data: bytes) -> Finding | None:
    found = (recognise(data) for recognise in DATAGRAM_RECOGNISERS)
    return next((finding for finding in found if finding is not None), None)


@pytest.mark.parametrize("name", KNOWN)
def test_every_first_byte_leads_to_what_all_recognisers_tell(name: str) -> None:
    """Each known datagram, and each with any other byte in front."""
    data = KNOWN[name]
    assert (recognise_datagram(data) is None) == (name == "nothing")
    for byte in range(256):
        changed = bytes([byte]) + data[1:]
        assert recognise_datagram(changed) == _of_all(changed), byte


@given(st.binary(min_size=1, max_size=150))
def test_any_datagram_leads_to_what_all_recognisers_tell(data: bytes) -> None:
    assert recognise_datagram(data) == _of_all(data)


def test_an_empty_datagram_is_nothing() -> None:
    assert recognise_datagram(b"") is None
