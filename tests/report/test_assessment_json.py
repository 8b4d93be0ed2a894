from __future__ import annotations

import dataclasses
import json
import types
from importlib import resources
from typing import Any, get_args, get_origin, get_type_hints

import jsonschema
import pytest

from auditor.errors import InvalidInputError
from auditor.facts import assessment as records
from auditor.report.assessment_json import CLOSED, LEFT_OUT, dump_assessment, load_assessment
from tests.report import samples

SCHEMA = json.loads(resources.files("auditor.report").joinpath("schemas/assessment-v1.json").read_text(encoding="utf-8"))
RECORDS = [
    kind
    for kind in vars(records).values()
    if dataclasses.is_dataclass(kind) and isinstance(kind, type) and kind is not records.Assessment
]


def _expected(kind: Any, key: tuple[str, str]) -> dict[str, Any]:
    """Return the schema that a field's type and vocabulary ask for."""
    if get_origin(kind) is types.UnionType:
        return {"anyOf": [_expected(get_args(kind)[0], key), {"type": "null"}]}
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        if kinds[-1] is Ellipsis:
            return {"type": "array", "items": _expected(kinds[0], key)}
        parts = [_expected(k, ("", "")) for k in kinds]
        return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(kinds), "maxItems": len(kinds)}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return {"$ref": f"#/$defs/{kind.__name__}"}
    name = {str: "string", bool: "boolean", int: "integer", float: "number"}[kind]
    return {"type": name, "enum": sorted(CLOSED[key])} if key in CLOSED else {"type": name}


@pytest.mark.parametrize("kind", [*RECORDS, records.Assessment], ids=lambda kind: str(kind.__name__))
def test_schema_and_records_agree_field_by_field(kind: Any) -> None:
    schema = SCHEMA if kind is records.Assessment else SCHEMA["$defs"][kind.__name__]
    names = [field.name for field in dataclasses.fields(kind)]
    hints = get_type_hints(kind)
    found = {name: {k: v for k, v in value.items() if k != "description"} for name, value in schema["properties"].items()}
    assert found == {name: _expected(hints[name], (kind.__name__, name)) for name in names}
    required = [name for name in names if (kind.__name__, name) not in LEFT_OUT]
    assert (list(schema["properties"]), schema["required"], schema["additionalProperties"]) == (names, required, False)


def test_schema_defines_each_record_and_no_other() -> None:
    assert sorted(SCHEMA["$defs"]) == sorted(kind.__name__ for kind in RECORDS)


def test_samples_validate_and_read_back(coder: records.Assessment, cursor: records.Assessment) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for assessment in (coder, cursor):
        data = dump_assessment(assessment)
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(data))
        assert load_assessment(data, "a.json") == assessment
        assert dump_assessment(load_assessment(data, "a.json")) == data
        assert data.endswith(b"}\n")


def test_goldens(coder: records.Assessment, cursor: records.Assessment, golden: Any) -> None:
    golden("coder.json", dump_assessment(coder).decode())
    golden("cursor.json", dump_assessment(cursor).decode())


def test_hostile_text_reads_back(coder: records.Assessment) -> None:
    closed = frozenset(name for _, name in CLOSED) | {"schema"}
    hostile = samples.replace_texts(coder, samples.HOSTILE, closed)
    assert load_assessment(dump_assessment(hostile), "a.json") == hostile


def _edited(assessment: records.Assessment, *path: Any, value: Any) -> bytes:
    raw = json.loads(dump_assessment(assessment))
    node = raw
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return json.dumps(raw).encode()


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("schema",), "assessment/v2", "not an assessment/v1 file"),
        (("tool",), 7, "$.tool"),
        (("flows", 2, "marks"), "undocumented", "$.flows[2].marks"),
        (("flows", 2, "invented"), "x", "$.flows[2].invented"),
        (("components", 0, "place", "inside"), "perhaps", "$.components[0].place.inside"),
        (("flows", 1, "sends_at_least"), ["content.gossip"], "$.flows[1].sends_at_least"),
        (("claim", "verdict"), "passed", "$.claim.verdict"),
        (("coverage", 0, "packets"), 1.5, "$.coverage[0].packets"),
        (("inputs", 0), {"path": "x"}, "$.inputs[0]"),
        (("assumed",), "false", "$.assumed"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_value_is_refused_with_its_place(coder: records.Assessment, path: Any, value: Any, where: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_assessment(_edited(coder, *path, value=value), "old.json")
    diagnostic = caught.value.diagnostics()[0]
    assert where in diagnostic.what
    assert diagnostic.path == "old.json"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "not JSON"),
        (b"[]", "not an assessment/v1 file"),
        (b"\xff", "not UTF-8 text"),
        (b'{"schema": "a", "schema": "b"}', "not strict JSON"),
        (b'{"schema": NaN}', "not strict JSON"),
        (b"[" * 100_000, "nested too deep"),
    ],
    ids=["empty", "list", "binary", "duplicate name", "NaN", "deep"],
)
def test_what_is_no_assessment_is_refused(data: bytes, what: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_assessment(data, "x.json")
    assert caught.value.diagnostics()[0].what == what
