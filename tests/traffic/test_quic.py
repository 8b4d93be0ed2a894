"""QUIC Initial packets: the vectors of the standards, and every way in which a ClientHello comes in pieces."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side
from auditor.traffic.quic import InitialReader, crypto_frames, initial_packets, recognise_quic
from auditor.traffic.quic_keys import VERSIONS, client_keys, open_initial
from tests.traffic.quic_wire import RFC_ID, V1, V2, crypto, initial, integer, long_header
from tests.traffic.wire import CLIENT, SERVER, client_hello, only, seen, udp

RFC_HELLO = bytes.fromhex(
    "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c00000001000"
    "0e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e000500050100000000003300260024"
    "001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e040305030603020308"
    "0408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ffff080110010480007530090110"
    "0f088394c8f03e51570806048000ffff"
)
"""CRYPTO frame of RFC 9001 appendix A.2 and RFC 9369 appendix A.2."""
NAMED = Finding("quic", Side.CLIENT, "api.example.com", NameRung.SNI, server_name="api.example.com")
WAITING = Finding("quic", hidden=True, more=True)


@pytest.mark.parametrize(
    ("version", "key", "iv", "hp"),
    [
        (V1, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"),
        (V2, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9"),
    ],
)
def test_keys_are_those_of_the_standards(version: int, key: str, iv: str, hp: str) -> None:
    assert [part.hex() for part in client_keys(VERSIONS[version], RFC_ID)] == [key, iv, hp]


@pytest.mark.parametrize(
    ("version", "head", "sealed_begin"),
    [
        (V1, "c000000001088394c8f03e5157080000449e7b9aec34", "d1b1c98dd7689fb8ec11d242b123dc9b"),
        (V2, "d76b3343cf088394c8f03e5157080000449ea0c95e82", "ffe67b6abcdb4298b485dd04de806071"),
    ],
)
def test_the_client_initial_of_the_standards_opens(version: int, head: str, sealed_begin: str) -> None:
    """The packet that the keys make is the one printed in the appendices, and it opens again."""
    packet = initial(RFC_HELLO, version=version)
    assert (len(packet), packet[:22].hex(), packet[22:38].hex()) == (1200, head, sealed_begin)
    ((found, connection_id, whole, at),) = initial_packets(packet)
    assert (found, connection_id, whole, at) == (VERSIONS[version], RFC_ID, packet, 18)
    frames = open_initial(client_keys(found, connection_id), whole, at)
    assert frames == RFC_HELLO + bytes(1162 - len(RFC_HELLO))
    assert list(crypto_frames(frames)) == [(0, RFC_HELLO[4:])]


def test_the_tag_of_the_first_vector() -> None:
    assert initial(RFC_HELLO)[-16:].hex() == "e221af44860018ab0856972e194cd934"


def read(*datagrams: bytes) -> Finding:
    reader = InitialReader()
    return [reader.read(datagram) for datagram in datagrams][-1]


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_every_version_gives_the_name(version: int) -> None:
    assert read(initial(crypto(0, client_hello()), version=version)) == NAMED


HELLO = client_hello(padding=1500)


@given(
    st.lists(st.integers(1, len(HELLO) - 1), min_size=1, max_size=8, unique=True),
    st.randoms(use_true_random=False),
    st.integers(1, 4),
)
def test_frames_split_and_shuffled_over_packets_give_the_same_name(cuts: list[int], random: object, a_packet: int) -> None:
    """CRYPTO frames in any order, with padding and PING between them, several to a packet."""
    edges = [0, *sorted(cuts), len(HELLO)]
    frames = [b"\0\0\1" + crypto(a, HELLO[a:b]) for a, b in pairwise(edges)]
    random.shuffle(frames)  # type: ignore[attr-defined]
    packets = [initial(b"".join(frames[i : i + a_packet]), number=i) for i in range(0, len(frames), a_packet)]
    assert read(*packets) == NAMED
    assert read(b"".join(packets)) == NAMED


def test_overlapping_and_repeated_frames_give_the_same_name() -> None:
    half = len(HELLO) // 2
    assert read(initial(crypto(0, HELLO[:half])), initial(crypto(0, HELLO[:half]) + crypto(half - 9, HELLO[half - 9 :]))) == NAMED


def test_keys_stay_those_of_the_first_connection_id() -> None:
    """After the server's first answer the client sends to the id that the server chose."""
    first = client_keys(VERSIONS[V1], RFC_ID)
    later = initial(crypto(900, HELLO[900:]), destination=b"chosen-by-server", keys=first)
    assert read(initial(crypto(0, HELLO[:900])), later) == NAMED


def test_after_a_retry_the_keys_are_those_of_the_new_id() -> None:
    begun = initial(crypto(0, HELLO[:900]))
    assert read(begun, initial(crypto(900, HELLO[900:]), destination=b"retried", token=b"token" * 20)) == NAMED


def test_packets_between_the_initials_of_a_datagram_are_passed_over() -> None:
    """0-RTT and Handshake packets lie between, a short header ends the datagram, what follows it is no packet."""
    begun, rest = initial(crypto(0, HELLO[:900])), initial(crypto(900, HELLO[900:]))
    assert read(begun + long_header(1, b"early data" * 9) + long_header(2, b"x" * 50) + rest) == NAMED
    assert read(begun + b"\x40short" + rest) == WAITING


def test_acknowledgements_before_the_hello_are_passed_over() -> None:
    ack = b"\x02" + integer(7) + integer(0) + integer(1) + integer(0) + integer(1) + integer(2)
    counted = b"\x03" + integer(7) + integer(0) + integer(0) + integer(0) + integer(1) + integer(1) + integer(70_000)
    assert read(initial(ack + counted + crypto(0, client_hello()))) == NAMED


def test_an_encrypted_hello_shows_its_outer_name_and_hides_its_own() -> None:
    hello = client_hello("cover.example", extra=[(0xFE0D, b"\0" * 40)])
    assert read(initial(crypto(0, hello))) == Finding("quic", Side.CLIENT, hidden=True, server_name="cover.example")


def test_what_never_opens_is_given_up() -> None:
    closed = initial(crypto(0, HELLO), keys=client_keys(VERSIONS[V2], RFC_ID))
    assert read(*[closed] * 3) == WAITING
    assert read(*[closed] * 4) == Finding("quic", hidden=True)
    assert read(*[initial(crypto(0, HELLO[:500]))] * 32) == Finding("quic", hidden=True)


@given(st.binary(max_size=80), st.integers(0, 1199))
def test_damage_never_stops_the_reading(junk: bytes, at: int) -> None:
    packet = initial(crypto(0, client_hello()))
    for data in (junk, b"\xc3\0\0\0\1" + junk, packet[:at] + junk + packet[at + len(junk) :], packet[:at]):
        assert read(data, data).name in ("", "api.example.com")
        assert recognise_quic(data) in (None, Finding("quic", hidden=True), WAITING)
    list(crypto_frames(junk))


def test_a_flow_gets_the_name_and_its_direction_from_the_hello(tmp_path: Path) -> None:
    server = initial(b"\x02\0\0\0\0", destination=b"", keys=client_keys(VERSIONS[V1], b"other"))
    frames = [
        udp(server, 4443, 50000, SERVER, CLIENT),
        udp(initial(crypto(0, HELLO[:1000])), 50000, 4443),
        udp(initial(crypto(1000, HELLO[1000:])), 50000, 4443),
    ]
    edge = only(seen(tmp_path, frames))
    assert (edge.destination.name, edge.destination.rung, edge.app_protocol) == ("api.example.com", NameRung.SNI, "quic")
    assert (edge.destination.port, edge.orientation_rules, edge.name_hidden) == (4443, ("content",), False)


def test_an_unknown_draft_is_quic_without_a_name() -> None:
    assert recognise_quic(long_header(0, bytes(20), version=0xFF000003)) == Finding("quic", hidden=True)
    assert recognise_quic(long_header(0, bytes(20), version=0x0A0A0A0A)) is None
