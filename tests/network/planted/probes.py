"""Probes and their servers, run inside a namespace: ``python probes.py serve | probe JSON FIRST_PORT``.

It imports nothing of the project, so that it runs wherever an interpreter does. ``serve`` prints "ready" and runs until its
input ends. ``probe`` takes ``[[protocol, address, port], …]`` and prints, in the same order, whether each was answered.
"""

from __future__ import annotations

import json
import os
import socket
import struct
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

TCP_PORTS = (22, 53, 80, 443, 8443)
UDP_PORTS = (53, 123, 443, 5000)
SECONDS = 0.8
PORTS = 256
QUERY = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04leak\x07example\x00\x00\x10\x00\x01"
"""A DNS query for the TXT record of ``leak.example``."""


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _serve() -> None:
    for port in TCP_PORTS:
        listener = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True, backlog=64)
        threading.Thread(target=_accept, args=(listener,), daemon=True).start()
    for port in UDP_PORTS:
        for family, any_address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 -- its own namespace
            echo = socket.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                echo.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                echo.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
            else:
                echo.setsockopt(socket.IPPROTO_IP, 8, 1)  # IP_PKTINFO: answer from the address that was asked
            echo.bind((any_address, port))
            threading.Thread(target=_echo, args=(echo,), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()


def _accept(listener: socket.socket) -> None:
    while True:
        connection, _ = listener.accept()
        connection.sendall(b"here")
        connection.close()


def _echo(echo: socket.socket) -> None:
    while True:
        data, control, _, peer = echo.recvmsg(2048, 256)
        answer = data[:2] + b"\x81\x80" + data[4:] if data[:2] == QUERY[:2] else data
        kept = [(level, kind, _answer_from(level, kind, value)) for level, kind, value in control]
        echo.sendmsg([answer], kept, 0, peer)


def _answer_from(level: int, kind: int, value: bytes) -> bytes:
    """Return the control message with which an answer leaves from the address that was asked."""
    if (level, kind) != (socket.IPPROTO_IP, 8):
        return value
    return struct.pack("I", 0) + value[8:12] + value[8:12]


def _probe(protocol: str, address: str, port: int) -> bool:
    try:
        return {"tcp": _tcp, "udp": _udp, "dns": _dns, "icmp": _icmp}[protocol](address, port)
    except OSError:
        return False


def _tcp(address: str, port: int) -> bool:
    with socket.create_connection((address, port), timeout=SECONDS) as connection:
        return connection.recv(4) == b"here"


def _udp(address: str, port: int, message: bytes = b"leak") -> bool:
    with socket.socket(_family(address), socket.SOCK_DGRAM) as probe:
        probe.settimeout(SECONDS)
        probe.connect((address, port))
        probe.send(message)
        return bool(probe.recv(2048))


def _dns(address: str, port: int) -> bool:
    return _udp(address, port, QUERY)


def _icmp(address: str, _: int) -> bool:
    six = ":" in address
    with socket.socket(_family(address), socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP) as probe:
        probe.settimeout(SECONDS)
        identifier = threading.get_native_id() & 0xFFFF
        header = struct.pack("!BBHHH", 128 if six else 8, 0, 0, identifier, 1)
        checked = header if six else header[:2] + struct.pack("!H", _checksum(header)) + header[4:]
        probe.sendto(checked, (address, 0))
        while True:
            data = probe.recv(2048)
            answer = data if six else data[(data[0] & 15) * 4 :]
            if answer[0] == (129 if six else 0) and struct.unpack("!H", answer[4:6])[0] == identifier:
                return True


def _checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def main() -> None:
    """Run one of the two halves."""
    if sys.argv[1] == "serve":
        _serve()
        os._exit(0)
    asked, first = json.loads(sys.argv[2]), int(sys.argv[3])
    with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as ports:  # noqa: PTH123 -- a switch, no file
        ports.write(f"{first} {first + PORTS - 1}")
    with ThreadPoolExecutor(max_workers=64) as pool:
        sys.stdout.write(json.dumps(list(pool.map(lambda p: _probe(*p), asked))))


if __name__ == "__main__":
    main()
