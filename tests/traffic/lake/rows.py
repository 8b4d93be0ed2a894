"""Flow tables for the tests of the lake: random rows with all that groups, vantage points and logs can differ in."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from auditor.facts.evidence import FrameLocation
from auditor.facts.observation import ObservedEdge
from auditor.traffic.community import community_id
from auditor.traffic.internet import TCP
from auditor.traffic.table import FlowTable, Logged
from auditor.traffic.times import SECOND

SOURCES = ("a.pcap", "b.pcap", "log")
STATES = ("closed", "reset", "refused", "unanswered", "icmp_unreachable", "denied", "no_payload", "unsaid", "one_way")


def random_table(seed: int, rows: int, sources: tuple[str, ...] = SOURCES) -> FlowTable:
    """Return a table of random flows; few ends and ports, so that many share an edge and some a 5-tuple."""
    random = Random(seed)  # noqa: S311 -- test data
    table = FlowTable()
    for number in range(rows):
        for name, value in _row(random, number, sources).items():
            table.columns[name].append(value)
        if table.columns["source_id"][number] == "log":
            ends = (random.choice(("", "pod:a/x", "pod:a/y")), "")
            ran = random.choice(("", "bedrock-runtime.eu-west-1.amazonaws.com"))
            file, reporter = random.choice(("log", "log.1")), random.choice(("", "eni-1", "eni-2"))
            also = random.choice((None, None, (("198.51.100.1", random.randrange(61_000, 61_003)), ("203.0.113.1", 443))))
            told = (ends, ran, ran and "region", random.choice((False, False, True)))
            table.logged[number] = Logged(file, reporter, also, *told)
    return table


def _row(random: Random, number: int, sources: tuple[str, ...]) -> dict[str, Any]:
    source = random.choice(sources)
    client, server = random.randrange(1, 5), random.randrange(1, 4)
    ports = (random.randrange(50_000, 50_020), random.choice((53, 443)))
    start = 1_700_000_000 * SECOND + random.randrange(3 * 86_400) * SECOND + random.randrange(SECOND)
    name = random.choice(("", "", "x.example", "bücher.example"))
    logged = source == "log"
    untimed = logged and random.random() < 0.2
    flags = random.choice(("", "", "aggregated", "aggregated|one_way")) if logged else ""
    counts = {
        f"{kind}_{way}": random.choice((None if logged else 0, 0, 7, 900))
        for kind in ("payload", "packets", "wire")
        for way in ("out", "in")
    }
    return {
        **counts,
        "start": 0 if untimed else start,
        "end": 0 if untimed else start + random.choice((0, 1, 11 * SECOND, 20 * SECOND, 40 * SECOND)),
        "src_addr": f"10.0.0.{client}",
        "src_port": ports[0],
        "dst_addr": f"203.0.113.{server}",
        "dst_port": ports[1],
        "transport": "tcp",
        "vlan": random.choice((None, None, 0, 7)),
        "vni": None,
        "orientation_rule": random.choice(("syn", "log")),
        "state": random.choice(STATES),
        "name": name,
        "name_rung": random.choice(("sni", "dns_same_client")) if name else "none",
        "app_protocol": random.choice(("", "tls", "http")),
        "first_frame": number + 1,
        "last_frame": number + 1,
        "source_id": source,
        "loss_flags": "no_timestamp" if untimed else flags,
        "server_name": "",
        "tunnel": "",
        "outer_src_addr": "",
        "outer_dst_addr": "",
        "community_id": community_id((bytes((10, 0, 0, client)), ports[0]), (bytes((203, 0, 113, server)), ports[1]), TCP),
        "local_protocol": "",
        "hidden": random.random() < 0.2,
        "certificate_name": "",
        "frames": (number + 1,),
        "isn": None if logged else random.choice((None, 1, 2)),
        "first_payload": b"" if logged else random.choice((b"", b"a", b"b")),
        "sources": (source,),
        "winner": number,
    }  # fmt: skip


def one_frame(edge: ObservedEdge) -> ObservedEdge:
    """Return the edge with the first frame or line alone of every locator: a group of an engine keeps no more."""
    shown = tuple(
        replace(at, frames=at.frames[:1]) if isinstance(at, FrameLocation) else replace(at, lines=at.lines[:1])
        for at in edge.locators
    )
    return replace(edge, locators=shown)
