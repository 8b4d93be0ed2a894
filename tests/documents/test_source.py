"""Bytes to text: byte order mark, line table, digests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.documents import digest_file, read_file
from auditor.documents.source import LineTable, split_lines
from auditor.errors import UnreadableError
from auditor.facts.manifest import DigestedInput


def test_a_byte_order_mark_is_no_column(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfa: b\n")
    (document,) = read_file(tmp_path / "a.yaml", "a.yaml")
    key = document.root.key("a")
    assert key is not None
    assert (key.line, key.column, document.lines[0], document.size) == (1, 1, "a: b", 8)


@given(st.text(st.sampled_from("ab\r\n\u2028"), max_size=30))
def test_line_table_and_lines_agree(text: str) -> None:
    table, lines = LineTable(text), split_lines(text)
    for offset, character in enumerate(text):
        line, column = table.at(offset)
        if character not in "\r\n":
            assert lines[line - 1][column - 1] == character


def test_a_digest_needs_no_reader(tmp_path: Path) -> None:
    (tmp_path / "dpa.pdf").write_bytes(b"%PDF\0")
    expected = "bf84f404f8c87183bafd56762e8cb4238508058269d3110d1057cc08720a0cbb"
    assert digest_file(tmp_path / "dpa.pdf", "docs/dpa.pdf", "document") == DigestedInput("docs/dpa.pdf", expected, "document", 5)
    with pytest.raises(UnreadableError, match=r"docs/none\.pdf: no such file"):
        digest_file(tmp_path / "none.pdf", "docs/none.pdf", "document")
