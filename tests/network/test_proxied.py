"""H5: proxy variables of pods, systemd units and env files are told with where they lead, and deny nothing."""

from __future__ import annotations

from pathlib import Path

from auditor.facts.truth import Truth
from auditor.network import ALL, Governed, read_pod_proxies
from auditor.pipeline.explaining import explain
from tests.network.bench import tcp
from tests.network.rule_sets import all_governed, documents, outcome, reasons

ADDRESS = "198.51.100.7"
POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: agent, namespace: a}
spec:
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
        - name: one
          env: [{name: HTTPS_PROXY, value: "http://me:s3cr3t-v4lue-99@proxy.corp.example:3128/"}, {name: NO_PROXY, value: .svc}]
"""
MAPPED = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: proxies, namespace: a}
data: {http_proxy: "http://from-map:8080"}
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: a}
spec: {containers: [{name: c, envFrom: [{configMapRef: {name: proxies}}]}]}
"""
UNIT = "[Service]\nEnvironment=HTTP_PROXY=http://unit:1\nEnvironmentFile=-/etc/default/coder.env\nExecStart=/usr/bin/coder\n"


def _advised(found: Governed) -> tuple[Truth, bool, list[str]]:
    result = outcome(found, ADDRESS)
    return result.decision.answer(ALL), result.advised(tcp(443)), reasons(found, ADDRESS)


def test_h5_variables_of_pods_say_where_they_lead_and_keep_secrets() -> None:
    found = read_pod_proxies(documents({"pod.yaml": POD, "more.yaml": MAPPED}))
    texts = sorted(layer.text for layer in found.by_place.values())
    assert texts == [
        "HTTPS_PROXY send web traffic via proxy.corp.example:3128, except what NO_PROXY names",
        "HTTP_PROXY send web traffic via from-map:8080",
    ]
    assert "s3cr3t" not in repr(found)


def test_h5_units_and_env_files_are_told_the_file_over_the_unit() -> None:
    found = {g.subject.id: g for g in all_governed(coder__service=UNIT, coder__env="HTTP_PROXY=http://file:2\n")}
    told = "HTTP_PROXY send web traffic via file:2 (only advice: a process may go round proxy variables)"
    assert {name: _advised(g) for name, g in found.items()} == {
        "coder.service": (Truth.YES, True, [told]),
        "coder.env": (Truth.YES, True, [told]),
    }
    assert not any(g.restricts for g in found.values())
    assert all_governed(coder__service="[Service]\nEnvironment=A=b\n", b__env="HTTP_PROXY=\n") == ()


def test_h5_permits_tells_the_proxy_of_pods(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(POD, encoding="utf-8")
    report = explain((tmp_path,), "a/agent", ADDRESS)
    answer, by_proxy = report.answers
    assert (by_proxy.permitted, by_proxy.destination) == (Truth.UNKNOWN, f"{ADDRESS} via proxy.corp.example:3128")
    assert (answer.permitted, answer.strength) == (Truth.YES, "only advice speaks against it")
    assert any("via proxy.corp.example:3128" in reason.text for reason in answer.reasons)
