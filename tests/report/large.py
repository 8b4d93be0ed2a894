"""A large assessment, made of the sample: as many flows, channels, findings and pieces of evidence as are asked for."""

from __future__ import annotations

import dataclasses
from typing import Any

from auditor.facts import assessment as a
from tests.report import sample_coder
from tests.report import samples as s

_NAMES = (("violation", "confirmed"), ("open", "unexplained"), ("seen", "confirmed"), ("tried", "attempted"))
_PLANES = ("control_plane", "agent_loop", "inference", "execution", "supporting")


def build(flows: int, components: int = 60) -> a.Assessment:
    """Return an assessment of ``flows`` rows between ``components`` components; every fourth row violates a control."""
    base = sample_coder.build()
    parts = _components(components)
    channels, rows, findings, evidence, unknowns = [], [], [], [], []
    for number in range(flows):
        source, target = parts[number % components], parts[(number * 7 + 1 + number // components) % components]
        kind, name = _NAMES[number % len(_NAMES)]
        host = f"host{number}.example"
        line = s.at_line(number + 1, f"config/part{number % 97}.yaml", number + 1, 3, f"endpoint: https://{host}", kind)
        channel = s.channel(source.id, target.id, host, **_traffic(kind, line.id))
        channel = dataclasses.replace(channel, id=f"{channel.id}/{number}")
        data = sample_coder.ANYTHING if number % 2 else sample_coder.CONTENT
        row = s.flow(
            channel,
            f"state and usage of part {number}",
            name,
            sends_at_least=data,
            crosses_perimeter="yes" if number % 3 else "no",
        )
        evidence.append(line)
        channels.append(channel)
        rows.append(row)
        if kind == "violation":
            severity = ("critical", "high", "medium")[number % 3]
            findings.append(s.finding("AG-01", severity, f"Part {number} sends prompts out", (row,)))
        elif kind == "open":
            unknowns.append(dataclasses.replace(base.unknowns[0], id=f"destination@{row.id}", subject=row.id))
    return dataclasses.replace(
        base,
        components=parts,
        channels=tuple(channels),
        flows=tuple(rows),
        findings=tuple(findings),
        unknowns=tuple(unknowns),
        evidence=tuple(evidence),
    )


def _components(number: int) -> tuple[a.ComponentRecord, ...]:
    made = []
    for n in range(number):
        where = s.place() if n % 3 else s.outside(f"operator-{n % 7}", "US", "US")
        plane = _PLANES[n % len(_PLANES)]
        made.append(s.component(f"system{n}/part", f"Part number {n}", plane, "workspace", where))
    return tuple(made)


def _traffic(kind: str, evidence: str) -> dict[str, Any]:
    seen = s.seen(1_000, 500) if kind in ("violation", "seen") else {}
    return {**seen, "evidence": (evidence,)}
