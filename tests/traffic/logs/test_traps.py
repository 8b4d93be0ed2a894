"""Each trap of flow logs that the project's facts name (F1 to F8) has tests of its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

_TEST = re.compile(r"^def test_f(\d)_", re.MULTILINE)


@pytest.mark.parametrize("trap", range(1, 9))
def test_every_trap_has_tests_of_its_name(trap: int) -> None:
    found = [int(number) for path in Path(__file__).parent.glob("test_*.py") for number in _TEST.findall(path.read_text())]
    assert found.count(trap) >= 2
