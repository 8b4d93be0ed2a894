"""The effective value of settings that several places give, with the chain that led to it, product by product.

``layers/<product>.yaml`` says what stands where, the value that the product acts on, the chain from the lowest place up (a star
marks whose word it is), and the flows that follow. The expectations are the vendors' words, not what the tool says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.facts.configuration import Configuration
from auditor.facts.settings import Setting, SettingState
from tests.catalog.bench import Bench, catalog
from tests.catalog.switchboard import dumped

TABLES = Path(__file__).parent / "layers"
ENVIRONMENT, FLAGS = "environment", "flags"


@dataclass(frozen=True)
class Row:
    """Places of one product, and what they come to."""

    product: str
    table: Mapping[str, Any]
    entry: Mapping[str, Any]

    def bench(self) -> Bench:
        """Return the deployment that has these places and no others."""
        places = self.table.get("places", {})
        written = {places[name]: dumped(places[name], content) for name, content in self.entry.get("at", {}).items()}
        version = self.entry.get("version") or catalog().product(self.product).newest_version or "1.0"
        absent = [scope for scope in self.table.get("absent", []) if scope not in self.entry.get("at", {})]
        return Bench(
            self.product,
            version,
            "corp/program",
            (*self.table["command"], *self.entry.get("words", [])),
            self.entry.get("env", {}),
            {name: ("", content) for name, content in written.items()},
            self.entry.get("facts", {}),
            tuple(f"sys/{scope}" for scope in absent),
        )


def _rows() -> Iterator[Any]:
    for path in sorted(TABLES.glob("*.yaml")):
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = [e for entry in table["rows"] for e in (_climbed(entry) if "climb" in entry else [entry])]
        for number, entry in enumerate(entries):
            yield pytest.param(Row(path.stem, table, entry), id=f"{path.stem}-{number}-{entry['setting']}")


def _climbed(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a row for each number of places, lowest first: the last one wins."""
    places = list(entry["climb"].items())
    for count in range(1, len(places) + 1):
        given, values = dict(places[:count]), entry["values"][:count]
        chain = [f"{name}={value}" for name, value in zip(given, values, strict=True)]
        yield {
            **{k: v for k, v in entry.items() if k not in ("climb", "values")},
            "at": {k: v for k, v in given.items() if k not in (ENVIRONMENT, FLAGS)},
            "env": given.get(ENVIRONMENT, {}),
            "words": given.get(FLAGS, []),
            "value": values[-1],
            "chain": [*chain[:-1], f"{chain[-1]}*"],
        }


def _setting(found: Configuration, key: str) -> Setting:
    return next(s for s in found.settings if s.key == key)


@pytest.mark.parametrize("row", list(_rows()))
def test_the_effective_value_the_chain_that_led_to_it_and_what_follows(row: Row, tmp_path: Path) -> None:
    configuration = row.bench().configuration(tmp_path)
    found = _setting(configuration, row.entry["setting"])
    assert [f"{s.scope}={s.value}{'*' if s.used else ''}" for s in found.chain] == row.entry["chain"]
    value = row.entry["value"]
    assert (None if found.state is SettingState.UNKNOWN else found.value) == value
    if value is not None:
        assert (found.state is SettingState.SET) == any(step.endswith("*") for step in row.entry["chain"])
    flows = {f.id.removeprefix("sys/"): f.configured.value for f in configuration.flows}
    wanted = row.entry.get("flows", {})
    assert {name: flows.get(name, "no") for name in wanted} == wanted
    step = row.entry.get("settled_by")
    assert step is None or step in {s for g in configuration.gaps for s in g.unknown.settled_by}
