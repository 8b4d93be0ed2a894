"""``whatif/v1``, ``questions/v1``, ``plan/v1`` and ``spectrum/v1`` as JSON: field order, two spaces; same bytes."""

from __future__ import annotations

import dataclasses
import json

from auditor.facts.plan import Plan
from auditor.facts.questions import QuestionList
from auditor.facts.spectrum import Spectrum
from auditor.facts.supposition import Supposition

Record = Supposition | QuestionList | Plan | Spectrum


def dump_record(record: Record) -> bytes:
    """Return ``record`` as UTF-8 JSON; a lone surrogate is written as its JSON escape."""
    text = json.dumps(dataclasses.asdict(record), ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode("utf-8", "backslashreplace")
