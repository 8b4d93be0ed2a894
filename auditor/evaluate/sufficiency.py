"""Whether the evidence is enough for a pass: the closed inventory, the permitted and the observed basis."""

from __future__ import annotations

from collections.abc import Callable

from auditor.evaluate.ages import age_doubts
from auditor.evaluate.exercise import exercise_doubts
from auditor.evaluate.matching import Scene
from auditor.evaluate.parameters import MINIMUM_STRENGTH, STRENGTHS, values_of
from auditor.evaluate.traffic_sufficiency import traffic_doubts
from auditor.facts.inventory import Gap, Seal, Unknown
from auditor.facts.manifest import NotExamined
from auditor.facts.profile import Control
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, Party, Stage, UnknownKind

ScopeTest = Callable[[str], Truth]
"""Whether a component (by id) is one that the control speaks of."""

PERMITTED = Unknown(
    UnknownKind.PERMITTED_NOT_EXAMINED,
    Basis.PERMITTED.value,
    "What the network permits was not examined, so a flow that nobody intends cannot be ruled out.",
    (
        "Supply the network policies, firewall rules and routes that hold for the workloads (exports with their date).",
        "Show which of them are enforced, and by what.",
    ),
    Party.NETWORK,
)


def insufficiencies(control: Control, scene: Scene, scope: ScopeTest, as_of: str) -> tuple[Unknown, ...]:
    """Return why the evidence does not suffice for a pass of ``control``; nothing when it does."""
    stage = scene.model.stage
    needed = control.evidence.at(stage)
    found = [*_assumed(scene), *_unread(scene, needed)]
    found.extend(_gaps(needed, scene, scope))
    if Basis.CONFIGURED in needed:
        found.extend(age_doubts(control, scene.model.manifest, as_of))
    if Basis.PERMITTED in needed and not scene.once("permissions examined", permissions_examined):
        found.append(PERMITTED)
    if Basis.PERMITTED in needed:
        found.extend(_weak_seals(control, scene, scope))
    if Basis.OBSERVED in needed:
        found.extend(traffic_doubts(control, scene, scope, as_of))
    if stage is Stage.OPERATE and scene.model.coverage:
        found.extend(exercise_doubts(control, scene))
    return tuple(found)


def permissions_examined(scene: Scene) -> bool:
    """Return whether the permitted basis answers for every channel that may be in use; without a channel nothing was examined.

    What else a workload might reach is no channel's matter: a gap of the permitted basis tells it.
    """
    channels = scene.model.channels
    in_use = {r.channel for r in scene.model.rows if r.exists is not Truth.NO}
    return bool(channels) and all(c.permission.permitted is not Truth.UNKNOWN for c in channels if c.id in in_use)


def _gaps(needed: tuple[Basis, ...], scene: Scene, scope: ScopeTest) -> list[Unknown]:
    """Return the gaps of the needed bases in scope; a permitted basis that nobody examined is told in one way."""
    found = []
    for gap in scene.model.gaps:
        if gap.basis in needed and in_scope(gap, scope):
            same = gap.unknown.subject == Basis.PERMITTED.value
            found.append(PERMITTED if same else gap.unknown)
    return found


def _weak_seals(control: Control, scene: Scene, scope: ScopeTest) -> list[Unknown]:
    """Return what the network denies less strongly than the profile asks for (``minimum_strength``)."""
    least = values_of(control.parameters, MINIMUM_STRENGTH)
    weak = [s for s in scene.model.seals if least and STRENGTHS.index(s.strength) < STRENGTHS.index(least[0])]
    return [s.unknown for s in weak if in_scope(s, scope)]


def in_scope(gap: Gap | Seal, scope: ScopeTest) -> bool:
    """Return whether ``gap`` may hide something that the control speaks of; a gap of a whole system may."""
    return not gap.components or any(scope(c) is not Truth.NO for c in gap.components)


def _assumed(scene: Scene) -> list[Unknown]:
    if not scene.model.manifest.assumed:
        return []
    text = "No manifest was given: zones, perimeter and systems are assumed, and an assumption proves nothing."
    steps = ("Draft an auditor.yaml with auditor init, answer what it asks (zones, perimeter, versions), and audit its folder.",)
    return [Unknown(UnknownKind.INVENTORY_OPEN, "manifest", text, steps, Party.PLATFORM)]


def _unread(scene: Scene, needed: tuple[Basis, ...]) -> list[Unknown]:
    """Return one unknown for each file that was not examined: named evidence always, a discovered one if it may configure."""
    return [
        Unknown(UnknownKind.NOT_EXAMINED, item.path, *(_of_named(item) if item.named else _of_discovered(item)))
        for item in scene.model.not_examined
        if not item.set_aside and (item.named or Basis.CONFIGURED in needed)
    ]


def _of_named(item: NotExamined) -> tuple[str, tuple[str, ...]]:
    text = f"{item.path} was named as evidence and could not be read: {item.reason}."
    return text, ("Supply the file in a readable form, or take it out of the manifest.",)


def _of_discovered(item: NotExamined) -> tuple[str, tuple[str, ...]]:
    text = f"{item.path} is among the inputs and was not examined, so what it sets is open: {item.reason}."
    return text, (
        "Supply what it says in a form that is read (YAML, JSON, env file, systemd unit), or name the system that it belongs to.",
        "If it says nothing of where data goes, list it under ignore: in the manifest.",
    )
