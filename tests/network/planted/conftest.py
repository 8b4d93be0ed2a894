"""Two network namespaces joined by a cable: ``inside``, where rule sets are loaded, and ``outside``, where everything answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest

from tests.network.planted.probes import PORTS

PROBES = Path(__file__).with_name("probes.py")
NEAR = ("192.0.2.1/24", "2001:db8:2::1/64")
FAR = ("192.0.2.10/24", "192.0.2.77/24", "198.51.100.7/32", "2001:db8:2::10/64", "2001:db8:2::77/64", "2001:db8:9::7/128")
"""The first address of each family is the way to the others."""
ADDRESSES = tuple(a.partition("/")[0] for a in FAR)
TOOLS = ("ip", "nft", "iptables-restore", "ip6tables-restore", "iptables-save", "ip6tables-save", "ipset")
Probe = tuple[str, str, int]


def run(*words: str, given: str = "") -> str:
    """Run a command and return what it printed."""
    done = subprocess.run(words, input=given, capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
    return done.stdout


_FIRST_PORTS = cycle(range(1024, 65536 - PORTS, PORTS))
"""Of each round of probes: the same ports come again after 251 rounds, when no connection of the first is tracked any more."""


@dataclass(frozen=True)
class Cable:
    """The two namespaces."""

    inside: str
    outside: str

    def within(self, *words: str, given: str = "") -> str:
        """Run a command inside."""
        return run("ip", "netns", "exec", self.inside, *words, given=given)

    def probe(self, probes: Sequence[Probe], expected: Sequence[bool]) -> list[bool]:
        """Return whether each probe was answered; what should have been and was not is asked again, twice at most.

        A packet may be lost on a busy machine; none that is stopped is ever answered.
        """
        found = self._once(probes)
        for _ in range(2):
            again = [n for n, answered in enumerate(found) if expected[n] and not answered]
            for n, answered in zip(again, self._once([probes[n] for n in again]), strict=True):
                found[n] = answered
        return found

    def _once(self, probes: Sequence[Probe]) -> list[bool]:
        if not probes:
            return []
        words = (sys.executable, str(PROBES), "probe", json.dumps(probes), str(next(_FIRST_PORTS)))
        return [bool(x) for x in json.loads(self.within(*words))]

    def clear(self) -> None:
        """Take away every rule and set."""
        self.within("nft", "flush", "ruleset")
        self.within("ipset", "destroy")


def _why_not() -> str:
    if os.geteuid() != 0:
        return "network namespaces need root"
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking:
        return f"not installed: {', '.join(lacking)}"
    made = subprocess.run(["unshare", "--net", "nft", "list", "ruleset"], capture_output=True, check=False, timeout=10)
    return "" if made.returncode == 0 else "no network namespace with nftables could be made"


@pytest.fixture(scope="session")
def cable() -> Iterator[Cable]:
    """Yield the joined namespaces with servers outside; both are gone afterwards, whatever happens."""
    if why := _why_not():
        pytest.skip(why)
    made = Cable(f"leak-in-{os.getpid()}", f"leak-out-{os.getpid()}")
    servers: list[subprocess.Popen[str]] = []
    try:
        _join(made)
        words = ["ip", "netns", "exec", made.outside, sys.executable, str(PROBES), "serve"]
        servers.append(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        assert servers[0].stdout is not None
        assert servers[0].stdout.readline() == "ready\n"
        yield made
    finally:
        for server in servers:
            server.communicate(timeout=10)
        for name in (made.inside, made.outside):
            if Path("/run/netns", name).exists():
                run("ip", "netns", "delete", name)


def _join(made: Cable) -> None:
    hardware = {made.inside: "02:00:00:00:00:01", made.outside: "02:00:00:00:00:02"}
    for name in hardware:
        run("ip", "netns", "add", name)
    run("ip", "link", "add", "eth0", "netns", made.inside, "type", "veth", "peer", "name", "eth0", "netns", made.outside)
    for name, addresses in ((made.inside, NEAR), (made.outside, FAR)):
        run("ip", "-n", name, "link", "set", "eth0", "address", hardware[name])
        for address in addresses:
            run("ip", "-n", name, "address", "add", address, "dev", "eth0", *(("nodad",) if ":" in address else ()))
        for device in ("lo", "eth0"):
            run("ip", "-n", name, "link", "set", device, "up")
    # Neighbours are fixed: a rule set that stops neighbour discovery would else stop what it allows.
    for address in ADDRESSES:
        far = hardware[made.outside]
        run("ip", "-n", made.inside, "neighbor", "replace", address, "lladdr", far, "dev", "eth0", "nud", "permanent")
    for near in NEAR:
        address = near.partition("/")[0]
        words = ("lladdr", hardware[made.inside], "dev", "eth0", "nud", "permanent")
        run("ip", "-n", made.outside, "neighbor", "replace", address, *words)
    run("ip", "-n", made.inside, "route", "add", "default", "dev", "eth0")
    run("ip", "-n", made.inside, "-6", "route", "add", "default", "dev", "eth0")
