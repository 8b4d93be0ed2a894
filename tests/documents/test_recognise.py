"""What a file and a tree are taken for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.documents import Document, DocumentKind, read_tree

Reader = Callable[[str, str], tuple[Document, ...]]

LIST = "apiVersion: v1\nkind: List\nitems:\n"


@pytest.mark.parametrize(
    ("name", "content", "kinds"),
    [
        ("a.yaml", "a: 1", ["yaml"]),
        ("a.yml", "a: 1\n---\nb: 1", ["yaml", "yaml"]),
        ("a.json", '{"a": 1}', ["json"]),
        ("a.jsonc", '{"a": 1,}', ["json"]),
        (".vscode/settings.json", '{"a": 1,} // c', ["json"]),
        (".devcontainer.json", '{"a": 1,} // c', ["devcontainer"]),
        ("json.yaml", '{"a": "\\ud83d\\ude00"}', ["yaml"]),
        ("flow.yaml", "{a: 1}", ["yaml"]),
        ("coder.env", "A=1", ["env"]),
        (".env", "A=1", ["env"]),
        (".env.production", "A=1", ["env"]),
        (".envrc", "export A=1", ["env"]),
        ("default/coder", "A=1", ["env"]),
        ("env.sh", "export A=1", ["env"]),
        ("coder.service", "[Service]\nUser=a", ["systemd"]),
        ("coder.service.d/10-telemetry.conf", "[Service]\nEnvironment=A=1", ["systemd"]),
        ("values.yaml", "coder: {}", ["helm_values"]),
        ("values-prod.yaml", "coder: {}", ["helm_values"]),
        ("coder-values.yaml", "coder: {}", ["helm_values"]),
        ("compose.yaml", "services: {}", ["compose"]),
        ("docker-compose.prod.yml", "services: {}", ["compose"]),
        ("stack.yaml", "services: {web: {image: x}}", ["compose"]),
        ("not-compose.yaml", "services: [web]", ["yaml"]),
        ("pod.yaml", "apiVersion: v1\nkind: Pod", ["kubernetes"]),
        ("pod.json", '{"apiVersion": "v1", "kind": "Pod"}', ["kubernetes"]),
        ("list.yaml", f"{LIST}- {{apiVersion: v1, kind: Pod}}\n- {{apiVersion: v1, kind: Service}}", ["kubernetes"] * 2),
        ("empty.yaml", "# nothing", []),
    ],
)  # fmt: skip
def test_kinds(read: Reader, name: str, content: str, kinds: list[str]) -> None:
    assert [document.kind for document in read(name, content)] == [DocumentKind(kind) for kind in kinds]


def test_objects_of_a_list_keep_their_place(read: Reader) -> None:
    (pod,) = read("list.yaml", "apiVersion: v1\nkind: PodList\nitems:\n  - apiVersion: v1\n    kind: Pod\n")
    kind = pod.root.get("kind")
    assert kind is not None
    assert (kind.text, kind.line, kind.column) == ("Pod", 5, 11)


def test_a_template_of_yaml_is_read_as_far_as_it_is_yaml(tmp_path: Path) -> None:
    (tmp_path / "values.yaml.tpl").write_text("a: ${b}\n")
    (tmp_path / "more.yaml.tftpl").write_text("%{ if x }\na: b\n%{ endif }\n")
    (tmp_path / "page.html.tmpl").write_text("a: b\n")
    result = read_tree(tmp_path, tmp_path)
    assert [(d.path, d.kind) for d in result.documents] == [("values.yaml.tpl", DocumentKind.HELM_VALUES)]
    assert {m.path: m.reason for m in result.not_examined} == dict.fromkeys(
        ("more.yaml.tftpl", "page.html.tmpl"), "the file is in a format that is not read yet: template"
    )
