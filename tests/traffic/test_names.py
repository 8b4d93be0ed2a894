"""DNS, the ladder of names, and protocols that bring their own name."""

from __future__ import annotations

from pathlib import Path

import pytest
from dnslib import AAAA, CNAME, RR, A, DNSRecord
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.observation import NameAnswer
from auditor.facts.vocabulary import NameRung, Sighting
from auditor.traffic import observe
from auditor.traffic.datagrams import recognise_datagram
from auditor.traffic.dns import messages_of_stream, read_message
from auditor.traffic.finding import Finding, Side
from auditor.traffic.http import recognise_http
from auditor.traffic.names import Lookups
from auditor.traffic.observe import flow_table
from auditor.traffic.streams import recognise_stream
from tests.traffic.wire import CLIENT, SERVER, Connection, client_hello, only, pcap, records, save, seen, udp

RESOLVER = "10.0.0.53"


def question(name: str, kind: str = "A", ident: int = 7) -> DNSRecord:
    query = DNSRecord.question(name, kind)
    query.header.id = ident
    return query


def reply(name: str, *records_: RR, ident: int = 7) -> DNSRecord:
    answer = question(name, ident=ident).reply()
    answer.add_answer(*records_)
    return answer


def lookup(name: str, *records_: RR, client: str = CLIENT, port: int = 5555) -> list[bytes]:
    """Return the frames of a question and its answer."""
    return [
        udp(question(name).pack(), port, 53, client, RESOLVER),
        udp(reply(name, *records_).pack(), 53, port, RESOLVER, client),
    ]


def address(name: str, value: str = SERVER) -> RR:
    return RR(name, rdata=A(value), ttl=60)


def alias(name: str, target: str) -> RR:
    return RR(name, 5, rdata=CNAME(target), ttl=60)


def test_the_asked_name_is_mapped_through_the_chain() -> None:
    chain = [alias("b.cdn.example", "c.cdn.example"), alias("a.example", "b.cdn.example"), address("c.cdn.example")]
    message = read_message(bytes(reply("A.Example", *chain, RR("c.cdn.example", 28, rdata=AAAA("2001:db8::1"))).pack()))
    assert message is not None
    assert (message.name, message.addresses, message.response) == ("a.example", (SERVER, "2001:db8::1"), True)


def test_an_address_of_a_name_outside_the_chain_is_not_believed() -> None:
    message = read_message(bytes(reply("a.example", address("other.example")).pack()))
    assert message is not None
    assert message.addresses == ()


def test_service_bindings_bring_address_hints() -> None:
    rdata = b"\0\1\0" + b"\0\4\0\4\xcb\0\x71\x09"
    packed = bytearray(reply("a.example").pack())
    packed[7] = 1
    message = read_message(bytes(packed) + b"\xc0\x0c\0\x41\0\1\0\0\0\x3c" + len(rdata).to_bytes(2, "big") + rdata)
    assert message is not None
    assert message.addresses == (SERVER,)


@pytest.mark.parametrize(
    "name",
    [b"\xc0\x0c", b"\x01a\xc0\x0c", b"\xc0\x0e\xc0\x0c", b"\x80a", b"\x3f", b"\xc0\xff", b"\x3f" + b"a" * 63 + b"\xc0\x0c"],
)
def test_compression_loops_and_damage_end(name: bytes) -> None:
    assert read_message(b"\0\1\0\0\0\1\0\0\0\0\0\0" + name + b"\0\1\0\1") is None


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_message(b"\0\1\x80\0\0\1\0\2\0\0\0\0" + data)
    messages_of_stream(data)
    recognise_stream(data)
    recognise_datagram(data)


def test_bytes_that_are_no_text_show_as_escapes() -> None:
    message = read_message(b"\0\1\0\0\0\1\0\0\0\0\0\0\x04a\x00.\xff\0\0\1\0\1")
    assert message is not None
    assert message.name == "a\\x00\\.\\xff"


def test_a_flow_is_named_by_what_the_same_client_was_told(tmp_path: Path) -> None:
    observation = seen(tmp_path, [*lookup("a.example", address("a.example")), udp(b"x")])
    edge = observation.edges[1]
    assert (edge.destination.name, edge.destination.rung) == ("a.example", NameRung.DNS_SAME_CLIENT)
    assert observation.answers == (NameAnswer(CLIENT, "a.example", SERVER, "2023-11-14T22:13:20.001000000Z"),)


def test_the_latest_answer_before_the_flow_counts(tmp_path: Path) -> None:
    before = lookup("a.example", address("a.example")) + lookup("b.example", address("b.example"))
    after = lookup("c.example", address("c.example"))
    names = [e.destination.name for e in seen(tmp_path, [*before, udp(b"x"), *after]).edges if e.destination.port == 9999]
    assert names == ["b.example"]


def test_an_answer_to_another_client_names_on_a_lower_rung(tmp_path: Path) -> None:
    frames = [*lookup("a.example", address("a.example"), client="10.0.0.77"), udp(b"x")]
    edge = next(e for e in seen(tmp_path, frames).edges if e.destination.port == 9999)
    assert (edge.destination.name, edge.destination.rung) == ("a.example", NameRung.DNS_OTHER_CLIENT)


def test_an_answer_to_no_question_is_not_believed(tmp_path: Path) -> None:
    forged = udp(reply("evil.example", address("evil.example"), ident=99).pack(), 53, 5555, RESOLVER, CLIENT)
    observation = seen(tmp_path, [*lookup("a.example"), forged, udp(b"x")])
    assert [e.destination.name for e in observation.edges] == ["", ""]
    assert observation.coverage[0].skipped == (("dns_unsolicited", 1),)
    assert [a.name for a in observation.answers] == ["a.example"]


def test_a_resolver_seen_in_one_direction_is_believed(tmp_path: Path) -> None:
    observation = seen(tmp_path, [lookup("a.example", address("a.example"))[1], udp(b"x")])
    assert {e.destination.name for e in observation.edges} == {"a.example", ""}


def test_dns_over_tcp_with_several_messages_in_one_segment(tmp_path: Path) -> None:
    connection = Connection(port=53, server=RESOLVER)
    asked = [question("a.example", ident=1).pack(), question("b.example", ident=2).pack()]
    told = [reply("b.example", address("b.example", "203.0.113.8"), ident=2), reply("a.example", address("a.example"), ident=1)]
    up = b"".join(len(m).to_bytes(2, "big") + m for m in asked)
    down = b"".join(len(m.pack()).to_bytes(2, "big") + m.pack() for m in told)
    frames = [*connection.handshake(), connection.say(up[:11]), connection.say(up[11:]), connection.answer(down)]
    observation = seen(tmp_path, frames)
    assert [(a.name, a.address) for a in observation.answers] == [("a.example", SERVER), ("b.example", "203.0.113.8")]
    assert only(observation).app_protocol == "dns"


def test_names_of_the_local_link_name_nothing(tmp_path: Path) -> None:
    told = reply("printer.example", address("printer.example")).pack()
    frames = [udp(told, 5353, 5353, "10.0.0.9", "224.0.0.251"), udp(told, 5355, 5555, "10.0.0.9", CLIENT), udp(b"x")]
    observation = seen(tmp_path, frames)
    assert (only(observation).destination.name, observation.answers) == ("", ())
    assert observation.coverage[0].skipped == (("link_local:llmnr", 1), ("link_local:mdns", 1))


HIDING = records(client_hello("cover.example", [(0xFE0D, b"\0" * 8)]))


def hidden_edge(folder: Path, *names: str) -> tuple[str, NameRung, bool]:
    """Return how a flow with an encrypted hello is named after look-ups of ``names``."""
    connection = Connection()
    frames = [frame for name in names for frame in lookup(name, address(name))]
    observation = seen(folder, [*frames, *connection.handshake(), connection.say(HIDING)])
    edge = next(e for e in observation.edges if e.destination.port == 443)
    return edge.destination.name, edge.destination.rung, edge.name_hidden


def test_a_hidden_name_stays_hidden_unless_one_answer_to_the_client_tells_it(tmp_path: Path) -> None:
    told = NameRung.DNS_SAME_CLIENT
    assert hidden_edge(tmp_path) == ("", NameRung.NONE, True)
    assert hidden_edge(tmp_path, "inner.example") == ("inner.example", told, False)
    assert hidden_edge(tmp_path, "inner.example", "other.example") == ("", NameRung.NONE, True)
    assert hidden_edge(tmp_path, "other.example", "cover.example") == ("cover.example", told, False)


def test_an_answer_to_another_client_does_not_unhide() -> None:
    lookups = Lookups()
    lookups.add("a", "10.0.0.77", "inner.example", (SERVER,), 1)
    lookups.finish()
    assert lookups.name(CLIENT, SERVER, 5, hidden=True) == ("", NameRung.NONE)
    assert lookups.name(CLIENT, SERVER, 5, hidden=False) == ("inner.example", NameRung.DNS_OTHER_CLIENT)
    assert lookups.name(CLIENT, SERVER, 0, hidden=False) == ("", NameRung.NONE)


@pytest.mark.parametrize(
    ("data", "finding"),
    [
        (b"GET /a HTTP/1.1\r\nhOsT: A.example:8080\r\n\r\n", Finding("http", Side.CLIENT, "a.example", NameRung.HTTP_HOST)),
        (
            b"GET http://b.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n",
            Finding("http", Side.CLIENT, "b.example", NameRung.PROXY_AUTHORITY),
        ),
        (
            b"CONNECT a.example:443 HTTP/1.1\r\n\r\n",
            Finding("http_connect", Side.CLIENT, "a.example", NameRung.PROXY_AUTHORITY, more=True),
        ),
        (b"CONNECT [2001:db8::1]:443 HTTP/1.1\r\n\r\n", Finding("http_connect", Side.CLIENT, more=True)),
        (b"GET / HTTP/1.0\r\n\r\n", Finding("http", Side.CLIENT)),
        (b"GET / HTTP/1.1\r\nX-Host: no\r\n", Finding("http", Side.CLIENT, hidden=True, more=True)),
        (b"GET / HTTP/1.0\r\n\r\nHost: body.example\r\n", Finding("http", Side.CLIENT)),
        (b"HTTP/1.1 200 OK\r\n", Finding("http", Side.SERVER)),
        (b"GET     /a   HTTP/1.1\r\nHost: a.example\r\n\r\n", Finding("http", Side.CLIENT, "a.example", NameRung.HTTP_HOST)),
        (b"\r\n\r\nPURGE /a HTTP/1.1\r\nHost: a.example\r\n\r\n", Finding("http", Side.CLIENT, "a.example", NameRung.HTTP_HOST)),
        (b"UNSUBSCRIBE /" + b"a" * 90, Finding("http", Side.CLIENT, hidden=True, more=True)),
        (b"GETAWAY", None),
    ],
)
def test_http(data: bytes, finding: Finding | None) -> None:
    assert recognise_http(data) == finding


def test_streams_with_a_name_of_their_own() -> None:
    hello = records(client_hello())
    for before in (b"EHLO x\r\nSTARTTLS\r\n", b"a1 STARTTLS\r\n", b"STLS\r\n", b"AUTH TLS\r\n"):
        assert recognise_stream(before + hello) == Finding(
            "tls", Side.CLIENT, "api.example.com", NameRung.SNI, server_name="api.example.com"
        )
    socks = Finding("socks", Side.CLIENT, "a.example", NameRung.PROXY_AUTHORITY, more=True)
    assert recognise_stream(b"\5\1\0\5\1\0\3\x09a.example\1\xbb") == socks
    assert recognise_stream(b"\4\1\1\xbb\0\0\0\1user\0a.example\0") == socks
    assert recognise_stream(b"SSH-2.0-OpenSSH_9\r\n") == Finding("ssh")
    assert recognise_stream(bytes(range(200, 255)) * 2) is None


def test_datagrams() -> None:
    cookie = b"\x21\x12\xa4\x42" + bytes(12)
    assert recognise_datagram(b"\0\1\0\0" + cookie) == Finding("stun", Side.CLIENT)
    assert recognise_datagram(b"\1\1\0\0" + cookie) == Finding("stun", Side.SERVER)
    assert recognise_datagram(b"\0\1\0\4" + cookie) is None
    for version in (b"\0\0\0\1", b"\x6b\x33\x43\xcf", b"\xff\0\0\3"):
        assert recognise_datagram(b"\xc3" + version + b"\x08" + bytes(1200)) == Finding(
            "quic", hidden=True, more=version != b"\xff\0\0\3"
        )
    assert recognise_datagram(b"\xc3\0\0\0\2\x08" + bytes(1200)) is None
    assert recognise_datagram(b"\x16\xfe\xfd" + bytes(8) + b"\0\x20\1") == Finding("dtls", Side.CLIENT, hidden=True, more=True)
    assert recognise_datagram(b"\1\0\0\0" + bytes(144)) == Finding("wireguard", Side.CLIENT)
    assert recognise_datagram(b"\x23" + bytes(47)) == Finding("ntp", Side.CLIENT)


def test_a_quic_flow_without_its_hello_has_no_name(tmp_path: Path) -> None:
    edge = only(seen(tmp_path, [udp(b"\xc3\0\0\0\1\x08" + bytes(1200), dport=443)]))
    assert (edge.app_protocol, edge.destination.name, edge.name_hidden) == ("quic", "", True)


@pytest.mark.parametrize(("canary", "sighting"), [("Canary.example.", Sighting.DATA), ("none.example", Sighting.NONE_UNCOVERED)])
def test_a_canary_is_found_by_its_look_up(tmp_path: Path, canary: str, sighting: Sighting) -> None:
    source = save(tmp_path, pcap(lookup("canary.example")), canary=canary)
    assert observe([source]).coverage[0].canary is sighting


def test_a_canary_may_be_contacted_or_only_tried(tmp_path: Path) -> None:
    connection = Connection()
    contacted = [*connection.handshake(), connection.say(records(client_hello()))]
    assert observe([save(tmp_path, pcap(contacted), canary="api.example.com")]).coverage[0].canary is Sighting.DATA
    assert observe([save(tmp_path, pcap(contacted))]).coverage[0].canary is None


@pytest.mark.parametrize("ident", [0x3800, 0x4001, 0x5002])
def test_a_question_is_no_tunnel_whatever_its_number(tmp_path: Path, ident: int) -> None:
    """An OpenVPN reset of 42 bytes would begin with such a byte; what reads as a DNS message is one."""
    frame = udp(bytes(question("sixteen.example.net", ident=ident).pack()).ljust(42, b"\0"), 5555, 53)
    table, _, _ = flow_table([save(tmp_path, pcap([frame]))])
    assert table.columns["app_protocol"] == ["dns"]
    stranger = udp(bytes([ident >> 8]) + bytes(41), 5555, 53)
    table, _, _ = flow_table([save(tmp_path, pcap([stranger]))])
    assert table.columns["app_protocol"] == ["openvpn"]
