"""``auditor plan``: the lightest set of actions after which a profile holds, found by trying; pure.

What must be met is not known at the start: a redirect opens another flow, a stopped flow leaves old captures behind. So the
lightest choice for the obstacles known so far is applied and judged again, and what then still stands in the way is added,
until the profile holds or something is left that no action meets (implicit hitting set: Moreno-Centeno and Karp 2013).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from auditor.config import joint_switch
from auditor.errors import Diagnostic, UsageError
from auditor.facts.model import Model
from auditor.facts.plan import StepKind
from auditor.facts.profile import Forbid, PathSelector, Profile
from auditor.facts.settings import Change
from auditor.pipeline.foreseeing import stale_channels
from auditor.pipeline.modelling import AS_IT_IS, Foresight, judge, model
from auditor.pipeline.questioning import assumed_attestations
from auditor.pipeline.request import Inputs
from auditor.planning.actions import RECAPTURE, Action, Means, recapture
from auditor.planning.hitting import minimum_hitting_set
from auditor.planning.obstacles import Obstacle, State, obstacles

_MOST_ROUNDS = 40
PASS = "pass"  # noqa: S105 -- a verdict, not a password


@dataclass(frozen=True, slots=True)
class Mended:
    """The chosen actions with the state after them, or the obstacles that nothing meets."""

    before: State
    after: State
    chosen: tuple[Action, ...]
    exact: bool
    obstacles: tuple[Obstacle, ...]
    """Everything that stood in the way at some time."""
    impossible: tuple[Obstacle, ...]

    @property
    def satisfied(self) -> bool:
        """Whether the profile holds after the actions."""
        return not self.impossible and verdict(self.after) == PASS


class Workshop:
    """Applies actions to one deployment that is judged against one profile; what was modelled once is kept."""

    def __init__(self, inputs: Inputs, profile: Profile, as_of: str) -> None:
        if inputs.manifest.assumed:
            what = "a plan needs a manifest: without zones nothing is inside, and nothing can pass"
            raise UsageError(Diagnostic(what, next_step="draft one with auditor init PATH, and answer its questions"))
        manifest = replace(inputs.manifest, claim=None)
        self._inputs = replace(inputs, manifest=manifest, profiles=(profile,), ladder=())
        self._as_of = as_of
        self._controls = tuple(c.id for c in profile.controls)
        self._models: dict[object, tuple[Model, frozenset[str]]] = {}
        self._joints: dict[str, tuple[tuple[Change, ...], tuple[str, ...]] | None] = {}
        self._as_it_is = model(self._inputs)
        self.paths = frozenset(
            c.id for c in profile.controls if isinstance(c.requirement, Forbid) and isinstance(c.requirement.what, PathSelector)
        )
        self.means = Means(self._as_it_is, self._joint)

    def apply(self, actions: Collection[Action]) -> State:
        """Return the deployment after ``actions``, judged."""
        found, stale = self._modelled(actions)
        subjects = sorted({a.subject for a in actions if a.subject})
        pairs = [(control, subject) for subject in subjects for control in self._controls]
        attestations = (*assumed_attestations(pairs, self._as_of), *self._inputs.attestations)
        done = frozenset(a.key for a in actions)
        return State(found, judge(found, replace(self._inputs, attestations=attestations), self._as_of), stale, done)

    def alone(self, action: Action) -> Model:
        """Return the model after one action, as captures after it would show it."""
        found, _ = self._modelled((action, recapture()))
        return found

    def _joint(self, flow: str) -> tuple[tuple[Change, ...], tuple[str, ...]] | None:
        if flow not in self._joints:
            found = joint_switch(flow, self._inputs.documents, self._inputs.manifest, self._inputs.catalog)
            self._joints[flow] = None if found is None else (found.changes, found.texts)
        return self._joints[flow]

    def _modelled(self, actions: Collection[Action]) -> tuple[Model, frozenset[str]]:
        key = frozenset((a.key, a.channels) for a in actions if not a.subject)
        if key not in self._models:
            self._models[key] = self._model(actions)
        return self._models[key]

    def _model(self, actions: Collection[Action]) -> tuple[Model, frozenset[str]]:
        """Return the model after the actions and the channels whose packets are out of date and still counted."""
        services = {a.service.id: a.service for a in actions if a.service is not None}
        manifest = self._inputs.manifest
        taken = {c.id for c in manifest.components}
        added = tuple(service for name, service in sorted(services.items()) if name not in taken)
        inputs = replace(self._inputs, manifest=replace(manifest, components=(*manifest.components, *added)))
        changes = [c for a in sorted(actions, key=lambda a: a.key) for c in a.changes]
        denied = frozenset(c for a in actions if a.kind is StepKind.DENY for c in a.channels)
        stopped = frozenset(c for a in actions if a.kind is StepKind.STOP for c in a.channels)
        if not (changes or denied or stopped):
            return self._as_it_is, frozenset()
        after = model(inputs, changes, replace(AS_IT_IS, denied=denied))
        seen = {r.channel for r in self._as_it_is.rows if r.sighting.value in ("data", "attempt")}
        past = frozenset(stale_channels(self._as_it_is, after)) | (stopped & seen)
        refused = (denied & seen) - past
        if not past and not refused:
            return after, frozenset()
        if not any(a.key == RECAPTURE for a in actions):
            return after, past | refused
        return model(inputs, changes, Foresight(past, denied, refused)), frozenset()


def mend(workshop: Workshop) -> Mended:
    """Return the lightest irredundant actions after which the profile holds, or what no action meets."""
    before = state = workshop.apply(())
    known: dict[str, Obstacle] = {}
    every: dict[tuple[str, str, str], Obstacle] = {}
    impossible: dict[tuple[str, str, str], Obstacle] = {}
    chosen: tuple[Action, ...] = ()
    exact = True
    for _ in range(_MOST_ROUNDS):
        if verdict(state) == PASS:
            break
        fresh = False
        for obstacle in obstacles(state, workshop.means, workshop.paths):
            identity = (obstacle.key, obstacle.control, obstacle.finding)
            every.setdefault(identity, obstacle)
            if not obstacle.actions:
                fresh |= impossible.setdefault(identity, obstacle) is obstacle
            else:
                fresh |= _note(known, obstacle)
        found = _lightest(known.values()) if fresh else None
        if found is None:
            break
        chosen, exact = found
        state = workshop.apply(chosen)
    if verdict(state) == PASS:
        chosen = _without_the_superfluous(workshop, chosen)
        return Mended(before, workshop.apply(chosen), chosen, exact, tuple(every.values()), ())
    left = tuple(impossible.values()) or tuple(_tried(o) for o in obstacles(state, workshop.means, workshop.paths))
    return Mended(before, state, chosen, exact, tuple(every.values()), left)


def _tried(obstacle: Obstacle) -> Obstacle:
    """Return an obstacle that has actions and stands all the same, with that as its reason."""
    return (
        replace(obstacle, why="what is known to meet it excludes, or undoes, what meets something else")
        if obstacle.actions
        else obstacle
    )


def verdict(state: State) -> str:
    """Return the verdict of the only profile."""
    return state.assessment.profiles[0].verdict


def _note(known: dict[str, Obstacle], obstacle: Obstacle) -> bool:
    """Keep the obstacle, and return whether that says anything new: fewer actions meet it than was thought."""
    before = known.get(obstacle.key)
    if before is None:
        known[obstacle.key] = obstacle
        return True
    keys = {a.key for a in obstacle.actions}
    narrower = tuple(a for a in before.actions if a.key in keys)
    if len(narrower) == len(before.actions) or not narrower:
        return False
    known[obstacle.key] = replace(before, actions=narrower)
    return True


def _lightest(found: Iterable[Obstacle]) -> tuple[tuple[Action, ...], bool] | None:
    listed = list(found)
    # One action may weigh differently by the flow that it ends: the heaviest counts.
    actions = {a.key: a for a in sorted((a for o in listed for a in o.actions), key=lambda a: a.effort)}
    hitting = minimum_hitting_set(
        [frozenset(a.key for a in o.actions) for o in listed],
        {key: a.effort for key, a in actions.items()},
        {key: a.group for key, a in actions.items()},
    )
    return None if hitting is None else (tuple(actions[key] for key in hitting.chosen), hitting.exact)


def _without_the_superfluous(workshop: Workshop, chosen: Sequence[Action]) -> tuple[Action, ...]:
    """Return the actions without those, heaviest first, that the profile does not need."""
    kept = list(chosen)
    for action in sorted(chosen, key=lambda a: (-a.effort, a.key)):
        rest = [a for a in kept if a is not action]
        if verdict(workshop.apply(rest)) == PASS:
            kept = rest
    return tuple(kept)
