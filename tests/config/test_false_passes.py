# ruff: noqa: E501 -- lines of YAML in texts stay whole
"""Ways in which something outside could hide behind what looks inside: each is found, its harmless twin is not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.catalog.product import Chart
from auditor.config import HostPort, Surroundings, configure
from auditor.config.bindings import Source
from auditor.config.formats.chart_rest import hidden_in_values
from auditor.config.hosts_in_text import hosts_named
from auditor.documents import read_tree
from auditor.facts.configuration import Configuration
from auditor.facts.manifest import Manifest
from auditor.facts.places import Zone
from auditor.manifest import assumed_manifest

INSIDE = Zone("corp", "customer", "customer", (), (), ("10.0.0.0/8",), ("*.corp.example",), True, ())


def manifest() -> Manifest:
    return dataclasses.replace(assumed_manifest("d", (), ()), zones=(INSIDE,))


def configured(folder: Path, text: str, name: str = "a.yaml") -> Configuration:
    (folder / name).write_text(text)
    return configure(read_tree(folder, folder).documents, manifest(), load_catalog())


def overrides(folder: Path, text: str, name: str = "a.yaml") -> list[str]:
    return [g.unknown.text for g in configured(folder, text, name).gaps if g.unknown.subject.startswith("name:")]


COMPOSE = "services: {{a: {{image: x, extra_hosts: {hosts}}}}}"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{image: x}}], hostAliases: {aliases}}}"
ENDPOINTS = (
    "apiVersion: v1\nkind: Endpoints\nmetadata: {{name: llm}}\nsubsets: [{{addresses: [{address}], ports: [{{port: 80}}]}}]"
)
SLICE = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{name: llm-x, labels: {{kubernetes.io/service-name: llm}}}}\nendpoints: [{{addresses: [{address}]{target}}}]"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {{name: llm}}\nspec: {{type: ExternalName, externalName: {name}}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (COMPOSE.format(hosts='["llm.corp.example:203.0.113.7"]'), "extra_hosts sends the name llm.corp.example to 203.0.113.7"),
        (COMPOSE.format(hosts='["llm.corp.example=203.0.113.7"]'), "extra_hosts sends the name llm.corp.example to 203.0.113.7"),
        (COMPOSE.format(hosts="{llm.corp.example: 203.0.113.7}"), "extra_hosts sends the name llm.corp.example to 203.0.113.7"),
        (COMPOSE.format(hosts='{llm: ["10.0.0.1", "2001:db8::1"]}'), "extra_hosts sends the name llm to 2001:db8::1"),
        (COMPOSE.format(hosts='["llm:${ADDRESS}"]'), "extra_hosts sends the name llm to ${ADDRESS}"),
        (POD.format(aliases="[{ip: 203.0.113.7, hostnames: [llm.corp.example]}]"), "hostAliases sends the name llm.corp.example to 203.0.113.7"),
        (SERVICE.format(name="api.vendor.example"), "externalName sends the name llm to api.vendor.example"),
        (ENDPOINTS.format(address="{ip: 203.0.113.7}"), "Endpoints sends the name llm to 203.0.113.7"),
        (SLICE.format(address="203.0.113.7", target=""), "EndpointSlice sends the name llm to 203.0.113.7"),
        (SERVICE.format(name="evil-corp.example."), "externalName sends the name llm to evil-corp.example"),
    ],
)  # fmt: skip
def test_a_name_that_is_sent_outside_is_open(tmp_path: Path, text: str, expected: str) -> None:
    (found,) = overrides(tmp_path, text)
    assert found.startswith(f"{expected} (a.yaml:")


@pytest.mark.parametrize(
    "text",
    [
        COMPOSE.format(hosts='["llm.corp.example:10.0.0.1", "host.docker.internal:host-gateway", "me=127.0.0.1"]'),
        POD.format(aliases="[{ip: 10.0.0.1, hostnames: [llm.corp.example]}]"),
        SERVICE.format(name="llm.corp.example"),
        ENDPOINTS.format(address="{ip: 10.0.0.1}"),
        ENDPOINTS.format(address="{ip: 203.0.113.7, targetRef: {kind: Pod, name: p}}"),
        SLICE.format(address="203.0.113.7", target=", targetRef: {kind: Pod, name: p}"),
    ],
)
def test_a_name_that_stays_inside_is_nothing(tmp_path: Path, text: str) -> None:
    assert overrides(tmp_path, text) == []


def unread(folder: Path, text: str) -> list[str]:
    return [m.reason for m in configured(folder, text).not_examined]


MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {A: b}"
DEPLOYMENT = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{image: x}]}\n---\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: llm}", "reads the kind HelmRelease"),
        ("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: llm}", "reads the kind Application"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {A: https://x.example}", "takes in the ConfigMap c"),
    ],
)
def test_an_object_that_nothing_reads_is_named(tmp_path: Path, text: str, reason: str) -> None:
    (found,) = unread(tmp_path, DEPLOYMENT + text)
    assert reason in found


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: a}",
        "apiVersion: agents.x-k8s.io/v1alpha1\nkind: Sandbox\nspec: {podTemplate: {spec: {containers: [{image: x}]}}}",
        f"{MAP}\n---\napiVersion: v1\nkind: Pod\nspec: {{containers: [{{image: y, envFrom: [{{configMapRef: {{name: c}}}}]}}]}}",
        f"{MAP}\n---\napiVersion: v1\nkind: Pod\nspec: {{volumes: [{{configMap: {{name: c}}}}], containers: [{{image: y}}]}}",
    ],
)
def test_an_object_that_is_read_or_carries_nothing_is_no_gap(tmp_path: Path, text: str) -> None:
    assert unread(tmp_path, DEPLOYMENT + text) == []


@pytest.mark.parametrize("head", ["", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"])
def test_an_overlay_says_that_it_is_not_applied(tmp_path: Path, head: str) -> None:
    (tmp_path / "pod.yaml").write_text(DEPLOYMENT.removesuffix("---\n"))
    found = configured(tmp_path, f"{head}resources: [pod.yaml]\nimages: [{{name: x, newName: y}}]\n", "kustomization.yaml")
    reasons = [m.reason for m in found.not_examined if m.path == "kustomization.yaml"]
    assert any("patches, images and generators are not applied here" in reason for reason in reasons)


def test_a_chart_says_that_it_is_not_rendered(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "pod.yaml").write_text("metadata: {name: {{ .Release.Name }}}\n")
    (tmp_path / "values.yaml").write_text("image: {repository: example/app}\n")
    read = read_tree(tmp_path, tmp_path)
    assert [(m.path, "is a template of a Helm chart and is not rendered" in m.reason) for m in read.not_examined] == [
        ("templates/pod.yaml", True)
    ]
    found = configured(tmp_path, "apiVersion: v2\nname: app\nversion: 0.1.0\n", "Chart.yaml")
    (told,) = [m.reason for m in found.not_examined if m.path.endswith("Chart.yaml") and "helm template" in m.reason]
    assert "the charts that it depends on are not rendered here" in told


def _hidden(folder: Path, text: str) -> list[str]:
    (folder / "values.yaml").write_text(text)
    (document,) = read_tree(folder, folder).documents
    chart = Chart("c", "w", ("image",), ("env",), (), (), ("image.repository",))
    explained = (("env",), ("image", "repository"))
    return [o.reason.split()[3] for o in hidden_in_values(Source(document), (chart,), explained)]


def test_a_subchart_that_is_switched_on_without_an_image_is_open(tmp_path: Path) -> None:
    text = (
        "env: []\nredis: {enabled: true, auth: {}}\nlangfuse: {enabled: 'yes'}\nsearch: {enabled: ''}\nollama: {enabled: false}\n"
    )
    assert _hidden(tmp_path, text) == ["redis", "langfuse"]
    assert _hidden(tmp_path, "ingress: {enabled: true}\nserviceAccount: {enabled: true}\nmetrics: {enabled: true}\n") == []


@pytest.mark.parametrize("url", [r"http://evil.example\@llm.corp.example/", r"http://llm.corp.example\@evil.example/v1"])
def test_a_url_that_programs_read_differently_is_outside_by_either_reading(url: str) -> None:
    around = Surroundings.of(manifest())
    assert [p for p in hosts_named("BASE_URL", url) if not around.hold(p)] == [HostPort(name="evil.example")]
    inside = r"http://a.corp.example\@llm.corp.example/"
    assert all(around.hold(p) for p in hosts_named("BASE_URL", inside))
