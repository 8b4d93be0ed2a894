"""HCL: the shape of Terraform's JSON syntax, every value at its place, expressions as written; and their values."""

from __future__ import annotations

import pytest

from auditor.documents import UNDECIDED, evaluate
from auditor.documents.hcl_reader import parse_hcl
from auditor.documents.hcl_values import Value
from auditor.documents.source import FaultError
from auditor.documents.tree import Node, NodeKind

SAMPLE = """variable "url" {
  default = "https://a.example"
}
resource "coder_agent" "main" {
  env = {
    PLAIN  = "é \\"q\\""
    "X-Y"  = var.url
    number = 3
  }
  startup_script = <<-EOT
    curl ${var.url}
      deeper
  EOT
  metadata {
    key = "one"
  }
  metadata {
    key = null
  }
  list = [true, "b", var.c ? 1 : 2]
}
"""


def at(path: tuple[str | int, ...]) -> Node:
    node = parse_hcl(SAMPLE)[0].root.at(*path)
    assert node is not None
    return node


MAIN = ("resource", "coder_agent", "main", 0)


@pytest.mark.parametrize(
    ("path", "text", "line", "column"),
    [
        (("variable", "url", 0, "default"), "https://a.example", 2, 13),
        ((*MAIN, "env", "PLAIN"), 'é "q"', 6, 14),
        ((*MAIN, "env", "X-Y"), "${var.url}", 7, 14),
        ((*MAIN, "env", "number"), "3", 8, 14),
        ((*MAIN, "startup_script"), "curl ${var.url}\n  deeper\n", 10, 20),
        ((*MAIN, "metadata", 0, "key"), "one", 15, 11),
        ((*MAIN, "list", 2), "${var.c ? 1 : 2}", 20, 22),
    ],
)
def test_values_and_places(path: tuple[str | int, ...], text: str, line: int, column: int) -> None:
    node = at(path)
    assert (node.text, node.line, node.column) == (text, line, column)


def test_null_is_no_text_and_repeated_blocks_are_a_list() -> None:
    assert at((*MAIN, "metadata", 1, "key")).kind is NodeKind.NULL
    assert len(at((*MAIN, "metadata")).items) == 2


@pytest.mark.parametrize(
    ("text", "what", "position"),
    [
        ("a = {\n", "the file is not valid HCL", (2, 1)),
        ("a = 1\na = 2\n", 'the attribute "a" is given twice', (2, 1)),
        ('a = 1\na "x" {}\n', '"a" is an attribute and a block, or has different numbers of labels', (2, 1)),
    ],
)
def test_what_is_no_hcl_is_refused_with_its_place(text: str, what: str, position: tuple[int, int]) -> None:
    with pytest.raises(FaultError) as caught:
        parse_hcl(text)
    assert (caught.value.what, caught.value.position) == (what, position)


KNOWN: dict[str, Value] = {"var.a": "x", "var.empty": "", "var.yes": True, "var.none": None, "local.m": {"k": "v"}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("$${kept}", "${kept}"),
        ("${var.a}", "x"),
        (" a ${var.a} --b  ${var.a}${var.a} ", " a x --b  xx "),
        ("a ${~ var.a ~} b", "axb"),
        ('a-${var.a}\n"q"', 'a-x\n"q"'),
        ('${var.empty != "" ? 1 : 0}', "0"),
        ('${var.none == null ? "none" : "some"}', "none"),
        ("${var.open ? 1 : 2}", UNDECIDED),
        ("${var.open || var.yes}", True),
        ("${var.open && var.yes}", UNDECIDED),
        ("${!var.yes}", False),
        ("${coalesce(var.empty, var.a)}", "x"),
        ("${coalesce(var.open, var.a)}", UNDECIDED),
        ('${join(",", ["p", var.a])}', "p,x"),
        ('${lower("AB")}${tostring(var.yes)}', "abtrue"),
        ('${replace(var.a, "/x/", "y")}', UNDECIDED),
        ("${length(3)}", "1"),
        ('${file("x")}', UNDECIDED),
        ("${[for k in var.a : k]}", UNDECIDED),
        ("${data.x.me[0].y}", UNDECIDED),
        ("${" + "(" * 80 + "var.a" + ")" * 80 + "}", UNDECIDED),
    ],
)
def test_expressions_are_decided_as_far_as_they_can_be(text: str, value: Value) -> None:
    assert evaluate(text, lambda name: KNOWN.get(name, UNDECIDED)) == value
