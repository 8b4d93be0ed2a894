"""``auditor catalog``: what is known, with its grade; a file of the user's own is refused where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.cli import main

PRODUCTS = Path(__file__).resolve().parents[2] / "auditor" / "catalog" / "products"
SINK = """operator: heron-corp
sources:
  DOC: {title: Manual, publisher: heron-corp, relation: vendor, date: 2026-05-01, grade: vendor}
defaults: {src: DOC}
endpoints:
  - id: heron-corp/telemetry_sink
    title: Heron statistics
    hosts: [stats.heron.example]
    plane: supporting
    role: telemetry_sink
    processing: [US]
    storage: [US]
    data: [metadata.usage]
"""


def test_every_product_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == sorted(p.stem for p in PRODUCTS.glob("*.yaml"))


@pytest.mark.parametrize("product", sorted(p.stem for p in PRODUCTS.glob("*.yaml")))
def test_show_names_every_flow_and_setting(capsys: pytest.CaptureFixture[str], product: str) -> None:
    assert main(["catalog", "show", product]) == 0
    shown = capsys.readouterr().out
    known = load_catalog().product(product)
    ids = [*(flow.id for flow in known.flows), *(setting.id for setting in known.settings)]
    assert [key for key in ids if f"  {key}: " not in shown] == []


def test_a_fact_that_grants_no_pass_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "show", "codex"]) == 0
    lines = {line.split(":")[0].strip(): line for line in capsys.readouterr().out.splitlines()}
    assert lines["mcp.stdio"].endswith("[derived, 2026-11-23, grants no pass]")
    assert lines["analytics"].endswith("[code, 2026-11-23]")


def test_an_unknown_product_names_the_near_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "show", "codx"]) == 2
    assert "did you mean codex" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("bedrock-runtime.eu-central-1.amazonaws.com", "@eu-central-1)"),
        ("evil-cursor.sh", "evil-cursor.sh: unknown; no pattern of the catalog covers it"),
        ("cursor.sh.example.net", "unknown; no pattern"),
    ],
)
def test_a_host_is_matched_by_whole_labels(capsys: pytest.CaptureFixture[str], host: str, expected: str) -> None:
    assert main(["catalog", "host", host]) == 0
    assert expected in capsys.readouterr().out.splitlines()[0]


def test_a_host_of_an_overlay_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "endpoints").mkdir()
    (tmp_path / "endpoints" / "heron-corp.yaml").write_text(SINK)
    assert main(["catalog", "host", "stats.heron.example", "--catalog", str(tmp_path)]) == 0
    assert "heron-corp/telemetry_sink" in capsys.readouterr().out


@pytest.mark.parametrize("product", sorted(p.stem for p in PRODUCTS.glob("*.yaml")))
def test_the_shipped_products_are_sound(product: str) -> None:
    assert main(["catalog", "check", str(PRODUCTS / f"{product}.yaml")]) == 0


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("heron-corp.yaml", SINK.replace("role: telemetry_sink\n", "role: nonsense\n"), "heron-corp.yaml:10"),
        ("heron-corp.yaml", SINK.replace("    plane: supporting\n", ""), "plane"),
        ("other.yaml", SINK, "rename the file to heron-corp.yaml"),
        ("heron-corp.yaml", "nothing: here\n", "this is no catalog file"),
        ("heron-corp.yaml", SINK + "  - [\n", "heron-corp.yaml:"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text)
    assert main(["catalog", "check", str(tmp_path / name)]) == 2
    assert message in capsys.readouterr().err


def test_a_sound_file_is_told_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "heron-corp.yaml").write_text(SINK)
    assert main(["catalog", "check", str(tmp_path / "heron-corp.yaml")]) == 0
    assert "put it at endpoints/heron-corp.yaml" in capsys.readouterr().out


def test_a_missing_or_binary_file_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    assert main(["catalog", "check", str(tmp_path / "absent.yaml")]) == 2
    assert main(["catalog", "check", str(tmp_path / "binary.yaml")]) == 2
    assert capsys.readouterr().err.count("the catalog file cannot be read") == 2
