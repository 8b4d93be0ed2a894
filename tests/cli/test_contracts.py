"""``contracts:`` on the way from a manifest to what an officer reads and exports, on a shipped deployment."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest

from auditor.cli import main
from tests.conftest import ROOT

SHIPPED = ROOT / "fixtures" / "deployments" / "coder-mislabelled"
CONTRACTS = """
contracts:
  MSA-2025/17:
    provider: anthropic
    entity_lei: 0000EXAMPLEBANK00121
    function: F-12
    governing_law: IE
    sub_processors: [google-cloud, Example Support Ltd]
  ORDER-9: {provider: cursor}
"""
GATE = ("--stage", "change", "--as-of", "2026-11-24", "-q")


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contracts") / "deployment"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("traffic"))
    manifest = folder / "auditor.yaml"
    lines = [line for line in manifest.read_text(encoding="utf-8").splitlines() if "capture:" not in line]
    manifest.write_text("\n".join(lines) + CONTRACTS, encoding="utf-8")
    return folder


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_what_the_author_states_stands_in_every_export_with_its_place(deployment: Path, tmp_path: Path) -> None:
    forms = ("csv-register", "csv-ledger", "html", "json")
    outputs = [word for form in forms for word in ("-o", f"{form}:{tmp_path / form}")]
    assert main(["check", str(deployment), *GATE, *outputs]) == 1
    lines = (deployment / "auditor.yaml").read_text(encoding="utf-8").splitlines()
    place = f"auditor.yaml:{1 + next(n for n, line in enumerate(lines) if 'MSA-2025/17' in line)}"
    register = _rows(tmp_path / "csv-register")
    (held,) = {tuple(row.items())[:13] for row in register if row["provider_name"] == "Anthropic"}
    assert [value for _, value in held] == ["MSA-2025/17", "0000EXAMPLEBANK00121", "", "", "F-12", *[""] * 6, "IE", ""]
    assert {row["stated_at"] for row in register if row["provider_name"] == "Anthropic"} == {place}
    (order,) = [row for row in register if row["B_02.02.0010 contractual arrangement"] == "ORDER-9"]
    assert (order["provider_name"], order["open"]) == ("Anysphere (Cursor)", "no flow to this provider is known")
    ledger = {row["operator"]: row for row in _rows(tmp_path / "csv-ledger")}
    assert ledger["Anthropic"]["contract_reference"].startswith(f"MSA-2025/17 ({place})")
    assert ledger["Anthropic"]["sub_processor"].endswith("Example Support Ltd")
    page = (tmp_path / "html").read_text(encoding="utf-8")
    assert f"<dt>Contract</dt><dd>MSA-2025/17 ({place})</dd>" in page
    contracts = json.loads((tmp_path / "json").read_text(encoding="utf-8"))["contracts"]
    assert (contracts[0]["reference"], contracts[0]["line"]) == ("MSA-2025/17", int(place.split(":")[1]))


def test_no_verdict_moves_by_a_contract(deployment: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(deployment, bare)
    manifest = bare / "auditor.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(CONTRACTS, "\n"), encoding="utf-8")
    found = []
    for folder in (deployment, bare):
        main(["check", str(folder), *GATE, "-o", f"json:{tmp_path / 'out.json'}"])
        side = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
        found.append((side["controls"], side["findings"], side["unknowns"], side["flows"]))
    assert found[0] == found[1]


def test_contracts_are_pseudonyms_in_what_is_shared(deployment: Path, tmp_path: Path) -> None:
    key = tmp_path / "key.bin"
    key.write_bytes(b"0123456789abcdef")
    outputs = [word for form in ("csv-register", "csv-ledger", "html", "json") for word in ("-o", f"{form}:{tmp_path / form}")]
    main(["check", str(deployment), *GATE, "--redact", str(key), *outputs])
    for form in ("csv-register", "csv-ledger", "html", "json"):
        text = (tmp_path / form).read_text(encoding="utf-8-sig")
        assert "contract-" in text
        assert [name for name in ("MSA-2025/17", "ORDER-9", "0000EXAMPLEBANK00121", "F-12") if name in text] == []
