"""Overlays laid over a tree: what wins, in which order, and where each node stands afterwards."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from auditor.documents import Document, DocumentKind, Node
from auditor.documents.schema import plain
from auditor.documents.yaml_reader import parse_yaml
from auditor.manifest.merging import OverlayNode, merge

BASE = """\
claim: {label: self-hosted, profile: in-network}
systems:
  - {product: coder, version: 2.35, components: {workspace: {networks: [10.1.0.0/16], zone: corp}}}
  - {id: llm, product: vllm}
components: [{id: git, plane: supporting}, {id: dns, plane: supporting}]
absent: [flags, managed-settings]
"""
OVERLAY = """\
components:
  - {id: mail, plane: supporting}
  - {id: git, zone: dmz}
absent: [dotfiles]
systems: [{id: coder, version: 2.36, components: {workspace: {networks: [10.2.0.0/16]}, provisioner: {}}}]
claim: {profile: air-gapped}
waivers: waivers.yaml
"""


def document(path: str, text: str) -> Document:
    """Return a located tree as the strict reader gives it."""
    (parsed,) = parse_yaml(text)
    return Document(path, path, len(text), DocumentKind.YAML, parsed.root, tuple(text.splitlines()))


def laid(base: str, *overlays: str) -> Node:
    """Return the root of ``base`` with the overlays ``o1``, ``o2`` … over it."""
    root = document("base", base).root
    for number, text in enumerate(overlays, 1):
        root = merge(root, document(f"o{number}", text))
    return root


def place(node: Node) -> str:
    """Return file, line and column of a node."""
    return f"{node.document.path if isinstance(node, OverlayNode) else 'base'}:{node.line}:{node.column}"


def test_the_whole_tree_and_where_each_part_stands() -> None:
    root = laid(BASE, OVERLAY)
    assert [(".".join(map(str, path)), node.text, place(node)) for path, node in root.walk()] == [
        ("", "", "base:1:1"),
        ("claim", "", "o1:6:8"),
        ("claim.label", "self-hosted", "base:1:16"),
        ("claim.profile", "air-gapped", "o1:6:18"),
        ("systems", "", "o1:5:10"),
        ("systems.0", "", "o1:5:11"),
        ("systems.0.product", "coder", "base:3:15"),
        ("systems.0.version", "2.36", "o1:5:32"),
        ("systems.0.components", "", "o1:5:50"),
        ("systems.0.components.workspace", "", "o1:5:62"),
        ("systems.0.components.workspace.networks", "", "o1:5:73"),
        ("systems.0.components.workspace.networks.0", "10.2.0.0/16", "o1:5:74"),
        ("systems.0.components.workspace.zone", "corp", "base:3:93"),
        ("systems.0.components.provisioner", "", "o1:5:102"),
        ("systems.0.id", "coder", "o1:5:16"),
        ("systems.1", "", "base:4:5"),
        ("systems.1.id", "llm", "base:4:10"),
        ("systems.1.product", "vllm", "base:4:24"),
        ("components", "", "o1:2:3"),
        ("components.0", "", "o1:3:5"),
        ("components.0.id", "git", "o1:3:10"),
        ("components.0.plane", "supporting", "base:5:31"),
        ("components.0.zone", "dmz", "o1:3:21"),
        ("components.1", "", "base:5:44"),
        ("components.1.id", "dns", "base:5:49"),
        ("components.1.plane", "supporting", "base:5:61"),
        ("components.2", "", "o1:2:5"),
        ("components.2.id", "mail", "o1:2:10"),
        ("components.2.plane", "supporting", "o1:2:23"),
        ("absent", "", "o1:4:9"),
        ("absent.0", "dotfiles", "o1:4:10"),
        ("waivers", "waivers.yaml", "o1:7:10"),
    ]


def test_the_last_overlay_wins_and_untouched_parts_keep_their_place() -> None:
    first, second = "waivers: one.yaml\nprofiles: [a]\n", "# later\nwaivers: two.yaml\n"
    found = {}
    for name, overlays in (("in order", (first, second)), ("reversed", (second, first))):
        root = laid("absent: [x]\n", *overlays)
        found[name] = [(key.text, plain(value), place(value)) for key, value in root.entries]
    assert found == {
        "in order": [
            ("absent", ["x"], "base:1:9"),
            ("waivers", "two.yaml", "o2:2:10"),
            ("profiles", ["a"], "o1:2:11"),
        ],
        "reversed": [
            ("absent", ["x"], "base:1:9"),
            ("waivers", "one.yaml", "o2:1:10"),
            ("profiles", ["a"], "o2:2:11"),
        ],
    }


def test_an_id_given_twice_stays_twice() -> None:
    """Merging the second one too would hide the mistake."""
    root = laid("components: [{id: a}]\n", "components: [{id: a, zone: x}, {id: b}, {id: a, zone: y}, {id: b}]\n")
    assert plain(root) == {"components": [{"id": "a", "zone": "x"}, {"id": "b"}, {"id": "a", "zone": "y"}, {"id": "b"}]}


def test_a_merged_key_knows_every_file_that_says_something_under_it() -> None:
    root = laid("zones: {corp: {}}\n", "\nzones: {corp: {}}\n", "\n\nzones: {corp: {}}\n")
    zones = root.get("zones")
    assert zones is not None
    key: Node | None = zones.key("corp")
    found = []
    while key is not None:
        found.append(place(key))
        key = key.below if isinstance(key, OverlayNode) else None
    assert found == ["o2:3:9", "o1:2:9", "base:1:9"]


words = st.sampled_from(["a", "b", "c", "d", "e"])
values = st.recursive(words | st.lists(words, max_size=3), lambda inner: st.dictionaries(words, inner, max_size=3), max_leaves=8)


@st.composite
def entries(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw a list of mappings, each with its own id."""
    ids = draw(st.lists(words, unique=True, max_size=4))
    return [{"id": name, **draw(st.dictionaries(words, values, max_size=2))} for name in ids]


trees = st.fixed_dictionaries({}, optional={"systems": entries(), "zones": values, "platform": values})


def expected(below: Any, above: Any, *, by_id: bool = False) -> Any:
    """Return what the rules give on plain data."""
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{k: expected(below[k], v) if k in below else v for k, v in above.items()}}
    if by_id and isinstance(below, list) and isinstance(above, list):
        new = {entry["id"]: entry for entry in above}
        return [expected(e, new.pop(e["id"], {})) for e in below] + list(new.values())
    return above


@given(trees, st.lists(trees, max_size=3))
def test_any_overlays_merge_as_plain_data_do_and_every_scalar_stands_where_it_says(base: Any, overlays: list[Any]) -> None:
    texts = [json.dumps(tree, indent=1) for tree in (base, *overlays)]
    root, whole = laid(*texts), base
    for overlay in overlays:
        joined = {
            key: expected(whole[key], value, by_id=key == "systems") if key in whole else value for key, value in overlay.items()
        }
        whole = {**whole, **joined}
    assert plain(root) == whole
    for _, node in root.walk():
        if node.text:
            file = int(node.document.path[1:]) if isinstance(node, OverlayNode) else 0
            assert texts[file].splitlines()[node.line - 1][node.column - 1 :].startswith(f'"{node.text}"')
