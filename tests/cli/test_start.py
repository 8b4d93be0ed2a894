"""What a run imports: start-up time is a feature, so heavy libraries stay out of light paths."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = ROOT / "fixtures" / "deployments" / "coder-air-gapped"
_PROBE = """
import sys
from auditor.cli import main
code = main({arguments!r})
print(code, sorted({{m.split('.')[0] for m in sys.modules}} & {heavy!r}), file=sys.stderr)
"""


def _imported(arguments: list[str], heavy: set[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE.format(arguments=arguments, heavy=heavy)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stderr.strip().splitlines()[-1]


def test_version_imports_click_and_little_else() -> None:
    heavy = {"yaml", "jinja2", "pandas", "scapy", "networkx", "msgspec", "jsonschema", "rich", "numpy"}
    assert _imported(["--version"], heavy) == "0 []"


def test_a_configuration_only_check_imports_no_heavy_library() -> None:
    line = _imported(["check", str(DEPLOYMENT), "--stage", "change"], {"jinja2", "pandas", "scapy", "numpy", "dulwich"})
    assert line.endswith("[]")


def test_a_gate_with_machine_formats_imports_no_heavy_library(tmp_path: Path) -> None:
    outputs = [word for form in ("sarif", "junit") for word in ("-o", f"{form}:{tmp_path / form}")]
    heavy = {"jinja2", "pandas", "scapy", "numpy", "rich", "msgspec", "dulwich"}
    assert _imported(["check", str(DEPLOYMENT), "--stage", "change", "-q", *outputs], heavy).endswith("[]")


@pytest.mark.parametrize(
    "command",
    [[], ["check"], ["compare"], ["diff"], ["report"], ["profiles"], ["profiles", "show"], ["frames"], ["flows"], ["permits"]],
)
def test_every_command_has_help_with_an_example(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "auditor", *command, "--help"], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0
    assert "Example" in done.stdout or command == ["profiles"]


def test_the_readme_shows_the_help_of_the_tool() -> None:
    text = (ROOT / "README.md").read_text()
    shown = text.split("<!-- help:begin -->\n```text\n")[1].split("```\n<!-- help:end -->")[0]
    done = subprocess.run([sys.executable, "-m", "auditor", "--help"], capture_output=True, text=True, check=False, timeout=60)
    assert shown == done.stdout
