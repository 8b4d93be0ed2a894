"""Changes to the real files of a copied deployment: one setting in the place in which its users write it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

Value = str | None
"""New value; ``None`` removes the setting."""


class NoPlaceError(LookupError):
    """No file of the deployment holds the setting, and none is known into which it would be written."""


def copy_configuration(source: Path, target: Path) -> Path:
    """Copy everything but the captures, which stage ``change`` does not read, and return the copy."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.pcap", "*.pcapng", "truth.json", "expected.json"))
    (target / "traffic").mkdir(exist_ok=True)
    for capture in ("perimeter.pcapng", "inside.pcap"):
        (target / "traffic" / capture).touch()
    return target


def flip(folder: Path, system: str, setting: str, value: Value) -> None:
    """Give ``setting`` of ``system`` the new value.

    Raises:
        NoPlaceError: no writer knows a place for it.
    """
    if not any(write(folder, system, setting, value) for write in _WRITERS):
        raise NoPlaceError(f"{folder.name}: {system} {setting}")


def _fact(folder: Path, system: str, setting: str, value: Value) -> bool:
    """Change what a document of the manifest states."""
    if not setting.startswith("fact:"):
        return False
    name, file = setting.removeprefix("fact:"), folder / "auditor.yaml"
    manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
    for entry in manifest["inputs"]:
        for state in list(entry.get("states", ())):
            if (state.get("fact"), state.get("system")) == (name, system):
                if value is None:
                    entry["states"].remove(state)
                else:
                    state["value"] = value
                if not entry["states"]:
                    del entry["states"]
                file.write_text(yaml.safe_dump(manifest, sort_keys=False), encoding="utf-8")
                return True
    return False


def _provider(folder: Path, _system: str, setting: str, value: Value) -> bool:
    """Change a field of the export of the AI providers."""
    if not setting.startswith("provider:"):
        return False
    name, _, field = setting.removeprefix("provider:").partition(".")
    file = folder / "config" / "ai-providers.json"
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    (row,) = [row for row in rows if row["name"] == name]
    *path, last = field.split(".")
    for step in path:
        row = row[step]
    if value is None:
        del row[last]
    else:
        row[last] = {"true": True, "false": False}.get(value, value)
    file.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    return True


def _values(folder: Path, _system: str, setting: str, value: Value) -> bool:
    """Change the chart's values: ``coder.image.repo``, or a variable of ``coder.env``."""
    file = folder / "config" / "coder-values.yaml"
    if not file.is_file():
        return False
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    if setting.startswith("coder."):
        *path, last = setting.split(".")
        node = values
        for step in path:
            node = node[step]
        node[last] = {"true": True, "false": False}.get(str(value), value)
    elif not _set_variable(values["coder"]["env"], setting, value):
        return False
    file.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return True


def _set_variable(env: list[dict[str, Any]], name: str, value: Value) -> bool:
    """Change a variable of a container; one that is not there is of another file."""
    found = [entry for entry in env if entry["name"] == name]
    for entry in found:
        if value is None:
            env.remove(entry)
        else:
            entry.pop("valueFrom", None)
            entry["value"] = value
    return bool(found)


def _container(folder: Path, _system: str, setting: str, value: Value) -> bool:
    """Change a variable or an argument of the model server's container."""
    file = folder / "config" / "vllm.yaml"
    if not file.is_file():
        return False
    objects = list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    container = objects[0]["spec"]["template"]["spec"]["containers"][0]
    arguments = [argument for argument in container["args"] if argument.partition("=")[0] == setting]
    if not arguments and not _set_variable(container["env"], setting, value):
        return False
    for argument in arguments:
        container["args"][container["args"].index(argument)] = f"{setting}={value}"
    file.write_text(yaml.safe_dump_all(objects, sort_keys=False), encoding="utf-8")
    return True


def _env_file(folder: Path, _system: str, setting: str, value: Value) -> bool:
    """Change a line of an environment file or an ``Environment=`` line of a unit."""
    for file in sorted((folder / "config").glob("*")):
        if file.suffix in {".env", ".service"}:
            text = file.read_text(encoding="utf-8")
            line = re.compile(rf"^(Environment=)?{re.escape(setting)}=.*\n", re.MULTILINE)
            if line.search(text):
                file.write_text(line.sub(lambda m: "" if value is None else f"{m[1] or ''}{setting}={value}\n", text), "utf-8")
                return True
    return False


def _command_line(folder: Path, _system: str, setting: str, value: Value) -> bool:
    """Change a flag of a unit's ``ExecStart``: a flag without value goes as a word, one with a value as two."""
    for file in sorted((folder / "config").glob("*.service")):
        text = file.read_text(encoding="utf-8")
        alone = re.compile(rf"(?<=\s){re.escape(setting)} (?=start\b)")
        pair = re.compile(rf"(?<=\s){re.escape(setting)} \S+(?= ?\\?\n)")
        changed = alone.sub("", text) if value is None else pair.sub(f"{setting} {value}", text)
        if changed != text:
            file.write_text(changed, encoding="utf-8")
            return True
    return False


_WRITERS: tuple[Callable[[Path, str, str, Value], bool], ...] = (
    _fact,
    _provider,
    _values,
    _container,
    _env_file,
    _command_line,
)
