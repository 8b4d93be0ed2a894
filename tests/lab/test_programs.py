"""The codecs of the lab's programs: what a real client or sensor would accept."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.lab.programs import stun, websocket, wire
from fixtures.lab.programs.dns import Table

TABLE = Table(
    {"api2direct.cursor.sh": ("198.51.100.10",), "coder.corp.example": ("10.20.1.10", "fd00:20:1::10")},
    {"api2.cursor.sh": "api2direct.cursor.sh"},
)


def _ask(name: str, kind: str) -> tuple[int, list[tuple[str, str]]]:
    import dnslib

    record = dnslib.DNSRecord.parse(TABLE.answer(bytes(dnslib.DNSRecord.question(name, kind).pack())))
    return int(record.header.rcode), [(dnslib.QTYPE[answer.rtype], str(answer.rdata)) for answer in record.rr]


def test_an_alias_is_answered_with_its_chain() -> None:
    assert _ask("api2.cursor.sh", "A") == (0, [("CNAME", "api2direct.cursor.sh."), ("A", "198.51.100.10")])


def test_each_family_gets_its_own_addresses() -> None:
    assert _ask("coder.corp.example", "A") == (0, [("A", "10.20.1.10")])
    assert _ask("coder.corp.example", "AAAA") == (0, [("AAAA", "fd00:20:1::10")])
    assert _ask("api2direct.cursor.sh", "AAAA") == (0, [])


def test_an_unknown_name_does_not_exist() -> None:
    assert _ask("telemetry.coder.com", "A") == (3, [])


def test_a_stun_request_has_the_cookie_and_the_answer_tells_the_address() -> None:
    packet = stun.request(b"0123456789ab")
    assert packet == bytes.fromhex("000100002112a442") + b"0123456789ab"
    assert stun.is_request(packet)
    answer = stun.answer(packet, "10.20.8.11", 4660)
    assert not stun.is_request(answer)
    assert answer[:20] == bytes.fromhex("0101000c2112a442") + b"0123456789ab"
    assert answer[20:26] == bytes.fromhex("002000080001")
    assert int.from_bytes(answer[26:28], "big") ^ stun.COOKIE >> 16 == 4660
    assert ipaddress.IPv4Address(int.from_bytes(answer[28:32], "big") ^ stun.COOKIE) == ipaddress.IPv4Address("10.20.8.11")


@given(payload=st.binary(max_size=70_000 // 2), masked=st.booleans())
def test_a_websocket_frame_is_read_as_it_was_written(payload: bytes, masked: bool) -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(websocket.frame(payload, masked=masked))
        assert websocket.read(right) == payload


def test_a_close_frame_is_no_payload() -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(websocket.frame(b"", masked=True, close=True))
        assert websocket.read(right) is None


@given(count=st.integers(min_value=0, max_value=5000))
def test_a_body_has_the_length_that_was_asked_for(count: int) -> None:
    assert len(wire.body(count)) == count


def test_a_message_cut_short_is_an_error_and_a_closed_idle_connection_is_none() -> None:
    left, right = socket.socketpair()
    with right:
        left.sendall(b"GET / HTTP/1.1\r\n")
        left.close()
        with pytest.raises(wire.ClosedError):
            wire.read_head(right)
    left, right = socket.socketpair()
    with right:
        left.close()
        assert wire.read_head(right) == b""


def test_the_length_of_a_body_is_read_from_its_head() -> None:
    assert wire.content_length(b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 42\r\n\r\n") == 42
    assert wire.content_length(b"HTTP/1.1 204 No Content\r\n\r\n") == 0
