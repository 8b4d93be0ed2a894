"""The documents are true: examples load and run, every key and option is described, and nothing else is.

Help texts are copied into the pages by ``python -m tests.test_docs``; the tests only compare.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

from auditor.catalog import load_catalog
from auditor.cli import group
from auditor.evaluate import describe_profile, load_profile
from auditor.evaluate.parameters import EXERCISED_CHANNELS, MAX_AGE, MINIMUM_STRENGTH, OBSERVED_WINDOW, SETS
from auditor.facts.assessment import SCHEMA
from auditor.facts.vocabulary import UnknownKind
from auditor.manifest import load_attestations, load_manifest, load_waivers
from auditor.pipeline.exampling import run_examples
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md"])
PROFILE = "profile_language.md"
MANIFEST = "manifest.md"
SCHEMAS = ROOT / "auditor" / "documents" / "schemas"
AS_OF = "2026-11-24"
"""The day after the shipped captures were recorded, and before the profiles of the pages expire."""

_FENCE = re.compile(r"((?:<!-- [a-z]+: [^\n]* -->\n)+)```\w+\n(.*?)^```$(?:\n```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)
_MARK = re.compile(r"<!-- ([a-z]+): (.*) -->")
_HELP = re.compile(r"(<!-- help:begin ?([a-z ]*) -->\n```text\n)(.*?)(```\n<!-- help:end -->)", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_BLOCK = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block with the marks above it, and the text block that follows at once."""

    page: str
    marks: Mapping[str, str]
    text: str
    following: str


def _read(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def _blocks(page: str) -> list[Block]:
    return [Block(page, dict(_MARK.findall(marks)), text, following) for marks, text, following in _FENCE.findall(_read(page))]


def _marked(mark: str, value: str = "") -> list[Block]:
    blocks = (block for page in sorted(p.name for p in DOCS.glob("*.md")) for block in _blocks(page))
    return [b for b in blocks if mark in b.marks and value in ("", b.marks[mark])]


def _first_column(page: str, marker: str, name: str) -> list[str]:
    """Return the words in code marks in the first column of the table below ``<!-- marker: name -->``."""
    table = _read(page).split(f"<!-- {marker}: {name} -->\n")
    assert len(table) == 2, f"{page}: one table of {name}"
    lines = table[1].split("\n\n")[0].splitlines()
    rows = [line.replace("\\|", "/").split("|")[1] for line in lines[2:] if line.startswith("|")]
    return [word for cell in rows for word in _CODE.findall(cell)]


def _schema(path: Path) -> Schema:
    loaded: Schema = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def _enumerated(part: object) -> Iterator[str]:
    """Yield every word that the schema allows in a closed list."""
    if isinstance(part, dict):
        yield from part.get("enum", ())
        for value in part.values():
            yield from _enumerated(value)
    elif isinstance(part, list):
        for value in part:
            yield from _enumerated(value)


def _properties(part: object) -> Iterator[str]:
    """Yield every key that the schema knows."""
    if isinstance(part, dict):
        yield from part.get("properties", ())
    for value in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _properties(value)


def _profile_keys() -> dict[str, set[str]]:
    schema = _schema(ROOT / "auditor" / "evaluate" / "schemas" / "profile-v1.json")
    parts = schema["$defs"]
    keys = {name: set(part["properties"]) for name, part in parts.items() if "properties" in part}
    values = keys.pop("parameter_reference") | {"not"}
    quantified = [set(parts["require"]["properties"][noun]["properties"]) for noun in ("component", "flow", "store")]
    assert quantified[0] == quantified[1] == quantified[2]
    known_parameters = {OBSERVED_WINDOW, MAX_AGE, EXERCISED_CHANNELS, MINIMUM_STRENGTH, f"{SETS}…"}
    examples = _schema(ROOT / "auditor" / "evaluate" / "schemas" / "profile-examples-v1.json")
    keys |= {"examples": set(examples["properties"])}
    keys |= {f"example_{name}": set(part["properties"]) for name, part in examples["$defs"].items()}
    more = {"profile": set(schema["properties"]), "quantifiers": quantified[0], "values": values, "parameters": known_parameters}
    return keys | more


def _manifest_keys() -> dict[str, set[str]]:
    manifest = _schema(SCHEMAS / "manifest-v1.json")
    top = manifest["properties"]
    keys = {name: set(part["properties"]) for name, part in manifest["$defs"].items() if "properties" in part}
    keys |= {"manifest": set(top), "claim": set(top["claim"]["properties"])}
    keys |= {name: set(top[name]["additionalProperties"]["properties"]) for name in ("parameters", "deployments")}
    for name in ("waivers", "attestations"):
        whole = _schema(SCHEMAS / f"{name}-v1.json")["properties"]
        keys |= {name: set(whole), name.removesuffix("s"): set(whole[name]["items"]["properties"])}
    return keys


PROFILE_KEYS, MANIFEST_KEYS = _profile_keys(), _manifest_keys()


@pytest.mark.parametrize("name", sorted(PROFILE_KEYS))
def test_the_profile_page_describes_exactly_the_keys_of_the_schema(name: str) -> None:
    described = _first_column(PROFILE, "keys", name)
    forms = {"DE", "[DE, FR]"} if name == "values" else set()
    assert sorted(described) == sorted(PROFILE_KEYS[name] | forms)


@pytest.mark.parametrize("name", sorted(MANIFEST_KEYS))
def test_the_manifest_page_describes_exactly_the_keys_of_the_schemas(name: str) -> None:
    assert sorted(_first_column(MANIFEST, "keys", name)) == sorted(MANIFEST_KEYS[name])


def test_no_table_of_keys_describes_what_is_no_schema() -> None:
    tables = [set(re.findall(r"<!-- keys: (\S+) -->", _read(page))) for page in (PROFILE, MANIFEST)]
    assert tables == [set(PROFILE_KEYS), set(MANIFEST_KEYS)]


def test_the_profile_page_names_every_word_of_the_vocabulary() -> None:
    schema = _schema(ROOT / "auditor" / "evaluate" / "schemas" / "profile-v1.json")
    words = set(_CODE.findall(_BLOCK.sub("", _read(PROFILE))))
    assert sorted(set(_enumerated(schema)) - words) == []
    assert _first_column(PROFILE, "words", "UnknownKind") == [kind.value for kind in UnknownKind]


@pytest.mark.parametrize("block", _marked("test", "profile"), ids=lambda b: b.page)
def test_profiles_of_the_pages_load(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(block.text, encoding="utf-8")
    profile = load_profile(str(path))
    assert describe_profile(profile)[0] == f"{profile.id} {profile.version}: {profile.title}"


def test_the_examples_of_the_page_hold_for_its_profile(tmp_path: Path) -> None:
    for block in _blocks(PROFILE):
        if "file" in block.marks:
            (tmp_path / block.marks["file"]).write_text(block.text, encoding="utf-8")
    report = run_examples(str(tmp_path / "content-in-europe.yaml"))
    assert report.results
    assert [r for r in report.results if not r.holds] == []


@pytest.mark.parametrize("block", _marked("test", "manifest"), ids=lambda b: b.page)
def test_manifests_of_the_pages_load(block: Block, tmp_path: Path) -> None:
    (tmp_path / "auditor.yaml").write_text(block.text, encoding="utf-8")
    assert load_manifest(tmp_path).deployment


@pytest.mark.parametrize(("name", "load"), [("waivers", load_waivers), ("attestations", load_attestations)])
def test_exceptions_of_the_pages_load(name: str, load: Any, tmp_path: Path) -> None:
    blocks = _marked("test", name)
    assert blocks
    for block in blocks:
        path = tmp_path / f"{name}.yaml"
        path.write_text(block.text, encoding="utf-8")
        assert load(path, path.name)


def test_the_product_of_the_catalog_page_loads(tmp_path: Path) -> None:
    (block,) = _marked("test", "product")
    (tmp_path / "products").mkdir()
    (tmp_path / "products" / "demo.yaml").write_text(block.text, encoding="utf-8")
    product = load_catalog(tmp_path).product("demo")
    assert [flow.id for flow in product.flows] == re.findall(r"- \{id: ([a-z]+), purpose", block.text)


@pytest.mark.parametrize("name", ["product", "endpoints", "operators", "regions"])
def test_the_catalog_page_names_every_key_of_its_schemas(name: str) -> None:
    known = set(_properties(_schema(ROOT / "auditor" / "catalog" / "schemas" / f"{name}.json")))
    assert sorted(known - set(re.findall(r"\w+", _read("catalog.md")))) == []


def test_each_kind_of_example_is_tested() -> None:
    assert {b.marks["test"] for b in _marked("test")} == {"profile", "manifest", "waivers", "attestations", "product", "examples"}


@pytest.mark.parametrize("page", [PROFILE, "how_to_add_a_product.md"])
def test_the_way_through_a_page_works_as_it_says(page: str, tmp_path: Path) -> None:
    """Files are written and commands run in the order of the page; exit codes and shown lines are as it says."""
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    runs = 0
    for block in _blocks(page):
        if "file" in block.marks:
            path = tmp_path / block.marks["file"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif "run" in block.marks:
            runs += 1
            done = _run([*shlex.split(block.text)[1:], "--as-of", AS_OF], tmp_path)
            assert (str(done.returncode), done.stderr) == (block.marks["run"], ""), block.text
            assert [line for line in block.following.splitlines() if line.rstrip() not in done.stdout] == []
    assert runs >= 2


def _run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"COLUMNS": "100", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "auditor", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8", check=False, timeout=120)


def _commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _commands(below, (*words, name))


def _help(command: click.Command, words: tuple[str, ...]) -> str:
    """Return what ``--help`` prints on a terminal of 80 columns."""
    context = click.Context(command, info_name=" ".join(("auditor", *words)), terminal_width=78, **group.context_settings)
    return command.get_help(context) + "\n"


HELP = {" ".join(words): _help(command, words) for words, command in _commands(group)}


def test_the_command_page_shows_the_help_of_every_command() -> None:
    shown = {name: text for _, name, text, _ in _HELP.findall(_read("cli.md"))}
    assert sorted(shown) == sorted(HELP)
    assert shown == HELP


def test_every_option_has_help_and_stands_on_the_command_page() -> None:
    text = _read("cli.md")
    options = [p for _, command in _commands(group) for p in command.params if isinstance(p, click.Option)]
    assert [o.name for o in options if not o.help] == []
    assert [name for o in options for name in o.opts if name not in text] == []


def test_the_command_page_names_every_exit_code() -> None:
    codes = set(re.findall(r"^\| (\d+) \|", _read("cli.md"), re.MULTILINE))
    sources = "".join((ROOT / "auditor" / name).read_text() for name in ("errors.py", "cli/boundary.py"))
    raised = set(re.findall(r"(?:exit_code|CRASH) = (\d+)|return (\d+)\n", sources))
    assert codes == {code for pair in raised for code in pair if code} | {"0", "1", "3"}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = [t for t in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in t]
    assert [t for t in targets if not (page.parent / t).exists()] == []


def test_the_readme_leads_to_every_page() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in DOCS.glob("*.md") if f"docs/{p.name}" not in text] == []


def test_the_design_page_names_the_packages_and_modules_that_exist() -> None:
    text = _read("design.md")
    tree = text.split("auditor/\n", 1)[1].split("profiles/", 1)[0]
    listed = set(re.findall(r"^  (\w+)(?:/|\.py) ", tree, re.MULTILINE))
    package = ROOT / "auditor"
    there = {p.name for p in package.iterdir() if p.is_dir() and any(p.glob("*.py"))} | {"errors"}
    assert there <= listed
    assert listed - there <= {"network"}
    assert f"`{SCHEMA}`" in text


def test_the_doors_of_the_design_page_are_those_of_the_code() -> None:
    from tests.test_structure import DOORS

    table = _read("design.md").split("### Doors", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| ") and not line.startswith("| library")]
    described = {row[1].strip(): {word.rstrip("/") for word in _CODE.findall(row[2])} for row in rows}
    assert {{"PyYAML": "yaml"}.get(name, name): doors for name, doors in described.items()} == DOORS


def main() -> None:
    """Copy the help of every command into the pages."""
    for page in (DOCS / "cli.md", ROOT / "README.md"):
        text = page.read_text(encoding="utf-8")
        page.write_text(_HELP.sub(lambda m: m.group(1) + HELP[m.group(2)] + m.group(4), text), encoding="utf-8")


if __name__ == "__main__":
    main()
