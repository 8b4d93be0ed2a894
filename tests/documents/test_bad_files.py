"""Each file of ``fixtures/bad/documents`` is named by its defect and gives exactly one located message."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from auditor.documents import read_file, read_tree
from auditor.errors import Diagnostic, UnreadableError

BAD = Path(__file__).resolve().parents[2] / "fixtures" / "bad" / "documents"

SYNTAX = "correct the syntax at this place"
FLAT = "flatten the structure"
YAML, JSON, UNIT = "the file is not valid YAML", "the file is not valid JSON", "the file is not a systemd unit"
EXPECTED = {
    "alias_bomb.yaml": (
        6,
        20,
        "the file stands for too much data",
        "more than 500,000 values once every alias is followed",
        "split the file, or remove the nested aliases",
    ),
    "alias_of_itself.yaml": (
        2,
        6,
        'alias "*x" cannot be followed',
        "it refers to the value that contains it",
        "write the value out",
    ),
    "alias_unknown.yaml": (1, 4, 'alias "*nobody" cannot be followed', "no such anchor before this place", "write the value out"),
    "assignment_without_value.service": (
        2,
        17,
        "Environment= needs NAME=value",
        "a word of it has no equals sign",
        "quote an assignment that contains spaces as a whole",
    ),
    "before_section.service": (1, 1, UNIT, "an assignment comes before any [Section]", "correct the line"),
    "binary.yaml": (
        0,
        0,
        "the file is binary, not text",
        "a NUL byte at offset 7",
        "name a text file, or capture: for recorded traffic",
    ),
    "command.env": (
        2,
        1,
        "the file is not a plain env file",
        "this line is neither NAME=value, a comment nor blank",
        "keep only assignments; commands are never run",
    ),
    "comment.json": (1, 10, JSON, "a key in double quotes is expected here", SYNTAX),
    "control_character.yaml": (1, 4, YAML, "character U+0001 is not allowed in YAML", "remove the character"),
    "cut_off.json": (1, 9, JSON, "the text ends inside a string begun at 1:7", SYNTAX),
    "duplicate_key.json": (
        2,
        2,
        'key "a" is given twice',
        "first at 1:2; programs differ on which one wins",
        "keep one of the two",
    ),
    "duplicate_key.yaml": (
        4,
        3,
        'key "A" is given twice',
        "first at 2:3; programs differ on which one wins",
        "keep one of the two",
    ),
    "key_is_a_list.yaml": (1, 3, "a mapping key is itself a mapping or a list", "", "use a plain text key"),
    "leading_zero.json": (1, 7, JSON, "a value is expected here", SYNTAX),
    "malformed.json": (2, 6, JSON, '":" is expected after the key', SYNTAX),
    "malformed.yaml": (3, 8, YAML, "while parsing a flow sequence did not find expected ',' or ']' (begun at 2:8)", SYNTAX),
    "merge_of_text.yaml": (
        2,
        3,
        'merge key "<<" needs a mapping or a list of mappings',
        "",
        "merge an anchored mapping, or quote the key",
    ),
    "not_a_unit.service": (2, 1, UNIT, "this line is neither [Section], Name=value, a comment nor blank", "correct the line"),
    "not_utf8.yaml": (1, 10, "the file is not UTF-8 text", "byte 0xe9 at offset 9", "save the file as UTF-8"),
    "raw_tab_in_string.json": (1, 9, JSON, "control character U+0009 inside a string must be escaped", SYNTAX),
    "tab_indent.yaml": (
        2,
        1,
        YAML,
        "while scanning for the next token found character that cannot start any token (begun at 2:1)",
        SYNTAX,
    ),
    "too_deep.json": (1, 102, "the file is nested too deeply", "more than 100 levels", FLAT),
    "too_deep.yaml": (1, 103, "the file is nested too deeply", "more than 100 levels", FLAT),
    "trailing_comma.json": (1, 12, JSON, "a comma before the closing bracket is not allowed in JSON", SYNTAX),
    "two_values.json": (1, 4, JSON, "something follows the end of the value", SYNTAX),
    "unclosed_quote.env": (1, 3, "the file is not a plain env file", "a quote is not closed", "close the quote"),
    "unknown_tag.yaml": (
        3,
        12,
        'YAML tag "!reset" is not understood',
        "it changes the meaning of the value in a way that only its own program knows",
        "supply the rendered file without such tags",
    ),
}


def refused(path: Path, shown: str) -> Diagnostic:
    """Return the one diagnostic of a file that must be refused."""
    with pytest.raises(UnreadableError) as caught:
        read_file(path, shown)
    (diagnostic,) = caught.value.diagnostics()
    assert diagnostic.path == shown
    return diagnostic


def test_every_bad_file_has_its_expectation() -> None:
    assert {path.name for path in BAD.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_bad_file_gives_one_located_message(name: str) -> None:
    found = refused(BAD / name, f"config/{name}")
    assert (found.line, found.column, found.what, found.why, found.next_step) == EXPECTED[name]


def test_discovered_bad_files_are_listed_with_their_reason_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.env").write_text("A=1\n")
    (tmp_path / "bad.yaml").write_text("a: [1\n")
    result = read_tree(tmp_path, tmp_path)
    assert [document.path for document in result.documents] == ["good.env"]
    (missing,) = result.not_examined
    assert (missing.path, missing.named) == ("bad.yaml", False)
    assert missing.reason.startswith("the file is not valid YAML at 2:1: while parsing a flow sequence")


def test_a_billion_bytes_of_zeros_are_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "zeros.yaml"
    with path.open("wb") as stream:
        stream.truncate(1_000_000_000)
    found = refused(path, "zeros.yaml")
    assert (found.what, found.why) == (
        "the file is too large: 1,000,000,000 bytes",
        "files of this kind are read up to 8,388,608 bytes",
    )


def test_a_folder_where_a_file_is_needed(tmp_path: Path) -> None:
    assert refused(tmp_path, "config").what == "this is a folder, and a file is needed here"


def test_a_missing_file() -> None:
    assert refused(BAD / "nowhere.yaml", "nowhere.yaml").what == "no such file"
    assert refused(BAD / "nowhere.toml", "nowhere.toml").what == "no such file"
    assert refused(BAD / "malformed.yaml" / "x.yaml", "x.yaml").what == "no such file"


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert refused(tmp_path / "pipe.yaml", "pipe.yaml").what == "the file is not a regular file"


@pytest.mark.parametrize(
    ("name", "what", "why"),
    [
        ("main.bicep", "the file is in a format that is not read yet", "Bicep"),
        ("egress.pcapng", "the file is a capture, not configuration", ""),
        ("notes.md", "the file is not a configuration file", "no reader takes .md files"),
        ("run.fish", "the file is in no format that is read", 'the name "run.fish" tells no format, and the text is no env file'),
    ],
)
def test_a_named_file_without_reader_is_refused(tmp_path: Path, name: str, what: str, why: str) -> None:
    (tmp_path / name).write_text("some text\n")
    found = refused(tmp_path / name, name)
    assert (found.what, found.why) == (what, why)


def test_commands_of_a_script_are_named_as_what_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("#!/usr/bin/fish\nset -x A 1\ndocker run --rm -e A vllm/vllm-openai --model x\n")
    found = refused(tmp_path / "run", "run")
    assert (found.what, found.why) == ("the file is in a format that is not read yet", "commands of a script")
