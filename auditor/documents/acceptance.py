"""A quick yes for files that plainly keep to their schema, so that a sound manifest costs no import of ``jsonschema``.

It knows the few keywords that our own schemas use and answers yes or "ask the library": a keyword that it
does not know, or any doubt, is left to ``documents.schema``, which also explains every fault. A test holds
both to the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_SAYS_NOTHING = frozenset({"$schema", "title", "description", "$defs", "properties"})
_TYPES = {"object": dict, "array": list, "string": str}

Check = Callable[[Any, Any, Mapping[str, Any], Mapping[str, Any]], bool]
"""(value, what the keyword says, the subschema, the whole schema) -> certainly keeps to it."""


def plainly_accepts(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    """Return whether ``value`` (mappings, lists, texts, ``None``) certainly keeps to ``schema``; no means "not sure"."""
    return all(
        keyword in _SAYS_NOTHING or (keyword in _CHECKS and _CHECKS[keyword](value, said, schema, whole))
        for keyword, said in schema.items()
    ) and _properties(value, schema, whole)


def _properties(value: Any, schema: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    known = schema.get("properties", {})
    return not isinstance(value, dict) or all(plainly_accepts(value[k], s, whole) for k, s in known.items() if k in value)


def _reference(value: Any, said: Any, _: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    prefix, _, name = said.rpartition("/")
    return prefix == "#/$defs" and name in whole.get("$defs", {}) and plainly_accepts(value, whole["$defs"][name], whole)


def _additional(value: Any, said: Any, schema: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    if not isinstance(value, dict):
        return True
    others = [v for k, v in value.items() if k not in schema.get("properties", {})]
    return not others if said is False else said is not True and all(plainly_accepts(v, said, whole) for v in others)


_CHECKS: Mapping[str, Check] = {
    "type": lambda v, said, _, __: any(
        isinstance(v, _TYPES.get(name, ())) for name in ([said] if isinstance(said, str) else said)
    ),
    "required": lambda v, said, _, __: not isinstance(v, dict) or all(k in v for k in said),
    "const": lambda v, said, _, __: isinstance(said, str) and v == said,
    "enum": lambda v, said, _, __: isinstance(v, str) and v in said,
    "pattern": lambda v, said, _, __: not isinstance(v, str) or re.search(said, v) is not None,
    "minLength": lambda v, said, _, __: not isinstance(v, str) or len(v) >= said,
    "minItems": lambda v, said, _, __: not isinstance(v, list) or len(v) >= said,
    "minProperties": lambda v, said, _, __: not isinstance(v, dict) or len(v) >= said,
    "uniqueItems": lambda v, said, _, __: said is True and (not isinstance(v, list) or all(v.count(i) == 1 for i in v)),
    "items": lambda v, said, _, whole: not isinstance(v, list) or all(plainly_accepts(i, said, whole) for i in v),
    "propertyNames": lambda v, said, _, whole: not isinstance(v, dict) or all(plainly_accepts(k, said, whole) for k in v),
    "additionalProperties": _additional,
    "$ref": _reference,
}
