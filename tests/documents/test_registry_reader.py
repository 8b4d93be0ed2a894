"""Registry exports: keys, values of every type, places, and the JSON of managed settings inside."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.documents import DocumentKind, read_file
from auditor.documents.registry_reader import parse_registry
from auditor.documents.schema import plain
from auditor.documents.source import FaultError
from auditor.errors import UnreadableError

EXPORT = """Windows Registry Editor Version 5.00\r
\r
; managed by the workplace team\r
[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode]\r
"Settings"="{\\"env\\": {\\"DISABLE_TELEMETRY\\": \\"1\\"}, \\"apiKeyHelper\\": \\"C:\\\\\\\\k.exe\\"}"\r
"Level"=dword:0000000a ; ten\r
"List"=hex(7):61,00,\\\r
  62,00\r
@="default"\r
"Gone"=-\r
\r
[-HKEY_CURRENT_USER\\SOFTWARE\\Old]\r
"""


def test_an_export_whole() -> None:
    (parsed,) = parse_registry(EXPORT)
    assert plain(parsed.root) == {
        r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode": {
            "Settings": r'{"env": {"DISABLE_TELEMETRY": "1"}, "apiKeyHelper": "C:\\k.exe"}',
            "Level": "10",
            "List": "hex(7):61,00,\\\r\n  62,00",
            "@": "default",
            "Gone": None,
        },
        r"HKEY_CURRENT_USER\SOFTWARE\Old": {},
    }
    level = parsed.root.at(r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\ClaudeCode", "Level")
    assert level is not None
    assert (level.line, level.column) == (6, 9)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_settings_inside_are_a_document_of_their_own(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    (tmp_path / "policy.reg").write_bytes((mark + EXPORT).encode(encoding))
    outer, inner = read_file(tmp_path / "policy.reg", "policy.reg")
    assert (outer.kind, inner.kind) == (DocumentKind.REGISTRY, DocumentKind.JSON)
    assert inner.inside == "HKEY_LOCAL_MACHINE/ClaudeCode/Settings.json"
    switch = inner.root.at("env", "DISABLE_TELEMETRY")
    assert switch is not None
    assert (switch.text, switch.line) == ("1", 5)


def test_secrets_are_replaced(tmp_path: Path) -> None:
    text = 'REGEDIT4\n[HKEY_LOCAL_MACHINE\\X]\n"ApiKey"="hunter2-hunter2"\n'
    text += '"S"="{\\"env\\": {\\"A_TOKEN\\": \\"hunter2-hunter2\\"}}"\n'
    (tmp_path / "a.reg").write_text(text)
    for document in read_file(tmp_path / "a.reg", "a.reg"):
        assert "hunter2" not in repr(document)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[HKEY]\n", (0, 0)),
        ('REGEDIT4\n"a"="b"\n', (2, 1)),
        ("REGEDIT4\n[K]\nnonsense\n", (3, 1)),
        ('REGEDIT4\n[K]\n"a"=word:1\n', (3, 5)),
        ('REGEDIT4\n[K]\n"a"="b" c\n', (3, 8)),
    ],
)
def test_what_is_no_export_is_refused_at_its_place(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(FaultError) as refused:
        parse_registry(text)
    assert refused.value.position == place


@pytest.mark.parametrize(("data", "what"), [(b"\xff\xfea\x00\x00\x00", "binary"), (b"\xff\xfea", "not UTF-16")])
def test_wide_text_that_is_none_is_refused(tmp_path: Path, data: bytes, what: str) -> None:
    (tmp_path / "a.reg").write_bytes(data)
    with pytest.raises(UnreadableError, match=what):
        read_file(tmp_path / "a.reg", "a.reg")
