"""Helm values files: a product's chart says where environment, command, arguments and image stand."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.catalog.product import Chart
from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import bind_mapping, words_of
from auditor.config.formats.kubernetes import read_env_from, read_env_list
from auditor.config.formats.shell import hidden_by_shell
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
    image, tag = _first(root, chart.image), _first(root, chart.tag)
    program = tuple(w for path in chart.command for w in words_of(source, first_at(root, path)))
    words = (*program, *(w for path in chart.args for w in words_of(source, first_at(root, path))))
    return Launch(
        source=source,
        name=chart.id,
        packaging=Packaging.HELM,
        image=_image(image, tag),
        words=words,
        env=env,
        opaque=tuple(opaque),
        complete=True,
        evidence=source.evidence(tag or image or root, f"values of the chart {chart.id}"),
        linked=tuple(linked),
        chart=chart.id,
        program=program,
        hidden=hidden_by_shell(words, f"the command of the chart {chart.id}"),
    )


def _first(root: Node, paths: tuple[str, ...]) -> Node | None:
    return next((n for p in paths if (n := first_at(root, p)) is not None), None)


def _image(image: Node | None, tag: Node | None) -> str:
    """Return the image reference; a tag of its own key counts where the image says none."""
    if image is None:
        return ""
    tagged = "@" in image.text or ":" in image.text.rpartition("/")[2]
    return image.text if tag is None or not tag.text or tagged else f"{image.text}:{tag.text}"


def _environment(source: Source, library: Library, node: Node | None, before: Mapping[str, Binding]) -> dict[str, Binding]:
    if node is not None and node.kind is NodeKind.MAPPING:
        return bind_mapping(source, node)
    return read_env_list(source, library, node, "", dict(before))
