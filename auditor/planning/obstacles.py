"""What stands between a deployment and a profile: each finding and open point, with the actions that could meet it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from auditor.facts.assessment import Assessment, ControlRecord, FindingRecord, UnknownRecord
from auditor.facts.model import Model
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.planning.actions import Action, Means, evidence, recapture


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that must be met; without actions nothing known meets it."""

    key: str
    """The same whenever the same thing is met."""
    control: str
    actions: tuple[Action, ...]
    finding: str = ""
    """Id of the finding that it comes from, empty for an open point."""
    subject: str = ""
    """The component or store that a finding is about."""
    flow: str = ""
    """The row, in words, where the obstacle is one."""
    why: str = ""
    """With no action: why."""


@dataclass(frozen=True, slots=True)
class State:
    """The deployment after some actions, judged."""

    model: Model
    assessment: Assessment
    stale: frozenset[str]
    """Channels whose packets show what was before the actions."""
    done: frozenset[str]
    """Keys of the actions that were taken: what stands in the way all the same, they do not meet."""


def obstacles(state: State, means: Means, paths: Collection[str]) -> tuple[Obstacle, ...]:
    """Return what keeps the (only) profile of ``state`` from passing; ``paths`` are controls that forbid whole paths."""
    rows = {r.id: r for r in state.model.rows}
    findings = {f.id: f for f in state.assessment.findings}
    unknowns = {u.id: u for u in state.assessment.unknowns}
    found: list[Obstacle] = []
    for control in state.assessment.controls:
        if control.effective == "fail":
            for identity in control.findings:
                if not findings[identity].waived_by:
                    found.extend(_of_finding(findings[identity], rows, state, means, whole=control.id in paths))
        elif control.effective == "unknown" and control.on_unknown == "block":
            found.extend(_of_open(control, unknowns, state, means))
    return tuple({(o.key, o.control, o.finding): o for o in found}.values())


def flow_words(row: FlowRow) -> str:
    """Return a row in words: ``usage telemetry (coder/control-plane → coder/telemetry_sink)``."""
    return f"{row.purpose or 'traffic without a known purpose'} ({row.source} → {row.destination})"


def _of_finding(
    finding: FindingRecord, rows: Mapping[str, FlowRow], state: State, means: Means, *, whole: bool
) -> Iterator[Obstacle]:
    mine = [rows[r] for r in finding.rows if r in rows]
    if not mine:
        actions = tuple(a for a in means.together(finding.subject) if a.key not in state.done)
        why = _place(finding.subject, state)
        yield Obstacle(f"finding:{finding.id}", finding.control, actions, finding.id, finding.subject, "", why)
    elif whole:
        actions = _distinct(a for row in mine for a in _of_row(row, state, means))
        words = "; ".join(flow_words(r) for r in mine)
        yield Obstacle(f"path:{finding.id}", finding.control, actions, finding.id, finding.subject, words, _why(mine[-1], state))
    else:
        for row in mine:
            actions = _of_row(row, state, means)
            yield Obstacle(
                _key(row, actions), finding.control, actions, finding.id, finding.subject, flow_words(row), _why(row, state)
            )


def _of_row(row: FlowRow, state: State, means: Means) -> tuple[Action, ...]:
    if row.channel in state.stale:
        return (recapture(),)
    return tuple(a for a in means.for_row(row) if a.key not in state.done)


def _key(row: FlowRow, actions: tuple[Action, ...]) -> str:
    if [a.key for a in actions] == [recapture().key]:
        return f"stale:{row.channel}"
    return f"row:{row.id}"


def _why(row: FlowRow, state: State) -> str:
    """Return why nothing is known that ends or moves the flow."""
    none = next((c.text for c in row.cures if c.kind == "none"), "")
    if none:
        return none
    target = next((c for c in state.model.components if c.id == row.destination), None)
    if target is not None and target.place.inside:
        return _place(target.id, state)
    if row.required is Truth.YES:
        return "the product does not work without it, and offers no other destination"
    return next((c.text for c in row.cures), "") or "no switch, redirect or contract is known that ends it"


def _place(subject: str, state: State) -> str:
    """Return where something of the deployment itself lies: only another place or operator would change that."""
    component = next((s.component for s in state.model.stores if s.id == subject), subject)
    found = next((c for c in state.model.components if c.id == component), None)
    if found is None or not found.place.zone:
        return "it belongs to the deployment as it is, and no setting takes it away"
    zone = next(z for z in state.model.zones if z.id == found.place.zone)
    countries = ", ".join(zone.processing) if zone.processing else "countries not known"
    return f"it lies in zone {zone.id} ({countries}; operated by {zone.operator}); only another place would change that"


def _of_open(control: ControlRecord, unknowns: Mapping[str, UnknownRecord], state: State, means: Means) -> Iterator[Obstacle]:
    by_subject: dict[str, list[UnknownRecord]] = {}
    for identity in control.unknowns:
        record = unknowns[identity]
        by_subject.setdefault(record.subject, []).append(record)
    for subject, records in by_subject.items():
        if control.attested_by and _is_attested(subject, control, state):
            continue
        how = tuple(dict.fromkeys(step for r in records for step in r.settled_by))
        shown = evidence(subject, records[0].text, how, records[0].who)
        actions = (shown, *_of_subject(subject, records, state, means))
        yield Obstacle(f"open:{subject}", control.id, tuple(a for a in _distinct(actions) if a.key not in state.done))


def _is_attested(subject: str, control: ControlRecord, state: State) -> bool:
    return any(
        e.kind == "attestation" and e.status == "in_force" and (e.target, e.control.rpartition("/")[2]) == (subject, control.id)
        for e in state.assessment.exceptions
    )


def _of_subject(subject: str, records: Iterable[UnknownRecord], state: State, means: Means) -> tuple[Action, ...]:
    """Return the actions that end every flow behind an open point, and so close it without an answer."""
    identities = {r.id for r in records}
    behind = [r for r in state.model.rows if r.exists is not Truth.NO and _is_behind(r, subject, identities)]
    if not behind or any(means.inside(row.destination) for row in behind):
        # What stays inside need not end: it is the answer that is missing.
        return ()
    shared = None
    for row in behind:
        actions = {a.key: a for a in _of_row(row, state, means)}
        shared = actions if shared is None else {k: a for k, a in shared.items() if k in actions}
    return tuple(shared.values()) if shared else ()


def _is_behind(row: FlowRow, subject: str, identities: Collection[str]) -> bool:
    if subject in (row.id, row.flow, row.destination):
        return True
    return any(f"{u.kind.value}@{u.subject}" in identities for u in row.unknowns)


def _distinct(actions: Iterable[Action]) -> tuple[Action, ...]:
    return tuple({a.key: a for a in actions}.values())
