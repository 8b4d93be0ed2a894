"""``portrait/v1`` as JSON: field order, two spaces, newline at the end; same record, same bytes."""

from __future__ import annotations

import dataclasses
import json

from auditor.facts.portrait import Portrait


def dump_portrait(portrait: Portrait) -> bytes:
    """Return ``portrait`` as UTF-8 JSON, the name of the schema first; a lone surrogate is written as its JSON escape."""
    record = dataclasses.asdict(portrait)
    ordered = {"schema": record.pop("schema"), **record}
    text = json.dumps(ordered, ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode("utf-8", "backslashreplace")
