"""Files that stand inside others keep the place of the outer file."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.documents import DocumentKind, read_file, read_tree

COMPOSE = """services:
  proxy:
    image: ghcr.io/berriai/litellm
    configs:
      - {source: proxy, target: /app/config.yaml}
    volumes:
      - type: bind
        source: ./more.toml
        target: /etc/more.toml
        content: |
          [a]
          key = "v"
configs:
  proxy:
    content: |
      model_list:
        - model_name: m
          litellm_params: {model: openai/x, api_key: sk-proj-abcdefghijklmnopqrstuvwxyz0123}
"""
CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  config.yaml: |
    model_list: []
  broken.json: "{"
  PLAIN: x
"""


def test_configs_and_mounts_of_compose(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    outer, config, mount = read_file(tmp_path / "compose.yaml", "compose.yaml")
    assert (outer.inside, config.inside, mount.inside) == ("", "app/config.yaml", "etc/more.toml")
    name = config.root.at("model_list", 0, "model_name")
    key = config.root.at("model_list", 0, "litellm_params", "api_key")
    value = mount.root.at("a", "key")
    assert name is not None
    assert key is not None
    assert value is not None
    assert config.locate(name).excerpt == "- model_name: m"
    assert (name.line, name.column, value.line, value.column) == (17, 23, 12, 17)
    assert key.text.startswith("secret-")
    assert (config.path, mount.kind) == ("compose.yaml", DocumentKind.TOML)


def test_data_of_config_maps(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(CONFIG_MAP)
    outer, config = read_file(tmp_path / "c.yaml", "c.yaml")
    assert (outer.kind, config.inside) == (DocumentKind.KUBERNETES, "config.yaml")
    assert config.root.get("model_list") is not None


@pytest.mark.parametrize("secret", ["hunter2hunter2", "pw42"])
def test_a_secret_that_only_the_inner_file_names_shows_in_no_line_of_the_outer(tmp_path: Path, secret: str) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  config.yaml: |\n    env:\n"
    text += f"      - name: OIDC_CLIENT_SECRET\n        value: {secret}\n    host: api.example\n"
    (tmp_path / "cm.yaml").write_text(text)
    outer, inner = read_tree(tmp_path, tmp_path).documents
    assert secret not in repr((outer.lines, inner.lines, inner.root))
    assert outer.lines[:6] == tuple(text.split("\n")[:6])
    assert outer.lines[8] == "    host: api.example"
    assert outer.lines == inner.lines


def test_files_that_a_script_writes_out_of_its_here_documents(tmp_path: Path) -> None:
    (tmp_path / "install.sh").write_text(
        "#!/bin/sh\ncat > /etc/app/litellm.yaml <<'EOF'\nmodel_list: [{model_name: a}]\nAPI_KEY: hunter22\nEOF\n"
        "sudo tee -a app.env <<EOF >/dev/null\nA=1\nEOF\ncat <<EOF > open.yaml\na: $B\nAPI_KEY: hunter33\nEOF\n"
        "cat <<EOF > page.txt\ntext\nEOF\n"
    )
    script, *inner = read_tree(tmp_path, tmp_path).documents
    assert [(d.path, d.inside, d.kind) for d in inner] == [
        ("install.sh", "etc/app/litellm.yaml", DocumentKind.YAML),
        ("install.sh", "app.env", DocumentKind.ENV),
    ]
    shown = "\n".join(script.lines) + repr(script.root) + repr(inner[0].root)
    assert [secret for secret in ("hunter22", "hunter33") if secret in shown] == []
