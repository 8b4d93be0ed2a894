"""One digest over everything that an assessment stands on, so that two of the same bytes are the same judgement."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from auditor.evaluate.expiry import instant
from auditor.facts.context import AssessmentContext
from auditor.facts.model import Model
from auditor.facts.profile import Profile


def assessment_digest(model: Model, profiles: Sequence[Profile], context: AssessmentContext) -> str:
    """Return SHA-256 (hex) over the canonical JSON of tool, date, stage, deployment, inputs, profiles and catalog."""
    content = {
        "tool": context.tool,
        "as_of": instant(context.as_of).date().isoformat(),
        "stage": model.stage.value,
        "deployment": model.manifest.deployment,
        "inputs": sorted((i.path, i.sha256) for i in context.inputs),
        "profiles": [[p.id, list(p.sources), [[q.name, *q.values] for q in p.parameters]] for p in profiles],
        "catalog": context.catalog_sha256,
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
