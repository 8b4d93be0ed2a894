"""Tunnels, with scapy as the oracle for their headers: the inner flow is reported, the far end kept, nothing counted twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scapy.contrib.erspan import ERSPAN_I, ERSPAN_II, ERSPAN_III
from scapy.contrib.geneve import GENEVE
from scapy.contrib.gtp import GTP_U_Header, GTPPDUSessionContainer
from scapy.contrib.mpls import MPLS
from scapy.contrib.nsh import NSH
from scapy.layers.inet import ICMP, IP, TCP, UDP, fragment
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, GRE, GRE_PPTP, Dot1Q, Ether
from scapy.layers.l2tp import L2TP
from scapy.layers.ppp import PPP
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from auditor.traffic.coverage import Reading
from auditor.traffic.observe import flow_table
from tests.traffic.wire import CLIENT, SERVER, ether, pcap, save

MACS = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}
INNER = IP(src=CLIENT, dst=SERVER) / UDP(sport=40000, dport=9999) / Raw(b"hello")
INNER6 = IPv6(src="2001:db8::5", dst="2001:db8::9") / UDP(sport=40000, dport=9999) / Raw(b"hello")
FRAME = Ether(**MACS) / INNER
PPP_INNER, PPP_INNER6 = b"\xff\x03\0\x21" + bytes(INNER), b"\xff\x03\0\x57" + bytes(INNER6)
SNAP = b"\xaa\xaa\3\0\0\0\x08\0"
HERE, THERE, FAR = "10.1.0.1", "10.1.0.2", "8.8.8.8"


def outer(far: str = THERE) -> Packet:
    return IP(src=HERE, dst=far)


def over_udp(port: int, far: str = THERE) -> Packet:
    return outer(far) / UDP(sport=50000, dport=port)


TUNNELS: list[tuple[str, int | None, Packet]] = [
    ("ipip", None, outer() / INNER),
    ("ip6ip", None, outer() / INNER6),
    ("ipip", None, IPv6(src="fd00::1", dst="fd00::2") / INNER),
    ("ip6ip", None, IPv6(src="fd00::1", dst="fd00::2") / INNER6),
    ("gre", None, outer() / GRE() / INNER),
    ("gre", None, outer() / GRE(proto=0x86DD) / INNER6),
    ("gre", None, outer() / GRE(chksum_present=1, key_present=1, key=7, seqnum_present=1) / INNER),
    ("gre", 0x1234, outer() / GRE(proto=0x6558, key_present=1, key=0x123456) / FRAME),
    ("gre", None, outer() / GRE(proto=0x8847) / MPLS(label=5, s=1) / INNER),
    ("gre", None, outer() / GRE(proto=0x894F) / NSH(nextproto=1) / INNER),
    ("gre", None, outer() / GRE(proto=0x883E) / INNER),
    ("gre", None, outer() / GRE(proto=0x883E) / Raw(b"\0\1\0\0" + bytes(INNER))),
    ("gre", None, over_udp(4754) / GRE() / INNER),
    ("lisp", None, over_udp(4341) / Raw(bytes(8) + bytes(INNER))),
    ("lisp", None, over_udp(4341) / Raw(bytes(8) + bytes(INNER6))),
    ("tzsp", None, over_udp(37008) / Raw(b"\1\0\0\1\1" + bytes(FRAME))),
    ("tzsp", None, over_udp(37008) / Raw(b"\1\0\0\1\0\x0a\1\x80\1" + bytes(FRAME))),
    ("pptp", None, outer() / GRE_PPTP(seqnum_present=1, sequence_number=1, acknum_present=1) / PPP(b"\xff\x03\0\x21") / INNER),
    ("erspan", None, outer() / GRE(proto=0x88BE) / ERSPAN_I() / FRAME),
    ("erspan", None, outer() / GRE(proto=0x88BE, seqnum_present=1) / ERSPAN_II() / FRAME),
    ("erspan", None, outer() / GRE(proto=0x22EB, seqnum_present=1) / ERSPAN_III() / FRAME),
    ("etherip", None, IP(src=HERE, dst=THERE, proto=97) / Raw(b"\x30\0" + bytes(FRAME))),
    ("mpls", None, IP(src=HERE, dst=THERE, proto=137) / MPLS(label=5, s=1) / INNER),
    ("mpls", None, over_udp(6635) / MPLS(label=5, s=1) / INNER),
    ("vxlan", 77, over_udp(4789) / VXLAN(vni=77, flags=8) / FRAME),
    ("vxlan", 77, over_udp(8472) / VXLAN(vni=77, flags=8) / FRAME),
    ("vxlan", 77, over_udp(4790) / VXLAN(vni=77, flags=0x0C, NextProtocol=1) / INNER),
    ("vxlan", 77, over_udp(4790) / VXLAN(vni=77, flags=0x0C, NextProtocol=4) / NSH(nextproto=1) / INNER),
    ("vxlan", 77, over_udp(4789) / VXLAN(vni=77, flags=8) / Ether(type=0x894F) / NSH(nextproto=3) / FRAME),
    ("gue", None, over_udp(6080) / Raw(b"\0\4\0\0" + bytes(INNER))),
    ("gue", None, over_udp(6080) / Raw(b"\1\x29\0\x10" + bytes(4) + bytes(INNER6))),
    ("gue", 7, over_udp(6080) / Raw(b"\0\x2f\0\0" + bytes(GRE(key_present=1, key=7 << 8, proto=0x6558) / FRAME))),
    ("gue", None, over_udp(6080) / INNER),
    ("ayiya", None, over_udp(5072) / Raw(b"\x44\x52\x11\x29" + bytes(4 + 16 + 20) + bytes(INNER6))),
    ("gre", None, outer() / GRE(proto=0x8200) / Raw(b"\x08\1" + bytes(22) + SNAP + bytes(INNER))),
    ("gre", None, outer() / GRE(proto=0x9000) / Raw(b"\x88\1" + bytes(24) + SNAP + bytes(INNER))),
    ("geneve", 78, over_udp(6081) / GENEVE(vni=78) / FRAME),
    ("l2tp", None, over_udp(1701) / L2TP(tunnel_id=3, session_id=4) / Raw(PPP_INNER)),
    ("l2tp", None, over_udp(1701) / L2TP(hdr="length+sequence+offset", offset=3) / Raw(b"pad" + PPP_INNER)),
    ("l2tp", None, over_udp(1701) / Raw(b"\0\2\0\3\0\4" + PPP_INNER6[2:])),
    ("geneve", 78, over_udp(6081) / Raw(b"\x02\0\x08\0\0\0\x4e\0" + bytes(8) + bytes(INNER))),
    ("teredo", None, over_udp(3544) / INNER6),
    ("teredo", None, over_udp(3544) / Raw(b"\0\1\2\3" + bytes(14) + b"\0\0" + bytes(6) + bytes(INNER6))),
    ("gtp", None, over_udp(2152) / GTP_U_Header(teid=9, gtp_type=255) / INNER),
    ("gtp", None, over_udp(2152) / GTP_U_Header(teid=9, gtp_type=255, S=1, seq=4) / INNER6),
    ("gtp", None, over_udp(2152) / GTP_U_Header(teid=9, gtp_type=255, E=1) / GTPPDUSessionContainer(type=0, QFI=1) / INNER),
    ("capwap", None, over_udp(5247) / Raw(b"\0\x10\2\0" + bytes(4) + bytes(FRAME))),
    ("capwap", None, over_udp(5247) / Raw(b"\0\x10\3\0" + bytes(4) + b"\x08\1" + bytes(22) + SNAP + bytes(INNER))),
    ("capwap", None, over_udp(5247) / Raw(b"\0\x10\3\0" + bytes(4) + b"\1\x88" + bytes(24) + SNAP + bytes(INNER))),
]  # fmt: skip


def flows(folder: Path, *frames: Packet | bytes) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the rows of the flow table and what was skipped."""
    table, (reading,), _ = flow_table([save(folder, pcap([f if isinstance(f, bytes) else ether(f) for f in frames]))])
    rows = [{name: column[i] for name, column in table.columns.items()} for i in range(len(table))]
    assert isinstance(reading, Reading)
    return rows, dict((reading.skipped + reading.facts.skipped).items())


@pytest.mark.parametrize(("kind", "vni", "packet"), TUNNELS, ids=[f"{i}-{kind}" for i, (kind, _, _) in enumerate(TUNNELS)])
def test_the_inner_flow_is_reported_and_the_outer_ends_kept(tmp_path: Path, kind: str, vni: int | None, packet: Packet) -> None:
    rows, skipped = flows(tmp_path, packet)
    (row,) = rows
    assert (row["tunnel"], row["vni"], row["payload_out"], row["dst_port"]) == (kind, vni, 5, 9999)
    assert (row["src_addr"], row["dst_addr"]) in ((CLIENT, SERVER), ("2001:db8::5", "2001:db8::9"))
    assert (row["outer_src_addr"], row["outer_dst_addr"]) in ((HERE, THERE), ("fd00::1", "fd00::2"))
    assert row["wire_out"] in (len(INNER), len(INNER6))
    assert skipped == {}


@pytest.mark.parametrize(("kind", "packet"), [(k, p) for k, _, p in TUNNELS if IP in p and p[IP].src == HERE])
def test_a_far_end_that_is_global_is_a_flow_of_its_own_and_nothing_counts_twice(
    tmp_path: Path, kind: str, packet: Packet
) -> None:
    far = packet.copy()
    far[IP].dst = FAR
    rows, _ = flows(tmp_path, far)
    outside = [row for row in rows if row["dst_addr"] == FAR]
    inside = [row for row in rows if row["dst_addr"] != FAR]
    assert [(row["app_protocol"], row["tunnel"]) for row in outside] == [(kind, "")]
    assert [row["outer_dst_addr"] for row in inside] == [FAR]
    assert sum(row["wire_out"] for row in rows) == len(bytes(far))
    assert outside[0]["payload_out"] > 0


def test_an_answer_through_a_tunnel_has_its_ends_turned_round(tmp_path: Path) -> None:
    back = IP(src=THERE, dst=HERE) / IP(src=SERVER, dst=CLIENT) / UDP(sport=53, dport=40000) / Raw(b"hello")
    (row,), _ = flows(tmp_path, back)
    assert (row["src_addr"], row["outer_src_addr"], row["outer_dst_addr"]) == (CLIENT, HERE, THERE)


def test_tunnels_in_tunnels_are_named_from_outside_in_and_end_at_a_depth(tmp_path: Path) -> None:
    (row,), _ = flows(tmp_path, outer() / GRE() / over_udp(4789) / VXLAN(vni=5, flags=8) / Ether(**MACS) / Dot1Q(vlan=9) / INNER)
    assert (row["tunnel"], row["vni"], row["vlan"], row["outer_dst_addr"]) == ("gre|vxlan", 5, 9, THERE)
    deep = INNER
    for _ in range(4):
        deep = outer() / deep
    (row,), _ = flows(tmp_path, deep)
    assert (row["tunnel"], row["dst_port"]) == ("ipip|ipip|ipip|ipip", 9999)
    assert flows(tmp_path, outer() / deep) == ([], {"tunnel_depth": 1})


def test_what_does_not_hold_an_ip_packet_is_the_flow_itself(tmp_path: Path) -> None:
    for packet, protocol in (
        (over_udp(4789) / Raw(b"\x08" + bytes(7) + b"\xff" * 32), "vxlan"),
        (over_udp(2152) / Raw(b"\x32\x01\0\4" + bytes(12)), ""),
        (outer() / GRE(proto=0x1234) / Raw(bytes(30)), "gre"),
        (IP(src=HERE, dst=THERE, proto=47) / Raw(b"\0"), "gre"),
        (outer() / GRE() / Raw(b"\x45\0"), "gre"),
        (over_udp(5072) / Raw(b"\x44\x52\x12\x29" + bytes(4 + 16 + 20) + bytes(INNER6)), ""),
        (over_udp(5072) / Raw(b"\x44\x52\x11"), ""),
        (outer() / GRE(proto=0x8200) / Raw(b"\x08\x41" + bytes(30) + bytes(INNER)), "gre"),
        (over_udp(6080) / Raw(b"\x20\4\0\0" + bytes(INNER)), ""),
        (over_udp(1701) / Raw(b"\xc8\2\0\x14\0\0\0\0\0\0\0\0" + bytes(8)), "l2tp"),
        (over_udp(1701) / Raw(b"\0\2\0\3\0\4\xc0\x21\1\1\0\4"), "l2tp"),
    ):
        (row,), _ = flows(tmp_path, packet)
        assert (row["dst_addr"], row["app_protocol"], row["tunnel"]) == (THERE, protocol, "")


def test_noise_inside_stays_noise_and_a_global_far_end_is_still_seen(tmp_path: Path) -> None:
    arp = Ether(**MACS) / ARP(psrc=CLIENT, pdst="10.0.0.1")
    assert flows(tmp_path, over_udp(4789) / VXLAN(vni=5, flags=8) / arp) == ([], {"link_local:arp": 1})
    (row,), skipped = flows(tmp_path, over_udp(4789, FAR) / VXLAN(vni=5, flags=8) / arp)
    assert (row["dst_addr"], row["app_protocol"], skipped) == (FAR, "vxlan", {"link_local:arp": 1})
    multicast = IP(src=CLIENT, dst="239.1.1.1") / UDP(dport=9) / Raw(b"x")
    (row,), skipped = flows(tmp_path, outer(FAR) / multicast)
    assert (row["app_protocol"], row["wire_out"], skipped) == ("ipip", 49, {"link_local:multicast": 1})


def test_fragments_outside_and_inside_of_a_tunnel(tmp_path: Path) -> None:
    large = IP(src=CLIENT, dst=SERVER, id=7) / UDP(sport=40000, dport=9999) / Raw(bytes(3000))
    for frames in (
        fragment(IP(src=HERE, dst=THERE, id=3, proto=4) / Raw(bytes(large)), 1000),
        [outer() / piece for piece in fragment(large, 1000)],
    ):
        (row,), _ = flows(tmp_path, *frames)
        assert (row["payload_out"], row["packets_out"], row["tunnel"]) == (3000, 1, "ipip")
    rows, _ = flows(tmp_path, *[outer(FAR) / piece for piece in fragment(large, 1000)])
    assert sum(row["packets_out"] for row in rows if row["dst_addr"] == FAR) == 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)
@given(st.data())
def test_headers_inside_are_read_as_scapy_builds_them(tmp_path: Path, data: st.DataObject) -> None:
    payload = data.draw(st.binary(min_size=1, max_size=40))
    transport = data.draw(st.sampled_from([UDP(sport=40000, dport=9999), TCP(sport=40000, dport=9999, flags="PA"), ICMP(type=8)]))
    _, vni, packet = data.draw(st.sampled_from([t for t in TUNNELS if t[2].getlayer(IP, 2) is not None]))
    shell = packet.copy()
    inner = shell.getlayer(IP, 2)
    inner.remove_payload()
    inner.add_payload(transport / Raw(payload))
    for field in ("len", "chksum", "proto"):
        inner.delfieldval(field)
    (row,), _ = flows(tmp_path, shell)
    assert (row["payload_out"] + row["payload_in"], row["vni"], row["dst_addr"]) == (len(payload), vni, SERVER)


@given(st.integers(0, len(TUNNELS) - 1), st.integers(14, 90), st.binary(min_size=1, max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_damage_never_stops_the_reading(tmp_path: Path, which: int, at: int, junk: bytes) -> None:
    frame = ether(TUNNELS[which][2])
    rows, skipped = flows(tmp_path, frame[:at] + junk + frame[at + len(junk) :], frame[:at])
    assert len(rows) + sum(skipped.values()) >= 1
