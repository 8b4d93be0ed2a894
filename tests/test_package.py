"""What is shipped: profiles, schemas, catalog and templates are in the wheel, and it works from there."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it where no source of the project is near."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    zipfile.ZipFile(wheel).extractall(target)
    return target


def _run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-m", "auditor", *arguments]
    return subprocess.run(command, cwd=site, env=environment, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.slow
def test_every_data_file_of_the_package_is_in_the_wheel(unpacked: Path) -> None:
    package = ROOT / "auditor"
    data = {p.relative_to(package) for p in package.rglob("*") if p.is_file() and p.suffix in {".yaml", ".json", ".j2", ".css"}}
    assert {p for p in data if not (unpacked / "auditor" / p).is_file()} == set()
    shipped = {p.name for p in (ROOT / "profiles").glob("*.yaml")}
    assert {p.name for p in (unpacked / "auditor" / "shipped_profiles").iterdir()} == shipped


@pytest.mark.slow
def test_the_wheel_judges_and_reports(unpacked: Path, tmp_path: Path) -> None:
    listed = _run(unpacked, "profiles", "list")
    assert (listed.returncode, listed.stdout.split()[0]) == (0, "vendor-managed")
    deployment = ROOT / "fixtures" / "deployments" / "coder-mislabelled"
    done = _run(unpacked, "check", str(deployment), "--as-of", "2026-11-24", "-q", "-o", f"html:{tmp_path / 'report.html'}")
    assert (done.returncode, (tmp_path / "report.html").stat().st_size > 10_000) == (1, True), done.stderr


def test_locks_pin_versions_and_hashes_without_addresses() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        for block in re.split(r"\n(?=\S)", text.strip()):
            assert "==" in block
            assert "--hash=sha256:" in block


def test_every_run_time_dependency_is_locked() -> None:
    import tomllib

    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[<>=!~ \[]", d)[0].lower() for d in wanted}
    for lock in ("run.txt", "dev.txt"):
        locked = {line.split("==")[0].lower() for line in (ROOT / "requirements" / lock).read_text().splitlines() if "==" in line}
        assert names <= locked


def test_the_demo_imports_what_there_is() -> None:
    """``make demo`` and ``make examples`` are outside of the types that mypy checks."""
    importlib.import_module("fixtures.demo")
