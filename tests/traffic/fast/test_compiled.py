"""Kept machine code is never older than what it was made from."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from auditor.traffic.fast import compiled

FOLDER = Path(compiled.__file__).parent


def test_every_module_that_is_compiled_is_part_of_the_stamp() -> None:
    found = {path.stem for path in FOLDER.glob("*.py") if "fast.compiled import" in path.read_text()}
    assert found | {"compiled", "layout"} == set(compiled.COMPILED)


def test_every_module_that_lends_a_constant_is_part_of_the_stamp() -> None:
    lenders = set()
    for name in compiled.COMPILED:
        for node in ast.walk(ast.parse((FOLDER / f"{name}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").count(".") == 2:
                lenders.add((node.module or "").rpartition(".")[2])
    assert lenders - {"fast"} == set(compiled.CONSTANTS)


def test_a_changed_source_changes_the_stamp(monkeypatch: pytest.MonkeyPatch) -> None:
    before = compiled.source_stamp()
    monkeypatch.setattr(compiled, "CONSTANTS", compiled.CONSTANTS[1:])
    assert before != compiled.source_stamp()
    assert 0 < before < 2**63
