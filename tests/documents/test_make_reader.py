"""Makefiles: the commands of their recipes, at their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.documents import read_tree
from auditor.documents.make_reader import parse_make
from auditor.documents.source import FaultError
from auditor.documents.tree import Node

TEXT = """.PHONY: up
HOST ?= 127.0.0.1:11434
LONG = several words $(shell date)
up: deps ## start it
\t@if [ "$$(docker ps -q)" ]; then \\
\t\techo running; \\
\telse \\
\t\tdocker run -e HOST=$(HOST) -e HOME=$$HOME --name a b/c:1; \\
\tfi
broken:
\t@echo 'no end
ifeq ($(X),y)
\t-docker stop a
endif
API_TOKEN := hunter22
"""


def commands(root: Node) -> list[tuple[str, int, int]]:
    return [
        (" ".join(w.text or "…" for w in node.items), node.items[0].line, node.items[0].column)
        for path, node in root.walk()
        if path and path[-1] == "run" and node.items
    ]


def test_recipes_are_commands_at_their_places() -> None:
    (parsed,) = parse_make(TEXT)
    assert commands(parsed.root) == [
        ("[ … ]", 5, 6),
        ("docker ps -q", 5, 12),
        ("echo running", 6, 3),
        ("docker run -e … -e HOME=$HOME --name a b/c:1", 8, 3),
        ("docker stop a", 13, 3),
    ]
    given = [g for _, node in parsed.root.walk() for g in (node.get("set"),) if g is not None]
    assigned = {key.text: value.text for node in given for key, value in node.entries}
    assert assigned == {"HOST": "127.0.0.1:11434", "API_TOKEN": "hunter22"}


def test_secrets_of_a_makefile_are_gone(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(TEXT)
    (document,) = read_tree(tmp_path, tmp_path).documents
    assert "hunter22" not in repr(document.root) + "\n".join(document.lines)


@pytest.mark.parametrize("text", ["\tif (\n" * 30, "\t'" * 70_001])
def test_what_is_no_shell_at_all_is_refused(text: str) -> None:
    with pytest.raises(FaultError):
        parse_make(text)
