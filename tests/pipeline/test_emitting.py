"""Every dialect over all shipped deployments and profiles: what is emitted allows what is needed and nothing more."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.documents import Document
from auditor.documents.tree import DocumentKind
from auditor.documents.yaml_reader import parse_yaml
from auditor.evaluate import load_profile, shipped_profiles
from auditor.facts.hardening import EgressRule, HardenedWorkload, Hardening, PodSelection
from auditor.facts.vocabulary import Stage, Transport
from auditor.pipeline.confirming import confirm_nftables, confirm_squid
from auditor.pipeline.emitting import Sink, confirm_settings, emit, read_back
from auditor.pipeline.hardening import confirm, prepared
from auditor.pipeline.mending import Mended, Workshop
from auditor.pipeline.request import Inputs
from auditor.report.emit_hosts import render_nftables, render_squid
from auditor.report.emit_kubernetes import PolicyDialect, render_policies
from auditor.report.emit_settings import render_settings
from tests.acceptance.harness import AS_OF, NAMES, gathered

ALL = [(name, profile) for name in NAMES for profile in shipped_profiles()]
SINKS = (Sink.NFTABLES, Sink.SQUID, Sink.SETTINGS)
OBJECTS = """---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shipped}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec: {{containers: [{{name: main, image: "example/{name}:1"}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shipped}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 443}}]}}
"""


@functools.cache
def deployment(name: str, profile: str, stage: Stage = Stage.CHANGE) -> Inputs:
    return replace(gathered(name, stage), profiles=(load_profile(profile),))


@functools.cache
def made(name: str, profile: str, stage: Stage = Stage.CHANGE) -> tuple[Hardening, Mended, Workshop]:
    return prepared(deployment(name, profile, stage), profile, AS_OF)


@pytest.mark.parametrize(("name", "profile"), ALL)
def test_router_and_proxy_let_through_what_is_needed_and_nothing_more(name: str, profile: str) -> None:
    hardening, _, _ = made(name, profile)
    assert hardening.rules
    assert list(confirm_nftables(render_nftables(hardening), hardening)) == []
    assert list(confirm_squid(render_squid(hardening), hardening)) == []


@pytest.mark.parametrize(("name", "profile"), ALL)
def test_settings_applied_to_the_model_lead_where_the_plan_does(name: str, profile: str) -> None:
    hardening, mended, workshop = made(name, profile)
    assert list(confirm_settings(render_settings(hardening), hardening, mended, workshop, deployment(name, profile))) == []


@pytest.mark.parametrize(("name", "profile"), ALL)
@pytest.mark.parametrize("dialect", list(PolicyDialect))
def test_policies_are_exact_where_every_workload_is_pods(name: str, profile: str, dialect: PolicyDialect) -> None:
    hardening, documents = in_a_cluster(made(name, profile)[0])
    text = render_policies(hardening, dialect)
    assert list(confirm(text, hardening, documents, dialect)) == []
    unsaid = [line for line in text.splitlines() if "cannot be said" in line]
    by_name = [r for r in hardening.rules if r.hosts and not r.networks and not r.target]
    assert len(unsaid) == (0 if dialect is PolicyDialect.CILIUM else len(by_name))


def in_a_cluster(hardening: Hardening) -> tuple[Hardening, list[Document]]:
    """Return the hardening with each workload as pods of its own, and the objects that establish this."""
    slugs = {w.id: re.sub(r"[^a-z0-9]+", "-", w.id.lower()).strip("-") for w in hardening.workloads}
    text = "".join(OBJECTS.format(name=slug) for slug in slugs.values())
    lines = tuple(text.splitlines())
    documents = [Document("objects.yaml", "0" * 64, len(text), DocumentKind.KUBERNETES, p.root, lines) for p in parse_yaml(text)]
    workloads = tuple(
        replace(w, hosts=(f"{slugs[w.id]}.shipped.svc",), pods=(PodSelection("shipped", (("app", slugs[w.id]),)),))
        for w in hardening.workloads
    )
    return replace(hardening, workloads=workloads), documents


@pytest.mark.slow
@pytest.mark.parametrize(("name", "profile"), ALL)
@pytest.mark.parametrize("sink", SINKS)
def test_every_sink_with_captures(name: str, profile: str, sink: Sink) -> None:
    assert emit(deployment(name, profile, Stage.OPERATE), profile, AS_OF, sink)


@pytest.mark.parametrize("sink", SINKS)
def test_what_is_emitted_is_confirmed_on_the_way(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = deployment("coder-direct-provider", "air-gapped")
    assert emit(inputs, "air-gapped", AS_OF, sink)
    for name in ("confirm_nftables", "confirm_squid", "confirm_settings"):
        monkeypatch.setattr(f"auditor.pipeline.emitting.{name}", lambda *_: iter(["seeded fault"]))
    with pytest.raises(RuntimeError, match=f"the emitted {sink.value} is not what was meant: seeded fault"):
        emit(inputs, "air-gapped", AS_OF, sink)


def test_a_required_flow_that_a_dialect_cannot_say_is_told() -> None:
    hardening, _, _ = made("coder-direct-provider", "fully-self-hosted")
    (bedrock, *_) = [r for r in hardening.rules if "bedrock-runtime.eu-central-1.amazonaws.com" in r.hosts]
    line = next(line for line in render_nftables(hardening).splitlines() if "bedrock" in line and "not said here" in line)
    assert "and denied, because no address of its destination is known; add it, or let a proxy decide by name" in line
    assert all(purpose in line for purpose in bedrock.purposes)
    assert "not said" not in render_squid(hardening)


# Every fault is seeded in turn: a check that cannot fail confirms nothing.

CLIENT = HardenedWorkload("agent", "agent", ("10.20.1.0/24", "fd00:20::/64"), (), ())
PART = HardenedWorkload("part", "part", ("10.20.1.9/32",), (), ())
NOWHERE = HardenedWorkload("dark", "dark", (), (), ())
TO_IDP = EgressRule("agent", "idp", "", ("10.20.3.20/32",), (), Transport.TCP, 443, ("sign-in",), outside=False)
TO_NAME = EgressRule("agent", "api", "", (), ("api.example",), Transport.TCP, 443, ("models",), outside=True)
TO_WEB = EgressRule("part", "web", "", (), ("web.example",), Transport.TCP, 80, ("pages",), outside=True)
PING = EgressRule("agent", "idp", "", ("10.20.3.20/32",), (), Transport.ICMP, 0, ("ping",), outside=False)
SMALL = Hardening("d", "p", AS_OF, (CLIENT, PART, NOWHERE), (TO_IDP, TO_NAME, TO_WEB, PING), (), ())


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("tcp dport 443 accept", "tcp dport 444 accept", "lacks TCP 443"),
        ("tcp dport 443 accept", "tcp dport 1-443 accept", "may have TCP 1-442 beyond what is needed"),
        ("tcp dport 443 accept", "accept", "beyond what is needed"),
        ("ip daddr { 10.20.3.20/32 }", "ip daddr { 10.20.3.0/24 }", "beyond what is needed"),
        ("counter drop", "counter", "beyond what is needed"),
        ("ip6 saddr", "# ip6 saddr", "fd00:20::-fd00:20::ffff:ffff:ffff:ffff to"),
        ("# not said here, and denied, because no address", "# because no address", "that agent to api is left out is not told"),
        ("ct state established,related accept", "ct state new accept", "beyond what is needed"),
        ("type filter hook forward", "type filter hook input", "beyond what is needed"),
    ],
)
def test_a_ruleset_that_is_not_what_was_meant_is_found(before: str, after: str, fault: str) -> None:
    text = render_nftables(SMALL)
    assert list(confirm_nftables(text, SMALL)) == []
    assert before in text
    faults = list(confirm_nftables(text.replace(before, after), SMALL))
    assert any(fault in found for found in faults), faults


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("dstdomain -n api.example", "dstdomain -n .api.example", "to auditor-probe.invalid.api.example may have TCP 443 beyond"),
        ("dstdomain -n api.example", "dstdomain api.example", "may have TCP 443 beyond what is needed"),
        ("dstdomain -n api.example", "dstdomain -n other.example", "to api.example lacks TCP 443"),
        ("port 443", "port 443-444", "to api.example may have TCP 444 beyond"),
        ("http_access deny all", "http_access allow all", "to auditor-probe.invalid may have"),
        ("src 10.20.1.0/24", "src 10.20.1.0/25", "10.20.1.10-10.20.1.255 to api.example lacks TCP 443"),
        ("src 10.20.1.9/32", "src 10.20.1.0/24", "10.20.1.0-10.20.1.8 to web.example may have TCP 80 beyond"),
    ],
)
def test_a_proxy_that_is_not_what_was_meant_is_found(before: str, after: str, fault: str) -> None:
    text = render_squid(SMALL)
    assert list(confirm_squid(text, SMALL)) == []
    assert before in text
    faults = list(confirm_squid(text.replace(before, after), SMALL))
    assert any(fault in found for found in faults), faults


@pytest.mark.parametrize("rule", [replace(TO_NAME, source="dark"), replace(TO_NAME, transport=Transport.UDP)])
def test_a_proxy_rule_that_cannot_be_said_is_told(rule: EgressRule) -> None:
    one = replace(SMALL, rules=(rule,))
    text = render_squid(one)
    assert "# not said here, and denied, because a proxy passes TCP from a known address to a named host: " in text
    assert list(confirm_squid(text, one)) == []
    assert list(confirm_squid(text.replace("not said here", ""), one)) == [f"that {rule.source} to api is left out is not told"]


def test_a_name_that_is_no_host_name_is_left_out_and_told() -> None:
    odd = replace(SMALL, rules=(replace(TO_NAME, hosts=("api.example", "no host")),))
    text = render_squid(odd)
    assert "because no host is no host name" in text
    assert list(confirm_squid(text, odd)) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda t: t.replace("CODER_UPDATE_CHECK=false", ""), "coder/update_check = false is not said"),
        (
            lambda t: t.replace("CODER_UPDATE_CHECK=false", "CODER_UPDATE_CHECK=true"),
            "coder/update_check = true is said, and not",
        ),
        (lambda t: f"{t}CODER_TELEMETRY_ENABLE=true\n", "is said, and not needed"),
        (lambda t: t.replace("CODER_UPDATE_CHECK=false", ""), "with what is said the profile is fail, and after the plan pass"),
    ],
)
def test_settings_that_are_not_what_was_meant_are_found(change: Callable[[str], str], fault: str) -> None:
    hardening, mended, workshop = made("coder-direct-provider", "air-gapped", Stage.OPERATE)
    inputs = deployment("coder-direct-provider", "air-gapped", Stage.OPERATE)
    text = render_settings(hardening)
    assert list(confirm_settings(text, hardening, mended, workshop, inputs)) == []
    assert change(text) != text
    faults = list(confirm_settings(change(text), hardening, mended, workshop, inputs))
    assert any(fault in found for found in faults), faults


def test_commented_settings_are_read_back_as_well() -> None:
    hardening, _, _ = made("coder-direct-provider", "in-network")
    text = render_settings(hardening)
    assert "# coder/providers = https://model-server.in-network.invalid" in text
    found = read_back(text, deployment("coder-direct-provider", "in-network"))
    assert {(c.system, c.key, c.value) for c in found} == {("coder", "providers", "https://model-server.in-network.invalid")}


def texts(render: Callable[[Hardening], str]) -> Iterator[tuple[str, str]]:
    """Yield every different text that the shipped deployments and profiles lead to, with where it comes from."""
    known: set[str] = set()
    for name, profile in ALL:
        text = render(made(name, profile)[0])
        code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
        if code not in known:
            known.add(code)
            yield f"{name}-{profile}", text


@pytest.mark.root
def test_nft_takes_what_every_shipped_deployment_needs(tmp_path: Path) -> None:
    nft = shutil.which("nft")
    if nft is None or os.geteuid() != 0:
        pytest.skip("nft -c asks the kernel: it needs the program nft, and root")
    for name, text in texts(render_nftables):
        path = tmp_path / f"{name}.nft"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run([nft, "-c", "-f", str(path)], capture_output=True, text=True, check=False, timeout=30)
        assert (name, done.returncode, done.stderr) == (name, 0, "")


def test_squid_takes_what_every_shipped_deployment_needs(tmp_path: Path) -> None:
    squid = shutil.which("squid") or shutil.which("squid", path="/usr/sbin")
    if squid is None:
        pytest.skip("the program squid is not installed")
    for name, text in texts(render_squid):
        path = tmp_path / f"{name}.conf"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run([squid, "-k", "parse", "-f", str(path)], capture_output=True, text=True, check=False, timeout=60)
        faults = [line for line in done.stderr.splitlines() if re.search("FATAL|ERROR|WARNING", line)]
        assert (name, done.returncode, faults) == (name, 0, [])
