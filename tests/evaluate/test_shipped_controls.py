"""What no example beside a shipped profile can say: nothing to look at is never a pass, at any stage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.evaluate import load_profile, shipped_profiles
from auditor.evaluate.judging import Judge
from auditor.evaluate.matching import Scene
from auditor.evaluate.resolving import resolved
from auditor.facts.profile import Control
from auditor.facts.vocabulary import Stage, Verdict
from tests.evaluate.builder import AS_OF, VENDOR, Mini, air_gapped, component, row

CONTROLS: dict[str, Control] = {c.id: resolved(c) for name in shipped_profiles() for c in load_profile(name).controls}


@pytest.mark.parametrize("control", list(CONTROLS))
@pytest.mark.parametrize("stage", list(Stage))
def test_nothing_to_look_at_is_never_a_pass(control: str, stage: Stage) -> None:
    assert Judge(Scene(Mini().model(stage=stage)), AS_OF).outcome(CONTROLS[control]).verdict is Verdict.UNKNOWN


def test_a_destination_of_unknown_use_keeps_the_condition_open() -> None:
    odd = replace(component("host:odd.example", None, None, VENDOR), system="")
    mini = Mini({k: c for k, c in air_gapped().components.items() if k != "coder/ai-gateway"}).with_component(odd)
    mini = mini.with_row(row("coder/workspace", "host:odd.example"))
    assert Judge(Scene(mini.model()), AS_OF).outcome(CONTROLS["FSH-03"]).verdict is Verdict.UNKNOWN
