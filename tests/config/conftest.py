# ruff: noqa: E501 -- lines of YAML and JSON in texts stay whole
"""A miniature product and a way to configure a deployment of it from texts."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from auditor.catalog import load_catalog
from auditor.catalog.catalog import Catalog
from auditor.config import configure
from auditor.documents import read_tree
from auditor.facts.configuration import Configuration
from auditor.facts.evidence import Evidence, FileLocation, StatementLocation
from auditor.facts.manifest import ComponentEntry, InputEntry, Manifest, StatedFact, SystemEntry
from auditor.facts.places import Zone
from auditor.facts.settings import Change
from auditor.facts.vocabulary import Basis, ConfigState

HERE = FileLocation("auditor.yaml", "0" * 64, 1, 1)

DEMO = """
product: demo
title: Demo
vendor: demo-corp
newest_version: "2.1"
licence: {spdx: MIT, open_source: yes}
sources:
  DOC: {title: Demo manual, publisher: demo-corp, relation: vendor, date: 2026-05-01, grade: vendor}
  BLOG: {title: a blog, publisher: someone, relation: third_party, date: 2026-05-01, grade: third}
defaults: {src: DOC}
eras:
  - {id: E1, version: "<2"}
  - {id: E2, version: ">=2"}
recognise:
  - {workload: server, image: demo/server}
  - {workload: server, env_prefix: DEMO_}
  - {workload: server, command: demo serve}
  - {scope: config_file, file: demo.yaml}
  - {scope: providers_export, origin: GET /providers}
charts:
  - {id: demo, workload: server, keys: [demo.env], env: [demo.env], env_from: [demo.envFrom], args: [demo.args], image: [demo.image], tag: [demo.tag], command: [demo.command], starts: [demo.proxy]}
scopes:
  - {id: config_file, title: demo.yaml, kind: file, workload: server, needed: {setting: config.path, is: set}}
  - {id: environment, title: environment of the server, kind: environment, workload: server, needed: always}
  - {id: flags, title: command line of the server, kind: flags, workload: server, needed: always}
  - id: providers_export
    title: provider rows
    kind: export
    needed: {era: E2}
    settled_by: [Export GET /providers]
workloads:
  - {id: server, title: Demo server}
  - {id: gateway, title: Demo gateway}
components:
  - {id: server, title: Demo server, plane: agent_loop, role: agent_loop, runs_in: server, originates: [content.prompt], policy_by: customer}
  - {id: gateway, title: Demo gateway, plane: inference, role: model_gateway, runs_in: gateway, passes_on: yes, present: {setting: gateway, is: truthy}}
  - {id: vendor, title: Demo cloud, plane: control_plane, role: dashboard_api, outside: demo-corp/dashboard_api}
settings:
  - {id: config.path, names: {env: [DEMO_CONFIG], flag: [--config]}}
  - {id: telemetry.enable, title: telemetry, names: {env: [DEMO_TELEMETRY], flag: [--telemetry], path: [telemetry.enable]}, type: bool, truthiness: go_bool, default: "true"}
  - {id: telemetry.url, names: {env: [DEMO_TELEMETRY_URL]}, type: url, default: "https://t.demo.example:8443/v1"}
  - {id: gateway, names: {env: [DEMO_GATEWAY]}, type: bool, default: "false"}
  - {id: quiet, names: {env: [DEMO_QUIET]}, type: bool, truthiness: any_nonempty, umbrella: {covers: ["telemetry", "usage"], except: [usage]}}
  - {id: loud, names: {env: [DEMO_LOUD]}, type: bool, re_enables: [telemetry]}
  - {id: log.prompts, names: {env: [DEMO_LOG_PROMPTS]}, type: bool, default: "false", escalates: [{flow: telemetry, adds: [content.prompt]}]}
  - {id: usage.share, names: {env: [DEMO_SHARE]}, type: bool, default: "true", off_means: marks_opted_out}
  - {id: blog.switch, names: {env: [DEMO_BLOG]}, type: bool, default: "true", src: BLOG}
  - {id: base_url, names: {env: [DEMO_BASE_URL]}, type: url}
  - {id: stun, names: {env: [DEMO_STUN]}, type: list, separator: ",", empty_values: [disable], default: "stun.demo.example:19302"}
  - id: providers
    title: providers
    type: list
    names: {path: ["[]"]}
    only_from: [providers_export]
    item: {name: {path: [name]}, type: {path: [type]}, base_url: {path: [base_url], kind: url}, enabled: {path: [enabled]}}
facts:
  - {id: plan, question: Is the plan enterprise?, answers: [enterprise, free], who: vendor, settled_by: [Show the contract]}
flows:
  - {id: telemetry, purpose: telemetry to Demo Corp, from: server, to: {setting: telemetry.url}, sends: [telemetry.diagnostic], required: no, on: {setting: telemetry.enable, is: truthy}}
  - {id: usage, purpose: usage counts, from: server, to: {host: usage.demo.example}, sends: [metadata.usage], required: no, on: {setting: usage.share, is: truthy}}
  - {id: api, purpose: model requests, from: server, to: {host: api.demo.example}, redirect: [base_url], sends: [content.prompt], receives: [content.completion], required: yes}
  - {id: rumour, purpose: rumoured upload, from: server, to: {host: rumour.example}, sends: [content.prompt], required: no, src: BLOG}
  - {id: blogged, purpose: blogged upload, from: server, to: {host: blogged.example}, sends: [content.prompt], required: no, on: {setting: blog.switch, is: truthy}}
  - {id: plan, purpose: review by people, from: server, to: {component: vendor}, sends: [content.prompt], required: no, on: {fact: plan, is: equals, value: free}}
  - {id: stun, purpose: STUN, from: server, to: {setting: stun, transport: udp}, sends: [metadata.orchestration], required: no}
  - {id: inference, purpose: "inference by {item.name}", from: server, to: {for_each: providers, key: "{item.name}", url: "{item.base_url}", host_by: {field: type, table: hosts}}, sends: [content.prompt], required: yes, on: {item: enabled, is: truthy}}
stores:
  - {id: chats, title: chats, component: server, classes: [content.transcript], retention: until deleted}
tables:
  hosts: {openai: api.openai.example}
"""

Deploy = Callable[..., Configuration]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return catalog_of(tmp_path, DEMO)


def catalog_of(folder: Path, product: str) -> Catalog:
    products = folder / "overlay" / "products"
    products.mkdir(parents=True)
    (products / "demo.yaml").write_text(product)
    return load_catalog(folder / "overlay")


@pytest.fixture
def deploy(tmp_path: Path, catalog: Catalog) -> Deploy:
    """Return a function: files by path -> Configuration of one Demo of version 2.1, ``absent`` all but what is given."""

    def run(
        files: Mapping[str, str],
        *,
        version: str = "2.1",
        absent: Sequence[str] = ("flags", "config_file"),
        facts: Mapping[str, str] | None = None,
        changes: Sequence[Change] = (),
        origins: Mapping[str, str] | None = None,
        components: tuple[ComponentEntry, ...] = (),
        systems: Sequence[str] = ("demo",),
        zones: tuple[Zone, ...] = (),
    ) -> Configuration:
        base = tmp_path / "deployment"
        for name, text in files.items():
            path = base / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        base.mkdir(exist_ok=True)
        inputs = [_input(path, origin) for path, origin in (origins or {}).items()]
        manifest = Manifest(
            deployment="d",
            path="auditor.yaml",
            assumed=False,
            claim=None,
            zones=zones,
            systems=tuple(SystemEntry(s, "demo", version, "corp", components if s == systems[0] else (), HERE) for s in systems),
            components=(),
            inputs=tuple(inputs),
            absent=tuple(absent),
            profiles=(),
            attestations="",
            waivers="",
            facts=tuple(_fact(systems[0], k, v) for k, v in (facts or {}).items()),
            absent_evidence=tuple((a, Evidence(Basis.DECLARED, HERE, a)) for a in absent),
        )
        return configure(read_tree(base, base).documents, manifest, catalog, changes)

    return run


def _input(path: str, origin: str) -> InputEntry:
    return InputEntry("path", path, (), ConfigState.LIVE, "2026-11-20", origin, "", (), "", HERE)


def _fact(system: str, fact: str, value: str) -> StatedFact:
    location = StatementLocation("contract.pdf", "", "page 1", "vendor", "2026-01-01", value)
    return StatedFact(system, fact, value, Evidence(Basis.DECLARED, location, value))


@pytest.fixture
def flow() -> Callable[[Configuration, str], Any]:
    """Return a function that finds the one flow of an id."""

    def find(configuration: Configuration, identifier: str) -> Any:
        found = [f for f in configuration.flows if f.id == identifier]
        assert len(found) == 1, [f.id for f in configuration.flows]
        return found[0]

    return find
