"""The folders by which a product knows its files: whatever the user names, the file is recognised, and nothing above is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.catalog import load_catalog
from auditor.documents import read_tree
from auditor.pipeline.naming import naming_folders
from auditor.pipeline.portraying import portray

SETTINGS = '{"env": {"ANTHROPIC_BASE_URL": "https://gateway.example"}}'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home folder with the settings of one user."""
    folder = tmp_path / "home" / "user" / ".claude"
    folder.mkdir(parents=True)
    (folder / "settings.json").write_text(SETTINGS)
    return folder.parent


@pytest.mark.parametrize(
    ("named", "below"),
    [
        (".claude", "home/user/.claude"),
        (".claude/settings.json", "home/user/.claude"),
        (".", "home/user"),
        ("..", "home"),
        ("../..", ""),
    ],
)
def test_what_the_user_names_is_told_by_the_folders_that_name_it(home: Path, named: str, below: str) -> None:
    path = (home / named).resolve()
    assert naming_folders(path, load_catalog()) == below
    found = portray((path,))
    assert [s.files for s in found.systems] == [("home/user/.claude/settings.json",)]
    assert found.not_examined == ()


def test_a_relative_path_has_the_name_of_where_it_lies(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home / ".claude")
    for named in (".", "settings.json"):
        assert naming_folders(Path(named), load_catalog()) == "home/user/.claude"


def test_a_folder_without_such_a_file_has_no_name(home: Path) -> None:
    (home / ".claude" / "settings.json").unlink()
    assert naming_folders(home / ".claude", load_catalog()) == ""


def test_files_deeper_below_are_told_by_the_first_folder(tmp_path: Path) -> None:
    folder = tmp_path / ".kiro" / "settings"
    folder.mkdir(parents=True)
    (folder / "mcp.json").write_text('{"mcpServers": {}}')
    assert naming_folders(tmp_path / ".kiro", load_catalog()) == ".kiro"
    assert naming_folders(folder, load_catalog()) == ".kiro/settings"


def test_nothing_above_the_named_folder_is_read(home: Path) -> None:
    (home / "secret.json").write_text(SETTINGS)
    (home / ".claude" / "linked.json").symlink_to(home / "secret.json")
    result = read_tree(home / ".claude", home / ".claude", None, "home/user/.claude")
    assert [d.path for d in result.documents] == ["home/user/.claude/settings.json"]
    assert [(m.path, m.reason) for m in result.not_examined] == [
        ("home/user/.claude/linked.json", "the path leaves the folder of the deployment: a link leads out of it")
    ]
