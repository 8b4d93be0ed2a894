"""Two realistic assessments, written by hand, and a hostile one: inputs of every report test."""

from __future__ import annotations

import dataclasses
from hashlib import sha256
from typing import Any

from auditor.facts import assessment as a
from auditor.report.assessment_json import CLOSED

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}[link=x]\x1b[31m\u202e\u2028\ud800\x00\n`|=1+1'


def digest(text: str) -> str:
    """Return a digest that depends on ``text`` only."""
    return sha256(text.encode()).hexdigest()


def place(zone: str = "corp", **changes: Any) -> a.PlaceRecord:
    """Return a place inside, in Germany, unless told otherwise."""
    base = a.PlaceRecord("yes", "customer", "customer", ("DE",), ("DE",), "DE", zone, "")
    return dataclasses.replace(base, **changes)


def outside(operator: str, country: str, *processing: str) -> a.PlaceRecord:
    """Return a place outside at ``operator``."""
    reason = "" if processing else "the vendor does not say where it processes"
    return a.PlaceRecord("no", operator, operator, processing, (), country, "", reason)


def component(identity: str, title: str, plane: str, role: str, where: a.PlaceRecord, **changes: Any) -> a.ComponentRecord:
    """Return a component; its system and workload follow from its id."""
    system = identity.split("/", maxsplit=1)[0] if where.inside == "yes" else ""
    base = a.ComponentRecord(
        identity, title, plane, role, system, system, f"{system}/host" if system else "", where, "yes", "", "customer", "", (), ()
    )
    return dataclasses.replace(base, **changes)


def channel(source: str, destination: str, host: str, port: int = 443, **changes: Any) -> a.ChannelRecord:
    """Return a channel without traffic that a sensor would have seen."""
    base = a.ChannelRecord(
        id=f"{source}>{destination}/tcp/{port}",
        source=source,
        source_label=source,
        source_candidates=(source,),
        destination=destination,
        destination_label=host,
        destination_candidates=(destination,),
        transport="tcp",
        port=port,
        sighting="none_covered",
        sighting_reason="the perimeter sensor saw this workload for 24.0 h",
        permitted="unknown",
        permitted_reason="network policies were not examined",
        payload_out=0,
        payload_in=0,
        packets_out=0,
        packets_in=0,
        first_time="",
        last_time="",
        longest_seconds=0.0,
        held_open=False,
        app_protocols=(),
        names=(host,) if host else (),
        name_hidden=False,
        rungs=(),
        conflict="",
        evidence=(),
    )
    return dataclasses.replace(base, **changes)


def seen(payload_out: int, payload_in: int, **changes: Any) -> dict[str, Any]:
    """Return the changes that make a channel one with data."""
    return {
        "sighting": "data",
        "sighting_reason": "",
        "payload_out": payload_out,
        "payload_in": payload_in,
        "packets_out": payload_out // 900 + 4,
        "packets_in": payload_in // 900 + 4,
        "first_time": "2026-11-20T09:00:04.120000000Z",
        "last_time": "2026-11-21T08:59:31.870000000Z",
        "longest_seconds": 812.5,
        "app_protocols": ("tls",),
        "rungs": ("sni",),
        **changes,
    }


def flow(over: a.ChannelRecord, purpose: str, name: str, **changes: Any) -> a.FlowRecord:
    """Return a row over a channel; sets of classes and bases are given as changes."""
    base = a.FlowRecord(
        id=f"{over.source}>{over.destination}#{purpose}",
        channel=over.id,
        flow=f"flow/{purpose}",
        purpose=purpose,
        source=over.source,
        source_candidates=over.source_candidates,
        destination=over.destination,
        destination_candidates=over.destination_candidates,
        declared="unknown",
        configured="yes",
        permitted="unknown",
        sighting=over.sighting,
        name=name,
        marks=(),
        exists="yes",
        sends_at_least=(),
        sends_at_most=(),
        receives=(),
        required="no",
        processing=("DE",),
        processing_reason="",
        reason=f"The configuration asks for {purpose}.",
        crosses_perimeter="no",
        cures=(),
        unknowns=(),
        evidence=over.evidence,
    )
    if "sends_at_most" not in changes and "sends_at_least" in changes:
        changes["sends_at_most"] = changes["sends_at_least"]
    return dataclasses.replace(base, **changes)


def at_line(number: int, path: str, line: int, column: int, excerpt: str, text: str) -> a.EvidenceRecord:
    """Return evidence in a file."""
    return a.EvidenceRecord(
        f"E-{number}", "file", "configured", text, path, digest(path), line, column, excerpt, state="rendered"
    )


def in_frames(number: int, host: str, out: int, back: int, *frames: int) -> a.EvidenceRecord:
    """Return evidence in a capture."""
    return a.EvidenceRecord(
        f"E-{number}",
        "frames",
        "observed",
        f"TLS to {host}",
        "traffic/egress.pcapng",
        digest("egress"),
        frames=frames,
        first_time="2026-11-20T09:00:04.120000000Z",
        last_time="2026-11-21T08:59:31.870000000Z",
        payload_out=out,
        payload_in=back,
        name=host,
        rung="sni",
    )


def finding(control: str, severity: str, title: str, rows: tuple[a.FlowRecord, ...], **changes: Any) -> a.FindingRecord:
    """Return a finding about rows, with their evidence."""
    data = rows[-1].sends_at_least if rows else ()
    base = a.FindingRecord(
        id=f"{control}@{rows[0].source}>{rows[-1].destination}#{data[0] if data else 'any'}" if rows else f"{control}@",
        control=control,
        profiles=("air-gapped",),
        severity=severity,
        title=title,
        rows=tuple(row.id for row in rows),
        subject="",
        data=data,
        bases=("configured", "observed"),
        waived_by="",
        cures=rows[-1].cures if rows else (),
        evidence=rows[-1].evidence if rows else (),
    )
    return dataclasses.replace(base, **changes)


def control(identity: str, severity: str, sentence: str, verdict: str, **changes: Any) -> a.ControlRecord:
    """Return a control whose effective verdict is its raw one unless told otherwise."""
    base = a.ControlRecord(
        id=identity,
        title=sentence.rstrip("."),
        sentence=sentence,
        severity=severity,
        on_unknown="block",
        verdict=verdict,
        effective=verdict,
        reason="",
        needed=("configured", "permitted", "observed"),
        findings=(),
        unknowns=(),
        attested_by=(),
        maps=(("nist-800-53r5:SC-7", "direct"),),
        rationale="Data that leaves the perimeter leaves the customer's control.",
        remediation="Close the flow in the product's configuration, then in the network.",
    )
    return dataclasses.replace(base, **changes)


def profile(identity: str, title: str, controls: tuple[a.ControlRecord, ...], verdict: str, sentence: str) -> a.ProfileRecord:
    """Return a profile over ``controls``."""
    effective = [c.effective for c in controls]
    counts = tuple((v, effective.count(v)) for v in ("fail", "unknown", "pass", "not_applicable"))
    blocking = next((c.id for word in ("fail", "unknown") for c in controls if c.effective == word), "")
    return a.ProfileRecord(
        id=identity,
        title=title,
        version="1",
        sha256=digest(identity),
        valid_until="2027-12-31",
        extends=(),
        parameters=(("observed_window", "24h", ""), ("max_age", "30d", "")),
        controls=tuple(c.id for c in controls),
        verdict=verdict,
        sentence=sentence,
        counts=counts,
        first_blocking=blocking if verdict != "pass" else "",
        origin="shipped",
    )


def coverage(*workloads: str, unproven: tuple[str, ...] = ()) -> a.CoverageRecord:
    """Return one perimeter capture of a day."""
    return a.CoverageRecord(
        id="traffic/egress.pcapng",
        sha256=digest("egress"),
        format="pcapng, Ethernet",
        vantage="perimeter-egress",
        sees=("corp",),
        first_time="2026-11-20T09:00:00.000000000Z",
        last_time="2026-11-21T09:00:00.000000000Z",
        window_seconds=86400.0,
        packets=18734,
        workloads=workloads,
        unproven=unproven,
        drops="0",
        truncated=False,
        truncated_packets=0,
        skipped=(("not IP", 12),),
        named_share=0.91,
        canary="",
    )


def real_kinds(assessment: a.Assessment) -> a.Assessment:
    """Return ``assessment`` with the kinds of input that the pipeline records."""
    kinds = {"config": "configuration", "workspace": "configuration", "traffic": "capture", "docs": "document"}
    inputs = tuple(dataclasses.replace(i, kind=kinds.get(i.path.split("/")[0], "manifest")) for i in assessment.inputs)
    return dataclasses.replace(assessment, inputs=inputs)


def hostile(assessment: a.Assessment, text: str = HOSTILE) -> a.Assessment:
    """Return ``assessment`` with ``text`` before every text but the closed vocabularies; what is not waived stays so."""
    changed = replace_texts(assessment, text, frozenset(name for _, name in CLOSED) | {"waived_by"})
    if not isinstance(changed, a.Assessment):
        raise TypeError
    return changed


def replace_texts(value: Any, text: str, keep: frozenset[str]) -> Any:
    """Return ``value`` with every string replaced by ``text``, but for field names in ``keep``; ids stay distinct."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changes = {
            f.name: getattr(value, f.name) if f.name in keep else replace_texts(getattr(value, f.name), text, keep)
            for f in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **changes)
    if isinstance(value, tuple):
        return tuple(replace_texts(item, text, keep) for item in value)
    return f"{text}{value}" if isinstance(value, str) else value
