"""Keys and values as typed: ids, native names, questions; every mistake gets one clear message."""

from __future__ import annotations

import pytest

from auditor.catalog import load_catalog
from auditor.errors import UsageError
from auditor.facts.evidence import FileLocation
from auditor.facts.manifest import SystemEntry
from auditor.facts.settings import Change
from auditor.planning.asked import asked_changes

AT = FileLocation("auditor.yaml", "0" * 64, 1, 1)
CODER = SystemEntry("coder", "coder", "2.36", "corp", (), AT)
TWICE = (CODER, SystemEntry("second", "coder", "2.36", "corp", (), AT))


def changes(*pairs: tuple[str, str | None], systems: tuple[SystemEntry, ...] = (CODER,)) -> tuple[Change, ...]:
    return tuple(a.change for a in asked_changes(pairs, systems, load_catalog()))


def message(*pairs: tuple[str, str | None], systems: tuple[SystemEntry, ...] = (CODER,)) -> tuple[str, str, str]:
    with pytest.raises(UsageError) as caught:
        changes(*pairs, systems=systems)
    (found,) = caught.value.diagnostics()
    return found.what, found.why, found.next_step


@pytest.mark.parametrize(
    "typed",
    ["telemetry.enable", "coder/telemetry.enable", "CODER_TELEMETRY_ENABLE", "coder/CODER_TELEMETRY_ENABLE", "--telemetry"],
)
def test_a_setting_is_meant_by_its_id_and_by_every_name_that_files_give_it(typed: str) -> None:
    assert changes((typed, "false")) == (Change("coder", "telemetry.enable", "false"),)


def test_a_question_is_meant_by_its_id_and_none_unsets_a_setting() -> None:
    assert changes(("fact:web_push", "off"), ("telemetry.enable", None)) == (
        Change("coder", "fact:web_push", "off"),
        Change("coder", "telemetry.enable", None),
    )


def test_an_unknown_key_names_the_nearest_ones_and_the_systems() -> None:
    what, why, step = message(("CODER_TELEMETRY_ENABL", "false"))
    assert what == "no system of this deployment has a setting CODER_TELEMETRY_ENABL"
    assert why == "systems: coder"
    assert step.startswith("did you mean CODER_TELEMETRY_ENABLE or ")
    assert message(("zzzz", "1"))[2] == "see every setting of a product with auditor catalog show PRODUCT"
    assert message(("zzzz", "1"), systems=())[1] == "systems: none"


def test_a_key_of_two_systems_asks_which() -> None:
    what, why, step = message(("telemetry.enable", "false"), systems=TWICE)
    assert (what, why) == ("telemetry.enable may mean several settings", "coder/telemetry.enable, second/telemetry.enable")
    assert step == "write one of them, as in coder/telemetry.enable=VALUE"
    assert changes(("second/telemetry.enable", "false"), systems=TWICE)[0].system == "second"


def test_one_setting_under_two_names_is_refused() -> None:
    what, why, _ = message(("telemetry.enable", "false"), ("CODER_TELEMETRY_ENABLE", "true"))
    assert what == "CODER_TELEMETRY_ENABLE is set twice"
    assert "telemetry.enable means it too" in why


def test_values_that_a_key_does_not_take_are_refused() -> None:
    assert message(("fact:web_push", "offf"))[1:] == ("known: on, off", "did you mean off?")
    assert "cannot be unset" in message(("fact:web_push", None))[0]
    lists = [s.id for s in load_catalog().product("coder").settings if s.is_list and s.item]
    assert "no JSON array of objects" in message((lists[0], "[{"))[0]
    assert "no JSON array of objects" in message((lists[0], "[1]"))[0]
