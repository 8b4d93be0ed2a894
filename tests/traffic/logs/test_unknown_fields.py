"""What a format is not known to have is kept or reported, wherever in a record it stands; by every reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from auditor.traffic.logs.registry import FORMATS
from tests.traffic.logs.reader import Outcome, read
from tests.traffic.logs.samples import MAP, MITMPROXY, SAMPLES, tnetstring

NEW = "zzNewField"
NAMES = sorted(known.name for known in FORMATS)
JSON = [name for name in NAMES if SAMPLES[name].startswith(("{", "[{", "[\n"))]
OPEN: dict[str, set[tuple[str, ...]]] = {
    "suricata": {("stats",), ("dns", "grouped")},
    "cloudtrail": {(), ("Records", "requestParameters"), ("Records", "additionalEventData")},
    "azure_flow": {()},
    "har": {(), ("log",), ("log", "creator")},
}
"""Objects that are open by their nature, or only hold the records: by format, as paths without places in lists."""
LINES = {
    "zeek": SAMPLES["zeek"]
    .replace("\ttunnel_parents", f"\ttunnel_parents\t{NEW}")
    .replace("\tset[string]", "\tset[string]\tstring")
    .replace("SF\t(empty)\n", "SF\t(empty)\t7\n"),
    "aws_vpc": f"version srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status {NEW.lower()}\n"
    "5 10.0.0.5 192.0.2.10 50000 443 6 10 4249 1790000000 1790000060 ACCEPT OK 7\n",
    "conntrack": SAMPLES["conntrack"].replace("use=1", f"use=1 {NEW.lower()}=7"),
    "mitmproxy": tnetstring({**MITMPROXY, NEW: "7"}),
    "map": SAMPLES["map"].replace("verdict\n", f"verdict,{NEW}\n").replace("allow\n", "allow,7\n"),
    "dnstap_yaml": SAMPLES["dnstap_yaml"].replace("identity: ns1\n", f"identity: ns1\n{NEW}: 7\n"),
}
"""Formats of named fields that are no JSON, with one more of them."""
FIXED = {"squid", "dnstap", "bind", "coredns", "unbound", "dnsmasq", "combined", "envoy"}
"""Formats of lines without names: what is behind the known ones is either of no meaning or makes it another line."""


def _read(folder: Path, name: str, text: str) -> Outcome:
    return read(folder, {"a.log": text}, format=name, columns=MAP if name == "map" else {})


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        yield path
    parts: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in parts:
        yield from _places(inner, (*path, key))


def _with_field(value: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return {**value, NEW: "7"}
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[path[0]] = _with_field(copy[path[0]], path[1:])
    return copy


def _told(outcome: Outcome) -> bool:
    """Return whether the field is counted by its name, or stands in a record."""
    counted = outcome.coverage.unknown_fields + outcome.coverage.notes + outcome.coverage.passed_over
    return any(NEW.lower() in word.lower() for word in counted) or NEW in repr((outcome.flows, outcome.lookups))


def _documents(name: str) -> list[Any]:
    text = SAMPLES[name]
    return [json.loads(line) for line in text.splitlines()] if text.count("\n") and text[1] != "\n" else [json.loads(text)]


@pytest.mark.parametrize("name", JSON)
def test_an_unknown_field_anywhere_in_a_record_is_told(tmp_path: Path, name: str) -> None:
    documents = _documents(name)
    before = _read(tmp_path, name, "".join(json.dumps(one) + "\n" for one in documents))
    silent = []
    for number, document in enumerate(documents):
        for place in _places(document):
            inside = tuple(key for key in place if isinstance(key, str))
            if any(inside[: len(path)] == path and (path or not inside) for path in OPEN.get(name, ())):
                continue
            changed = [*documents[:number], _with_field(document, place), *documents[number + 1 :]]
            outcome = _read(tmp_path, name, "".join(json.dumps(one) + "\n" for one in changed))
            assert (len(outcome.flows), len(outcome.lookups)) == (len(before.flows), len(before.lookups))
            if not _told(outcome):
                silent.append(place)
    assert silent == []


@pytest.mark.parametrize("name", sorted(LINES))
def test_an_unknown_column_is_told(tmp_path: Path, name: str) -> None:
    outcome = _read(tmp_path, name, LINES[name])
    assert len(outcome.flows) + len(outcome.lookups) == 1
    assert _told(outcome), dict(outcome.coverage.unknown_fields)


@pytest.mark.parametrize("name", sorted(FIXED))
def test_a_line_with_something_behind_it_is_read_or_counted(tmp_path: Path, name: str) -> None:
    before, after = (_read(tmp_path, name, text) for text in (SAMPLES[name], SAMPLES[name].rstrip("\n") + " zz\n"))
    same = (len(after.flows), len(after.lookups)) == (len(before.flows), len(before.lookups))
    assert same or after.coverage.skipped or after.coverage.passed_over


def test_every_reader_is_held_to_it() -> None:
    assert set(NAMES) == {*JSON, *LINES, *FIXED}
