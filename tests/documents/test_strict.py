"""Files of our own formats: schema errors with the place of the node, in plain words."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from auditor.documents import load_strict
from auditor.errors import InvalidInputError

SCHEMAS = sorted(p.name for p in (resources.files("auditor.documents") / "schemas").iterdir())
TEXT = {"type": "string"}


def faults(tmp_path: Path, text: str, schema: dict[str, Any], name: str = "x.yaml") -> list[tuple[int, int, str, str, str]]:
    """Return what is wrong with ``text`` under ``schema``."""
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidInputError) as caught:
        load_strict(tmp_path / name, name, tmp_path / "schema.json")
    assert {d.path for d in caught.value.diagnostics()} == {name}
    return [(d.line, d.column, d.what, d.why, d.next_step) for d in caught.value.diagnostics()]


@pytest.mark.parametrize("name", SCHEMAS)
def test_shipped_schemas_are_valid(name: str) -> None:
    text = (resources.files("auditor.documents") / "schemas" / name).read_text()
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_every_fault_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["title", "owner"],
        "properties": {
            "title": TEXT,
            "owner": TEXT,
            "level": {"enum": ["high", "low"]},
            "codes": {"type": "array", "uniqueItems": True, "items": {"pattern": "^[A-Z]{2}$", "description": "two capitals"}},
        },
    }
    assert faults(tmp_path, "levle: high\nlevel: hihg\ncodes:\n  - DE\n  - x\n  - DE\n", schema) == [
        (1, 1, 'the file lacks "owner"', "", 'add "owner:"'),
        (1, 1, 'the file lacks "title"', "", 'add "title:"'),
        (1, 1, 'unknown key "levle"', "known here: title, owner, level, codes", 'did you mean "level"?'),
        (2, 8, 'level is "hihg", which is not one of: high, low', "", 'did you mean "high"?'),
        (4, 3, "codes names something twice", "", "keep one of the two"),
        (5, 5, 'codes[2] is "x", which has the wrong form', "two capitals", "correct the value"),
    ]


def test_of_alternatives_the_one_that_came_closest_is_told(tmp_path: Path) -> None:
    wide = {"type": "object", "additionalProperties": False, "properties": {"not": TEXT, "any": TEXT}}
    schema = {"type": "object", "properties": {"operator": {"anyOf": [TEXT, wide]}}}
    assert faults(tmp_path, "operator: {nto: customer}", schema) == [
        (1, 12, 'unknown key "nto"', "known here: not, any", 'did you mean "not"?'),
    ]
    assert faults(tmp_path, "operator: [a]", schema) == [
        (1, 11, "operator has a form that is not known here", "", "correct the value")
    ]


def test_names_of_keys_are_checked_where_they_stand(tmp_path: Path) -> None:
    schema = {"type": "object", "propertyNames": {"pattern": "^[a-z]+$", "description": "lower-case letters"}}
    assert faults(tmp_path, "ok: 1\nBad Name: 2\n", schema) == [
        (2, 1, 'key "Bad Name" has the wrong form', "lower-case letters", "rename it")
    ]


def test_json_files_are_read_as_json(tmp_path: Path) -> None:
    assert faults(tmp_path, '{"a": 1,}', {}, "x.json")[0][2] == "the file is not valid JSON"


def test_scalars_are_texts_and_secrets_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text(json.dumps({"additionalProperties": {"type": "string"}}))
    (tmp_path / "x.yaml").write_text("a: NO\nb: 1.10\nc: 2026-11-20\npassword: hunter2\n")
    document = load_strict(tmp_path / "x.yaml", "x.yaml", tmp_path / "schema.json")
    assert [value.text for _, value in document.root.entries] == ["NO", "1.10", "2026-11-20", "secret-1"]
    assert document.lines[3] == "password: secret-1"
