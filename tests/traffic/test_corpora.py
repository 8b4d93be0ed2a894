"""Real captures of others, where they lie beside the checkout: names, pcapng blocks, no crash."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.observation import CaptureSource
from auditor.traffic.capture import open_capture
from auditor.traffic.observe import flow_table

BLOCKS = {
    "SHB": 0x0A0D0D0A, "IDB": 1, "PB": 2, "SPB": 3, "NRB": 4, "ISB": 5, "EPB": 6, "CB": 0xBAD, "DCB": 0x40000BAD,
}  # fmt: skip


def source(path: Path) -> CaptureSource:
    return CaptureSource(path.name, str(path), "corpora", ())


def shown(path: Path) -> set[str]:
    """Return every server name that a TLS or QUIC ClientHello of the capture shows."""
    table, _, _ = flow_table([source(path)])
    return set(table.columns["server_name"]) - {""}


@pytest.fixture(scope="module")
def truth(corpora: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((corpora / "captures" / "ndpi_truth.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.slow
def test_server_names_are_those_that_two_other_tools_found(corpora: Path, truth: dict[str, Any]) -> None:
    """Where both agree, exactly those; where they differ, exactly those of one of them."""
    wrong = {}
    for entry in truth["with_names"]:
        found = shown(corpora / "captures" / "ndpi" / entry["pcap"])
        if found not in (set(entry["names_ndpi"]), set(entry["names_tshark"])):
            wrong[entry["pcap"]] = found
    assert len(truth["with_names"]) == 137
    assert wrong == {}


@pytest.mark.slow
def test_no_name_is_invented_and_nothing_crashes(corpora: Path, truth: dict[str, Any]) -> None:
    paths = sorted(p for p in (corpora / "captures" / "ndpi").iterdir() if "cap" in p.suffix)
    assert len(paths) == 543
    without = set(truth["without_names"])
    assert len(without) == 406
    invented = {}
    for path in paths:
        table, _, _ = flow_table([source(path)])
        flows = zip(table.columns["name"], table.columns["name_rung"], table.columns["server_name"], strict=True)
        if path.name in without:
            invented[path.name] = [(name, shown) for name, rung, shown in flows if shown or (name and rung == "sni")]
    # Neither tool looks behind RDP's upgrade: the hello there shows an address, which is no name.
    assert {name: found for name, found in invented.items() if found} == {"rdp.pcap": [("", "192.168.2.142")]}


def test_pcapng_blocks_are_all_found(corpora: Path) -> None:
    paths = sorted((corpora / "captures" / "pcapng").rglob("*.pcapng"))
    assert len(paths) == 48
    for path in paths:
        text = path.with_suffix(".txt").read_text(encoding="utf-8")
        counts = text.split("Block counts:", 1)[1].split("Block sequence:", 1)[0].split("\n")
        expected = {BLOCKS[n.strip()]: int(c) for n, _, c in (line.partition(":") for line in counts) if c}
        with open_capture(source(path)) as capture:
            packets = sum(1 for _ in capture.records())
            assert Counter(expected) == capture.facts.blocks, path.name
            assert packets == sum(expected.get(BLOCKS[kind], 0) for kind in ("PB", "SPB", "EPB")), path.name
            assert not capture.facts.truncated, path.name
