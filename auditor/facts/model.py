"""The model of a deployment: everything that is believed of it before any profile judges it."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.facts.graph import FlowGraph
from auditor.facts.inventory import Component, Gap, Seal, Store, Workload
from auditor.facts.manifest import Manifest, NotExamined
from auditor.facts.observation import SourceCoverage
from auditor.facts.places import Operator, Zone
from auditor.facts.rows import Channel, FlowRow
from auditor.facts.settings import Setting
from auditor.facts.vocabulary import Stage


@dataclass(frozen=True, slots=True)
class Model:
    """Pure result of ``pipeline.model``; ids are unique and every tuple is sorted by id."""

    manifest: Manifest
    stage: Stage
    operators: tuple[Operator, ...]
    zones: tuple[Zone, ...]
    workloads: tuple[Workload, ...]
    components: tuple[Component, ...]
    stores: tuple[Store, ...]
    settings: tuple[Setting, ...]
    channels: tuple[Channel, ...]
    rows: tuple[FlowRow, ...]
    gaps: tuple[Gap, ...]
    coverage: tuple[SourceCoverage, ...]
    not_examined: tuple[NotExamined, ...]
    graph: FlowGraph
    seals: tuple[Seal, ...] = ()
    """Workloads without a way out, where what the network permits was examined."""
