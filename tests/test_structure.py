"""The shape of the code is a contract too: sizes, doors, layers, and what may stand in no file."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "auditor"
MODULES = sorted(PACKAGE.rglob("*.py"))
MAXIMUM_MODULE_LINES = 300
MAXIMUM_FUNCTION_LINES = 40
LONGER_FUNCTIONS = {
    "cli/check.py:command",  # one parameter and one line of help an option
}
DOORS = {
    "click": {"cli"},
    "dulwich": {"documents/revision.py"},
    "jsonschema": {"documents/schema.py"},
    "tree_sitter": {"documents/grammar.py"},
    "tree_sitter_hcl": {"documents/grammar.py"},
    "tree_sitter_toml": {"documents/grammar.py"},
    "yaml": {"documents/yaml_reader.py", "catalog/reading.py"},
    "ibis": {"traffic/lake"},
    "pyarrow": {"traffic/lake/writing.py"},
    "pyspark": {"traffic/lake/engines.py"},
    "numpy": {"traffic/fast"},
    "numba": {"traffic/fast/compiled.py"},
    "scapy": {"traffic"},
    "networkx": {"graph"},
    "msgspec": {"report/assessment_json.py", "report/comparison_json.py"},
    "jinja2": {"report"},
    "typst": {"report/pdf.py"},
    "xlsxwriter": {"report/xlsx.py"},
    "rich": {"report"},
    "cryptography": {"traffic/quic_keys.py", "report/envelope.py"},
    "lz4": {"traffic/compression.py"},
    "zstandard": {"traffic/compression.py"},
    "duckdb": {"traffic/logs/parquet.py"},
}
"""Library -> the folders or modules that may import it (docs/design.md, "Doors")."""


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    """A module holds one concept in 300 lines or fewer, a function (without docstring) 40 or fewer."""
    source = path.read_text()
    assert len(source.splitlines()) <= MAXIMUM_MODULE_LINES
    too_long = []
    for name, node in _functions(ast.parse(source)):
        body = node.body[1:] if ast.get_docstring(node) else node.body
        length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
        if length > MAXIMUM_FUNCTION_LINES and f"{path.relative_to(PACKAGE)}:{name}" not in LONGER_FUNCTIONS:
            too_long.append((name, length))
    assert too_long == []


def _imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield (top-level package, whether the import stands at module level)."""
    tree = ast.parse(path.read_text())
    top = set(map(id, tree.body))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        else:
            continue
        for name in names:
            yield name.split(".")[0], id(node) in top


def test_each_library_has_one_door() -> None:
    found = {(package, str(path.relative_to(PACKAGE))) for path in MODULES for package, _ in _imports(path) if package in DOORS}
    strangers = [
        (package, module)
        for package, module in sorted(found)
        if not any(module == door or module.startswith(door + "/") for door in DOORS[package])
    ]
    assert strangers == []


def test_only_known_libraries_are_imported() -> None:
    packages = {package for path in MODULES for package, _ in _imports(path)}
    assert packages - set(sys.stdlib_module_names) - {"auditor"} <= set(DOORS)


def test_heavy_libraries_are_imported_inside_functions() -> None:
    heavy = {"dulwich", "pandas", "scapy", "networkx", "jinja2", "cryptography", "lz4", "zstandard"}
    at_top = [(str(p.relative_to(PACKAGE)), package) for p in MODULES for package, top in _imports(p) if top and package in heavy]
    assert at_top == []


def test_import_rules_hold() -> None:
    """Stages are layers that never import each other (contract in pyproject.toml)."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


_REGISTRY_HOSTS = [r"registry\.npm" + "js", r"pypi\.o" + "rg", r"pythonhost" + "ed", r"deb\.debi" + "an"]
_MACHINE_PATHS = [r"(^|[^A-Za-z0-9_.])/" + r"(work|farm)/[a-z]", r"(^|[^A-Za-z0-9_.])/" + r"root/[.a-z]"]


def test_no_file_names_a_path_of_a_machine_or_a_package_registry() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout")
    forbidden = re.compile("|".join(_REGISTRY_HOSTS + _MACHINE_PATHS), re.MULTILINE)
    hits = []
    for name in filter(None, tracked.stdout.split("\0")):
        path = ROOT / name
        if not path.is_file():
            continue
        data = path.read_bytes()
        if b"\0" not in data[:8192] and (found := forbidden.search(data.decode("utf-8", "replace"))):
            hits.append((name, found.group(0)))
    assert hits == []
