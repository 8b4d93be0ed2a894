"""What a change does, in words: the first thing that every report of a change says."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.assessment import Assessment
from auditor.facts.gate import AlterationRecord, StepRecord
from auditor.report import words

_SURE = {"adds": "adds", "changes": "changes", "removes": "removes"}
_UNSURE = {"adds": "may add", "changes": "may change", "removes": "removes what may have been"}
_COMMIT = 12
MOST_STEPS = 50
"""Steps shown in a summary; the rest is counted."""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change against its base."""

    title: str
    steps: tuple[str, ...]
    alterations: tuple[str, ...]
    note: str
    """By whose words it was judged."""


def change_view(assessment: Assessment) -> ChangeView | None:
    """Return what the change does; ``None`` where a deployment was judged as it is."""
    base = assessment.base
    if base is None:
        return None
    commit = base.commit[:_COMMIT]
    named = commit if base.commit.startswith(base.revision) else f"{base.revision} ({commit})"
    steps = tuple(step_words(step) for step in base.steps)
    return ChangeView(
        title=f"What the change does, against {named}",
        steps=steps or ("nothing to where data leaves the perimeter",),
        alterations=tuple(alteration_words(a) for a in base.alterations),
        note=_note(base.digest != "", base.approved, len(base.alterations)),
    )


def _note(known: bool, approved: bool, altered: int) -> str:
    if not known:
        return "The base holds no such deployment; the change is judged by its own words."
    if not altered:
        return "Nothing that judges was altered."
    if approved:
        return "What judges was altered, and that was approved; the change is judged by its own words."
    return "What judges was altered; the change is judged by the words of the base."


def step_words(step: StepRecord) -> str:
    """Return ``adds workspace → api.anthropic.com with prompts (values-prod.yaml:41)``."""
    verb = (_SURE if step.certain else _UNSURE).get(step.kind, step.kind)
    data = words.sends_words(step.sends_at_least, step.sends_at_most)
    place = f" ({step.path}:{step.line})" if step.path else ""
    return f"{verb} {step.source} → {step.destination} with {data}{place}"


def alteration_words(alteration: AlterationRecord) -> str:
    """Return ``zones/corp: adds hosts *.example (auditor.yaml:12)``."""
    place = f" ({alteration.path}:{alteration.line})" if alteration.path else ""
    return f"{alteration.subject}: {alteration.text}{place}"
