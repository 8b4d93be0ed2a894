"""``tighten`` and ``relax``: how a profile changes what it inherits, never silently and never under the same id.

A changed control is another control: it gets an id of its own, so that one id means one thing over everything that is judged
together. Which way each change goes is decided here; a change that only says "tighten" and loosens is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.documents.tree import Document, Node
from auditor.errors import Diagnostic, InvalidInputError
from auditor.evaluate.control_reading import read_need
from auditor.evaluate.parameters import check_value, loosens
from auditor.evaluate.reading import fault, text_at, texts
from auditor.facts.evidence import FileLocation
from auditor.facts.profile import Control, EvidenceNeed, Parameter, Relaxation, RequireEvidence
from auditor.facts.vocabulary import OnUnknown, Severity, Stage

TIGHTEN, RELAX = "tighten", "relax"
_CHANGES = ("severity", "on_unknown", "evidence", "parameters")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One entry of ``tighten:`` or ``relax:``."""

    kind: str
    control: str
    """Id of the inherited control."""
    own: str
    """Id of the control that takes its place, empty when it is left out."""
    severity: Severity | None
    on_unknown: OnUnknown | None
    evidence: EvidenceNeed | None
    parameters: tuple[Parameter, ...]
    reason: str
    location: FileLocation


def read_adjustments(document: Document, root: Node) -> tuple[Adjustment, ...]:
    """Return the entries of ``tighten:`` and ``relax:``.

    Raises:
        InvalidInputError: nothing is inherited, an entry changes nothing, a relaxation has no reason, a bad value.
    """
    found: list[Adjustment] = []
    for kind in (TIGHTEN, RELAX):
        listed = root.get(kind)
        if listed is not None and root.get("extends") is None:
            raise fault(document, listed, f"{kind}: changes what is inherited, and nothing is", "add extends:")
        found.extend(_adjustment(document, kind, node) for node in (listed.items if listed else ()))
    return tuple(found)


def _adjustment(document: Document, kind: str, node: Node) -> Adjustment:
    reason, dropped = text_at(node, "reason"), text_at(node, "drop") == "yes"
    if kind == RELAX and not reason:
        raise fault(document, node, "a relaxation needs a reason", "add reason: it shows in every report")
    changes = [key for key in _CHANGES if node.get(key) is not None]
    if dropped and (changes or node.get("as") is not None):
        raise fault(document, node, "a control that is left out is not changed too", "keep drop:, or the changes")
    if not dropped and (not changes or node.get("as") is None):
        raise fault(document, node, f"{kind}: says no change under an id of its own", f"add as: and one of {', '.join(_CHANGES)}")
    severity, on_unknown, evidence = text_at(node, "severity"), text_at(node, "on_unknown"), node.get("evidence")
    return Adjustment(
        kind=kind,
        control=text_at(node, "control"),
        own=text_at(node, "as"),
        severity=Severity(severity) if severity else None,
        on_unknown=OnUnknown(on_unknown) if on_unknown else None,
        evidence=None if evidence is None else read_need(document, evidence),
        parameters=tuple(_parameters(document, node.get("parameters"))),
        reason=reason,
        location=document.locate(node),
    )


def _parameters(document: Document, node: Node | None) -> Iterator[Parameter]:
    for key, value in node.entries if node else ():
        wrong = check_value(key.text, texts(value))
        if wrong:
            raise fault(document, value, wrong)
        yield Parameter(key.text, texts(value))


def adjusted(
    inherited: Mapping[str, Control], adjustments: Sequence[Adjustment], owner: str
) -> tuple[dict[str, Control], tuple[Relaxation, ...]]:
    """Return the inherited controls with the adjustments of profile ``owner`` applied, in their order, and what was relaxed.

    Raises:
        InvalidInputError: a control that is not inherited or changed twice, an id that is taken, or a change that goes the
            other way than it says.
    """
    by_control: dict[str, Adjustment] = {}
    taken = set(inherited)
    for change in adjustments:
        if change.control not in inherited:
            known = f"inherited here: {', '.join(inherited)}"
            raise _refused(change, f"no control {change.control} is inherited", known)
        if change.control in by_control:
            raise _refused(change, f"control {change.control} is changed twice", "write both changes into one entry")
        if change.own in taken:
            raise _refused(change, f"control {change.own} is already defined", "give the changed control an id of its own")
        by_control[change.control] = change
        taken.add(change.own)
    found: dict[str, Control] = {}
    relaxed: list[Relaxation] = []
    for control in inherited.values():
        entry = by_control.get(control.id)
        if entry is None:
            found[control.id] = control
            continue
        if entry.own:
            found[entry.own] = _changed(control, entry, owner)
        if entry.kind == RELAX:
            relaxed.append(_relaxation(control, found.get(entry.own), entry))
    return found, tuple(relaxed)


def _changed(control: Control, change: Adjustment, owner: str) -> Control:
    own = {p.name: p for p in change.parameters}
    for name in own.keys() - {p.name for p in control.parameters}:
        raise _refused(change, f"control {control.id} has no parameter {name!r}", "change one that its profile defines")
    changed = replace(
        control,
        id=change.own,
        owner=owner,
        severity=change.severity or control.severity,
        on_unknown=change.on_unknown or control.on_unknown,
        evidence=change.evidence or control.evidence,
        parameters=tuple(own.get(p.name, p) for p in control.parameters),
        location=change.location,
    )
    what = changed.requirement
    if isinstance(what, RequireEvidence) and not set(what.what.complete) <= set(changed.evidence.operate):
        raise _refused(change, f"control {control.id} requires evidence that operate no longer needs", "keep it under operate:")
    looser, stricter = tuple(loosenings(control, changed)), tuple(loosenings(changed, control))
    if change.kind == TIGHTEN and looser:
        raise _refused(change, f"tighten: loosens {control.id}: {', '.join(looser)}", "write it under relax:, with a reason")
    if change.kind == RELAX and stricter:
        raise _refused(change, f"relax: tightens {control.id}: {', '.join(stricter)}", "write that under tighten:")
    if not looser and not stricter:
        raise _refused(change, f"{change.kind}: leaves {control.id} as it is", "leave the entry out, or change something")
    return changed


def loosenings(before: Control, after: Control) -> Iterator[str]:
    """Yield in what ``after`` asks less than ``before``, each as a clause."""
    severities = list(Severity)
    if severities.index(after.severity) > severities.index(before.severity):
        yield f"severity {before.severity.value} to {after.severity.value}"
    if before.on_unknown is OnUnknown.BLOCK and after.on_unknown is OnUnknown.WARN:
        yield "an unknown no longer blocks"
    for stage in Stage:
        missing = [b.value for b in before.evidence.at(stage) if b not in after.evidence.at(stage)]
        if missing:
            yield f"stage {stage.value} no longer needs {', '.join(missing)}"
    idle = [plane.value for plane in before.evidence.exercised if plane not in after.evidence.exercised]
    if idle:
        yield f"no longer exercised: {', '.join(idle)}"
    own = {p.name: p for p in after.parameters}
    for parameter in before.parameters:
        values = own[parameter.name].values
        if loosens(parameter, values):
            yield f"{parameter.name} {', '.join(parameter.values)} to {', '.join(values)}"


def _relaxation(control: Control, changed: Control | None, change: Adjustment) -> Relaxation:
    what = "left out" if changed is None else f"{changed.id} in its place: {'; '.join(loosenings(control, changed))}"
    return Relaxation(control.id, what, change.reason)


def _refused(change: Adjustment, what: str, next_step: str) -> InvalidInputError:
    at = change.location
    return InvalidInputError(Diagnostic(what, "", next_step, at.path, at.line, at.column))
