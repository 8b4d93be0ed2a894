"""What references in a Terraform module mean: variables with their defaults and ``*.tfvars``, locals.

A module is the folder of its files (Terraform, "Files and Directories"). A variable that a caller may set otherwise counts
with its default, as a compose file's ``${X:-default}`` does; one without a default is undecided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from auditor.config.bindings import Source
from auditor.documents import UNDECIDED, Value, evaluate
from auditor.documents.tree import Node, NodeKind

_DEEPEST = 40
"""References that lead on to references; a circle is an error of Terraform, and undecided here."""


@dataclass(slots=True)
class ModuleScope:
    """The values of one module folder, decided when asked for and kept."""

    variables: Mapping[str, Node]
    given: Mapping[str, Node]
    """From ``terraform.tfvars`` and ``*.auto.tfvars``, the later of two files by name wins."""
    local_values: Mapping[str, Node]
    _known: dict[str, Value] = field(default_factory=dict)
    _depth: int = 0

    def value(self, node: Node | None) -> Value:
        """Return the value of an attribute."""
        if node is None or node.kind is NodeKind.NULL:
            return None
        if node.kind is NodeKind.SEQUENCE:
            return [self.value(item) for item in node.items]
        if node.kind is NodeKind.MAPPING:
            return {key.text: self.value(item) for key, item in node.entries}
        return evaluate(node.text, self.lookup)

    def lookup(self, reference: str) -> Value:
        """Return what ``var.x``, ``local.x`` or an attribute of one of them is."""
        kind, _, rest = reference.partition(".")
        name, _, below = rest.partition(".")
        node = self._node(kind, name)
        if node is None or self._depth > _DEEPEST:
            return UNDECIDED
        key = f"{kind}.{name}"
        if key not in self._known:
            self._depth += 1
            self._known[key] = self.value(node)
            self._depth -= 1
        return _below(self._known[key], below)

    def _node(self, kind: str, name: str) -> Node | None:
        if kind == "local":
            return self.local_values.get(name)
        if kind != "var":
            return None
        if name in self.given:
            return self.given[name]
        variable = self.variables.get(name)
        return variable.get("default") if variable is not None else None


def _below(value: Value, path: str) -> Value:
    for step in path.split(".") if path else ():
        if not isinstance(value, dict) or step not in value:
            return UNDECIDED
        value = value[step]
    return value


def address_of(origin: str) -> str:
    """Return where a module is loaded from, empty for a local one (Terraform, "Module Sources")."""
    if "://" in origin or not origin or origin.startswith((".", "/")):
        return origin if "://" in origin else ""
    first = origin.partition("/")[0]
    return f"https://{origin}" if "." in first else f"https://registry.terraform.io/{origin}"


def scope_of(files: tuple[Source, ...]) -> ModuleScope:
    """Return the scope of a module folder."""
    variables: dict[str, Node] = {}
    given: dict[str, Node] = {}
    local_values: dict[str, Node] = {}
    for source in files:
        root, name = source.document.root, PurePosixPath(source.document.path).name
        if name.endswith(".tfvars"):
            if name == "terraform.tfvars" or name.endswith(".auto.tfvars"):
                given.update({key.text: value for key, value in root.entries})
            continue
        for label, blocks in _entries(root.get("variable")):
            variables[label] = blocks.items[0]
        for body in _items(root.get("locals")):
            local_values.update({key.text: value for key, value in body.entries})
    return ModuleScope(variables, given, local_values)


def _entries(node: Node | None) -> list[tuple[str, Node]]:
    return [(k.text, v) for k, v in node.entries if v.items] if node is not None else []


def _items(node: Node | None) -> tuple[Node, ...]:
    return node.items if node is not None else ()
