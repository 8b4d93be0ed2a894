from __future__ import annotations

from pathlib import Path

import pytest

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side, host_of
from auditor.traffic.stream import Stream
from auditor.traffic.streams import recognise_stream
from auditor.traffic.tls import recognise_tls
from tests.traffic.fast.both import differences
from tests.traffic.wire import Connection, client_hello, only, records, seen, server_hello

HELLO = client_hello(padding=300)
NAMED = Finding("tls", Side.CLIENT, "api.example.com", NameRung.SNI, server_name="api.example.com")


def test_one_record() -> None:
    assert recognise_tls(records(HELLO)) == NAMED


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 100, 255])
def test_a_hello_over_several_records(size: int) -> None:
    assert recognise_tls(records(HELLO, size)) == NAMED


def test_every_prefix_asks_for_more_and_names_nothing() -> None:
    whole = records(HELLO, 200)
    for end in range(6, len(whole)):
        found = recognise_tls(whole[:end])
        assert found is not None
        assert (found.name, found.more) == ("", True)


def test_a_hello_cut_at_every_byte_in_any_order_sent_twice_and_overlapping() -> None:
    whole = records(HELLO, 150)
    for cut in range(1, len(whole)):
        pieces = [(0, whole[:cut]), (cut, whole[cut:])]
        overlapping = [(max(0, cut - 7), whole[max(0, cut - 7) :]), *pieces]
        for order in (pieces, pieces[::-1], pieces + pieces, overlapping):
            stream = Stream()
            stream.anchor(2**32 - 50)
            for at, data in order:
                stream.feed((2**32 - 50 + at) % 2**32, data, len(data))
            assert recognise_tls(stream.prefix()) == NAMED, (cut, order)
            assert stream.payload == len(whole)


@pytest.mark.parametrize("kind", [0xFE0D, 0xFFCE])
def test_an_encrypted_hello_does_not_establish_the_outer_name(kind: int) -> None:
    found = recognise_tls(records(client_hello("cover.example", [(kind, b"\0" * 8)])))
    assert found == Finding("tls", Side.CLIENT, hidden=True, server_name="cover.example")


def test_no_server_name_and_an_address_as_server_name_hide_the_destination() -> None:
    for name in ("", "203.0.113.9"):
        assert recognise_tls(records(client_hello(name))) == Finding("tls", Side.CLIENT, hidden=True, server_name=name)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"API.Example.COM.", "api.example.com"),
        (b"api.example.com:443", "api.example.com"),
        ("bücher.example".encode(), "xn--bcher-kva.example"),
        (b"[2001:db8::1]:443", ""),
        (b"2001:db8::1", ""),
        (b"a" * 300, ""),
        (b"a\x1b[2Jb", ""),
        (b"", ""),
    ],
)
def test_names_come_in_normal_form(raw: bytes, name: str) -> None:
    assert host_of(raw) == name


def test_server_hello_and_other_bytes() -> None:
    assert recognise_tls(server_hello()) == Finding("tls", Side.SERVER, more=True)
    assert recognise_tls(b"\x16\x03\x01\x00") is None
    assert recognise_tls(b"\x16\x09\x01\x00\x05\x01") is None
    assert recognise_tls(b"GET / HTTP/1.1\r\n") is None


def test_tls_is_known_on_any_port_and_named_once_the_last_segment_came(tmp_path: Path) -> None:
    connection = Connection(port=12345)
    whole = records(HELLO, 100)
    frames = connection.handshake()
    frames += [connection.say(whole[i : i + 60]) for i in range(0, len(whole), 60)]
    edge = only(seen(tmp_path, [*frames, connection.answer(server_hello())]))
    assert (edge.app_protocol, edge.destination.name, edge.destination.rung) == ("tls", "api.example.com", NameRung.SNI)
    assert not edge.name_hidden


def test_bytes_sent_wrongly_at_first_do_not_hide_the_name(tmp_path: Path) -> None:
    """Some middleboxes put two stray bytes into the first acknowledgement; the hello overlaps them (T8)."""
    connection = Connection()
    frames = [*connection.handshake(), connection.up(b"\xff\xff", flags="A"), connection.say(records(HELLO))]
    assert only(seen(tmp_path, frames)).destination.name == "api.example.com"


@pytest.mark.parametrize("version", [b"\0\2", b"\3\0", b"\3\3"])
def test_a_hello_in_the_form_of_ssl_2_is_tls_without_a_name(tmp_path: Path, version: bytes) -> None:
    rest = b"\1" + version + b"\0\x06\0\0\0\x10" + b"\0\0\x35\0\0\x2f" + bytes(16)
    hello = (0x8000 + len(rest)).to_bytes(2) + rest
    hides = Finding("tls", Side.CLIENT, hidden=True)
    assert recognise_stream(hello) == hides
    for other in (hello[:10], b"\x80\xff" + rest, hello[:7] + b"\0\7" + hello[9:], hello[:3] + b"\4\0" + hello[5:]):
        assert recognise_stream(other) is None
    connection = Connection(8443)
    edge = only(seen(tmp_path, [connection.say(hello)]))
    assert (edge.app_protocol, edge.name_hidden, edge.orientation_rules) == ("tls", True, ("content",))
    assert differences(tmp_path / "a.pcap") == {}
