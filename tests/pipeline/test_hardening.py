"""Hardening: emitted policies go through the analysis of permissions, which says that they are exact; a seeded hole is found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor import pipeline
from auditor.errors import UsageError
from auditor.evaluate import load_profile
from auditor.facts.hardening import Hardening
from auditor.facts.vocabulary import Stage, Transport
from auditor.pipeline.hardening import confirm, emitted_documents, emitted_policies, harden
from auditor.pipeline.request import Inputs
from auditor.report.emit_kubernetes import PolicyDialect, render_policies
from tests.acceptance import harness

DIALECTS = tuple(PolicyDialect)
OBJECT = """---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}, tier: "on"}}}}
    spec: {{containers: [{{name: main, image: example/{name}:1}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 443}}]}}
"""
PODS = (("coder", "agents"), ("database", "agents"), ("workspace", "work"), ("bystander", "other"))
MANIFEST = """version: 1
deployment: in-cluster
zones:
  corp: {operator: customer, hosted_by: customer, processing: [DE], storage: [DE], networks: [10.20.0.0/16]}
perimeter: [corp]
systems:
  - id: coder
    product: coder
    version: "2.36"
    zone: corp
    components:
      control-plane: {networks: [10.20.1.10/32], hosts: [coder.agents.svc]}
      database: {networks: [10.20.1.20/32], hosts: [database.agents.svc]}
      workspace: {networks: [10.20.8.0/21], hosts: [workspace.work.svc]}
components:
  - {id: resolver, plane: supporting, role: resolver, zone: corp, networks: [10.20.0.53/32]}
inputs:
  - {path: objects.yaml, for: [coder]}
  - {path: coder.env, for: [coder]}
  - {file: ai-providers.json, for: [coder], state: live, collected: 2026-11-20, from: "GET /api/v2/ai/providers"}
"""
ENVIRONMENT = "CODER_PG_CONNECTION_URL=postgres://coder@database.agents.svc/coder\n"


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    tmp_path = tmp_path_factory.mktemp("in-cluster")
    (tmp_path / "auditor.yaml").write_text(MANIFEST, encoding="utf-8")
    objects = "".join(OBJECT.format(name=name, namespace=namespace) for name, namespace in PODS)
    (tmp_path / "objects.yaml").write_text(objects, encoding="utf-8")
    (tmp_path / "coder.env").write_text(ENVIRONMENT, encoding="utf-8")
    providers = harness.DEPLOYMENTS / "coder-direct-provider" / "config" / "ai-providers.json"
    (tmp_path / "ai-providers.json").write_bytes(providers.read_bytes())
    request = pipeline.Request(paths=(tmp_path,), profiles=("fully-self-hosted", "in-network", "air-gapped"), stage=Stage.CHANGE)
    return pipeline.gather(request)


@pytest.fixture(scope="module")
def found(inputs: Inputs) -> Hardening:
    return harden(inputs, "fully-self-hosted", harness.AS_OF)


def shipped(name: str, profile: str) -> Hardening:
    inputs = harness.gathered(name, Stage.OPERATE)
    return harden(replace(inputs, profiles=(load_profile(profile),)), profile, harness.AS_OF)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_emitted_allows_what_is_needed_and_nothing_more(found: Hardening, inputs: Inputs, dialect: PolicyDialect) -> None:
    assert {r.target for r in found.rules} >= {"coder/coderd", "coder/postgres"}
    text = emitted_policies(found, inputs, dialect)
    assert list(confirm(text, found, inputs.documents, dialect)) == []


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["fully-self-hosted", "in-network", "air-gapped"])
def test_every_rung_is_confirmed_and_the_same_every_time(inputs: Inputs, profile: str) -> None:
    texts = [
        [emitted_policies(made, inputs, d) for d in DIALECTS]
        for made in (harden(inputs, profile, harness.AS_OF), harden(inputs, profile, harness.AS_OF))
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_rule_too_few_and_a_rule_too_many_are_found(found: Hardening, inputs: Inputs, dialect: PolicyDialect) -> None:
    target = next(r for r in found.rules if r.target == "coder/postgres")
    fewer = replace(found, rules=tuple(r for r in found.rules if r is not target))
    faults = list(confirm(render_policies(fewer, dialect), found, inputs.documents, dialect))
    assert any("lacks TCP 5432" in f for f in faults)
    more = replace(found, rules=(*found.rules, replace(target, port=0)))
    faults = list(confirm(render_policies(more, dialect), found, inputs.documents, dialect))
    assert any("beyond what is needed" in f for f in faults)
    outside = replace(target, target="", networks=("203.0.113.0/24",), port=443)
    faults = list(
        confirm(render_policies(replace(found, rules=(*found.rules, outside)), dialect), found, inputs.documents, dialect)
    )
    assert any("203.0.113.0-203.0.113.255 may have TCP 443" in f for f in faults)
    none = list(confirm("", found, inputs.documents, dialect))
    assert any("agents/coder[Deployment] to other/bystander[Deployment] may have" in f for f in none)


def test_a_name_outside_is_said_by_cilium_and_denied_by_network_policy(found: Hardening, inputs: Inputs) -> None:
    cilium, plain = (emitted_policies(found, inputs, d) for d in (PolicyDialect.CILIUM, PolicyDialect.NETWORKPOLICY))
    assert "- matchName: bedrock-runtime.eu-central-1.amazonaws.com" in cilium
    assert "cannot be said in a NetworkPolicy, and is denied: coder/coderd to bedrock-runtime" in plain
    assert "matchName" not in plain
    assert "no resolver is known" not in cilium
    blind = replace(found, rules=tuple(r for r in found.rules if not r.lookup))
    assert "no resolver is known; name it under components: for: coder/coderd" in render_policies(blind, PolicyDialect.CILIUM)


def test_what_no_plan_allows_is_left_out_and_told() -> None:
    found = shipped("coder-direct-provider", "in-network")
    assert [r for r in found.rules if r.outside and "bedrock-runtime.eu-central-1.amazonaws.com" in r.hosts] == []
    assert any(note.startswith("not allowed: download of Terraform providers") for note in found.notes)
    assert [s.settings for s in found.settings] == [(("providers", "https://model-server.in-network.invalid"),)]


def test_lookups_are_allowed_to_whoever_needs_a_name() -> None:
    found = shipped("coder-air-gapped", "air-gapped")
    lookups = {(r.source, r.transport) for r in found.rules if r.lookup}
    assert {(s, t) for s in {r.source for r in found.rules} for t in (Transport.TCP, Transport.UDP)} == lookups
    assert [r for r in found.rules if r.outside] == []


def test_a_profile_that_nothing_satisfies_is_told_and_hardened_all_the_same() -> None:
    found = shipped("cursor-self-hosted-workers", "fully-self-hosted")
    assert any(note.startswith("the profile still lacks: ") for note in found.notes)
    assert any("api2.cursor.sh" in r.hosts for r in found.rules)


def test_workloads_that_are_no_known_pods_have_no_policy() -> None:
    inputs = harness.gathered("coder-air-gapped", Stage.CHANGE)
    found = harden(replace(inputs, profiles=(load_profile("air-gapped"),)), "air-gapped", harness.AS_OF)
    with pytest.raises(UsageError, match="of no workload it is established"):
        emitted_policies(found, inputs, PolicyDialect.CILIUM)


def test_policies_that_are_there_are_told_and_left_aside(found: Hardening, inputs: Inputs) -> None:
    text = (
        render_policies(found, PolicyDialect.NETWORKPOLICY)
        .replace("egress-", "wide-")
        .replace("- Egress", "- Egress\n    - Ingress")
    )
    own = tuple(replace(d, path="network/own.yaml") for d in emitted_documents(text))
    beside = replace(inputs, documents=(*inputs.documents, *own))
    assert "# what the policies in network/own.yaml allow comes on top" in emitted_policies(found, beside, PolicyDialect.CILIUM)
