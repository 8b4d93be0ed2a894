"""Values files that a Helm release in Terraform takes by ``file`` or ``templatefile`` and that are among the inputs.

A part of a release's values that comes from a file stands where the release takes it (Terraform, functions ``file`` and
``templatefile``). Directives of templates (``%{ if … }``) make a file no YAML, so it is not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from auditor.config.bindings import Source, joined_path
from auditor.config.formats.terraform_scope import scope_of
from auditor.documents import UNDECIDED, Value, as_text, evaluate
from auditor.documents.embedded import shifted
from auditor.documents.release_values import part_name, releases
from auditor.documents.tree import DocumentKind, Node, NodeKind

_CALL = re.compile(
    r"\$\{\s*(file|templatefile)\(\s*\"(?:\$\{path\.(?:module|root)\}/|\./)?([^\"$]+)\"\s*(?:,\s*(.*\S)\s*)?\)\s*\}", re.DOTALL
)
_VALUES = (DocumentKind.HELM_VALUES, DocumentKind.YAML)


def with_files(sources: Sequence[Source]) -> tuple[Source, ...]:
    """Return the documents with values files of releases as parts of these, and no longer as files of their own."""
    files = {s.document.path: s for s in sources if s.document.kind in _VALUES and not s.document.inside}
    parts: list[Source] = []
    taken: set[str] = set()
    for outer in sources:
        if outer.document.kind is DocumentKind.TERRAFORM and not outer.document.inside:
            for path, part in _parts(outer, files, sources):
                taken.add(path)
                parts.append(part)
    return (*(s for s in sources if s.document.path not in taken), *parts) if parts else tuple(sources)


def _parts(outer: Source, files: Mapping[str, Source], sources: Sequence[Source]) -> Iterator[tuple[str, Source]]:
    folder = PurePosixPath(outer.document.path).parent
    for release, body in releases(outer.document.root):
        values = body.get("values")
        for index, item in enumerate(values.items if values is not None else ()):
            call = _CALL.fullmatch(item.text)
            path = joined_path(folder, call.group(2)) if call is not None else ""
            if call is None or path not in files:
                continue
            root = files[path].document.root
            if call.group(1) == "templatefile":
                root = _filled(root, _variables(call.group(3) or "{}", folder, sources))
            placed = shifted(root, item, outer.document.lines)
            name = part_name(release, index)
            yield path, replace(outer, document=replace(outer.document, kind=DocumentKind.HELM_VALUES, root=placed, inside=name))


def _variables(written: str, folder: PurePosixPath, sources: Sequence[Source]) -> Mapping[str, Value]:
    """Return the variables that a template is given, as far as the module decides them."""
    module = [s for s in sources if s.document.kind is DocumentKind.TERRAFORM and PurePosixPath(s.document.path).parent == folder]
    scope = scope_of(tuple(s for s in module if not s.document.inside))
    found = evaluate("${" + written + "}", scope.lookup)
    return found if isinstance(found, dict) else {}


def _filled(node: Node, variables: Mapping[str, Value]) -> Node:
    """Return a template with the variables that are decided; any other stays as it is written."""
    if node.kind is NodeKind.SCALAR and "${" in node.text:
        text = as_text(evaluate(node.text, lambda name: variables.get(name, UNDECIDED)))
        return node if text is None else replace(node, text=text)
    entries = tuple((key, _filled(value, variables)) for key, value in node.entries)
    return replace(node, entries=entries, items=tuple(_filled(item, variables) for item in node.items))
