"""Conditions (``when:``): three-valued, so that a control is not applicable only when that is decided."""

from __future__ import annotations

from auditor.evaluate.flow_rules import row_test
from auditor.evaluate.matching import Scene
from auditor.evaluate.presence import Presence
from auditor.facts.profile import ComponentSelector, Condition, Exists
from auditor.facts.truth import Truth, all_of, any_of, negate


def condition_holds(condition: Condition, scene: Scene, presence: Presence) -> Truth:
    """Return whether ``condition`` holds of the deployment."""
    if isinstance(condition, Exists):
        if isinstance(condition.what, ComponentSelector):
            selector = condition.what
            return any_of(all_of((presence.of(c), scene.component(selector, c))) for c in scene.model.components)
        test = row_test(condition.what, scene)
        return any_of(test(row).truth for row in scene.model.rows)
    parts = [condition_holds(part, scene, presence) for part in condition.parts]
    if condition.kind == "not":
        return negate(parts[0])
    return all_of(parts) if condition.kind == "all" else any_of(parts)
