"""The door to PyYAML for catalog files: text in, trees of plain text out.

Catalog files are read without implicit types (YAML 1.1 would turn Norway's ``NO`` into a boolean), with
the C parser where it is there: one product of 60 KB costs about 20 ms.
"""

from __future__ import annotations

import re
from typing import Any, NoReturn, cast

from auditor.errors import Diagnostic, InvalidInputError

Tree = dict[str, Any]
"""Mapping of text to text, lists and mappings; never another scalar type."""


def parse_text(text: str, path: str) -> Tree:
    """Return the tree of the YAML ``text``, every scalar as written.

    Raises:
        InvalidInputError: not YAML, or not a mapping; the message names ``path`` and the position.
    """
    import yaml

    try:
        tree = _build(getattr(yaml, "CBaseLoader", yaml.BaseLoader)(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise InvalidInputError(
            Diagnostic(
                what="this catalog file is not valid YAML",
                why=str(getattr(error, "problem", "") or "the parser gives no reason"),
                next_step="mend the file at this place",
                path=path,
                line=mark.line + 1 if mark else 0,
                column=mark.column + 1 if mark else 0,
            )
        ) from error
    if not isinstance(tree, dict):
        raise InvalidInputError(
            Diagnostic(what="a catalog file is a mapping", next_step="see docs/catalog.md", path=path, line=1, column=1)
        )
    return cast("Tree", tree)


def _build(parser: Any) -> Any:
    """Return the one tree of the events of ``parser``: three times as fast as composing and constructing nodes.

    Raises:
        yaml.YAMLError: not YAML, or an alias (docs/catalog.md, "Form rules").
    """
    from yaml import events

    waiting: list[tuple[Any, str | None]] = []
    here: Any = None
    key: str | None = None
    value: Any = None
    while not isinstance(event := parser.get_event(), events.StreamEndEvent):
        if isinstance(event, events.ScalarEvent):
            value = event.value
        elif isinstance(event, events.MappingStartEvent | events.SequenceStartEvent):
            waiting.append((here, key))
            here, key = ({} if isinstance(event, events.MappingStartEvent) else []), None
            continue
        elif isinstance(event, events.MappingEndEvent | events.SequenceEndEvent):
            value = here
            here, key = waiting.pop()
        elif isinstance(event, events.AliasEvent):
            _refuse("a catalog file holds no anchors", event)
        else:
            continue
        if isinstance(here, list):
            here.append(value)
        elif here is not None and key is None:
            key = value if isinstance(value, str) else _refuse("a key of a catalog file is a text", event)
        elif here is not None:
            here[key], key = value, None
    return value


def _refuse(what: str, event: Any) -> NoReturn:
    from yaml.composer import ComposerError

    raise ComposerError(None, None, what, event.start_mark)


def section(text: str, key: str) -> str:
    """Return the text of the top-level ``key`` with its value, empty when it is not there.

    Catalog files keep top-level keys in column 0 (docs/catalog.md), so that recognising a product needs no parse of all of it.
    """
    match = re.search(rf"^{re.escape(key)}:.*?(?=^[A-Za-z_]|\Z)", text, re.MULTILINE | re.DOTALL)
    return match.group(0) if match else ""
