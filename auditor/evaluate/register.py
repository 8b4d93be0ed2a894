"""The evidence register: each located fact once, numbered in order of first use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from auditor.facts.assessment import EvidenceRecord
from auditor.facts.evidence import CatalogLocation, Evidence, FileLocation, FrameLocation, LineLocation, StatementLocation


class EvidenceRegister:
    """Hands out ``E-1`` … and keeps the records."""

    def __init__(self) -> None:
        self._ids: dict[Evidence, str] = {}
        self._by_object: dict[int, tuple[Evidence, str]] = {}
        """By identity, because the same object comes again and again; the object is kept, so that no other gets its identity."""

    def ids(self, evidence: Sequence[Evidence]) -> tuple[str, ...]:
        """Return the ids of ``evidence``, new ones for what was not used before."""
        return (self._id(evidence[0]),) if len(evidence) == 1 else tuple(dict.fromkeys(self._id(e) for e in evidence))

    def _id(self, evidence: Evidence) -> str:
        known = self._by_object.get(id(evidence))
        if known is None:
            known = evidence, self._ids.setdefault(evidence, f"E-{len(self._ids) + 1}")
            self._by_object[id(evidence)] = known
        return known[1]

    def records(self) -> tuple[EvidenceRecord, ...]:
        """Return every fact used so far, in order of first use."""
        return tuple(_record(number, evidence) for evidence, number in self._ids.items())


def _record(number: str, evidence: Evidence) -> EvidenceRecord:
    common = EvidenceRecord(
        id=number,
        kind="",
        basis=evidence.basis.value,
        text=evidence.text,
        path="",
        state=evidence.state.value if evidence.state else "",
        collected=evidence.collected,
        origin=evidence.origin,
    )
    match evidence.location:
        case FileLocation() as at:
            return _file(common, at)
        case FrameLocation() as at:
            return _frames(common, at)
        case LineLocation() as at:
            return _lines(common, at)
        case StatementLocation() as at:
            return replace(
                common,
                kind="statement",
                path=at.document,
                sha256=at.sha256,
                place=at.place,
                issuer=at.issuer,
                date=at.date,
                statement=at.statement,
            )
        case CatalogLocation() as at:
            return replace(
                common,
                kind="catalog",
                path=at.file,
                fact=at.fact,
                source=at.source,
                publisher=at.publisher,
                relation=at.relation.value,
                date=at.date,
                grade=at.grade.value,
            )


def _frames(common: EvidenceRecord, at: FrameLocation) -> EvidenceRecord:
    return replace(
        common,
        kind="frames",
        path=at.capture,
        sha256=at.sha256,
        frames=at.frames,
        first_time=at.first_time,
        last_time=at.last_time,
        payload_out=at.payload_out,
        payload_in=at.payload_in,
        name=at.name,
        rung=at.rung.value,
    )


def _lines(common: EvidenceRecord, at: LineLocation) -> EvidenceRecord:
    return replace(
        common,
        kind="lines",
        path=at.log,
        sha256=at.sha256,
        frames=at.lines,
        first_time=at.first_time,
        last_time=at.last_time,
        payload_out=at.payload_out,
        payload_in=at.payload_in,
        name=at.name,
        rung=at.rung.value,
    )


def _file(common: EvidenceRecord, at: FileLocation) -> EvidenceRecord:
    return replace(common, kind="file", path=at.path, sha256=at.sha256, line=at.line, column=at.column, excerpt=at.excerpt)
