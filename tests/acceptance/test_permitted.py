"""The permitted basis in a whole assessment: a sealed cluster closes it, and every hole in the seal opens it again."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from auditor import pipeline
from auditor.facts.model import Model
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, RowName, Stage, UnknownKind
from tests.acceptance import files, harness

SEAL = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: inside-only, namespace: {namespace}}}
spec:
  podSelector: {selector}
  policyTypes: [Egress]
  egress:
    - to: [{{namespaceSelector: {{}}}}]
"""
SHUT = "NetworkPolicy agents/inside-only isolates the workload for egress, and no rule allows it"
PODS = '"*.agents.pod.cluster.local"'


def _deployment(folder: Path, platform: str, *policies: str) -> Model:
    """Return the model of coder-air-gapped with every workload in one namespace and ``policies`` over it."""
    return pipeline.model(_inputs(folder, platform, *policies))


def _inputs(folder: Path, platform: str, *policies: str, stage: Stage | None = None) -> pipeline.Inputs:
    copy = files.copy_configuration(harness.DEPLOYMENTS / "coder-air-gapped", folder / "coder-air-gapped")
    manifest = copy / "auditor.yaml"
    text = manifest.read_text(encoding="utf-8")
    head, systems = text.split("\nsystems:", 1)
    systems, rest = systems.split("\ninputs:", 1)
    systems = re.sub(r"hosts: \[", f"hosts: [{PODS}, ", systems)
    systems = re.sub(r"(networks: \[[^\]]*\])\}", rf"\1, hosts: [{PODS}]}}", systems)
    text = f"{head}\nplatform: {{{platform}}}\nsystems:{systems}\ninputs:\n  - {{path: network/}}{rest}"
    manifest.write_text(text, encoding="utf-8")
    (copy / "network").mkdir()
    (copy / "network" / "policies.yaml").write_text("".join(policies), encoding="utf-8")
    return pipeline.gather(pipeline.Request(paths=(copy,), stage=stage))


def _seal(namespace: str, selector: str = "{}") -> str:
    return SEAL.format(namespace=namespace, selector=selector)


def _open(model: Model) -> set[UnknownKind]:
    return {g.unknown.kind for g in model.gaps if g.basis is Basis.PERMITTED}


RESOLVER = """\
---
apiVersion: v1
kind: Pod
metadata: {name: coredns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec: {containers: []}
"""
SEALED = (_seal("agents"), _seal("models"), _seal("kube-system") + RESOLVER)


def test_a_sealed_cluster_leaves_nothing_open_and_blocks_what_leads_outside(tmp_path: Path) -> None:
    model = _deployment(tmp_path, "cni: cilium", *SEALED)
    assert _open(model) == set()
    in_use = {r.channel for r in model.rows if r.exists is not Truth.NO}
    answers = {c.id: c.permission.permitted for c in model.channels if c.id in in_use}
    assert answers["coder/coderd>llm/server/tcp/8000"] is Truth.YES
    assert set(answers.values()) == {Truth.YES}
    vendor = [c for c in model.channels if c.id == "coder/coderd>coder/telemetry_sink/tcp/443"]
    assert [(c.permission.permitted, [e.text for e in c.permission.evidence]) for c in vendor] == [(Truth.NO, [SHUT])]


@pytest.mark.parametrize(
    ("platform", "policies", "kind"),
    [
        ("cni: unheard-of", SEALED, UnknownKind.PERMITTED_OPEN),
        ("cni: calico", SEALED, UnknownKind.PERMITTED_OPEN),
        ("cni: cilium, policy_enforcement: never", SEALED, UnknownKind.PERMITTED_OPEN),
        ("cni: cilium", SEALED[:1], UnknownKind.PERMITTED_OPEN),
        ("cni: cilium", SEALED[:2], UnknownKind.PERMITTED_OPEN),
        ("cni: cilium", (*SEALED[:2], RESOLVER), UnknownKind.PERMITTED_OPEN),
        ("cni: cilium", SEALED[1:], UnknownKind.PERMITTED_OPEN),
        ("cni: cilium", (_seal("agents", "{matchLabels: {app: coder}}"), *SEALED[1:]), UnknownKind.PERMITTED_OPEN),
        (
            "cni: cilium",
            (*SEALED, "---\n{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: x, namespace: agents}}\n"),
            UnknownKind.PERMITTED_OPEN,
        ),
    ],
    ids=[
        "plugin",
        "icmp",
        "never",
        "through-a-peer",
        "unknown-resolver",
        "open-resolver",
        "unsealed",
        "by-label",
        "other-dialect",
    ],
)
def test_every_hole_in_the_seal_opens_the_basis(
    tmp_path: Path, platform: str, policies: tuple[str, ...], kind: UnknownKind
) -> None:
    assert _open(_deployment(tmp_path, platform, *policies)) == {kind}


def test_before_deployment_the_permitted_basis_decides_on_air_gapped(tmp_path: Path) -> None:
    def blocking(platform: str, *policies: str) -> tuple[int, set[str]]:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        inputs = _inputs(folder, platform, *policies, stage=Stage.PREDEPLOY)
        assessment = harness.assessed(harness.narrowed(inputs, "air-gapped"))
        return assessment.exit_code, harness.blocking_kinds(assessment)

    assert blocking("cni: cilium", *SEALED) == (0, set())
    assert blocking("cni: cilium", *SEALED[1:]) == (3, {"permitted_open"})
    assert blocking("cni: cilium") == (3, {"permitted_not_examined"})


def test_an_intended_flow_that_no_rule_allows_is_blocked(tmp_path: Path) -> None:
    shut = SEALED[0].replace("    - to: [{namespaceSelector: {}}]", "    - to: [{ipBlock: {cidr: 192.0.2.0/24}}]")
    model = _deployment(tmp_path, "cni: cilium", shut, *SEALED[1:])
    rows = [r for r in model.rows if r.channel == "coder/coderd>llm/server/tcp/8000" and r.configured is Truth.YES]
    assert {r.permitted for r in rows} == {Truth.NO}
    assert {(r.name, r.exists) for r in rows} <= {(RowName.BLOCKED, Truth.NO), (RowName.BYPASS, Truth.YES)}
    assert rows


def test_a_workload_that_nothing_establishes_stays_unknown(tmp_path: Path) -> None:
    copy = files.copy_configuration(harness.DEPLOYMENTS / "coder-air-gapped", tmp_path / "coder-air-gapped")
    (copy / "config" / "policies.yaml").write_text("".join(SEALED), encoding="utf-8")
    model = pipeline.model(pipeline.gather(pipeline.Request(paths=(copy,))))
    assert _open(model) == {UnknownKind.PERMITTED_NOT_EXAMINED}
    assert {c.permission.permitted for c in model.channels} == {Truth.UNKNOWN}


def test_without_a_policy_nothing_changes(tmp_path: Path) -> None:
    model = _deployment(tmp_path, "cni: cilium")
    assert [g.unknown.subject for g in model.gaps if g.basis is Basis.PERMITTED] == ["permitted"]
    assert {c.permission.reason for c in model.channels} == {"what the network permits was not examined"}


HOST_RULES = """\
*filter
:INPUT ACCEPT [0:0]
:OUTPUT DROP [0:0]
-A OUTPUT -d {inside} -j ACCEPT
COMMIT
"""


INSIDE = ("coder/coderd", "coder/database", "coder/workspace", "coder/client", "llm/server", "resolver", "git", "idp", "mirror")


def _behind_hosts(folder: Path, v6: str = "fd00:20::/32", *, without: str = "") -> Model:
    """Return the model of coder-air-gapped with every workload on a host whose packet filter lets it reach the inside alone."""
    copy = files.copy_configuration(harness.DEPLOYMENTS / "coder-air-gapped", folder / "coder-air-gapped")
    governs = ", ".join(f"{w}: host" for w in INSIDE if w != without)
    manifest = copy / "auditor.yaml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(
        text.replace("\ninputs:\n", f"\ninputs:\n  - {{path: network/, governs: {{{governs}}}}}\n"), encoding="utf-8"
    )
    (copy / "network").mkdir()
    (copy / "network" / "rules.v4").write_text(HOST_RULES.format(inside="10.20.0.0/16"), encoding="utf-8")
    (copy / "network" / "rules.v6").write_text(HOST_RULES.format(inside=v6), encoding="utf-8")
    return pipeline.model(pipeline.gather(pipeline.Request(paths=(copy,))))


def test_the_packet_filters_of_hosts_close_the_basis_as_policies_do(tmp_path: Path) -> None:
    model = _behind_hosts(tmp_path)
    assert _open(model) == set()
    inside = {c.id: c.permission for c in model.channels}["coder/coderd>llm/server/tcp/8000"]
    assert (inside.permitted, [e.text for e in inside.evidence]) == (
        Truth.YES,
        ["iptables filter: -A OUTPUT -d 10.20.0.0/16 -j ACCEPT"],
    )


@pytest.mark.parametrize(
    ("v6", "without", "kind"),
    [
        ("::/0", "", UnknownKind.PERMITTED_OPEN),
        ("fd00::/16", "", UnknownKind.PERMITTED_OPEN),
        ("fd00:20::/32", "mirror", UnknownKind.PERMITTED_NOT_EXAMINED),
    ],
    ids=["h1-other-family", "wider-than-the-perimeter", "nothing-governs-the-mirror"],
)
def test_every_hole_in_the_packet_filters_opens_the_basis(tmp_path: Path, v6: str, without: str, kind: UnknownKind) -> None:
    assert _open(_behind_hosts(tmp_path, v6, without=without)) == {kind}


@pytest.mark.parametrize(
    ("squid", "kinds"),
    [
        ("", {UnknownKind.PERMITTED_OPEN}),
        ("http_port 3128\nhttp_access deny all\n", set()),
        (
            "http_port 3128\nacl ok dstdomain -n .vendor.example\nhttp_access allow ok\nhttp_access deny all\n",
            {UnknownKind.PERMITTED_OPEN},
        ),
    ],
    ids=["rules-not-supplied", "relays-nothing", "relays-to-a-name"],
)
def test_h5_a_proxy_that_a_variable_names_is_a_way_out_of_a_sealed_host(
    tmp_path: Path, squid: str, kinds: set[UnknownKind]
) -> None:
    _behind_hosts(tmp_path)
    copy = tmp_path / "coder-air-gapped"
    (copy / "more").mkdir()
    (copy / "more" / "agent.env").write_text("HTTPS_PROXY=http://10.20.9.9:3128\n", encoding="utf-8")
    if squid:
        (copy / "more" / "squid.conf").write_text(squid, encoding="utf-8")
    manifest = copy / "auditor.yaml"
    said = manifest.read_text(encoding="utf-8")
    entry = "\ninputs:\n  - {path: more/, governs: {coder/workspace: agent.env}}\n"
    manifest.write_text(said.replace("\ninputs:\n", entry), encoding="utf-8")
    assert _open(pipeline.model(pipeline.gather(pipeline.Request(paths=(copy,))))) == kinds


def _sealed_by(folder: Path, name: str, text: str, subject: str, stage: Stage | None = None) -> pipeline.Inputs:
    """Return coder-air-gapped with every workload governed by one file."""
    folder.mkdir()
    copy = files.copy_configuration(harness.DEPLOYMENTS / "coder-air-gapped", folder / "coder-air-gapped")
    governs = ", ".join(f"{w}: {subject}" for w in INSIDE)
    manifest = copy / "auditor.yaml"
    said = manifest.read_text(encoding="utf-8")
    manifest.write_text(
        said.replace("\ninputs:\n", f"\ninputs:\n  - {{path: network/, governs: {{{governs}}}}}\n"), encoding="utf-8"
    )
    (copy / "network").mkdir()
    (copy / "network" / name).write_text(text, encoding="utf-8")
    return pipeline.gather(pipeline.Request(paths=(copy,), stage=stage))


def test_a_setting_of_a_tool_seals_less_than_air_gapped_asks_for(tmp_path: Path) -> None:
    squid = "acl inside dst -n 10.20.0.0/16\nhttp_access allow inside\nhttp_access deny all\n"
    inputs = _sealed_by(tmp_path / "a", "squid.conf", squid, "squid", Stage.PREDEPLOY)
    model = pipeline.model(inputs)
    assert (_open(model), {s.strength.value for s in model.seals}) == (set(), {"tool_setting"})
    weak = [
        u
        for u in harness.assessed(harness.narrowed(inputs, "air-gapped")).unknowns
        if "by no more than a setting of a tool" in u.text
    ]
    assert {u.kind for u in weak} == {"permitted_open"}
    loose = [("minimum_strength", "tool_setting", "the proxy is the only way out")]
    found = harness.assessed(harness.narrowed(inputs, "air-gapped", loose))
    assert [u for u in found.unknowns if "by no more than" in u.text] == []


def test_a_missing_route_is_the_strongest_seal(tmp_path: Path) -> None:
    network = "{internal: true, enable_ipv6: false, ipam: {config: [{subnet: 10.20.0.0/16}]}}"
    compose = f"services: {{all: {{image: a, networks: [sealed]}}}}\nnetworks: {{sealed: {network}}}\n"
    inputs = _sealed_by(tmp_path / "a", "compose.yaml", compose, "compose/all")
    assert _open(pipeline.model(inputs)) == {UnknownKind.PERMITTED_OPEN}
    mended = replace(inputs.manifest, platform=(("container_engine_version", "26.0.0"),))
    model = pipeline.model(replace(inputs, manifest=mended))
    assert (_open(model), {s.strength.value for s in model.seals}) == (set(), {"no_route"})


def test_a_resolver_that_nobody_names_keeps_the_question_open(tmp_path: Path) -> None:
    (tmp_path / "named").mkdir()
    model = _behind_hosts(tmp_path / "named")
    assert _open(model) == set()
    copy = tmp_path / "named" / "coder-air-gapped" / "auditor.yaml"
    text = re.sub(r"role: resolver", "role: registry", copy.read_text(encoding="utf-8"))
    copy.write_text(text, encoding="utf-8")
    unnamed = pipeline.model(pipeline.gather(pipeline.Request(paths=(copy.parent,))))
    texts = {g.unknown.text for g in unnamed.gaps if g.basis is Basis.PERMITTED}
    assert _open(unnamed) == {UnknownKind.PERMITTED_OPEN}
    assert all("no component is said to be the resolver there" in t for t in texts)


def test_a_subject_that_no_file_describes_is_named(tmp_path: Path) -> None:
    model = pipeline.model(_sealed_by(tmp_path / "a", "rules.v4", HOST_RULES.format(inside="10.20.0.0/16"), "hots"))
    texts = {g.unknown.text for g in model.gaps if g.basis is Basis.PERMITTED}
    assert "git is said to be governed by hots, which is not exactly one subject of the files below that path." in texts
    assert _open(model) == {UnknownKind.PERMITTED_NOT_EXAMINED}


def test_two_deployments_that_know_a_service_of_one_name_do_not_seal_each_other(tmp_path: Path) -> None:
    copy = files.copy_configuration(harness.DEPLOYMENTS / "coder-air-gapped", tmp_path / "coder-air-gapped")
    manifest = copy / "auditor.yaml"
    text = manifest.read_text(encoding="utf-8").replace("\ninputs:\n", "\ninputs:\n  - {path: network/}\n")
    manifest.write_text(text.replace("hosts: [git.corp.example]", "hosts: [git.corp.example, gitea]"), encoding="utf-8")
    for folder, internal in (("sealed", "true"), ("open", "false")):
        (copy / "network" / folder).mkdir(parents=True)
        compose = (
            f"services: {{gitea: {{image: a, networks: [n]}}}}\nnetworks: {{n: {{internal: {internal}, enable_ipv6: false}}}}\n"
        )
        (copy / "network" / folder / "compose.yaml").write_text(compose, encoding="utf-8")
    model = pipeline.model(pipeline.gather(pipeline.Request(paths=(copy,))))
    found = {g.unknown.subject: g.unknown.text for g in model.gaps if g.basis is Basis.PERMITTED}
    assert found["git"].startswith("The network lets git reach 0.0.0.0-")


def test_a_name_that_several_files_know_governs_nobody(tmp_path: Path) -> None:
    copy = files.copy_configuration(harness.DEPLOYMENTS / "coder-air-gapped", tmp_path / "coder-air-gapped")
    manifest = copy / "auditor.yaml"
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("\ninputs:\n", "\ninputs:\n  - {path: network/, governs: {git: host}}\n"), encoding="utf-8")
    for folder in ("one", "two"):
        (copy / "network" / folder).mkdir(parents=True)
        (copy / "network" / folder / "rules.v4").write_text(HOST_RULES.format(inside="10.20.0.0/16"), encoding="utf-8")
    model = pipeline.model(pipeline.gather(pipeline.Request(paths=(copy,))))
    found = {g.unknown.subject: g.unknown.text for g in model.gaps if g.basis is Basis.PERMITTED}
    assert "governed by host, which is not exactly one subject" in found["git"]
