"""Whatever a log holds, reading it ends, counts, and never fails: damaged bytes, odd values, mixed and endless lines."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import sys
from pathlib import Path
from typing import Any

import lz4.frame
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.errors import UnreadableError
from auditor.traffic.compression import COMPRESSIONS
from auditor.traffic.logs import LogFile, LogFlow, LogSource, inputs, json_records, read_log
from auditor.traffic.logs.registry import FORMATS
from tests.traffic.logs.reader import Outcome, read
from tests.traffic.logs.samples import MAP, SAMPLES

_NAMES = sorted(SAMPLES)
_LINES = [name for name in _NAMES if name != "mitmproxy"]
"""Formats of lines; mitmproxy's has none."""
_JSON = [name for name in _NAMES if SAMPLES[name].startswith(("{", "[{", "[\n"))]
_ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        "",
        "-",
        "x",
        "a\x00b",
        -1,
        0,
        2**70,
        True,
        [],
        {},
        [None, 1, "x", {}],
        {"a": 1},
        "9" * 40,
        "1e400",
        1.5,
        "::1",
        "\ud800",
    ]
)
_SETTINGS = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _read(folder: Path, name: str, content: str | bytes) -> Outcome:
    return read(folder, {"a.log": content}, format=name, columns=MAP if name == "map" else {})


def test_every_format_has_a_sample() -> None:
    assert sorted(known.name for known in FORMATS) == _NAMES


@pytest.mark.parametrize("name", _NAMES)
def test_each_sample_is_recognised_as_its_format_alone(tmp_path: Path, name: str) -> None:
    """No format takes another's log for its own, and each sample is read without a complaint."""
    outcome = _read(tmp_path, name, SAMPLES[name])
    assert outcome.flows or outcome.lookups
    assert not outcome.coverage.skipped
    assert not outcome.coverage.unknown_fields
    if name != "map":
        assert read(tmp_path, {"a.log": SAMPLES[name]}).format == name


@pytest.mark.parametrize("name", _NAMES)
@_SETTINGS
@given(data=st.data())
def test_damaged_bytes_never_stop_the_reading(tmp_path: Path, name: str, data: st.DataObject) -> None:
    content = SAMPLES[name].encode() * 2
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        gone = data.draw(st.integers(0, 40))
        content = content[:at] + data.draw(st.binary(max_size=12)) + content[at + gone :]
    try:
        outcome = _read(tmp_path, name, content or b"\n")
    except UnreadableError as refused:
        why = refused.diagnostics()[0].why  # a map's header without a column; bytes that begin like something packed
        assert any(said in why for said in ("no column", "compression is damaged", "DuckDB says"))
        return
    assert outcome.coverage.lines == outcome.coverage.files[0].lines


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [path, *(leaf for key, inner in value.items() for leaf in _leaves(inner, (*path, key)))]
    if isinstance(value, list):
        return [path, *(leaf for number, inner in enumerate(value) for leaf in _leaves(inner, (*path, number)))]
    return [path]


def _replaced(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    if not path:
        return odd
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = _replaced(copy[path[0]], path[1:], odd)
    return copy


@pytest.mark.parametrize("name", _JSON)
@_SETTINGS
@given(data=st.data())
def test_values_of_any_kind_never_stop_the_reading(tmp_path: Path, name: str, data: st.DataObject) -> None:
    text = SAMPLES[name]
    documents = [json.loads(line) for line in text.splitlines()] if text.count("\n") and text[1] != "\n" else [json.loads(text)]
    lines = []
    for document in documents:
        changed = document
        for _ in range(data.draw(st.integers(1, 3))):
            changed = _replaced(changed, data.draw(st.sampled_from(_leaves(changed))), data.draw(_ODD))
        lines.append(json.dumps(changed))
    outcome = _read(tmp_path, name, "\n".join(lines) + "\n")
    assert outcome.coverage.lines == len(lines)


@pytest.mark.parametrize("name", _LINES)
def test_rubbish_is_counted_and_gives_nothing(tmp_path: Path, name: str) -> None:
    rubbish = "\n".join(
        ["{", "[[[[", "\\x00", "a,b,c", '"', "#", "- - -", "NaN", "1e999", "{}" * 3, "lorem ipsum dolor sit amet"]
    )
    try:
        outcome = _read(tmp_path, name, rubbish)
    except UnreadableError:
        assert name == "map"
        return
    coverage = outcome.coverage
    assert not outcome.flows
    assert not outcome.lookups
    assert coverage.skipped or coverage.passed_over
    assert coverage.lines == 11


@pytest.mark.parametrize("name", _LINES)
def test_a_line_without_end_is_left_out(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inputs, "LONGEST_LINE", 4096)
    sample = SAMPLES[name]
    outcome = _read(tmp_path, name, sample + "\n" + "x [ \" ' : " * 2000 + "\n")
    assert outcome.flows or outcome.lookups
    assert outcome.coverage.skipped["line_too_long"] == 1


def test_deeply_nested_json_is_a_line_like_any_other(tmp_path: Path) -> None:
    coverage = _read(tmp_path, "hubble", SAMPLES["hubble"] + "[" * 200_000 + "\n" + '{"a":' * 100_000 + "\n").coverage
    assert coverage.skipped == {"not_json": 1, "cut_line": 1}


_JUNK = st.sampled_from(
    ["rubbish", "{", "[]", "{}", "\0\1\2", "é" * 5, "a b c d e f g", '{"a": 1}', "-", "2 x y", "[2026", "null", "3", '"x"', "a,b"]
)
_ONE_A_LINE = [name for name in _LINES if name not in ("azure_flow", "cloudtrail", "har", "nfdump", "dnstap_yaml")]
"""Formats of which a line is a record."""


@pytest.mark.parametrize("name", _ONE_A_LINE)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.lists(_JUNK, min_size=1, max_size=20, unique=True), cut=st.integers(0, 60))
def test_every_line_is_counted_whatever_stands_between(tmp_path: Path, name: str, junk: list[str], cut: int) -> None:
    lines = SAMPLES[name].splitlines()
    given = [*lines, *(line for one in junk for line in (one, one)), lines[-1][:cut]]
    coverage = _read(tmp_path, name, "\n".join(given) + "\n").coverage
    counted = coverage.records + sum(coverage.skipped.values()) + sum(coverage.passed_over.values())
    assert counted >= sum(bool(line.strip()) for line in given)


def test_records_that_are_none_cost_a_document_no_more_than_lines_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder, tries = json_records._DECODER, list[int]()

    class Counting:
        decode = staticmethod(decoder.decode)

        def raw_decode(self, text: str, begin: int) -> tuple[Any, int]:
            tries.append(len(text))
            return decoder.raw_decode(text, begin)

    monkeypatch.setattr(json_records, "_DECODER", Counting())
    monkeypatch.setattr(json_records, "_PIECE", 1024)
    monkeypatch.setattr(json_records._Text.fill, "__defaults__", (1024,))
    monkeypatch.setattr(json_records, "_BEHIND", 64)
    before = '{\n"records": [\n{"time": "x", "flowRecords": {}},\n'
    coverage = _read(tmp_path, "azure_flow", before + "{x\n" * 5_000).coverage
    assert coverage.skipped == {"not_json": 5_000}
    assert len(tries) < 5_010, "each of them was once decoded again and again, with more and more of the file"
    assert max(tries) < 2_048


@pytest.mark.parametrize("name", _LINES)
def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path, name: str) -> None:
    plain = _read(tmp_path, name, SAMPLES[name])
    other = _read(tmp_path, name, b"\xef\xbb\xbf" + SAMPLES[name].replace("\n", "\r\n").encode())
    assert (other.flows, other.lookups) == (plain.flows, plain.lookups)
    assert (other.coverage.skipped, other.coverage.notes) == (plain.coverage.skipped, plain.coverage.notes)


@pytest.mark.parametrize("name", ["zeek", "hubble", "har", "mitmproxy"])
@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_read_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, packed: bool) -> None:
    """The beginning by which the format is recognised is not lost, also of what is longer than that."""
    data = SAMPLES[name].encode()
    if name in ("zeek", "hubble"):
        line = data.splitlines(keepends=True)[-1]
        data += b"".join(line.replace(b"50000", str(1024 + number).encode()) for number in range(3000))
    piped = tmp_path / "piped"
    piped.write_bytes(gzip.compress(data) if packed else data)
    with piped.open("rb") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        reading = read_log(LogSource("log", (LogFile("standard input", "-"),)))
        found = sum(isinstance(record, LogFlow) for record in reading.records)
    assert found == (3001 if name in ("zeek", "hubble") else 1)
    assert reading.coverage.files[0].sha256 == hashlib.sha256(piped.read_bytes()).hexdigest()


def test_files_of_different_kinds_are_no_one_source(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(tmp_path, {"a.log": SAMPLES["squid"], "b.log": SAMPLES["bind"]})
    assert "squid" in refused.value.diagnostics()[0].why
    assert refused.value.diagnostics()[0].path == "b.log"


def test_the_same_file_twice_counts_once(tmp_path: Path) -> None:
    outcome = read(tmp_path, {"a.log": SAMPLES["hubble"], "b.log": SAMPLES["hubble"]})
    assert outcome.flow.place.lines == 1
    assert outcome.coverage.passed_over == {"repeated_line": 1}


def test_records_out_of_order_are_noted_with_the_largest_step_back(tmp_path: Path) -> None:
    line = SAMPLES["aws_vpc"]
    later, earlier = (
        line.replace("50000", "50001").replace("17900000", "17900099"),
        line.replace("50000", "50002").replace("17900000", "17899999"),
    )
    coverage = read(tmp_path, {"a.log": later + line + earlier}).coverage
    assert coverage.notes["out_of_order"] == 2
    assert coverage.furthest_behind == 10_000 * 10**9
    assert coverage.window_seconds == 9_960 + 100


@pytest.mark.parametrize("compression", [known.name for known in COMPRESSIONS])
def test_every_compression_is_taken_off(tmp_path: Path, compression: str) -> None:
    packers = {
        "gzip": gzip.compress,
        "xz": lzma.compress,
        "bzip2": bz2.compress,
        "zstd": zstandard.ZstdCompressor().compress,
        "lz4": lz4.frame.compress,
    }
    packed = packers[compression](SAMPLES["zeek"].encode())
    outcome = read(tmp_path, {"conn.log.packed": packed})
    assert outcome.flow.payload_out == 517
    assert outcome.coverage.files[0].sha256 == hashlib.sha256(packed).hexdigest()
