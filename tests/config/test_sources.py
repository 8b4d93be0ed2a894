# ruff: noqa: E501 -- lines of YAML and JSON in texts stay whole
"""Several sources of one scope: none wins by the order of its name, and none inherits from another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.facts.configuration import Configuration
from auditor.facts.settings import Setting, SettingState
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import UnknownKind

Deploy = Callable[..., Configuration]
Find = Callable[[Configuration, str], Any]


def _setting(configuration: Configuration, key: str) -> Setting:
    return next(s for s in configuration.settings if s.key == key)


def _values(telemetry: str) -> str:
    return f"demo:\n  image: demo/server:2.1\n  env:\n    - {{name: DEMO_TELEMETRY, value: '{telemetry}'}}\n"


SERVICE = "services:\n  {name}:\n    image: demo/server:2.1\n    environment: {{{env}}}\n"


@pytest.mark.parametrize("other", ["a-prod.yaml", "values-prod.yaml"])
def test_two_values_files_in_a_folder_have_no_order(deploy: Deploy, flow: Find, other: str) -> None:
    configuration = deploy({other: _values("true"), "demo-values.yaml": _values("false")}, absent=("config_file",))
    setting = _setting(configuration, "telemetry.enable")
    places = sorted([f"{other}:4 says true", "demo-values.yaml:4 says false"])
    assert (setting.state, setting.value, setting.reason) == (
        SettingState.UNKNOWN,
        "",
        f"the sources disagree on DEMO_TELEMETRY: {', '.join(places)}",
    )
    assert flow(configuration, "demo/telemetry").configured is Truth.UNKNOWN
    gap = next(g for g in configuration.gaps if g.unknown.subject == "demo/telemetry.enable")
    assert (gap.unknown.kind, gap.unknown.text) == (
        UnknownKind.INVENTORY_OPEN,
        f"The value of telemetry is open: {setting.reason}",
    )
    assert gap.unknown.settled_by[0].startswith("List the files one by one under inputs:")


def test_values_files_listed_one_by_one_are_laid_over_each_other(deploy: Deploy) -> None:
    files = {"a-prod.yaml": _values("true"), "demo-values.yaml": _values("false") + "    - {name: DEMO_STUN, value: disable}\n"}
    configuration = deploy(files, absent=("config_file", "flags"), origins={"demo-values.yaml": "", "a-prod.yaml": ""})
    setting = _setting(configuration, "telemetry.enable")
    assert (setting.state, setting.reason) == (SettingState.SET, "DEMO_TELEMETRY=true at a-prod.yaml:4")
    assert _setting(configuration, "stun").value == "disable"


@pytest.mark.parametrize("folder", ["", "config/"])
def test_an_override_file_of_compose_is_laid_over_its_base(deploy: Deploy, folder: str) -> None:
    base = SERVICE.format(name="demo", env="DEMO_TELEMETRY: 'false', DEMO_STUN: disable")
    override = "services:\n  demo:\n    environment: {DEMO_TELEMETRY: 'true'}\n"
    files = {f"{folder}compose.yaml": base, f"{folder}compose.override.yaml": override}
    configuration = deploy(files, absent=("config_file",))
    setting = _setting(configuration, "telemetry.enable")
    assert (setting.state, setting.reason) == (
        SettingState.SET,
        f"DEMO_TELEMETRY=true at {folder}compose.override.yaml:3",
    )
    assert _setting(configuration, "stun").value == "disable"


@pytest.mark.parametrize("second", ["ademo", "zdemo"])
def test_a_second_process_does_not_inherit_the_switch_of_the_first(deploy: Deploy, flow: Find, second: str) -> None:
    files = {
        "compose.yaml": SERVICE.format(name="demo", env="DEMO_TELEMETRY: 'false'") + f"  {second}: {{image: 'demo/server:2.1'}}\n"
    }
    configuration = deploy(files, absent=("config_file",))
    setting = _setting(configuration, "telemetry.enable")
    assert (setting.state, setting.reason) == (
        SettingState.UNKNOWN,
        "the sources disagree on DEMO_TELEMETRY: compose.yaml:4 says false, compose.yaml:5 has DEMO_TELEMETRY unset; default true",
    )
    telemetry = flow(configuration, "demo/telemetry")
    assert telemetry.configured is Truth.UNKNOWN
    assert {e.location.line for e in telemetry.evidence if hasattr(e.location, "line")} >= {4}


def test_processes_that_come_to_the_same_agree(deploy: Deploy) -> None:
    compose = (
        "services:\n"
        "  one: {image: 'demo/server:2.1', environment: {DEMO_TELEMETRY: 'false'}}\n"
        "  two: {image: 'demo/server:2.1', command: ['serve', '--telemetry=0']}\n"
        "  three: {image: 'demo/server:2.1', environment: {DEMO_TELEMETRY: 'true'}, command: ['--telemetry=false']}\n"
    )
    setting = _setting(deploy({"compose.yaml": compose}, absent=("config_file",)), "telemetry.enable")
    assert (setting.state, setting.value) == (SettingState.SET, "false")
    assert [(c.scope, c.value) for c in setting.chain] == [
        ("environment", "false"),
        ("environment", "true"),
        ("flags", "0"),
        ("flags", "false"),
    ]


def test_a_value_as_the_default_agrees_with_one_that_is_left_out(deploy: Deploy) -> None:
    compose = "services:\n  one: {image: demo/server, environment: {DEMO_TELEMETRY: 'true'}}\n  two: {image: demo/server}\n"
    setting = _setting(deploy({"compose.yaml": compose}, absent=("config_file",)), "telemetry.enable")
    assert (setting.state, setting.value) == (SettingState.SET, "true")


def test_an_init_container_of_the_same_program_counts(deploy: Deploy) -> None:
    pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: demo}
        spec:
          initContainers: [{name: fetch, image: demo/server, env: [{name: DEMO_TELEMETRY, value: "true"}]}]
          containers: [{name: demo, image: demo/server, env: [{name: DEMO_TELEMETRY, value: "false"}]}]
        """
    setting = _setting(deploy({"pod.yaml": pod}, absent=("config_file",)), "telemetry.enable")
    assert (setting.state, "pod.yaml:6 says true, pod.yaml:7 says false" in setting.reason) == (SettingState.UNKNOWN, True)


def test_an_env_file_that_no_process_takes_speaks_for_what_it_sets_alone(deploy: Deploy) -> None:
    files = {"compose.yaml": SERVICE.format(name="demo", env="DEMO_STUN: disable"), "other.env": "DEMO_TELEMETRY=false\n"}
    configuration = deploy(files, absent=("config_file",))
    assert _setting(configuration, "telemetry.enable").state is SettingState.UNKNOWN
    assert (_setting(configuration, "stun").state, _setting(configuration, "stun").value) == (SettingState.SET, "disable")


def test_two_files_of_one_scope_disagree_whatever_their_names(deploy: Deploy) -> None:
    files = {
        "demo.env": "DEMO_X=1\n",
        "a/demo.yaml": "telemetry: {enable: true}\n",
        "b/demo.yaml": "telemetry: {enable: false}\n",
    }
    setting = _setting(deploy(files, absent=("flags",)), "telemetry.enable")
    assert (setting.state, setting.reason) == (
        SettingState.UNKNOWN,
        "the sources disagree on DEMO_TELEMETRY: a/demo.yaml:1 says true, b/demo.yaml:1 says false",
    )
    higher = _setting(deploy({**files, "demo.env": "DEMO_TELEMETRY=false\n"}, absent=("flags",)), "telemetry.enable")
    assert (higher.state, higher.value) == (SettingState.SET, "false")


LOCAL = '[{"name": "local", "type": "openai-compat", "base_url": "http://10.0.0.5:8000/v1", "enabled": true}]'
CLOUD = '[{"name": "cloud", "type": "openai", "base_url": "https://api.openai.com/v1", "enabled": true}]'


@pytest.mark.parametrize("second", ["a.json", "z.json"])
def test_the_lists_of_two_exports_are_united(deploy: Deploy, second: str) -> None:
    configuration = deploy(
        {"demo.env": "DEMO_X=1\n", "m.json": LOCAL, second: CLOUD, "n.json": LOCAL},
        origins={"m.json": "GET /providers", second: "GET /providers", "n.json": "GET /providers"},
    )
    found = {f.id: (f.configured, f.destination.name or f.destination.address) for f in configuration.flows}
    assert {k: v for k, v in found.items() if k.startswith("demo/inference")} == {
        "demo/inference:local": (Truth.YES, "10.0.0.5"),
        "demo/inference:cloud": (Truth.YES, "api.openai.com"),
    }


def test_united_lists_say_only_what_holds_of_each(deploy: Deploy, flow: Find) -> None:
    compose = "services:\n  one: {image: demo/server, environment: {DEMO_STUN: disable}}\n  two: {image: demo/server}\n"
    stun = flow(deploy({"compose.yaml": compose}, absent=("config_file",)), "demo/stun:stun.demo.example")
    assert (stun.configured, stun.destination.name) == (Truth.YES, "stun.demo.example")


@pytest.mark.parametrize(
    ("export", "reason"),
    [
        (f'{{"count": 2, "ai_providers": {CLOUD}}}', "the export has another shape than expected"),
        ('{"message": "unauthorised"}', "the export has another shape than expected"),
        ("{}", "the export has another shape than expected"),
    ],
)
def test_an_export_of_another_shape_is_no_empty_list(deploy: Deploy, flow: Find, export: str, reason: str) -> None:
    configuration = deploy({"demo.env": "DEMO_X=1\n", "p.json": export}, origins={"p.json": "GET /providers"})
    setting = _setting(configuration, "providers")
    assert (setting.state, setting.reason) == (SettingState.UNKNOWN, f"providers at p.json:1: {reason}")
    inference = flow(configuration, "demo/inference")
    assert (inference.configured, inference.purpose) == (Truth.UNKNOWN, "inference by … (entries not known: providers)")
    assert "demo/providers" in [g.unknown.subject for g in configuration.gaps]


def test_a_real_empty_list_is_empty(deploy: Deploy, flow: Find) -> None:
    configuration = deploy({"demo.env": "DEMO_X=1\n", "p.json": "[]"}, origins={"p.json": "GET /providers"})
    inference = flow(configuration, "demo/inference")
    assert (inference.configured, inference.purpose) == (Truth.NO, "inference by … (no entries of the list: providers)")


@pytest.mark.parametrize(
    ("enabled", "said"),
    [
        ("", "enabled is not given"),
        (', "enabled": null', "enabled is not given"),
        (', "enabled": "enabled"', "enabled: enabled, which is neither a yes nor a no"),
    ],
)
def test_an_entry_without_a_readable_switch_is_not_off(deploy: Deploy, flow: Find, enabled: str, said: str) -> None:
    export = f'[{{"name": "x", "type": "openai", "base_url": "https://api.openai.com/v1"{enabled}}}]'
    configuration = deploy({"demo.env": "DEMO_X=1\n", "p.json": export}, origins={"p.json": "GET /providers"})
    inference = flow(configuration, "demo/inference:x")
    assert (inference.configured, inference.configured_reason) == (Truth.UNKNOWN, said)
    assert [u.text for u in inference.unknowns] == [f'Whether Demo has the flow "inference by x" is not known: {said}']
