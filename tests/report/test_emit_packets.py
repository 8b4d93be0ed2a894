"""The emitted nftables ruleset on a real router: what is needed passes, everything else of the inside is dropped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.facts.hardening import EgressRule, HardenedWorkload, Hardening
from auditor.facts.vocabulary import Transport
from auditor.report.emit_hosts import render_nftables

CLIENT, STRANGER, SERVER, OUTSIDE = "10.20.1.10", "192.0.2.10", "10.20.3.20", "203.0.113.7"
HARDENING = Hardening(
    deployment="routed",
    profile="in-network",
    as_of="2026-11-24T00:00:00Z",
    workloads=(HardenedWorkload("coder/coderd", "Coder server", (f"{CLIENT}/32",), (), ()),),
    rules=(
        EgressRule("coder/coderd", "idp", "", (f"{SERVER}/32",), (), Transport.TCP, 443, ("sign-in",), outside=False),
        EgressRule("coder/coderd", "api.example", "", (), ("api.example",), Transport.TCP, 443, ("models",), outside=True),
    ),
    settings=(),
    notes=(),
)
LISTEN = """
import socket, sys
sockets = [socket.create_server((a, int(p))) for a, p in (x.split(",") for x in sys.argv[1:])]
print("ready", flush=True)
sys.stdin.read()
"""
CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=1, source_address=(sys.argv[3], 0)).close()
except TimeoutError:
    print("dropped")
else:
    print("passed")
"""


def run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=30, capture_output=True)


@pytest.fixture
def spaces() -> Iterator[tuple[str, str, str]]:
    """Three namespaces in a row: inside, router, servers; removed at the end whatever happens."""
    if os.geteuid() != 0 or shutil.which("nft") is None or shutil.which("ip") is None:
        pytest.skip("needs root, ip and nft for network namespaces of its own")
    names = tuple(f"emit-{part}-{os.getpid()}" for part in ("in", "router", "out"))
    inside, router, servers = names
    try:
        for name in names:
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        for name, addresses, gateway in (
            (inside, (f"{CLIENT}/24", f"{STRANGER}/24"), ("10.20.1.1/24", "192.0.2.1/24")),
            (servers, (f"{SERVER}/24", f"{OUTSIDE}/24"), ("10.20.3.1/24", "203.0.113.1/24")),
        ):
            link = f"v{name[5:7]}{os.getpid() % 10**6}"
            run("ip", "-n", router, "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name)
            for address in addresses:
                run("ip", "-n", name, "addr", "add", address, "dev", "eth0")
            for address in gateway:
                run("ip", "-n", router, "addr", "add", address, "dev", link)
            run("ip", "-n", name, "link", "set", "eth0", "up")
            run("ip", "-n", router, "link", "set", link, "up")
            run("ip", "-n", name, "route", "add", "default", "via", gateway[0].partition("/")[0])
        run("ip", "netns", "exec", router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        yield inside, router, servers
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False, timeout=30, capture_output=True)


@pytest.mark.root
def test_only_what_is_needed_passes_the_router(spaces: tuple[str, str, str], tmp_path: Path) -> None:
    inside, router, servers = spaces
    (tmp_path / "egress.nft").write_text(render_nftables(HARDENING), encoding="utf-8")
    for _ in range(2):
        run("ip", "netns", "exec", router, "nft", "-f", str(tmp_path / "egress.nft"))
    ends = [f"{SERVER},443", f"{SERVER},8443", f"{OUTSIDE},443"]
    command = ["ip", "netns", "exec", servers, sys.executable, "-c", LISTEN, *ends]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as listening:
        assert listening.stdout is not None
        assert listening.stdout.readline() == "ready\n"
        found = {
            (source, *end.split(",")): subprocess.run(
                ["ip", "netns", "exec", inside, sys.executable, "-c", CONNECT, *end.split(","), source],
                capture_output=True,
                text=True,
                check=True,
                timeout=30,
            ).stdout.strip()
            for source in (CLIENT, STRANGER)
            for end in ends
        }
        listening.communicate("")
    allowed = {(CLIENT, SERVER, "443"), *((STRANGER, *end.split(",")) for end in ends)}
    assert {key for key, outcome in found.items() if outcome == "passed"} == allowed
    assert {outcome for key, outcome in found.items() if key not in allowed} == {"dropped"}
