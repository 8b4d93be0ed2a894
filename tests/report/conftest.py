"""Fixtures of the report tests; ``AUDITOR_UPDATE_GOLDENS=1`` rewrites the golden files instead of comparing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.facts.assessment import Assessment
from tests.report import sample_coder, sample_cursor

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def coder() -> Assessment:
    """A deployment that claims to be air-gapped and is not."""
    return sample_coder.build()


@pytest.fixture(scope="session")
def cursor() -> Assessment:
    """Self-hosted workers whose execution is not proven."""
    return sample_cursor.build()


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Return a function that compares a text with a golden file, or writes it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("AUDITOR_UPDATE_GOLDENS") == "1":
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text

    return compare
