"""Link types, IP headers, fragments, tunnels, noise and duplicates, with scapy as the oracle for headers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scapy.contrib.mpls import MPLS
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, TCP, UDP, fragment
from scapy.layers.inet6 import (
    ICMPv6ND_NS,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    PadN,
    fragment6,
)
from scapy.layers.l2 import ARP, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether
from scapy.layers.ppp import PPP, PPPoE
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from auditor.facts.vocabulary import Sighting
from auditor.traffic import observe
from auditor.traffic.decoder import Decoder
from auditor.traffic.observe import flow_table
from auditor.traffic.record import FileFacts, Record
from tests.traffic.fast.both import everything
from tests.traffic.wire import CLIENT, SERVER, enhanced, ether, interface, only, pcap, save, section, seen, udp

INNER = IP(src=CLIENT, dst=SERVER) / UDP(sport=40000, dport=9999) / Raw(b"hello")
INNER6 = IPv6(src="2001:db8::5", dst="2001:db8::9") / UDP(sport=40000, dport=9999) / Raw(b"hello")
MACS = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}


FRAME = bytes(Ether(**MACS) / INNER)
LLC_IP = b"\xaa\xaa\x03\0\0\0\x08\0" + bytes(INNER)
WIFI = b"\x08\x01" + bytes(22) + LLC_IP
HOP = b"\x18\x41\x03\xcc" + bytes(INNER)
FRAMINGS: list[tuple[int, Packet | bytes]] = [
    (6, b"\x10\x40" + bytes(12) + LLC_IP),
    (6, b"\x10\x40" + bytes(6) + b"\x80" + bytes(5) + b"\x02\x30" + LLC_IP),
    (8, bytes(16) + bytes(INNER)),
    (10, b"\x57" + bytes(12) + LLC_IP),
    (11, LLC_IP),
    (51, b"\x11\0\0\1\0\0\0\x21" + bytes(INNER)),
    (100, b"\xaa\xaa\x03\0\x80\xc2\0\7\0\0" + FRAME),
    (105, WIFI),
    (105, b"\x88\x03" + bytes(30) + LLC_IP),
    (1, bytes(12) + b"\x22\xf3" + b"\0\x7f" + b"\0\1\0\2" + bytes(4) + FRAME),  # TRILL with one word of options
    (1, bytes(12) + b"\x89\x03" + b"\0\x20" + FRAME),  # FabricPath
    (107, HOP),
    (107, b"\x18\x41\x03\0\x80\0\0\0\x08\0" + bytes(INNER)),
    (107, b"\x18\x41\x03\x80\0\x80\xc2\0\7" + FRAME),
    (107, b"\x18\x41\x08\0" + bytes(INNER)),
    (109, b"\2\0\0\0" + bytes(8) + bytes(INNER)),
    (117, b"\x3d\2" + bytes(62) + bytes(INNER)),
    (119, bytes(144) + WIFI),
    (119, b"\x80\x21\x10\1\0\0\0\x40" + bytes(56) + WIFI),
    (122, bytes(16) + LLC_IP),
    (123, b"\2\0\0\x21" + LLC_IP),
    (127, b"\0\0\x0a\0" + bytes(6) + WIFI),
    (163, b"\x80\x21\x10\1\0\0\0\x40" + bytes(56) + WIFI),
    (178, b"MGC\1" + FRAME),
    (178, b"MGC\x80\0\6" + b"\1\4abcd" + FRAME),
    (178, b"MGC\x03\2\0\0\0" + bytes(INNER)),
    (178, FRAME),
    (179, b"MGC\0\xff\x03\0\x21" + bytes(INNER)),
    (180, b"MGC\0" + HOP),
    (181, b"MGC\0\x0f\0\x08\0" + bytes(INNER)),
    (192, b"\0\0\x08\0\x69\0\0\0" + WIFI),
    (192, b"\0\0\x08\0\x7f\0\0\0" + b"\0\0\x0a\0" + bytes(6) + WIFI),
    (204, b"\0\xff\x03\0\x21" + bytes(INNER)),
    (205, b"\1\x0f\0\x08\0" + bytes(INNER)),
    (206, b"\1" + HOP),
    (226, bytes(24) + bytes(INNER6)),
    (240, bytes(4) + FRAME),
    (241, bytes(12) + FRAME),
    (258, b"\x6c\0\0\0\1\0\0\0\1\0\0\0" + bytes(96) + FRAME),
    (274, bytes(8) + FRAME),
    (281, FRAME[:12] + bytes(4) + FRAME[12:]),
    (282, bytes(4) + FRAME),
    (284, FRAME[:12] + bytes(4) + FRAME[12:]),
    (285, FRAME[:12] + bytes(8) + FRAME[12:]),
    (1, FRAME[:12] + b"\x88\xe5\0\0\0\0\0\1" + FRAME[12:] + bytes(16)),
    (1, FRAME[:12] + b"\x88\xe5\x20\0\0\0\0\1" + bytes(8) + FRAME[12:] + bytes(16)),
    (1, FRAME[:12] + b"\x88\xe7\0\0\0\x05" + FRAME),
    (1, FRAME[:12] + b"\x89\x09\1\1\0\1\0\x05" + FRAME[12:]),
    (1, FRAME[:12] + b"\x89\x26\0\1\0\2" + FRAME[12:]),
    (1, FRAME[:12] + b"\x89\x2f\0\x50\0\1" + FRAME[12:]),
    (1, FRAME[:12] + b"\x89\x3f" + bytes(6) + b"\x81\0\0\x05" + FRAME[12:]),
]
"""Link types that carry another one, and tags, by the documents that ``framings.py`` and ``link.py`` name."""


@pytest.mark.parametrize(
    ("link", "frame"),
    [
        (0, b"\2\0\0\0" + bytes(INNER)),
        (0, b"\0\0\0\2" + bytes(INNER)),
        (0, b"\x1e\0\0\0" + bytes(INNER6)),
        (1, Ether(**MACS) / INNER6),
        (1, Dot3(**MACS) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0, code=0x800) / INNER),
        (1, Ether(**MACS) / MPLS(label=5, s=0) / MPLS(label=6, s=1) / INNER),
        (1, Ether(**MACS) / PPPoE() / PPP() / INNER),
        (9, b"\xff\x03" + bytes(PPP() / INNER)),
        (242, bytes(40) + b"\x08\0\0\0" + bytes(INNER)),
        (9, PPP(proto=0x57) / INNER6),
        (9, b"\x0f\0\x08\0" + bytes(INNER)),
        (50, b"\xff\x03\x21" + bytes(INNER)),
        (1, Ether(**MACS) / MPLS(label=5, s=1) / Raw(bytes(4) + bytes(Ether(**MACS) / INNER))),
        (239, b"\2\0\0\0\x05\0\x0a\0a\0\0\0" + b"\x25\0\x09\0" + bytes(INNER)),
        (239, b"\x0a\0\0\0" + b"\0\x39\0\x09" + bytes(INNER6)),
        (12, INNER),
        (101, INNER6),
        (104, b"\x0f\0\x08\0" + bytes(INNER)),
        (108, b"\0\0\0\2" + bytes(INNER)),
        (113, CookedLinux(proto=0x800) / INNER),
        (113, CookedLinux(proto=0x8100) / Dot1Q(vlan=7) / INNER),
        (228, INNER),
        (229, INNER6),
        (276, CookedLinuxV2(proto=0x86DD) / INNER6),
        (228, INNER6),
        *FRAMINGS,
    ],
)
def test_link_types(tmp_path: Path, link: int, frame: Packet | bytes) -> None:
    edge = only(seen(tmp_path, [bytes(frame)], link=link))
    assert (edge.destination.port, edge.payload_out, edge.destination.address) in (
        (9999, 5, SERVER),
        (9999, 5, "2001:db8::9"),
    )


def test_an_unknown_link_type_is_a_counted_gap(tmp_path: Path) -> None:
    observation = seen(tmp_path, [b"\0" * 60] * 3, link=147)
    assert (observation.edges, observation.coverage[0].skipped) == ((), (("link_type:147", 3),))


@pytest.mark.parametrize(
    ("link", "frame", "expected"),
    [
        (1, FRAME[:12] + b"\x88\xe5\x2c\0\0\0\0\1" + bytes(80), "macsec_encrypted"),
        (105, b"\x08\x41" + bytes(80), "wifi_encrypted"),
        (105, b"\x88\x01" + bytes(22) + b"\x80" + bytes(80), "wifi_aggregated"),
        (105, b"\x80\0" + bytes(80), "link_local:wifi"),
        (105, b"\x48\1" + bytes(80), "link_local:wifi"),
        (10, b"\x41" + bytes(80), "link_local:fddi"),
        (6, b"\x10\0" + bytes(80), "link_local:token_ring"),
        (107, b"\x18\x41\x03\xcf" + bytes(60), "frame_relay:0xcf"),
        (192, b"\0\0\x08\0\xc0\0\0\0" * 9, "link_type:192"),
        (127, b"\0\0\xff\xff" + bytes(60), "frame_cut"),
    ],
)
def test_what_cannot_be_read_of_a_framing_is_told(tmp_path: Path, link: int, frame: bytes, expected: str) -> None:
    observation = seen(tmp_path, [frame], link=link)
    assert (observation.edges, observation.coverage[0].skipped) == ((), ((expected, 1),))


def test_the_same_ports_in_two_vlans_are_two_edges_and_a_priority_tag_is_none(tmp_path: Path) -> None:
    stacks = [Dot1Q(vlan=0), Dot1Q(vlan=5), Dot1AD(vlan=6) / Dot1Q(vlan=5), Dot1AD(vlan=6) / Dot1Q(vlan=8)]
    frames = [bytes(Ether(**MACS) / stack / INNER) for stack in stacks]
    assert [(e.vlan, e.flows) for e in seen(tmp_path, frames).edges] == [(None, 1), (5, 1), (6, 2)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.data())
def test_headers_as_scapy_builds_them(data: st.DataObject) -> None:
    ports = data.draw(st.tuples(st.integers(1, 65535), st.integers(20_000, 65535)))
    payload = data.draw(st.binary(max_size=40))
    transport: Packet = data.draw(st.sampled_from([TCP, UDP]))(sport=ports[0], dport=ports[1]) / Raw(payload)
    frame: Packet = IP(src=CLIENT, dst=SERVER, options=b"\1" * data.draw(st.integers(0, 8))) / transport
    if data.draw(st.booleans()):
        frame = IPv6(src="2001:db8::5", dst="2001:db8::9")
        kinds = (IPv6ExtHdrHopByHop, IPv6ExtHdrRouting, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment)
        for kind in data.draw(st.lists(st.sampled_from(kinds), max_size=3, unique=True)):
            frame = frame / kind()
        frame = frame / transport
    raw = bytes(frame)
    record = Record(1, 0, 1, 0, len(raw) + 14, bytes(Ether(**MACS) / frame))
    packet = Decoder(FileFacts()).packet(record)
    assert packet is not None
    assert (packet.source_port, packet.destination_port) == ports
    assert (packet.payload, packet.length, packet.wire) == (payload, len(payload), len(raw))


SIGNATURE = b"\4\0\0\0\1" + bytes(4 + 3 + 12)
"""An authentication header without its first byte, with a signature of 96 bits (RFC 4302, section 2)."""


@pytest.mark.parametrize("kept", [True, False])
def test_an_authentication_header_hides_nothing(tmp_path: Path, kept: bool) -> None:
    signed = IP(src=CLIENT, dst=SERVER, proto=51) / Raw((b"\x11" + SIGNATURE)[:24] + bytes(INNER[UDP]))
    edge = only(seen(tmp_path, [ether(signed)] if kept else [ether(signed)[:40]]))
    assert (edge.destination.port, edge.app_protocol) == ((9999, "") if kept else (0, "ah"))


def test_an_authentication_header_that_says_too_much_is_all_there_is(tmp_path: Path) -> None:
    edge = only(seen(tmp_path, [ether(IP(src=CLIENT, dst=SERVER, proto=51) / Raw(b"\x11\x40" + bytes(40)))]))
    assert edge.app_protocol == "ah"


def test_fragments_are_put_together_in_any_order(tmp_path: Path) -> None:
    packet = IP(src=CLIENT, dst=SERVER, id=9) / UDP(sport=40000, dport=9999) / Raw(bytes(3000))
    frames = [ether(piece) for piece in fragment(packet, fragsize=1000)]
    for order in (frames, frames[::-1]):
        edge = only(seen(tmp_path, order))
        assert (edge.payload_out, edge.packets_out, edge.wire_out) == (3000, 1, 3008 + 4 * 20)
    missing = seen(tmp_path, frames[:-1])
    assert missing.coverage[0].skipped == (("fragment_incomplete", 3),)
    # Its beginning names the flow, and what was seen of it has left.
    edge = only(missing)
    assert (edge.destination.port, edge.packets_out, edge.payload_out, edge.wire_out) == (9999, 1, 3000 - 8, 3060)
    headless = seen(tmp_path, frames[1:])
    assert (headless.edges, headless.coverage[0].skipped) == ((), (("fragment_incomplete", 3),))


def test_fragments_of_two_networks_or_of_two_times_are_not_put_together(tmp_path: Path) -> None:
    """Addresses and identification repeat: in another VLAN by plan, and on one link once 65,536 datagrams went by."""
    packet = IP(src=CLIENT, dst=SERVER, id=7) / UDP(sport=4000, dport=9999) / Raw(bytes(1400))
    beginning, rest = (bytes(piece) for piece in fragment(packet, fragsize=1000))
    tagged = [bytes(Ether(**MACS) / Dot1Q(vlan=vlan) / Raw(piece)) for vlan, piece in ((5, beginning), (6, rest))]
    tagged = [frame[:16] + b"\x08\0" + frame[18:] for frame in tagged]
    apart = seen(tmp_path, tagged)
    assert apart.coverage[0].skipped == (("fragment_incomplete", 2),)
    untagged = [bytes(Ether(**MACS))[:12] + b"\x08\0" + piece for piece in (beginning, rest)]
    late = seen(tmp_path, [(0.0, untagged[0]), (61.0, untagged[1])])
    assert late.coverage[0].skipped == (("fragment_incomplete", 2),)
    assert only(seen(tmp_path, [(0.0, untagged[0]), (59.0, untagged[1])])).payload_out == 1400


def test_ipv6_fragments(tmp_path: Path) -> None:
    packet = (
        IPv6(src="2001:db8::5", dst="2001:db8::9") / IPv6ExtHdrFragment(id=3) / UDP(sport=40000, dport=9999) / Raw(bytes(3000))
    )
    assert only(seen(tmp_path, [ether(p) for p in fragment6(packet, 1280)])).payload_out == 3000


def test_headers_in_what_was_fragmented_are_passed_over(tmp_path: Path) -> None:
    """Options for the destination and a signature lie behind the header of the fragment, in the first piece alone."""
    datagram = UDP(sport=40000, dport=9999) / Raw(bytes(3000))
    ends = IPv6(src="2001:db8::5", dst="2001:db8::9")
    first = ends / IPv6ExtHdrFragment(id=3) / IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(4))]) / datagram
    signed = IP(src=CLIENT, dst=SERVER, id=9, proto=51) / Raw(b"\x11" + SIGNATURE[:23] + bytes(datagram))
    for pieces in fragment6(first, 1280), fragment(signed, fragsize=1000):
        frames = [ether(piece) for piece in pieces]
        for order in frames, frames[::-1]:
            edge = only(seen(tmp_path, order))
            assert (edge.destination.port, edge.packets_out, edge.payload_out) == (9999, 1, 3000)
        torn = only(seen(tmp_path, frames[:1]))
        assert torn.destination.port == 9999
        assert torn.payload_out in range(900, 1300)


def test_an_overlay_between_private_addresses_is_looked_into(tmp_path: Path) -> None:
    outer = IP(src="10.1.0.1", dst="10.1.0.2") / UDP(sport=50000, dport=4789) / VXLAN(vni=77, flags=8)
    edge = only(seen(tmp_path, [ether(outer / Ether(**MACS) / INNER)]))
    assert (edge.vni, edge.destination.address, edge.wire_out) == (77, SERVER, 33)
    edge = only(seen(tmp_path, [ether(IP(src="10.1.0.1", dst="10.1.0.2") / INNER6)]))
    assert (edge.destination.address, edge.payload_out) == ("2001:db8::9", 5)


NOISE = [
    ("arp", Ether(**MACS) / ARP(psrc="10.0.0.9", pdst="10.0.0.1")),
    ("mdns", udp(b"x", 5353, 5353, destination="224.0.0.251")),
    ("llmnr", udp(b"x", 5000, 5355, destination="224.0.0.252")),
    ("nbns", udp(b"x", 137, 137, destination="10.0.0.7")),
    ("ssdp", udp(b"x", 5000, 1900, destination="239.255.255.250")),
    ("dhcp", ether(IP(src="0.0.0.0", dst="255.255.255.255") / UDP(sport=68, dport=67) / BOOTP() / DHCP())),  # noqa: S104
    ("ntp", udp(b"x", 123, 123, destination="224.0.1.1")),
    ("nd", ether(IPv6(src="fe80::1", dst="fe80::2") / ICMPv6ND_NS())),
    ("igmp", ether(IP(src=CLIENT, dst="224.0.0.22", proto=2) / Raw(bytes(8)))),
    ("lldp", Ether(src=MACS["src"], dst="01:80:c2:00:00:0e", type=0x88CC) / Raw(bytes(20))),
    ("stp", Dot3(src=MACS["src"], dst="01:80:c2:00:00:00") / LLC(dsap=0x42, ssap=0x42) / Raw(bytes(35))),
    ("multicast", udp(b"x", destination="239.1.2.3")),
    ("multicast", Ether(src=MACS["src"], dst="ff:ff:ff:ff:ff:ff") / IP(src=CLIENT, dst="10.0.0.255") / UDP(dport=9999) / b"x"),
]


@pytest.mark.parametrize(("reason", "frame"), NOISE, ids=[name for name, _ in NOISE])
def test_local_noise_is_counted_and_never_egress(tmp_path: Path, reason: str, frame: Packet | bytes) -> None:
    observation = seen(tmp_path, [bytes(frame)])
    assert (observation.edges, observation.coverage[0].skipped) == ((), ((f"link_local:{reason}", 1),))


def test_the_flow_table_shows_local_noise_and_says_what_it_is(tmp_path: Path) -> None:
    table, _, _ = flow_table([save(tmp_path, pcap([bytes(frame) for _, frame in NOISE]))])
    local = {name for name, _ in NOISE} - {"arp", "lldp", "stp"}  # those three are below IP
    assert set(table.columns["local_protocol"]) == local


def test_a_frame_to_all_machines_with_the_address_of_one_is_traffic(tmp_path: Path) -> None:
    """Only an address that can be the last of a network is a broadcast: some switches flood what is for one machine."""
    frames = [
        Ether(src=MACS["src"], dst="ff:ff:ff:ff:ff:ff") / IP(src="10.0.0.9", dst=address) / UDP(sport=5000, dport=9999) / b"x"
        for address in ("10.0.0.77", "10.0.0.127", "10.0.0.255")
    ]
    assert only(seen(tmp_path, [bytes(frame) for frame in frames])).destination.address == "10.0.0.77"


@pytest.mark.parametrize(
    ("port", "destination"), [(123, "8.8.8.8"), (123, "10.9.0.1"), (137, "8.8.8.8"), (1900, "8.8.8.8"), (80, "169.254.169.254")]
)
def test_what_may_leave_the_link_is_kept(tmp_path: Path, port: int, destination: str) -> None:
    edge = only(seen(tmp_path, [udp(b"x", 40000, port, destination=destination)]))
    assert (edge.sighting, edge.destination.port) == (Sighting.DATA, port)


def test_an_arp_sender_is_proven_present(tmp_path: Path) -> None:
    frame = bytes(Ether(**MACS) / ARP(psrc="10.0.0.9", pdst="10.0.0.1"))
    assert seen(tmp_path, [frame]).coverage[0].addresses == ("10.0.0.9",)


def test_addresses_are_sorted_by_family_and_value(tmp_path: Path) -> None:
    frames = [udp(b"x", source=s) for s in ("10.0.0.10", "10.0.0.9")]
    frames.append(bytes(Ether(**MACS) / INNER6))
    assert seen(tmp_path, frames).coverage[0].addresses == ("10.0.0.9", "10.0.0.10", "2001:db8::5")


def test_a_packet_seen_on_two_interfaces_counts_once(tmp_path: Path) -> None:
    other = bytes(Ether(src="02:00:00:00:00:03", dst="02:00:00:00:00:04") / IP(src=CLIENT, dst=SERVER, ttl=63) / INNER[UDP])
    content = section() + interface() + interface()
    content += enhanced(ether(INNER), 1_000_000) + enhanced(other, 1_001_000, 1) + enhanced(ether(INNER), 9_000_000, 1)
    observation = observe([save(tmp_path, content, "a.pcapng")])
    assert (only(observation).packets_out, only(observation).payload_out) == (2, 10)
    assert observation.coverage[0].skipped == (("duplicate_on_other_interface", 1),)


def test_what_pads_a_frame_does_not_tell_packets_apart(tmp_path: Path) -> None:
    content = section() + interface() + interface()
    content += enhanced(ether(INNER) + bytes(8), 1_000_000) + enhanced(ether(INNER) + b"leftover", 1_001_000, 1)
    assert only(observe([save(tmp_path, content, "a.pcapng")])).packets_out == 1


def test_the_same_packet_on_one_interface_was_sent_twice(tmp_path: Path) -> None:
    assert only(seen(tmp_path, [ether(INNER), ether(INNER)])).packets_out == 2


def test_cooked_captures_of_all_interfaces_tell_them_apart(tmp_path: Path) -> None:
    frames = [bytes(CookedLinuxV2(proto=0x800, ifindex=index) / INNER) for index in (2, 3)]
    assert only(observe([save(tmp_path, pcap(frames, link=276))])).packets_out == 1


@pytest.mark.parametrize("length", [0, 5, 13, 20, 33, 36, 37])
def test_a_frame_cut_inside_its_headers_is_counted(tmp_path: Path, length: int) -> None:
    observation = observe([save(tmp_path, pcap([ether(INNER)[:length]]))])
    assert observation.edges == ()
    assert sum(count for _, count in observation.coverage[0].skipped) == 1


@pytest.mark.parametrize("length", [38, 41])
def test_the_ports_of_a_cut_datagram_tell_its_flow(tmp_path: Path, length: int) -> None:
    edge = only(observe([save(tmp_path, pcap([ether(INNER)[:length]]))]))
    assert (edge.destination.port, edge.payload_out, edge.sighting) == (9999, 5, Sighting.DATA)


@pytest.mark.parametrize("network", [IP(src=CLIENT, dst=SERVER), IPv6(src="2001:db8::5", dst="2001:db8::9")])
@pytest.mark.parametrize("held", [4, 8, 13])
def test_a_segment_cut_behind_its_ports_is_a_flow_whose_payload_may_be_less(tmp_path: Path, network: Packet, held: int) -> None:
    """A snap length of 68 bytes leaves 10 of a TCP header behind a VLAN tag and IPv6."""
    whole = [ether(network / TCP(sport=40000, dport=443, flags="PA", seq=n, ack=9) / Raw(b"x" * 100)) for n in (1, 1, 101)]
    end = 14 + len(network) + held
    for frames in ([frame[:end] for frame in whole], [whole[0], whole[1][:end], whole[2]]):
        path = tmp_path / "a.pcap"
        path.write_bytes(pcap(frames))
        table = everything(path, fast=False)
        assert table == everything(path, fast=True)
        assert (table["dst_port"], table["packets_out"], table["payload_out"]) == ([443], [3], [300])
        assert (table["state"], table["loss_flags"]) == (["partial"], ["cut|midstream|one_way"])
        assert table["skipped"] == {}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\x02\x81" + bytes(MPLS(label=3, s=1) / INNER), ()),
        (b"\xff\x03\x02\x83" + bytes(MPLS(label=3, s=0) / MPLS(label=4, s=1) / INNER), ()),
        (b"\xc0\x21" + bytes(40), (("ppp_control", 1),)),
        (b"\x80\x21" + bytes(40), (("ppp_control", 1),)),
        (b"\x00\x3d" + bytes(40), (("ppp:0x003d", 1),)),  # multilink (RFC 1990): pieces of what it carries
        (b"\x00\xfd" + bytes(40), (("ppp:0x00fd", 1),)),  # compressed (RFC 1962)
    ],
)
def test_data_in_ppp_is_read_or_told_and_never_taken_for_control(tmp_path: Path, body: bytes, expected: object) -> None:
    observation = observe([save(tmp_path, pcap([body], link=9))])
    assert observation.coverage[0].skipped == expected
    assert len(observation.edges) == (not expected)


SNAP = b"\xaa\xaa\x03"


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (0x88B5, b"secret" * 9, "ethertype:0x88b5"),  # local experiments (IEEE 802): nobody knows what is in it
        (0x88CC, bytes(40), "link_local:lldp"),
        (0x88E5, b"\x2c" + bytes(39), "macsec_encrypted"),
        (38, b"\x42\x42\x03" + bytes(35), "link_local:stp"),
        (38, b"\xfe\xfe\x03" + bytes(35), "link_local:isis"),
        (38, b"\x06\x06\x03" + bytes(35), "llc:0x06"),
        (38, SNAP + b"\x00\x00\x0c\x20\x00" + bytes(30), "link_local:cdp"),
        (38, SNAP + b"\x00\x00\x0c\x12\x34" + bytes(30), "snap:0x1234"),
        (38, SNAP + b"\x00\x00\x00\x80\x9b" + bytes(30), "ethertype:0x809b"),
    ],
)
def test_what_no_reader_knows_is_told_apart_from_local_noise(tmp_path: Path, kind: int, body: bytes, expected: str) -> None:
    frame = bytes.fromhex("0180c2000000 020000000001") + kind.to_bytes(2, "big") + body
    observation = seen(tmp_path, [frame])
    assert (observation.edges, observation.coverage[0].skipped) == ((), ((expected, 1),))
