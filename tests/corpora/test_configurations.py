"""Foreign configurations: nothing crashes, every file is examined or listed, and the labels are met."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor.documents import Redactor, read_tree
from auditor.facts.portrait import Portrait
from auditor.pipeline.portraying import portray
from tests.conftest import ROOT

CONFIGURATIONS = ROOT.parent / "shared" / "corpora" / "configs"
LABELS: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "configuration_labels.yaml").read_text())
SUFFICIENT = 0.95
pytestmark = pytest.mark.skipif(not CONFIGURATIONS.is_dir(), reason="the foreign configurations are not beside the project")


@cache
def portrait(name: str) -> Portrait:
    """Return what the tool makes of one labelled file."""
    return portray((CONFIGURATIONS / name,))


def reported(name: str, *, only_asserted: bool = False) -> set[str]:
    """Return the hosts that the tool says are contacted, or may be."""
    return {d.host for d in portrait(name).destinations if d.state == "yes" or (d.state == "unknown" and not only_asserted)}


def covers(labels: list[str], host: str) -> bool:
    return any(host == label or host.endswith(f".{label}") for label in labels)


@pytest.mark.parametrize("name", sorted(LABELS))
def test_products_that_are_plainly_there_are_named(name: str) -> None:
    found = portrait(name)
    named = {s.product for s in found.systems} | {text.lower() for p in found.processes for text in (p.name, p.image)}
    missed = [p for p in LABELS[name]["products"] if not any(p in text for text in named)]
    assert missed == []


@pytest.mark.parametrize("name", sorted(LABELS))
def test_what_is_no_destination_is_not_reported(name: str) -> None:
    assert reported(name) & set(LABELS[name]["never"]) == set()


def test_recall_and_precision_of_external_destinations() -> None:
    """A host that may be contacted counts for recall; what the tool asserts, without a "may", has to be right."""
    wanted = {(name, host) for name, label in LABELS.items() for host in label["reaches"]}
    found = {(name, host) for name in LABELS for host in reported(name)}
    recall = len(wanted & found) / len(wanted)
    assert recall >= SUFFICIENT, f"recall {recall:.3f}, missed {sorted(wanted - found)}"
    said = {(n, h) for n in LABELS for h in reported(n, only_asserted=True) if not covers(LABELS[n]["may_reach"], h)}
    precision = len(wanted & said) / len(said)
    assert precision >= SUFFICIENT, f"precision {precision:.3f}, extra {sorted(said - wanted)}"


def test_every_file_is_examined_or_listed_with_the_reason() -> None:
    result = read_tree(CONFIGURATIONS, CONFIGURATIONS, Redactor())
    seen = {d.path for d in result.documents} | {m.path for m in result.not_examined if m.reason}
    prose = {".md", ".txt", ".html", ".svg", ".png"}
    files = (p for p in CONFIGURATIONS.rglob("*") if p.is_file() and p.suffix not in prose and p.name != "LICENSE")
    assert {p.relative_to(CONFIGURATIONS).as_posix() for p in files} - seen == set()


def test_nothing_crashes_over_all_of_it() -> None:
    folders = sorted(p for p in CONFIGURATIONS.iterdir() if p.is_dir())
    assert folders
    for folder in folders:
        found = portray((folder,))
        assert found.processes or found.not_examined
        assert [u.text for u in found.unknowns if not u.settled_by] == []
