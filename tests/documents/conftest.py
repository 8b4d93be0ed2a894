"""Shared by the tests of this stage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.documents import Document, read_file

Reader = Callable[[str, str | bytes], tuple[Document, ...]]


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Return a function that writes a file of a name and reads it."""

    def _read(name: str, content: str | bytes) -> tuple[Document, ...]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_file(path, name)

    return _read
