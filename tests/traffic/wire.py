"""Packets and capture files for the tests: own bytes for the files, scapy for the headers."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from auditor.facts.observation import CaptureSource, Observation, ObservedEdge
from auditor.traffic import observe

START = 1_700_000_000
CLIENT, SERVER = "10.0.0.5", "203.0.113.9"


def pcap(
    frames: Iterable[bytes | tuple[float, bytes]], *, order: str = "<", nano: bool = False, link: int = 1, snap: int = 0
) -> bytes:
    """Return a classic capture; frames without a time come 1 ms apart."""
    magic = 0xA1B23C4D if nano else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap or 262144, link)]
    for index, entry in enumerate(frames):
        seconds, data = entry if isinstance(entry, tuple) else (index / 1000, entry)
        nanoseconds = round(seconds * 1_000_000) * 1000
        whole, part = divmod(nanoseconds, 1_000_000_000)
        kept = data[:snap] if snap else data
        fraction = part if nano else part // 1000
        out.append(struct.pack(order + "IIII", START + whole, fraction, len(kept), len(data)) + kept)
    return b"".join(out)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """Return a pcapng block."""
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def option(code: int, value: bytes, order: str = "<") -> bytes:
    """Return a pcapng option."""
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def section(order: str = "<") -> bytes:
    """Return a section header block."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int = 1, snap: int = 0, options: bytes = b"", order: str = "<") -> bytes:
    """Return an interface description block."""
    return block(1, struct.pack(order + "HHI", link, 0, snap) + options, order)


def enhanced(data: bytes, ticks: int, index: int = 0, order: str = "<", options: bytes = b"") -> bytes:
    """Return an enhanced packet block."""
    head = struct.pack(order + "IIIII", index, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(6, head + data + b"\0" * (-len(data) % 4) + options, order)


def save(folder: Path, content: bytes, name: str = "a.pcap", canary: str = "") -> CaptureSource:
    """Write a capture file and return it as a source."""
    path = folder / name
    path.write_bytes(content)
    return CaptureSource(name, str(path), "test", ("corp",), canary)


def seen(folder: Path, frames: Iterable[bytes | tuple[float, bytes]], *, link: int = 1) -> Observation:
    """Return what one classic capture of ``frames`` shows."""
    return observe([save(folder, pcap(frames, link=link))])


def only(observation: Observation) -> ObservedEdge:
    """Return the only edge."""
    assert len(observation.edges) == 1, observation.edges
    return observation.edges[0]


def ether(packet: Packet) -> bytes:
    """Return an IP packet in an Ethernet frame."""
    return bytes(Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / packet)


def udp(payload: bytes, sport: int = 40000, dport: int = 9999, source: str = CLIENT, destination: str = SERVER) -> bytes:
    """Return a UDP datagram in a frame."""
    return ether(IP(src=source, dst=destination) / UDP(sport=sport, dport=dport) / Raw(payload))


class Connection:
    """A TCP connection whose frames a test asks for one by one."""

    def __init__(self, port: int = 443, client_port: int = 50000, isn: int = 1000, server: str = SERVER) -> None:
        """Begin with the given ports and initial sequence number."""
        self.port, self.client_port, self.server = port, client_port, server
        self.out, self.back = isn, isn + 500_000

    def handshake(self) -> list[bytes]:
        """Return SYN, SYN-ACK, ACK."""
        frames = [self.up(flags="S"), self.down(flags="SA")]
        self.out, self.back = self.out + 1, self.back + 1
        return [*frames, self.up(flags="A")]

    def up(self, payload: bytes = b"", flags: str = "PA", shift: int = 0) -> bytes:
        """Return a segment from the client, ``shift`` bytes after the current number; does not advance."""
        return self._frame(True, self.out + shift, payload, flags)

    def down(self, payload: bytes = b"", flags: str = "PA", shift: int = 0) -> bytes:
        """Return a segment from the server."""
        return self._frame(False, self.back + shift, payload, flags)

    def say(self, payload: bytes) -> bytes:
        """Return a segment from the client and advance."""
        frame = self.up(payload)
        self.out += len(payload)
        return frame

    def answer(self, payload: bytes) -> bytes:
        """Return a segment from the server and advance."""
        frame = self.down(payload)
        self.back += len(payload)
        return frame

    def _frame(self, up: bool, sequence: int, payload: bytes, flags: str) -> bytes:
        ends = (CLIENT, self.server) if up else (self.server, CLIENT)
        ports = (self.client_port, self.port) if up else (self.port, self.client_port)
        segment = TCP(sport=ports[0], dport=ports[1], seq=sequence % 2**32, flags=flags)
        return ether(IP(src=ends[0], dst=ends[1]) / segment / Raw(payload) if payload else IP(src=ends[0], dst=ends[1]) / segment)


def client_hello(name: str = "api.example.com", extra: Sequence[tuple[int, bytes]] = (), padding: int = 0) -> bytes:
    """Return the handshake message of a ClientHello with GREASE around its server name."""
    extensions = [(0x2A2A, b"")]
    if name:
        raw = name.encode()
        extensions.append((0, struct.pack("!HBH", len(raw) + 3, 0, len(raw)) + raw))
    extensions.extend(extra)
    extensions.append((0xFAFA, b"\0" * (padding + 1)))
    packed = b"".join(struct.pack("!HH", kind, len(body)) + body for kind, body in extensions)
    body = b"\x03\x03" + bytes(32) + b"\x20" + bytes(32) + b"\0\x04\x0a\x0a\x13\x01" + b"\x01\0"
    body += struct.pack("!H", len(packed)) + packed
    return b"\x01" + len(body).to_bytes(3, "big") + body


def records(message: bytes, size: int = 2**14) -> bytes:
    """Return a handshake message in TLS records of at most ``size`` bytes."""
    pieces = [message[i : i + size] for i in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x01" + struct.pack("!H", len(piece)) + piece for piece in pieces)


def server_hello() -> bytes:
    """Return a ServerHello in one record."""
    body = b"\x03\x03" + bytes(32) + b"\0\x13\x01\0"
    return records(b"\x02" + len(body).to_bytes(3, "big") + body)
