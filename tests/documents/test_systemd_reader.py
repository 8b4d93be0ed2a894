"""systemd units."""

from __future__ import annotations

from auditor.documents.schema import plain
from auditor.documents.systemd_reader import parse_systemd

UNIT = """\
# worker
[Unit]
Description=Cursor worker
After=network-online.target
After=time-sync.target

[Service]
Environment=A=1 "B=two words" 'C=x y'
Environment=A=2 D=
EnvironmentFile=-/etc/worker.env
EnvironmentFile=/etc/more.env
ExecStartPre=-/bin/true
ExecStart=/usr/bin/agent worker start \\
    --pool "team a" \\
    # not part of it
    --name=%H
; another comment
"""


def test_sections_lists_environment_and_arguments() -> None:
    (parsed,) = parse_systemd(UNIT)
    assert plain(parsed.root) == {
        "Unit": {"Description": ["Cursor worker"], "After": ["network-online.target", "time-sync.target"]},
        "Service": {
            "Environment": {"A": "2", "B": "two words", "C": "x y", "D": ""},
            "EnvironmentFile": ["-/etc/worker.env", "/etc/more.env"],
            "ExecStartPre": [["-/bin/true"]],
            "ExecStart": [["/usr/bin/agent", "worker", "start", "--pool", "team a", "--name=%H"]],
        },
    }


def test_positions() -> None:
    (parsed,) = parse_systemd(UNIT)
    found = [
        parsed.root.at("Service", "Environment", "B"),
        parsed.root.at("Service", "Environment", "A"),
        parsed.root.at("Service", "ExecStart", 0, 4),
        parsed.root.at("Service", "ExecStart", 0, 5),
        parsed.root.key("Service"),
    ]
    assert [(n.text, n.line, n.column) for n in found if n] == [
        ("two words", 8, 20),
        ("2", 9, 15),
        ("team a", 14, 12),
        ("--name=%H", 16, 5),
        ("Service", 7, 2),
    ]


def test_repeated_environment_keeps_the_earlier_assignment() -> None:
    (parsed,) = parse_systemd(UNIT)
    environment = parsed.root.at("Service", "Environment")
    assert environment is not None
    assert [k.text for k, _ in environment.entries] == ["A", "B", "C", "A", "D"]


def test_an_empty_assignment_forgets_the_ones_before() -> None:
    (parsed,) = parse_systemd(
        "[Service]\nEnvironment=A=1\nEnvironment=\nEnvironment=B=2\nExecStart=/a\nExecStart=\nExecStart=/b\n"
    )
    assert plain(parsed.root) == {
        "Service": {"Environment": {"B": "2"}, "ExecStart": [["/b"]], "Environment=": "", "ExecStart=": ""}
    }


def test_escapes_and_repeated_sections() -> None:
    (parsed,) = parse_systemd('[Service]\r\nExecStart=/a "b\\x20c" d\\se\r\n[Install]\r\nAlias=x\r\n[Service]\r\nUser=u\r\n')
    assert plain(parsed.root) == {"Service": {"ExecStart": [["/a", "b c", "d e"]], "User": ["u"]}, "Install": {"Alias": ["x"]}}
