"""What a value of a CloudFormation template is, as far as the template decides it (AWS, "Intrinsic function reference").

A parameter counts with its default, as a variable of Terraform does. Attributes of resources, imports, mappings, conditions and
pseudo parameters are decided when the stack is made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from auditor.documents.tree import Node, NodeKind

_HOLE = re.compile(r"\$\{([^}!][^}]*)\}")
_LITERAL = re.compile(r"\$\{!([^}]*)\}")
_RESOLVED = "{{resolve:"
"""What a dynamic reference to Secrets Manager or the Parameter Store begins with."""
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class TemplateValues:
    """Decides values of one template; of a task definition that is no template, every text stands for itself."""

    parameters: Mapping[str, str]

    @classmethod
    def of(cls, root: Node) -> TemplateValues:
        """Return the values of a template, its parameters with their defaults."""
        listed = root.get("Parameters")
        found = ((k.text, v.get("Default")) for k, v in (listed.entries if listed is not None else ()))
        return cls({name: default.text for name, default in found if default is not None and default.kind is NodeKind.SCALAR})

    def text(self, node: Node | None) -> str | None:
        """Return a text, ``None`` where a run decides a part of it."""
        found = self.written(node)
        return None if found is None or "${" in found or found.startswith(_RESOLVED) else found

    def written(self, node: Node | None, depth: int = 0) -> str | None:
        """Return a text in which what a run decides stays as ``${…}``; ``None`` for what is no text at all."""
        if node is None or depth > _DEEPEST or node.kind in (NodeKind.NULL, NodeKind.SEQUENCE):
            return None
        if node.kind is NodeKind.SCALAR:
            return node.text
        if len(node.entries) != 1:
            return None
        name, inner = node.entries[0]
        functions = {"Ref": self._referred, "Fn::Sub": self._substituted, "Fn::Join": self._joined, "Fn::Base64": self.written}
        known = functions.get(name.text)
        return known(inner, depth + 1) if known is not None else "${" + name.text + "}"

    def _referred(self, node: Node, _: int) -> str:
        return self.parameters.get(node.text, "${" + node.text + "}")

    def _substituted(self, node: Node, depth: int) -> str | None:
        text, own = (node.items[0], node.at(1)) if node.items else (node, None)
        if text.kind is not NodeKind.SCALAR:
            return None
        given = {k.text: self.written(v, depth + 1) for k, v in (own.entries if own is not None else ())}
        values = {**self.parameters, **{name: value for name, value in given.items() if value is not None}}
        return _LITERAL.sub(r"${\1}", _HOLE.sub(lambda m: values.get(m.group(1).strip(), m.group()), text.text))

    def _joined(self, node: Node, depth: int) -> str | None:
        if len(node.items) != 2 or not node.items[1].items:  # noqa: PLR2004 -- a delimiter and a list
            return None
        parts = [self.written(item, depth + 1) for item in node.items[1].items]
        return node.items[0].text.join("${…}" if part is None else part for part in parts)
