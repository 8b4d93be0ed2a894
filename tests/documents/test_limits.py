"""Files that stand for more than they show are refused before they cost time or memory (``benchmarks/configuration.py``)."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.documents import read_file
from auditor.documents.source import MAXIMUM_BYTES
from auditor.errors import UnreadableError

MANY = 200_000
DEEP = "the file is nested too deeply"


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("deep.json", "[" * MANY, DEEP),
        ("deep.jsonc", '{"a":' * MANY, DEEP),
        ("deep.yaml", "[" * MANY, DEEP),
        ("dashes.yaml", "- " * MANY, DEEP),
        ("deep.toml", "a=" + "[" * MANY, DEEP),
        ("inline.toml", "a=" + "{b=" * MANY, DEEP),
        ("dots.toml", "a" + ".b" * MANY + "=1", DEEP),
        ("header.toml", "[" + "a." * MANY + "b]\nc=1", DEEP),
        ("digits.toml", "a=" + "1" * MANY, "the file is not valid TOML"),
        ("deep.tf", "a = " + "[" * MANY, DEEP),
        ("blocks.tf", "a {\n" * MANY, DEEP),
        ("template.tf", 'a = "' + "${" * MANY, DEEP),
        ("deep.plist", "<plist>" + "<array>" * MANY, DEEP),
        ("laughs.plist", '<!DOCTYPE p [<!ENTITY a "lol">]><plist><string>&a;</string></plist>', "the file declares entities"),
        (
            "laughs.yaml",
            "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20)),
            "the file stands for too much data",
        ),
    ],
)
def test_refused(tmp_path: Path, name: str, text: str, what: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UnreadableError) as refused:
        read_file(tmp_path / name, name)
    (diagnostic,) = refused.value.diagnostics()
    assert diagnostic.what == what


@pytest.mark.parametrize("name", ["large.yaml", "large.json", "large.tf", "large.toml", "large.env", "Dockerfile"])
def test_a_large_file_is_not_opened(tmp_path: Path, name: str) -> None:
    with (tmp_path / name).open("wb") as stream:
        stream.truncate(MAXIMUM_BYTES + 1)
    with pytest.raises(UnreadableError, match="too large"):
        read_file(tmp_path / name, name)


def test_what_people_write_is_not_refused(tmp_path: Path) -> None:
    script = "\n".join(["case x in", "(a) echo [ ;;"] * 500)
    (tmp_path / "main.tf").write_text(f'a = <<EOT\n{script}\nEOT\nb = "{"[" * 1_000}"\n')
    (tmp_path / "config.toml").write_text("[" + ".".join(["a"] * 40) + "]\n" + 'x = "' + "a." * 300 + '"\n')
    assert read_file(tmp_path / "main.tf", "main.tf")
    assert read_file(tmp_path / "config.toml", "config.toml")
