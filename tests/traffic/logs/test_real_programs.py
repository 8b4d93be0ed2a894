"""Logs that real programs write: run in a network namespace of their own, asked over its loopback, and read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.traffic.logs.reader import Outcome, read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="a network namespace needs root"),
    pytest.mark.skipif(not shutil.which("unshare") or not shutil.which("ip"), reason="unshare and ip are needed"),
]
_ASK = """
import socket, struct, sys, time
names = sys.argv[1:]
for name in names:
    labels = b"".join(bytes([len(l)]) + l.encode() for l in name.split("."))
    question = struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + labels + bytes(1) + struct.pack(">HH", 1, 1)
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(1)
            try:
                client.sendto(question, ("127.0.0.1", 5353))
                client.recv(512)
                break
            except OSError:
                time.sleep(0.1)
    else:
        sys.exit("no answer")
"""
_FETCH = """
import http.client, sys, time
for number in range(50):
    try:
        client = http.client.HTTPConnection("127.0.0.1", 8080, timeout=2)
        client.request("GET", "http://api.example.org/v1?key=x", headers={"User-Agent": 'say "hi"'})
        client.getresponse().read()
        client.request("GET", "/here")
        client.getresponse().read()
        break
    except OSError:
        time.sleep(0.1)
else:
    sys.exit("no answer")
"""


def run(server: list[str], client: str, *arguments: str) -> None:
    """Run a server and a client of it in a network namespace of their own; the server ends with it."""
    ask = f'{sys.executable} -c "$CLIENT" {" ".join(arguments)}'
    script = f'ip link set lo up; "$@" & server=$!; {ask}; code=$?; kill $server; wait $server; exit $code'
    told = subprocess.run(
        ["unshare", "--net", "sh", "-c", script, "sh", *server],
        env={**os.environ, "CLIENT": client},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 0, told.stderr.decode()


def only(folder: Path, name: str) -> Outcome:
    return read(folder, {name: (folder / name).read_bytes()})


@pytest.mark.skipif(not shutil.which("unbound"), reason="unbound is not installed")
def test_a_real_unbound_logs_who_asked_for_what(tmp_path: Path) -> None:
    (tmp_path / "unbound.conf").write_text(
        f'server:\n interface: 127.0.0.1\n port: 5353\n username: ""\n chroot: ""\n directory: "{tmp_path}"\n'
        f' pidfile: "{tmp_path}/pid"\n logfile: "{tmp_path}/unbound.log"\n use-syslog: no\n log-queries: yes\n log-replies: yes\n'
        ' access-control: 127.0.0.0/8 allow\n module-config: "iterator"\n local-zone: "example." static\n'
        ' local-data: "a.example. A 192.0.2.10"\nremote-control:\n control-enable: no\n'
    )
    run(["unbound", "-d", "-c", str(tmp_path / "unbound.conf")], _ASK, "a.example", "b.example")
    outcome = only(tmp_path, "unbound.log")
    assert outcome.format == "unbound"
    told = {(one.client, one.name, one.kind, one.outcome) for one in outcome.lookups if one.outcome}
    assert told == {("127.0.0.1", "a.example", "A", "NOERROR"), ("127.0.0.1", "b.example", "A", "NXDOMAIN")}
    assert all(one.time for one in outcome.lookups)
    assert not outcome.coverage.skipped


@pytest.mark.skipif(not shutil.which("dnsmasq"), reason="dnsmasq is not installed")
@pytest.mark.parametrize("how", ["--log-queries", "--log-queries=extra"])
def test_a_real_dnsmasq_logs_who_asked_for_what(tmp_path: Path, how: str) -> None:
    options = [
        "--keep-in-foreground",
        "--port=5353",
        "--listen-address=127.0.0.1",
        "--bind-interfaces",
        "--no-resolv",
        "--no-hosts",
    ]
    options += ["--address=/a.example/192.0.2.11", "--conf-file=/dev/null", "--user=root", f"--pid-file={tmp_path}/pid"]
    run(["dnsmasq", *options, how, f"--log-facility={tmp_path}/dnsmasq.log"], _ASK, "a.example")
    outcome = only(tmp_path, "dnsmasq.log")
    assert outcome.format == "dnsmasq"
    assert {(one.client, one.name, one.kind, one.time) for one in outcome.lookups} == {("127.0.0.1", "a.example", "A", None)}
    assert not outcome.coverage.skipped


@pytest.mark.skipif(not shutil.which("named"), reason="bind9 is not installed")
def test_a_real_bind_logs_who_asked_for_what(tmp_path: Path) -> None:
    (tmp_path / "zone").write_text("$TTL 60\n@ SOA ns. root. 1 60 60 60 60\n@ NS ns.\na A 192.0.2.12\n")
    (tmp_path / "named.conf").write_text(
        f'options {{ directory "{tmp_path}"; listen-on port 5353 {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no;'
        f' pid-file "{tmp_path}/pid"; session-keyfile "{tmp_path}/key"; }};\ncontrols {{ }};\n'
        f'logging {{ channel q {{ file "{tmp_path}/query.log"; print-time iso8601-utc; print-category yes;'
        " print-severity yes; };"
        " category queries { q; }; };\n"
        f'zone "example" {{ type primary; file "{tmp_path}/zone"; }};\n'
    )
    run(["named", "-f", "-c", str(tmp_path / "named.conf")], _ASK, "a.example")
    outcome = only(tmp_path, "query.log")
    assert outcome.format == "bind"
    assert {(one.client, one.name, one.kind) for one in outcome.lookups} == {("127.0.0.1", "a.example", "A")}
    assert all(one.time for one in outcome.lookups)


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_a_real_nginx_logs_what_was_asked_in_combined_form_and_in_json_by_a_map(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\nevents {{}}\nhttp {{\n"
        'log_format own escape=json \'{"time":"$time_iso8601","client":"$remote_addr","host":"$host","uri":"$uri",'
        '"sent":$request_length,"got":$body_bytes_sent}\';\n'
        f"client_body_temp_path {tmp_path}/b; proxy_temp_path {tmp_path}/p; fastcgi_temp_path {tmp_path}/f;"
        f" uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;\n"
        f"server {{ listen 127.0.0.1:8080; access_log {tmp_path}/access.log combined; access_log {tmp_path}/own.json own;"
        ' location / { return 200 "hello"; } }\n}\n'
    )
    run(["nginx", "-c", str(tmp_path / "nginx.conf")], _FETCH)
    outcome = only(tmp_path, "access.log")
    assert outcome.format == "combined"
    assert (outcome.flow.src_addr, outcome.flow.name, outcome.flow.path) == ("127.0.0.1", "api.example.org", "/v1")
    assert (outcome.flow.payload_in, outcome.coverage.passed_over) == (5, {"host_not_told": 1})
    columns = {"time": "time", "source": "client", "name": "host", "bytes_out": "sent", "bytes_in": "got"}
    own = read(
        tmp_path, {"own.json": (tmp_path / "own.json").read_bytes()}, format="map",
        columns={"kind": "json", "columns": columns, "bytes": "payload", "name_rung": "http_host", "protocol": "tcp"},
    )  # fmt: skip
    assert sorted(flow.name for flow in own.flows) == ["", "api.example.org"]  # the second request named an address
    assert not own.coverage.skipped
