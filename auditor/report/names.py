"""Labels and anchors of an assessment: every id that a report prints is looked up here."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

from auditor.facts.assessment import (
    Assessment,
    ChannelRecord,
    ComponentRecord,
    ContractRecord,
    EvidenceRecord,
    FindingRecord,
    FlowRecord,
    PlaceRecord,
    UnknownRecord,
)
from auditor.report import words
from auditor.report.known import Known
from auditor.report.view_parts import EvidenceView, Reference

NOT_KNOWN = "not known"
Value = TypeVar("Value", str, tuple[str, ...])

_OBSERVED = ("frames", "lines")
"""Kinds of evidence that point into captures and logs."""


class Names:
    """Index over one assessment: records by id, display labels, and stable numbers for anchors."""

    def __init__(self, assessment: Assessment) -> None:
        self.known = Known(assessment)
        self.components: dict[str, ComponentRecord] = {c.id: c for c in assessment.components}
        self.channels: dict[str, ChannelRecord] = {c.id: c for c in assessment.channels}
        self.flows: dict[str, FlowRecord] = {f.id: f for f in assessment.flows}
        self.workloads = {w.id: w for w in assessment.workloads}
        self._operators = {o.id: o for o in assessment.operators}
        self._flow_numbers = {f.id: n for n, f in enumerate(assessment.flows, 1)}
        self._evidence = assessment.evidence
        self._evidence_numbers = {e.id: n for n, e in enumerate(assessment.evidence, 1)}
        self.contracts: dict[str, list[ContractRecord]] = {}
        for contract in assessment.contracts:
            self.contracts.setdefault(contract.provider, []).append(contract)
        self.findings = sorted_findings(assessment.findings)
        self._finding_numbers = {f.id: n for n, f in enumerate(self.findings, 1)}
        self._controls = {c.id: n for n, c in enumerate(assessment.controls, 1)}
        self.unknowns = sorted_unknowns(assessment.unknowns)
        self._unknown_numbers = {u.id: n for n, u in enumerate(self.unknowns, 1)}

    def end(self, identity: str, fallback: str = "") -> str:
        """Return the label of a flow's end: component title, workload title, the channel's label, or the id."""
        if identity in self.components:
            return self.components[identity].title or identity
        if identity in self.workloads:
            return self.workloads[identity].title or identity
        return fallback or identity or NOT_KNOWN

    def place(self, identity: str, candidates: tuple[str, ...]) -> PlaceRecord | None:
        """Return where an end is: its component's place, else what all that it may be have in common; ``None`` of a stranger."""
        if identity in self.components:
            return self.components[identity].place
        places = [self.components[c].place for c in candidates if c in self.components]
        if not places or len(places) < len(candidates):
            return None
        return PlaceRecord(
            inside=_common((p.inside for p in places), "unknown"),
            operator=_common((p.operator for p in places), ""),
            hosted_by=_common((p.hosted_by for p in places), ""),
            processing=_common((p.processing for p in places), ()),
            storage=_common((p.storage for p in places), ()),
            operator_country=_common((p.operator_country for p in places), ""),
            zone=_common((p.zone for p in places), ""),
            reason=_common((p.reason for p in places), ""),
        )

    def operator(self, identity: str) -> str:
        """Return an operator's title, its id when the register lacks it, or that it is not known."""
        if not identity:
            return "operator not known"
        known = self._operators.get(identity)
        return (known.title if known else "") or identity

    def is_path(self, finding: FindingRecord) -> bool:
        """Return whether the rows of a finding are hops of one path; several flows to the same recipient are none."""
        rows = [self.flows[row] for row in finding.rows if row in self.flows]
        return len(rows) > 1 and all(one.destination == other.source for one, other in itertools.pairwise(rows))

    def violating(self, finding: FindingRecord) -> tuple[str, ...]:
        """Return the rows that breach: of a path the last hop, which reaches whom it must not; else every flow."""
        return finding.rows[-1:] if self.is_path(finding) else finding.rows

    def sub_processors(self, contract: ContractRecord) -> tuple[str, ...]:
        """Return whom a contract names as working for the provider, by title where the register has it."""
        return tuple(self.operator(name) for name in contract.sub_processors)

    def operator_country(self, identity: str) -> str:
        """Return the country whose law reaches the operator, empty when not known."""
        known = self._operators.get(identity)
        return known.country if known else ""

    def flow_number(self, identity: str) -> int:
        """Return the flow's number, 0 when the assessment has no such flow."""
        return self._flow_numbers.get(identity, 0)

    def flow(self, identity: str) -> Reference:
        """Return a link to a flow row."""
        number = self._flow_numbers.get(identity)
        return Reference(f"flow-{number}", f"flow {number}") if number else Reference("", identity)

    def finding(self, identity: str) -> Reference:
        """Return a link to a finding."""
        number = self._finding_numbers.get(identity)
        return Reference(f"finding-{number}", f"finding {number}") if number else Reference("", identity)

    def control(self, identity: str) -> Reference:
        """Return a link to a control."""
        number = self._controls.get(identity)
        return Reference(f"control-{number}" if number else "", identity)

    def unknown(self, identity: str) -> Reference:
        """Return a link to an open point."""
        number = self._unknown_numbers.get(identity)
        return Reference(f"unknown-{number}", f"open point {number}") if number else Reference("", identity)

    def evidence(self, identities: tuple[str, ...]) -> tuple[Reference, ...]:
        """Return links to entries of the evidence register."""
        numbers = ((i, self._evidence_numbers.get(i)) for i in identities)
        return tuple(Reference(_evidence_anchor(n) if n else "", i) for i, n in numbers)

    def evidence_views(self, identities: tuple[str, ...]) -> tuple[EvidenceView, ...]:
        """Return the entries themselves; an id that the register lacks is left out."""
        return tuple(self._views[i] for i in identities if i in self._views)

    def all_evidence(self) -> tuple[EvidenceView, ...]:
        """Return the whole register in the assessment's order."""
        return tuple(self._views.values())

    @cached_property
    def _views(self) -> dict[str, EvidenceView]:
        """Entries of the register by id: made where a format prints them, because tables only cite them."""
        return {e.id: evidence_view(n, e) for n, e in enumerate(self._evidence, 1)}


def countries(codes: tuple[str, ...]) -> str:
    """Return country codes, or that they are not known."""
    return ", ".join(codes) if codes else NOT_KNOWN


def _common(values: Iterable[Value], otherwise: Value) -> Value:
    """Return what all values are, else ``otherwise``."""
    found = set(values)
    return found.pop() if len(found) == 1 else otherwise


def sorted_findings(findings: tuple[FindingRecord, ...]) -> tuple[FindingRecord, ...]:
    """Return findings worst first, waived ones last, then by id."""
    rank = {severity: n for n, severity in enumerate(words.SEVERITY_ORDER)}
    return tuple(sorted(findings, key=lambda f: (f.waived_by != "", rank.get(f.severity, len(rank)), f.id)))


def sorted_unknowns(unknowns: tuple[UnknownRecord, ...]) -> tuple[UnknownRecord, ...]:
    """Return open points, blocking ones first, else in the assessment's order."""
    return tuple(sorted(unknowns, key=lambda u: not u.blocking))


def evidence_view(number: int, record: EvidenceRecord) -> EvidenceView:
    """Return one entry of the register."""
    return EvidenceView(
        anchor=_evidence_anchor(number),
        id=record.id,
        basis=words.word(words.BASES, record.basis),
        where=_where(record),
        text=record.text,
        excerpt=record.excerpt,
        line=record.line,
        details=tuple((label, value) for label, value in _details(record) if value),
    )


def _evidence_anchor(number: int) -> str:
    return f"evidence-{number}"


def _where(record: EvidenceRecord) -> str:
    if record.kind in _OBSERVED:
        numbers = ", ".join(str(n) for n in record.frames)
        return f"{record.path} {record.kind} {numbers}" if numbers else record.path
    if record.kind == "statement":
        return f"{record.path}, {record.place}" if record.place else record.path
    if record.kind == "catalog":
        return f"{record.path}#{record.fact}" if record.fact else record.path
    if not record.line:
        return record.path
    return f"{record.path}:{record.line}:{record.column}" if record.column else f"{record.path}:{record.line}"


def _details(record: EvidenceRecord) -> tuple[tuple[str, str], ...]:
    seen = " to ".join(dict.fromkeys(words.time_words(t) for t in (record.first_time, record.last_time) if t))
    sent, received = words.amount_words(record.payload_out), words.amount_words(record.payload_in)
    payload = f"{sent} sent, {received} received" if record.kind in _OBSERVED else ""
    name = f"{record.name} ({words.word(words.RUNGS, record.rung)})" if record.name else ""
    return (
        ("seen", seen),
        ("payload", payload),
        ("name", name),
        ("issuer", record.issuer),
        ("statement", record.statement if record.statement != record.text else ""),
        ("source", record.source),
        ("publisher", f"{record.publisher} ({record.relation})" if record.relation else record.publisher),
        ("grade", record.grade),
        ("state", record.state),
        ("date", record.date),
        ("collected", record.collected),
        ("from", record.origin),
        ("SHA-256", record.sha256),
    )
