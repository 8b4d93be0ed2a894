"""Values that an installer of Helm charts carries: Flux, Argo CD, k3s, helmfile, Fleet and Kustomize.

Sources: Flux ``HelmRelease`` v2 (``spec.chart.spec.chart``, ``spec.values``), Argo CD ``Application`` (``spec.source.helm``:
``values``, ``valuesObject``; ``spec.sources``; the template of an ``ApplicationSet``), k3s ``HelmChart``
(``spec.valuesContent``), helmfile (``releases[].values``), Fleet (``helm.values``), Kustomize
(``helmCharts[].valuesInline``); documentation read 2026-11-27.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.documents.release_values import laid_over
from auditor.documents.tree import Document, DocumentKind, Node, NodeKind

_PLACE = re.compile(r"charts/([^/]+)/values\.yaml")
_KINDS = ("HelmRelease", "HelmChart", "HelmChartConfig", "Application", "ApplicationSet")


@dataclass(frozen=True, slots=True)
class InstalledValues:
    """The values that one release gets, and the chart that it is made of."""

    chart: str
    node: Node
    """A mapping, or a text of YAML."""


def installed(root: Node) -> Iterator[InstalledValues]:
    """Yield the values of each release that a document installs; a release without any has an empty mapping."""
    spec = root.get("spec")
    kind = _text(root.get("kind"))
    if spec is not None and kind in _KINDS:
        yield from _of_object(kind, spec)
        return
    for key, at in (("releases", ("values",)), ("helmCharts", ("valuesInline",))):
        listed = root.get(key)
        for item in listed.items if listed is not None else ():
            chart = _text(item.get("chart") or item.get("name"))
            if chart and item.kind is NodeKind.MAPPING:
                yield InstalledValues(_last(chart), _joined(item, item.get(at[0])))
    fleet = root.get("helm")
    if fleet is not None and _text(fleet.get("chart")):
        yield InstalledValues(_last(_text(fleet.get("chart"))), _joined(fleet, fleet.get("values")))


def installs(root: Node) -> bool:
    """Return whether an object of Kubernetes is one of the kinds that install a chart."""
    return _text(root.get("kind")) in _KINDS and root.get("spec") is not None


def left_open(root: Node) -> str:
    """Return which keys of an installing object set values that are not in it, empty for none."""
    spec = root.get("spec") or root
    found = [key for key in ("valuesFrom", "valuesFiles", "postRenderers") if spec.get(key) is not None]
    for source in _sources(spec.at("template", "spec") or spec):
        found += [f"helm.{key}" for key in ("valueFiles", "parameters", "fileParameters") if source.at("helm", key) is not None]
    return ", ".join(dict.fromkeys(found))


def place_of(chart: str) -> str:
    """Return the name of the file that the values of a release of ``chart`` stand for."""
    return f"charts/{chart}/values.yaml"


def chart_of(document: Document) -> str:
    """Return the chart whose values a document is, empty where no installer names it."""
    found = _PLACE.fullmatch(document.inside) if document.kind is DocumentKind.HELM_VALUES else None
    return found.group(1) if found is not None else ""


def _of_object(kind: str, spec: Node) -> Iterator[InstalledValues]:
    if kind == "HelmRelease":
        node = spec.at("chart", "spec", "chart") or spec.at("chartRef", "name")
        yield from _one(node, spec.get("values"))
    elif kind in ("HelmChart", "HelmChartConfig"):
        yield from _one(spec.get("chart"), spec.get("valuesContent") or spec.get("values"))
    else:
        for source in _sources(spec.at("template", "spec") or spec):
            helm = source.get("helm") or source
            yield from _one(source.get("chart"), helm.get("valuesObject") or helm.get("values"))


def _sources(spec: Node) -> tuple[Node, ...]:
    one, several = spec.get("source"), spec.get("sources")
    return (*((one,) if one is not None else ()), *(several.items if several is not None else ()))


def _one(chart: Node | None, values: Node | None) -> Iterator[InstalledValues]:
    name = _last(_text(chart))
    if values is not None and values.kind in (NodeKind.MAPPING, NodeKind.SCALAR):
        yield InstalledValues(name or "chart", values)
    elif name and chart is not None:
        yield InstalledValues(name, Node(NodeKind.MAPPING, chart.line, chart.column))


def _joined(release: Node, values: Node | None) -> Node:
    """Return the mappings among the values as one, the later over the earlier; names of files are left to ``left_open``."""
    whole = Node(NodeKind.MAPPING, release.line, release.column)
    items = () if values is None else values.items if values.kind is NodeKind.SEQUENCE else (values,)
    for item in items:
        if item.kind is NodeKind.MAPPING:
            whole = laid_over(whole, item)
    return whole


def _last(chart: str) -> str:
    """Return the name of a chart without its repository: ``oci://ghcr.io/x/litellm-helm`` is ``litellm-helm``."""
    name = chart.rstrip("/").rpartition("/")[2]
    return name if re.fullmatch(r"[\w.\-]+", name) else ""


def _text(node: Node | None) -> str:
    return node.text if node is not None and node.kind is NodeKind.SCALAR else ""
