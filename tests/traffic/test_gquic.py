"""Google's QUIC before TLS: the name in its hello, by version."""

from __future__ import annotations

from pathlib import Path
from struct import pack

import pytest

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side
from auditor.traffic.gquic import named_by_hello, recognise_gquic
from tests.traffic.fast.both import differences
from tests.traffic.quic_wire import initial
from tests.traffic.wire import CLIENT, SERVER, only, seen, udp

Q050 = 0x51303530
NAMED = Finding("gquic", Side.CLIENT, "api.example.com", NameRung.SNI, server_name="api.example.com")
UNREAD = Finding("gquic", hidden=True)


def chlo(name: str = "api.example.com") -> bytes:
    """Return a client's hello: tags with the ends of their values, then the values."""
    values = {b"PAD\0": b"-" * 40, **({b"SNI\0": name.encode()} if name else {}), b"VER\0": b"Q043"}
    ends, end = b"", 0
    for tag, value in values.items():
        end += len(value)
        ends += tag + pack("<I", end)
    return b"CHLO" + pack("<HH", len(values), 0) + ends + b"".join(values.values())


HELLO = chlo()


def public(version: bytes, frames: bytes) -> bytes:
    """Return a packet with the header of the versions up to Q043: flags, connection, version, number, hash."""
    return b"\x09" + bytes(8) + version + b"\x01" + bytes(12) + frames


def long(frames: bytes) -> bytes:
    """Return a packet of Q046: a number of four bytes, and the hash."""
    return b"\xc3Q046\x50" + bytes(8) + bytes(4) + bytes(12) + frames


FIRST = b"\xa0\x01" + len(HELLO).to_bytes(2, "big") + HELLO
AGAIN = b"\xa4\x01\x04\x00" + len(HELLO).to_bytes(2, "big") + HELLO
OLD = b"\xa0\x01" + len(HELLO).to_bytes(2, "little") + HELLO


@pytest.mark.parametrize(
    "data",
    [
        public(b"Q024", b"\x01" + OLD),
        public(b"Q035", OLD),
        public(b"Q039", FIRST),
        public(b"Q043", b"\0\0" + FIRST),
        long(FIRST),
        long(AGAIN),
        initial(b"\x08\0" + (0x4000 + len(HELLO)).to_bytes(2) + HELLO, version=Q050),
    ],
)
def test_the_hello_names_the_flow(tmp_path: Path, data: bytes) -> None:
    observation = seen(tmp_path, [udp(b"\0" * 30, 4443, 50000, SERVER, CLIENT), udp(data, 50000, 4443)])
    edge = only(observation)
    assert (edge.destination.name, edge.destination.rung, edge.app_protocol) == ("api.example.com", NameRung.SNI, "gquic")
    assert (edge.destination.port, edge.orientation_rules, edge.name_hidden) == (4443, ("content",), False)
    assert observation.coverage[0].skipped == ()
    assert differences(tmp_path / "a.pcap") == {}


@pytest.mark.parametrize(
    "data",
    [
        b"\x0d" + bytes(8) + b"Q043\x01" + bytes(9),
        b"\xc3Q046\x50" + bytes(20),
        b"\xc3Q046\x05" + bytes(40),
        public(b"Q043", b"\x40" + bytes(40)),
        public(b"Q043", b"\xa0\x03" + FIRST[2:]),
        initial(b"\x08\0\x04SHLO", version=Q050)[:-1] + b"\0",
        b"\xc3Q050\x50" + bytes(20),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, data: bytes) -> None:
    observation = seen(tmp_path, [udp(data, dport=443)])
    edge = only(observation)
    assert (edge.app_protocol, edge.destination.name, edge.name_hidden) == ("gquic", "", True)
    assert observation.coverage[0].skipped == (("gquic_not_read", 1),)
    assert differences(tmp_path / "a.pcap") == {}


def test_a_hello_without_a_name_hides_it_and_is_read() -> None:
    assert named_by_hello(chlo("")) == Finding("gquic", Side.CLIENT, hidden=True)
    assert named_by_hello(HELLO) == NAMED
    assert named_by_hello(b"REJ\0" + HELLO[4:]) is None


@pytest.mark.parametrize("at", range(13, 90, 2))
def test_damage_never_stops_the_reading(at: int) -> None:
    data = public(b"Q043", FIRST)
    for changed in (data[:at], data[:at] + b"\xff\xff" + data[at + 2 :]):
        found = recognise_gquic(changed)
        assert found is not None
        assert found.protocol == "gquic"
