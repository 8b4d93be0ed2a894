"""``comparison/v1`` as JSON: field order, two spaces, newline at the end; same record, same bytes."""

from __future__ import annotations

import dataclasses
import json

from auditor.facts.comparison import Comparison


def dump_comparison(comparison: Comparison) -> bytes:
    """Return ``comparison`` as UTF-8 JSON."""
    text = json.dumps(dataclasses.asdict(comparison), ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode("utf-8", "backslashreplace")
