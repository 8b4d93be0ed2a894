"""Switches that end something only together: the smallest set is found, and really ends it."""

from __future__ import annotations

import pytest

from auditor.config import JointSwitch, configure, joint_switch
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Stage
from tests.acceptance.harness import gathered

INPUTS = gathered("coder-direct-provider", Stage.CHANGE)


def joint(subject: str) -> JointSwitch | None:
    return joint_switch(subject, INPUTS.documents, INPUTS.manifest, INPUTS.catalog)


def test_a_flow_that_two_answers_keep_on_needs_both() -> None:
    found = joint("coder/terraform.providers:github.com")
    assert found is not None
    assert {c.key: c.value for c in found.changes} == {"tf.cli_config_file": "1", "fact:terraform_mirror": "inside"}
    assert found.texts[0] == "Set TF_CLI_CONFIG_FILE"
    assert found.texts[1].startswith("Have it answered inside: ")
    before, after = (configure(INPUTS.documents, INPUTS.manifest, INPUTS.catalog, c) for c in ((), found.changes))
    states = [{f.configured for f in made.flows if f.id.startswith("coder/terraform.providers")} for made in (before, after)]
    assert states == [{Truth.YES}, {Truth.NO}]
    for left_out in range(2):
        alone = (found.changes[left_out],)
        made = configure(INPUTS.documents, INPUTS.manifest, INPUTS.catalog, alone)
        assert {f.configured for f in made.flows if f.id.startswith("coder/terraform.providers")} != {Truth.NO}


def test_a_store_goes_with_the_function_that_keeps_it() -> None:
    found = joint("coder/interceptions")
    assert found is not None
    after = configure(INPUTS.documents, INPUTS.manifest, INPUTS.catalog, found.changes)
    assert {s.exists for s in after.stores if s.id == "coder/interceptions"} == {Truth.NO}


@pytest.mark.parametrize(
    "subject", ["coder/accounts", "nobody/telemetry", "coder/no-such-thing", "coder/inference:bedrock-frankfurt"]
)
def test_what_is_always_there_or_not_there_at_all_has_none(subject: str) -> None:
    assert joint(subject) is None
