"""``difference/v1`` and ``history/v1`` as JSON: field order, two spaces, newline at the end; same record, same bytes."""

from __future__ import annotations

import dataclasses
import json

from auditor.facts.difference import Difference
from auditor.facts.history import History


def dump_record(record: Difference | History) -> bytes:
    """Return ``record`` as UTF-8 JSON; a lone surrogate is written as its JSON escape."""
    text = json.dumps(dataclasses.asdict(record), ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode("utf-8", "backslashreplace")
