"""Bad input: one clear message with location, the right exit code, no traceback, nothing half-written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = ROOT / "fixtures" / "deployments" / "cursor-self-hosted-workers-unproven"
MANIFEST = "auditor.yaml"


def auditor(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the real command line in its own process, as a user does."""
    command = [sys.executable, "-m", "auditor", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """Return a copy of a small shipped deployment that a test may break."""
    folder = tmp_path / "deployment"
    shutil.copytree(DEPLOYMENT, folder)
    return folder


def _edit(folder: Path, old: str, new: str) -> None:
    path = folder / MANIFEST
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _assert_refused(done: subprocess.CompletedProcess[str], code: int, *needles: str) -> None:
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    for needle in needles:
        assert needle in done.stderr
    assert str(ROOT) not in done.stderr


def test_malformed_yaml(deployment: Path) -> None:
    _edit(deployment, "zones:", "zones: [unclosed\nzones2:")
    _assert_refused(auditor("check", deployment), 2, "error: ", f"{MANIFEST}:", "= help:")


def test_an_unknown_key_is_refused_with_a_suggestion(deployment: Path) -> None:
    _edit(deployment, "perimeter:", "perimetre:")
    done = auditor("check", deployment)
    line = next(n for n, text in enumerate((deployment / MANIFEST).read_text().splitlines(), 1) if "perimetre" in text)
    _assert_refused(done, 2, "perimetre", f"{MANIFEST}:{line}:1", "perimeter")


def test_a_duplicate_key_is_refused(deployment: Path) -> None:
    _edit(deployment, "perimeter:", "deployment: twice\nperimeter:")
    _assert_refused(auditor("check", deployment), 2, "deployment", f"{MANIFEST}:")


def test_unquoted_norway_is_norway(deployment: Path) -> None:
    """YAML 1.1 would read ``NO`` as false; here scalars stay text."""
    _edit(deployment, "processing: [DE]", "processing: [NO]")
    done = auditor("check", deployment, "--output", f"json:{deployment / 'out.json'}", "--quiet")
    assert done.returncode in {0, 1, 3}, done.stderr
    assert '"NO"' in (deployment / "out.json").read_text()


def test_a_country_that_is_none_is_refused(deployment: Path) -> None:
    _edit(deployment, "processing: [DE]", "processing: [false]")
    _assert_refused(auditor("check", deployment), 2, "false", f"{MANIFEST}:")


def test_a_named_file_that_is_missing_leaves_the_rest_assessed(deployment: Path) -> None:
    """Exit 4, and the assessment of everything else is still there."""
    _edit(deployment, "inputs:", "inputs:\n  - {file: config/nowhere.json, state: live}")
    done = auditor("check", deployment)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert "config/nowhere.json" in done.stdout + done.stderr


def test_a_path_that_leaves_the_folder_is_refused(deployment: Path) -> None:
    _edit(deployment, "inputs:", "inputs:\n  - {path: ../../}")
    done = auditor("check", deployment)
    assert done.returncode in {2, 4}
    assert "Traceback" not in done.stderr
    assert f"{MANIFEST}:" in done.stderr


def test_a_link_that_leaves_the_folder_is_not_followed(deployment: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.env").write_text("CURSOR_WORKER_NAME=from-outside\n")
    (deployment / "config" / "linked.env").symlink_to(tmp_path / "secret.env")
    done = auditor("check", deployment, "--output", f"json:{deployment / 'out.json'}")
    assert "Traceback" not in done.stderr
    assert "from-outside" not in (deployment / "out.json").read_text()


def test_one_gigabyte_of_zeros_is_refused_at_once(deployment: Path) -> None:
    with (deployment / MANIFEST).open("r+b") as file:
        file.truncate(1_000_000_000)
    _assert_refused(auditor("check", deployment), 2, MANIFEST)


def test_a_binary_manifest(deployment: Path) -> None:
    (deployment / MANIFEST).write_bytes(bytes(range(256)))
    _assert_refused(auditor("check", deployment), 2, MANIFEST)


def test_a_folder_where_a_manifest_should_be(deployment: Path) -> None:
    (deployment / MANIFEST).unlink()
    (deployment / MANIFEST).mkdir()
    done = auditor("check", deployment)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_path_that_does_not_exist() -> None:
    _assert_refused(auditor("check", "no/such/folder"), 2, "no/such/folder")


def test_an_empty_folder_has_nothing_to_audit(tmp_path: Path) -> None:
    done = auditor("check", ".", "--profile", "air-gapped", cwd=tmp_path)
    assert (done.returncode, "nothing to audit" in done.stderr) == (4, True)


def test_no_manifest_and_no_profile(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    done = auditor("check", ".", cwd=tmp_path)
    assert (done.returncode, "--profile" in done.stderr) == (2, True)


def test_an_unknown_profile(deployment: Path) -> None:
    _assert_refused(auditor("check", deployment, "--profile", "air-gaped"), 2, "air-gaped", "air-gapped")


def test_a_report_that_cannot_be_written_leaves_nothing(deployment: Path) -> None:
    done = auditor("check", deployment, "--quiet", "--output", f"html:{deployment}/none/report.html")
    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert not (deployment / "none").exists()


@pytest.mark.parametrize("text", ["xml:out.xml", "html", "html:"])
def test_an_output_of_an_unknown_form(deployment: Path, text: str) -> None:
    done = auditor("check", deployment, "--output", text)
    assert done.returncode == 2
    assert "FORMAT:PATH" in done.stderr


def test_a_date_that_is_none(deployment: Path) -> None:
    done = auditor("check", deployment, "--as-of", "23.11.2026")
    assert done.returncode == 2
    assert "ISO 8601" in done.stderr


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": "assessment/v9"}', b"\xff\xfe"])
def test_a_bad_assessment_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "assessment.json"
    path.write_bytes(content)
    done = auditor("report", path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "assessment.json" in done.stderr


def test_a_key_file_that_is_missing(deployment: Path) -> None:
    _assert_refused(auditor("check", deployment, "--fingerprint-key-file", "no/such/key"), 2, "no/such/key")


def test_a_profile_outside_the_folder_of_the_manifest(deployment: Path, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("profile: own\n")
    _edit(deployment, "profiles: [", "profiles: [../own.yaml, ")
    _assert_refused(auditor("check", deployment), 2, "../own.yaml", "leaves the folder")
