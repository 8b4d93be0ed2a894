"""Folders: order, confinement, what is passed over and what is listed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from auditor.documents import read_tree
from auditor.errors import UnreadableError
from auditor.facts.manifest import DigestedInput, NotExamined


def reason(path: Path, base: Path) -> str:
    """Return what the refusal of a named path says."""
    with pytest.raises(UnreadableError) as caught:
        read_tree(path, base)
    (found,) = caught.value.diagnostics()
    return f"{found.path}: {found.what} ({found.why})"


def test_a_folder_in_sorted_order_with_digests(tmp_path: Path) -> None:
    for name in ("b.env", "a/z.env", "a/y.env", "C.env"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("A=1\n")
    result = read_tree(tmp_path, tmp_path)
    assert [document.path for document in result.documents] == ["C.env", "b.env", "a/y.env", "a/z.env"]
    digest = hashlib.sha256(b"A=1\n").hexdigest()
    assert result.digests[0] == DigestedInput("C.env", digest, "configuration", 4)
    assert result.not_examined == ()


def test_captures_papers_and_packages_are_passed_over_and_unread_formats_listed(tmp_path: Path) -> None:
    for name in (
        "x.pcap",
        "y.pcapng",
        "README.md",
        "LICENSE",
        "CODEOWNERS",
        "node_modules/p/package.json",
        ".git/config",
        "main.bicep",
        "run.fish",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("some text")
    result = read_tree(tmp_path, tmp_path)
    assert result.documents == ()
    assert result.not_examined == (
        NotExamined("main.bicep", "the file is in a format that is not read yet: Bicep", named=False),
        NotExamined(
            "run.fish",
            'the file is in no format that is read: the name "run.fish" tells no format, and the text is no env file',
            named=False,
        ),
    )


def test_one_file(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "a.env").write_text("A=1\n")
    (document,) = read_tree(tmp_path / "config" / "a.env", tmp_path).documents
    assert document.path == "config/a.env"


def test_named_paths_that_are_refused(tmp_path: Path) -> None:
    base = tmp_path / "deployment"
    base.mkdir()
    (tmp_path / "outside.env").write_text("A=1\n")
    (base / "link.env").symlink_to(tmp_path / "outside.env")
    (base / "circle.env").symlink_to(base / "circle.env")
    left = "the path leaves the folder of the deployment"
    assert reason(base / "link.env", base) == f"link.env: {left} (a link leads out of it)"
    assert reason(base / ".." / "outside.env", base) == f"../outside.env: {left} (it lies outside)"
    assert reason(tmp_path / "outside.env", base) == f"outside.env: {left} (it lies outside)"
    assert reason(base / "circle.env", base) == f"circle.env: {left} (its links run in a circle)"
    assert reason(base / "missing.env", base) == "missing.env: no such file ()"


def test_links_inside_are_followed_once_and_links_out_are_listed(tmp_path: Path) -> None:
    base, outside = tmp_path / "deployment", tmp_path / "outside"
    (base / "a").mkdir(parents=True)
    outside.mkdir()
    (outside / "x.env").write_text("A=1\n")
    (base / "a" / "x.env").write_text("A=1\n")
    (base / "b.env").symlink_to(base / "a" / "x.env")
    (base / "a" / "again").symlink_to(base)
    (base / "out").symlink_to(outside)
    (base / "out.env").symlink_to(outside / "x.env")
    result = read_tree(base, base)
    assert [document.path for document in result.documents] == ["b.env", "a/x.env"]
    left = "the path leaves the folder of the deployment: a link leads out of it"
    assert result.not_examined == (NotExamined("out", left, named=False), NotExamined("out.env", left, named=False))
