"""What the network permits as JSON: ``permits/v1`` and ``permits_difference/v1`` (``auditor/report/schemas/``)."""

from __future__ import annotations

import dataclasses
import json

from auditor.facts.permits import PermitDifference, PermitReport


def dump_permits(record: PermitReport | PermitDifference) -> bytes:
    """Return the record as UTF-8 JSON: field order, two spaces, newline at the end; same record, same bytes."""
    schema = "permits/v1" if isinstance(record, PermitReport) else "permits_difference/v1"
    text = json.dumps({"schema": schema, **dataclasses.asdict(record)}, ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode("utf-8", "backslashreplace")
