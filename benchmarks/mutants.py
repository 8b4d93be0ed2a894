"""Mutants of a module: each changes one operator, quantifier, truth, verdict, condition, default or statement of it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
}
_SHIFTED: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
}
_NAMES = {
    "all_of": "any_of",
    "any_of": "all_of",
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "isdisjoint": "issuperset",
    "issuperset": "isdisjoint",
    "intersection": "union",
    "union": "intersection",
}
_MEMBERS = {
    "Truth": {"YES": ("NO", "UNKNOWN"), "NO": ("YES", "UNKNOWN"), "UNKNOWN": ("YES", "NO")},
    "InForce": {"YES": ("NO",), "NO": ("YES",), "NOT_YET": ("YES",), "EXPIRED": ("YES",)},
    "Verdict": {
        "PASS": ("UNKNOWN", "FAIL"),
        "FAIL": ("UNKNOWN", "PASS"),
        "UNKNOWN": ("PASS", "FAIL"),
        "NOT_APPLICABLE": ("PASS", "UNKNOWN"),
    },
    "OnUnknown": {"BLOCK": ("WARN",), "WARN": ("BLOCK",)},
    "Sighting": {"DATA": ("ATTEMPT", "NONE_COVERED"), "ATTEMPT": ("NONE_COVERED",), "NONE_UNCOVERED": ("NONE_COVERED",)},
}
"""Members of the closed vocabularies that verdicts are made of, and what stands in their place."""

_WIDTH = 90
"""Characters of source that a mutant shows."""

Change = Callable[[ast.AST, ast.AST], ast.AST]
"""Given the node and its parent in a copy of the tree, change it; return the node that is to stand in its place."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module."""

    module: str
    path: Path
    first_line: int
    """First line of the statement that holds the change."""
    last_line: int
    column: int
    in_function: bool
    """Whether the change is met when a function runs, and not already on import."""
    change: str
    source: str
    """The line of the module that is changed."""
    text: str
    """The module as it is."""
    tree: ast.Module
    """The module as it is changed."""

    @property
    def name(self) -> str:
        """Return how the mutant is told: where it stands, and what was changed to what."""
        return f"{self.path.name}:{self.first_line}:{self.column}: {self.change}"


def mutants(module: str, path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a module, in the order of its nodes."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    lines = text.splitlines()
    passive = _passive(tree)
    statements, inner = _statements(tree), _in_functions(tree)
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in passive:
            continue
        for change in _changes(node):
            mutated = copy.deepcopy(tree)
            target = next(n for position, n in enumerate(ast.walk(mutated)) if position == number)
            before = _short(target)
            after = _replace(mutated, target, change)
            at = statements.get(id(node), node)
            yield Mutant(
                module=module,
                path=path,
                first_line=getattr(at, "lineno", 0),
                last_line=_last_line(node),
                column=getattr(node, "col_offset", 0),
                in_function=id(node) in inner,
                change=f"{before} -> {after}",
                source=lines[getattr(node, "lineno", getattr(statements.get(id(node)), "lineno", 1)) - 1],
                text=text,
                tree=ast.fix_missing_locations(mutated),
            )


def _passive(tree: ast.Module) -> set[int]:
    """Return the nodes that decide nothing: annotations, decorators of records, the texts of assertions about types."""
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        found.extend(getattr(node, "decorator_list", ()))
        found.extend(part for name in ("annotation", "returns") if (part := getattr(node, name, None)) is not None)
        match node:
            case ast.Call(func=ast.Name(id="TypeVar" | "cast" | "NewType")):
                found.append(node)
            case ast.Assign(targets=[ast.Name(id=name)]) if name[:1].isupper() and not name.isupper():
                found.append(node.value)  # the alias of a type
    return {id(part) for node in found for part in ast.walk(node)}


def _statements(tree: ast.Module) -> dict[int, ast.AST]:
    """Return for each node the innermost statement that it belongs to."""
    found: dict[int, ast.AST] = {}

    def visit(node: ast.AST, statement: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            statement = node
        found[id(node)] = statement
        for child in ast.iter_child_nodes(node):
            visit(child, statement)

    visit(tree, tree)
    return found


def _in_functions(tree: ast.Module) -> set[int]:
    """Return the nodes of the bodies of functions."""
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.Lambda)]
    bodies = [part for f in functions for part in (f.body if isinstance(f, ast.FunctionDef) else [f.body])]
    return {id(n) for body in bodies for n in ast.walk(body)}


def _last_line(node: ast.AST) -> int:
    """Return the last line of what decides at ``node``: of an ``if`` or ``for``, its head."""
    head = next((part for name in ("test", "iter") if (part := getattr(node, name, None)) is not None), node)
    return int(getattr(head, "end_lineno", None) or getattr(node, "lineno", 0))


def _short(node: ast.AST) -> str:
    head = {ast.If: "if", ast.While: "while", ast.IfExp: "if"}.get(type(node))
    text = f"{head} {ast.unparse(node.test)}" if head else ast.unparse(node)  # type: ignore[attr-defined]
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}..."


def _replace(tree: ast.Module, target: ast.AST, change: Change) -> str:
    parent = next(n for n in ast.walk(tree) if any(child is target for child in ast.iter_child_nodes(n)))
    new = change(target, parent)
    if new is not target:
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, new)
            elif isinstance(value, list):
                setattr(parent, name, [new if item is target else item for item in value])
        ast.copy_location(new, target)
    return _short(new)


def _changes(node: ast.AST) -> Iterator[Change]:
    """Yield the changes that are made to a node."""
    yield from _changes_of_logic(node)
    yield from _changes_of_words(node)
    yield from _changes_of_statements(node)


def _changes_of_logic(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=ops):
            pairs = [(at, table[type(op)]) for at, op in enumerate(ops) for table in (_NEGATED, _SHIFTED) if type(op) in table]
            yield from (_set_operator(at, other) for at, other in pairs)
        case ast.BoolOp(values=values):
            yield _swap_and_or
            yield from (_drop_operand(at) for at in range(len(values)))
        case ast.UnaryOp(op=ast.Not()):
            yield lambda n, _: n.operand  # type: ignore[attr-defined,no-any-return]
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            yield _set_field("op", _OPERATORS[type(op)]())


def _changes_of_words(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in _NAMES:
            yield _set_field("id", _NAMES[name])
        case ast.Attribute(attr=attr) if attr in _NAMES:
            yield _set_field("attr", _NAMES[attr])
        case ast.Attribute(attr=attr, value=ast.Name(id=words)) if attr in _MEMBERS.get(words, {}):
            yield from (_set_field("attr", other) for other in _MEMBERS[words][attr])
        case ast.Constant(value=bool() as value):
            yield _set_field("value", not value)
        case ast.Constant(value=int() as value):
            yield _set_field("value", value + 1)


def _changes_of_statements(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.If(test=test) | ast.IfExp(test=test) if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            yield _negate_test
        case ast.comprehension(ifs=ifs) if ifs:
            yield _set_field("ifs", [])
        case ast.Continue():
            yield lambda *_: ast.Break()
            yield lambda *_: ast.Pass()
        case ast.Expr(value=ast.Call() | ast.YieldFrom() | ast.Yield()) | ast.AugAssign():
            yield lambda *_: ast.Pass()


def _set_field(name: str, value: object) -> Change:
    def change(node: ast.AST, _: ast.AST) -> ast.AST:
        setattr(node, name, value)
        return node

    return change


def _set_operator(at: int, operator: type[ast.cmpop]) -> Change:
    def change(node: ast.AST, _: ast.AST) -> ast.AST:
        node.ops[at] = operator()  # type: ignore[attr-defined]
        return node

    return change


def _swap_and_or(node: ast.AST, _: ast.AST) -> ast.AST:
    node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()  # type: ignore[attr-defined]
    return node


def _drop_operand(at: int) -> Change:
    def change(node: ast.AST, _: ast.AST) -> ast.AST:
        left: list[ast.AST] = [value for number, value in enumerate(node.values) if number != at]  # type: ignore[attr-defined]
        if len(left) == 1:
            return left[0]
        node.values = left  # type: ignore[attr-defined]
        return node

    return change


def _negate_test(node: ast.AST, _: ast.AST) -> ast.AST:
    node.test = ast.UnaryOp(ast.Not(), node.test)  # type: ignore[attr-defined]
    return node
