"""What a reader of a flow table must not miss: tunnels, covert channels, and where sight ends.

A notice is a pointer, never a verdict: each names the flows, the numbers and the threshold that they passed. Thresholds are
constants here and stand in docs/flow_table.md.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from statistics import mean, pstdev

from auditor.facts.observation import NameAnswer
from auditor.traffic.table import Row
from auditor.traffic.times import SECOND

TUNNEL_PROTOCOLS = frozenset({"wireguard", "tailscale", "openvpn", "dtls", "stun", "esp", "ah", "ssh", "socks"})
"""Protocols that carry what nobody outside their ends sees, or that find a way to a peer."""
OFF_SIGHT_PORTS = {("tcp", 853): "DNS over TLS (RFC 7858)", ("udp", 853): "DNS over QUIC (RFC 9250)"}
RESOLVER_NAMES = (
    "dns.google", "cloudflare-dns.com", "one.one.one.one", "dns.quad9.net", "dns.nextdns.io", "dns.mullvad.net",
    "cloudflare-gateway.com", "dns.adguard-dns.com", "doh.opendns.com", "dns.alidns.com", "doh.pub",
)  # fmt: skip
"""Hosts that answer DNS over HTTPS (v2fly domain-list-community, category-doh, 2026-11-23; an extract)."""
TUNNEL_NAMES = {
    "argotunnel.com": "Cloudflare Tunnel", "cftunnel.com": "Cloudflare Tunnel", "ngrok-agent.com": "ngrok",
    "tunnel.ngrok.com": "ngrok", "tailscale.com": "Tailscale (control or DERP relay)", "pinggy.io": "Pinggy",
    "serveo.net": "Serveo", "localhost.run": "localhost.run", "tunnels.api.visualstudio.com": "Visual Studio tunnels",
    "devtunnels.ms": "Visual Studio tunnels", "trycloudflare.com": "Cloudflare Tunnel", "ngrok.io": "ngrok",
    "ngrok.app": "ngrok", "ngrok.dev": "ngrok", "ngrok-free.app": "ngrok", "ngrok-free.dev": "ngrok",
    "ts.net": "Tailscale (Funnel)", "loca.lt": "localtunnel", "bore.pub": "bore",
    **{f"tunnel.{region}.ngrok.com": "ngrok" for region in ("us", "eu", "ap", "au", "sa", "jp", "in")},
}  # fmt: skip
"""Where programs dial that open a way in from outside, and below which what such programs let in is reached (vendors' firewall
pages: Cloudflare, ngrok, Tailscale, Microsoft, 2026-11; an extract)."""
TOR_NAME = re.compile(r"www\.(?=[a-z]*[2-7])[a-z2-7]{8,20}\.(?:com|net)")
"""Server name as Tor makes it up, with a digit, which nineteen in twenty have and few words (tor,
``src/lib/tls/tortls_openssl.c``, ``crypto_random_hostname(8, 20, "www.", ".com")``)."""
LONG_SECONDS = 600.0
"""A stream open for ten minutes and more, with payload both ways, is a channel, whatever else it is; so are datagrams."""
_CHANNELS = frozenset({"tcp", "udp", "sctp"})
_POLLED = frozenset({"ntp", "dns"})
"""Protocols whose datagrams between the same ports are questions apart from each other."""
UPLINK_BYTES, UPLINK_RATIO = 1_000_000, 5
BEACON_FLOWS, BEACON_SECONDS, BEACON_JITTER = 6, 5.0, 0.1
"""So many calls to one destination at least so far apart, their distances varying by at most this share of their mean; flows
that begin closer together are one call."""
MANY_CALLS, WIDE_JITTER = 12, 0.3
"""From so many calls on so much may they vary: a period drawn between half and one and a half of its mean does, while calls
at random vary by all of it."""
ICMP_BYTES = 128
"""Payload of an echo packet on the average; ping sends 56 (Linux) or 32 (Windows)."""
DNS_NAMES, DNS_LENGTH, DNS_ENTROPY = 50, 40, 3.5
"""Distinct names below one domain that one client asked for, their mean length in characters, the entropy of their
labels in bits a character."""
_DOMAIN_LABELS = 2


class Kind(StrEnum):
    """What a notice is about."""

    TUNNEL = "tunnel"
    DNS_OFF_SIGHT = "dns_off_sight"
    LONG_LIVED = "long_lived"
    UPLINK_HEAVY = "uplink_heavy"
    BEACON = "beacon"
    ICMP_PAYLOAD = "icmp_payload"
    DNS_TUNNEL = "dns_tunnel"


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing worth a look."""

    kind: Kind
    source: str
    destination: str
    """Name where one was established, else address; with the port, or the domain of DNS names."""
    text: str
    """What was seen, with the numbers."""
    frames: tuple[int, ...]
    """First frames of the flows, up to five."""
    source_id: str


def notices(rows: Iterable[Row], answers: Iterable[NameAnswer]) -> tuple[Notice, ...]:
    """Return what is worth a look in the flows and DNS look-ups of an observation, by kind, source and destination.

    Args:
        rows: published rows (``publish.FlowRows``); what stays on the link does not count.
        answers: every DNS question and answer that the captures showed.
    """
    leaving = [row for row in rows if not row["local_protocol"]]
    found = [notice for row in leaving for rule in _BY_ROW for notice in rule(row)]
    found += [*_beacons(leaving), *_tor(leaving, asked := tuple(answers)), *_dns_tunnels(asked)]
    return tuple(sorted(_joined(found), key=lambda n: (n.kind, n.source, n.destination, n.source_id, n.frames)))


def _joined(found: list[Notice]) -> Iterator[Notice]:
    """Yield what was said of several flows in the same words once."""
    frames: dict[Notice, list[int]] = defaultdict(list)
    for notice in found:
        frames[replace(notice, frames=())] += notice.frames
    yield from (replace(notice, frames=tuple(sorted(numbers)[:5])) for notice, numbers in frames.items())


def _tunnel(row: Row) -> Iterator[Notice]:
    if row["app_protocol"] in TUNNEL_PROTOCOLS:
        yield _notice(Kind.TUNNEL, row, f"{row['app_protocol']}, {_amount(row)}: what it carries is not seen here")
    product = next((product for name, product in TUNNEL_NAMES.items() if _below(row["name"], name)), "")
    if product:
        yield _notice(Kind.TUNNEL, row, f"{product}, {_amount(row)}: may let others in, or reach who was let in elsewhere")


def _off_sight(row: Row) -> Iterator[Notice]:
    text = OFF_SIGHT_PORTS.get((row["transport"], row["dst_port"]), "")
    if not text and any(_below(row["name"], name) for name in RESOLVER_NAMES):
        text = "DNS over HTTPS (RFC 8484)"
    if text:
        yield _notice(Kind.DNS_OFF_SIGHT, row, f"{text}: names that this client asks for are no longer seen")


def _long_lived(row: Row) -> Iterator[Notice]:
    seconds = 0.0 if row["start"] is None else (row["end"] - row["start"]) / SECOND
    if (
        row["transport"] in _CHANNELS
        and row["app_protocol"] not in _POLLED
        and seconds >= LONG_SECONDS
        and row["payload_out"]
        and row["payload_in"]
    ):
        yield _notice(Kind.LONG_LIVED, row, f"open for {seconds:.0f} s, {_amount(row)}")


def _uplink(row: Row) -> Iterator[Notice]:
    out, back = row["payload_out"] or 0, row["payload_in"] or 0
    if row["payload_in"] is not None and out >= UPLINK_BYTES and out >= UPLINK_RATIO * back:
        yield _notice(Kind.UPLINK_HEAVY, row, f"{out} bytes out, {back} back")


def _icmp(row: Row) -> Iterator[Notice]:
    packets = (row["packets_out"] or 0) + (row["packets_in"] or 0)
    payload = (row["payload_out"] or 0) + (row["payload_in"] or 0)
    if row["transport"] in ("icmp", "icmpv6") and packets and payload / packets >= ICMP_BYTES:
        yield _notice(Kind.ICMP_PAYLOAD, row, f"{payload / packets:.0f} bytes a packet over {packets} packets")


_BY_ROW: tuple[Callable[[Row], Iterator[Notice]], ...] = (_tunnel, _off_sight, _long_lived, _uplink, _icmp)


def _beacons(rows: list[Row]) -> Iterator[Notice]:
    """Yield what calls the same destination at even distances."""
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        if row["payload_out"] and row["start"] is not None:
            groups[row["src_addr"], row["transport"], _place(row), row["source_id"]].append(row)
    for group in groups.values():
        calls = _calls(sorted(row["start"] for row in group))
        gaps = [(b - a) / SECOND for a, b in pairwise(calls)]
        if len(calls) < BEACON_FLOWS:
            continue
        period, spread = mean(gaps), pstdev(gaps)
        if spread <= (WIDE_JITTER if len(calls) >= MANY_CALLS else BEACON_JITTER) * period:
            what = f"{len(group)} flows" if len(calls) == len(group) else f"{len(group)} flows in {len(calls)} calls"
            text = f"{what}, one every {period:.1f} s, varying by {spread:.1f} s"
            first = min(group, key=lambda row: row["first_frame"])
            frames = sorted(row["first_frame"] for row in group)[:5]
            yield Notice(Kind.BEACON, first["src_addr"], _place(first), text, tuple(frames), first["source_id"])


def _calls(starts: list[int]) -> list[int]:
    """Return when calls began: a flow that begins shortly after another belongs to the same call."""
    calls, before = starts[:1], starts[0]
    for start in starts[1:]:
        if start - before >= BEACON_SECONDS * SECOND:
            calls.append(start)
        before = start
    return calls


def _tor(rows: list[Row], answers: tuple[NameAnswer, ...]) -> Iterator[Notice]:
    """Yield server names of Tor's pattern that their client never asked DNS for."""
    names: dict[str, set[str]] = defaultdict(set)
    for answer in answers:
        names[answer.client].add(answer.name)
    for row in rows:
        made_up = row["name_rung"] == "sni" and TOR_NAME.fullmatch(row["name"])
        if made_up and row["name"] not in names[row["src_addr"]]:
            yield _notice(Kind.TUNNEL, row, f"may be Tor: a name of its pattern that no DNS answer showed, {_amount(row)}")


def _dns_tunnels(answers: Iterable[NameAnswer]) -> Iterator[Notice]:
    """Yield domains below which one client asked for many long names that look like data."""
    asked: dict[tuple[str, str], set[str]] = defaultdict(set)
    for answer in answers:
        labels = answer.name.split(".")
        if len(labels) > _DOMAIN_LABELS:
            asked[answer.client, ".".join(labels[-_DOMAIN_LABELS:])].add(answer.name)
    for (client, domain), names in sorted(asked.items()):
        length = mean(len(name) for name in names)
        entropy = _entropy("".join(name.removesuffix(domain) for name in sorted(names)).replace(".", ""))
        if len(names) >= DNS_NAMES and length >= DNS_LENGTH and entropy >= DNS_ENTROPY:
            text = f"{len(names)} names of {length:.0f} characters on the average, {entropy:.1f} bits a character"
            yield Notice(Kind.DNS_TUNNEL, client, domain, text, (), "")


def _below(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _entropy(text: str) -> float:
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) if text else 0.0


def _notice(kind: Kind, row: Row, text: str) -> Notice:
    return Notice(kind, row["src_addr"], _place(row), text, (row["first_frame"],), row["source_id"])


def _place(row: Row) -> str:
    host = row["name"] or (f"[{row['dst_addr']}]" if ":" in row["dst_addr"] else row["dst_addr"])
    return f"{host}:{row['dst_port']}" if row["dst_port"] else host


def _amount(row: Row) -> str:
    out, back = ("an untold number of" if row[name] is None else row[name] for name in ("payload_out", "payload_in"))
    return f"{out} bytes out, {back} back"
