"""Findings, flows and the residency ledger as CSV (RFC 4180), for spreadsheets and scripts.

UTF-8 with a byte order mark (without it Excel reads another encoding), every cell quoted, lines end with CR LF. Every
cell goes through ``clean`` and ``cell``: no line break, no formula. ``; `` stands between several values of a
cell. Numbers are plain, unknown is a word, empty means that there is nothing to say.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from auditor.facts.assessment import Assessment, EvidenceRecord, FlowRecord, StoreRecord
from auditor.report.escape import cell, clean
from auditor.report.names import Names
from auditor.report.spots import Spots
from auditor.report.view import build_view
from auditor.report.view_flows import one_of
from auditor.report.view_model import LedgerChannel, LedgerGroup

Row = tuple[str | int, ...]

_FINDINGS = (
    "finding",
    "control",
    "severity",
    "profiles",
    "title",
    "subject",
    "data",
    "bases",
    "waived_by",
    "help",
    "file",
    "line",
)
_FLOWS = (
    *("flow", "purpose", "source", "destination", "operator", "processing", "declared", "configured", "permitted", "observed"),
    *("name", "marks", "exists", "required", "sends_at_least", "sends_at_most", "receives", "leaves_perimeter"),
    *("channel", "transport", "port", "channel_bytes_out", "channel_bytes_in", "reason", "findings", "evidence"),
)
_LEDGER = (
    *("recipient", "operator", "operator_country", "hosted_by", "where", "processing", "storage", "retention", "data"),
    *("channel", "channel_bytes_to_recipient", "channel_bytes_back", "bases", "flows", "statements", "evidence", "note"),
    "transfer_mechanism",
)


def findings_csv(assessment: Assessment) -> bytes:
    """Return one line a finding, waived ones too."""
    names, spots = Names(assessment), Spots(assessment)
    rows: list[Row] = []
    for finding in names.findings:
        spot = spots.of_finding(finding)
        cures = _several(cure.text for cure in finding.cures)
        profiles, data, bases = _several(finding.profiles), _several(finding.data), _several(finding.bases)
        subject = names.end(finding.subject) if finding.subject else ""
        head = (finding.id, finding.control, finding.severity, profiles, finding.title, subject)
        rows.append((*head, data, bases, finding.waived_by, cures, spot.path, spot.line))
    return _table(_FINDINGS, rows)


def flows_csv(assessment: Assessment) -> bytes:
    """Return one line a flow: the four bases side by side, in the vocabulary of ``assessment/v1``."""
    names = Names(assessment)
    against: dict[str, list[str]] = {}
    for finding in names.findings:
        for row in finding.rows:
            against.setdefault(row, []).append(finding.id)
    return _table(_FLOWS, (_flow(flow, names, against.get(flow.id, [])) for flow in assessment.flows))


def _flow(flow: FlowRecord, names: Names, findings: list[str]) -> Row:
    channel = names.channels.get(flow.channel)
    target = names.components.get(flow.destination)
    return (
        flow.id,
        flow.purpose,
        one_of(flow.source, flow.source_candidates, names, channel.source_label if channel else ""),
        one_of(flow.destination, flow.destination_candidates, names, channel.destination_label if channel else ""),
        names.operator(target.place.operator if target else ""),
        _several(flow.processing) or "unknown",
        flow.declared,
        flow.configured,
        flow.permitted,
        flow.sighting,
        flow.name,
        _several(flow.marks),
        flow.exists,
        flow.required,
        _several(flow.sends_at_least),
        _several(flow.sends_at_most),
        _several(flow.receives),
        flow.crosses_perimeter,
        flow.channel,
        channel.transport if channel else "",
        channel.port if channel else "",
        channel.payload_out if channel else 0,
        channel.payload_in if channel else 0,
        flow.reason,
        _several(findings),
        _several(flow.evidence),
    )


def ledger_csv(assessment: Assessment) -> bytes:
    """Return one line a recipient and channel; bytes belong to the channel and are never split over its flows.

    ``transfer_mechanism`` is empty: a lawyer's word, not ours.
    """
    names = Names(assessment)
    evidence = {e.id: e for e in assessment.evidence}
    stores: dict[str, list[StoreRecord]] = {}
    for store in assessment.stores:
        if store.exists != "no":
            stores.setdefault(store.component, []).append(store)
    flows: dict[str, list[str]] = {}
    for flow in assessment.flows:
        if flow.exists != "no":
            flows.setdefault(flow.channel, []).append(flow.id)
    groups = build_view(assessment, names).ledger
    rows = (
        _entry(group, held, names, stores, evidence, _several(flows.get(held.channel, ())))
        for group in groups
        for held in group.channels
    )
    return _table(_LEDGER, rows)


def _entry(
    group: LedgerGroup,
    held: LedgerChannel,
    names: Names,
    stores: dict[str, list[StoreRecord]],
    evidence: dict[str, EvidenceRecord],
    flows: str,
) -> Row:
    component = names.components.get(held.recipient)
    kept = stores.get(held.recipient, [])
    storage = sorted({c for store in kept for c in store.country} | set(component.place.storage if component else ()))
    channel = names.channels[held.channel]
    label = channel.destination_label if held.recipient == channel.destination else channel.source_label
    stated = (evidence[e.label] for e in held.evidence if e.label in evidence)
    return (
        names.end(held.recipient, label),
        group.operator,
        group.law.removeprefix("law of ") if group.law.startswith("law of ") else "unknown",
        group.hosted_by or group.operator,
        group.where,
        group.countries if group.countries != "not known" else "unknown",
        _several(storage) or "unknown",
        _several(f"{store.title}: {store.retention or 'unknown'}" for store in kept),
        held.data,
        held.label,
        held.count_to,
        held.count_back,
        held.bases,
        flows,
        _several(f"{e.path}, {e.place}" if e.place else e.path for e in stated if e.kind == "statement"),
        _several(e.label for e in held.evidence),
        group.note,
        "",
    )


def _several(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _table(heads: tuple[str, ...], rows: Iterable[Row]) -> bytes:
    """Return the table; texts are cleaned and guarded, numbers stay numbers."""
    written = io.StringIO()
    writer = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([cell(clean(v)) if isinstance(v, str) else str(v) for v in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")
