"""Community IDs against those that tshark computes for the same packets."""

from __future__ import annotations

import ipaddress
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from auditor.traffic.community import community_id

TSHARK = shutil.which("tshark")
ONE, TWO = ipaddress.ip_address("10.0.0.1").packed, ipaddress.ip_address("10.0.0.2").packed
KINDS = [(kind, 0) for kind in (0, 8, 9, 10, 13, 14, 15, 16, 17, 18)] + [(3, 1), (3, 3), (11, 0), (5, 1)]
_RAW_IPV4 = 228


def datagram(source: bytes, destination: bytes, kind: int, code: int) -> bytes:
    body = struct.pack("!BBHHH", kind, code, 0, 1, 1) + bytes(24)
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 1, 0) + source + destination + body


@pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
def test_icmp_identifiers_are_those_of_tshark(tmp_path: Path) -> None:
    cases = [(a, b, kind) for kind in KINDS for a, b in ((ONE, TWO), (TWO, ONE))]
    packets = [datagram(a, b, *kind) for a, b, kind in cases]
    path = tmp_path / "icmp.pcap"
    records = b"".join(struct.pack("<IIII", 1, 0, len(p), len(p)) + p for p in packets)
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _RAW_IPV4) + records)
    command = [str(TSHARK), "-n", "-r", str(path), "--enable-protocol", "communityid", "-T", "fields", "-e", "communityid"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()
    assert told == [community_id((a, 0), (b, 0), 1, kind) for a, b, kind in cases]
