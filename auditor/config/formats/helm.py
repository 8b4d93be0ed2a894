"""Helm values files: a product's chart says where environment, command, arguments and image stand."""

from __future__ import annotations

from dataclasses import replace

from auditor.catalog.product import Chart
from auditor.config.bindings import Binding, Launch, Library, Opaque, Packaging, Source
from auditor.config.formats.common import words_of
from auditor.config.formats.helm_unknown import read_variables
from auditor.config.formats.kubernetes import read_env_from
from auditor.config.formats.shell import hidden_by_shell
from auditor.config.paths import first_at, steps
from auditor.documents.tree import DocumentKind, Node, NodeKind


def is_chart(source: Source, chart: Chart) -> bool:
    """Return whether the document is values of ``chart``: an installer names it, or all keys are there (``a|b``: one of both)."""
    kinds = (DocumentKind.HELM_VALUES, DocumentKind.YAML)
    return source.document.kind in kinds and (source.chart in chart.names or _has_keys(source.document.root, chart))


def values_of(source: Source, chart: Chart) -> tuple[Source, ...]:
    """Return the values of ``chart`` in a document: itself, else the blocks of a parent chart that are its values.

    A parent chart keeps the values of a chart that it depends on under that chart's name (Helm, "Subcharts and globals").
    """
    if is_chart(source, chart):
        return (source,)
    if source.document.kind is not DocumentKind.HELM_VALUES:
        return ()
    blocks = ((k.text, v) for k, v in source.document.root.entries if v.kind is NodeKind.MAPPING)
    return tuple(
        replace(source, document=replace(source.document, root=block))
        for name, block in blocks
        if _has_keys(block, chart) or (name in chart.names and _has_some(block, chart))
    )


def files_in_values(source: Source, chart: Chart) -> tuple[tuple[Source, str], ...]:
    """Return (block, scope) of what the chart writes into configuration files of its product."""
    found = ((first_at(source.document.root, path), scope) for path, scope in chart.files)
    return tuple(
        (replace(source, document=replace(source.document, root=node)), scope)
        for node, scope in found
        if node is not None and node.kind is NodeKind.MAPPING
    )


def _has_keys(root: Node, chart: Chart) -> bool:
    return bool(chart.keys) and all(any(first_at(root, k) is not None for k in key.split("|")) for key in chart.keys)


def _has_some(root: Node, chart: Chart) -> bool:
    """Return whether something is there that this chart reads and others do not; a block that is called so could be anybody's."""
    paths = (*chart.env, *chart.env_from, *(k for key in chart.keys for k in key.split("|")))
    return any(first_at(root, path) is not None for path in paths)


def read_helm(source: Source, library: Library, chart: Chart) -> tuple[Launch, ...]:
    """Return the processes that ``chart`` makes of a values file: one, or one for each entry of a list of servers."""
    parts = [replace(source, document=replace(source.document, root=root)) for root in _servers(source.document.root, chart)]
    return tuple(_launch(part, library, chart, chart.id if not n else f"{chart.id}/{n}") for n, part in enumerate(parts))


def _servers(root: Node, chart: Chart) -> tuple[Node, ...]:
    """Return the values as each entry of the chart's list of servers sees them: with that entry alone in the list."""
    paths = (steps(p) for group in (chart.image, chart.args, chart.env) for p in group)
    path = next((p[: p.index("[]")] for p in paths if "[]" in p), None)
    listed = root.at(*path) if path is not None else None
    if path is None or listed is None or not listed.items:
        return (root,)
    return tuple(_with(root, path, replace(listed, items=(entry,))) for entry in listed.items)


def _with(node: Node, path: tuple[str, ...], value: Node) -> Node:
    """Return ``node`` with ``value`` at ``path``."""
    if not path:
        return value
    return replace(node, entries=tuple((k, _with(v, path[1:], value) if k.text == path[0] else v) for k, v in node.entries))


def _launch(source: Source, library: Library, chart: Chart, name: str) -> Launch:
    root = source.document.root
    env: dict[str, Binding] = {}
    opaque: list[Opaque] = []
    linked: list[str] = []
    for path in chart.env_from:
        taken = first_at(root, path)
        read_env_from(source, library, taken, "", (env, opaque, linked))
        opaque += _named_objects(source, path, taken)
    for path in chart.env:
        env |= read_variables(source, library, first_at(root, path), env)
    image, tag = _first(root, chart.image), _first(root, chart.tag)
    program = tuple(w for path in chart.command for w in words_of(source, first_at(root, path)))
    words = (*program, *(w for path in chart.args for w in words_of(source, first_at(root, path))))
    return Launch(
        source=source,
        name=name,
        packaging=Packaging.HELM,
        image=_image(image, tag),
        words=words,
        env=env,
        opaque=(*source.opaque, *opaque),
        complete=True,
        evidence=source.evidence(tag or image or root, f"values of the chart {chart.id}"),
        linked=tuple(linked),
        chart=chart.id,
        program=program,
        hidden=hidden_by_shell(words, f"the command of the chart {chart.id}"),
    )


def _named_objects(source: Source, path: str, node: Node | None) -> list[Opaque]:
    """Return what a list of bare names of Secrets and ConfigMaps leaves open: all their keys become variables."""
    names = [i for i in node.items if i.kind is NodeKind.SCALAR and i.text] if node is not None else []
    step = "Supply the object {}, or the names that it sets"
    texts = [(i, f"{path} takes {i.text}, whose names are not read") for i in names]
    return [Opaque(text, step.format(i.text), source.evidence(i, text)) for i, text in texts]


def _first(root: Node, paths: tuple[str, ...]) -> Node | None:
    return next((n for p in paths if (n := first_at(root, p)) is not None), None)


def _image(image: Node | None, tag: Node | None) -> str:
    """Return the image reference; a tag of its own key counts where the image says none."""
    if image is None:
        return ""
    tagged = "@" in image.text or ":" in image.text.rpartition("/")[2]
    return image.text if tag is None or not tag.text or tagged else f"{image.text}:{tag.text}"
