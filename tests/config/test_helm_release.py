"""Values of Helm releases in Terraform: what the module decides is read at its line, what only a run decides is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.config import configure, recognise_systems
from auditor.documents import read_tree
from auditor.facts.configuration import Configuration
from auditor.manifest import assumed_manifest

HEREDOC = """variable "domain" { default = "corp.example" }
variable "open" {}
resource "helm_release" "coder" {
  chart = "coder"
  values = [<<-EOT
    coder:
      image: {tag: v2.30.0}
      env:
        - name: CODER_ACCESS_URL
          value: https://coder.${var.domain}
        - name: CODER_TELEMETRY_ENABLE
          value: "false"
        - name: CODER_PG_CONNECTION_URL
          value: ${var.open}
  EOT
  ]
%s}
"""
ENCODED = """resource "helm_release" "coder" {
  chart = "coder"
  values = [yamlencode({ coder = { env = [%s] } })%s]
}
"""
TELEMETRY = '{ name = "CODER_TELEMETRY_ENABLE", value = "false" }'


def configured(folder: Path, text: str) -> Configuration:
    (folder / "main.tf").write_text(text)
    documents, catalog = read_tree(folder, folder).documents, load_catalog()
    return configure(documents, assumed_manifest("d", recognise_systems(documents, catalog), ()), catalog)


def settings(found: Configuration) -> dict[str, tuple[str, str, str]]:
    """Return (value, state, place) of what something sets."""
    return {
        s.key: (s.value, s.state.value, next((f"{c.evidence.location.line}" for c in s.chain if c.used), ""))  # type: ignore[union-attr]
        for s in found.settings
        if s.state.value != "default"
    }


def gaps(found: Configuration) -> list[str]:
    return [g.unknown.text for g in found.gaps]


def test_a_text_of_values_is_read_at_its_lines(tmp_path: Path) -> None:
    found = configured(tmp_path, HEREDOC % "")
    known = settings(found)
    assert known["access_url"] == ("https://coder.corp.example", "set", "10")
    assert known["telemetry.enable"] == ("false", "set", "12")
    assert known["pg.url"][1] == "unknown", "its name is known and its value is Terraform's"
    assert not any("helm_release.coder" in text for text in gaps(found)), "the release is no process that nobody explains"


def test_a_tree_of_values_is_read_like_a_text(tmp_path: Path) -> None:
    known = settings(configured(tmp_path, ENCODED % (TELEMETRY, "")))
    assert known["telemetry.enable"] == ("false", "set", "3")


@pytest.mark.parametrize(
    "more",
    [
        '  set {\n    name  = "coder.env[1].value"\n    value = "true"\n  }\n',
        '  set = [{ name = "coder.env[1].value", value = "true" }]\n',
    ],
)
def test_set_wins_over_values_item_by_item(tmp_path: Path, more: str) -> None:
    known = settings(configured(tmp_path, HEREDOC % more))
    assert known["telemetry.enable"][:2] == ("true", "set")
    assert known["access_url"][0] == "https://coder.corp.example"


def test_the_later_of_two_parts_wins_and_its_list_replaces(tmp_path: Path) -> None:
    second = ', yamlencode({ coder = { env = [{ name = "CODER_UPDATE_CHECK", value = "false" }] } })'
    known = settings(configured(tmp_path, ENCODED % (TELEMETRY, second)))
    assert known["update_check"][0] == "false"
    assert "telemetry.enable" not in known, "Helm replaces lists"


@pytest.mark.parametrize(
    "other",
    [
        ', file("${path.module}/more.yaml")',
        ', templatefile("more.yaml", {})',
        ", var.more",
        ", yamlencode({ coder = { envFrom = [{ secretRef = { name = var.more } }] } })",
        ', yamlencode({ coder = { env = [{ name = var.more, value = "x" }] } })',
    ],
)
def test_what_only_a_run_decides_may_set_anything(tmp_path: Path, other: str) -> None:
    closed = configured(tmp_path, ENCODED % (TELEMETRY, ""))
    opened = configured(tmp_path, ENCODED % (TELEMETRY, other))
    names = {f.id for f in closed.flows if f.configured.value == "yes"}
    assert names, "something is on when nothing is open"
    update = next(f for f in opened.flows if f.id.endswith("update-check"))
    assert update.configured.value == "unknown"
    assert "is decided when Terraform runs" in update.configured_reason


@pytest.mark.parametrize(
    "block",
    [
        '  dynamic "set" {\n    for_each = var.x\n    content {\n      name  = set.key\n      value = set.value\n    }\n  }\n',
        '  set {\n    name  = "coder.env[${var.n}].value"\n    value = "true"\n  }\n',
        '  set {\n    name  = "coder.env[7].value"\n    value = "{a,b}"\n  }\n',
        '  set_wo = [{ name = "coder.env[7].value", value = "x" }]\n',
        '  postrender = { binary_path = "./x" }\n',
    ],
)
def test_set_that_cannot_be_placed_is_open(tmp_path: Path, block: str) -> None:
    update = next(f for f in configured(tmp_path, HEREDOC % block).flows if f.id.endswith("update-check"))
    assert update.configured.value == "unknown"


def test_a_release_that_count_leaves_out_is_none(tmp_path: Path) -> None:
    assert configured(tmp_path, HEREDOC % "  count = 0\n").settings == ()


def test_a_chart_that_nobody_knows_stays_a_process_without_a_product(tmp_path: Path) -> None:
    text = 'resource "helm_release" "x" {\n  chart = "x"\n  values = ["a: {b: c}"]\n}\n' + HEREDOC % ""
    found = configured(tmp_path, text)
    assert [p.name for p in found.processes if not p.systems] == ["helm_release.x"]


def test_secrets_in_values_are_redacted(tmp_path: Path) -> None:
    text = ENCODED % ('{ name = "CODER_OIDC_CLIENT_SECRET", value = "hunter2hunter2" }', "")
    assert "hunter2" not in repr(configured(tmp_path, text))
    blocks = '  set {\n    name  = "coder.env[3].name"\n    value = "CODER_OIDC_CLIENT_SECRET"\n  }\n'
    blocks += '  set_sensitive {\n    name  = "coder.env[3].value"\n    value = "hunter2hunter2"\n  }\n'
    (tmp_path / "main.tf").write_text(HEREDOC % blocks)
    assert "hunter2" not in repr(read_tree(tmp_path, tmp_path).documents)


def test_a_secret_in_a_text_of_values_shows_nowhere(tmp_path: Path) -> None:
    text = HEREDOC.replace("CODER_TELEMETRY_ENABLE", "CODER_OIDC_CLIENT_SECRET").replace('"false"', "hunter2hunter2")
    (tmp_path / "main.tf").write_text(text % "")
    assert "hunter2" not in repr(read_tree(tmp_path, tmp_path).documents)


def test_values_files_among_the_inputs_are_parts_of_the_release(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "base.yaml").write_text("coder: {env: [{name: CODER_TELEMETRY_ENABLE, value: 'false'}]}\n")
    head = 'variable "d" { default = "corp.example" }\nvariable "o" {}\nresource "helm_release" "coder" {\n  chart = "coder"\n'
    first = configured(tmp_path, f'{head}  values = [file("${{path.module}}/own/base.yaml")]\n}}\n')
    assert settings(first)["telemetry.enable"] == ("false", "set", "5")
    assert not [g for g in gaps(first) if "when Terraform runs" in g]
    pairs = {"CODER_ACCESS_URL": "https://coder.${domain}", "CODER_PG_CONNECTION_URL": "${open}"}
    listed = ", ".join(f"{{name: {name}, value: '{value}'}}" for name, value in pairs.items())
    (tmp_path / "own" / "base.yaml").unlink()
    (tmp_path / "more.yaml.tftpl").write_text(f"coder: {{env: [{listed}]}}\n")
    second = configured(tmp_path, f'{head}  values = [templatefile("more.yaml.tftpl", {{ domain = var.d, open = var.o }})]\n}}\n')
    assert settings(second)["access_url"][0] == "https://coder.corp.example"
    assert settings(second)["pg.url"][1] == "unknown"
