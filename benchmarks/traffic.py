"""Made traffic of a perimeter: the same for the same seed, in captures of any size, written as fast as Python can.

What is in it: TLS 1.3 with a post-quantum key share (a ClientHello of two segments, X25519MLKEM768), QUIC version 1 with the
same in two Initial packets, HTTP, DNS before each connection, refused and unanswered attempts, pings. The bytes of flows
follow a Pareto distribution (most are small, few make up the volume); a segment in 300 comes late and one in 300 twice.
"""

from __future__ import annotations

import heapq
import random
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from auditor.traffic.quic_keys import VERSIONS, client_keys

START = 1_700_000_000
SEGMENT = 1448
_LINK = b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0"
_HYBRID_GROUP, _HYBRID_CLIENT, _HYBRID_SERVER = 0x11EC, 1216, 1120
_LEAST_BYTES, _SHAPE, _MOST_BYTES = 5_000, 1.15, 60_000_000
_POOL = random.Random(1).randbytes(1 << 20)
_NAMES = 4000

Packets = Iterator[tuple[float, bytes]]
"""Seconds after the packet before, and the frame."""


class Sides(NamedTuple):
    """The two ends of a flow."""

    client: bytes
    client_port: int
    server: bytes
    server_port: int


def _internet(source: bytes, destination: bytes, protocol: int, body: bytes) -> bytes:
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0x4000, 64, protocol, 0, source, destination)
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    checksum = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return _LINK + head[:10] + struct.pack("!H", checksum) + head[12:] + body


def datagram(sides: Sides, payload: bytes, *, back: bool = False) -> bytes:
    """Return a UDP datagram in a frame."""
    one, two = (sides.server_port, sides.client_port) if back else (sides.client_port, sides.server_port)
    ends = (sides.server, sides.client) if back else (sides.client, sides.server)
    return _internet(*ends, 17, struct.pack("!HHHH", one, two, 8 + len(payload), 0) + payload)


class Connection:
    """The segments of a TCP connection."""

    def __init__(self, sides: Sides, rng: random.Random) -> None:
        """Begin with random initial numbers."""
        self._sides = sides
        self._next = [rng.randrange(1 << 32), rng.randrange(1 << 32)]

    def segment(self, back: int, flags: int, payload: bytes = b"") -> bytes:
        """Return the next segment of a side."""
        s = self._sides
        ports = (s.server_port, s.client_port) if back else (s.client_port, s.server_port)
        ends = (s.server, s.client) if back else (s.client, s.server)
        number, acknowledged = self._next[back], self._next[1 - back] if flags & 16 else 0
        head = struct.pack("!HHIIBBHHHBBHII", *ports, number, acknowledged, 0x80, flags, 65535, 0, 0, 1, 1, 0x080A, 1, 1)
        self._next[back] = (number + len(payload) + (flags & 3 != 0)) & 0xFFFFFFFF
        return _internet(*ends, 6, head + payload)

    def bulk(self, back: int, data: bytes) -> Iterator[bytes]:
        """Yield data in segments, each second one acknowledged."""
        for index, at in enumerate(range(0, len(data), SEGMENT)):
            yield self.segment(back, 0x18, data[at : at + SEGMENT])
            if index % 2:
                yield self.segment(1 - back, 0x10)


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack("!HH", kind, len(body)) + body


def client_hello(name: str, rng: random.Random) -> bytes:
    """Return a ClientHello as browsers send it today: GREASE, ALPN, a hybrid post-quantum key share."""
    host = name.encode()
    shares = struct.pack("!HH", _HYBRID_GROUP, _HYBRID_CLIENT) + rng.randbytes(_HYBRID_CLIENT)
    shares += struct.pack("!HH", 0x001D, 32) + rng.randbytes(32)
    extensions = (
        _extension(0x1A1A, b"")
        + _extension(0, struct.pack("!HBH", len(host) + 3, 0, len(host)) + host)
        + _extension(10, struct.pack("!HHHH", 6, _HYBRID_GROUP, 0x001D, 0x0017))
        + _extension(16, b"\0\x0c\x02h2\x08http/1.1")
        + _extension(43, b"\x04\x03\x04\x03\x03")
        + _extension(51, struct.pack("!H", len(shares)) + shares)
    )
    body = b"\x03\x03" + rng.randbytes(32) + b"\x20" + rng.randbytes(32) + b"\0\x06\x13\x01\x13\x02\x13\x03\x01\0"
    body += struct.pack("!H", len(extensions)) + extensions
    return b"\x01" + len(body).to_bytes(3, "big") + body


def server_hello(rng: random.Random) -> bytes:
    """Return a ServerHello with its key share, the change of cipher and the encrypted rest of the flight."""
    share = struct.pack("!HH", _HYBRID_GROUP, _HYBRID_SERVER) + rng.randbytes(_HYBRID_SERVER)
    extensions = _extension(43, b"\x03\x04") + _extension(51, share)
    body = b"\x03\x03" + rng.randbytes(32) + b"\x20" + rng.randbytes(32) + b"\x13\x01\0"
    body += struct.pack("!H", len(extensions)) + extensions
    message = b"\x02" + len(body).to_bytes(3, "big") + body
    return record(22, message) + b"\x14\x03\x03\0\x01\x01" + record(23, _random(rng, rng.randint(2500, 4200)))


def record(kind: int, body: bytes) -> bytes:
    """Return a TLS record."""
    return bytes([kind]) + struct.pack("!HH", 0x0303, len(body)) + body


def _random(rng: random.Random, size: int) -> bytes:
    at = rng.randrange(len(_POOL))
    whole = _POOL[at : at + size]
    while len(whole) < size:
        whole += _POOL[: size - len(whole)]
    return whole


def _volume(rng: random.Random) -> int:
    return min(int(_LEAST_BYTES * rng.paretovariate(_SHAPE)), _MOST_BYTES)


def _spaced(frames: Iterator[bytes], rng: random.Random) -> Packets:
    """Put time between frames; now and then one comes after the next, or twice."""
    held = None
    for frame in frames:
        chance = rng.random()
        if held is None and chance < 1 / 300:
            held = frame
            continue
        yield rng.expovariate(400), frame
        if held is not None:
            yield 0.0001, held
            held = None
        elif chance > 1 - 1 / 300:
            yield 0.2, frame
    if held is not None:
        yield 0.0001, held


def tls(sides: Sides, name: str, rng: random.Random) -> Packets:
    """Yield a TLS connection, mostly downloads."""
    connection = Connection(sides, rng)
    yield from ((0.01, connection.segment(back, flags)) for back, flags in ((0, 2), (1, 0x12), (0, 0x10)))
    yield from ((0.001, frame) for frame in connection.bulk(0, record(22, client_hello(name, rng))))
    yield from ((0.001, frame) for frame in connection.bulk(1, server_hello(rng)))
    yield 0.001, connection.segment(0, 0x18, b"\x14\x03\x03\0\x01\x01" + record(23, _random(rng, 53)))
    volume, back = _volume(rng), int(rng.random() < 0.8)
    yield 0.01, connection.segment(0, 0x18, record(23, _random(rng, rng.randint(200, 1200))))
    for size in _pieces(volume, 1 << 18):
        yield from _spaced(
            connection.bulk(back, record(23, _random(rng, min(size, 16_000))) + _random(rng, max(0, size - 16_000))), rng
        )
    yield from ((0.01, connection.segment(back, flags)) for back, flags in ((0, 0x11), (1, 0x11), (0, 0x10)))


def _pieces(volume: int, most: int) -> Iterator[int]:
    while volume > 0:
        yield min(volume, most)
        volume -= most


def http(sides: Sides, name: str, rng: random.Random) -> Packets:
    """Yield a request in clear text and its answer."""
    connection = Connection(sides, rng)
    yield from ((0.01, connection.segment(back, flags)) for back, flags in ((0, 2), (1, 0x12), (0, 0x10)))
    yield (
        0.001,
        connection.segment(0, 0x18, f"GET /{rng.randrange(999)} HTTP/1.1\r\nHost: {name}\r\nAccept: */*\r\n\r\n".encode()),
    )
    size = min(_volume(rng), 500_000)
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + _random(rng, size)
    yield from _spaced(connection.bulk(1, answer), rng)
    yield from ((0.01, connection.segment(back, flags)) for back, flags in ((0, 0x11), (1, 0x11), (0, 0x10)))


def _number(value: int) -> bytes:
    return struct.pack("!H", 0x4000 | value)


def _initial(frames: bytes, destination: bytes, number: int) -> bytes:
    """Return a protected Initial packet of version 1 (RFC 9001, section 5), padded to 1200 bytes."""
    keys = client_keys(VERSIONS[1], destination)
    frames += bytes(1162 - len(frames))
    header = b"\xc3\0\0\0\x01" + bytes([len(destination)]) + destination + b"\0\0" + _number(4 + len(frames) + 16)
    at = len(header)
    header += struct.pack("!I", number)
    nonce = bytes(a ^ b for a, b in zip(keys.iv, number.to_bytes(12, "big"), strict=True))
    sealed = AESGCM(keys.key).encrypt(nonce, frames, header)
    sample = (header + sealed)[at + 4 : at + 20]
    mask = Cipher(AES(keys.hp), ECB()).encryptor().update(sample)  # noqa: S305 -- RFC 9001 section 5.4.3
    hidden = bytes(a ^ b for a, b in zip(header[at:], mask[1:], strict=False))
    return bytes([header[0] ^ mask[0] & 0x0F]) + header[1:at] + hidden + sealed


def quic(sides: Sides, name: str, rng: random.Random) -> Packets:
    """Yield a QUIC connection whose ClientHello takes two Initial packets."""
    hello, identifier = client_hello(name, rng), rng.randbytes(8)
    for number, at in enumerate(range(0, len(hello), 1000)):
        part = hello[at : at + 1000]
        frame = b"\x06" + _number(at) + _number(len(part)) + part
        yield 0.001, datagram(sides, _initial(frame, identifier, number))
    yield 0.02, datagram(sides, b"\xc1\0\0\0\x01\0\x08" + identifier + b"\0" + _number(1180) + _random(rng, 1180), back=True)
    for index, size in enumerate(_pieces(min(_volume(rng), 2_000_000), 1200)):
        yield rng.expovariate(500), datagram(sides, b"\x41" + _random(rng, size), back=True)
        if index % 4 == 3:
            yield 0.0001, datagram(sides, b"\x42" + identifier + _random(rng, 30))


def dns(client: bytes, port: int, name: str, address: bytes, rng: random.Random) -> Packets:
    """Yield a question to the resolver and its answer."""
    sides = Sides(client, port, b"\x0a\0\0\x35", 53)
    identification = rng.randbytes(2)
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0\0\x01\0\x01"
    yield 0.001, datagram(sides, identification + b"\x01\0\0\x01\0\0\0\0\0\0" + question)
    answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04" + address
    yield 0.01, datagram(sides, identification + b"\x81\x80\0\x01\0\x01\0\0\0\0" + question + answer, back=True)


def attempt(sides: Sides, rng: random.Random) -> Packets:
    """Yield a connection that is refused or never answered."""
    connection = Connection(sides, rng)
    yield 0.001, connection.segment(0, 2)
    if rng.random() < 0.5:
        yield 0.01, connection.segment(1, 0x14)


def ping(sides: Sides, rng: random.Random) -> Packets:
    """Yield an echo request and its reply."""
    rest = struct.pack("!HHH", 0, rng.randrange(65536), 1) + bytes(48)
    yield 0.001, _internet(sides.client, sides.server, 1, b"\x08\0" + rest)
    yield 0.02, _internet(sides.server, sides.client, 1, b"\0\0" + rest)


def _flow(rng: random.Random, number: int) -> Packets:
    """Yield all packets of one visit of a client: the look-up and the connection."""
    host = rng.randrange(_NAMES)
    name = f"host{host}.zone{host % 97}.example"
    client, server = struct.pack("!BBH", 10, 1, rng.randrange(2, 2000)), struct.pack("!BBH", 203, host % 7, host + 1)
    port = 20_000 + number % 45_000
    chance = rng.random()
    if chance > 0.97:
        yield from attempt(Sides(client, port, server, 443), rng) if chance < 0.99 else ping(Sides(client, 0, server, 0), rng)
        return
    yield from dns(client, port, name, server, rng)
    if chance < 0.75:
        yield from tls(Sides(client, port, server, 443), name, rng)
    elif chance < 0.90:
        yield from quic(Sides(client, port, server, 443), name, rng)
    else:
        yield from http(Sides(client, port, server, 80), name, rng)


def frames(seed: int = 1, together: int = 300) -> Iterator[tuple[float, bytes]]:
    """Yield (seconds, frame) without end, in order of time; ``together`` flows run at one time."""
    rng = random.Random(seed)
    waiting: list[tuple[float, int, bytes, Packets]] = []
    for number in range(together):
        after, frame = next(packets := _flow(rng, number))
        heapq.heappush(waiting, (rng.random() * 5 + after, number, frame, packets))
    begun = together
    while True:
        time, number, frame, packets = waiting[0]
        yield time, frame
        after, frame = next(packets, (0.0, b""))
        if not frame:
            number, packets, begun = begun, _flow(rng, begun), begun + 1
            after, frame = next(packets)
            after += rng.expovariate(5)
        heapq.heapreplace(waiting, (time + after, number, frame, packets))


def write(path: Path, size: int = 0, packets: int = 0, seed: int = 1) -> int:
    """Write a classic capture of ``size`` bytes or of a number of packets; return how many packets it has."""
    count = 0
    with path.open("wb") as stream:
        stream.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for moment, frame in frames(seed):
            _write(stream, moment, frame)
            count += 1
            if count == packets or (size and stream.tell() >= size):
                return count
    return count


def _write(stream: BinaryIO, moment: float, frame: bytes) -> None:
    micros = int(moment * 1_000_000)
    head = struct.pack("<IIII", START + micros // 1_000_000, micros % 1_000_000, len(frame), len(frame))
    stream.write(head + frame)
