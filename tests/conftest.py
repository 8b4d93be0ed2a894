"""What all tests share: where shipped things are, and reasons to skip."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same change gets the same answer each time; `make search` looks further, with seeds of its own.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, print_blob=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Real inputs that nobody on this project wrote; tests pass without them."""
    folder = ROOT.parent / "shared" / "corpora"
    if not folder.is_dir():
        pytest.skip("the corpora are not beside this checkout")
    return folder
