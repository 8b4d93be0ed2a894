"""Hellos that the kernel reads alone give what the reference gives, however they are cut, and where they are not plain."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from auditor.traffic.fast import engine, memory, payloads
from auditor.traffic.fast import layout as of
from tests.traffic.fast.both import differences, everything
from tests.traffic.wire import Connection, client_hello, pcap, records, save, server_hello

NAME = "api.example.com"
KEY_SHARE = (51, bytes(1216))
HELLO = records(client_hello(NAME, extra=[KEY_SHARE]))
ENCRYPTED = records(client_hello(NAME, extra=[(0xFE0D, bytes(200))]))
CHANGE = b"\x14\x03\x03\0\x01\x01"
CERTIFICATE = b"\x0b" + (40).to_bytes(3, "big") + bytes(40)


def _flight(*messages: bytes) -> bytes:
    return records(b"".join(messages))


SERVERS = {
    "modern": server_hello() + CHANGE,
    "alone": server_hello(),
    "cut in the hello": server_hello()[:20],
    "certificate in the same record": _flight(server_hello()[5:], CERTIFICATE),
    "certificate in the next record": server_hello() + _flight(CERTIFICATE),
    "no TLS": b"SSH-2.0-x\r\n" * 10,
    "a record without a hello": b"\x15\x03\x03\0\x02\x02\x28",
}


def _path(folder: Path, frames: list[bytes]) -> Path:
    return Path(save(folder, pcap(frames)).path)


def _begun(port: int) -> tuple[Connection, list[bytes]]:
    connection = Connection(client_port=port)
    return connection, connection.handshake()


def _cuts() -> Iterator[list[bytes]]:
    """Yield the segments of connections: in order, swapped, sent twice, overlapping, in three, with a hole, with other bytes."""
    for number, at in enumerate([*range(1, 60), *range(60, len(HELLO), 41), len(HELLO) - 1]):
        one, two = HELLO[:at], HELLO[at:]
        early = max(0, at - 9)
        ways = (
            [(0, one), (at, two)],
            [(at, two), (0, one)],
            [(0, one), (0, one), (at, two), (at, two)],
            [(0, HELLO[: at + 9]), (at, two)],
            [(0, one), (early, HELLO[early:])],
            [(0, one), (at, two[:7]), (at + 7, two[7:])],
            [(0, one), (at + 7, two[7:])],
            [(0, one), (0, bytes(len(one))), (at, two)],
        )
        for way, pieces in enumerate(ways):
            connection, frames = _begun(2000 + 8 * number + way)
            frames += [connection.up(piece, shift=begin) for begin, piece in pieces if piece]
            yield [*frames, connection.answer(SERVERS["modern"])]


def test_a_hello_cut_anywhere(tmp_path: Path) -> None:
    connections = list(_cuts())
    path = _path(tmp_path, [frame for frames in connections for frame in frames])
    assert differences(path) == {}
    names = everything(path, fast=True)["name"]
    assert len(names) == len(connections) > 700
    assert set(names) == {NAME, ""}
    assert names.count("") <= len(connections) / 8  # those with a hole


def test_connections_side_by_side_do_not_mix_what_is_held(tmp_path: Path) -> None:
    hellos = [records(client_hello(f"host{n}.example", extra=[KEY_SHARE])) for n in range(1100)]  # more than there is room for
    begun = [_begun(2000 + n) for n in range(len(hellos))]
    frames = [frame for _, handshake in begun for frame in handshake]
    frames += [connection.say(hello[:700]) for (connection, _), hello in zip(begun, hellos, strict=True)]
    frames += [connection.say(hello[700:]) for (connection, _), hello in reversed(list(zip(begun, hellos, strict=True)))]
    path = _path(tmp_path, frames)
    assert differences(path) == {}
    assert sorted(everything(path, fast=True)["name"]) == sorted(f"host{n}.example" for n in range(1100))


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
@pytest.mark.parametrize("hello", [HELLO, ENCRYPTED, records(client_hello("")), records(client_hello(NAME), size=40)])
def test_what_the_server_says(tmp_path: Path, hello: bytes, server: bytes) -> None:
    frames = []
    for port, swapped in ((2000, False), (2001, True)):
        connection, handshake = _begun(port)
        frames += handshake
        frames += (
            [connection.answer(server), connection.say(hello)] if swapped else [connection.say(hello), connection.answer(server)]
        )
        frames += [connection.answer(CHANGE), connection.say(CHANGE)]
    assert differences(_path(tmp_path, frames)) == {}


def _named(raw: bytes) -> bytes:
    """Return a ClientHello with any bytes as server name."""
    name = struct.pack("!HHHBH", 0, len(raw) + 5, len(raw) + 3, 0, len(raw)) + raw
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + struct.pack("!H", len(name)) + name
    return records(b"\x01" + len(body).to_bytes(3, "big") + body)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"API.Example.COM", NAME), (b"api.example.com.", NAME), (b"10.0.0.1", ""), (b"fe80::1", ""),
        (b"b\xc3\xbccher.example", "xn--bcher-kva.example"), (b"a" * 253, "a" * 253), (b"a" * 254, ""), (b"", ""), (b"a b", ""),
        (b"a_b.example", "a_b.example"), (b"host.example:443", "host.example"), (b"x-1.2y", "x-1.2y"),
        (b"=1.example", "=1.example"),
    ],
)  # fmt: skip
def test_names_that_are_not_plain(tmp_path: Path, raw: bytes, name: str) -> None:
    connection, frames = _begun(2000)
    path = _path(tmp_path, [*frames, connection.say(_named(raw)), connection.answer(server_hello())])
    assert differences(path) == {}
    assert everything(path, fast=True)["name"] == [name]


def test_every_damage_of_a_hello(tmp_path: Path) -> None:
    """One byte changed, at every place: the lengths that lie on each other contradict each other in every way."""
    plain = records(client_hello(NAME, extra=[(0, b"\0\x09\0\0\x06second")]))
    frames = []
    for number, at in enumerate(at for at in range(len(plain)) for _ in range(3)):
        damaged = bytearray(plain)
        damaged[at] = (0, 0xFF, damaged[at] + 1 & 0xFF)[number % 3]
        connection, handshake = _begun(2000 + number)
        frames += [*handshake, connection.say(bytes(damaged)), connection.answer(server_hello())]
    assert differences(_path(tmp_path, frames)) == {}


@pytest.mark.parametrize("end", ["nothing", "again", "reset", "fragment", "eviction", "cut", "far", "late"])
def test_what_becomes_of_a_hello_that_is_never_whole(tmp_path: Path, end: str) -> None:
    connection, frames = _begun(2000)
    frames += [connection.say(HELLO[:700])]
    again = Connection(client_port=2000, isn=99_000)
    ways: dict[str, Callable[[], list[bytes]]] = {
        "nothing": list,
        "again": lambda: [*again.handshake(), again.say(HELLO)],
        "reset": lambda: [connection.down(flags="R"), connection.say(HELLO[700:])],
        "fragment": lambda: [_torn(frame) for frame in [connection.say(HELLO[700:])]],
        "eviction": lambda: [Connection(client_port=3000 + n).up(b"x") for n in range(9)],
        "cut": lambda: [connection.say(HELLO[700:])[:500]],
        "far": lambda: [connection.up(b"x", shift=2**30 + 9), connection.say(HELLO[700:])],
        "late": lambda: [connection.up(HELLO[700:], shift=0), connection.up(HELLO, shift=-700)],
    }
    frames += ways[end]()
    assert differences(_path(tmp_path, frames), most_live=3) == {}


def _torn(frame: bytes) -> bytes:
    """Return the frame as the first fragment of a datagram, which the kernel leaves to Python."""
    return frame[:20] + b"\x20\0" + frame[22:]


def test_plain_hellos_are_not_seen_by_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    look = payloads.Payloads.look

    def noted(self: payloads.Payloads, event: list[int], data: bytes | bytearray) -> None:
        looked.append(event[of.EVENT_KIND])
        look(self, event, data)

    monkeypatch.setattr(payloads.Payloads, "look", noted)
    connection, frames = _begun(2000)
    frames += [connection.say(HELLO[:700]), connection.say(HELLO[700:]), connection.answer(SERVERS["modern"])]
    path = _path(tmp_path, [*frames, connection.say(CHANGE), connection.answer(bytes(900))])
    assert everything(path, fast=True)["name"] == [NAME]
    assert looked == []


def test_names_need_more_room_than_there_was_at_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "Memory", lambda most, share: memory.Memory(most, share, names=256))
    frames = []
    for n in range(200):
        connection, handshake = _begun(2000 + n)
        frames += [*handshake, connection.say(records(client_hello(f"host{n}.example")))]
    assert differences(_path(tmp_path, frames)) == {}
