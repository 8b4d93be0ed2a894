"""The tables of an assessment for spreadsheets and scripts: findings, flows, residency ledger. CSV and XLSX write them.

``; `` stands between several values of a cell. Numbers are numbers, unknown is a word, empty means that there is nothing
to say. Texts are as they came: the sink escapes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.facts.assessment import Assessment, EvidenceRecord, FlowRecord, StoreRecord
from auditor.report.names import Names
from auditor.report.spots import Spots
from auditor.report.view_flows import at_rest, existing_stores, ledger, one_of
from auditor.report.view_ledger import LedgerChannel, LedgerGroup

Row = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and rows; every row is as long as the heads."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]


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
    "known",
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
    *("sub_processor", "contract_reference", "transfer_mechanism"),
)


def findings_table(assessment: Assessment) -> Table:
    """Return one line a finding, waived ones too."""
    names, spots = Names(assessment), Spots(assessment)
    rows: list[Row] = []
    for finding in names.findings:
        spot = spots.of_finding(finding)
        cures = several(cure.text for cure in finding.cures)
        profiles, data, bases = several(finding.profiles), several(finding.data), several(finding.bases)
        subject = names.end(finding.subject) if finding.subject else ""
        head = (finding.id, finding.control, finding.severity, profiles, finding.title, subject)
        rows.append((*head, data, bases, finding.waived_by, names.known.words(finding.id), cures, spot.path, spot.line))
    return Table(_FINDINGS, tuple(rows))


def flows_table(assessment: Assessment) -> Table:
    """Return one line a flow: the four bases side by side, in the vocabulary of ``assessment/v1``."""
    names = Names(assessment)
    against: dict[str, list[str]] = {}
    for finding in names.findings:
        for row in finding.rows:
            against.setdefault(row, []).append(finding.id)
    return Table(_FLOWS, tuple(_flow(flow, names, against.get(flow.id, [])) for flow in assessment.flows))


def told(count: int | None) -> str | int:
    """Return a count for a cell: an unknown one is a word, so that no sum takes it for 0."""
    return "unknown" if count is None else count


def _flow(flow: FlowRecord, names: Names, findings: list[str]) -> Row:
    channel = names.channels.get(flow.channel)
    target = names.place(flow.destination, flow.destination_candidates)
    return (
        flow.id,
        flow.purpose,
        one_of(flow.source, flow.source_candidates, names, channel.source_label if channel else ""),
        one_of(flow.destination, flow.destination_candidates, names, channel.destination_label if channel else ""),
        names.operator(target.operator if target else ""),
        several(flow.processing) or "unknown",
        flow.declared,
        flow.configured,
        flow.permitted,
        flow.sighting,
        flow.name,
        several(flow.marks),
        flow.exists,
        flow.required,
        several(flow.sends_at_least),
        several(flow.sends_at_most),
        several(flow.receives),
        flow.crosses_perimeter,
        flow.channel,
        channel.transport if channel else "",
        channel.port if channel else "",
        told(channel.payload_out if channel else 0),
        told(channel.payload_in if channel else 0),
        flow.reason,
        several(findings),
        several(flow.evidence),
    )


def ledger_table(assessment: Assessment) -> Table:
    """Return one line a recipient and channel; bytes belong to the channel and are never split over its flows.

    ``sub_processor`` is on whose machines the operator works where these are not its own, then whom its contracts name;
    ``contract_reference`` names the contracts that the manifest states, then documents that the vendor issued;
    ``transfer_mechanism`` is empty: a lawyer's word, not ours.
    """
    names = Names(assessment)
    evidence = {e.id: e for e in assessment.evidence}
    stores = existing_stores(assessment)
    flows: dict[str, list[str]] = {}
    for flow in assessment.flows:
        if flow.exists != "no":
            flows.setdefault(flow.channel, []).append(flow.id)
    rows = tuple(
        _entry(group, held, names, stores, evidence, several(flows.get(held.channel, ())))
        for group in ledger(assessment, names)
        for held in group.channels
    )
    return Table(_LEDGER, rows)


def _entry(
    group: LedgerGroup,
    held: LedgerChannel,
    names: Names,
    stores: list[StoreRecord],
    evidence: dict[str, EvidenceRecord],
    flows: str,
) -> Row:
    storage, retention = at_rest((held.recipient,), names, stores)
    channel = names.channels[held.channel]
    label = channel.destination_label if held.recipient == channel.destination else channel.source_label
    stated = [evidence[e.label] for e in held.evidence if e.label in evidence and evidence[e.label].kind == "statement"]
    contracts = [e for e in stated if e.issuer.lower() in ("vendor", group.operator.lower())]
    return (
        names.end(held.recipient, label),
        group.operator,
        group.law.removeprefix("law of ") if group.law.startswith("law of ") else "unknown",
        group.hosted_by or group.operator,
        group.where,
        group.countries if group.countries != "not known" else "unknown",
        several(storage) or "unknown",
        several(retention),
        held.data,
        held.label,
        told(held.count_to),
        told(held.count_back),
        held.bases,
        flows,
        several(_document(e) for e in stated),
        several(e.label for e in held.evidence),
        group.note,
        several(group.sub_processors),
        several((*group.contracts, *(_document(e) for e in contracts))),
        "",
    )


def _document(statement: EvidenceRecord) -> str:
    return f"{statement.path}, {statement.place}" if statement.place else statement.path


def several(texts: Iterable[str]) -> str:
    """Return the texts of one cell, each once, empty ones left out."""
    return "; ".join(dict.fromkeys(text for text in texts if text))
