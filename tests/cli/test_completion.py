"""Shell completion: the scripts are well formed, and what they ask auditor for is answered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from auditor.cli import main
from auditor.cli.completion import SHELLS


def _completed(words: str, count: int) -> list[str]:
    env = os.environ | {"_AUDITOR_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(count)}
    done = subprocess.run([sys.executable, "-m", "auditor"], env=env, capture_output=True, text=True, check=True, timeout=60)
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "count", "found"),
    [
        ("auditor ch", 1, ["check"]),
        ("auditor check --base", 2, ["--base", "--baseline", "--baseline-days"]),
        ("auditor check -p air", 3, ["air-gapped"]),
        ("auditor check -o ju", 3, ["junit:"]),
        ("auditor check --stage c", 3, ["change"]),
        ("auditor completion z", 2, ["zsh"]),
    ],
)
def test_words_are_completed(words: str, count: int, found: list[str]) -> None:
    assert _completed(words, count) == found


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_is_one_that_the_shell_takes(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"_AUDITOR_COMPLETE={shell}_complete" in script
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([program, "-n"], input=script, text=True, check=True, timeout=30)


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "'bash', 'zsh', 'fish'" in capsys.readouterr().err
