"""Squid itself is started with a configuration and asked: what was predicted is what it relays (facts H6)."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.facts.truth import Truth
from auditor.network import parse_block, proxy_rules
from tests.network.bench import tcp
from tests.network.planted.conftest import ADDRESSES, Cable
from tests.network.rule_sets import documents, governed, reaches

pytestmark = pytest.mark.root

HOSTS = {
    "vendor.example": ADDRESSES[0],
    "api.vendor.example": ADDRESSES[0],
    "v1.api.vendor.example": ADDRESSES[1],
    "vendor.example.evil.example": ADDRESSES[1],
    "other.example": ADDRESSES[2],
}
PORTS = (22, 80, 443, 8443)
OWN = """\
http_port 127.0.0.1:3128
visible_hostname test.example
cache deny all
pid_filename none
cache_log /dev/null
access_log none
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
dns_nameservers 127.0.0.1
hosts_file {hosts}
coredump_dir {folder}
"""
ELEMENTS = """\
acl private src 127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16
acl tls port 443
acl web port 80 443
acl vendor dstdomain .vendor.example
acl apex dstdomain vendor.example
acl near dst 192.0.2.10/32
acl get method GET
"""
RULES = [
    "http_access deny !web\nhttp_access deny CONNECT !tls\nhttp_access allow vendor\nhttp_access deny all\n",
    "http_access allow apex\nhttp_access deny vendor\nhttp_access allow private\n",
    "http_access deny vendor\n",
    "http_access allow vendor web\n",
    "http_access deny all\nhttp_access allow all\n",
    "http_access deny !near\nhttp_access allow tls\nhttp_access deny all\n",
    "http_access deny CONNECT\nhttp_access allow private web\nhttp_access deny all\n",
    "acl vendor dstdomain other.example\nhttp_access allow vendor CONNECT\nhttp_access deny all\n",
]
ASK = """\
import json, socket, sys
def ask(request):
    with socket.create_connection(("127.0.0.1", 3128), timeout=5) as proxy:
        proxy.sendall(request.encode())
        head = proxy.recv(64).decode("latin-1").split()
        return head[1] if len(head) > 1 else ""
found = []
for host, port in json.loads(sys.argv[1]):
    tunnel = ask(f"CONNECT {host}:{port} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\n\\r\\n")
    plain = ask(f"GET http://{host}:{port}/ HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n")
    found.append(tunnel != "403" or plain != "403")
print(json.dumps(found))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Yield a folder that the user of the proxy may read."""
    if shutil.which("squid") is None:
        pytest.skip("not installed: squid")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("rules", RULES)
def test_squid_relays_what_was_predicted(rules: str, cable: Cable, folder: Path) -> None:
    hosts, configuration = folder / "hosts", folder / "squid.conf"
    hosts.write_text("".join(f"{address} {name}\n" for name, address in HOSTS.items()), encoding="utf-8")
    configuration.write_text(OWN.format(hosts=hosts, folder=folder) + ELEMENTS + rules, encoding="utf-8")
    asked = [(host, port) for host in HOSTS for port in PORTS]
    with _running(cable, configuration):
        seen = json.loads(cable.within(sys.executable, "-c", ASK, json.dumps(asked)))
    told = [reaches(governed("squid", squid__conf=ELEMENTS + rules), HOSTS[host], tcp(port), name=host) for host, port in asked]
    assert Truth.UNKNOWN not in told
    assert [(a, t.value, s) for a, t, s in zip(asked, told, seen, strict=True) if t is not Truth.of(s)] == []


@pytest.mark.parametrize(("flag", "told", "seen"), [("", Truth.UNKNOWN, True), ("-n ", Truth.NO, False)])
def test_whoever_holds_an_address_says_which_name_it_has(flag: str, told: Truth, seen: bool, cable: Cable, folder: Path) -> None:
    """Asked for an address, Squid looks up its name in reverse, unless the element says ``-n``."""
    rules = f"acl ok dstdomain {flag}api.vendor.example\nhttp_access allow ok\nhttp_access deny all\n"
    hosts, configuration = folder / "hosts", folder / "squid.conf"
    hosts.write_text(f"{ADDRESSES[0]} api.vendor.example\n", encoding="utf-8")
    configuration.write_text(OWN.format(hosts=hosts, folder=folder) + rules, encoding="utf-8")
    with _running(cable, configuration):
        asked = json.dumps([(ADDRESSES[0], 443), ("api.vendor.example", 443)])
        assert json.loads(cable.within(sys.executable, "-c", ASK, asked)) == [seen, True]
    (document,), client, place = documents({"squid.conf": rules}), parse_block("127.0.0.1"), parse_block(ADDRESSES[0])
    assert client is not None
    assert place is not None
    assert proxy_rules(document, client).decide(place).answer(tcp(443)) is told
    assert reaches(governed("squid", squid__conf=rules), ADDRESSES[0], tcp(443)) is Truth.UNKNOWN  # a name may have it


class _running:  # noqa: N801 -- reads as a phrase
    """Squid inside a namespace, for as long as the block lasts."""

    def __init__(self, cable: Cable, configuration: Path) -> None:
        words = ["ip", "netns", "exec", cable.inside, "squid", "-N", "-f", str(configuration)]
        self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._cable = cable

    def __enter__(self) -> None:
        knock = "import socket; socket.create_connection(('127.0.0.1', 3128), timeout=1).close()"
        for _ in range(100):
            words = ["ip", "netns", "exec", self._cable.inside, sys.executable, "-c", knock]
            if subprocess.run(words, capture_output=True, check=False, timeout=10).returncode == 0:
                return
            assert self._process.poll() is None, self._process.communicate()[1]
            time.sleep(0.1)
        raise AssertionError("squid did not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate(timeout=10)
