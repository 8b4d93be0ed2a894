# ruff: noqa: E501 -- lines of YAML and JSON in texts stay whole
"""What a configuration makes of the flows of a miniature product: whole outputs, one trap a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.errors import InvalidInputError
from auditor.facts.configuration import Configuration
from auditor.facts.evidence import CatalogLocation, FileLocation
from auditor.facts.flows import Cure
from auditor.facts.manifest import ComponentEntry
from auditor.facts.settings import Change, SettingState
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass, Transport, UnknownKind

from .conftest import HERE

Deploy = Callable[..., Configuration]
Find = Callable[[Configuration, str], Any]


def _table(configuration: Configuration) -> list[tuple[str, str, str]]:
    return [
        (
            f.id,
            f.configured.value,
            f"{f.destination.name or f.destination.address or f.destination_component}:{f.destination.port}",
        )
        for f in configuration.flows
    ]


def _gaps(configuration: Configuration) -> list[str]:
    return [g.unknown.subject for g in configuration.gaps]


PROVIDERS = '[{"name": "local", "type": "openai-compat", "base_url": "http://10.0.0.5:8000/v1", "enabled": true},\n {"name": "cloud", "type": "openai", "enabled": true},\n {"name": "old", "type": "openai", "enabled": false},\n {"name": "odd", "type": "odd", "enabled": true}]'


def test_every_flow_of_a_closed_deployment(deploy: Deploy) -> None:
    configuration = deploy(
        {"demo.env": "DEMO_TELEMETRY=false\nDEMO_STUN=disable\n", "providers.json": PROVIDERS},
        origins={"providers.json": "GET /providers"},
        facts={"plan": "enterprise"},
    )
    assert _gaps(configuration) == []
    assert _table(configuration) == [
        ("demo/api", "yes", "api.demo.example:443"),
        ("demo/blogged", "yes", "blogged.example:443"),
        ("demo/inference:cloud", "yes", "api.openai.example:443"),
        ("demo/inference:local", "yes", "10.0.0.5:8000"),
        ("demo/inference:odd", "yes", ":0"),
        ("demo/inference:old", "no", "api.openai.example:443"),
        ("demo/plan", "no", "demo-corp/dashboard_api:443"),
        ("demo/rumour", "unknown", "rumour.example:443"),
        ("demo/stun", "no", ":0"),
        ("demo/telemetry", "no", "t.demo.example:8443"),
        ("demo/usage", "yes", "usage.demo.example:443"),
    ]


def test_a_flow_switched_off_names_the_setting_and_its_place(deploy: Deploy, flow: Find) -> None:
    telemetry = flow(deploy({"config/demo.env": "# x\nDEMO_TELEMETRY=false\n"}), "demo/telemetry")
    assert telemetry.configured is Truth.NO
    assert telemetry.configured_reason == "DEMO_TELEMETRY=false at config/demo.env:2"
    first, *rest = telemetry.evidence
    assert isinstance(first.location, FileLocation)
    assert (first.location.path, first.location.line, first.location.column) == ("config/demo.env", 2, 16)
    assert isinstance(rest[-1].location, CatalogLocation)
    assert rest[-1].location.fact == "flows.telemetry"
    assert telemetry.cures == ()


def test_an_unset_key_below_a_missing_scope_is_unknown_and_never_off(deploy: Deploy, flow: Find) -> None:
    configuration = deploy({"demo.env": "DEMO_X=1\n"}, absent=("config_file",))
    setting = next(s for s in configuration.settings if s.key == "telemetry.enable")
    assert (setting.state, setting.value) == (SettingState.ASSUMED_DEFAULT, "true")
    telemetry = flow(configuration, "demo/telemetry")
    assert telemetry.configured is Truth.UNKNOWN
    assert "default true, unless the command line of the server sets it" in telemetry.configured_reason
    assert telemetry.unknowns[0].kind is UnknownKind.SETTING_UNKNOWN
    assert telemetry.unknowns[0].settled_by == (
        "Supply the command line of the server under inputs:, or list flags under absent:",
    )
    assert "demo/flags" in _gaps(configuration)


def test_nothing_supplied_leaves_every_condition_open(deploy: Deploy) -> None:
    configuration = deploy({}, absent=(), version="")
    assert {f.configured for f in configuration.flows if f.id not in ("demo/usage", "demo/api")} == {Truth.UNKNOWN}
    assert _gaps(configuration) == ["demo/config_file", "demo/environment", "demo/flags", "demo/providers_export", "demo/version"]


def test_an_open_list_is_one_unknown_flow_with_a_cure(deploy: Deploy, flow: Find) -> None:
    inference = flow(deploy({"demo.env": "DEMO_X=1\n"}), "demo/inference")
    assert inference.configured is Truth.UNKNOWN
    assert inference.destination.name == ""
    assert inference.unknowns[0].settled_by == ("Export GET /providers",)
    assert inference.cures == (
        Cure("redirect", "Point every entry of providers at a host inside the perimeter", "providers", ""),
    )


def test_an_entry_whose_host_nobody_knows_is_a_flow_to_somewhere(deploy: Deploy, flow: Find) -> None:
    configuration = deploy({"providers.json": PROVIDERS, "demo.env": "DEMO_X=1"}, origins={"providers.json": "GET /providers"})
    odd = flow(configuration, "demo/inference:odd")
    assert odd.configured is Truth.YES
    assert [u.kind for u in odd.unknowns] == [UnknownKind.SETTING_UNKNOWN]
    assert "goes is not known" in odd.unknowns[0].text
    state = next(e for e in odd.evidence if isinstance(e.location, FileLocation))
    assert (state.state, state.collected, state.origin) == ("live", "2026-11-20", "GET /providers")


def test_a_secret_behind_envfrom_opens_every_unset_name(deploy: Deploy, flow: Find) -> None:
    pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: demo}
        spec:
          containers:
            - name: demo
              image: registry.corp.example/demo/server:2.1
              args: [--config, /x]
              env: [{name: DEMO_TELEMETRY, value: "false"}, {name: DEMO_BASE_URL, valueFrom: {secretKeyRef: {name: s, key: k}}}]
              envFrom: [{secretRef: {name: hidden}}, {configMapRef: {name: shown}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: shown}
        data: {DEMO_STUN: disable, DEMO_TELEMETRY: "true"}
        """
    configuration = deploy({"pod.yaml": pod}, absent=("config_file",))
    states = {s.key: (s.state, s.value) for s in configuration.settings}
    assert states["telemetry.enable"] == (SettingState.SET, "false")
    assert states["stun"] == (SettingState.SET, "disable")
    assert states["quiet"] == (SettingState.UNKNOWN, "")
    assert states["base_url"] == (SettingState.UNKNOWN, "")
    # A variable nobody sees could turn it on again, so even the explicit false does not settle the flow.
    assert flow(configuration, "demo/telemetry").configured is Truth.UNKNOWN
    api = flow(configuration, "demo/api")
    assert (api.configured, api.destination.name) == (Truth.UNKNOWN, "")
    assert "Secret s" in api.unknowns[0].text
    assert "demo/environment" in _gaps(configuration)


def test_a_value_that_only_the_starting_shell_knows_may_be_empty(deploy: Deploy) -> None:
    compose = "services:\n  demo:\n    image: demo/server\n    environment: {DEMO_CONFIG: '${DEMO_CONFIG}'}\n"
    configuration = deploy({"compose.yaml": compose}, absent=())
    setting = next(s for s in configuration.settings if s.key == "config.path")
    assert setting.state is SettingState.UNKNOWN
    assert setting.reason == "DEMO_CONFIG at compose.yaml:4: ${DEMO_CONFIG} has no value in the inputs"
    assert "demo/config_file" in _gaps(configuration)


def test_flags_win_over_environment_over_the_file(deploy: Deploy) -> None:
    compose = """
        services:
          demo:
            image: demo/server:2.1
            env_file: demo.env
            command: ["serve", "--telemetry=false", "--config", "demo.yaml"]
        """
    files = {"compose.yaml": compose, "demo.env": "DEMO_TELEMETRY=true\n", "demo.yaml": "telemetry:\n  enable: true\n"}
    configuration = deploy(files, absent=())
    setting = next(s for s in configuration.settings if s.key == "telemetry.enable")
    assert (setting.state, setting.value, setting.reason) == (SettingState.SET, "false", "--telemetry=false at compose.yaml:6")
    assert [(c.scope, c.name, c.value, c.used) for c in setting.chain] == [
        ("config_file", "telemetry.enable", "true", False),
        ("environment", "DEMO_TELEMETRY", "true", False),
        ("flags", "--telemetry", "false", True),
    ]
    assert configuration.not_examined == ()


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ("DEMO_QUIET=0", Truth.NO),  # any_nonempty: zero is on
        ("DEMO_QUIET=", Truth.YES),
        ("DEMO_QUIET=1\nDEMO_LOUD=true", Truth.YES),
        ("DEMO_TELEMETRY=False", Truth.NO),
        ("DEMO_TELEMETRY=maybe", Truth.UNKNOWN),
    ],
)
def test_umbrella_re_enabling_and_truthiness(deploy: Deploy, flow: Find, env: str, expected: Truth) -> None:
    assert flow(deploy({"demo.env": env + "\n"}), "demo/telemetry").configured is expected


def test_an_umbrella_spares_its_exceptions_and_opting_out_does_not_stop(deploy: Deploy, flow: Find) -> None:
    usage = flow(deploy({"demo.env": "DEMO_QUIET=1\nDEMO_SHARE=false\n"}), "demo/usage")
    assert usage.configured is Truth.YES
    assert usage.configured_reason.endswith("marks the data as opted out, and it is sent all the same")


def test_a_flag_raises_what_a_flow_carries(deploy: Deploy, flow: Find) -> None:
    telemetry = flow(deploy({"demo.env": "DEMO_LOG_PROMPTS=1\n"}), "demo/telemetry")
    assert telemetry.sends_at_least == (DataClass.PROMPT, DataClass.DIAGNOSTIC)
    maybe = flow(deploy({"demo.env": ""}, absent=("config_file",)), "demo/telemetry")
    assert (maybe.sends_at_least, maybe.sends_at_most) == ((DataClass.DIAGNOSTIC,), (DataClass.PROMPT, DataClass.DIAGNOSTIC))


def test_a_weak_fact_raises_an_unknown_and_never_a_no(deploy: Deploy, flow: Find) -> None:
    rumour = flow(deploy({"demo.env": "DEMO_X=1"}), "demo/rumour")
    assert (rumour.configured, rumour.sends_at_least, rumour.sends_at_most) == (Truth.UNKNOWN, (), (DataClass.PROMPT,))
    assert [u.kind for u in rumour.unknowns] == [UnknownKind.FACT_WEAK]
    blogged = flow(deploy({"demo.env": "DEMO_BLOG=false"}), "demo/blogged")
    assert (blogged.configured, [u.kind for u in blogged.unknowns]) == (Truth.UNKNOWN, [UnknownKind.FACT_WEAK])


def test_a_question_that_nobody_answered(deploy: Deploy, flow: Find) -> None:
    plan = flow(deploy({"demo.env": "DEMO_X=1"}), "demo/plan")
    assert plan.configured is Truth.UNKNOWN
    assert (plan.unknowns[0].kind, plan.unknowns[0].settled_by, plan.unknowns[0].who) == (
        UnknownKind.FACT_UNKNOWN,
        ("Show the contract",),
        "vendor",
    )
    assert plan.cures == (Cure("contract", "Have it answered enterprise: Show the contract", "plan", "enterprise"),)
    assert flow(deploy({"demo.env": "DEMO_X=1"}, facts={"plan": "free"}), "demo/plan").configured is Truth.YES


def test_redirects_and_lists(deploy: Deploy, flow: Find) -> None:
    configuration = deploy(
        {"demo.env": "DEMO_BASE_URL=https://Gateway.Corp.Example:8080/v1\nDEMO_STUN=a.example:1,[2001:db8::1]:2\n"}
    )
    api = flow(configuration, "demo/api")
    assert (api.destination.name, api.destination.port) == ("gateway.corp.example", 8080)
    assert api.cures == (Cure("redirect", "Point DEMO_BASE_URL at a host inside the perimeter", "base_url", ""),)
    first, second = flow(configuration, "demo/stun:a.example"), flow(configuration, "demo/stun:2001:db8::1")
    assert (first.destination.port, first.destination.transport) == (1, Transport.UDP)
    assert (second.destination.address, second.destination.port) == ("2001:db8::1", 2)


def test_what_if(deploy: Deploy, flow: Find) -> None:
    env = {"demo.env": "DEMO_TELEMETRY=false\n"}
    assert flow(deploy(env, changes=[Change("demo", "telemetry.enable", None)]), "demo/telemetry").configured is Truth.YES
    assert flow(deploy(env, changes=[Change("demo", "telemetry.enable", "(unset)")]), "demo/telemetry").configured is Truth.YES
    assert flow(deploy(env, changes=[Change("demo", "fact:plan", "free")]), "demo/plan").configured is Truth.YES
    changed = deploy(env, changes=[Change("demo", "providers", "https://in-network.invalid")])
    assert flow(changed, "demo/inference:what-if").destination.name == "in-network.invalid"
    assert flow(deploy(env, changes=[Change("other", "telemetry.enable", None)]), "demo/telemetry").configured is Truth.NO


def test_every_setting_cure_works_when_applied(deploy: Deploy, flow: Find) -> None:
    configuration = deploy({"demo.env": "DEMO_X=1\n"}, facts={"plan": "free"})
    cures = [(f.id, c) for f in configuration.flows for c in f.cures if c.kind == "setting"]
    assert [(i, c.text) for i, c in cures] == [
        ("demo/blogged", "Set DEMO_BLOG=false"),
        ("demo/telemetry", "Set DEMO_TELEMETRY=false"),
        ("demo/telemetry", "Set DEMO_QUIET=1"),
    ]
    for identifier, cure in cures:
        changed = deploy({"demo.env": "DEMO_X=1\n"}, changes=[Change("demo", cure.setting, cure.value)])
        assert flow(changed, identifier).configured in (Truth.NO, Truth.UNKNOWN if identifier == "demo/blogged" else Truth.NO)


def test_strangers_and_unread_files_keep_the_inventory_open(deploy: Deploy) -> None:
    compose = "services:\n  demo: {image: 'demo/server:2.1'}\n  miner: {image: 'ghcr.io/x/miner:1'}\n"
    configuration = deploy({"compose.yaml": compose, "other.json": '{"a": 1}'}, absent=("config_file",))
    assert _gaps(configuration) == ["process:compose.yaml#miner", "demo/providers_export"]
    assert [(n.path, n.named) for n in configuration.not_examined] == [("other.json", False)]
    assert configuration.recognised == (("compose.yaml", "demo: compose of server"),)


def test_two_systems_of_one_product_are_told_apart_by_name_or_not_at_all(deploy: Deploy) -> None:
    compose = "services:\n  one: {image: demo/server, environment: {DEMO_TELEMETRY: 'false'}}\n  two: {image: demo/server}\n"
    configuration = deploy({"compose.yaml": compose}, absent=("config_file",), systems=("one", "two"))
    values = {s.system: s.state for s in configuration.settings if s.key == "telemetry.enable"}
    assert values == {"one": SettingState.SET, "two": SettingState.DEFAULT}
    unclear = deploy({"compose.yaml": "services:\n  x: {image: demo/server}\n"}, absent=("config_file",), systems=("one", "two"))
    assert [g.system for g in unclear.gaps if g.unknown.subject.startswith("process:")] == ["one", "two"]


def test_inventory(deploy: Deploy) -> None:
    entry = ComponentEntry("server", None, None, "", ("10.0.0.0/24",), ("demo.corp.example",), "", "", HERE)
    configuration = deploy({"demo.env": "DEMO_X=1"}, components=(entry,))
    assert [(w.id, w.networks, w.hosts, w.zone) for w in configuration.workloads] == [
        ("demo/server", ("10.0.0.0/24",), ("demo.corp.example",), "corp")
    ]
    shown = [(c.id, c.workload, c.present.value, c.place.inside, c.place.operator, c.passes_on) for c in configuration.components]
    assert shown == [
        ("demo-corp/dashboard_api", "", "yes", False, "demo-corp", False),
        ("demo/gateway", "demo/gateway", "no", None, "", True),
        ("demo/server", "demo/server", "yes", None, "", False),
    ]
    assert [(s.id, s.component, s.exists.value, s.retention) for s in configuration.stores] == [
        ("demo/chats", "demo/server", "yes", "until deleted")
    ]


def test_a_component_may_share_the_workload_of_another(deploy: Deploy) -> None:
    entry = ComponentEntry("server", None, None, "", (), (), "coder/workspace", "", HERE)
    configuration = deploy({"demo.env": "DEMO_X=1"}, components=(entry,))
    assert [c.workload for c in configuration.components if c.id == "demo/server"] == ["coder/workspace"]
    assert configuration.workloads == ()


def test_a_component_that_the_product_does_not_have_is_refused(deploy: Deploy) -> None:
    entry = ComponentEntry("sevrer", None, None, "", (), (), "", "", HERE)
    with pytest.raises(InvalidInputError) as caught:
        deploy({}, components=(entry,))
    assert [(d.what, d.next_step, d.line) for d in caught.value.diagnostics()] == [
        ('Demo has no component "sevrer"', 'did you mean "server"?', 1)
    ]
