"""Requests of a proxy's log and the connections on which they were made: tied where nothing else can be meant."""

from __future__ import annotations

import json
from pathlib import Path

from auditor.facts.observation import Observation, ObservedEdge
from auditor.facts.vocabulary import NameRung
from auditor.traffic import log_source, observe
from tests.traffic.wire import START, Connection, client_hello, pcap, records, save

CLIENT, PROXY, UPSTREAM = "10.0.0.5", "10.0.0.200", "192.0.2.10"
OTHER_CLIENT = "10.0.0.6"


def vpc(ends: tuple[str, int, str, int], back: int, at: int = 0, packets: int = 10) -> str:
    """Return both records of a connection; ``back`` is the payload to the client, of packets with headers of 52 bytes."""
    source, port, target, listening = ends
    size = back + 52 * packets
    name, window = "2 123456789010 eni-0a1b2c3d", f"{START + at} {START + at + 1} ACCEPT OK"
    out = f"{name} {source} {target} {port} {listening} 6 {packets} 900 {window}\n"
    return out + f"{name} {target} {source} {listening} {port} 6 {packets} {size} {window}\n"


def squid(host: str, size: int, at: int = 0, *, client: str = CLIENT, method: str = "CONNECT", upstream: str = UPSTREAM) -> str:
    target = f"{host}:443" if method == "CONNECT" else f"http://{host}/"
    word = "TCP_TUNNEL" if method == "CONNECT" else "TCP_MISS"
    return f"{START + at}.900 500 {client} {word}/200 {size} {method} {target} - HIER_DIRECT/{upstream} -\n"


def seen(folder: Path, flow_log: str, asked: str) -> Observation:
    (folder / "vpc.log").write_text(flow_log)
    (folder / "access.log").write_text(asked)
    return observe([log_source(name, str(folder / name)) for name in ("vpc.log", "access.log")])


def told(found: Observation, *, client: str = CLIENT) -> dict[tuple[str, str, int], tuple[int, tuple[str, ...]]]:
    """Return connections and sources by name, address and port, of one client."""
    return {
        (edge.destination.name, edge.destination.address, edge.destination.port): (edge.flows, edge.source_ids)
        for edge in found.edges
        if edge.source.address == client
    }


WAY_ON = vpc((PROXY, 40000, UPSTREAM, 443), 5000)


def test_a_request_is_tied_to_the_only_connection_to_where_the_proxy_must_listen(tmp_path: Path) -> None:
    found = seen(tmp_path, WAY_ON + vpc((CLIENT, 50000, PROXY, 3128), 5000), squid("a.example", 5000))
    assert told(found) == {("a.example", PROXY, 3128): (1, ("access.log", "vpc.log"))}
    (on,) = (edge for edge in found.edges if edge.source.address == PROXY)
    assert (on.flows, on.source_ids, on.wire_in) == (1, ("access.log", "vpc.log"), 5520)


def test_without_a_sign_of_where_the_proxy_listens_nothing_is_tied(tmp_path: Path) -> None:
    found = seen(tmp_path, vpc((CLIENT, 50000, PROXY, 3128), 5000), squid("a.example", 5000))
    assert told(found) == {("", PROXY, 3128): (1, ("vpc.log",)), ("a.example", "", 443): (1, ("access.log",))}
    (coverage,) = (c for c in found.coverage if c.id == "access.log")
    assert ("request_apart_from_its_connection", 1) in coverage.skipped


def test_two_requests_of_one_moment_are_told_apart_by_their_sizes(tmp_path: Path) -> None:
    legs = vpc((CLIENT, 50000, PROXY, 3128), 5000) + vpc((CLIENT, 50001, PROXY, 3128), 90000, packets=70)
    found = seen(tmp_path, WAY_ON + legs, squid("a.example", 5000) + squid("b.example", 90000))
    both = ("access.log", "vpc.log")
    assert told(found) == {("a.example", PROXY, 3128): (1, both), ("b.example", PROXY, 3128): (1, both)}
    sizes = {edge.destination.name: edge.payload_in for edge in found.edges if edge.source.address == CLIENT}
    assert sizes == {"a.example": 5000, "b.example": 90000}


def test_two_requests_of_one_moment_and_one_size_to_two_names_stay_apart(tmp_path: Path) -> None:
    legs = vpc((CLIENT, 50000, PROXY, 3128), 5000) + vpc((CLIENT, 50001, PROXY, 3128), 5000)
    found = seen(tmp_path, WAY_ON + legs, squid("a.example", 5000) + squid("b.example", 5001))
    assert told(found) == {
        ("", PROXY, 3128): (2, ("vpc.log",)),
        ("a.example", PROXY, 3128): (1, ("access.log",)),
        ("b.example", PROXY, 3128): (1, ("access.log",)),
    }


def test_two_requests_for_one_name_on_two_connections_are_two_flows(tmp_path: Path) -> None:
    legs = vpc((CLIENT, 50000, PROXY, 3128), 5000) + vpc((CLIENT, 50001, PROXY, 3128), 5000)
    found = seen(tmp_path, WAY_ON + legs, squid("a.example", 5000) + squid("a.example", 5001))
    assert told(found) == {("a.example", PROXY, 3128): (2, ("access.log", "vpc.log"))}


def test_a_connection_more_than_requests_leaves_all_of_them_apart(tmp_path: Path) -> None:
    """The third may be to another name, of which the log holds no line."""
    legs = "".join(vpc((CLIENT, 50000 + n, PROXY, 3128), 5000) for n in range(3))
    found = seen(tmp_path, WAY_ON + legs, squid("a.example", 5000) + squid("a.example", 5001))
    assert told(found)["", PROXY, 3128] == (3, ("vpc.log",))
    assert told(found)["a.example", PROXY, 3128] == (2, ("access.log",))


def test_requests_of_other_clients_and_times_tie_nothing(tmp_path: Path) -> None:
    legs = vpc((CLIENT, 50000, PROXY, 3128), 5000) + vpc((OTHER_CLIENT, 50000, PROXY, 3128), 5000, at=600)
    found = seen(tmp_path, WAY_ON + legs, squid("a.example", 5000) + squid("b.example", 5000, client=OTHER_CLIENT, at=300))
    assert told(found) == {("a.example", PROXY, 3128): (1, ("access.log", "vpc.log"))}
    assert told(found, client=OTHER_CLIENT) == {
        ("", PROXY, 3128): (1, ("vpc.log",)),
        ("b.example", PROXY, 3128): (1, ("access.log",)),
    }


def test_requests_on_one_connection_are_its_flow_and_another_name_on_it_stands_beside(tmp_path: Path) -> None:
    lines = "".join(squid(host, 900, method="GET") for host in ("a.example", "a.example")).replace("900 500", "800 500", 1)
    way_on = WAY_ON.replace(" 443 ", " 80 ")
    found = seen(tmp_path, way_on + vpc((CLIENT, 50000, PROXY, 3128), 1800), lines + squid("b.example", 100, method="GET"))
    assert told(found) == {
        ("a.example", PROXY, 3128): (1, ("access.log", "vpc.log")),
        ("b.example", PROXY, 3128): (1, ("access.log",)),
    }
    sums = {edge.destination.name: (edge.payload_in, edge.wire_in) for edge in found.edges if edge.source.address == CLIENT}
    assert sums == {"a.example": (None, 2320), "b.example": (100, None)}


def asked_of(folder: Path, name: bytes, port: int = 50000) -> object:
    connection = Connection(client_port=port, port=3128)
    request = b"CONNECT " + name + b":443 HTTP/1.1\r\nHost: " + name + b":443\r\n\r\n"
    frames = [*connection.handshake(), connection.say(request), connection.answer(b"y" * 700)]
    return save(folder, pcap(frames), "inside.pcap")


def envoy(folder: Path, port: int, name: str = "a.example") -> object:
    record = {
        "start_time": "2023-11-14T22:13:20.1Z", "duration": 100, "method": "CONNECT", "path": "-", "response_code": 200,
        "response_flags": "-", "authority": f"{name}:443", "upstream_host": "192.0.2.10:443", "bytes_received": 10,
        "bytes_sent": 700, "downstream_remote_address": f"{CLIENT}:{port}", "downstream_local_address": "-",
    }  # fmt: skip
    (folder / "envoy.log").write_text(json.dumps(record) + "\n")
    return log_source("envoy.log", str(folder / "envoy.log"))


def both(folder: Path, port: int, shown: bytes = b"a.example") -> list[ObservedEdge]:
    return list(observe([asked_of(folder, shown), envoy(folder, port)]).edges)  # type: ignore[list-item]


def test_the_port_that_a_log_tells_ties_the_request_to_its_connection(tmp_path: Path) -> None:
    (edge,) = both(tmp_path, 50000)
    assert (edge.flows, edge.source_ids, edge.payload_in) == (1, ("envoy.log", "inside.pcap"), 700)
    assert (edge.destination.name, edge.destination.rung) == ("a.example", NameRung.PROXY_AUTHORITY)


def test_another_name_than_the_packets_show_is_another_flow(tmp_path: Path) -> None:
    """One connection to a proxy can carry several names: neither hides the other."""
    assert sorted(edge.destination.name for edge in both(tmp_path, 50000, b"b.example")) == ["a.example", "b.example"]


def test_a_port_that_no_connection_has_ties_nothing(tmp_path: Path) -> None:
    """The request was made on a connection that the packets do not show, though for the same name at the same time."""
    assert sorted(edge.flows for edge in both(tmp_path, 61000)) == [1, 1]


def test_the_name_that_packets_show_ties_where_the_log_tells_no_port(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_text(squid("a.example", 700).replace(".900 500", ".001 1"))
    sources = [asked_of(tmp_path, b"a.example"), log_source("access.log", str(tmp_path / "access.log"))]
    (edge,) = observe(sources).edges  # type: ignore[arg-type]
    assert (edge.flows, edge.payload_in, edge.source_ids) == (1, 700, ("access.log", "inside.pcap"))


def refused(folder: Path, *more: bytes) -> ObservedEdge:
    """Return the edge of a connection whose only request the proxy's log calls denied, with what the client sent after it."""
    connection = Connection(client_port=50000, port=3128)
    frames = [*connection.handshake(), connection.say(b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n")]
    frames += [connection.answer(b"y" * 700), *(connection.say(data) for data in more)]
    (folder / "access.log").write_text(f"{START}.001 1 {CLIENT} TCP_DENIED/403 700 CONNECT a.example:443 - HIER_NONE/- -\n")
    log = log_source("access.log", str(folder / "access.log"))
    (edge,) = observe([save(folder, pcap(frames), "inside.pcap"), log]).edges
    return edge


def test_what_the_proxy_denied_is_an_attempt_unless_packets_speak_against_it(tmp_path: Path) -> None:
    assert refused(tmp_path).attempt_reason == "denied"
    assert refused(tmp_path, records(client_hello("a.example"))).attempt_reason == ""
    assert refused(tmp_path, b"x" * 9000, b"x" * 9000).attempt_reason == ""
