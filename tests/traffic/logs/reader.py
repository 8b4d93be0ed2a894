"""Help for the tests of log readers: write files, read them, and look at what came out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from auditor.traffic.logs import LogCoverage, LogFile, LogFlow, LogLookup, LogSource, read_log
from tests.conftest import ROOT


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that one reading gave."""

    format: str
    flows: list[LogFlow]
    lookups: list[LogLookup]
    coverage: LogCoverage

    @property
    def flow(self) -> LogFlow:
        """Return the only flow."""
        assert len(self.flows) == 1, self.flows
        return self.flows[0]

    @property
    def lookup(self) -> LogLookup:
        """Return the only look-up."""
        assert len(self.lookups) == 1, self.lookups
        return self.lookups[0]


def read(folder: Path, files: Mapping[str, str | bytes], **options: Any) -> Outcome:
    """Write ``files`` into ``folder`` and read them as one source."""
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    source = LogSource("log", tuple(LogFile(name, str(folder / name)) for name in files), **options)
    reading = read_log(source)
    found = list(reading.records)
    flows = [record for record in found if isinstance(record, LogFlow)]
    lookups = [record for record in found if isinstance(record, LogLookup)]
    assert (reading.coverage.flows, reading.coverage.lookups) == (len(flows), len(lookups))
    return Outcome(reading.format.name, flows, lookups, reading.coverage)


def captures() -> list[Any]:
    """Return the captures of the shipped deployments as parameters; all but the largest and smallest are slow ones."""
    paths = sorted((ROOT / "fixtures" / "deployments").glob("*/traffic/*.pcap*"))
    sizes = sorted(path.stat().st_size for path in paths)
    return [
        pytest.param(
            path,
            id=f"{path.parent.parent.name}-{path.stem}",
            marks=() if path.stat().st_size in (sizes[0], sizes[-1]) else pytest.mark.slow,
        )
        for path in paths
    ]


def told(record: LogFlow | LogLookup) -> dict[str, Any]:
    """Return the fields of a record that differ from what a format that tells nothing would leave, without its place."""
    defaults = {field.name: field.default for field in fields(record)}
    return {
        name: value
        for name in defaults
        if (value := getattr(record, name)) != defaults[name] and name != "place" and not (name == "workload" and not value.name)
    }


def json_lines(records: Iterable[Mapping[str, Any]]) -> str:
    """Return one JSON object a line."""
    return "".join(json.dumps(record) + "\n" for record in records)
