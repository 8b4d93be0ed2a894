"""``auditor permits``: yes, no or unknown with the deciding rule, its place, and what would change it."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.cli import main

OBJECTS = """\
apiVersion: v1
kind: Pod
metadata: {name: workspace, namespace: agents}
spec: {containers: []}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: only-documentation
  namespace: agents
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{ipBlock: {cidr: 192.0.2.0/24}}]
      ports: [{port: 443}]
"""
GIVEN = """\
taken for given: the network plugin is said to be cilium, policy enforcement default
taken for given: the policies that were supplied are all that the cluster has
taken for given: what pods send to their own node always arrives, whatever a policy says
"""
DENIED = (
    "because NetworkPolicy agents/only-documentation isolates the workload for egress, and no rule allows it (objects.yaml:9)"
)
ALLOWED = "because NetworkPolicy agents/only-documentation, egress rule 1, allows it (objects.yaml:15)"
REST = "no for TCP 1-442,444-65535; UDP on every port; SCTP on every port; ICMP and other protocols"
LACKS = "to change it: A rule of a policy that selects agents/workspace[Pod] and allows"
NARROW = "to change it: Narrow or remove every rule that allows it; one that is left is enough to allow it."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "objects.yaml").write_text(OBJECTS, encoding="utf-8")
    return tmp_path


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["permits", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_an_answer_names_rule_place_strength_and_what_would_change_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("--port", "443", "--platform", "cni=cilium")
    yes = _run(capsys, "agents/workspace", "192.0.2.7", str(folder), *options)
    assert yes == (0, f"agents/workspace[Pod] -> 192.0.2.7: yes for TCP 443\n  {ALLOWED}\n  {NARROW}\n{GIVEN}", "")
    no = _run(capsys, "agents/workspace", "198.51.100.7", str(folder), *options)
    first = "agents/workspace[Pod] -> 198.51.100.7: no for TCP 443, enforced by the network"
    assert no == (0, f"{first}\n  {DENIED}\n  {LACKS} TCP 443 there would permit it.\n{GIVEN}", "")


def test_without_knowledge_of_the_plugin_a_denial_is_unknown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "workspace", "198.51.100.7", str(folder), "--transport", "udp")
    assert out.splitlines()[0] == (
        "agents/workspace[Pod] -> 198.51.100.7: unknown for UDP on every port, "
        "policies speak of it, and whether they are enforced is not known"
    )
    assert "  because no network plugin is named (platform: cni)" in out.splitlines()


def test_without_a_destination_every_address_and_every_pod_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "agents/workspace", str(folder), "--platform", "cni=cilium")
    heads = [line for line in out.splitlines() if " -> " in line]
    denied = "no for all connections, enforced by the network"
    assert heads == [
        f"agents/workspace[Pod] -> 0.0.0.0-192.0.1.255: {denied}",
        "agents/workspace[Pod] -> 192.0.2.0-192.0.2.255: yes for TCP 443",
        f"agents/workspace[Pod] -> 192.0.2.0-192.0.2.255: {REST}, enforced by the network",
        f"agents/workspace[Pod] -> 192.0.3.0-255.255.255.255: {denied}",
        f"agents/workspace[Pod] -> ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff: {denied}",
    ]


def test_a_host_name_is_any_address(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "agents/workspace", "api.vendor.example", str(folder), "--port", "443", "--platform", "cni=cilium")
    assert out.startswith("agents/workspace[Pod] -> api.vendor.example: unknown for TCP 443\n")
    assert "to change it: Ask for an address: policies of address blocks do not decide about a name." in out


def test_wrong_questions_are_explained(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = _run(capsys, "agents/worksapce", str(folder))
    assert (code, err.splitlines()[0]) == (2, "error: no workload is called agents/worksapce")
    assert "did you mean agents/workspace[Pod]?" in err
    empty = tmp_path / "empty"
    empty.mkdir()
    code, _, err = _run(capsys, "agents/workspace", str(empty))
    assert (code, err.splitlines()[0]) == (4, "error: no workload was found")
    assert _run(capsys, "agents/workspace", str(folder), "--platform", "cilium")[0] == 2
    assert _run(capsys, "agents/workspace", str(tmp_path / "missing"))[0] == 2


def test_hostile_names_are_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = OBJECTS.replace("name: workspace", 'name: "work\\e[31mspace"')
    (tmp_path / "objects.yaml").write_text(text, encoding="utf-8")
    _, out, _ = _run(capsys, "agents/work\x1b[31mspace", "192.0.2.7", str(tmp_path))
    assert "\x1b" not in out


HOST = """\
# Generated by iptables-save v1.8.9
*filter
:OUTPUT DROP [0:0]
-A OUTPUT -d 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT
-A OUTPUT -p udp -m udp --dport 53 -m owner --uid-owner 0 -j ACCEPT
COMMIT
"""
MANIFEST = """\
version: 1
deployment: test
zones: {corp: {operator: customer, networks: [10.0.0.0/8]}}
perimeter: [corp]
platform: {cni: cilium}
systems: [{id: coder, product: coder, version: "2.36", zone: corp, components: {workspace: {networks: [10.1.0.0/16]}}}]
inputs:
  - {path: objects.yaml}
  - {path: network/, governs: {coder/workspace: host}}
"""


@pytest.fixture
def host(folder: Path) -> Path:
    (folder / "network").mkdir()
    (folder / "network/rules.v4").write_text(HOST, encoding="utf-8")
    (folder / "auditor.yaml").write_text(MANIFEST, encoding="utf-8")
    return folder


def test_the_packet_filter_of_a_host_answers(host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "host", "192.0.2.7", str(host / "network"), "--port", "443")
    assert out == (
        "host -> 192.0.2.7: yes for TCP 443\n"
        "  because iptables filter: -A OUTPUT -d 192.0.2.0/24 -p tcp -m tcp --dport 443 -j ACCEPT (rules.v4:4)\n"
        "  to change it: A rule of any layer on the way (iptables) that stops it would deny it; advice alone would not.\n"
        "taken for given: the rules that were supplied are all of the host's and were loaded whole\n"
        "taken for given: the workload cannot change the rules of its host (no CAP_NET_ADMIN)\n"
        "taken for given: what is sent counts, whether an answer is let in or not\n"
    )
    _, out, _ = _run(capsys, "host", "198.51.100.7", str(host / "network"))
    denied = "no for TCP on every port; UDP 1-52,54-65535; SCTP on every port; ICMP and other protocols"
    assert [line for line in out.splitlines() if " -> " in line] == [
        f"host -> 198.51.100.7: {denied}, enforced by the network",
        "host -> 198.51.100.7: unknown for UDP 53",
    ]


def test_a_host_that_governs_a_workload_of_the_manifest_is_asked_by_its_name(
    host: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = _run(capsys, "coder/workspace", "2001:db8::7", str(host), "--port", "443")
    assert out.startswith("network/host -> 2001:db8::7: yes for TCP 443\n")
    assert "no rule of iptables that was supplied speaks of IPv6" in out
