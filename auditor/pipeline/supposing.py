"""``auditor whatif``: the deployment with other values, judged beside the deployment as it is."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.compare import difference
from auditor.facts.evidence import file_place
from auditor.facts.settings import Setting
from auditor.facts.supposition import SCHEMA, SupposedRecord, Supposition
from auditor.pipeline.foreseeing import foreseen
from auditor.pipeline.modelling import judge, model
from auditor.pipeline.request import Inputs
from auditor.planning.asked import FACT, Asked, asked_changes
from auditor.planning.moves import flow_moves, verdicts


def suppose(inputs: Inputs, pairs: Sequence[tuple[str, str | None]], as_of: str) -> Supposition:
    """Return what moves when each key of ``pairs`` has its value (``None``: unset); pure.

    Raises:
        UsageError: a key or value that means nothing here (``planning.asked``).
    """
    asked = asked_changes(pairs, inputs.manifest.systems, inputs.catalog)
    before = model(inputs)
    after, past = foreseen(inputs, before, [a.change for a in asked])
    old, new = judge(before, inputs, as_of), judge(after, inputs, as_of)
    return Supposition(
        schema=SCHEMA,
        tool=new.tool,
        as_of=new.as_of,
        stage=new.stage,
        deployment=new.deployment,
        supposed=tuple(_supposed(a, before.settings, inputs) for a in asked),
        verdicts=verdicts(old, new),
        flows=flow_moves(old, new),
        recipients=difference(old, new).recipients,
        set_aside=past,
    )


def _supposed(asked: Asked, settings: Sequence[Setting], inputs: Inputs) -> SupposedRecord:
    change = asked.change
    new = "(unset)" if change.value is None else "(not shown)" if asked.secret and change.value else change.value
    now = next((s for s in settings if (s.system, s.key) == (change.system, change.key)), None)
    if now is None:
        old, state, place = _answer(asked, inputs)
    else:
        old, state = now.value, now.state.value
        place = next((file_place(source.evidence) for source in now.chain if source.used), "")
    return SupposedRecord(asked.typed, change.system, change.key, asked.title, old, state, place, new)


def _answer(asked: Asked, inputs: Inputs) -> tuple[str, str, str]:
    """Return what is answered to a question now, how sure it is, and where it stands."""
    fact = asked.change.key.removeprefix(FACT)
    stated = [f for f in inputs.manifest.facts if f.system == asked.change.system and f.fact == fact]
    if not stated:
        return "", "unknown", ""
    at = stated[0].location
    return stated[0].value, "set", f"{at.path}:{at.line}" if at is not None else file_place(stated[0].evidence)
