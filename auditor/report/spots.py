"""Where in the repository a finding stands: machine formats show nothing that has no file and line.

The line of the configuration that creates the flow comes first, then a line of the finding's other evidence, then
the setting that would mend it, then the line of the claim, then the manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.facts.assessment import Assessment, EvidenceRecord, FindingRecord, FlowRecord

_NO_FILE = "auditor.yaml"
"""Named when an assessment holds no file at all: a manifest is what is missing then."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file of the repository; line and column count from one."""

    path: str
    line: int
    column: int


class Spots:
    """Places of findings and flows of one assessment, below ``root`` (the deployment's folder in the repository)."""

    def __init__(self, assessment: Assessment, root: str = "") -> None:
        self._root = root.strip("/")
        self._evidence = {e.id: e for e in assessment.evidence}
        self._flows = {f.id: f for f in assessment.flows}
        self._systems = {c.id: c.system for c in assessment.components}
        self._settings = {(s.system, s.key): s for s in assessment.settings}
        self._manifest = self._spot(*_manifest(assessment))

    def manifest(self) -> Spot:
        """Return the line of the claim, else the first line of the manifest or of the first input."""
        return self._manifest

    def at(self, path: str, line: int) -> Spot:
        """Return a line of a file of the deployment."""
        return self._spot(path, line, 1)

    def of_finding(self, finding: FindingRecord) -> Spot:
        """Return where the cause of ``finding`` stands; the last hop of a path is the one that reaches whom it must not."""
        rows = [self._flows[row] for row in reversed(finding.rows) if row in self._flows]
        places = (e for row in rows for e in self._lines(row.evidence))
        cures = (e for row in rows for cure in (*finding.cures, *row.cures) for e in self._setting(row, cure.setting))
        return self._first((*places, *self._lines(finding.evidence), *cures))

    def of_flow(self, flow: FlowRecord) -> Spot:
        """Return where a flow is configured."""
        return self._first(self._lines(flow.evidence))

    def all_of(self, finding: FindingRecord) -> tuple[tuple[Spot, str], ...]:
        """Return every line of a file among the evidence of ``finding`` with what it says, each place once."""
        found = {self._spot(e.path, e.line, e.column): e.text for e in self._lines(finding.evidence)}
        return tuple(found.items())

    def _lines(self, identities: Iterable[str]) -> Iterator[EvidenceRecord]:
        for identity in identities:
            record = self._evidence.get(identity)
            if record is not None and record.kind == "file" and record.path:
                yield record

    def _setting(self, row: FlowRecord, key: str) -> Iterator[EvidenceRecord]:
        setting = self._settings.get((self._systems.get(row.source, ""), key))
        return self._lines(source.evidence for source in (setting.chain if setting else ()))

    def _first(self, records: Iterable[EvidenceRecord]) -> Spot:
        for record in records:
            return self._spot(record.path, record.line, record.column)
        return self._manifest

    def _spot(self, path: str, line: int, column: int) -> Spot:
        return Spot(f"{self._root}/{path}" if self._root else path, max(line, 1), max(column, 1))


def _manifest(assessment: Assessment) -> tuple[str, int, int]:
    if assessment.claim is not None and assessment.claim.path:
        return assessment.claim.path, assessment.claim.line, 1
    inputs = sorted(assessment.inputs, key=lambda i: i.kind != "manifest")
    return (inputs[0].path or _NO_FILE, 1, 1) if inputs else (_NO_FILE, 1, 1)
