"""A deployment of one product made from settings by their id: where each is written follows from the product's file."""

from __future__ import annotations

import functools
import itertools
import json
import plistlib
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from auditor.catalog import Catalog, Product, load_catalog
from auditor.catalog.library import SHIPPED
from auditor.catalog.scopes import Scope, ScopeKind
from auditor.catalog.settings import SettingDefinition
from auditor.config import configure
from auditor.config.paths import WHOLE_FILE, steps
from auditor.documents import Redactor, read_tree
from auditor.facts.configuration import Configuration
from auditor.facts.flows import IntendedFlow
from auditor.facts.truth import Truth
from auditor.manifest import load_manifest

Value = str | list[Any]
Values = Mapping[str, Value]
"""Setting id, ``fact:<id>``, ``version`` or ``packaging`` -> value; entries of a list setting are mappings of its fields."""
MODULE, NUMBER, EVERY, ELEMENT = "module:", "{n}", "*", "[]"
FACT, VERSION, PACKAGING = "fact:", "version", "packaging"
_ANY_KEY, _NOTHING = "any", object()
_PROCESS = (ScopeKind.ENVIRONMENT, ScopeKind.FLAGS)


_WEAK_GRADE = re.compile(r"\bgrade: (?:third|derived|unknown)\b")
_WEAK_RELATION = re.compile(r"\brelation: (?:third_party|competitor)\b")


@functools.cache
def catalog() -> Catalog:
    """Return the shipped catalog as if every fact of a product were its vendor's own.

    A switch that only a weak source tells of leaves its flow open, whatever its value (``test_deciding`` holds that). Here the
    question is what the switch is said to do.
    """
    with tempfile.TemporaryDirectory() as folder:
        products = Path(folder) / "products"
        products.mkdir()
        for path in (SHIPPED / "products").glob("*.yaml"):
            text = _WEAK_RELATION.sub("relation: vendor", _WEAK_GRADE.sub("grade: vendor", path.read_text(encoding="utf-8")))
            (products / path.name).write_text(text, encoding="utf-8")
        lifted = load_catalog(Path(folder))
        for product in lifted.products():
            lifted.product(product)
    return lifted


@dataclass(frozen=True)
class Way:
    """One way to give a setting a value: a name in a scope."""

    kind: str
    """``env`` ``flag`` ``path`` ``helm`` ``module``, ``block`` (a variable in the block of a file), ``assigned``
    (``-c path=value``)."""
    name: str
    scope: Scope


def ways(product: Product, setting: SettingDefinition) -> Iterator[Way]:
    """Yield every name of ``setting`` in every scope that this board can write."""
    allowed = [s for s in product.scopes if not setting.only_from or s.id in setting.only_from]
    processes = [s for s in allowed if s.kind is ScopeKind.ENVIRONMENT]
    files = [s for s in allowed if file_of(product, s) and not (s.named_only and s.id not in setting.only_from)]
    for name in setting.names.env:
        kind = "module" if name.startswith(MODULE) else "env"
        yield from (Way(kind, name, s) for s in processes)
    for name in setting.names.path:
        yield from (Way("path", name, s) for s in files)
    for name in setting.names.env:
        if not name.startswith(MODULE):
            yield from (Way("block", name, s) for s in files if s.env_block)
    for name in setting.names.flag:
        yield from (Way("flag", name, s) for s in allowed if s.kind is ScopeKind.FLAGS)
    for name in () if setting.is_list else setting.names.path:
        yield from (Way("assigned", name, s) for s in allowed if s.assigns)
    for name in setting.names.helm:
        yield from (Way("helm", name, s) for s in processes if any(c.workload == s.workload for c in product.charts[:1]))


def file_of(product: Product, scope: Scope) -> str:
    """Return the name of a file that is read as ``scope``, empty when no rule recognises one."""
    if scope.kind in _PROCESS:
        return ""
    for rule in product.recognise:
        if rule.scope == scope.id and rule.file:
            return rule.file.replace(EVERY, "x")
    return f"{scope.id}.json" if any(r.scope == scope.id for r in product.recognise) else ""


@dataclass
class Board:
    """The files of a deployment, as its settings are written one after the other."""

    product: Product
    packaging: str = "compose"
    env: dict[str, dict[str, str]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    """Content of the Helm values file."""
    module: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, product: Product, values: Values) -> Board:
        """Return the board with every setting of ``values`` written by the first of its ways."""
        board = cls(product, packaging=str(values.get(PACKAGING, "compose")))
        for key, value in values.items():
            if key in (VERSION, PACKAGING) or key.startswith(FACT):
                continue
            setting = product.setting(key)
            assert setting is not None, f"{product.id} has no setting {key}"
            way = next(ways(product, setting), None)
            assert way is not None, f"{product.id}: no way to write {key}"
            board.put(way, setting, value)
        return board

    def put(self, way: Way, setting: SettingDefinition, value: Value) -> None:
        """Write ``value`` under the name of ``way``."""
        if way.kind == "env":
            self.env.setdefault(way.scope.workload, {}).update(_variables(way.name, setting, value))
        elif way.kind == "module":
            self.module[way.name.removeprefix(MODULE)] = str(value)
        elif way.kind == "flag":
            self.words.setdefault(way.scope.workload, []).extend(_words(way.name, setting, value))
        elif way.kind == "assigned":
            self.words.setdefault(way.scope.workload, []).extend((way.scope.assigns[0], f"{way.name}={value}"))
        elif way.kind == "helm":
            _set(self.values, steps(way.name), _scalar(value))
        elif way.kind == "block":
            for name, text in _variables(way.name, setting, value).items():
                block = () if way.scope.env_block == WHOLE_FILE else (way.scope.env_block,)
                _set(self.files, (file_of(self.product, way.scope), *block, name), text)
        else:
            self._put_in_file(way, setting, value)

    def _put_in_file(self, way: Way, setting: SettingDefinition, value: Value) -> None:
        name = file_of(self.product, way.scope)
        path = steps(way.name)
        chosen = next((n for n, s in enumerate(path) if s.startswith("[") and s != ELEMENT), None)
        if chosen is not None:
            entry = dict(asked.split("=") for asked in path[chosen][1:-1].split(",") if "=" in asked)
            _set(entry, path[chosen + 1 :], _scalar(value))
            before = _at(self.files, (name, *path[:chosen])) or []
            _set(self.files, (name, *path[:chosen]), [*before, entry])
        elif path == (ELEMENT,):
            self.files[name] = [_entry(setting, e) for e in value]
        elif EVERY in path and path[-1] != EVERY:
            inner = tuple(_ANY_KEY if s == EVERY else s for s in path)
            entries = [_entry(setting, e) for e in value]
            if inner[-1] == ELEMENT:
                _set(self.files, (name, *inner[:-1]), entries)
            else:
                _set(self.files, (name, *inner), entries[0])
        elif EVERY in path:
            content = {str(e.get("key", n)): _entry(setting, e) for n, e in enumerate(value) if isinstance(e, dict)}
            _set(self.files, (name, *(_ANY_KEY if s == EVERY else s for s in path[:-1])), content)
        elif isinstance(value, list):
            _set(self.files, (name, *path), [_entry(setting, e) for e in value])
        else:
            _set(self.files, (name, *path), _scalar(value))

    def write(self, folder: Path, version: str, facts: Mapping[str, str]) -> Configuration:
        """Write the deployment into ``folder`` and return what its configuration makes of it."""
        texts = {name: dumped(name, content) for name, content in self._contents().items()}
        texts |= self._processes(version)
        origins = {file_of(self.product, s): self._origin(s) for s in self.product.scopes}
        inputs: list[dict[str, Any]] = [{"file": n, **({"from": origins[n]} if origins.get(n) else {})} for n in texts]
        if facts:
            states = [{"fact": fact, "system": "sys", "value": value} for fact, value in facts.items()]
            inputs.append({"document": "statement.txt", "issuer": "customer", "date": "2026-11-01", "states": states})
            texts["statement.txt"] = "a statement"
        files = [s for s in self.product.scopes if s.kind.can_be_absent and s.kind not in _PROCESS]
        absent = [f"sys/{s.id}" for s in files if file_of(self.product, s) not in texts]
        texts["auditor.yaml"] = json.dumps(_manifest(self.product.id, version, inputs, absent))
        return _configured(folder, texts)

    def _contents(self) -> dict[str, Any]:
        """Return the files, those among them that hold nothing and that the product needs or recognises."""
        found = dict(self.files)
        for scope in self.product.scopes:
            name = file_of(self.product, scope)
            if name:
                self._fill(scope, name, found)
        return found

    def _fill(self, scope: Scope, name: str, found: dict[str, Any]) -> None:
        for rule in self.product.recognise:
            if rule.scope == scope.id and rule.keys and not rule.file:
                for key in rule.keys:
                    if _at(found, (name, *steps(key))) is None:
                        _set(found, (name, *steps(key)), None)
                break
        for setting in self.product.settings:
            if scope.id in setting.only_from and not scope.kind.can_be_absent and setting.is_list and setting.names.path:
                path = steps(setting.names.path[0])
                if path == (ELEMENT,):
                    found.setdefault(name, [])
                else:
                    ends = [path.index(s) for s in (EVERY, ELEMENT) if s in path]
                    _set_default(found, (name, *path[: min(ends, default=len(path))]), empty={} if EVERY in path else [])
        found.setdefault(name, {})

    def _origin(self, scope: Scope) -> str:
        return next((r.origin for r in self.product.recognise if r.scope == scope.id and r.origin), "")

    def _processes(self, version: str) -> dict[str, str]:
        if self.values or self.packaging == "helm":
            return {"values.yaml": json.dumps(self._helm(version))}
        services = {w.id: s for w in self.product.workloads if (s := self._service(w.id, version))}
        texts = _packed(services, self.packaging)
        if self.module:
            source = next(r.module for r in self.product.recognise if r.module).replace(EVERY, "x")
            lines = "".join(f"  {k} = {json.dumps(v)}\n" for k, v in self.module.items())
            texts["main.tf"] = f'module "m" {{\n  source = "{source}"\n{lines}}}\n'
        return texts

    def _service(self, workload: str, version: str) -> dict[str, Any] | None:
        main = workload == self.product.workloads[0].id
        rules = [r for r in self.product.recognise if r.workload == workload]
        image = next((r.image for r in rules if r.image), "")
        commands = [r.command.partition(" -")[0].split() for r in sorted(rules, key=lambda r: bool(r.unless)) if r.command]
        command = next(iter(commands), [])
        used = workload in self.env or workload in self.words
        if not rules or not (main or used):
            return None
        tag = f":{version}" if main and version else ""
        words = [] if image and not self.words.get(workload) else command
        return {
            "image": (image.replace(EVERY, "x") or "corp/program") + tag,
            "command": [*words, *self.words.get(workload, [])],
            "environment": self.env.get(workload, {}),
        }

    def _helm(self, version: str) -> dict[str, Any]:
        chart = self.product.charts[0]
        content: dict[str, Any] = json.loads(json.dumps(self.values))
        for key in chart.keys:
            _set_default(content, steps(key.partition("|")[0]))
        for path in chart.tag:
            _set(content, steps(path), version)
        for name, value in self.env.get(chart.workload, {}).items():
            where = steps(chart.env[0])
            if _at(content, where) is None:
                _set(content, where, [])
            _at(content, where).append({"name": name, "value": value})
        return content


@dataclass(frozen=True)
class State:
    """A flow, component or store that exists or may."""

    end: str
    """Where a flow goes, or whether the component or store is there; a question mark for what is not certain."""
    carries: tuple[str, ...] = ()
    processed: str = ""
    """Countries that the flow itself decides, ``?`` where it decides without saying, empty where it does not."""
    purpose: str = ""


def snapshot(product: Product, values: Values, folder: Path) -> dict[str, State]:
    """Return what exists with ``values``: flow id, ``component <id>`` or ``store <id>`` -> its state."""
    facts = {k.removeprefix(FACT): str(v) for k, v in values.items() if k.startswith(FACT)}
    version = str(values.get(VERSION, product.newest_version or "1.0"))
    found = Board.of(product, values).write(folder, version, facts)
    state: dict[str, State] = {}
    for flow in found.flows:
        if flow.configured is not Truth.NO:
            state[flow.id.removeprefix("sys/")] = State(
                _end(flow), tuple(c.value for c in flow.sends_at_most), _processed(flow), flow.purpose
            )
    names = {c.outside or f"sys/{c.id}": c.id for c in product.components}
    for component in found.components:
        if component.id in names and component.present is not Truth.NO:
            state[f"component {names[component.id]}"] = State(component.present.value)
    for store in found.stores:
        if store.exists is not Truth.NO:
            state[f"store {store.id.removeprefix('sys/')}"] = State(store.exists.value)
    return state


def _end(flow: IntendedFlow) -> str:
    end = flow.destination_component or flow.destination.name or flow.destination.catalog_reference or flow.destination.address
    return (end or "(run time)") + ("?" if flow.configured is Truth.UNKNOWN else "")


def _processed(flow: IntendedFlow) -> str:
    if flow.processing is None:
        return "?" if flow.processing_reason else ""
    return " ".join(flow.processing)


def _variables(name: str, setting: SettingDefinition, value: Value) -> dict[str, str]:
    if NUMBER in name and isinstance(value, list):
        suffixes = {f.name: f.env[0] for f in setting.item if f.env}
        return {
            name.replace(NUMBER, str(n)) + suffixes[k]: str(v) for n, e in enumerate(value) for k, v in e.items() if k in suffixes
        }
    if name.endswith(EVERY) and isinstance(value, list):
        return {name.removesuffix(EVERY) + e["key"]: str(e["value"]) for e in value}
    if isinstance(value, list):
        return {name: (setting.separator or ",").join(str(v) for v in value)}
    return {name: value}


def _words(name: str, setting: SettingDefinition, value: Value) -> list[str]:
    if isinstance(value, list):
        return [w for v in value for w in _words(name, setting, str(v))]
    if " " in name or not name.startswith("-"):
        return [value] if " " in name else [name, value]
    if setting.is_bool and value == "true":
        return [name]
    return [f"{name}={value}"] if name.startswith("--") else [name, value]


def _entry(setting: SettingDefinition, entry: Any) -> Any:
    if not isinstance(entry, dict):
        return _scalar(entry)
    content: dict[str, Any] = {}
    paths = {f.name: f.path[0] for f in setting.item if f.path}
    for name, value in entry.items():
        if name == "value":
            return _scalar(value)
        if name in paths:
            _set(content, tuple(s for s in steps(paths[name]) if s != ELEMENT), _scalar(value))
    return content


def _scalar(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _set(tree: Any, path: Sequence[str], value: Any) -> None:
    """Write ``value`` at ``path``; ``[]`` is the first element of a list."""
    for step, following in itertools.pairwise(path):
        fresh: Any = [{}] if following == ELEMENT else {}
        tree = tree[0] if step == ELEMENT else tree.setdefault(step, fresh)
    tree[0 if path[-1] == ELEMENT else path[-1]] = value


def _at(tree: Any, path: Sequence[str]) -> Any:
    """Return what stands at ``path``, ``None`` when nothing does."""
    for step in path:
        if step == ELEMENT:
            tree = tree[0] if isinstance(tree, list) and tree else None
        else:
            tree = tree.get(step) if isinstance(tree, dict) else None
    return tree


def _set_default(tree: dict[str, Any], path: Sequence[str], empty: Any = None) -> None:
    if _at(tree, path) is None and not any(isinstance(_at(tree, path[:n]), list) for n in range(1, len(path))):
        _set(tree, path, {} if empty is None else None if empty is _NOTHING else empty)


def _packed(services: Mapping[str, Mapping[str, Any]], packaging: str) -> dict[str, str]:
    """Return the files that start the processes in one way."""
    if packaging == "compose":
        return {"compose.yaml": json.dumps({"services": services})}
    if packaging == "systemd":
        return {f"{name}.service": _unit(service) for name, service in services.items()}
    containers = [
        {
            "name": name,
            "image": service["image"],
            "args": service["command"],
            "env": [{"name": n, "value": v} for n, v in service["environment"].items()],
        }
        for name, service in services.items()
    ]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "main", "namespace": "a"}, "spec": {"containers": containers}}
    return {"pod.yaml": json.dumps(pod)}


def _unit(service: Mapping[str, Any]) -> str:
    variables = "".join(f'Environment="{name}={value}"\n' for name, value in service["environment"].items())
    return f"[Service]\n{variables}ExecStart=/usr/bin/{' '.join(service['command'])}\n"


def dumped(name: str, content: Any) -> str:
    if name.endswith(".env"):
        return "".join(f"{key}={value}\n" for key, value in content.items())
    if name.endswith(".plist"):
        return plistlib.dumps(content).decode()
    if not name.endswith(".toml"):
        return json.dumps(content)
    return "\n".join(_toml(content, ())) + "\n"


def _toml(content: Mapping[str, Any], before: tuple[str, ...]) -> Iterator[str]:
    for key, value in content.items():
        path = (*before, key)
        if isinstance(value, dict):
            yield from _toml(value, path)
        else:
            yield f"{'.'.join(json.dumps(p) for p in path)} = {_toml_value(value)}"


def _toml_value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(v) for v in value) + "]"
    return json.dumps(value)


def _manifest(product: str, version: str, inputs: Sequence[Mapping[str, Any]], absent: Sequence[str]) -> dict[str, Any]:
    corp = {"operator": "customer", "hosted_by": "customer", "processing": ["DE"], "storage": ["DE"], "networks": ["10.0.0.0/8"]}
    return {
        "version": 1,
        "deployment": "board",
        "zones": {"corp": corp},
        "perimeter": ["corp"],
        "systems": [{"id": "sys", "product": product, "version": version, "zone": "corp"}],
        "inputs": list(inputs),
        **({"absent": list(absent)} if absent else {}),
    }


def _configured(folder: Path, texts: Mapping[str, str]) -> Configuration:
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    manifest = load_manifest(folder / "auditor.yaml")
    redactor = Redactor()
    read = [read_tree(folder / i.path, folder, redactor) for i in manifest.inputs if i.kind == "path"]
    return configure([d for r in read for d in r.documents], manifest, catalog())
