"""The quick yes never says yes to what the library refuses, and says it to every shipped file."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from auditor.documents import load_strict
from auditor.documents.acceptance import plainly_accepts
from auditor.documents.schema import plain

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "auditor" / "documents" / "schemas"
MANIFESTS = sorted((ROOT / "fixtures" / "deployments").glob("*/auditor.yaml"))
RULES = json.loads((SCHEMAS / "manifest-v1.json").read_text())
LIBRARY = Draft202012Validator(RULES)
VALUES = [plain(load_strict(path, path.name, None).root) for path in MANIFESTS]
WRONG: list[Any] = [None, "", "x", "NO", [], ["x"], ["DE", "DE"], {}, {"unknown": "x"}, {"zone": None}]


@pytest.mark.parametrize("value", VALUES, ids=[p.parent.name for p in MANIFESTS])
def test_every_shipped_manifest_is_accepted_without_the_library(value: Any) -> None:
    assert plainly_accepts(value, RULES, RULES)
    assert LIBRARY.is_valid(value)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += _places(inner, (*path, key))
    return found


@given(st.data())
def test_no_broken_manifest_is_accepted(data: st.DataObject) -> None:
    """Something anywhere replaced, removed or added: whatever is accepted, the library accepts too."""
    value = copy.deepcopy(data.draw(st.sampled_from(VALUES)))
    path = data.draw(st.sampled_from([p for p in _places(value) if p]))
    above = value
    for step in path[:-1]:
        above = above[step]
    action = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if action == "remove":
        del above[path[-1]]
    elif action == "add" and isinstance(above, dict):
        above[data.draw(st.sampled_from(["zone", "extra", "hosts"]))] = data.draw(st.sampled_from(WRONG))
    else:
        above[path[-1]] = data.draw(st.sampled_from(WRONG))
    assert not plainly_accepts(value, RULES, RULES) or LIBRARY.is_valid(value)


def test_a_keyword_that_it_does_not_know_is_left_to_the_library() -> None:
    assert not plainly_accepts("x", {"type": "string", "maxLength": 3}, {})
    assert not plainly_accepts("x", {"anyOf": [{"type": "string"}]}, {})
