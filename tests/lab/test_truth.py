"""Truth is merged per destination, never per connection, and never says more than was sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fixtures.lab.anonymise import anonymise
from fixtures.lab.truth import Truth, merge, read, write


def _sent(**changes: Any) -> dict[str, Any]:
    sent: dict[str, Any] = {
        "source_address": "10.20.8.11",
        "destination_name": "git.corp.example",
        "destination_address": "10.20.3.10",
        "port": 443,
        "transport": "tcp",
        "payload_out": 10,
        "payload_in": 20,
        "kind": "data",
        "hidden_name": False,
        "seconds": 1.0,
    }
    return {**sent, **changes}


def test_connections_to_one_destination_are_summed_and_others_kept_apart() -> None:
    outcomes = [
        ("coder/workspace", _sent()),
        ("coder/workspace", _sent(seconds=25.0)),
        ("coder/workspace", _sent(destination_name="", hidden_name=True)),
    ]
    assert merge(outcomes) == (
        Truth("coder/workspace", "10.20.8.11", "", "10.20.3.10", 443, "tcp", 10, 20, "data", True, False),
        Truth("coder/workspace", "10.20.8.11", "git.corp.example", "10.20.3.10", 443, "tcp", 20, 40, "data", False, True),
    )


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    entries = merge([("coder/workspace", _sent()), ("coder/coderd", _sent(source_address="10.20.1.10", kind="attempt"))])
    write(entries, tmp_path / "truth.json")
    assert read(tmp_path / "truth.json") == entries


def _option(code: int, value: bytes) -> bytes:
    return code.to_bytes(2, "little") + len(value).to_bytes(2, "little") + value + b"\x00" * (-len(value) % 4)


def _block(kind: int, body: bytes) -> bytes:
    length = (len(body) + 12).to_bytes(4, "little")
    return kind.to_bytes(4, "little") + length + body + length


def _capture(machine: bytes, system: bytes) -> bytes:
    fixed = bytes.fromhex("4d3c2b1a01000000") + b"\xff" * 8
    section = fixed + _option(2, machine) + _option(3, system) + _option(4, b"Dumpcap 4.0") + b"\x00" * 4
    interface = bytes.fromhex("0100000000000400") + _option(2, b"out0") + _option(12, system) + b"\x00" * 4
    packet = bytes.fromhex("00000000f6600600000000000400000004000000") + b"data"
    return _block(0x0A0D0D0A, section) + _block(1, interface) + _block(6, packet)


def test_only_the_machine_of_the_sensor_is_blanked_and_every_length_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    path.write_bytes(_capture(b"some processor", b"some kernel"))
    anonymise(path)
    assert path.read_bytes() == _capture(b"lab           ", b"lab        ")
