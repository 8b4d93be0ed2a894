from __future__ import annotations

import dataclasses

from auditor.facts.assessment import Assessment, SettingRecord, SettingSourceRecord
from auditor.report.spots import Spot, Spots


def test_the_line_that_configures_the_last_hop_comes_first(coder: Assessment) -> None:
    spots = Spots(coder)
    assert [(f.control, spots.of_finding(f)) for f in coder.findings] == [
        ("AG-01", Spot("config/litellm.yaml", 17, 7)),
        ("AG-01", Spot("workspace/.claude/settings.json", 3, 5)),
        ("AG-01", Spot("auditor.yaml", 3, 1)),
        ("IN-03", Spot("config/coder.env", 4, 24)),
        ("AG-02", Spot("auditor.yaml", 3, 1)),
        ("AG-02", Spot("auditor.yaml", 3, 1)),
    ]


def test_the_setting_that_would_mend_it_is_better_than_the_manifest(coder: Assessment) -> None:
    source = SettingSourceRecord("server", "CODER_UPDATE_CHECK", "true", True, "E-11")
    setting = SettingRecord("coder", "update_check", "true", "true", "", (source,))
    spots = Spots(dataclasses.replace(coder, settings=(setting,)))
    assert spots.of_finding(coder.findings[4]) == Spot("config/coder.env", 9, 20)


def test_without_a_claim_the_manifest_and_without_a_manifest_the_first_input(coder: Assessment) -> None:
    unclaimed = dataclasses.replace(coder, claim=None)
    assert Spots(unclaimed).manifest() == Spot("auditor.yaml", 1, 1)
    assert Spots(dataclasses.replace(unclaimed, inputs=coder.inputs[1:])).manifest() == Spot("config/coder.env", 1, 1)
    assert Spots(dataclasses.replace(unclaimed, inputs=())).manifest() == Spot("auditor.yaml", 1, 1)


def test_the_folder_of_the_deployment_stands_before_every_path(coder: Assessment) -> None:
    spots = Spots(coder, "deploy/prod/")
    assert spots.of_finding(coder.findings[0]).path == "deploy/prod/config/litellm.yaml"
    assert spots.manifest().path == "deploy/prod/auditor.yaml"
