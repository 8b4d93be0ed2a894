"""Same input, same bytes: whatever the hash seed, the working folder, the locale or the time zone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.cli.formats import AssessmentFormat

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", ["coder-mislabelled", "cursor-ide-in-coder-workspace"])
def test_the_same_input_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    results = []
    for index, (seed, zone, locale) in enumerate([("0", "UTC", "C"), ("4711", "Asia/Tokyo", "C.UTF-8")]):
        folder = tmp_path / f"somewhere-{index}" / name
        shutil.copytree(ROOT / "fixtures" / "deployments" / name, folder)
        command = [sys.executable, "-m", "auditor", "check", str(folder), "--as-of", "2026-11-23", "-q"]
        for form in AssessmentFormat:
            command += ["-o", f"{form}:{tmp_path}/{index}.{form}"]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        subprocess.run(command, cwd=folder.parent, env=environment, check=False, timeout=120, capture_output=True)
        results.append([(tmp_path / f"{index}.{form}").read_bytes() for form in AssessmentFormat])
    assert results[0] == results[1]
    for data in results[0]:
        assert b"somewhere-" not in data
