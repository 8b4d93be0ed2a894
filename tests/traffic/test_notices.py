"""What is worth a look: each kind found where it is, and nothing said where traffic is ordinary."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw

from auditor.traffic import publish
from auditor.traffic.datagrams import recognise_openvpn, recognise_tailscale, recognise_wireguard
from auditor.traffic.finding import Finding, Side
from auditor.traffic.notices import BEACON_FLOWS, DNS_NAMES, UPLINK_BYTES, Kind, Notice, notices
from auditor.traffic.observe import flow_table
from auditor.traffic.streams import recognise_openvpn_stream, recognise_stream
from tests.traffic.wire import CLIENT, SERVER, Connection, client_hello, ether, pcap, records, save, udp

Timed = list[tuple[float, bytes]]


def found(folder: Path, frames: Timed) -> tuple[Notice, ...]:
    """Return the notices of a capture with these frames."""
    table, _, lookups = flow_table([save(folder, pcap(frames))])
    return notices(publish.FlowRows(table), lookups.answers())


def stream(
    seconds: float, up: int, down: int, *, name: str = "api.example.com", port: int = 443, client_port: int = 50000
) -> Timed:
    """Return a TLS connection that carries so many bytes and lasts so long, from time 0 on."""
    connection = Connection(port=port, client_port=client_port)
    frames = [*connection.handshake(), connection.say(records(client_hello(name)))]
    frames += [connection.say(bytes(min(1400, up - sent))) for sent in range(0, up, 1400)]
    frames += [connection.answer(bytes(min(1400, down - sent))) for sent in range(0, down, 1400)]
    return [(seconds * index / (len(frames) - 1), frame) for index, frame in enumerate(frames)]


def kinds(folder: Path, frames: Timed) -> list[tuple[str, str]]:
    return [(notice.kind.value, notice.destination) for notice in found(folder, frames)]


def test_an_ordinary_exchange_is_nothing_to_look_at(tmp_path: Path) -> None:
    assert found(tmp_path, stream(30, 5_000, 50_000)) == ()


@pytest.mark.parametrize(
    ("seconds", "up", "down", "kind"),
    [(600, 1000, 1000, Kind.LONG_LIVED), (30, UPLINK_BYTES, 1000, Kind.UPLINK_HEAVY)],
)
def test_long_streams_and_heavy_uplinks_are_noticed(tmp_path: Path, seconds: float, up: int, down: int, kind: Kind) -> None:
    assert kinds(tmp_path, stream(seconds, up, down)) == [(kind.value, "api.example.com:443")]


@pytest.mark.parametrize(("port", "told"), [(40000, True), (53, False)])
def test_datagrams_both_ways_for_long_are_a_channel(tmp_path: Path, port: int, told: bool) -> None:
    asked = bytes(DNS(id=7, qd=DNSQR(qname="a.example")))
    there, back = udp(asked, dport=port), udp(asked, source=SERVER, destination=CLIENT, sport=port, dport=40000)
    frames = [(60.0 * i + j, frame) for i in range(11) for j, frame in ((0, there), (1, back))]
    assert (("long_lived", f"{SERVER}:{port}") in kinds(tmp_path, frames)) is told


@pytest.mark.parametrize(
    ("seconds", "up", "down"),
    [(599, 1000, 1000), (30, UPLINK_BYTES, UPLINK_BYTES // 4), (30, UPLINK_BYTES // 2, 1000)],
    ids=["shorter", "answered", "little"],
)
def test_below_a_threshold_nothing_is_said(tmp_path: Path, seconds: float, up: int, down: int) -> None:
    assert found(tmp_path, stream(seconds, up, down)) == ()


@pytest.mark.parametrize(
    ("name", "port", "kind"),
    [
        ("region1.v2.argotunnel.com", 7844, "tunnel"),
        ("connect.ngrok-agent.com", 443, "tunnel"),
        ("tunnel.us.ngrok.com", 443, "tunnel"),
        ("a-b-c-d.trycloudflare.com", 443, "tunnel"),
        ("abc.ngrok-free.app", 443, "tunnel"),
        ("derp4.tailscale.com", 443, "tunnel"),
        ("www.ct7ctrgb6cr7.com", 9001, "tunnel"),
        ("mozilla.cloudflare-dns.com", 443, "dns_off_sight"),
        ("resolver.example.com", 853, "dns_off_sight"),
    ],
)
def test_tunnels_and_hidden_look_ups_are_known_by_name_or_port(tmp_path: Path, name: str, port: int, kind: str) -> None:
    assert kinds(tmp_path, stream(5, 100, 100, name=name, port=port)) == [(kind, f"{name}:{port}")]


def test_a_name_like_those_of_tor_that_was_looked_up_is_a_name(tmp_path: Path) -> None:
    name = "www.ct7ctrgb6cr7.com"
    asked = udp(bytes(DNS(id=7, qd=DNSQR(qname=name))), dport=53)
    assert found(tmp_path, [(0.0, asked), *[(t + 1, f) for t, f in stream(5, 100, 100, name=name)]]) == ()


def calls(gaps: list[float]) -> Timed:
    """Return short connections that begin at these distances."""
    frames, start = [], 0.0
    for index, gap in enumerate([0.0, *gaps]):
        start += gap
        frames += [(start + t, frame) for t, frame in stream(0.5, 50, 50, client_port=50000 + index)]
    return frames


def test_even_calls_are_a_beacon(tmp_path: Path) -> None:
    (notice,) = found(tmp_path, calls([60.0, 61.0, 59.0, 60.5, 59.5]))
    assert (notice.kind, notice.destination) == (Kind.BEACON, "api.example.com:443")
    assert notice.text == "6 flows, one every 60.0 s, varying by 0.7 s"
    assert len(notice.frames) == 5


def test_calls_of_several_connections_and_with_jitter_are_a_beacon(tmp_path: Path) -> None:
    (pairs,) = found(tmp_path, calls([60.0, 0.2] * 6))
    assert pairs.text == "13 flows in 7 calls, one every 60.2 s, varying by 0.1 s"
    chance = random.Random(5)  # noqa: S311 - times for a capture, no secret
    (jitter,) = found(tmp_path, calls([chance.uniform(36, 84) for _ in range(20)]))
    assert jitter.kind is Kind.BEACON
    assert found(tmp_path, calls([5 + chance.expovariate(1 / 60) for _ in range(20)])) == ()


@pytest.mark.parametrize(
    "gaps",
    [[60.0] * (BEACON_FLOWS - 2), [60.0, 5.5, 90.0, 30.0, 200.0], [1.0] * 10],
    ids=["too few", "uneven", "busy"],
)
def test_other_calls_are_no_beacon(tmp_path: Path, gaps: list[float]) -> None:
    assert found(tmp_path, calls(gaps)) == ()


def questions(count: int, length: int) -> Timed:
    """Return look-ups of that many different names of hexadecimal data below one domain."""
    chance = random.Random(7)  # noqa: S311 - names for a capture, no secret
    names = ["".join(chance.choice("0123456789abcdefghjkmnpq") for _ in range(length)) + ".t.example.com" for _ in range(count)]
    return [(float(i), udp(bytes(DNS(id=i, qd=DNSQR(qname=name))), sport=20000 + i, dport=53)) for i, name in enumerate(names)]


def test_data_in_names_is_a_dns_tunnel(tmp_path: Path) -> None:
    notice = next(n for n in found(tmp_path, questions(DNS_NAMES, 50)) if n.kind is Kind.DNS_TUNNEL)
    assert (notice.source, notice.destination) == (CLIENT, "example.com")


@pytest.mark.parametrize(("count", "length"), [(DNS_NAMES - 1, 50), (200, 10)], ids=["few", "short"])
def test_few_or_short_names_are_no_tunnel(tmp_path: Path, count: int, length: int) -> None:
    assert Kind.DNS_TUNNEL not in {n.kind for n in found(tmp_path, questions(count, length))}


@pytest.mark.parametrize(("size", "noticed"), [(56, False), (900, True)], ids=["ping", "payload"])
def test_echo_packets_with_much_inside_are_noticed(tmp_path: Path, size: int, noticed: bool) -> None:
    frames = [(float(i), ether(IP(src=CLIENT, dst=SERVER) / ICMP(type=8, id=3, seq=i) / Raw(bytes(size)))) for i in range(4)]
    assert kinds(tmp_path, frames) == ([("icmp_payload", SERVER)] if noticed else [])


WIREGUARD = b"\4\0\0\0" + bytes(12 + 16 + 32)
OPENVPN = b"\x38" + bytes(range(1, 9)) + bytes(5)


@pytest.mark.parametrize(
    ("payload", "protocol"),
    [(WIREGUARD, "wireguard"), (b"TS\xf0\x9f\x92\xac" + bytes(60), "tailscale"), (OPENVPN, "openvpn")],
)
def test_tunnels_are_known_by_their_bytes(tmp_path: Path, payload: bytes, protocol: str) -> None:
    (notice,) = found(tmp_path, [(0.0, udp(payload))])
    assert (notice.kind, notice.destination) == (Kind.TUNNEL, f"{SERVER}:9999")
    assert notice.text == f"{protocol}, {len(payload)} bytes out, 0 back: what it carries is not seen here"


def test_near_misses_are_not_taken_for_tunnels() -> None:
    assert recognise_wireguard(WIREGUARD + b"\0") is None
    assert recognise_wireguard(b"\4\0\0\1" + bytes(60)) is None
    assert recognise_openvpn(OPENVPN[:-1] + b"\1") is None
    assert recognise_openvpn(b"\x38" + bytes(30)) is None
    assert recognise_openvpn(b"") is None
    assert recognise_tailscale(b"TS") is None


def test_openvpn_over_tcp_has_a_length_before_it() -> None:
    assert recognise_openvpn_stream(len(OPENVPN).to_bytes(2) + OPENVPN) == Finding("openvpn", Side.CLIENT)
    assert recognise_openvpn_stream(len(OPENVPN).to_bytes(2) + OPENVPN[:5]) is None
    assert recognise_openvpn(b"\x40" + bytes(41)) == Finding("openvpn", Side.SERVER)


def test_openvpn_brings_its_wrapped_key_along() -> None:
    reset = b"\x50" + bytes(53) + bytes(298) + (300).to_bytes(2)
    assert recognise_openvpn(reset) == Finding("openvpn", Side.CLIENT)
    assert recognise_openvpn(reset[:-1] + b"\0") is None
    assert recognise_openvpn(b"\x38" + bytes(85)) == Finding("openvpn", Side.CLIENT)


def test_stun_over_tcp_is_known() -> None:
    assert recognise_stream(b"\0\3\0\4\x21\x12\xa4\x42" + bytes(12) + b"\0\x19\0\0") == Finding("stun", Side.CLIENT)


def test_notices_escape_hostile_text() -> None:
    text = publish.notices_text([Notice(Kind.TUNNEL, CLIENT, "a\x1b[2J:443", "ssh", (3, 4), "b\n.pcap")])
    assert text == "\nWorth a look:\ntunnel: 10.0.0.5 -> a\\x1b[2J:443: ssh (b\\n.pcap frame 3, 4)\n"
    assert publish.notices_text([]) == ""
