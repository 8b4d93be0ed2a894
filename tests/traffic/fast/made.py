"""Made packets that know no mercy: few flows, so that everything that can happen to a flow happens to the same one."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from tests.traffic.wire import block, client_hello, interface, option, records, section

FLOWS = 8
KINDS = (
    "tcp", "tcp", "tcp", "tcp", "udp", "udp", "udp", "first_fragment", "last_fragment", "whole_fragment", "unreachable", "ipip",
    "gre", "dns", "dns_tcp", "arp", "group", "to_group", "no_length", "short_offset", "extension", "mpls", "damaged", "ping",
    "mdns", "vxlan", "self",
)  # fmt: skip
TAGS = ((5,), (6,), (0,), (5, 7), (0, 5), (1, 2, 3, 4), (1, 2, 3, 4, 5))
_HELLO = records(client_hello("made.example"))
_CONTENTS = (bytes(400), b"SSH-2.0-made\r\n" * 40, b"\x16\x03\x01" * 150, b"GET / HTTP/1.1\r\nHost: made.example\r\n\r\n" * 12)
_VXLAN = struct.pack("!HHHHIIHIHI", 9, 4789, 0, 0, 8 << 24, 9 << 8, 2, 0, 2, 0) + b"\x08\0"
_START = 1_700_000_000 * 10**9


class Made(NamedTuple):
    """One packet."""

    kind: str
    flow: int
    back: bool
    flags: int
    sequence: int
    length: int
    content: int
    tags: tuple[int, ...]
    snap: int
    wait: int
    """Nanoseconds after the packet before."""


def _ends(made: Made) -> tuple[bytes, bytes, int, int]:
    """Return addresses and ports: flows 0 to 4 are IPv4, the others IPv6."""
    if made.flow < 5:
        ends = [(bytes([10, 0, 0, made.flow]), 50_000), (b"\x01\x02\x03\x04", 443)]
    else:
        ends = [(b"\xfd" + bytes(14) + bytes([made.flow]), 50_000), (b"\x20\x01" + bytes(13) + b"\x01", 443)]
    if made.kind == "self":
        ends[1] = ends[0]
    if made.back:
        ends.reverse()
    return ends[0][0], ends[1][0], ends[0][1], ends[1][1]


def _payload(made: Made) -> bytes:
    at = max(0, made.sequence) if made.sequence < 1000 else 0
    whole = _HELLO if made.content > 3 else _CONTENTS[made.content]
    return whole[at : at + made.length].ljust(made.length, b"z")


def _segment(made: Made, ports: tuple[int, int]) -> bytes:
    number = (4_294_967_200 + made.sequence + 500 * made.back) % 2**32
    offset = 0x40 if made.kind == "short_offset" else 0x50
    return struct.pack("!HHIIBBHHH", *ports, number, 0, offset, made.flags, 0, 0, 0) + _payload(made)


def _datagram(made: Made, ports: tuple[int, int]) -> bytes:
    payload = b"\xc3\0\0\0\1\x08" + _payload(made) if made.content == 5 else _payload(made)
    length = 8 + len(payload) // (1 + (made.content == 4))  # now and then the header says less than there is
    return struct.pack("!HHHH", *ports, length, 0) + payload


def _internet(source: bytes, target: bytes, protocol: int, body: bytes, fragment: int = 0, *, no_length: bool = False) -> bytes:
    if len(source) == 4:
        length = 0 if no_length else 20 + len(body)
        return struct.pack("!BBHHHBBH4s4s", 0x45, 0, length, 7, fragment, 64, protocol, 0, source, target) + body
    if fragment:
        head = struct.pack("!BBHI", protocol, 0, fragment & 0x1FFF << 3 | bool(fragment & 0x2000), 7)
        protocol, body = 44, head + body
    return struct.pack("!IHBB16s16s", 6 << 28, 0 if no_length else len(body), protocol, 64, source, target) + body


def _dns(made: Made) -> bytes:
    question = b"\x04made\x07example\0\0\x01\0\x01"
    answer = question + b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x01\x02\x03\x04"
    return b"\0\x07\x81\x80\0\x01\0\x01\0\0\0\0" + answer if made.back else b"\0\x07\x01\0\0\x01\0\0\0\0\0\0" + question


def _inside(made: Made) -> bytes:
    """Return the IP packet."""
    source, target, *ports = _ends(made)
    pair = (ports[0], ports[1])
    whole = _internet(source, target, 6, _segment(made, pair))
    if made.kind in ("udp", "group"):
        return _internet(source, target, 17, _datagram(made, pair))
    if made.kind.endswith("fragment"):
        body = _datagram(made, pair).ljust(16, b"q")
        if made.kind == "last_fragment":
            return _internet(source, target, 17, body[8:], 1)
        return _internet(source, target, 17, body[:8] if made.kind == "first_fragment" else body, 0x2000)
    if made.kind == "unreachable":
        protocol, head = (1, b"\x03\x03") if len(source) == 4 else (58, b"\x01\x04")
        about = whole if made.content < 3 else _internet(source, target, 17, _datagram(made, pair))
        return _internet(target, source, protocol, head + bytes(6) + about)
    others = {
        "ipip": lambda: _internet(b"\x0a\0\0\x63", b"\x08\x08\x08\x08", 4 if len(source) == 4 else 41, whole),
        "gre": lambda: _internet(
            b"\x0a\0\0\x63", b"\x0a\0\0\x64", 47, (b"\0\0\x08\0" if len(source) == 4 else b"\0\0\x86\xdd") + whole
        ),
        "dns": lambda: _internet(source, target, 17, struct.pack("!HHHH", *_port(made, 53), 8 + len(_dns(made)), 0) + _dns(made)),
        "dns_tcp": lambda: _internet(source, target, 6, _segment(made, _port(made, 53))),
        "mdns": lambda: _internet(source, target, 17, struct.pack("!HHHH", 5353, 5353, 8, 0)),
        "to_group": lambda: _internet(
            source, b"\xe0\0\0\x09" if len(source) == 4 else b"\xff\x02" + bytes(14), 17, _datagram(made, pair)
        ),
        "no_length": lambda: _internet(source, target, 6, _segment(made, pair), no_length=True),
        "extension": lambda: _internet(source, target, 0, b"\x06\0" + bytes(6) + _segment(made, pair)),
        "ping": lambda: _internet(source, target, 1, (b"\0" if made.back else b"\x08") + bytes(7)),
        "vxlan": lambda: _internet(source, target, 17, _VXLAN + whole),
    }
    return others[made.kind]() if made.kind in others else whole


def _port(made: Made, port: int) -> tuple[int, int]:
    return (port, 50_000) if made.back else (50_000, port)


def frame_of(made: Made) -> bytes:
    """Return the packet in an Ethernet frame."""
    inside = _inside(made)
    kind = 0x0800 if inside[0] >> 4 == 4 else 0x86DD
    if made.kind == "arp":
        kind, inside = 0x0806, b"\0\x01\x08\0\x06\x04\0\x01" + bytes(6) + b"\x0a\0\0\x05" + bytes(10)
    if made.kind == "mpls":
        kind, inside = 0x8847, b"\0\0\x11\x40" + inside
    if made.kind == "damaged":
        inside = bytes([inside[0] & 0xF1]) + inside[1:]
    head = b"\xff" * 6 if made.kind == "group" else b"\x02\0\0\0\0\x01"
    tags = b"".join(struct.pack("!HH", 0x88A8 if i else 0x8100, tag) for i, tag in enumerate(made.tags))
    return head + b"\x02\0\0\0\0\x02" + tags + struct.pack("!H", kind) + inside


def capture_of(packets: Sequence[Made], form: str) -> bytes:
    """Return a capture of ``packets``; ``form`` names the file format, or what else is odd about the file."""
    order = ">" if "swapped" in form else "<"
    time, entries = _START, []
    for made in packets:
        time += made.wait
        frame = frame_of(made)
        entries.append((time, frame[: made.snap] if made.snap else frame, len(frame)))
    if "pcapng" in form or form == "two":
        return _pcapng(entries, order, two=form == "two")
    nano = form == "nano"
    magic = {"nano": 0xA1B23C4D, "modified": 0xA1B2CD34}.get(form, 0xA1B2C3D4)
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, 1)]
    for time, data, original in entries:
        fraction = time % 10**9 // (1 if nano else 1000)
        parts.append(struct.pack(order + "IIII", time // 10**9, fraction, len(data), original))
        parts.append((b"\0" * 8 if form == "modified" else b"") + data)
    whole = b"".join(parts)
    return whole[: len(whole) - len(packets) % 20] if form == "cut" else whole


def _pcapng(entries: list[tuple[int, bytes, int]], order: str, *, two: bool) -> bytes:
    """Return blocks of all kinds; with ``two``, a second interface appears after some packets."""
    resolution = option(9, b"\x09", order) + option(0, b"", order)
    parts = [section(order), interface(options=resolution, order=order)]
    for index, (time, data, original) in enumerate(entries):
        if index % 7 == 3:
            parts.append(block(0xBAD, b"some", order))
        if index % 11 == 5:
            parts.append(block(3, struct.pack(order + "I", len(data)) + data, order))
            continue
        second = two and index > 9
        if two and index == 10:
            parts.append(interface(options=resolution, order=order))
        head = struct.pack(order + "IIIII", second and index % 2, time >> 32, time & 0xFFFFFFFF, len(data), original)
        rest = option(2, b"\0\0\0\1", order) if index % 5 == 1 else b""
        parts.append(block(6, head + data + b"\0" * (-len(data) % 4) + rest, order))
    return b"".join(parts)
