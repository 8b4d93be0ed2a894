"""The ClientHello of DTLS, whole and in pieces."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from auditor.facts.vocabulary import NameRung
from auditor.traffic.datagrams import recognise_datagram
from auditor.traffic.dtls import HelloReader
from auditor.traffic.finding import Finding, Side
from tests.traffic.fast.both import differences
from tests.traffic.wire import client_hello, only, seen, udp

NAMED = Finding("dtls", Side.CLIENT, "api.example.com", NameRung.SNI, server_name="api.example.com")
WAITING = Finding("dtls", Side.CLIENT, hidden=True, more=True)
NAMELESS = Finding("dtls", Side.CLIENT, hidden=True)


def hello(cookie: bytes = b"", name: str = "api.example.com") -> bytes:
    """Return the body of a ClientHello (RFC 9147, section 5.3)."""
    body = client_hello(name)[4:]
    return body[:67] + bytes([len(cookie)]) + cookie + body[67:]


def fragment(body: bytes, begin: int = 0, end: int | None = None, number: int = 0) -> bytes:
    """Return a handshake message, or the part of it from ``begin`` to ``end``."""
    piece = body[begin:end]
    fields = len(body).to_bytes(3), number.to_bytes(2), begin.to_bytes(3), len(piece).to_bytes(3)
    return b"\1" + b"".join(fields) + piece


def record(*messages: bytes, epoch: int = 0) -> bytes:
    """Return a record that holds messages."""
    body = b"".join(messages)
    return b"\x16\xfe\xff" + epoch.to_bytes(2) + bytes(6) + len(body).to_bytes(2) + body


def read(*datagrams: bytes) -> Finding:
    reader = HelloReader()
    return [reader.read(datagram) for datagram in datagrams][-1]


@pytest.mark.parametrize("cookie", [b"", b"c" * 20])
def test_the_server_name_shows(tmp_path: Path, cookie: bytes) -> None:
    data = record(fragment(hello(cookie)))
    assert read(data) == NAMED
    edge = only(seen(tmp_path, [udp(data)]))
    assert (edge.destination.name, edge.destination.rung, edge.app_protocol) == ("api.example.com", NameRung.SNI, "dtls")
    assert differences(tmp_path / "a.pcap") == {}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_fragments_come_in_any_order_over_datagrams_records_and_within_one(order: tuple[int, ...]) -> None:
    body = hello()
    parts = [fragment(body, 0, 40), fragment(body, 40, 90), fragment(body, 90)]
    pieces = [parts[i] for i in order]
    assert read(*map(record, pieces)) == NAMED
    assert read(*map(record, pieces[:2])) == WAITING
    assert read(b"".join(map(record, pieces))) == NAMED
    assert read(record(*pieces)) == NAMED


def test_a_flow_is_named_by_a_hello_over_several_datagrams(tmp_path: Path) -> None:
    """The first hello is refused and comes again with a cookie: another message, whose fragments are not those of the first."""
    first, again = hello(), hello(b"c" * 20)
    refusal = b"\x16\xfe\xff" + bytes(9) + b"\x1c\3" + bytes(27)
    frames = [
        udp(record(fragment(first, 0, 100))),
        udp(refusal, 9999, 40000, "203.0.113.9", "10.0.0.5"),
        udp(record(fragment(again, 0, 100, 1))),
        udp(record(fragment(again, 100, None, 1))),
    ]
    edge = only(seen(tmp_path, frames))
    assert (edge.destination.name, edge.destination.rung, edge.name_hidden) == ("api.example.com", NameRung.SNI, False)
    assert differences(tmp_path / "a.pcap") == {}


BODY = hello()


@pytest.mark.parametrize(
    "datagrams",
    [
        [record(fragment(BODY))[:-1]],
        [record(fragment(BODY))[:30]],
        [record(fragment(BODY), epoch=1)],
        [record(fragment(hello(name="")))],
        [record(fragment(BODY[:20]))],
        [record(fragment(BODY, 0, 40))] * 32,
        [record(fragment(bytes(70_000), 0, 40))],
    ],
)
def test_what_is_cut_encrypted_nameless_or_without_end_hides_the_name(datagrams: list[bytes]) -> None:
    assert read(*datagrams) == NAMELESS


@pytest.mark.parametrize("at", range(60))
def test_damage_never_stops_the_reading(at: int) -> None:
    data = record(fragment(BODY))
    assert read(data[:at] + b"\xff\xff\xff" + data[at + 3 :], data[:at]).protocol == "dtls"


def test_by_its_first_bytes_a_hello_is_still_to_be_read() -> None:
    assert recognise_datagram(record(fragment(BODY))) == WAITING
