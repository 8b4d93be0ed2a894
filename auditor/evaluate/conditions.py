"""Conditions (``when:``): three-valued, so that a control is not applicable only when that is decided."""

from __future__ import annotations

from auditor.evaluate.flow_rules import matching_rows
from auditor.evaluate.matching import Scene
from auditor.evaluate.presence import Presence
from auditor.evaluate.wholly import wholly
from auditor.facts.profile import ComponentSelector, Condition, Exists
from auditor.facts.truth import Truth, all_of, any_of, negate


def condition_holds(condition: Condition, scene: Scene, presence: Presence, *, denied: bool = False) -> Truth:
    """Return whether ``condition`` holds of the deployment.

    ``denied`` (below an odd number of ``not``): a set partly outside ``{not: …}`` then leaves it undecided, so that
    it is never the reason why a control does not apply.
    """
    if isinstance(condition, Exists):
        if isinstance(condition.what, ComponentSelector):
            matches = scene.test(wholly(condition.what) if denied else condition.what)
            return any_of(all_of((presence.of(c), matches((c.id,)))) for c in scene.model.components)
        what = wholly(condition.what) if denied else condition.what
        return any_of(match.truth for _, match in matching_rows(what, scene))
    inverts = condition.kind == "not"
    parts = [condition_holds(part, scene, presence, denied=denied is not inverts) for part in condition.parts]
    if inverts:
        return negate(parts[0])
    return all_of(parts) if condition.kind == "all" else any_of(parts)
