"""Counting, orientation and attempts, seen from the front door."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet import IPerror as QuotedIP
from scapy.layers.inet import TCPerror as QuotedTCP
from scapy.layers.inet6 import IPv6
from scapy.packet import Raw

from auditor.facts.evidence import FrameLocation
from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.names import Lookups
from auditor.traffic.packet import Packet
from auditor.traffic.stream import Stream
from auditor.traffic.table import FlowTable
from auditor.traffic.tracker import FlowTracker
from tests.traffic.wire import CLIENT, SERVER, Connection, client_hello, ether, only, pcap, records, save, seen, server_hello, udp


def test_a_whole_connection_as_a_golden_edge(tmp_path: Path) -> None:
    connection = Connection()
    frames = [
        *connection.handshake(),
        connection.say(records(client_hello())),
        connection.answer(server_hello()),
        connection.say(b"\x17\x03\x03\x00\x64" + bytes(100)),
        connection.up(flags="FA"),
        connection.down(flags="FA"),
    ]
    observation = seen(tmp_path, frames)
    edge = only(observation)
    hello = len(records(client_hello()))
    locator = replace(edge.locators[0], sha256="")
    assert (edge.source.address, edge.source.port, edge.source.name) == (CLIENT, 0, "")
    assert (edge.destination.address, edge.destination.port) == (SERVER, 443)
    assert (edge.destination.name, edge.destination.rung) == ("api.example.com", NameRung.SNI)
    assert (edge.flows, edge.packets_out, edge.packets_in) == (1, 5, 3)
    assert (edge.payload_out, edge.payload_in) == (hello + 105, len(server_hello()))
    assert (edge.wire_out, edge.wire_in) == (5 * 40 + hello + 105, 3 * 40 + len(server_hello()))
    assert (edge.sighting, edge.attempt_reason, edge.app_protocol) == (Sighting.DATA, "", "tls")
    assert (edge.orientation_rules, edge.source_ids, edge.held_open) == (("syn",), ("a.pcap",), False)
    assert (edge.longest_seconds, edge.vlan, edge.vni) == (0.007, None, None)
    assert isinstance(locator, FrameLocation)
    assert (locator.frames, locator.name) == ((1, 2, 3, 4, 5), "api.example.com")
    assert locator.last_time == edge.last_time == "2023-11-14T22:13:20.007000000Z"
    assert observation.coverage[0].addresses == (CLIENT, SERVER)
    assert observation.coverage[0].skipped == ()


def test_bytes_sent_again_count_once_but_went_over_the_wire_twice(tmp_path: Path) -> None:
    connection = Connection(isn=2**32 - 20)
    frames = [*connection.handshake(), connection.up(b"x" * 100), connection.up(b"x" * 100), connection.up(b"x" * 50, shift=75)]
    edge = only(seen(tmp_path, frames))
    assert (edge.payload_out, edge.wire_out) == (125, 40 * 5 + 250)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 80)), max_size=30), st.integers(0, 2**32 - 1))
def test_payload_is_the_number_of_distinct_bytes(segments: list[tuple[int, int]], first: int) -> None:
    stream = Stream()
    stream.anchor(first)
    for at, length in segments:
        stream.feed((first + at) % 2**32, bytes(length), length)
    covered = {at + i for at, length in segments for i in range(length)}
    assert stream.payload == len(covered)
    assert stream.missing() == (bool(covered) and covered != set(range(max(covered) + 1)))


@given(st.binary(min_size=1, max_size=400), st.data())
def test_the_first_bytes_come_in_order_whatever_the_order_of_segments(text: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text)), max_size=6)))
    pieces = [(a, text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True) if a < b]
    stream = Stream()
    stream.anchor(7)
    for at, piece in data.draw(st.permutations(pieces)):
        stream.feed(7 + at, piece, len(piece))
    assert stream.prefix() == stream.prefix(later_wins=True) == text


def test_an_unanswered_syn_is_an_attempt(tmp_path: Path) -> None:
    syn = Connection().up(flags="S")
    edge = only(seen(tmp_path, [syn, syn, syn]))
    assert (edge.sighting, edge.attempt_reason, edge.packets_out, edge.flows) == (Sighting.ATTEMPT, "unanswered", 3, 1)


def test_a_reset_answer_is_a_refused_attempt(tmp_path: Path) -> None:
    connection = Connection()
    edge = only(seen(tmp_path, [connection.up(flags="S"), connection.down(flags="RA")]))
    assert (edge.sighting, edge.attempt_reason) == (Sighting.ATTEMPT, "refused")


def _unreachable(about: bytes) -> bytes:
    return ether(IP(src="10.0.0.1", dst=CLIENT) / ICMP(type=3, code=13) / about)


def test_an_unreachable_answer_makes_tcp_an_attempt_and_leaves_a_datagram_sent(tmp_path: Path) -> None:
    about = QuotedIP(src=CLIENT, dst=SERVER) / QuotedTCP(sport=50000, dport=443)
    observation = seen(tmp_path, [Connection().up(flags="S"), _unreachable(about)])
    edge = only(observation)
    assert (edge.sighting, edge.attempt_reason) == (Sighting.ATTEMPT, "icmp_unreachable")
    assert observation.coverage[0].skipped == (("icmp_error", 1),)
    datagram = IP(src=CLIENT, dst=SERVER) / UDP(sport=40000, dport=9999) / Raw(b"secret")
    edge = only(seen(tmp_path, [ether(datagram), _unreachable(datagram)]))
    assert (edge.sighting, edge.attempt_reason, edge.payload_out) == (Sighting.DATA, "", 6)


def test_a_handshake_without_payload_is_an_attempt(tmp_path: Path) -> None:
    edge = only(seen(tmp_path, Connection().handshake()))
    assert (edge.sighting, edge.attempt_reason) == (Sighting.ATTEMPT, "no_payload")


def test_an_unanswered_datagram_has_left(tmp_path: Path) -> None:
    assert only(seen(tmp_path, [udp(b"x")])).sighting is Sighting.DATA


def test_one_direction_only_is_data_all_the_same(tmp_path: Path) -> None:
    connection = Connection()
    frames = [connection.handshake()[0], connection.say(b"x" * 10)]
    edge = only(seen(tmp_path, frames))
    assert (edge.sighting, edge.payload_out, edge.packets_in) == (Sighting.DATA, 10, 0)


def test_data_in_one_flow_outweighs_attempts_in_others(tmp_path: Path) -> None:
    one, two = Connection(client_port=50001), Connection(client_port=50002)
    edge = only(seen(tmp_path, [one.up(flags="S"), *two.handshake(), two.say(b"x")]))
    assert (edge.flows, edge.sighting, edge.attempt_reason) == (2, Sighting.DATA, "")


def test_a_new_connection_on_the_same_ports_is_a_new_flow(tmp_path: Path) -> None:
    first, second = Connection(), Connection(isn=900_000)
    frames = [*first.handshake(), first.say(b"x"), first.up(flags="FA"), first.down(flags="FA")]
    edge = only(seen(tmp_path, [*frames, *second.handshake(), second.say(b"yy")]))
    assert (edge.flows, edge.payload_out) == (2, 3)


@pytest.mark.parametrize(
    ("ports", "frames", "rule", "client"),
    [
        ((50000, 443), "d:SA", "syn_ack", CLIENT),
        ((50000, 12345), "d:hello", "content", SERVER),
        ((50000, 443), "d:x", "service_port", CLIENT),
        ((5000, 12345), "d:x", "service_port", SERVER),
        ((33000, 50051), "d:x", "service_port", CLIENT),
        ((50000, 900), "d:x", "lower_port", CLIENT),
        ((40000, 50000), "d:x", "private_to_public", CLIENT),
        ((50000, 50000), "d:x", "private_to_public", CLIENT),
    ],
)
def test_mid_connection_orientation(tmp_path: Path, ports: tuple[int, int], frames: str, rule: str, client: str) -> None:
    """The address 8.8.8.8 is global: documentation addresses are not."""
    connection = Connection(port=ports[1], client_port=ports[0], server="8.8.8.8")
    kind = frames[2:]
    frame = connection.down(flags="SA") if kind == "SA" else connection.down(records(client_hello()) if kind == "hello" else b"x")
    edge = only(seen(tmp_path, [frame]))
    assert edge.orientation_rules == (rule,)
    assert edge.source.address == ("8.8.8.8" if client == SERVER else client)


@pytest.mark.parametrize(("chunk", "client"), [(1, SERVER), (2, CLIENT), (10, SERVER), (11, CLIENT), (0, SERVER)])
def test_chunks_that_open_an_association_tell_who_dialled(tmp_path: Path, chunk: int, client: str) -> None:
    body = struct.pack("!HHII", 40000, 40001, 1, 0) + bytes([chunk, 0, 0, 20]) + bytes(16)
    edge = only(seen(tmp_path, [ether(IP(src=SERVER, dst=CLIENT, proto=132) / Raw(body))]))
    assert (edge.source.address, edge.orientation_rules) == (client, ("content" if chunk else "first_frame",))


def test_datagrams_without_known_port_follow_the_first_frame(tmp_path: Path) -> None:
    frames = [udp(b"a", 20000, 30000), udp(b"b", 30000, 20000, SERVER, CLIENT)]
    edge = only(seen(tmp_path, frames))
    assert (edge.source.address, edge.orientation_rules, edge.payload_in) == (CLIENT, ("first_frame",), 1)


def test_ping_is_a_flow_without_ports_whose_payload_counts(tmp_path: Path) -> None:
    reply = ether(IP(src=SERVER, dst=CLIENT) / ICMP(type=0, id=4) / Raw(b"abcd"))
    edge = only(seen(tmp_path, [reply]))
    assert (edge.destination.transport, edge.destination.port, edge.source.address) == (Transport.ICMP, 0, CLIENT)
    assert (edge.payload_in, edge.orientation_rules) == (4, ("content",))


def test_an_unknown_protocol_is_egress_too(tmp_path: Path) -> None:
    edge = only(seen(tmp_path, [ether(IP(src=CLIENT, dst=SERVER, proto=50) / Raw(b"x" * 40))]))
    assert (edge.destination.transport, edge.app_protocol, edge.payload_out) == (Transport.OTHER, "esp", 40)


def test_cut_packets_count_by_their_own_length(tmp_path: Path) -> None:
    source = save(tmp_path, pcap([udp(b"x" * 500)], snap=60))
    from auditor.traffic import observe

    observation = observe([source])
    assert (only(observation).payload_out, observation.coverage[0].truncated_packets) == (500, 1)


def test_padding_of_short_frames_is_no_payload(tmp_path: Path) -> None:
    assert only(seen(tmp_path, [udp(b"x") + bytes(17)])).payload_out == 1


@pytest.mark.parametrize(("seconds", "held"), [(25.0, True), (12.0, True), (9.0, False)])
def test_a_long_connection_with_payload_both_ways_is_held_open(tmp_path: Path, seconds: float, held: bool) -> None:
    connection = Connection()
    frames: list[bytes | tuple[float, bytes]] = [(0.0, f) for f in connection.handshake()]
    frames += [(0.1, connection.say(b"x")), (seconds, connection.answer(b"y"))]
    edge = only(seen(tmp_path, frames))
    assert (edge.held_open, edge.longest_seconds) == (held, seconds)


def test_ten_seconds_of_a_long_window_are_not_held_open(tmp_path: Path) -> None:
    connection = Connection()
    frames: list[bytes | tuple[float, bytes]] = [(0.0, f) for f in connection.handshake()]
    frames += [(0.1, connection.say(b"x")), (12.0, connection.answer(b"y")), (100.0, udp(b"z"))]
    assert [e.held_open for e in seen(tmp_path, frames).edges] == [False, False]


def test_too_many_live_flows_give_way_in_order_and_are_counted() -> None:
    table = FlowTable()
    tracker = FlowTracker("a", table, Lookups(), most_live=10)
    for port in range(25):
        tracker.add(
            Packet(port, port + 1, b"\x0a\0\0\1", b"\x0a\0\0\2", 17, (), None, False, 29, 1000 + port, 9, payload=b"x", length=1)
        )
    tracker.finish()
    assert len(table) == 25
    assert table.columns["src_port"][:15] == list(range(1000, 1015))
    assert tracker.evicted == table.columns["loss_flags"].count("evicted|one_way") == 15


def _tcp_packet(second: int, flags: int, *, back: bool = False, port: int = 1000) -> Packet:
    ends = (b"\x0a\0\0\2", b"\x0a\0\0\1") if back else (b"\x0a\0\0\1", b"\x0a\0\0\2")
    ports = (9, port) if back else (port, 9)
    packet = Packet(second * 10**9, second + 1, *ends, 6, (), None, False, 40, *ports)
    packet.flags = flags
    return packet


@pytest.mark.parametrize(
    ("flags", "second", "evicted"),
    [
        ((0x11, 0x11), 241, 0),  # closed by both sides, and nothing of it can come any more
        ((0x10, 0x14), 241, 0),  # reset
        ((0x11, 0x11), 240, 1),  # closed, but a segment may still be on its way
        ((0x11, 0x10), 241, 1),  # closed by one side: the other may go on sending
        ((0x10, 0x10), 9000, 1),
    ],
)
def test_connections_that_are_over_make_room_and_are_not_counted_as_evicted(
    flags: tuple[int, int], second: int, evicted: int
) -> None:
    table = FlowTable()
    tracker = FlowTracker("a", table, Lookups(), most_live=2)
    tracker.add(_tcp_packet(0, flags[0]))
    tracker.add(_tcp_packet(0, flags[1], back=True))
    tracker.add(_tcp_packet(1, 0x10, port=1001))
    tracker.add(_tcp_packet(second, 0x10, port=1002))
    assert (tracker.evicted, table.columns["src_port"]) == (evicted, [1000])
    assert ("evicted" in table.columns["loss_flags"][0]) == bool(evicted)


def test_a_late_segment_counts_to_its_closed_connection_while_there_is_room() -> None:
    table = FlowTable()
    tracker = FlowTracker("a", table, Lookups(), most_live=2)
    for packet in (_tcp_packet(0, 0x11), _tcp_packet(0, 0x11, back=True), _tcp_packet(9000, 0x10)):
        tracker.add(packet)
    tracker.finish()
    assert (table.columns["packets_out"], table.columns["packets_in"]) == ([2], [1])


def test_ipv6_flows(tmp_path: Path) -> None:
    frame = bytes(IPv6(src="2001:db8::5", dst="2001:db8::9") / TCP(sport=50000, dport=22, flags="PA") / Raw(b"SSH-2.0-x\r\n"))
    edge = only(seen(tmp_path, [frame], link=101))
    assert (edge.source.address, edge.app_protocol, edge.wire_out) == ("2001:db8::5", "ssh", 40 + 20 + 11)
