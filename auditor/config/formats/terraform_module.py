"""A module folder of Terraform: its files read as one, for every reader that asks for its resources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from auditor.config.bindings import Library, Source
from auditor.config.formats.terraform_scope import ModuleScope, scope_of
from auditor.documents.tree import Node


@dataclass(frozen=True, slots=True)
class Module:
    """One module folder: its files in order, and what its references mean."""

    files: tuple[Source, ...]
    scope: ModuleScope

    def resources(self, *types: str) -> Iterator[tuple[Source, str, str, Node]]:
        """Yield (file, type, name, body) of every resource of the types, versions such as ``_v1`` included."""
        for source in self.files:
            for kind, labels in pairs(source.document.root.get("resource")):
                if kind.removesuffix("_v1") in types:
                    for name, blocks in pairs(labels):
                        for body in blocks.items:
                            if self.scope.value(body.get("count")) not in ("0", "false"):
                                yield source, kind, name, body

    def blocks(self, kind: str) -> Iterator[tuple[Source, str, Node]]:
        """Yield (file, label, body) of the one-label blocks of a kind."""
        for source in self.files:
            for name, blocks in pairs(source.document.root.get(kind)):
                for body in blocks.items:
                    if self.scope.value(body.get("count")) not in ("0", "false"):
                        yield source, name, body


def module_of(source: Source, library: Library) -> Module | None:
    """Return the module folder that ``source`` is the first file of; ``None`` for its other files."""
    files = library.beside(source)
    return Module(files, scope_of(files)) if files and files[0] is source else None


def pairs(node: Node | None) -> list[tuple[str, Node]]:
    """Return the entries of a mapping by name, none of no node."""
    return [(k.text, v) for k, v in node.entries] if node is not None else []
