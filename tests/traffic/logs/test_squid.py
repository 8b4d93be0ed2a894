"""Squid's access log in its forms, gh-aw-firewall's audit log, and a real Squid on the loopback."""

from __future__ import annotations

import http.client
import http.server
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from auditor.facts.vocabulary import NameRung, Sighting, Transport
from auditor.traffic.logs import Action
from tests.traffic.logs.reader import json_lines, read, told

_TUNNEL = "1790000000.250    150 10.0.0.5 TCP_TUNNEL/200 4521 CONNECT api.example.org:443 alice HIER_DIRECT/192.0.2.10 -\n"
_DENIED = "1790000001.000      0 10.0.0.5 TCP_DENIED/403 3900 CONNECT evil.example.org:443 - HIER_NONE/- text/html\n"


def test_every_field_of_a_tunnel(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"access.log": _TUNNEL})
    assert outcome.format == "squid"
    assert told(outcome.flow) == {
        "start": 1790000000100000000,
        "end": 1790000000250000000,
        "src_addr": "10.0.0.5",
        "dst_port": 443,
        "transport": Transport.TCP,
        "protocol_number": 6,
        "payload_in": 4521,
        "name": "api.example.org",
        "name_rung": NameRung.PROXY_AUTHORITY,
        "app_protocol": "http_connect",
        "action": Action.PASSED,
        "action_word": "TCP_TUNNEL/200",
        "translated_dst": ("192.0.2.10", None),
        "source": outcome.flow.source,
    }
    assert outcome.flow.source.name == "alice"


@pytest.mark.parametrize(
    ("line", "reason", "action"),
    [
        (_DENIED, "denied", Action.DENIED),
        (
            "1790000001.000 90 10.0.0.5 TCP_MEM_HIT/200 900 GET http://a.example.org/x - HIER_NONE/- text/html\n",
            "no_payload",
            Action.PASSED,
        ),
        (
            "1790000001.000 90 10.0.0.5 TCP_MISS/503 900 GET http://a.example.org/x - HIER_NONE/- text/html\n",
            "failed",
            Action.FAILED,
        ),
        (
            "1790000001.000 90 10.0.0.5 TCP_TUNNEL/503 0 CONNECT a.example.org:443 - HIER_DIRECT/192.0.2.1 -\n",
            "failed",
            Action.FAILED,
        ),
        (
            "1790000001.000 90 10.0.0.5 TCP_DENIED_REPLY/403 9 GET http://a.example.org/x - HIER_DIRECT/192.0.2.1 -\n",
            "",
            Action.PASSED,
        ),
        (
            "1790000001.000 9 10.0.0.5 TCP_REFRESH_UNMODIFIED/304 9 GET http://a.example.org/ - HIER_DIRECT/192.0.2.1 -\n",
            "",
            Action.PASSED,
        ),
        ("1790000001.000 90 10.0.0.5 NONE_NONE/200 0 CONNECT a.example.org:443 - HIER_NONE/- -\n", "", Action.PASSED),
    ],
)
def test_what_was_passed_on_and_what_was_not(tmp_path: Path, line: str, reason: str, action: Action) -> None:
    flow = read(tmp_path, {"access.log": line}).flow
    assert (flow.attempt_reason, flow.action, flow.sighting) == (reason, action, Sighting.ATTEMPT if reason else Sighting.DATA)
    assert (flow.payload_in is None) == bool(reason), "what the proxy itself answered did not come from the destination"


def test_plain_requests_have_a_path_and_the_port_of_their_scheme(tmp_path: Path) -> None:
    line = (
        "1790000001.000 90 2001:db8::5 TCP_MISS/200 9 POST http://user@web.example.org/v1/chat?key=x - HIER_DIRECT/192.0.2.1 -\n"
    )
    flow = read(tmp_path, {"access.log": line}).flow
    assert (flow.src_addr, flow.name, flow.dst_port, flow.path, flow.app_protocol) == (
        "2001:db8::5",
        "web.example.org",
        80,
        "/v1/chat",
        "http",
    )
    line = "1790000001.000 90 10.0.0.5 TCP_TUNNEL/200 900 CONNECT [2001:db8::1]:8443 - HIER_DIRECT/2001:db8::1 -\n"
    flow = read(tmp_path, {"access.log": line}).flow
    assert (flow.name, flow.dst_addr, flow.dst_port, flow.name_rung) == ("", "2001:db8::1", 8443, NameRung.NONE)


def test_common_and_combined_forms_are_read(tmp_path: Path) -> None:
    common = '10.0.0.5 - alice [21/Sep/2026:10:00:01 +0200] "CONNECT api.example.org:443 HTTP/1.1" 200 4521 '
    for name, rest in (("common", "TCP_TUNNEL:HIER_DIRECT\n"), ("combined", '"-" "agent/1.0 (x; y)" TCP_TUNNEL:HIER_DIRECT\n')):
        flow = read(tmp_path, {f"{name}.log": common + rest}).flow
        assert (flow.start, flow.name, flow.payload_in) == (1789977601000000000, "api.example.org", 4521)
        assert (flow.action_word, flow.source.name) == ("TCP_TUNNEL/200", "alice")


def test_the_agent_firewalls_logs_tell_address_and_decision(tmp_path: Path) -> None:
    passed = {
        "_schema": "audit/v0.26.0",
        "ts": 1790000000.646,
        "client": "172.30.0.20",
        "host": "api.example.org:443",
        "dest": "192.0.2.10:443",
    }
    passed |= {"method": "CONNECT", "status": 200, "decision": "TCP_TUNNEL", "url": "api.example.org:443"}
    denied = {
        **passed,
        "ts": 1790000001.5,
        "host": "evil.example.org:443",
        "dest": "-:-",
        "status": 403,
        "decision": "TCP_DENIED",
    }
    denied["url"] = "evil.example.org:443"
    outcome = read(tmp_path, {"audit.jsonl": json_lines([passed, denied])})
    assert [(f.src_addr, f.name, f.translated_dst, f.attempt_reason) for f in outcome.flows] == [
        ("172.30.0.20", "api.example.org", ("192.0.2.10", 443), ""),
        ("172.30.0.20", "evil.example.org", None, "denied"),
    ]
    assert outcome.flows[0].start == 1790000000646000000
    assert outcome.coverage.versions == {"audit/v0.26.0": 2}
    detailed = (
        "1790000000.646 172.30.0.20:39748 api.example.org:443 192.0.2.10:443 1.1 CONNECT 200 TCP_TUNNEL:HIER_DIRECT "
        'api.example.org:443 "-"\n'
        "1790000001.500 172.30.0.20:39749 evil.example.org:443 -:- 1.1 CONNECT 403 TCP_DENIED:HIER_NONE "
        'evil.example.org:443 "curl/8"\n'
    )
    lines = read(tmp_path, {"access.log": detailed})
    assert [(f.src_port, f.name, f.translated_dst, f.attempt_reason) for f in lines.flows] == [
        (39748, "api.example.org", ("192.0.2.10", 443), ""),
        (39749, "evil.example.org", None, "denied"),
    ]


def test_what_is_no_request_is_counted(tmp_path: Path) -> None:
    odd = [
        _TUNNEL.strip(),
        "1790000001.000 0 10.0.0.5 UDP_MISS/000 60 ICP_QUERY http://a.example.org/ - HIER_NONE/- -",
        "1790000001.000 0 10.0.0.5 NONE_NONE/400 60 NONE error:invalid-request - HIER_NONE/- -",
        "1790000001.000 0 10.0.0.5 TCP_MISS/200 60 GET / - HIER_NONE/- -",
        "a line of something else",
        "1790000001.0",
    ]
    coverage = read(tmp_path, {"access.log": "\n".join(odd)}).coverage
    assert coverage.passed_over == {"cache_query": 1, "no_request": 1}
    assert coverage.skipped == {"no_destination": 1, "no_access_line": 1, "cut_line": 1}


class _Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the library's
        pass


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that a Squid started by root, which gives up its rights, can write into."""
    with tempfile.TemporaryDirectory(prefix="aud-squid-") as name:
        Path(name).chmod(0o777)
        yield Path(name)


@contextmanager
def _squid(folder: Path, port: int) -> Iterator[None]:
    config = folder / "squid.conf"
    lines = [
        f"http_port 127.0.0.1:{port}",
        "acl bad dstdomain .denied.example.org",
        "http_access deny bad",
        "http_access allow all",
        f"access_log stdio:{folder}/access.log squid",
        f"cache_log {folder}/cache.log",
        f"pid_filename {folder}/squid.pid",
        "cache deny all",
        f"coredump_dir {folder}",
        f"hosts_file {folder}/hosts",
        "netdb_filename none",
        "shutdown_lifetime 0 seconds",
        "via off",
        "max_filedescriptors 1024",
        "visible_hostname lab",
    ]
    (folder / "hosts").write_text("127.0.0.1 web.example.org\n")
    config.write_text("\n".join(lines) + "\n")
    server = subprocess.Popen(["squid", "-N", "-f", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _ask(port: int, url: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", url)
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("squid"), reason="squid is not installed")
def test_a_real_squid_logs_what_was_asked_through_it(tmp_path: Path, open_folder: Path) -> None:
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Quiet)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    port = _free_port()
    try:
        with _squid(open_folder, port):
            assert _ask(port, f"http://web.example.org:{web.server_port}/v1/chat?key=x") == 200
            assert _ask(port, "http://api.denied.example.org/") == 403
            tunnel = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            tunnel.set_tunnel("web.example.org", web.server_port)
            tunnel.request("GET", "/through")
            assert tunnel.getresponse().read() == b"hello"
            tunnel.close()
            time.sleep(0.5)
    finally:
        web.shutdown()
        web.server_close()
    outcome = read(tmp_path, {"copy.log": (open_folder / "access.log").read_bytes()})
    seen = {(f.src_addr, f.name, f.dst_port, f.app_protocol, f.path, f.attempt_reason, f.translated_dst) for f in outcome.flows}
    assert seen == {
        ("127.0.0.1", "web.example.org", web.server_port, "http", "/v1/chat", "", ("127.0.0.1", None)),
        ("127.0.0.1", "api.denied.example.org", 80, "http", "/", "denied", None),
        ("127.0.0.1", "web.example.org", web.server_port, "http_connect", "", "", ("127.0.0.1", None)),
    }
    assert not outcome.coverage.skipped
