"""Emitted egress and settings: whole outputs, hostile texts, and the real tools that read them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.documents.yaml_reader import parse_yaml
from auditor.facts.hardening import EgressRule, HardenedWorkload, Hardening, PodSelection
from auditor.facts.plan import StepKind, StepRecord
from auditor.facts.vocabulary import Transport
from auditor.report.emit_hosts import render_nftables, render_squid
from auditor.report.emit_kubernetes import PolicyDialect, render_policies
from auditor.report.emit_settings import render_settings
from auditor.report.escape import clean
from auditor.report.yaml_text import Tree, yaml_text
from tests.report.samples import HOSTILE

TRAP = f'{HOSTILE}\n}}; accept; "'


def rule(source: str, destination: str, **more: object) -> EgressRule:
    known = {"target": "", "networks": (), "hosts": (), "transport": Transport.TCP, "port": 443, "purposes": ("work",)}
    return EgressRule(source=source, destination=destination, **{"outside": False, **known, **more})  # type: ignore[arg-type]


@pytest.fixture(name="hardening")
def _hardening() -> Hardening:
    setting = StepRecord(
        id="setting:coder/telemetry.enable=false",
        kind=StepKind.SETTING,
        text="Set CODER_TELEMETRY_ENABLE=false",
        system="coder",
        settings=(("telemetry.enable", "false"),),
        now="true",
        place="config/coder.env:4",
        names=("--telemetry", "CODER_TELEMETRY_ENABLE", "telemetry.enable"),
        effort=1,
        controls=("AG-01",),
        stops=(),
        breaks=(),
        opens=(),
        how=(),
        who="",
        assumed=False,
    )
    unset = replace(setting, text="Unset B", settings=(("b", "(unset)"),), names=("B",), now="", place="")
    spaced = replace(setting, settings=(("c", "a b"), ("fact:d", "inside")), names=("C",), how=("See to it.",))
    path = replace(setting, system="llm", settings=(("e", "it's"),), names=("E",))
    return Hardening(
        deployment="coder-prod",
        profile="air-gapped",
        as_of="2026-11-24T00:00:00Z",
        workloads=(
            HardenedWorkload(
                "coder/coderd",
                "Coder server",
                ("10.20.1.10/32",),
                ("coder.corp.example",),
                (PodSelection("agents", (("app", "coder"),)),),
            ),
            HardenedWorkload("coder/workspace", "workspace", ("10.20.8.0/21", "fd00:20::/64"), (), (PodSelection("work", ()),)),
            HardenedWorkload("idp", "identity provider", ("10.20.3.20/32",), (), ()),
            HardenedWorkload("service", "service of your own", (), (), ()),
        ),
        rules=(
            rule("coder/coderd", "idp.corp.example", target="idp", networks=("10.20.3.20/32",)),
            rule(
                "coder/coderd", "api.openai.com", hosts=("api.openai.com",), outside=True, purposes=("model requests", "pictures")
            ),
            rule("coder/coderd", "icmp", target="idp", networks=("10.20.3.20/32",), transport=Transport.ICMP, port=0),
            rule("coder/workspace", "Coder", target="coder/coderd", networks=("10.20.1.10/32",), port=0),
            rule(
                "coder/workspace",
                "v6",
                networks=("fd00:30::/64", "fd00:30::1/128"),
                transport=Transport.UDP,
                port=53,
                lookup=True,
            ),
        ),
        settings=(setting, unset, spaced, path),
        notes=("not allowed: update check",),
    )


@pytest.fixture(name="hostile")
def _hostile(hardening: Hardening) -> Hardening:
    return replace(
        hardening,
        deployment=TRAP,
        profile=TRAP,
        notes=(TRAP,),
        workloads=tuple(replace(w, title=TRAP) for w in hardening.workloads),
        rules=tuple(replace(r, destination=TRAP, purposes=(TRAP,), hosts=(TRAP,) if r.hosts else ()) for r in hardening.rules),
        settings=tuple(replace(s, text=TRAP, now=TRAP, system=TRAP, settings=((TRAP, TRAP),)) for s in hardening.settings),
    )


def test_goldens(hardening: Hardening, golden: Callable[[str, str], None]) -> None:
    golden("harden_networkpolicy.yaml", render_policies(hardening, PolicyDialect.NETWORKPOLICY))
    golden("harden_cilium.yaml", render_policies(hardening, PolicyDialect.CILIUM))
    golden("harden.nft", render_nftables(hardening))
    golden("harden_squid.conf", render_squid(hardening))
    golden("harden_settings.env", render_settings(hardening))


def test_hostile_text_leaves_no_comment_and_no_scalar(hardening: Hardening, hostile: Hardening) -> None:
    for render in (render_nftables, render_squid, render_settings):
        text = render(hostile)
        assert [line for line in text.splitlines() if clean(line) != line] == []
        code = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert [line for line in code if line not in render(hardening).splitlines()] == []
    for dialect in PolicyDialect:
        documents = parse_yaml(render_policies(hostile, dialect))
        assert len(documents) == len(parse_yaml(render_policies(hardening, dialect)))


def test_a_workload_without_rules_is_denied_everything(hardening: Hardening) -> None:
    none = replace(hardening, rules=())
    assert "egress: []" in render_policies(none, PolicyDialect.NETWORKPOLICY)
    assert "egress:\n    - {}" in render_policies(none, PolicyDialect.CILIUM)
    assert "counter drop" in render_nftables(none)
    assert "http_access deny all" in render_squid(none)
    assert "No setting needs another value." in render_settings(replace(hardening, settings=()))


@pytest.mark.parametrize("tree", [{"a": {"b": [{"c": "on", "d": 1}, "x"], "e": {}, "f": []}}, ["a: b", {"k": [["n"]]}], "text"])
def test_block_style_reads_as_what_it_was(tree: Tree) -> None:
    (parsed,) = parse_yaml(yaml_text(tree))
    assert _plain(parsed.root) == _texts(tree)


def _plain(node: object) -> object:
    from auditor.documents import Node, NodeKind

    assert isinstance(node, Node)
    if node.kind is NodeKind.MAPPING:
        return {key.text: _plain(value) for key, value in node.entries}
    return [_plain(item) for item in node.items] if node.kind is NodeKind.SEQUENCE else node.text


def _texts(tree: object) -> object:
    if isinstance(tree, dict):
        return {key: _texts(value) for key, value in tree.items()}
    return [_texts(item) for item in tree] if isinstance(tree, list) else str(tree)


@pytest.mark.root
def test_nft_takes_the_ruleset(hardening: Hardening, hostile: Hardening, tmp_path: Path) -> None:
    nft = shutil.which("nft")
    if nft is None or os.geteuid() != 0:
        pytest.skip("nft -c asks the kernel: it needs the program nft, and root")
    for number, given in enumerate((hardening, hostile, replace(hardening, rules=()))):
        path = tmp_path / f"{number}.nft"
        path.write_text(render_nftables(given), encoding="utf-8")
        done = subprocess.run([nft, "-c", "-f", str(path)], capture_output=True, text=True, check=False, timeout=30)
        assert (done.returncode, done.stderr) == (0, "")


def test_squid_takes_the_configuration(hardening: Hardening, hostile: Hardening, tmp_path: Path) -> None:
    squid = shutil.which("squid") or shutil.which("squid", path="/usr/sbin")
    if squid is None:
        pytest.skip("the program squid is not installed")
    for number, given in enumerate((hardening, hostile, replace(hardening, rules=()))):
        path = tmp_path / f"{number}.conf"
        path.write_text(render_squid(given), encoding="utf-8")
        done = subprocess.run([squid, "-k", "parse", "-f", str(path)], capture_output=True, text=True, check=False, timeout=60)
        faults = [line for line in done.stderr.splitlines() if "FATAL" in line or "ERROR" in line or "WARNING" in line]
        assert (done.returncode, faults) == (0, [])
