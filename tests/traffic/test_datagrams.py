"""The choice of recognisers by first byte tells what all of them tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.vocabulary import NameRung
from auditor.traffic.datagrams import DATAGRAM_RECOGNISERS, recognise_datagram
from auditor.traffic.finding import Finding, Side
from tests.traffic.fast.both import differences
from tests.traffic.wire import client_hello, only, seen, udp

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


def dtls(cookie: bytes = b"", *, part: int = 0, name: str = "api.example.com") -> bytes:
    """Return a record with a ClientHello (RFC 9147, section 5.3), whole or its first ``part`` bytes."""
    body = client_hello(name)[4:]
    body = body[:67] + bytes([len(cookie)]) + cookie + body[67:]
    piece = body[:part] if part else body
    lengths = len(body).to_bytes(3), bytes(2), bytes(3), len(piece).to_bytes(3)
    message = b"\1" + b"".join(lengths) + piece
    return b"\x16\xfe\xff" + bytes(8) + len(message).to_bytes(2) + message


@pytest.mark.parametrize("cookie", [b"", b"c" * 20])
def test_dtls_shows_its_server_name(tmp_path: Path, cookie: bytes) -> None:
    named = Finding("dtls", Side.CLIENT, "api.example.com", NameRung.SNI, server_name="api.example.com")
    assert recognise_datagram(dtls(cookie)) == named
    edge = only(seen(tmp_path, [udp(dtls(cookie))]))
    assert (edge.destination.name, edge.destination.rung, edge.app_protocol) == ("api.example.com", NameRung.SNI, "dtls")
    assert differences(tmp_path / "a.pcap") == {}


@pytest.mark.parametrize("data", [dtls(part=40), dtls()[:-1], dtls()[:60], dtls()[:30], dtls(name="")])
def test_dtls_without_a_whole_name_hides_it(data: bytes) -> None:
    assert recognise_datagram(data) == Finding("dtls", Side.CLIENT, hidden=True)


def test_an_empty_datagram_is_nothing() -> None:
    assert recognise_datagram(b"") is None
