"""Label selectors (Kubernetes API ``LabelSelector``), three-valued where labels are not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.documents import Node, NodeKind
from auditor.facts.truth import Truth, all_of, negate

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
REDACTED = "redacted"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement; ``NotIn`` and ``DoesNotExist`` hold for objects that lack the key (facts P7)."""

    key: str
    operator: str
    values: tuple[str, ...]

    def matches(self, labels: Mapping[str, str], *, complete: bool) -> Truth:
        """Return whether ``labels`` meet it; a key that is absent from incomplete labels, or a strange operator, is unknown."""
        if self.operator not in OPERATORS:
            return Truth.UNKNOWN
        if self.key not in labels and not complete:
            return Truth.UNKNOWN
        there = self.key in labels
        if self.operator in ("Exists", "DoesNotExist"):
            return Truth.of(there is (self.operator == "Exists"))
        listed = Truth.of(there and labels[self.key] in self.values)
        return listed if self.operator == "In" else negate(listed)


@dataclass(frozen=True, slots=True)
class Selector:
    """All requirements together; an empty selector matches every object, no selector (``None``) is for the caller to read."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str], *, complete: bool = True) -> Truth:
        """Return whether an object with ``labels`` is selected."""
        return all_of(r.matches(labels, complete=complete) for r in self.requirements)


EVERYTHING = Selector()


def read_selector(node: Node | None) -> Selector | None:
    """Return the selector below a key, ``None`` where the key is absent or null."""
    if node is None or node.kind is NodeKind.NULL:
        return None
    if any(part.redacted for _, part in node.walk()) or any(k.redacted for _, part in node.walk() for k, _ in part.entries):
        # A secret of the file stands in the selector too: what it selects cannot be told from the redacted text.
        return Selector((Requirement("", REDACTED, ()),))
    labels = node.get("matchLabels")
    found = [Requirement(key.text, "In", (value.text,)) for key, value in (labels.entries if labels is not None else ())]
    expressions = node.get("matchExpressions")
    for item in expressions.items if expressions is not None else ():
        values = item.get("values")
        found.append(
            Requirement(_text(item, "key"), _text(item, "operator"), tuple(v.text for v in values.items) if values else ())
        )
    return Selector(tuple(found))


def _text(node: Node, key: str) -> str:
    value = node.get(key)
    return value.text if value is not None else ""
