"""``terraform show -json``: what a plan has decided is known, what it leaves open stays unknown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from auditor.config.azure_resources import read_azure_accounts
from auditor.config.bindings import Launch, Library, Source, sources_of
from auditor.config.formats import read_launches, terraform_plan
from auditor.config.formats.terraform_rest import unmodelled_resources
from auditor.documents import DocumentKind, read_tree


def resource(kind: str, name: str, values: dict[str, Any], mode: str = "managed") -> dict[str, Any]:
    return {"address": f"{kind}.{name}", "mode": mode, "type": kind, "name": name, "values": values}


def plan(resources: list[dict[str, Any]], unknown: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    changes = [{"address": address, "change": {"after_unknown": marks}} for address, marks in (unknown or {}).items()]
    module = {"resources": resources[:1], "child_modules": [{"resources": resources[1:]}]}
    head = {"format_version": "1.2", "terraform_version": "1.9.0"}
    return {**head, "planned_values": {"root_module": module}, "resource_changes": changes, **more}


def library(folder: Path, content: dict[str, Any]) -> Library:
    (folder / "plan.json").write_text(json.dumps(content, indent=2))
    return Library(sources_of(read_tree(folder, folder).documents, ()))


def launches(folder: Path, content: dict[str, Any]) -> dict[str, Launch]:
    return {x.name: x for x in read_launches(library(folder, content))}


def values(launch: Launch) -> dict[str, str | None]:
    return {name: bound.value for name, bound in launch.env.items()}


def test_decided_values_are_known_and_unknown_ones_are_open(tmp_path: Path) -> None:
    container = resource("docker_container", "proxy", {"image": "x/proxy:1", "env": ["A=${1}", None], "command": ["serve"]})
    agent = resource("coder_agent", "main", {"env": {"B": "2"}, "startup_script": "run ${HOME}"})
    data = resource("coder_agent", "seen", {"env": {}}, mode="data")
    marks = {
        "docker_container.proxy": {"env": [False, True], "id": True},
        "coder_agent.main": {"env": {"C": True}, "token": True},
    }
    found = launches(tmp_path, plan([container, agent, data], marks))
    assert set(found) == {"docker_container.proxy", "coder_agent.main"}
    proxy, main = found["docker_container.proxy"], found["coder_agent.main"]
    assert (proxy.image, [w.text for w in proxy.words], values(proxy)) == ("x/proxy:1", ["serve"], {"A": "${1}"})
    assert len(proxy.opaque) == 1, "the second entry of env has no name yet"
    assert values(main) == {"B": "2", "C": None}
    assert [w.text for w in main.words] == ["sh", "-c", "run ${HOME}"]


@pytest.mark.parametrize("marks", [{"env": True}, {"env": True, "image": True}])
def test_a_whole_environment_that_is_unknown_is_open(tmp_path: Path, marks: dict[str, Any]) -> None:
    container = resource("docker_container", "proxy", {"image": "x/proxy:1"})
    proxy = launches(tmp_path, plan([container], {"docker_container.proxy": marks}))["docker_container.proxy"]
    assert (values(proxy), len(proxy.opaque)) == ({}, 1)
    assert proxy.image == ("" if "image" in marks else "x/proxy:1")


def test_modules_are_seen_with_constant_arguments(tmp_path: Path) -> None:
    call = {
        "source": "registry.coder.com/coder/claude-code/coder",
        "expressions": {"model": {"constant_value": "m"}, "agent_id": {"references": ["coder_agent.main.id"]}},
    }
    content = plan([], configuration={"root_module": {"module_calls": {"claude": call}}})
    found = launches(tmp_path, content)["module.claude"]
    assert found.module == call["source"]
    assert values(found) == {"module:model": "m", "module:agent_id": None}


def test_places_are_those_of_the_plan(tmp_path: Path) -> None:
    container = resource("docker_container", "proxy", {"image": "x/proxy:1"})
    location = launches(tmp_path, plan([container]))["docker_container.proxy"].evidence.location
    lines = (tmp_path / "plan.json").read_text().splitlines()
    assert '"image": "x/proxy:1"' in lines[location.line - 1]  # type: ignore[union-attr]


def test_a_state_is_read_too_and_what_is_not_modelled_is_named(tmp_path: Path) -> None:
    state = {"format_version": "1.0", "terraform_version": "1.9.0"}
    resources = [resource("docker_container", "a", {"image": "x"}), resource("aws_lambda_function", "f", {})]
    state_of = library(tmp_path, {**state, "values": {"root_module": {"resources": resources}}})
    assert state_of.sources[0].document.kind is DocumentKind.TERRAFORM_PLAN
    assert [x.name for x in read_launches(state_of)] == ["docker_container.a"]
    assert [m.reason for m in unmodelled_resources(state_of)] == ["what runs in aws_lambda_function is not modelled"]


def test_what_the_plan_marks_as_sensitive_is_replaced_whatever_its_name(tmp_path: Path) -> None:
    container = resource(
        "docker_container", "a", {"image": "x", "env": ["PLAIN=hunter2-one", "B=2"], "labels": {"c": "hunter2-two"}}
    )
    container["sensitive_values"] = {"env": [True, False], "labels": {"c": True}}
    change = {
        "after": {"n": "hunter2-three", "kept": "yes"},
        "after_sensitive": {"n": True},
        "before": "hunter2-four",
        "before_sensitive": True,
    }
    content = plan(
        [container], outputs={"o": {"sensitive": True, "value": "hunter2-five"}}, variables={"v": {"value": "hunter2-two"}}
    )
    content["resource_changes"] = [{"address": "docker_container.a", "change": change}]
    (document,) = (s.document for s in library(tmp_path, content).sources)
    assert "hunter2" not in repr(document)
    assert "kept" in repr(document)
    (launch,) = read_launches(library(tmp_path, content))
    assert values(launch) == {"B": "2"}
    assert launch.opaque, "a variable that cannot be read is not passed over"


def test_a_plan_is_brought_into_shape_once_for_all_of_its_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shaped: list[str] = []
    original = terraform_plan._as_module

    def counting(source: Source) -> Source:
        shaped.append(source.document.path)
        return original(source)

    monkeypatch.setattr(terraform_plan, "_as_module", counting)
    found = library(tmp_path, plan([resource("azurerm_cognitive_account", "a", {"name": "acme", "location": "westeurope"})]))
    assert (read_launches(found), [sorted(a.names) for a in read_azure_accounts(found)]) == ((), [["acme"]])
    assert list(unmodelled_resources(found)) == []
    assert shaped == ["plan.json"]
