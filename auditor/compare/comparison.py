"""The comparison: decision block first, then the rows, over columns of assessments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.compare import dependence, places, recipients
from auditor.compare.decision import requirements
from auditor.compare.reading import Reading, counted
from auditor.facts.assessment import Assessment
from auditor.facts.comparison import SCHEMA, ColumnRecord, Comparison, RowRecord

KIND_TITLES = {"documented": "as documented", "deployed": "as deployed", "best": "best achievable"}

_ROWS = (
    ("execution", "Execution environment", "Where is code edited and where are commands run?", places.execution_environment),
    ("loop", "Agent loop location", "Where is the next step planned and decided?", places.agent_loop),
    ("inference", "Model inference", "Direct, routed through somebody, or in-network?", places.model_inference),
    ("tools", "Agent tool execution", "Where do the tools run that the agent calls?", places.tool_execution),
    (
        "path",
        "Code and prompt data path",
        "Who outside receives code, prompts or other content?",
        recipients.code_and_prompt_path,
    ),
    ("internet", "Internet dependency", "Is anything outside required, and for what?", dependence.internet_dependency),
    ("capable", "Air-gap capable", "Can the product run with nothing outside?", None),
    ("gapped", "Air-gapped", "Does this deployment reach nothing outside?", dependence.air_gapped),
    ("models", "Model choice and control", "Who decides which models are used?", dependence.model_choice),
    ("control", "Control plane location", "Where do dashboard, API, identity and policy run?", places.control_plane),
    ("licence", "Open source", "Under which licence does it stand?", dependence.licence),
    ("storage", "Storage and retention", "What is kept, where and for how long?", recipients.storage),
    ("law", "Operators' jurisdictions", "Whose law reaches those who receive something?", recipients.jurisdictions),
    (
        "metadata",
        "Metadata and telemetry",
        "Who outside receives metadata, identities, secrets, telemetry?",
        recipients.metadata_recipients,
    ),
    ("policy", "Who can change policy", "Who decides what is allowed tomorrow?", dependence.who_changes_policy),
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate with up to three columns; ``None`` where a column does not exist."""

    id: str
    title: str
    documented: Assessment | None
    deployed: Assessment | None
    best: Assessment | None

    def columns(self) -> tuple[tuple[str, Assessment], ...]:
        """Return (kind, assessment) of the columns that exist, in reading order."""
        pairs = (("documented", self.documented), ("deployed", self.deployed), ("best", self.best))
        return tuple((kind, assessment) for kind, assessment in pairs if assessment is not None)


def compare(candidates: Sequence[Candidate], profile: str) -> Comparison:
    """Return the comparison of ``candidates`` under ``profile``, which every assessment was judged against.

    Raises:
        ValueError: no candidate has a column.
    """
    readings = [
        (candidate, kind, Reading(f"{candidate.id}/{kind}", assessment))
        for candidate in candidates
        for kind, assessment in candidate.columns()
    ]
    if not readings:
        raise ValueError("nothing to compare")
    first = readings[0][2].assessment
    titles = {p.id: p.title for p in first.profiles}
    return Comparison(
        schema=SCHEMA,
        tool=first.tool,
        as_of=first.as_of,
        profile=profile,
        profile_title=titles[profile],
        columns=tuple(_column(candidate, kind, reading, profile) for candidate, kind, reading in readings),
        requirements=requirements([reading for _, _, reading in readings], profile),
        rows=_rows(readings),
    )


def _rows(readings: Sequence[tuple[Candidate, str, Reading]]) -> tuple[RowRecord, ...]:
    rows = []
    for identifier, title, question, function in _ROWS:
        cells = []
        for candidate, _, reading in readings:
            if function is None:
                best = Reading(f"{candidate.id}/best", candidate.best) if candidate.best else None
                cells.append(dependence.air_gap_capable(reading, best))
            else:
                cells.append(function(reading))
        rows.append(RowRecord(identifier, title, question, tuple(cells)))
    return tuple(rows)


def _column(candidate: Candidate, kind: str, reading: Reading, profile: str) -> ColumnRecord:
    assessment = reading.assessment
    judged = next(p for p in assessment.profiles if p.id == profile)
    rung, stopped_by = dependence.strictest_rung(assessment)
    return ColumnRecord(
        id=reading.column,
        candidate=candidate.id,
        kind=kind,
        title=f"{candidate.title}, {KIND_TITLES[kind]}",
        stage=assessment.stage,
        digest=assessment.digest,
        parity=_parity(assessment, kind),
        verdict=judged.verdict,
        sentence=judged.sentence,
        rung=rung,
        rung_stopped_by=stopped_by,
    )


def _parity(assessment: Assessment, kind: str) -> str:
    """Return what was captured and what was only read about: columns of unequal evidence must say so."""
    if kind == "documented":
        return "Only read about: the catalog's facts; no file of a deployment, nothing captured."
    if kind == "best":
        return "Computed: the catalog's switches and redirects applied; nothing captured."
    counts = {
        "capture": "capture",
        "log": "log",
        "configuration": "configuration file",
        "export": "export",
        "document": "document",
    }
    parts = [counted(n, word) for k, word in counts.items() if (n := sum(1 for i in assessment.inputs if i.kind == k))]
    captured = any(i.kind == "capture" for i in assessment.inputs)
    return f"Read: {', '.join(parts) or 'nothing'}." + ("" if captured else " Nothing was captured.")
