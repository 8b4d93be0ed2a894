"""A bench for product files: a deployment made of a process, files and answers, and the flows that it leads to."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from auditor.catalog import Catalog, load_catalog
from auditor.config import configure
from auditor.documents import Redactor, read_tree
from auditor.facts.configuration import Configuration
from auditor.facts.flows import IntendedFlow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import DataClass
from auditor.manifest import load_manifest

INSIDE = (".corp.example", ".svc.cluster.local")
ON, OPEN = "yes", "unknown"
Outward = dict[str, tuple[str, str]]
"""Flow id inside the system -> (host or outside component, empty when not known; configured)."""


@functools.cache
def catalog() -> Catalog:
    """Return the shipped catalog, parsed once."""
    return load_catalog()


@dataclass(frozen=True)
class Bench:
    """One system of one product, started as a service of a compose file."""

    product: str
    version: str
    image: str
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    """Name -> (origin, content); what is no text is written as JSON."""
    facts: Mapping[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()

    def but(
        self,
        env: Mapping[str, str | None] | None = None,
        facts: Mapping[str, str | None] | None = None,
        files: Mapping[str, tuple[str, Any]] | None = None,
        **others: Any,
    ) -> Bench:
        """Return the same bench with some variables, answers or files changed; ``None`` takes one away."""
        return replace(
            self,
            env=_without_none({**self.env, **(env or {})}),
            facts=_without_none({**self.facts, **(facts or {})}),
            files={**self.files, **(files or {})},
            **others,
        )

    def configuration(self, folder: Path) -> Configuration:
        """Write the deployment into ``folder`` and return what its configuration makes of it."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self._texts().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        manifest = load_manifest(folder / "auditor.yaml")
        redactor = Redactor()
        documents = [
            d for i in manifest.inputs if i.kind == "path" for d in read_tree(folder / i.path, folder, redactor).documents
        ]
        return configure(documents, manifest, catalog())

    def flows(self, folder: Path) -> dict[str, IntendedFlow]:
        """Return the flows by their id inside the system."""
        return {f.id.removeprefix("sys/"): f for f in self.configuration(folder).flows}

    def outward(self, folder: Path) -> Outward:
        """Return the flows that exist, or may, and do not certainly end inside."""
        return {
            key: (_end(flow), flow.configured.value)
            for key, flow in self.flows(folder).items()
            if flow.configured is not Truth.NO and not _ends_inside(flow)
        }

    def _texts(self) -> dict[str, str]:
        service = {"image": self.image, "command": list(self.command), "environment": dict(self.env)}
        texts = {"compose.yaml": json.dumps({"services": {"main": service}}), "statement.txt": "a statement"}
        inputs: list[dict[str, Any]] = [{"path": "compose.yaml"}]
        for name, (origin, content) in self.files.items():
            texts[name] = content if isinstance(content, str) else json.dumps(content)
            inputs.append({"file": name, **({"from": origin} if origin else {})})
        states = [{"fact": fact, "system": "sys", "value": value} for fact, value in self.facts.items()]
        if states:
            inputs.append({"document": "statement.txt", "issuer": "customer", "date": "2026-11-01", "states": states})
        corp = {"operator": "customer", "hosted_by": "customer", "processing": ["DE"], "storage": ["DE"]}
        manifest = {
            "version": 1,
            "deployment": "bench",
            "zones": {"corp": {**corp, "networks": ["10.0.0.0/8"]}},
            "perimeter": ["corp"],
            "systems": [{"id": "sys", "product": self.product, "version": self.version, "zone": "corp"}],
            "inputs": inputs,
            **({"absent": list(self.absent)} if self.absent else {}),
        }
        return {**texts, "auditor.yaml": json.dumps(manifest)}


@dataclass(frozen=True)
class Turn:
    """Switches of a product turned at once: what is changed, the flows that appear by it or change, and those that vanish."""

    env: Mapping[str, str | None] = field(default_factory=dict)
    files: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    facts: Mapping[str, str | None] = field(default_factory=dict)
    appears: Outward = field(default_factory=dict)
    vanishes: Outward = field(default_factory=dict)

    def moved(self, bench: Bench, start: Outward, folder: Path) -> tuple[Outward, Outward]:
        """Return what appears and what vanishes against ``start`` when ``bench`` is turned."""
        return changed(start, bench.but(env=self.env, files=self.files, facts=self.facts).outward(folder))


def only(outward: Outward, *flows: str) -> Outward:
    """Return the part of ``outward`` that the flows (without the item behind the colon) make."""
    return {key: value for key, value in outward.items() if key.split(":")[0] in flows}


def changed(before: Outward, after: Outward) -> tuple[Outward, Outward]:
    """Return (what is there only after or differently, what is there only before)."""
    added = {key: value for key, value in after.items() if before.get(key) != value}
    gone = {key: value for key, value in before.items() if key not in after}
    return added, gone


def classes(*names: str) -> tuple[DataClass, ...]:
    """Return the data classes of the names, in order of the vocabulary."""
    return tuple(c for c in DataClass if c.value in names)


def _without_none(values: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value is not None}


def _ends_inside(flow: IntendedFlow) -> bool:
    return flow.destination_component.startswith("sys/") or flow.destination.name.endswith(INSIDE)


def _end(flow: IntendedFlow) -> str:
    return flow.destination_component or flow.destination.name or flow.destination.catalog_reference or flow.destination.address
