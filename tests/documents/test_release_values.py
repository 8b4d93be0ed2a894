"""Names of ``set`` become trees, trees are laid over each other as Helm does it."""

from __future__ import annotations

import pytest

from auditor.documents.hcl_reader import parse_hcl
from auditor.documents.release_values import laid_over, parts, releases
from auditor.documents.tree import Node, NodeKind


def plain(node: Node) -> object:
    if node.kind is NodeKind.MAPPING:
        return {key.text: plain(value) for key, value in node.entries}
    if node.kind is NodeKind.SEQUENCE:
        return [plain(item) for item in node.items]
    return node.text if node.kind is NodeKind.SCALAR else None


def body(text: str) -> Node:
    ((_, found),) = releases(parse_hcl(f'resource "helm_release" "r" {{\n{text}\n}}\n')[0].root)
    return found


def trees(text: str) -> dict[int, object]:
    return {number: plain(node) for number, node in parts(body(text))}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a", {"a": "v"}),
        ("a.b.c", {"a": {"b": {"c": "v"}}}),
        (r"a\\.b.c", {"a.b": {"c": "v"}}),
        ("a[0].b", {"a": [{"b": "v"}]}),
        ("a[1]", {"a": [None, "v"]}),
        ("a[0][1]", {"a": [[None, "v"]]}),
    ],
)
def test_the_form_of_a_name(name: str, expected: object) -> None:
    assert trees(f'set {{\n name = "{name}"\n value = "v"\n}}') == {0: expected}


@pytest.mark.parametrize("name", ["", ".a", "a..b", "a[", "a[x]", "a[99999]", "${var.a}", "[0]"])
def test_a_name_of_another_form_has_no_place(name: str) -> None:
    assert trees(f'set {{\n name = "{name}"\n value = "v"\n}}') == {}


def test_one_name_below_another_has_no_place() -> None:
    both = 'set {\n name = "a"\n value = "v"\n}\nset {\n name = "a.b"\n value = "v"\n}'
    assert trees(both) == {}


def test_what_only_a_run_decides_leaves_its_number_out() -> None:
    assert trees('values = [file("x"), "a: 1", yamlencode({ b = "2" }), yamlencode(var.c)]') == {1: "a: 1", 2: {"b": "2"}}


def test_maps_are_joined_and_lists_replaced() -> None:
    lower, upper = (
        n for _, n in parts(body('values = [yamlencode({ a = { b = "1", c = ["x", "y"] } }), yamlencode({ a = { c = ["z"] } })]'))
    )
    assert plain(laid_over(lower, upper)) == {"a": {"b": "1", "c": ["z"]}}


def test_set_is_laid_over_a_list_item_by_item() -> None:
    text = 'values = [yamlencode({ a = [{ n = "1", v = "x" }, "y"] })]\nset {\n name = "a[1]"\n value = "z"\n}\n'
    text += 'set {\n name = "a[0].v"\n value = "w"\n}\nset {\n name = "a[2]"\n value = "q"\n}'
    lower, upper = (n for _, n in parts(body(text)))
    assert plain(laid_over(lower, upper)) == {"a": [{"n": "1", "v": "w"}, "z", "q"]}
