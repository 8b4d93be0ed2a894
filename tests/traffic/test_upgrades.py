"""TLS behind clear text and behind proxies: whose name counts, and that a request alone names nothing."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.facts.vocabulary import NameRung
from auditor.traffic.finding import Finding, Side
from auditor.traffic.proxies import recognise_socks
from auditor.traffic.streams import recognise_stream
from auditor.traffic.upgrades import recognise_upgrade
from tests.traffic.fast.both import differences
from tests.traffic.wire import Connection, client_hello, only, records, seen

HELLO = records(client_hello(), 400)
NAMED = Finding("tls", Side.CLIENT, "api.example.com", NameRung.SNI, server_name="api.example.com")


def tds(body: bytes) -> bytes:
    """Return a PRELOGIN packet of SQL Server's protocol."""
    return struct.pack("!BBHHBB", 0x12, 1, len(body) + 8, 0, 1, 0) + body


REQUESTS = {
    "smtp": b"EHLO x\r\nSTARTTLS\r\n",
    "imap": b"a1 CAPABILITY\r\na2 starttls\r\n",
    "pop3": b"STLS\r\n",
    "ftp": b"AUTH TLS\r\n",
    "xmpp": b"<?xml version='1.0'?><stream:stream to='x'><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "xmpp, long form": b"<stream:stream><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'></starttls>\n",
    "postgres": b"\0\0\0\x08\x04\xd2\x16\x2f",
    "postgres after gss": b"\0\0\0\x08\x04\xd2\x16\x30\0\0\0\x08\x04\xd2\x16\x2f",
    "mysql": b"\x20\0\0\1" + struct.pack("<I", 0x0800 | 0x8000) + bytes(28),
    "rdp": b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\3\0\0\0",
    "xmpp, long form with a child": b"<stream:stream><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>",
    "ftp, control only": b"AUTH TLS-C\r\n",
    "ldap, length in two bytes": b"\x30\x81\x1d\2\1\1\x77\x18\x80\x16" + b"1.3.6.1.4.1.1466.20037",
    "ldap, lengths in five bytes": b"\x30\x84\0\0\0\x21\2\1\1\x77\x84\0\0\0\x18\x80\x16" + b"1.3.6.1.4.1.1466.20037",
    "ldap after bind": b"\x30\x0c\2\1\1\x60\7\2\1\3\4\0\x80\0\x30\x1d\2\1\2\x77\x18\x80\x16" + b"1.3.6.1.4.1.1466.20037",
    "ldap": b"\x30\x1d\2\1\1\x77\x18\x80\x16" + b"1.3.6.1.4.1.1466.20037",
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_the_name_behind_an_upgrade_is_that_of_the_hello(request_: bytes) -> None:
    assert recognise_stream(request_ + HELLO) == NAMED
    assert recognise_stream(request_) == Finding("starttls", Side.CLIENT, hidden=True, more=True)


OFFERS = {
    "smtp": b"220 mail ESMTP\r\n250-mail\r\n250-SIZE 9\r\n250 STARTTLS\r\n",
    "smtp, begun later": b"250-mail\r\n250-STARTTLS\r\n250 HELP\r\n",
    "pop3": b"+OK capabilities\r\nTOP\r\nSTLS\r\n.\r\n",
    "imap": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n",
    "ftp": b"211-Features\r\n AUTH TLS\r\n",
    "xmpp": b"<?xml version='1.0'?><stream:stream from='x'><stream:features><starttls xmlns='y'/></stream:features>",
}


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_a_server_that_offers_an_upgrade_does_not_ask_for_it(tmp_path: Path, offer: bytes) -> None:
    """In a capture that begins after the handshake, what the server says tells who dialled."""
    assert recognise_stream(offer) == Finding("", Side.SERVER)
    connection = Connection(40001, client_port=2000)
    edge = only(seen(tmp_path, [connection.answer(offer), connection.say(b"QUIT\r\n")]))
    assert (edge.destination.port, edge.orientation_rules, edge.app_protocol) == (40001, ("content",), "")
    assert differences(tmp_path / "a.pcap") == {}


def test_tls_inside_the_packets_of_sql_server() -> None:
    prelogin = tds(b"\0\0\x1a\0\6\1\0\x20\0\1\xff" + bytes(9))
    assert recognise_upgrade(prelogin + tds(HELLO[:100]) + tds(HELLO[100:])) == NAMED
    assert recognise_upgrade(prelogin) == Finding("starttls", Side.CLIENT, hidden=True, more=True)
    assert recognise_upgrade(tds(b"")) is None


@pytest.mark.parametrize(
    "data",
    [
        b"\x20\0\0\1" + bytes(32),
        b"\x03\0\0\x13\x0e\xd0" + bytes(13),
        b"\0\0\0\x08\x04\xd2\x16\x2e",
        b"<iq/>\0",
    ],
)
def test_other_requests_ask_for_nothing(data: bytes) -> None:
    assert recognise_upgrade(data) is None


ASKED = {
    "5 by name": (b"\5\1\0\5\1\0\3\x09a.example\1\xbb", "a.example"),
    "5 with password": (b"\5\2\0\2\1\4user\6secret\5\1\0\3\x09a.example\1\xbb", "a.example"),
    "5 with many methods": (b"\5\x0a\0\1\2\3\4\5\6\7\x08\x09\5\1\0\3\x09a.example\1\xbb", "a.example"),
    "5 by address": (b"\5\1\0\5\1\0\1\xcb\0\x71\x09\1\xbb", ""),
    "5 by address of version 6": (b"\5\1\0\5\1\0\4" + bytes(16) + b"\1\xbb", ""),
    "4a": (b"\4\1\1\xbb\0\0\0\1user\0a.example\0", "a.example"),
    "4a without user": (b"\4\1\1\xbb\0\0\0\1\0a.example\0", "a.example"),
    "4": (b"\4\1\1\xbb\xcb\0\x71\x09user\0", ""),
}


@pytest.mark.parametrize(("data", "name"), ASKED.values(), ids=ASKED)
def test_socks_asks_by_name_or_the_tls_inside_names_it(data: bytes, name: str) -> None:
    rung = NameRung.PROXY_AUTHORITY if name else NameRung.NONE
    assert recognise_socks(data) == Finding("socks", Side.CLIENT, name, rung, more=True)
    inside = Finding(
        "socks", Side.CLIENT, name or "api.example.com", rung if name else NameRung.SNI, server_name="api.example.com"
    )
    assert recognise_stream(data + HELLO) == inside
    inside = Finding("socks", Side.CLIENT, name or "b.example", rung if name else NameRung.HTTP_HOST)
    assert recognise_stream(data + b"GET / HTTP/1.1\r\nHost: b.example\r\n\r\n") == inside
    assert recognise_stream(data + b"SSH-2.0-OpenSSH_9.9 " + b"x" * 60) == Finding("socks", Side.CLIENT, name, rung)


@pytest.mark.parametrize(
    "data",
    [
        b"\5\0\5\1\0\1",
        b"\5\1\0\5\x09\0\1" + bytes(6),
        b"\5\1\0\5\1\0\2" + bytes(6),
        b"\4\1\0\0" + bytes(9),
        b"\4\1\1\xbb\0\0\0\1user",
        b"\4\1\0\x0c\0\0\0\x29\0\1\0\6",  # OpenFlow 1.3: an error to message 41
        b"\4\1\0\x0c\0\0\0\x29\0d\0\6",
        b"\4\1\0\x0c\1\0\0\x29\7\1\0\6\0",
        b"\4\1\1\xbb\xe0\0\0\1user\0",  # no connection goes to a group
    ],
)
def test_what_is_no_socks(data: bytes) -> None:
    assert recognise_socks(data) is None


BEFORE = {
    "smtp with a long name": [b"EHLO " + b"a" * 200 + b".example\r\n", b"STARTTLS\r\n"],
    "imap with an id": [
        b'a1 ID ("name" "\xc3\x9cn\xc3\xaf" "os" "a long name of an operating system, with its version")\r\n',
        b"a2 STARTTLS\r\n",
    ],
    "xmpp": [b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='im.example' version='1.0'>", REQUESTS["xmpp"][-52:]],
    "ldap after a search": [b"\x30\x49\2\1\1\x63\x44" + bytes(68), REQUESTS["ldap"]],
    "socks 5 with a long password": [b"\5\1\2", b"\1\x3c" + b"u" * 60 + b"\x50" + b"p" * 80, b"\5\1\0\1\xcb\0\x71\7\1\xbb"],
    "socks 5": [b"\5\1\0", b"\5\1\0\1\xcb\0\x71\7\1\xbb"],
    "connect asked again": [
        b"CONNECT 203.0.113.7:443 HTTP/1.1\r\n\r\n",
        b"CONNECT 203.0.113.7:443 HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n",
    ],
    "PROXY protocol 1": [b"PROXY TCP4 198.51.100.7 203.0.113.5 5000 443\r\n"],
    "PROXY protocol 2": [b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12)],
}


@pytest.mark.parametrize("size", [1, 7, 1000])
@pytest.mark.parametrize("said", BEFORE.values(), ids=BEFORE)
def test_what_comes_before_tls_may_be_long_and_cut_anywhere(tmp_path: Path, said: list[bytes], size: int) -> None:
    connection = Connection(port=3128)
    pieces = [part[at : at + size] for part in (*said, HELLO[:350], HELLO[350:]) for at in range(0, len(part), size)]
    edge = only(seen(tmp_path, [*connection.handshake(), *(connection.say(piece) for piece in pieces)]))
    assert (edge.destination.name, edge.destination.rung) == ("api.example.com", NameRung.SNI)
    assert differences(tmp_path / "a.pcap") == {}


@pytest.mark.parametrize(
    "data", [b"PROXY " + b"x" * 110, b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\2ab" + b"\x80" * 70, b"\x30\x05\2\1\1\x77\0" + bytes(64)]
)
def test_no_upgrade_and_no_name(data: bytes) -> None:
    assert recognise_stream(data) is None or recognise_stream(data) == Finding("", more=True)


@pytest.mark.parametrize(
    ("target", "name", "rung"),
    [(b"b.example:443", "b.example", NameRung.PROXY_AUTHORITY), (b"203.0.113.7:443", "api.example.com", NameRung.SNI)],
)
def test_tls_behind_connect_names_what_an_address_does_not(tmp_path: Path, target: bytes, name: str, rung: NameRung) -> None:
    connection = Connection(port=3128)
    frames = [*connection.handshake(), connection.say(b"CONNECT " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")]
    frames += [connection.answer(b"HTTP/1.1 200 OK\r\n\r\n"), connection.say(HELLO[:300]), connection.say(HELLO[300:])]
    edge = only(seen(tmp_path, frames))
    assert (edge.destination.name, edge.destination.rung, edge.app_protocol) == (name, rung, "http_connect")
    assert not edge.name_hidden


@given(st.sampled_from([*REQUESTS.values(), *(data for data, _ in ASKED.values())]), st.integers(0, 80), st.binary(max_size=30))
def test_damage_never_stops_the_reading(data: bytes, at: int, junk: bytes) -> None:
    for changed in (data[:at] + junk + data[at + len(junk) :] + HELLO, data[:at], junk):
        found = recognise_stream(changed)
        assert found is None or isinstance(found, Finding)
