"""Small deployments for the tests of identity, reconciliation and graph: a zone ``corp``, a vendor, an address book."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.facts.configuration import Configuration
from auditor.facts.endpoint import Endpoint
from auditor.facts.evidence import Evidence, FileLocation, FrameLocation, StatementLocation
from auditor.facts.flows import DeclaredStatement, IntendedFlow
from auditor.facts.hosts import host_matches
from auditor.facts.identity import KnownDestination
from auditor.facts.inventory import Component, Gap, Unknown, Workload
from auditor.facts.manifest import ComponentEntry, Manifest, SystemEntry
from auditor.facts.observation import NameAnswer, Observation, ObservedEdge, SourceCoverage
from auditor.facts.places import Countries, Operator, Place, Zone
from auditor.facts.rows import FlowRow
from auditor.facts.truth import Truth
from auditor.facts.vocabulary import (
    Basis,
    DataClass,
    NameRung,
    Plane,
    Role,
    RowName,
    Sighting,
    Transport,
    UnknownKind,
)

HERE = FileLocation("auditor.yaml", "0" * 64, 1, 1)
CONTROL, WORKSPACE, MODEL = "10.20.1.10", "10.20.8.4", "10.20.2.10"
VENDOR_ADDRESS, UNKNOWN_ADDRESS = "203.0.113.10", "203.0.113.99"
SOURCE, PROMPT, CREDENTIAL = DataClass.SOURCE_CODE, DataClass.PROMPT, DataClass.CREDENTIAL


@dataclass(frozen=True)
class Book:
    """A catalog of two vendors."""

    weak: bool = False

    def destination_for_host(self, host: str) -> KnownDestination | None:
        """Return the vendor whose pattern covers ``host``."""
        patterns = {"api.anthropic.com": "anthropic/model_server", "*.cursor.sh": "cursor/agent_loop"}
        return next((self.destination(d) for p, d in patterns.items() if host_matches(p, host)), None)

    def destination(self, id: str) -> KnownDestination | None:  # noqa: A002 -- the word of the protocol
        """Return one of the two vendors' destinations."""
        operator, _, role = id.partition("/")
        plane = {"model_server": Plane.INFERENCE, "agent_loop": Plane.AGENT_LOOP}.get(role)
        if operator not in ("anthropic", "cursor") or plane is None:
            return None
        return KnownDestination(
            id, f"{operator} {role}", operator, "US", plane, Role(role), ("US",), ("US",), operator, weak=self.weak
        )

    def region_of_host(self, host: str) -> Countries:
        """Return the country of one region."""
        return ("US",) if ".us-" in host else ("DE",) if ".eu-central-1." in host else None

    def operator(self, id: str) -> Operator | None:  # noqa: A002 -- the word of the protocol
        """Return one of the two vendors."""
        return Operator(id, id.capitalize(), "US") if id in ("anthropic", "cursor") else None


def zone(
    networks: Sequence[str] = ("10.20.0.0/16",),
    hosts: Sequence[str] = ("*.corp.example",),
    *,
    inside: bool = True,
    name: str = "corp",
) -> Zone:
    """Return a zone of the customer in Germany."""
    return Zone(name, "customer", "customer", ("DE",), ("DE",), tuple(networks), tuple(hosts), inside=inside)


def entry(id_: str, *networks: str, hosts: Sequence[str] = (), runs_in: str = "", zone: str = "") -> ComponentEntry:
    """Return what the manifest says of one component."""
    return ComponentEntry(id_, None, None, zone, networks, tuple(hosts), runs_in, "", HERE)


def component(
    id_: str,
    role: Role,
    workload: str = "",
    *,
    originates: Sequence[DataClass] = (),
    passes_on: bool = False,
    present: Truth = Truth.YES,
    inside: bool | None = None,
) -> Component:
    """Return a component as the configuration stage hands it on."""
    system = id_.partition("/")[0]
    return Component(
        id_, id_, Plane.SUPPORTING, role, system, system, workload, Place(inside), present, "", tuple(originates), passes_on
    )


def components() -> tuple[Component, ...]:
    """Return Coder's planes in one workload, a workspace that holds code, and a model server."""
    return (
        component("coder/control-plane", Role.DASHBOARD_API, "coder/coderd"),
        component("coder/agent-loop", Role.AGENT_LOOP, "coder/coderd", originates=[PROMPT]),
        component("coder/workspace", Role.WORKSPACE, "coder/workspace", originates=[SOURCE, CREDENTIAL]),
        component("llm/model-server", Role.MODEL_SERVER, "llm/server"),
    )


def manifest(
    *entries: ComponentEntry, zones: Sequence[Zone] | None = None, standalone: Sequence[ComponentEntry] = ()
) -> Manifest:
    """Return a manifest of the systems ``coder`` and ``llm`` in zone ``corp``."""
    coder = (entry("control-plane", f"{CONTROL}/32"), entry("workspace", "10.20.8.0/21"), *entries)
    llm = (entry("model-server", f"{MODEL}/32", hosts=["vllm.corp.example"]),)
    systems = (SystemEntry("coder", "coder", "2.36", "corp", coder, HERE), SystemEntry("llm", "vllm", "0.33", "corp", llm, HERE))
    return Manifest(
        "test", "auditor.yaml", False, None, tuple(zones or (zone(),)), systems, tuple(standalone), (), (), (), "", ""
    )


def configuration(
    *flows: IntendedFlow, parts: Sequence[Component] | None = None, gaps: Sequence[Gap] = (), workloads: Sequence[Workload] = ()
) -> Configuration:
    """Return a configuration with these flows."""
    return Configuration((), flows, tuple(workloads), tuple(components() if parts is None else parts), (), tuple(gaps), ())


def flow(
    id_: str,
    source: str,
    to: str = "",
    *,
    host: str = "",
    port: int = 443,
    transport: Transport = Transport.TCP,
    configured: Truth = Truth.YES,
    declared: Truth = Truth.UNKNOWN,
    sends: Sequence[DataClass] = (PROMPT,),
    receives: Sequence[DataClass] = (),
    end_to_end: bool = False,
) -> IntendedFlow:
    """Return an intended flow to a component or a host; to neither: decided at run time."""
    return IntendedFlow(
        id_,
        id_.partition("/")[0],
        f"purpose of {id_}",
        source,
        to,
        Endpoint("", port, transport, host),
        tuple(sends),
        tuple(sends),
        tuple(receives),
        Truth.NO,
        configured,
        f"{id_} is {configured}",
        declared,
        end_to_end,
    )


def edge(
    source: str,
    address: str,
    *,
    name: str = "",
    rung: NameRung | None = None,
    port: int = 443,
    transport: Transport = Transport.TCP,
    sighting: Sighting = Sighting.DATA,
    hidden: bool = False,
    out: int = 1200,
    protocol: str = "tls",
    seen_in: Sequence[str] = ("inside.pcapng",),
) -> ObservedEdge:
    """Return an observed edge; a name comes from the TLS server name unless ``rung`` says otherwise."""
    how = rung or (NameRung.SNI if name else NameRung.NONE)
    payload = out if sighting is Sighting.DATA else 0
    frames = FrameLocation(
        "inside.pcapng", "1" * 64, (4, 7), "2026-11-20T10:00:00Z", "2026-11-20T10:00:09Z", payload, 300, name, how
    )
    return ObservedEdge(
        Endpoint(source),
        Endpoint(address, port, transport, name, how),
        None,
        None,
        1,
        9,
        7,
        payload,
        300,
        2000,
        900,
        sighting,
        "" if sighting is Sighting.DATA else "refused",
        protocol,
        hidden,
        "2026-11-20T10:00:00Z",
        "2026-11-20T10:00:09Z",
        9.0,
        False,
        ("syn",),
        (frames,),
        tuple(seen_in),
    )


def coverage(
    *addresses: str,
    id_: str = "inside.pcapng",
    sees: Sequence[str] = ("corp",),
    drops: int | None = 0,
    truncated: bool = False,
    skipped: Sequence[tuple[str, int]] = (),
) -> SourceCoverage:
    """Return what one capture could have seen."""
    return SourceCoverage(
        id_,
        "1" * 64,
        "pcapng",
        "inside",
        tuple(sees),
        "2026-11-20T10:00:00Z",
        "2026-11-20T11:00:00Z",
        3600.0,
        50,
        addresses,
        drops,
        truncated,
        0,
        tuple(skipped),
    )


def observation(
    *edges: ObservedEdge, covered: Sequence[SourceCoverage] | None = None, answers: Sequence[NameAnswer] = ()
) -> Observation:
    """Return an observation; unless told otherwise one flawless capture saw every workload at work."""
    return Observation(edges, tuple(covered or (coverage(CONTROL, WORKSPACE, MODEL),)), tuple(answers))


def gap(system: str = "coder", *parts: str) -> Gap:
    """Return a gap of the configured basis."""
    return Gap(Basis.CONFIGURED, system, parts, Unknown(UnknownKind.SETTING_UNKNOWN, system, "A scope is missing."))


def statement(source: str, destination: str, *sends: DataClass) -> DeclaredStatement:
    """Return a statement of a document; without classes it says that nothing is sent."""
    location = StatementLocation("docs/a.md", "2" * 64, "clause 1", "platform team", "2026-11-01", "…")
    return DeclaredStatement(source, destination, sends, Evidence(Basis.DECLARED, location, "a document says so"))


def row(
    id_: str, source: str | tuple[str, ...], destination: str | tuple[str, ...], *, exists: Truth = Truth.YES, purpose: str = ""
) -> FlowRow:
    """Return a bare row; several ids at an end are candidates."""
    sources = source if isinstance(source, tuple) else (source,)
    goals = destination if isinstance(destination, tuple) else (destination,)
    return FlowRow(
        id_,
        "",
        "",
        purpose,
        "|".join(sources),
        sources,
        "|".join(goals),
        goals,
        Truth.UNKNOWN,
        exists,
        Truth.UNKNOWN,
        Sighting.NONE_UNCOVERED,
        RowName.UNEXERCISED,
        (),
        exists,
        (),
        (),
        (),
        Truth.UNKNOWN,
        None,
        "",
        "",
        (),
        (),
        (),
    )
