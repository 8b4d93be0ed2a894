"""Deployments in miniature: a model from a few words, everything else as harmless as a fact can be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from auditor.facts.context import AssessmentContext
from auditor.facts.evidence import Evidence, FileLocation
from auditor.facts.inventory import Component, Gap, Store, Unknown, Workload
from auditor.facts.manifest import Claim, DigestedInput, Manifest
from auditor.facts.model import Model
from auditor.facts.observation import SourceCoverage
from auditor.facts.permission import Permission
from auditor.facts.places import CUSTOMER, Operator, Place, Zone
from auditor.facts.rows import Channel, FlowRow, ResolvedEnd
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import Basis, DataClass, Plane, Role, RowName, Sighting, Stage, Transport, UnknownKind
from auditor.graph.deployment import DeploymentGraph

AS_OF = "2026-11-23T12:00:00Z"
INSIDE = Place(True, CUSTOMER, CUSTOMER, ("DE",), ("DE",), "DE", "corp")
VENDOR = Place(False, "vendor", "vendor", ("US",), ("US",), "US")
NOWHERE = Place(None, reason="no zone is given for it")
NETWORK = "10.20.0.0/16"


def at(line: int, path: str = "config.env") -> Evidence:
    """Return a configured fact at a line."""
    return Evidence(Basis.CONFIGURED, FileLocation(path, "a" * 64, line, 1, f"line {line}"), f"line {line} says so")


def component(id_: str, plane: Plane | None, role: Role | None, place: Place = INSIDE, present: Truth = Truth.YES) -> Component:
    """Return a component; the system is the part of the id before the slash."""
    system = id_.split("/", maxsplit=1)[0] if place.inside else ""
    return Component(id_, id_.replace("/", " "), plane, role, system, system, id_ if place.inside else "", place, present)


def row(
    source: str, destination: str, purpose: str = "work", *, exists: Truth = Truth.YES, sends: Iterable[DataClass] = ()
) -> FlowRow:
    """Return a configured row that carries exactly ``sends``."""
    classes = tuple(sends)
    return FlowRow(
        id=f"{source}>{destination}#{purpose}",
        channel=f"{source}>{destination}/tcp/443",
        flow=f"{source}:{purpose}",
        purpose=purpose,
        source=source,
        source_candidates=(source,),
        destination=destination,
        destination_candidates=(destination,),
        declared=Truth.UNKNOWN,
        configured=exists,
        permitted=Truth.UNKNOWN,
        sighting=Sighting.NONE_COVERED,
        name=RowName.SILENT if exists is Truth.YES else RowName.POSSIBLE if exists is Truth.UNKNOWN else RowName.ABSENT,
        marks=(),
        exists=exists,
        sends_at_least=classes,
        sends_at_most=classes,
        receives=(),
        required=Truth.NO,
        processing=None,
        processing_reason="",
        reason="The configuration says so.",
        cures=(),
        unknowns=(),
        evidence=(at(10),),
    )


def seen(given: FlowRow) -> FlowRow:
    """Return the row as traffic confirms it."""
    return replace(given, sighting=Sighting.DATA, name=RowName.CONFIRMED, exists=Truth.YES)


def channel(given: FlowRow, permitted: Truth = Truth.UNKNOWN) -> Channel:
    """Return the channel of a row; data went both ways when the row was seen."""
    amount = 500 if given.sighting is Sighting.DATA else 0
    return Channel(
        id=given.channel,
        source=ResolvedEnd(given.source_candidates, given.source, given.source, "", ""),
        destination=ResolvedEnd(given.destination_candidates, given.destination, given.destination, "", ""),
        transport=Transport.TCP,
        port=443,
        sighting=given.sighting,
        sighting_reason="",
        payload_out=amount,
        payload_in=amount,
        packets_out=amount // 100,
        packets_in=amount // 100,
        first_time="",
        last_time="",
        longest_seconds=0.0,
        held_open=False,
        app_protocols=(),
        names=(given.destination,),
        name_hidden=False,
        rungs=(),
        permission=Permission(permitted, None, (), ""),
        evidence=(),
    )


def coverage(seconds: float = 90_000.0, **changes: object) -> SourceCoverage:
    """Return a capture of a day and more at the perimeter that saw an inside address."""
    whole = SourceCoverage(
        id="egress.pcapng",
        sha256="b" * 64,
        format="pcapng",
        vantage="perimeter-egress",
        sees=("corp",),
        first_time="2026-11-21T00:00:00.000000000Z",
        last_time="2026-11-22T12:00:00.000000000Z",
        window_seconds=seconds,
        packets=100,
        addresses=("10.20.1.10",),
        drops=0,
        truncated=False,
        truncated_packets=0,
        skipped=(),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def gap(basis: Basis = Basis.CONFIGURED, *components: str, kind: UnknownKind = UnknownKind.INVENTORY_OPEN) -> Gap:
    """Return a gap of a basis, of the whole deployment unless components are named."""
    return Gap(basis, "", components, Unknown(kind, f"{basis.value} gap", "Something was not supplied."))


def model(
    components: Sequence[Component] = (),
    rows: Sequence[FlowRow] = (),
    *,
    stage: Stage = Stage.CHANGE,
    permitted: Truth = Truth.UNKNOWN,
    claim: Claim | None = None,
    parameters: tuple[tuple[str, str, str], ...] = (),
    gaps: Sequence[Gap] = (),
    captures: Sequence[SourceCoverage] = (),
    stores: Sequence[Store] = (),
    assumed: bool = False,
) -> Model:
    """Return a model; channels and workloads follow from rows and components."""
    zone = Zone("corp", CUSTOMER, CUSTOMER, ("DE",), ("DE",), (NETWORK,), (), inside=True)
    manifest = Manifest(
        deployment="mini",
        path="auditor.yaml",
        assumed=assumed,
        claim=claim,
        zones=(zone,),
        systems=(),
        components=(),
        inputs=(),
        absent=(),
        profiles=(),
        attestations="",
        waivers="",
        parameters=parameters,
    )
    ordered = tuple(sorted(rows, key=lambda r: r.id))
    channels: dict[str, Channel] = {}
    for r in ordered:
        if r.channel not in channels or r.sighting is Sighting.DATA:
            channels[r.channel] = channel(r, permitted)
    return Model(
        manifest=manifest,
        stage=stage,
        operators=(Operator(CUSTOMER, "the customer", "DE"), Operator("vendor", "Vendor Inc.", "US")),
        zones=(zone,),
        workloads=tuple(Workload(c.id, c.title, (NETWORK,), (), "corp") for c in components if c.workload),
        components=tuple(sorted(components, key=lambda c: c.id)),
        stores=tuple(stores),
        settings=(),
        channels=tuple(channels[key] for key in sorted(channels)),
        rows=ordered,
        gaps=tuple(gaps),
        coverage=tuple(captures),
        not_examined=(),
        graph=DeploymentGraph(ordered),
    )


@dataclass(frozen=True)
class Mini:
    """Parts of a deployment that tests change one at a time."""

    components: dict[str, Component] = field(default_factory=dict)
    rows: dict[str, FlowRow] = field(default_factory=dict)
    stores: tuple[Store, ...] = ()

    def with_component(self, changed: Component) -> Mini:
        """Return the deployment with one component added or replaced."""
        return replace(self, components={**self.components, changed.id: changed})

    def with_row(self, changed: FlowRow) -> Mini:
        """Return the deployment with one row added or replaced."""
        return replace(self, rows={**self.rows, changed.id: changed})

    def model(self, **options: object) -> Model:
        """Return the model of it."""
        rows = tuple(replace(r, processing=r.processing or self._processing(r)) for r in self.rows.values())
        return model(tuple(self.components.values()), rows, stores=self.stores, **options)  # type: ignore[arg-type]

    def _processing(self, given: FlowRow) -> tuple[str, ...] | None:
        """Return where the destination processes, as reconciliation fills it in where no flow decides."""
        found = self.components.get(given.destination)
        return found.place.processing if found is not None else None


def air_gapped() -> Mini:
    """Return a deployment that keeps everything inside; all of its planes were seen at work."""
    parts = (
        component("coder/control-plane", Plane.CONTROL_PLANE, Role.DASHBOARD_API),
        component("coder/agent-loop", Plane.AGENT_LOOP, Role.AGENT_LOOP),
        component("coder/ai-gateway", Plane.INFERENCE, Role.MODEL_GATEWAY),
        component("coder/workspace", Plane.EXECUTION, Role.WORKSPACE),
        component("llm/model-server", Plane.INFERENCE, Role.MODEL_SERVER),
        component("vendor/telemetry", Plane.SUPPORTING, Role.TELEMETRY_SINK, VENDOR),
    )
    rows = (
        seen(row("coder/agent-loop", "coder/ai-gateway", "model requests", sends=[DataClass.PROMPT])),
        seen(row("coder/ai-gateway", "llm/model-server", "model requests", sends=[DataClass.PROMPT])),
        seen(row("coder/workspace", "coder/control-plane", "agent connection", sends=[DataClass.TOOL_IO])),
        row("coder/control-plane", "vendor/telemetry", "telemetry", exists=Truth.NO, sends=[DataClass.USAGE]),
    )
    return Mini({c.id: c for c in parts}, {r.id: r for r in rows})


def context(**changes: object) -> AssessmentContext:
    """Return a context with one input and no exception."""
    whole = AssessmentContext(
        tool="auditor 0.0.0",
        as_of=AS_OF,
        catalog_sha256="c" * 64,
        inputs=(DigestedInput("auditor.yaml", "d" * 64, "manifest", 10),),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]
