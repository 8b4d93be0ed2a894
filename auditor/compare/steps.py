"""What a change does to where data goes: the flows over the perimeter that it adds, changes and removes; pure."""

from __future__ import annotations

from dataclasses import replace

from auditor.facts.assessment import Assessment, FlowRecord
from auditor.facts.gate import StepRecord
from auditor.facts.truth import Truth

_KINDS = ("adds", "changes", "removes")


def steps(base: Assessment | None, head: Assessment) -> tuple[StepRecord, ...]:
    """Return the steps from ``base`` (``None``: there was no deployment) to ``head``, what is sure first."""
    before, after = _Side(base) if base else None, _Side(head)
    found: dict[tuple[str, bool, str, str, str, int], StepRecord] = {}
    old = before.leaving if before else {}
    for identity in dict.fromkeys((*after.leaving, *old)):
        step = _step(identity, before, after)
        if step is None:
            continue
        key = (step.kind, step.certain, step.source, step.destination, step.path, step.line)
        found[key] = _joined(found[key], step) if key in found else step
    return tuple(sorted(found.values(), key=lambda s: (_KINDS.index(s.kind), not s.certain, s.source, s.destination, s.flow)))


class _Side:
    """One assessment, indexed."""

    def __init__(self, side: Assessment) -> None:
        self._components = {c.id: c for c in side.components}
        self._channels = {c.id: c for c in side.channels}
        self._evidence = {e.id: e for e in side.evidence}
        self.leaving = {f.id: f for f in side.flows if _leaves(f)}

    def step(self, kind: str, flow: FlowRecord) -> StepRecord:
        """Return the step that ``flow`` is."""
        channel = self._channels.get(flow.channel)
        lines = [self._evidence[e] for e in flow.evidence if e in self._evidence]
        line = next((e for e in lines if e.kind == "file" and e.line), None)
        return StepRecord(
            kind=kind,
            certain=flow.exists == Truth.YES.value,
            source=self._title(flow.source, channel.source_label if channel else ""),
            destination=(channel.destination_label if channel else "") or self._title(flow.destination, ""),
            sends_at_least=flow.sends_at_least,
            sends_at_most=flow.sends_at_most,
            flow=flow.id,
            path=line.path if line else "",
            line=line.line if line else 0,
        )

    def _title(self, identity: str, label: str) -> str:
        component = self._components.get(identity)
        return (component.title if component else "") or label or identity


def _leaves(flow: FlowRecord) -> bool:
    """Return whether data may go over the perimeter this way."""
    return Truth.NO.value not in (flow.exists, flow.crosses_perimeter)


def _step(identity: str, before: _Side | None, after: _Side) -> StepRecord | None:
    was = before.leaving.get(identity) if before else None
    now = after.leaving.get(identity)
    if now is None:
        return before.step("removes", was) if before and was else None
    if was is None or (was.exists != now.exists and now.exists == Truth.YES.value):
        return after.step("adds", now)
    if was.exists != now.exists or (was.sends_at_least, was.sends_at_most) != (now.sends_at_least, now.sends_at_most):
        return _changed(after.step("changes", now), was, now)
    return None


def _changed(step: StepRecord, was: FlowRecord, now: FlowRecord) -> StepRecord:
    """Return the step with the data that is new; with all of it where nothing is new (less is sent, or less surely)."""
    least = tuple(d for d in now.sends_at_least if d not in was.sends_at_least)
    most = tuple(d for d in now.sends_at_most if d not in was.sends_at_most)
    return replace(step, sends_at_least=least, sends_at_most=most) if least or most else step


def _joined(one: StepRecord, other: StepRecord) -> StepRecord:
    """Return two purposes between the same ends, made by one line, as one step."""
    least = tuple(dict.fromkeys((*one.sends_at_least, *other.sends_at_least)))
    most = tuple(dict.fromkeys((*one.sends_at_most, *other.sends_at_most)))
    return replace(one, sends_at_least=least, sends_at_most=most)
