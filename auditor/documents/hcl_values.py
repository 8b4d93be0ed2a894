"""Values of HCL expressions, as far as they can be decided without running Terraform.

A pure function over the syntax tree: literals, references that the caller can resolve, templates, conditionals, comparisons
and a handful of functions without side effects (Terraform, "Expressions" and "Functions"). Everything else is ``UNDECIDED``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from auditor.documents.grammar import Grammar, Syntax
from auditor.documents.source import FaultError

if TYPE_CHECKING:
    from auditor.documents.grammar import SyntaxNode


class Undecided:
    """The type of ``UNDECIDED``."""

    def __repr__(self) -> str:
        return "UNDECIDED"


UNDECIDED: Final = Undecided()
"""A value that only a run of Terraform decides."""

Value: TypeAlias = "str | bool | list[Value] | dict[str, Value] | Undecided | None"
"""Numbers are their text."""
Lookup: TypeAlias = Callable[[str], Value]
"""``var.region`` or ``local.env`` to its value; ``UNDECIDED`` where it has none."""

_DEEPEST = 60
_WRAPPERS = frozenset({"expression", "template_expr", "collection_value", "literal_value", "operation", "function_call"})


def evaluate(text: str, lookup: Lookup) -> Value:
    """Return the value of a scalar of an HCL tree: a literal, or a template with ``${…}`` in it."""
    if "${" not in text and "%{" not in text:
        return text.replace("$${", "${").replace("%%{", "%{")
    whole = text[2:-1] if text.startswith("${") and text.endswith("}") else ""
    for source in (whole, _quoted(text)):
        if not source:
            continue
        try:
            syntax = Syntax(f"x = {source}\n", Grammar.HCL)
        except FaultError:
            continue
        body = syntax.root.named_children[0]
        attribute = body.named_children[0]
        if body.named_child_count == 1 and attribute.type == "attribute":
            return _Evaluation(syntax, lookup).value(attribute.named_children[-1], 0)
    return UNDECIDED


def as_text(value: Value) -> str | None:
    """Return the text that a string attribute gets, ``None`` for what has none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None


def _quoted(text: str) -> str:
    """Return a template as the source of one quoted string, its interpolations untouched."""
    parts: list[str] = []
    depth = 0
    for index, character in enumerate(text):
        opens = text.startswith(("${", "%{"), index) and text[index - 1 : index] not in ("$", "%")
        if opens:
            depth += 1
        elif depth and character == "}":
            depth -= 1
        if depth or character not in '"\\\n\r\t':
            parts.append(character)
        else:
            parts.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, "\\" + character))
    return '"' + "".join(parts) + '"'


def _is_stripped(node: SyntaxNode, index: int) -> bool:
    """Return whether a strip marker stands at one end of an interpolation."""
    return node.type == "template_interpolation" and node.named_children[index].type == "strip_marker"


class _Evaluation:
    def __init__(self, syntax: Syntax, lookup: Lookup) -> None:
        self._syntax = syntax
        self._lookup = lookup

    def value(self, node: SyntaxNode, depth: int) -> Value:
        if depth > _DEEPEST:
            return UNDECIDED
        children = node.named_children
        if node.type == "expression" and len(children) > 1:
            return self._traversal(node, depth)
        if node.type in _WRAPPERS and node.type != "function_call" and len(children) == 1:
            return self.value(children[0], depth + 1)
        handler = {
            "string_lit": self._template,
            "quoted_template": self._template,
            "numeric_lit": lambda n, _: self._syntax.of(n),
            "bool_lit": lambda n, _: self._syntax.of(n) == "true",
            "null_lit": lambda *_: None,
            "variable_expr": lambda n, _: self._lookup(self._syntax.of(n)),
            "conditional": self._conditional,
            "binary_operation": self._binary,
            "unary_operation": self._unary,
            "tuple": lambda n, d: [self.value(c, d + 1) for c in n.named_children if c.type == "expression"],
            "object": self._object,
            "function_call": self._call,
        }.get(node.type)
        return UNDECIDED if handler is None else handler(node, depth)

    def _traversal(self, node: SyntaxNode, depth: int) -> Value:
        """Return what ``a.b["c"].d`` refers to; ``(x)`` is x."""
        first, *rest = node.named_children
        if first.type != "variable_expr" or any(step.type != "get_attr" for step in rest):
            return self.value(first, depth + 1) if not rest else UNDECIDED
        return self._lookup(self._syntax.of(node).replace(" ", ""))

    def _template(self, node: SyntaxNode, depth: int) -> Value:
        parts: list[str] = []
        for blank, child in self._with_blanks(node):
            parts.append(blank)
            if child.type == "template_literal":
                parts.append(_plain(self._syntax.of(child)))
            elif child.type == "template_interpolation":
                inner = next((c for c in child.named_children if c.type == "expression"), None)
                text = None if inner is None else as_text(self.value(inner, depth + 1))
                if text is None:
                    return UNDECIDED
                parts.append(text)
            elif child.type not in ("quoted_template_start", "quoted_template_end"):
                return UNDECIDED
        return "".join(parts)

    def _with_blanks(self, node: SyntaxNode) -> Iterator[tuple[str, SyntaxNode]]:
        """Yield each part of a template with the blanks before it.

        The grammar leaves blanks beside an interpolation out of its literals; a strip marker takes them away (HCL, "Templates").
        """
        at, stripped = self._syntax.start(node) + 1, True
        for child in node.named_children:
            blank = self._syntax.text[at : self._syntax.start(child)]
            yield "" if stripped or _is_stripped(child, 1) else blank, child
            at, stripped = self._syntax.end(child), _is_stripped(child, -2)

    def _conditional(self, node: SyntaxNode, depth: int) -> Value:
        condition, yes, no = (self.value(child, depth + 1) for child in node.named_children)
        if condition in (True, "true"):
            return yes
        return no if condition in (False, "false") else UNDECIDED

    def _binary(self, node: SyntaxNode, depth: int) -> Value:
        """Return a comparison or a logical operation; both sides may be traversals, so the operator splits the children."""
        at = next(i for i, child in enumerate(node.children) if not child.is_named)
        operator = self._syntax.of(node.children[at])
        left = self._operand(node.children[:at], depth)
        right = self._operand(node.children[at + 1 :], depth)
        if operator in ("&&", "||"):
            decisive = operator == "||"
            if decisive in (left, right):
                return decisive
            return UNDECIDED if UNDECIDED in (left, right) else not decisive
        if _has_undecided(left) or _has_undecided(right) or operator not in ("==", "!="):
            return UNDECIDED
        return (left == right) is (operator == "==")

    def _unary(self, node: SyntaxNode, depth: int) -> Value:
        operator = self._syntax.of(node.children[0])
        inner = self._operand(node.children[1:], depth)
        if operator == "!" and isinstance(inner, bool):
            return not inner
        return f"-{inner}" if operator == "-" and isinstance(inner, str) else UNDECIDED

    def _operand(self, nodes: list[SyntaxNode], depth: int) -> Value:
        if len(nodes) == 1:
            return self.value(nodes[0], depth + 1)
        if nodes and nodes[0].type == "variable_expr" and all(step.type == "get_attr" for step in nodes[1:]):
            return self._lookup("".join(self._syntax.of(n) for n in nodes).replace(" ", ""))
        return UNDECIDED

    def _object(self, node: SyntaxNode, depth: int) -> Value:
        found: dict[str, Value] = {}
        for element in node.named_children:
            if element.type != "object_elem":
                continue
            key, value = [c for c in element.named_children if c.type == "expression"]
            bare = key.named_children[0]
            name = self._syntax.of(bare) if bare.type == "variable_expr" else as_text(self.value(key, depth + 1))
            if name is None:
                return UNDECIDED
            found[name] = self.value(value, depth + 1)
        return found

    def _call(self, node: SyntaxNode, depth: int) -> Value:
        name = self._syntax.of(node.named_children[0])
        given = next((c for c in node.named_children if c.type == "function_arguments"), None)
        arguments = [self.value(c, depth + 1) for c in (given.named_children if given else ()) if c.type == "expression"]
        if name in ("coalesce", "try"):  # what follows the first decided value does not matter
            return next((a for a in arguments if a not in (None, "")), None) if arguments else UNDECIDED
        if name == "concat" and all(isinstance(a, list) for a in arguments):  # its items may well be undecided
            return [item for a in arguments if isinstance(a, list) for item in a]
        if any(_has_undecided(a) for a in arguments) or name not in _FUNCTIONS:
            return UNDECIDED
        try:
            return _FUNCTIONS[name](*arguments)
        except (TypeError, AttributeError, ValueError, IndexError):  # an argument of another type: Terraform would refuse it
            return UNDECIDED


def _has_undecided(value: Value) -> bool:
    if isinstance(value, list):
        return any(_has_undecided(item) for item in value)
    if isinstance(value, dict):
        return any(_has_undecided(item) for item in value.values())
    return value is UNDECIDED


def _plain(raw: str) -> str:
    text = raw.replace("$${", "${").replace("%%{", "%{")
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r").replace("\\\\", "\\")


def _tostring(value: Value) -> Value:
    return as_text(value) if value is not None else None


def _merge(*maps: Value) -> Value:
    found: dict[str, Value] = {}
    for each in maps:
        found.update(each)  # type: ignore[arg-type]  # another type is caught by the caller, as an undecided call
    return found


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "tostring": _tostring,
    "tobool": lambda v: v if isinstance(v, bool) else {"true": True, "false": False}[v],
    "tolist": list,
    "toset": list,
    "lower": lambda t: t.lower(),
    "upper": lambda t: t.upper(),
    "trimspace": lambda t: t.strip(),
    "trimsuffix": lambda t, s: t.removesuffix(s),
    "trimprefix": lambda t, s: t.removeprefix(s),
    "length": lambda v: str(len(v)),
    "contains": lambda items, item: item in items,
    "join": lambda separator, items: separator.join(items),
    "concat": lambda *lists: [item for each in lists for item in each],
    "merge": _merge,
    "replace": lambda t, a, b: UNDECIDED if a.startswith("/") and a.endswith("/") else t.replace(a, b),
    "sensitive": lambda v: v,
    "nonsensitive": lambda v: v,
}
"""Functions that depend on nothing but their arguments. A value that is not a map, list or text raises, and is undecided."""
