"""Mutation testing of the evaluator: a changed operator, quantifier or default must make some test fail.

Run: ``python -m benchmarks.mutation [--every N] [MODULE…]``. Each mutant is one change of one node of the syntax tree; the tests
of the stage run against it in the same process tree, with the changed module loaded from memory: no file is written. Printed are
the mutants that no test noticed, and the score. ``--every N`` takes each N-th mutant, for a run of bounded time.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = (
    "matching",
    "row_index",
    "presence",
    "component_rules",
    "flow_rules",
    "flow_items",
    "path_rules",
    "store_rules",
    "quantifiers",
    "wholly",
    "conditions",
    "scopes",
    "judging",
    "outcome",
    "sufficiency",
    "traffic_sufficiency",
    "exercise",
    "ages",
    "plausibility",
    "exceptions",
    "expiry",
    "verdicts",
)
TESTS = (
    "test_quantifiers.py",
    "test_matching.py",
    "test_wholly.py",
    "test_flow_rules.py",
    "test_plausibility.py",
    "test_exercise.py",
    "test_ages.py",
    "test_expiry.py",
    "test_traffic_sufficiency.py",
    "test_exceptions.py",
    "test_assess.py",
    "test_examples.py",
    "test_suggested.py",
    "test_shipped_controls.py",
    "test_spectrum.py",
    "test_refinement.py",
    "test_properties.py",
)
_SECONDS = 300
"""A mutant that runs longer hangs, and is noticed."""
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_NAMES = {"all_of": "any_of", "any_of": "all_of", "any": "all", "all": "any", "min": "max", "max": "min"}
_TRUTHS = {"YES": "NO", "NO": "YES", "UNKNOWN": "YES"}
_RUNNER = """
import importlib.machinery, importlib.util, sys
NAME, PATH, SOURCE = sys.argv[1], sys.argv[2], sys.stdin.read()

class Mutated(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        return compile(SOURCE, PATH, "exec")

class Finder:
    @staticmethod
    def find_spec(fullname, path=None, target=None):
        if fullname == NAME:
            return importlib.util.spec_from_file_location(NAME, PATH, loader=Mutated(NAME, PATH))

sys.meta_path.insert(0, Finder)
import pytest
options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header", "--hypothesis-seed=1"]
sys.exit(pytest.main([*options, *sys.argv[3:]]))
"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module."""

    module: str
    line: int
    change: str
    source: str


def mutants(module: str) -> Iterator[Mutant]:
    """Yield every mutant of a module of the stage, in order of its nodes."""
    text = (ROOT / "auditor" / "evaluate" / f"{module}.py").read_text(encoding="utf-8")
    tree = ast.parse(text)
    # ``frozen`` and ``slots`` of records decide nothing.
    decorating = {id(n) for d in ast.walk(tree) for part in getattr(d, "decorator_list", ()) for n in ast.walk(part)}
    for number, node in enumerate(ast.walk(tree)):
        for change in () if id(node) in decorating else _changes(node):
            mutated = copy.deepcopy(tree)
            target = next(n for position, n in enumerate(ast.walk(mutated)) if position == number)
            said = _apply(target, change)
            yield Mutant(module, getattr(node, "lineno", 0), said, ast.unparse(ast.fix_missing_locations(mutated)))


def _changes(node: ast.AST) -> list[str]:
    found = ""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            found = "comparison"
        case ast.BoolOp():
            found = "and or"
        case ast.UnaryOp(op=ast.Not()):
            found = "drop not"
        case ast.Name(id=name, ctx=ast.Load()) if name in _NAMES:
            found = "name"
        case ast.Attribute(attr=attr, value=ast.Name(id="Truth")) if attr in _TRUTHS:
            found = "truth"
        case ast.Constant(value=bool()):
            found = "boolean"
        case ast.Constant(value=int()):
            found = "number"
    return [found] if found else []


def _apply(node: ast.AST, change: str) -> str:
    """Change ``node`` in place and return what was changed."""
    before = ast.unparse(node)
    if isinstance(node, ast.Compare):
        node.ops = [_COMPARISONS[type(node.ops[0])]()]
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):
        node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
    elif isinstance(node, ast.Name):
        node.id = _NAMES[node.id]
    elif isinstance(node, ast.Attribute):
        node.attr = _TRUTHS[node.attr]
    elif isinstance(node, ast.Constant):
        node.value = not node.value if change == "boolean" else int(str(node.value)) + 1
    return f"{before} -> {ast.unparse(node)}"


def noticed(mutant: Mutant) -> bool:
    """Return whether a test fails, or nothing runs any more, with the mutant in place of its module."""
    name = f"auditor.evaluate.{mutant.module}"
    path = ROOT / "auditor" / "evaluate" / f"{mutant.module}.py"
    tests = [str(ROOT / "tests" / "evaluate" / test) for test in TESTS]
    command = [sys.executable, "-c", _RUNNER, name, str(path), *tests]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command, input=mutant.source, text=True, cwd=ROOT, env=environment, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main() -> None:
    """Print the mutants that live on and the score."""
    parser = argparse.ArgumentParser(description="Mutation testing of the evaluator.")
    parser.add_argument("--every", type=int, default=1, help="take each N-th mutant")
    parser.add_argument("modules", nargs="*", default=MODULES)
    given = parser.parse_args()
    chosen = [m for module in given.modules for m in mutants(module)][:: given.every]
    alive: list[Mutant] = []
    for number, mutant in enumerate(chosen, 1):
        if not noticed(mutant):
            alive.append(mutant)
            print(f"alive: {mutant.module}.py:{mutant.line}: {mutant.change}", flush=True)
        print(f"{number} of {len(chosen)}, {len(alive)} alive", file=sys.stderr)
    for module in given.modules:
        made, left = (sum(m.module == module for m in mutants_) for mutants_ in (chosen, alive))
        print(f"{module}: {made - left} of {made} noticed")
    print(f"{len(chosen) - len(alive)} of {len(chosen)} mutants noticed")


if __name__ == "__main__":
    main()
