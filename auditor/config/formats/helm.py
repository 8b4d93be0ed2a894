"""Helm values files: a product's chart says where environment, arguments and image stand."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.catalog.product import Chart
from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import bind_mapping, words_of
from auditor.config.formats.kubernetes import read_env_from, read_env_list
from auditor.config.paths import first_at
from auditor.documents.tree import DocumentKind, Node, NodeKind


def is_chart(source: Source, chart: Chart) -> bool:
    """Return whether the document is a values file of ``chart``: all its keys are there."""
    kinds = (DocumentKind.HELM_VALUES, DocumentKind.YAML)
    return source.document.kind in kinds and all(first_at(source.document.root, k) is not None for k in chart.keys)


def read_helm(source: Source, library: Library, chart: Chart) -> Launch:
    """Return the process that ``chart`` makes of a values file."""
    root = source.document.root
    env: dict[str, Binding] = {}
    opaque: list[Opaque] = []
    linked: list[str] = []
    for path in chart.env_from:
        read_env_from(source, library, first_at(root, path), "", (env, opaque, linked))
    for path in chart.env:
        env |= _environment(source, library, first_at(root, path), env)
    image = next((n for p in chart.image if (n := first_at(root, p)) is not None), None)
    return Launch(
        source=source,
        name=chart.id,
        packaging=Packaging.HELM,
        image=image.text if image is not None else "",
        words=tuple(w for path in chart.args for w in words_of(source, first_at(root, path))),
        env=env,
        opaque=tuple(opaque),
        complete=True,
        evidence=source.evidence(root, f"values of the chart {chart.id}"),
        linked=tuple(linked),
        chart=chart.id,
    )


def _environment(source: Source, library: Library, node: Node | None, before: Mapping[str, Binding]) -> dict[str, Binding]:
    if node is not None and node.kind is NodeKind.MAPPING:
        return bind_mapping(source, node)
    return read_env_list(source, library, node, "", dict(before))
