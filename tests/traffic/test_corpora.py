"""Real captures of others, where they lie beside the checkout: names, pcapng blocks, no crash."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from auditor.facts.hosts import is_address
from auditor.facts.observation import CaptureSource, Observation
from auditor.facts.vocabulary import NameRung
from auditor.traffic import observe
from auditor.traffic.capture import open_capture

BLOCKS = {
    "SHB": 0x0A0D0D0A, "IDB": 1, "PB": 2, "SPB": 3, "NRB": 4, "ISB": 5, "EPB": 6, "CB": 0xBAD, "DCB": 0x40000BAD,
}  # fmt: skip
NOT_YET = {
    "4in6tunnel.pcap": "a tunnel to a global address is kept closed",
    "6in4tunnel.pcap": "a tunnel to a global address is kept closed",
    "capwap_data.pcapng": "CAPWAP is not opened",
    "tls_invalid_reads.pcap": "GTP is not opened",
    "google_chat.pcapng": "encrypted hello or GREASE: the outer name is not established",
    "malware.pcap": "encrypted hello or GREASE: the outer name is not established",
    "tls_ech.pcapng": "encrypted hello or GREASE: the outer name is not established",
    "tls_esni_sni_both.pcap": "ESNI beside the outer name: not established",
}


def source(path: Path) -> CaptureSource:
    return CaptureSource(path.name, str(path), "corpora", ())


def sni(observation: Observation) -> set[str]:
    return {e.destination.name for e in observation.edges if e.destination.rung is NameRung.SNI}


@pytest.fixture(scope="module")
def truth(corpora: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((corpora / "captures" / "ndpi_truth.json").read_text(encoding="utf-8"))
    return loaded


@pytest.mark.slow
def test_tls_names_are_those_that_two_other_tools_agree_on(corpora: Path, truth: dict[str, Any]) -> None:
    """An address in the SNI is no name (RFC 6066)."""
    wrong = {}
    for entry in truth["with_names"]:
        if entry["agreed"] and {flow["l4"] for flow in entry["flows"]} == {"TCP"}:
            expected = {name for name in entry["names_ndpi"] if not is_address(name)}
            found = sni(observe([source(corpora / "captures" / "ndpi" / entry["pcap"])]))
            if found != expected:
                wrong[entry["pcap"]] = (found, expected)
    assert set(wrong) == set(NOT_YET)
    assert [name for name, (found, expected) in wrong.items() if not found < expected] == []


@pytest.mark.slow
def test_no_name_is_invented_and_nothing_crashes(corpora: Path, truth: dict[str, Any]) -> None:
    named = {entry["pcap"] for entry in truth["with_names"]}
    paths = sorted(p for p in (corpora / "captures" / "ndpi").iterdir() if "cap" in p.suffix)
    assert len(paths) == 543
    invented = {}
    for path in paths:
        observation = observe([source(path)])
        if path.name not in named and sni(observation):
            invented[path.name] = sni(observation)
    assert invented == {}


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
